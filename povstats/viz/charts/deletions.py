"""Influence of single units: distances in a row, and one coefficient without each unit."""

from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.sheet import checked, checked_intervals, open_sheet
from povstats.viz.theme import INK, SMALL_POINTS, TEXT_POINTS, Look, tint
from povstats.words import say

MOST_STEMS = 1000
"""More units than these are drawn only as far as they are the largest: files stay small."""
NAMED = 6
NAMED_ROWS = 30
LINE_MM = 3.2
Box = tuple[float, float, float, float]
"""Left, right, bottom and top in millimetres."""
PLOT_MM = 62.0


def cooks(frame: pd.DataFrame, *, line: tuple[float, str], x_label: str, **words: Unpack[Wording]) -> Figure:
    """Draw a distance for each unit, in the order of the frame, with a threshold; the largest six are named.

    Parameters
    ----------
    frame : columns unit, value; one row a unit. Of more than 1,000 units the largest 1,000 are drawn.
    line : the threshold, and its name.
    x_label : what the units are.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds place (from 1), unit and value of what is drawn.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing.
    """
    numbers = checked(frame, ["unit", "value"], ["value"])
    numbers.insert(0, "place", np.arange(1, len(numbers) + 1))
    count, remarks = len(numbers), []
    if count > MOST_STEMS:
        numbers = numbers.nlargest(MOST_STEMS, "value", keep="first").sort_values("place", ignore_index=True)
        remarks = [say("diagnostics.note_stems", words["lang"], shown=f"{MOST_STEMS:,}", count=f"{count:,}")]
    caption = captioned(words, remarks)
    paint = partial(_paint_cooks, numbers, line, (x_label, count), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint_cooks(
    numbers: pd.DataFrame, line: tuple[float, str], across: tuple[str, int], caption: Caption, look: Look
) -> Drawing:
    """Draw stems, the threshold and the names."""
    drawing = open_sheet(look, caption, look.tall(90.0))
    axes = drawing.subplots()
    x, y = numbers["place"].to_numpy(), numbers["value"].to_numpy()
    over = y > line[0]
    for chosen, colour in ((~over, look.muted), (over, look.accent)):
        axes.vlines(x[chosen], 0, y[chosen], colors=colour, linewidths=0.8)
        axes.scatter(x[chosen], y[chosen], s=8, c=colour, linewidths=0, zorder=3)
    told = say("diagnostics.key_over", caption.lang, line=line[1], count=f"{int(over.sum()):,}", all=f"{across[1]:,}")
    threshold = axes.axhline(line[0], color=INK, lw=0.7, ls=(0, (4.0, 2.0)), zorder=2, label=told)
    axes.legend(handles=[threshold], loc="lower left", bbox_to_anchor=(0.0, 1.01))
    axes.set_ylim(0.0, max(float(y.max()), line[0]) * 1.1)
    label, count = across
    axes.set_xlim(0.5 - 0.015 * count, count * 1.015 + 0.5)
    axes.set_xlabel(say("diagnostics.axis_units", caption.lang, unit=label))
    axes.set_ylabel(say("diagnostics.cook", caption.lang))
    axes.set_xticks([at for at in MaxNLocator(8, integer=True).tick_values(1, count) if 1 <= at <= count])
    axes.grid(axis="y")
    _name_largest(axes, numbers[over], line[0], look)
    settle(drawing)
    return drawing


def _name_largest(axes: Axes, over: pd.DataFrame, line: float, look: Look) -> None:
    """Name the largest units right of their dots, or left or above where a stem, a name or the line is in the way."""
    (left, right), (_, top) = axes.get_xlim(), axes.get_ylim()
    wide, tall = look.width_mm - 24.0, look.tall(PLOT_MM)
    dots = [((x - left) / (right - left) * wide, y / top * tall) for x, y in over[["place", "value"]].to_numpy()]
    taken: list[Box] = [(x - 0.6, x + 0.6, 0.0, y + 1.0) for x, y in dots]
    taken.append((0.0, wide, line / top * tall - 0.2, line / top * tall + 0.2))
    for row in over.reset_index(drop=True).nlargest(NAMED, "value", keep="first").itertuples():
        x, y = dots[int(row.Index)]
        size, own = millimetres(str(row.unit), SMALL_POINTS), taken[int(row.Index)]
        starts = {"left": (x + 1.2, y), "right": (x - 1.2 - size, y), "center": (x - size / 2, y + 3.0)}
        boxes = {side: (at, at + size, up - LINE_MM / 2, up + LINE_MM / 2) for side, (at, up) in starts.items()}
        others = [box for box in taken if box is not own]
        free = [
            side
            for side, box in boxes.items()
            if box[0] >= 0 and box[1] <= wide and not any(_meet(box, other) for other in others)
        ]
        side = free[0] if free else "center"
        taken.append(boxes[side])
        offset = {"left": (3.4, 0.0), "right": (-3.4, 0.0), "center": (0.0, 8.5)}[side]
        axes.annotate(
            str(row.unit), (row.place, row.value), xytext=offset, textcoords="offset points", ha=side, va="center",
            fontsize=SMALL_POINTS, color=INK,
        )  # fmt: skip


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def without_each(frame: pd.DataFrame, *, full: tuple[float, float, float], **words: Unpack[Wording]) -> Figure:
    """Draw one coefficient without each unit, against its estimate and interval with all of them.

    Parameters
    ----------
    frame : columns unit, estimate, low, high, and changes, whether sign or significance change; one row a unit. Of
        more than 30 units those are drawn without which they change, then those without which the estimate moves most.
    full : estimate, low and high with all units.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds the columns of the frame, the lowest estimate first.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where an estimate is missing, an interval is unusable, or a unit occurs twice.
    """
    numbers = checked_intervals(frame, ["unit"])
    numbers["changes"] = checked(frame, ["changes"], ["changes"])["changes"].astype(bool)
    count, remarks, changing = len(numbers), [], int(numbers["changes"].sum())
    if count > NAMED_ROWS:
        far = (numbers["estimate"] - full[0]).abs()
        order = pd.DataFrame({"changes": numbers["changes"], "far": far}).sort_values(
            ["changes", "far"], ascending=False, kind="stable"
        )
        numbers = numbers.loc[order.index[:NAMED_ROWS]]
        remarks = [say("diagnostics.note_farthest", words["lang"], shown=NAMED_ROWS, count=f"{count:,}")]
    numbers = numbers.sort_values("estimate", kind="stable", ignore_index=True)
    caption = captioned(words, [say("diagnostics.note_band_full", words["lang"]), *remarks])
    paint = partial(_paint_without, numbers, full, (changing, count - changing), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint_without(
    numbers: pd.DataFrame, full: tuple[float, float, float], counts: tuple[int, int], caption: Caption, look: Look
) -> Drawing:
    """Draw the units one below the other, the highest estimate on top."""
    drawing = open_sheet(look, caption, 38.0 + 4.6 * len(numbers))
    axes = drawing.subplots()
    axes.axvspan(full[1], full[2], color=tint(look.muted, 0.25), linewidth=0, zorder=0)
    axes.axvline(full[0], color=INK, lw=0.8, zorder=1)
    place = np.arange(len(numbers), dtype=float)
    changes = numbers["changes"].to_numpy()
    handles = []
    for chosen, colour, key, count in (
        (changes, look.accent, "changes", counts[0]),
        (~changes, look.muted, "stays", counts[1]),
    ):
        if not chosen.any():
            continue
        part = numbers[chosen]
        axes.hlines(place[chosen], part["low"], part["high"], colors=colour, linewidths=1.1)
        axes.scatter(part["estimate"], place[chosen], s=16, c=colour, linewidths=0, zorder=3)
        told = say(f"diagnostics.key_{key}", caption.lang, count=count)
        handles.append(Line2D([], [], ls="", marker="o", ms=4, mfc=colour, mec=colour, label=told))
    low, high = min(numbers["low"].min(), full[1]), max(numbers["high"].max(), full[2])
    air = 0.04 * (high - low)
    # A zero that lies near is shown: whether an interval excludes it is what significance means.
    if low - 0.3 * (high - low) <= 0 <= high + 0.3 * (high - low):
        axes.axvline(0.0, color=INK, lw=0.7, ls=(0, (4.0, 2.0)), zorder=1)
        low, high = min(low, 0.0), max(high, 0.0)
    axes.set_xlim(low - air, high + air)
    axes.set_ylim(-0.7, len(numbers) - 0.3)
    axes.set_yticks(place, [wrapped(str(name), 0.28 * look.width_mm, TEXT_POINTS) for name in numbers["unit"]])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=1, labelspacing=0.25)
    _values(axes, numbers)
    settle(drawing)
    return drawing


def _values(axes: Axes, numbers: pd.DataFrame) -> None:
    """Write estimate and interval right of the plot."""
    step = float(axes.get_xticks()[1] - axes.get_xticks()[0])
    digits = max(0, 1 - int(np.floor(np.log10(step))))
    for at, row in enumerate(numbers[["estimate", "low", "high"]].itertuples(index=False)):
        middle, low, high = (f"{value:z.{digits}f}" for value in row)
        axes.annotate(
            f"{middle}  [{low}, {high}]", (1.0, at), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=SMALL_POINTS,
        )  # fmt: skip
