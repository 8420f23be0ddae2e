"""One quantity's distribution as bars of equal width, its parts on each other, with upright marks."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.marks import scale_words, upright_scale
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import INK, TEXT_POINTS, Look

PARTS, MARKS = 4, 4
STEP_MM, AROUND_MM = 4.6, 34.0
"""Between the labels of two marks; and what heading, axis and foot take of the sheet's height."""
HIGH_MM = 92.0


def histogram(
    frame: pd.DataFrame,
    *,
    width: float,
    marks: Sequence[tuple[float, str]] = (),
    axes_words: tuple[str, str] = ("", ""),
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw how many rows fall into each interval of a quantity, parts stacked, with marks at chosen values.

    Parameters
    ----------
    frame : columns value and part; up to four parts, the first at the bottom.
    width : of an interval, in units of value; intervals begin at multiples of it and hold their lower end.
    marks : values with their words, drawn as uprights, each lower than the one left of it; four at most.
    axes_words : what the values are, and what is counted.
    labels : part to the words printed for it.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds low, high, part and count of every interval with rows, then the marks as rows of part "mark",
        low and high the value.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing, the width is not positive, or there are more than four parts or marks.
    """
    rows = checked(frame, ["value", "part"], ["value"])
    if not width > 0:
        raise DataError(f"width={width!r} must be above zero")
    parts = list(dict.fromkeys(rows["part"]))
    if len(parts) > PARTS or len(marks) > MARKS:
        raise DataError(f"{len(parts)} parts and {len(marks)} marks; draw {PARTS} parts and {MARKS} marks at most")
    low = np.floor(rows["value"] / width) * width
    counts = rows.assign(low=low).groupby(["part", "low"], sort=False).size().rename("count").reset_index()
    counts = counts.assign(high=counts["low"] + width)[["low", "high", "part", "count"]]
    counts = counts.sort_values("low", kind="stable", ignore_index=True)
    caption = captioned(words)
    named = {part: (labels or {}).get(part, str(part)) for part in parts}
    placed = sorted(marks)
    at = pd.DataFrame({"low": [x for x, _ in placed], "high": [x for x, _ in placed], "part": "mark"})
    numbers = pd.concat([counts, at], ignore_index=True) if placed else counts
    return Figure(partial(_paint, counts, named, placed, axes_words, caption), numbers, caption.lang, caption.headline)


def _paint(
    counts: pd.DataFrame,
    named: Mapping[Any, str],
    marks: Sequence[tuple[float, str]],
    axes_words: tuple[str, str],
    caption: Caption,
    look: Look,
) -> Drawing:
    drawing = open_sheet(look, caption, look.tall(HIGH_MM))
    axes = drawing.subplots()
    table = counts.pivot(index="low", columns="part", values="count").reindex(columns=list(named)).fillna(0.0)
    width = float((counts["high"] - counts["low"]).iloc[0])
    floor = np.zeros(len(table))
    for colour, part in zip(look.fills, named, strict=False):
        heights = table[part].to_numpy()
        axes.bar(
            table.index, heights, width, bottom=floor, align="edge", color=colour, edgecolor="white", linewidth=0.5
        )
        floor = floor + heights
    _mark(axes, marks, float(floor.max()), STEP_MM / (look.tall(HIGH_MM) - AROUND_MM))
    axes.set_xlabel(axes_words[0])
    axes.set_ylabel(axes_words[1])
    axes.set_xlim(left=min(0.0, float(table.index.min())))
    axes.xaxis.set_major_formatter(scale_words(percent=False))
    upright_scale(axes, percent=False)
    if len(named) > 1:
        handles = [Patch(color=colour, label=name) for colour, name in zip(look.fills, named.values(), strict=False)]
        axes.legend(handles=handles, loc="center right")
    settle(drawing)
    return drawing


def _mark(axes: Axes, marks: Sequence[tuple[float, str]], tallest: float, step: float) -> None:
    """Draw uprights from left to right, each one step lower, so that words to their right cross none."""
    # The marks' steps are shares of a plot that holds them above the tallest bar.
    whole = tallest / max(1 - step * (len(marks) + 0.4), 0.3)
    for at, (x, text) in enumerate(marks):
        height = whole * (1 - step * (0.4 + at))
        axes.plot([x, x], [0, height], color=INK, lw=0.9, zorder=4)
        axes.annotate(text, (x, height), xytext=(3, 0), textcoords="offset points", ha="left", va="top",
                      fontsize=TEXT_POINTS, color=INK)  # fmt: skip
    if marks:
        axes.set_ylim(top=whole)
