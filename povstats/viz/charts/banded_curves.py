"""Curves over the share of the population, with bands: Lorenz, TIP, parade, growth incidence."""

from functools import partial
from typing import Unpack

import pandas as pd
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.marks import upright_scale
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import GREY, SERIES, Look, tint

TALL_MM, SQUARE_MM = 92.0, 122.0


def share_curves(
    frame: pd.DataFrame,
    *,
    x_label: str,
    percent: bool = False,
    diagonal: bool = False,
    level: tuple[float, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw a curve a group over the share of the population, in a band.

    Parameters
    ----------
    frame : columns group, x (0–1, rising within a group), estimate, low, high; up to six groups; a band may be missing.
    x_label : what x is.
    percent : the ordinates are shares.
    diagonal : draw the line of equality, on a square field.
    level : a lying reference line and its name.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where there are more than six groups, or an ordinate is missing.
    """
    numbers = checked(frame, ["group", "x", "estimate", "low", "high"], ["x", "estimate"])
    if numbers["group"].nunique() > SERIES:
        raise DataError(f"{numbers['group'].nunique()} curves cannot be told apart in one picture; {SERIES} at most")
    order = {group: turn for turn, group in enumerate(dict.fromkeys(numbers["group"]))}
    numbers = numbers.assign(turn=numbers["group"].map(order)).sort_values(["turn", "x"], ignore_index=True)
    numbers = numbers[["group", "x", "estimate", "low", "high"]]
    caption = captioned(words)
    paint = partial(_paint, numbers, x_label, percent, diagonal, level, caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint(
    numbers: pd.DataFrame,
    x_label: str,
    percent: bool,
    diagonal: bool,
    level: tuple[float, str] | None,
    caption: Caption,
    look: Look,
) -> Drawing:
    drawing = open_sheet(look, caption, SQUARE_MM if diagonal else TALL_MM)
    axes = drawing.subplots()
    if diagonal:
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8)
        axes.set_ylim(0, 1)
    if level is not None:
        axes.axhline(level[0], color=GREY, lw=0.9, ls=(0, (4, 2)), label=level[1])
    for turn, (name, part) in enumerate(numbers.groupby("group", sort=False)):
        pen = look.pens[turn]
        banded = part[part["low"].notna() & part["high"].notna()]
        axes.fill_between(banded["x"], banded["low"], banded["high"], color=tint(pen.colour, 0.22), lw=0, zorder=1)
        axes.plot(part["x"], part["estimate"], color=pen.colour, ls=pen.dashes, lw=1.4, zorder=3, label=str(name))
    if numbers["group"].nunique() > 1 or level is not None:
        axes.legend(loc="best")
    axes.set_xlim(0, 1)
    axes.set_xlabel(x_label)
    axes.grid()
    upright_scale(axes, percent=percent)
    settle(drawing)
    return drawing
