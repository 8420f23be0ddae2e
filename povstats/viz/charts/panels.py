"""One small panel a group, on common scales."""

from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import Any, Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.charts.trends import Lettering, one_line
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.marks import breaks_of, draw_breaks, upright_scale
from povstats.viz.scale import on_axis, printed, ticks, trend_rows
from povstats.viz.sheet import open_sheet
from povstats.viz.theme import INK, SMALL_POINTS, TEXT_POINTS, Look, Pen
from povstats.words import say

PANEL_MM = 40.0
PANEL_TALL_MM = 34.0
# Room for the last value beside its point, and for the first marker.
EDGES_MM, LEFT_MM = 14.0, 3.0


def multiples(
    frame: pd.DataFrame,
    *,
    time_label: str = "",
    percent: bool = False,
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw one small panel a group on common scales, the group with the highest last value first.

    Parameters
    ----------
    frame : as for lines, with any number of groups.
    time_label : name of the axis of time; years need none.
    percent : the values are shares, printed per cent.
    labels : group to the words printed above its panel; a group without words is printed as it is.
    words : lang, title, unit, source and notes; see Wording. What changes at a break is told in a further note.

    Returns
    -------
    Figure
        `numbers` holds the columns of the frame in its order.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value or the words of an unprinted time are missing.
    """
    numbers = trend_rows(frame)
    placed = on_axis(numbers)
    lettering = Lettering(time_label, percent, dict(labels or {}))
    said: dict[str, list[str]] = {}
    for one in breaks_of(placed, words["lang"]):
        said.setdefault(one.what, []).append(lettering.name(one.group))
    between = say("viz.between_groups", words["lang"])
    remarks = [
        say("viz.break_note", words["lang"], group=between.join(dict.fromkeys(groups)), what=what)
        for what, groups in said.items()
    ]
    caption = captioned(words, remarks)
    return Figure(partial(_paint, placed, lettering, caption), numbers, caption.lang, caption.headline)


def _paint(placed: pd.DataFrame, lettering: Lettering, caption: Caption, look: Look) -> Drawing:
    """Draw the panels in rows."""
    last = placed.groupby("group", sort=False)["value"].last().sort_values(ascending=False, kind="stable")
    columns = min(len(last), 3, max(1, int(look.width_mm // PANEL_MM)))
    rows = ceil(len(last) / columns)
    drawing = open_sheet(look, caption, 22.0 + PANEL_TALL_MM * rows)
    panels = drawing.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    first, final = float(placed["x"].min()), float(placed["x"].max())
    per_unit = ((look.width_mm - 14.0) / columns - EDGES_MM - 4.0) / ((final - first) or 1.0)
    pen = Pen(look.accent, "o")
    for axes, group in zip(panels, last.index, strict=False):
        part = placed[placed["group"] == group]
        one_line(axes, part, pen, size=3.5)
        draw_breaks(axes, breaks_of(part, caption.lang))
        name = wrapped(lettering.name(group), (look.width_mm - 16.0) / columns, TEXT_POINTS)
        axes.set_title(name, loc="left", fontsize=TEXT_POINTS)
        _ends(axes, part, percent=lettering.percent)
    for axes in panels[len(last) :]:
        axes.set_visible(False)
    for at, axes in enumerate(panels[: len(last)]):
        axes.margins(y=0.24)
        axes.grid(axis="y")
        # Without a panel below, the years stand under this one.
        axes.tick_params(labelbottom=at + columns >= len(last), labelleft=at % columns == 0)
    panels[0].set_xlim(first - LEFT_MM / per_unit, final + (EDGES_MM - LEFT_MM) / per_unit)
    upright_scale(panels[0], percent=lettering.percent)
    panels[0].set_xticks(*ticks(placed, per_unit))
    panels[min(columns * (rows - 1), len(last) - 1)].set_xlabel(lettering.time_label)
    settle(drawing)
    return drawing


def _ends(axes: Axes, part: pd.DataFrame, *, percent: bool) -> None:
    """Write the first value above its point and the last beside its own."""
    places = {len(part) - 1: (4.5, 4.0, "left", "center"), 0: (-3.0, 4.0, "left", "bottom")}
    for at, (right, up, side, height) in places.items():
        x, value = part[["x", "value"]].iloc[at]
        axes.annotate(
            printed(float(value), percent=percent), (x, value), xytext=(right, up), textcoords="offset points",
            ha=side, va=height, fontsize=SMALL_POINTS, color=INK, annotation_clip=False,
        )  # fmt: skip
