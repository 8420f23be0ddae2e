"""Slopes of several predictors over one moderator, a panel each, with the regions in which they differ from zero."""

from collections.abc import Sequence
from functools import partial
from math import ceil
from typing import Unpack

import pandas as pd
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.charts.regions import (
    BESIDE_MM,
    END_POINTS,
    MARKS,
    RUG,
    checked_regions,
    draw_slope,
    name_ends,
    region_numbers,
    region_patch,
)
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.sheet import open_sheet
from povstats.viz.theme import TEXT_POINTS, Look
from povstats.words import say

Drawn = tuple[str, pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""A panel: its name, the curve, the regions, the groups' values."""
PANEL_TALL_MM, KEY_TALL_MM, PANEL_MM = 54.0, 9.0, 66.0
FIELD_MM, LINE_MM = 50.0, 4.5
"""Room for a field of the key beside others, and for one below another."""


def region_panels(
    frame: pd.DataFrame,
    *,
    x_label: str,
    regions: pd.DataFrame,
    values: pd.DataFrame,
    **words: Unpack[Wording],
) -> Figure:
    """Draw one panel a predictor on common scales: its slope with band, shaded where it differs from zero.

    Parameters
    ----------
    frame : columns panel, x, estimate, low, high: a curve each, panels in the order of the figure.
    x_label : what the moderator is, with its unit.
    regions : columns panel, low, high, sign, groups, as in `johnson_neyman`. values : columns panel, group, x.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds panel and the columns of `johnson_neyman`.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where there is no panel, or a panel's numbers are not as in `johnson_neyman`.
    """
    names = list(dict.fromkeys(frame["panel"])) if "panel" in frame else []
    if not names:
        raise DataError("the frame has no column 'panel' with rows, so there is nothing to draw")
    drawn = []
    for name in names:
        parts = [one[one["panel"] == name].drop(columns="panel") for one in (frame, regions, values)]
        drawn.append((str(name), *checked_regions(*parts)))
    caption = captioned(words)
    numbers = pd.concat(
        [region_numbers(*parts).assign(panel=name).reindex(columns=["panel", *MARKS]) for name, *parts in drawn],
        ignore_index=True,
    )
    return Figure(partial(_paint, drawn, x_label, caption), numbers, caption.lang, caption.headline)


def _paint(drawn: Sequence[Drawn], x_label: str, caption: Caption, look: Look) -> Drawing:
    """Draw the panels in rows, the key above them."""
    columns = min(len(drawn), max(1, int(look.width_mm // PANEL_MM)))
    rows = ceil(len(drawn) / columns)
    signs = {int(sign) for _, _, spans, _ in drawn for sign in spans["sign"]}
    fields = [
        region_patch(sign, say(f"viz.panel_{word}", caption.lang), look)
        for sign, word in ((1, "above"), (-1, "below"), (0, "none"))
        if sign in signs or sign == 0
    ]
    across = len(fields) if look.width_mm >= len(fields) * FIELD_MM else 1
    key_mm = KEY_TALL_MM + LINE_MM * (ceil(len(fields) / across) - 1)
    drawing = open_sheet(look, caption, 18.0 + key_mm + PANEL_TALL_MM * rows)
    grid = drawing.add_gridspec(rows + 1, columns, height_ratios=[key_mm, *[PANEL_TALL_MM] * rows])
    key = drawing.add_subplot(grid[0, :])
    key.set_axis_off()
    key.legend(handles=fields, loc="upper left", ncols=across, borderaxespad=0.0, handlelength=1.6, labelspacing=0.25)
    first = None
    for at, (name, curve, spans, own) in enumerate(drawn):
        axes = drawing.add_subplot(grid[1 + at // columns, at % columns], sharex=first, sharey=first)
        first = first or axes
        ends = draw_slope(axes, curve, spans, own["x"].to_numpy(), look)
        width = look.width_mm / columns - 14.0
        name_ends(axes, ends[1:-1], width)
        axes.set_title(wrapped(name, width, TEXT_POINTS), loc="left", fontsize=TEXT_POINTS, pad=END_POINTS + 2)
        axes.tick_params(labelleft=at % columns == 0)
        if at + columns >= len(drawn):
            axes.set_xlabel(wrapped(x_label, width - BESIDE_MM / 2, TEXT_POINTS))
    # Each panel has set its own limits, and with them the common ones.
    low, high = (min(one["low"].min() for _, one, _, _ in drawn), max(one["high"].max() for _, one, _, _ in drawn))
    assert first is not None
    first.set_ylim(low - (0.05 + 2 * RUG) * (high - low), high + 0.05 * (high - low))
    settle(drawing)
    return drawing
