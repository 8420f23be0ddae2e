"""A specification curve: estimates in their order with intervals, and below each the choices that it makes."""

from collections.abc import Sequence
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.marks import scale_words
from povstats.viz.sheet import checked_intervals, open_sheet
from povstats.viz.theme import GREY, INK, TEXT_POINTS, Look

UPPER_MM, CHOICE_MM, LABEL_MM = 46.0, 4.6, 40.0


def specification_curve(frame: pd.DataFrame, *, choices: Sequence[str], **words: Unpack[Wording]) -> Figure:
    """Draw estimates from the lowest up, those whose interval leaves zero out in colour, with a mark a choice made.

    Parameters
    ----------
    frame : columns estimate, low, high, and one of true and false for every choice; a row a specification.
    choices : these columns, as they are lettered, from above.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds place (from 1), estimate, low, high and the choices as 0 and 1.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where an estimate is missing, an interval cannot be used, or there is no choice.
    """
    if not choices:
        raise DataError("a specification curve needs a choice that was made both ways")
    ranked = frame.sort_values("estimate", kind="stable", ignore_index=True)
    ranked.insert(0, "place", np.arange(1, len(ranked) + 1))
    numbers = checked_intervals(ranked, ["place", *choices])
    numbers[list(choices)] = ranked[list(choices)].astype(int)
    caption = captioned(words)
    return Figure(partial(_paint, numbers, tuple(choices), caption), numbers, caption.lang, caption.headline)


def _paint(numbers: pd.DataFrame, choices: tuple[str, ...], caption: Caption, look: Look) -> Drawing:
    """Draw the estimates above and the choices below, on one axis of places."""
    lower = CHOICE_MM * len(choices)
    drawing = open_sheet(look, caption, 24.0 + UPPER_MM + lower)
    grid = drawing.add_gridspec(2, 1, height_ratios=[UPPER_MM, lower])
    upper = drawing.add_subplot(grid[0])
    below = drawing.add_subplot(grid[1], sharex=upper)
    _estimates(upper, numbers, look)
    place = numbers["place"].to_numpy()
    for at, name in enumerate(choices):
        made = numbers[name].to_numpy() == 1
        below.plot(place[made], np.full(made.sum(), at), "|", color=INK, ms=5.0, mew=0.8)
        below.plot(place[~made], np.full((~made).sum(), at), ".", color=GREY, ms=1.2)
    below.set_yticks(range(len(choices)), [wrapped(name, LABEL_MM, TEXT_POINTS) for name in choices])
    below.set_ylim(len(choices) - 0.5, -0.5)
    below.tick_params(axis="both", length=0, labelbottom=False)
    for side in ("left", "bottom"):
        below.spines[side].set_visible(False)
    settle(drawing)
    return drawing


def _estimates(axes: Axes, numbers: pd.DataFrame, look: Look) -> None:
    """Draw estimates with their intervals; grey where zero is inside."""
    axes.axhline(0.0, color=INK, lw=0.7, zorder=1)
    inside = ((numbers["low"] <= 0) & (numbers["high"] >= 0)).to_numpy()
    for rows, colour in ((numbers[inside], GREY), (numbers[~inside], look.pens[0].colour)):
        axes.vlines(rows["place"], rows["low"], rows["high"], colors=colour, linewidths=0.7)
        axes.plot(rows["place"], rows["estimate"], "o", ms=1.8, color=colour, ls="")
    axes.yaxis.set_major_formatter(scale_words(percent=False))
    axes.set_xlim(0, len(numbers) + 1)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="y")
