"""Values over time, one line a group, with breaks and unprinted years drawn as such."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres
from povstats.viz.marks import apart, beside, breaks_of, draw_breaks, name_breaks, named, room_for, upright_scale
from povstats.viz.scale import on_axis, printed, ticks, trend_rows
from povstats.viz.sheet import open_sheet
from povstats.viz.theme import INK, SERIES, SMALL_POINTS, TEXT_POINTS, Look, Pen

LABEL_SHARE = 0.24
AXIS_MM = 16.0
# Lines up to this number have a value at each point that has room for one.
VALUED = 2
VALUE_MM = 5.5
DOTTED = (0, (1.2, 1.6))


@dataclass(frozen=True, slots=True)
class Lettering:
    """What the chart writes besides the caption."""

    time_label: str
    percent: bool
    labels: Mapping[Any, str]

    def name(self, group: object) -> str:
        """Give the words for a group."""
        return self.labels.get(group, str(group))


def lines(
    frame: pd.DataFrame,
    *,
    time_label: str = "",
    percent: bool = False,
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw values over time, each line named at its end.

    Where a group's segment changes the line is interrupted, and a thin upright says what changes. A time that is not
    printed has a hollow marker at the place that its row's order gives it, reached by a dotted line.

    Parameters
    ----------
    frame : columns group, time (number or date, missing where not printed), value; perhaps segment (a change of it
        within a group is a break), basis (what holds in the segment) and label (the time as printed, obligatory where
        time is missing). Up to six groups.
    time_label : name of the axis of time; years need none.
    percent : the values are shares, printed per cent.
    labels : group to the words printed for it; a group without words is printed as it is.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds these columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value or the words of an unprinted time are missing, or there are more than six groups.
    """
    numbers = trend_rows(frame)
    groups = numbers["group"].nunique(dropna=False)
    if groups > SERIES:
        raise DataError(f"{groups} lines cannot be told apart in one picture; draw {SERIES} at most, or multiples")
    caption = captioned(words)
    paint = partial(_paint, on_axis(numbers), Lettering(time_label, percent, dict(labels or {})), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint(placed: pd.DataFrame, lettering: Lettering, caption: Caption, look: Look) -> Drawing:
    """Draw lines, breaks and labels, and let the labels make room for each other once the sheet is laid out."""
    parts = [(group, part) for group, part in placed.groupby("group", sort=False)]
    ends = {group: _end(lettering, group, part, look, alone=len(parts) == 1) for group, part in parts}
    margin = max(millimetres(line, TEXT_POINTS) for text in ends.values() for line in text.split("\n"))
    tall = max(look.tall(88.0), room_for(ends.values()) + 26.0)
    drawing = open_sheet(look, caption, tall)
    axes = drawing.subplots()
    for (_, part), pen in zip(parts, look.pens, strict=False):
        one_line(axes, part, pen)
    per_unit = (look.width_mm - AXIS_MM - margin - 4.0) / ((placed["x"].max() - placed["x"].min()) or 1.0)
    axes.margins(x=0.03, y=_air(placed["value"], tall - 26.0))
    axes.set_xticks(*ticks(placed, per_unit))
    axes.set_xlabel(lettering.time_label)
    upright_scale(axes, percent=lettering.percent)
    breaks = breaks_of(placed, caption.lang)
    draw_breaks(axes, breaks)
    name_breaks(axes, breaks, per_unit)
    labels = [
        beside(axes, (float(part["x"].iloc[-1]), float(part["value"].iloc[-1])), ends[group], colour=pen.colour)
        for (group, part), pen in zip(parts, look.pens, strict=False)
    ]
    if len(parts) <= VALUED:
        _value_points(axes, [part for _, part in parts], per_unit, percent=lettering.percent)
    settle(drawing)
    apart(axes, labels)
    return drawing


def _air(values: pd.Series, tall_mm: float) -> float:
    """Give the share of the values' range that leaves room for a number above the highest."""
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 1.0
    return VALUE_MM / tall_mm * ((high - min(low, 0.0)) or 1.0) / span


def _end(lettering: Lettering, group: object, part: pd.DataFrame, look: Look, *, alone: bool) -> str:
    """Give the words at the end of a line: its name and last value, or the value of an only line."""
    value = printed(float(part["value"].iloc[-1]), percent=lettering.percent)
    if alone:
        return value
    return named(lettering.name(group), value, LABEL_SHARE * look.width_mm)


def one_line(axes: Axes, part: pd.DataFrame, pen: Pen, *, size: float = 4.5) -> None:
    """Draw one group: its segments, dotted towards unprinted times, and its markers, hollow at these."""
    rows = part[["x", "value", "segment", "unprinted"]].to_numpy(dtype=object)
    for left, right in pairwise(rows):
        if left[2] == right[2]:
            dashes = DOTTED if left[3] or right[3] else pen.dashes
            axes.plot([left[0], right[0]], [left[1], right[1]], color=pen.colour, lw=1.4, ls=dashes, zorder=3)
    for hollow in (False, True):
        some = part[part["unprinted"] == hollow]
        face = "white" if hollow else pen.colour
        style: dict[str, Any] = {"ls": "", "marker": pen.marker, "ms": size, "mfc": face, "mec": pen.colour}
        for marker in axes.plot(some["x"], some["value"], zorder=4, clip_on=False, **style):
            # Unclipped, a marker would claim room while the limits are not yet set.
            marker.set_in_layout(False)


def _value_points(axes: Axes, parts: list[pd.DataFrame], mm_per_unit: float, *, percent: bool) -> None:
    """Write the values beside all points but the last, where there is room."""
    for turn, part in enumerate(parts):
        other = {} if len(parts) == 1 else dict(parts[1 - turn][["x", "value"]].to_numpy())
        last, free = float(part["x"].iloc[-1]), {True: -np.inf, False: -np.inf}
        for at in range(len(part) - 1):
            x, value = (float(part[name].iloc[at]) for name in ("x", "value"))
            text = printed(value, percent=percent)
            room = millimetres(text, SMALL_POINTS) + 1.5
            up, side = _free_side(part, at)
            near = min(other, key=lambda at: abs(at - x), default=np.inf)
            if abs(near - x) * mm_per_unit < room and value < other[near]:
                # The other line is above; below this one, what was free on the right is free on the left.
                up, side = False, {"left": "right", "right": "left"}.get(side, side) if at else "left"
            left = x * mm_per_unit - {"left": 0.0, "center": room / 2, "right": room}[side]
            if left < free[up] or left + room > last * mm_per_unit + 2.0:
                continue
            free[up] = left + room
            axes.annotate(
                text, (x, value), xytext=(0, 4.5 if up else -4.5), textcoords="offset points", ha=side,
                va="bottom" if up else "top", fontsize=SMALL_POINTS, color=INK, zorder=5,
            )  # fmt: skip


def _free_side(part: pd.DataFrame, at: int) -> tuple[bool, str]:
    """Find where the line leaves room beside a point: above or below, and towards which side."""
    xs, values, segments = (part[name].to_numpy() for name in ("x", "value", "segment"))
    slopes = [
        (values[right] - values[right - 1]) / (xs[right] - xs[right - 1] or 1.0)
        if 0 < right < len(xs) and segments[right] == segments[right - 1]
        else None
        for right in (at, at + 1)
    ]
    before, after = slopes
    if before is not None and after is not None and before * after <= 0:
        return bool(before >= after), "center"
    known = [slope for slope in slopes if slope is not None]
    # Above a falling line there is room to the right, above a rising one to the left, where the axis is not near.
    return True, "left" if at == 0 or (known and known[-1] < 0) else "right"
