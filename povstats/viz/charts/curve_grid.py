"""Estimates with intervals along an axis, one or more lines a panel: grades, poverty lines, sizes of an assumption."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, Literal, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import scale_words
from povstats.viz.sheet import checked, checked_intervals, open_sheet
from povstats.viz.theme import GREY, INK, SERIES, SMALL_POINTS, TEXT_POINTS, Look, tint

Shape = Literal["points", "joined", "band"]
SHAPES: tuple[Shape, ...] = ("points", "joined", "band")
PANEL_MM, PANEL_TALL_MM, ALONE_TALL_MM, KEY_TALL_MM = 66.0, 50.0, 78.0, 6.0
FIELD_MM, LINE_MM, BESIDE_MM = 11.0, 4.5, 10.0
"""Room for the mark of a field of the key, for one field below another, and for the numbers of the scale."""
APART = 0.012
"""Distance between the series at one x, as a share of the axis."""
YEARS = (1900, 2100)
"""Whole numbers among these are years, which have no comma."""
WHOLE = 12
"""Different whole numbers up to which each is a tick."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A reference line across the panels: axis "x" stands upright at a value of x, "y" lies at an estimate."""

    axis: Literal["x", "y"]
    value: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the panels hold and how they are lettered."""

    numbers: pd.DataFrame
    straight: pd.DataFrame
    straight_name: str
    marks: tuple[Mark, ...]
    x_label: str
    shape: Shape
    percent: bool


def curve_panels(
    frame: pd.DataFrame,
    *,
    x_label: str,
    shape: Shape = "points",
    straight: tuple[pd.DataFrame, str] | None = None,
    marks: Sequence[Mark] = (),
    percent: bool = False,
    **words: Unpack[Wording],
) -> Figure:
    """Draw estimates with intervals over x, a panel a name, a colour a series.

    Parameters
    ----------
    frame : columns panel, group (the series, up to six), x, estimate, low, high; panels and series in their order.
    x_label : what x is, with its unit.
    shape : "points" with upright intervals, "joined" by lines, or a line in a "band".
    straight : a line to hold the estimates against, columns panel, x, y, and its name in the key.
    marks : reference lines across every panel.
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
        Where numbers are missing, intervals unusable, an x occurs twice in a series, or there are more than six series.
    """
    numbers = checked_intervals(frame, ["panel", "group", "x"])
    numbers["x"] = checked(frame, ["x"], ["x"])["x"]
    if numbers["group"].nunique() > SERIES:
        raise DataError(f"{numbers['group'].nunique()} series cannot be told apart in one picture; {SERIES} at most")
    line = pd.DataFrame(columns=["panel", "x", "y"])
    if straight is not None:
        line = checked(straight[0], ["panel", "x", "y"], ["x", "y"])
    caption = captioned(words)
    drawn = _Drawn(numbers, line, straight[1] if straight else "", tuple(marks), x_label, shape, percent)
    return Figure(partial(_paint, drawn, caption), numbers, caption.lang, caption.headline)


def _paint(drawn: _Drawn, caption: Caption, look: Look) -> Drawing:
    """Draw the panels in rows, the key above them."""
    panels = list(dict.fromkeys(drawn.numbers["panel"]))
    columns = min(len(panels), max(1, int(look.width_mm // PANEL_MM)))
    rows = ceil(len(panels) / columns)
    tall = look.tall(ALONE_TALL_MM) if len(panels) == 1 else PANEL_TALL_MM
    handles = _key(drawn, look)
    wide = sum(millimetres(str(one.get_label()), TEXT_POINTS) + FIELD_MM for one in handles)
    across = len(handles) if wide <= look.width_mm - BESIDE_MM else 1
    above = KEY_TALL_MM + LINE_MM * (len(handles) - across) if handles else 0.5
    drawing = open_sheet(look, caption, 18.0 + above + tall * rows)
    grid = drawing.add_gridspec(rows + 1, columns, height_ratios=[above, *[tall] * rows])
    key = drawing.add_subplot(grid[0, :])
    key.set_axis_off()
    if handles:
        key.legend(handles=handles, loc="upper left", ncols=across, handlelength=1.8, labelspacing=0.25)
    first = None
    for at, name in enumerate(panels):
        axes = drawing.add_subplot(grid[1 + at // columns, at % columns], sharey=first)
        first = first or axes
        width = look.width_mm / columns - 14.0
        _one_panel(axes, drawn, name, look)
        if name != "":
            axes.set_title(wrapped(str(name), width, TEXT_POINTS), loc="left", fontsize=TEXT_POINTS)
        axes.tick_params(labelleft=at % columns == 0)
        if at + columns >= len(panels):
            axes.set_xlabel(wrapped(drawn.x_label, width - 0.5 * BESIDE_MM, TEXT_POINTS))
    settle(drawing)
    return drawing


def _one_panel(axes: Axes, drawn: _Drawn, name: object, look: Look) -> None:
    """Draw a panel's series, its straight line and the marks."""
    own = drawn.numbers[drawn.numbers["panel"] == name]
    groups = list(dict.fromkeys(drawn.numbers["group"]))
    step = APART * float(np.ptp(own["x"]) or 1.0) * (drawn.shape != "band")
    line = drawn.straight[drawn.straight["panel"] == name]
    if len(line):
        axes.plot(line["x"], line["y"], color=INK, lw=1.0, ls=(0, (4.0, 2.0)), zorder=2)
    for turn, group in enumerate(groups):
        part = own[own["group"] == group].sort_values("x", kind="stable")
        pen = look.pens[turn]
        x = part["x"] + step * (turn - (len(groups) - 1) / 2)
        if drawn.shape == "band":
            axes.fill_between(x, part["low"], part["high"], color=tint(pen.colour, 0.25), lw=0, zorder=1)
            axes.plot(x, part["estimate"], color=pen.colour, lw=1.6, ls=pen.dashes, zorder=3)
            continue
        axes.vlines(x, part["low"], part["high"], color=pen.colour, lw=1.1, zorder=3)
        if drawn.shape == "joined":
            axes.plot(x, part["estimate"], color=pen.colour, lw=1.0, ls=pen.dashes, zorder=3)
        axes.plot(x, part["estimate"], ls="", marker=pen.marker, ms=4.2, color=pen.colour, zorder=4)
    values = np.unique(own["x"])
    if len(values) <= WHOLE and (values == np.round(values)).all():
        axes.set_xticks(values)
    years = bool((own["x"] >= YEARS[0]).all() and (own["x"] <= YEARS[1]).all() and (values == np.round(values)).all())
    axes.xaxis.set_major_formatter("{x:.0f}" if years else scale_words(percent=False))
    axes.yaxis.set_major_formatter(scale_words(percent=drawn.percent))
    axes.margins(x=0.0 if drawn.shape == "band" else 0.06)
    axes.grid(axis="y")
    ends = own.sort_values("x")["estimate"].to_numpy()[[0, -1]]
    for mark in drawn.marks:
        _draw_mark(axes, mark, right=bool(abs(ends[1] - mark.value) > abs(ends[0] - mark.value)))


def _draw_mark(axes: Axes, mark: Mark, *, right: bool) -> None:
    """Draw a reference line with its name beside it; that of a lying one at the end where the estimates are far."""
    style: dict[str, Any] = {"color": GREY if mark.name else INK, "lw": 0.8, "zorder": 1}
    words: dict[str, Any] = {"textcoords": "offset points", "fontsize": SMALL_POINTS, "color": INK}
    if mark.axis == "y":
        axes.axhline(mark.value, **style)
        if mark.name:
            axes.annotate(mark.name, (float(right), mark.value), xycoords=("axes fraction", "data"),
                          xytext=(-3 if right else 3, 2), va="bottom", ha="right" if right else "left",
                          **words)  # fmt: skip
        return
    axes.axvline(mark.value, ls=(0, (1.2, 1.8)), **style)
    low, high = axes.get_xlim()
    right = mark.value > (low + high) / 2
    axes.annotate(mark.name, (mark.value, 0.0), xycoords=("data", "axes fraction"), xytext=(-3 if right else 3, 4),
                  va="bottom", ha="right" if right else "left", **words)  # fmt: skip


def _key(drawn: _Drawn, look: Look) -> list[Line2D]:
    """List what the colours mean where there are several series, and the straight line."""
    groups = list(dict.fromkeys(drawn.numbers["group"]))
    handles = []
    if len(groups) > 1 or (len(drawn.straight) and groups != [""]):
        for group, pen in zip(groups, look.pens, strict=False):
            marker = "" if drawn.shape == "band" else pen.marker
            style = "" if drawn.shape == "points" else pen.dashes
            handles.append(Line2D([], [], color=pen.colour, marker=marker, ms=4.2, ls=style, label=str(group)))
    if len(drawn.straight):
        handles.append(Line2D([], [], color=INK, lw=1.0, ls=(0, (4.0, 2.0)), label=drawn.straight_name))
    return handles
