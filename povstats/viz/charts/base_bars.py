"""One quantity under one change at a time: bars to both sides of the value that it has."""

from functools import partial
from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import scale_words
from povstats.viz.scale import printed
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import INK, SMALL_POINTS, TEXT_POINTS, Look
from povstats.words import say

ROW_MM, AROUND_MM, GAP_MM = 8.0, 20.0, 1.5
NAME_SHARE = 0.25


def tornado(frame: pd.DataFrame, *, base: float, percent: bool = False, **words: Unpack[Wording]) -> Figure:
    """Draw what a quantity becomes when one thing changes, the change that moves it most on top.

    Parameters
    ----------
    frame : columns group (what changes), label (to what), estimate (the quantity then); one row a change, up to one to
        each side of the base a group, or two to one side, of which the nearer lies upon the farther.
    base : the quantity without a change; a line marks it.
    percent : the quantity is a share, printed per cent.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds group, label and estimate in the order drawn, from the top.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing, or a group has more than two changes.
    """
    numbers = checked(frame, ["group", "label", "estimate"], ["estimate"])
    counts = numbers["group"].value_counts()
    if counts.max() > 2:
        raise DataError(f"{counts.index[0]!r} has {counts.max()} changes; a bar shows two at most")
    reach = (numbers["estimate"] - base).abs()
    wide = numbers.assign(reach=reach.groupby(numbers["group"]).transform("max"), order=range(len(numbers)))
    numbers = wide.sort_values(["reach", "order"], ascending=[False, True], ignore_index=True)
    numbers = numbers[["group", "label", "estimate"]]
    caption = captioned(words)
    return Figure(partial(_paint, numbers, float(base), percent, caption), numbers, caption.lang, caption.headline)


def _paint(numbers: pd.DataFrame, base: float, percent: bool, caption: Caption, look: Look) -> Drawing:
    groups = list(dict.fromkeys(numbers["group"]))
    drawing = open_sheet(look, caption, AROUND_MM + ROW_MM * len(groups))
    axes = drawing.subplots()
    ends: list[tuple[float, str, bool]] = []
    for at, group in enumerate(groups):
        part = numbers[numbers["group"] == group]
        for turn, (label, value) in enumerate(zip(part["label"], part["estimate"], strict=True)):
            # The nearer of two bars to one side lies upon the farther, with its text in a line of its own.
            same = len(part) == 2 and (part["estimate"] >= base).nunique() == 1
            right, place = value >= base, at + (0.0 if not same else (-0.22, 0.22)[turn])
            colour = look.fills[0 if right else 1]
            axes.barh(place, value - base, 0.3 if same else 0.6, left=base, color=colour, zorder=3)
            told = say("viz.labelled", caption.lang, label=label, value=printed(value, percent=percent))
            ends.append((value, told, right))
            axes.annotate(
                told, (value, place), xytext=(4 if right else -4, 0), textcoords="offset points", va="center",
                ha="left" if right else "right", fontsize=SMALL_POINTS, color=INK,
            )  # fmt: skip
    axes.axvline(base, color=INK, lw=0.9, zorder=4)
    names = [wrapped(str(group), NAME_SHARE * look.width_mm, TEXT_POINTS) for group in groups]
    axes.set_yticks(range(len(groups)), names)
    axes.set_ylim(len(groups) - 0.4, -0.6)
    beside = max(millimetres(line, TEXT_POINTS) for name in names for line in name.split("\n"))
    _scale(axes, ends, base, look.width_mm - beside - 8.0)
    axes.xaxis.set_major_formatter(scale_words(percent=percent))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    settle(drawing)
    return drawing


def _scale(axes: Axes, ends: list[tuple[float, str, bool]], base: float, width_mm: float) -> None:
    """Choose the ends of the axis so that the texts beside the bars are inside."""
    values = [base, *(value for value, _, _ in ends)]
    low, high = min(values), max(values)
    span = (high - low) or abs(base) or 1.0
    left = right = GAP_MM
    for _ in range(3):
        mm = (width_mm - left - right) / span
        reach = [(value, millimetres(text, SMALL_POINTS) + 2 * GAP_MM, side) for value, text, side in ends]
        left = max([GAP_MM, *(room - (value - low) * mm for value, room, side in reach if not side)])
        right = max([GAP_MM, *(room - (high - value) * mm for value, room, side in reach if side)])
    mm = (width_mm - left - right) / span
    axes.set_xlim(low - left / mm, high + right / mm)
    axes.xaxis.set_major_locator(MaxNLocator(5))
