"""Ranked estimates with intervals in a grid of small panels: rows share what is ranked, columns the kind of effect."""

from collections.abc import Mapping
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.charts.intervals import draw_marks, limits
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import scale_words
from povstats.viz.sheet import checked_intervals, open_sheet
from povstats.viz.theme import INK, SMALL_POINTS, TEXT_POINTS, Look
from povstats.words import say

PANEL_TALL_MM = 36.0


def ranked_panels(
    frame: pd.DataFrame, *, remarks: Mapping[tuple[str, str], str] | None = None, **words: Unpack[Wording]
) -> Figure:
    """Draw ranked groups with their intervals against zero in a grid: a panel for each row and column.

    Parameters
    ----------
    frame : columns row, column, group, estimate, low, high; rows and columns of the grid in the order of the frame.
        Panels of one column have a common scale, each is ranked by itself, and groups whose interval excludes zero
        are coloured and counted. Low and high may be missing together.
    remarks : by row and column, words in a panel instead of the count.
    words : lang, title (with the level of the intervals), unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds the six columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where estimates are missing, intervals unusable, or a group occurs twice in a panel.
    """
    numbers = checked_intervals(frame, ["row", "column", "group"])
    caption = captioned(words)
    return Figure(partial(_paint, numbers, dict(remarks or {}), caption), numbers, caption.lang, caption.headline)


def _paint(numbers: pd.DataFrame, remarks: Mapping[tuple[str, str], str], caption: Caption, look: Look) -> Drawing:
    """Draw the panels; the scales of a column are alike."""
    rows, columns = (list(dict.fromkeys(numbers[name])) for name in ("row", "column"))
    drawing = open_sheet(look, caption, 16.0 + PANEL_TALL_MM * len(rows))
    panels = drawing.subplots(len(rows), len(columns), sharey="col", squeeze=False)
    for j, column in enumerate(columns):
        whole = numbers[numbers["column"] == column]
        lower, upper = limits(whole.assign(apart=False), 0.0)
        for i, row in enumerate(rows):
            axes, part = panels[i, j], whole[whole["row"] == row]
            ranked = part.sort_values("estimate", kind="stable", ignore_index=True)
            ranked["apart"] = (ranked["low"] > 0) | (ranked["high"] < 0)
            axes.axhline(0.0, color=INK, lw=0.7, zorder=1)
            draw_marks(axes, ranked, np.arange(1.0, len(ranked) + 1), look, upright=True)
            axes.set(xlim=(0, len(ranked) + 1), ylim=(lower, upper + 0.12 * (upper - lower)))
            axes.set_xticks([])
            axes.yaxis.set_major_formatter(scale_words(percent=False))
            axes.grid(axis="y")
            name = _title(row, column, look.width_mm / len(columns) - 12.0)
            axes.set_title(name, loc="left", fontsize=TEXT_POINTS)
            count = {"count": int(ranked["apart"].sum()), "total": len(ranked)}
            told = remarks.get((row, column)) or say("viz.panel_count", caption.lang, **count)
            told = wrapped(told, look.width_mm / len(columns) - 16.0, SMALL_POINTS)
            axes.annotate(told, (0.02, 0.97), xycoords="axes fraction", va="top", fontsize=SMALL_POINTS, color=INK)
    settle(drawing)
    return drawing


def _title(row: str, column: str, room: float) -> str:
    """Name a panel in one line, or what is ranked and the kind of effect below each other."""
    whole = f"{row} · {column}"
    if millimetres(whole, TEXT_POINTS) <= room:
        return whole
    return f"{wrapped(row, room, TEXT_POINTS)}\n{column}"
