"""Two points in time a group: slopes between two columns, and dumbbells along one scale."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import apart, beside, room_for, scale_words
from povstats.viz.marks import named as joined
from povstats.viz.scale import on_axis, printed
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import INK, SERIES, SMALL_POINTS, TEXT_POINTS, Look, Pen
from povstats.words import say

ENDS = ("first", "last")
NAME_SHARE = 0.29
NAMES_TWICE_MM = 120.0
VALUE_GAP_MM = 3.5
ROW_MM = 8.0
WIDE_MM = 70.0
PANEL_MM = 9.0


def slope(
    frame: pd.DataFrame,
    *,
    percent: bool = False,
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw each group's first and last value in two columns, joined by a line, both ends named.

    Parameters
    ----------
    frame : columns group, time (number or date, missing where not printed), value, and label (the time as printed)
        where times are missing; two rows a group. Times that differ between groups stand beside the values.
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
        Where a value is missing or a group has not exactly two rows.
    """
    extra = [name for name in ("label",) if name in frame.columns]
    numbers = checked(frame, ["group", "time", *extra, "value"], ["value"])
    sizes = numbers.groupby("group", sort=False, dropna=False).size()
    if (sizes != 2).any():
        raise DataError(f"a slope has two ends; groups {sizes[sizes != 2].to_dict()} have other numbers of rows")
    caption = captioned(words)
    paint = partial(_paint_slope, on_axis(numbers), percent, dict(labels or {}), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint_slope(
    placed: pd.DataFrame, percent: bool, labels: Mapping[Any, str], caption: Caption, look: Look
) -> Drawing:
    """Draw the two columns."""
    heads = [placed.groupby("group", sort=False)["tick"].nth(at).drop_duplicates().tolist() for at in (0, 1)]
    same = all(len(head) == 1 for head in heads)
    ends = _slope_ends(placed, labels, look, percent=percent, same=same)
    drawing = open_sheet(look, caption, max(look.tall(86.0), 24.0 + max(room_for(side) for side in ends)))
    axes = drawing.subplots()
    sides: tuple[list[Annotation], list[Annotation]] = ([], [])
    groups = placed["group"].nunique()
    for turn, (_, part) in enumerate(placed.groupby("group", sort=False)):
        pen = look.pens[turn] if groups <= SERIES else Pen(look.accent, "o")
        axes.plot([0, 1], part["value"], color=pen.colour, lw=1.5, ls=pen.dashes, zorder=3)
        for at, (value, unprinted) in enumerate(part[["value", "unprinted"]].to_numpy(dtype=object)):
            face = "white" if unprinted else pen.colour
            style: dict[str, Any] = {"ls": "", "marker": pen.marker, "ms": 5, "mfc": face, "mec": pen.colour}
            axes.plot([at], [value], zorder=4, clip_on=False, **style)[0].set_in_layout(False)
            sides[at].append(beside(axes, (at, value), ends[at][turn], colour=pen.colour, left=at == 0, gap=9.0))
    axes.margins(y=0.08)
    if axes.dataLim.y0 >= 0:
        axes.set_ylim(bottom=0.0)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0, 1], [head[0] for head in heads] if same else [say(f"viz.{end}", caption.lang) for end in ENDS])
    axes.tick_params(axis="x", length=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    settle(drawing)
    for side in sides:
        apart(axes, side)
    return drawing


def _slope_ends(
    placed: pd.DataFrame, labels: Mapping[Any, str], look: Look, *, percent: bool, same: bool
) -> tuple[list[str], list[str]]:
    """Give the words left and right: value, time where times differ, name; on a narrow sheet the name right only."""
    sides: tuple[list[str], list[str]] = ([], [])
    alone = placed["group"].nunique() == 1
    for group, part in placed.groupby("group", sort=False):
        name = labels.get(group, str(group))
        for at, (value, tick) in enumerate(part[["value", "tick"]].to_numpy(dtype=object)):
            told = printed(value, percent=percent) + ("" if same else f" ({tick})")
            if not alone and (at or look.width_mm >= NAMES_TWICE_MM):
                told = joined(name, told, NAME_SHARE * look.width_mm, name_last=at == 1)
            sides[at].append(told)
    return sides


def dumbbell(
    frame: pd.DataFrame,
    *,
    percent: bool = False,
    labels: Mapping[Any, str] | None = None,
    dated: bool = True,
    **words: Unpack[Wording],
) -> Figure:
    """Draw each group's first and last value as two dots on one row, values written beside them.

    Parameters
    ----------
    frame : columns group, label (the time as printed), value, end ("first" or "last"), one row each a group; and
        perhaps unit: quantities of different units have a panel each, and those of unit "%" are shares.
    dated : the labels are times; False takes them as the names of two quantities, alike in all groups.
    percent : the values are shares, printed per cent; only without a column unit.
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
        Where a value is missing, or a group has not one first and one last row of one unit.
    """
    extra = [name for name in ("unit",) if name in frame.columns]
    numbers = checked(frame, ["group", "label", "value", "end", *extra], ["value"])
    told = numbers.groupby("group", sort=False, dropna=False)["end"].agg(lambda ends: tuple(sorted(ends)))
    wrong = told[told != ENDS]
    if len(wrong):
        raise DataError(f"each group needs one row with end 'first' and one with 'last'; not so: {wrong.to_dict()}")
    if extra and (numbers.groupby("group")["unit"].nunique() != 1).any():
        raise DataError("a group's two values must have one unit, stated in both rows")
    units = numbers["unit"] if extra else pd.Series("%" if percent else "", index=numbers.index)
    caption = captioned(words)
    paint = partial(_paint_dumbbell, numbers.assign(unit=units), bool(extra), dict(labels or {}), dated, caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint_dumbbell(
    rows: pd.DataFrame, by_unit: bool, labels: Mapping[Any, str], dated: bool, caption: Caption, look: Look
) -> Drawing:
    """Draw one panel a unit, its height by its number of rows."""
    panels = list(rows.groupby("unit", sort=False))
    counts = [part["group"].nunique() for _, part in panels]
    drawing = open_sheet(look, caption, 20.0 + ROW_MM * sum(counts) + PANEL_MM * len(panels))
    every = drawing.subplots(len(panels), 1, squeeze=False, height_ratios=[count + 0.4 for count in counts]).ravel()
    times = rows.groupby("end")["label"].agg(lambda told: tuple(dict.fromkeys(map(str, told))))
    same = all(len(times[end]) == 1 for end in ENDS)
    for axes, (unit, part) in zip(every, panels, strict=True):
        named = {group: labels.get(group, str(group)) for group in dict.fromkeys(part["group"])}
        if by_unit:
            named = {group: say("viz.heading", caption.lang, title=name, unit=unit) for group, name in named.items()}
        _rows(axes, part, named, look, same=same, percent=unit == "%")
    words = [say(f"viz.{end}_of", caption.lang, time=times[end][0]) if same else say(f"viz.{end}", caption.lang)
             for end in ENDS]  # fmt: skip
    if not dated:
        words = [times[end][0] for end in ENDS]
    handles = [Line2D([], [], ls="", marker="o", ms=5, mec=look.accent, mfc=face, label=word)
               for word, face in zip(words, ("white", look.accent), strict=True)]  # fmt: skip
    every[0].legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.01), ncols=2, columnspacing=1.4)
    settle(drawing)
    return drawing


def _rows(axes: Axes, part: pd.DataFrame, named: Mapping[Any, str], look: Look, *, same: bool, percent: bool) -> None:
    """Draw the dumbbells of one unit, the first group on top."""
    words = [wrapped(name, 0.25 * look.width_mm, TEXT_POINTS) for name in named.values()]
    texts: list[tuple[float, str, bool]] = []
    for at, group in enumerate(named):
        ends = part[part["group"] == group].set_index("end")
        first, last = (float(ends.loc[end, "value"]) for end in ENDS)
        axes.plot([first, last], [at, at], color=look.muted, lw=1.6, zorder=2, solid_capstyle="round")
        for end, value, other in (("first", first, last), ("last", last, first)):
            face = look.accent if end == "last" else "white"
            axes.plot([value], [at], ls="", marker="o", ms=6, mfc=face, mec=look.accent, zorder=4)
            told = printed(value, percent=percent) + ("" if same else f" ({ends.loc[end, 'label']})")
            right = value > other or (value == other and end == "last")
            texts.append((value, told, right))
            axes.annotate(
                told, (value, at), xytext=(6 if right else -6, 0), textcoords="offset points", va="center",
                ha="left" if right else "right", fontsize=SMALL_POINTS, color=INK,
            )  # fmt: skip
    axes.set_yticks(range(len(words)), words)
    axes.set_ylim(len(words) - 0.4, -0.6)
    beside_mm = max(millimetres(line, TEXT_POINTS) for text in words for line in text.split("\n"))
    _level_scale(axes, texts, look.width_mm - beside_mm - 8.0)
    axes.xaxis.set_major_formatter(scale_words(percent=percent))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _level_scale(axes: Axes, texts: list[tuple[float, str, bool]], width_mm: float) -> None:
    """Choose the ends of the axis so that the values written beside the dots are inside, and ticks between."""
    values = [value for value, _, _ in texts]
    low, high = min(0.0, *values), max(values)
    span = (high - low) or 1.0
    left = right = VALUE_GAP_MM
    for _ in range(3):
        mm = (width_mm - left - right) / span
        reach = [(value, millimetres(text, SMALL_POINTS) + VALUE_GAP_MM, side) for value, text, side in texts]
        left = max([VALUE_GAP_MM, *(room - (value - low) * mm for value, room, side in reach if not side)])
        right = max([VALUE_GAP_MM, *(room - (high - value) * mm for value, room, side in reach if side)])
    mm = (width_mm - left - right) / span
    axes.set_xlim(low - left / mm, high + right / mm)
    told = [at for at in MaxNLocator(5 if mm * span > WIDE_MM else 3).tick_values(low, high) if low <= at <= high]
    axes.set_xticks(told)
    axes.spines["bottom"].set_bounds(told[0], max(told[-1], high))
