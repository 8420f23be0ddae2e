"""Lorenz curves with the points that they were fitted to, beside the line of equality."""

from functools import partial
from typing import Unpack

import pandas as pd
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import GREY, INK, SERIES, Look

SIDE_MM = 96.0


def lorenz(lines: pd.DataFrame, points: pd.DataFrame, *, x_label: str, **words: Unpack[Wording]) -> Figure:
    """Draw curves over the share of the population, a colour each, with points.

    Parameters
    ----------
    lines : columns group, x, y, both shares 0–1, up to six groups. points : the same, hollow; may be empty.
    x_label : what x is.
    words : lang, title, unit (what y is), source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds kind (line, point), group, x and y.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where numbers are missing, or there are more than six curves.
    """
    curves = checked(lines, ["group", "x", "y"], ["x", "y"])
    if curves["group"].nunique() > SERIES:
        raise DataError(f"{curves['group'].nunique()} curves cannot be told apart in one picture; {SERIES} at most")
    dots = checked(points, ["group", "x", "y"], ["x", "y"]) if len(points) else curves.iloc[:0]
    numbers = pd.concat([curves.assign(kind="line"), dots.assign(kind="point")], ignore_index=True)
    caption = captioned(words)
    return Figure(
        partial(_paint, numbers, x_label, caption), numbers[["kind", "group", "x", "y"]], caption.lang, caption.headline
    )


def _paint(numbers: pd.DataFrame, x_label: str, caption: Caption, look: Look) -> Drawing:
    """Draw the diagonal, the curves and the points."""
    drawing = open_sheet(look, caption, 26.0 + SIDE_MM)
    axes = drawing.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.8)
    lines = numbers[numbers["kind"] == "line"]
    for turn, (name, part) in enumerate(lines.groupby("group", sort=False)):
        pen = look.pens[turn]
        axes.plot(part["x"], part["y"], color=pen.colour, ls=pen.dashes, lw=1.3, label=str(name))
    for name, part in numbers[numbers["kind"] == "point"].groupby("group", sort=False):
        axes.plot(part["x"], part["y"], "o", ms=4.0, mfc="white", mec=INK, mew=0.8, ls="", label=str(name))
    axes.legend(loc="upper left")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(x_label)
    axes.grid()
    settle(drawing)
    return drawing
