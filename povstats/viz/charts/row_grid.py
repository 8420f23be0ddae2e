"""Named rows with estimates and intervals in panels of one scale: shares of surveys by method, design and case."""

from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.marks import scale_words
from povstats.viz.sheet import checked_intervals, open_sheet
from povstats.viz.theme import INK, SERIES, TEXT_POINTS, Look

PANEL_MM, LABEL_MM = 42.0, 34.0
SERIES_MM, ROW_MM, LINE_MM, AROUND_MM, KEY_TALL_MM = 2.6, 2.4, 3.7, 14.0, 6.0


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the panels hold."""

    numbers: pd.DataFrame
    line: float | None
    percent: bool
    caption: Caption

    def names(self, column: str) -> list[str]:
        """List panels, rows or series in the order of the frame."""
        return list(dict.fromkeys(self.numbers[column]))


def row_panels(
    frame: pd.DataFrame, *, line: float | None = None, percent: bool = False, **words: Unpack[Wording]
) -> Figure:
    """Draw named rows with intervals along a common scale, a panel a case, a colour a series.

    Parameters
    ----------
    frame : columns panel, row, group (the series, up to six), estimate, low, high; panels, rows and series in their
        order. Low and high may be missing together.
    line : a value that every panel marks, such as the level of a test.
    percent : the estimates are shares, printed per cent.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds the six columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where estimates are missing, intervals unusable, a row occurs twice in a series, or there are more than six
        series.
    """
    numbers = checked_intervals(frame, ["panel", "row", "group"])
    if numbers["group"].nunique() > SERIES:
        raise DataError(f"{numbers['group'].nunique()} series cannot be told apart in one picture; {SERIES} at most")
    caption = captioned(words)
    drawn = _Drawn(numbers, line, percent, caption)
    return Figure(partial(_paint, drawn), numbers, caption.lang, caption.headline)


def _paint(drawn: _Drawn, look: Look) -> Drawing:
    """Draw the panels in rows of the grid, the key above them."""
    panels, rows, groups = (drawn.names(name) for name in ("panel", "row", "group"))
    deep = ceil(len(panels) / max(1, int((look.width_mm - LABEL_MM) // PANEL_MM)))
    across = ceil(len(panels) / deep)  # four panels stand two by two, not three and one
    tall = AROUND_MM + len(rows) * _pitch(rows, len(groups))
    above = KEY_TALL_MM if len(groups) > 1 else 0.5
    drawing = open_sheet(look, drawn.caption, 18.0 + above + tall * deep)
    grid = drawing.add_gridspec(deep + 1, across, height_ratios=[above, *[tall] * deep])
    if len(groups) > 1:
        key = drawing.add_subplot(grid[0, :])
        key.set_axis_off()
        handles = [
            Line2D([], [], color=pen.colour, marker=pen.marker, ms=4.2, ls="", label=str(group))
            for group, pen in zip(groups, look.pens, strict=False)
        ]
        key.legend(handles=handles, loc="upper left", ncols=len(groups), borderaxespad=0.0, handletextpad=0.3)
    first = None
    for at, name in enumerate(panels):
        axes = drawing.add_subplot(grid[1 + at // across, at % across], sharex=first, sharey=first)
        first = first or axes
        axes.set_title(wrapped(str(name), PANEL_MM, TEXT_POINTS), loc="left", fontsize=TEXT_POINTS)
        _one_panel(axes, drawn, name, look)
        axes.tick_params(labelleft=at % across == 0, labelbottom=at + across >= len(panels))
    assert first is not None
    first.set_yticks(range(len(rows)), [wrapped(str(row), LABEL_MM, TEXT_POINTS) for row in rows])
    first.set_ylim(len(rows) - 0.5, -0.5)
    settle(drawing)
    return drawing


def _pitch(rows: list[str], groups: int) -> float:
    """Give the height of a row in millimetres: its series, or the lines of the longest label."""
    lines = max(wrapped(str(row), LABEL_MM, TEXT_POINTS).count("\n") + 1 for row in rows)
    return max(ROW_MM + SERIES_MM * groups, LINE_MM * lines)


def _one_panel(axes: Axes, drawn: _Drawn, panel: str, look: Look) -> None:
    """Draw a panel's rows, the series of one row below each other."""
    rows, groups = drawn.names("row"), drawn.names("group")
    pitch = SERIES_MM / _pitch(rows, len(groups))
    if drawn.line is not None:
        axes.axvline(drawn.line, color=INK, lw=0.7, ls=(0, (3.0, 2.0)), zorder=1)
    for turn, group in enumerate(groups):
        own = drawn.numbers[(drawn.numbers["panel"] == panel) & (drawn.numbers["group"] == group)]
        pen = look.pens[turn]
        place = own["row"].map(rows.index).to_numpy(dtype=float) + (turn - (len(groups) - 1) / 2) * pitch
        axes.hlines(place, own["low"], own["high"], colors=pen.colour, linewidths=1.2)
        axes.plot(own["estimate"], place, pen.marker, ms=4.0, color=pen.colour, ls="")
    axes.xaxis.set_major_formatter(scale_words(percent=drawn.percent))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
