"""Power against the number of villages, one line a number of households."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.marks import apart, beside, scale_words
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import GREY, INK, SERIES, SMALL_POINTS, Look, Pen

LABEL_MM = 34.0


def power(
    frame: pd.DataFrame,
    *,
    x_label: str,
    wanted: tuple[float, str],
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw power over the number of villages, with its Monte Carlo intervals, each line named at its end.

    Parameters
    ----------
    frame : columns group, x, power, low, high; up to six groups, shares as 0–1.
    x_label : what x is.
    wanted : the power that is asked for, drawn as a dashed line across, and its words.
    labels : group to the words printed for it.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds these columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a number is missing or no share, or there are more than six groups.
    """
    rows = checked(frame, ["group", "x", "power", "low", "high"], ["x", "power", "low", "high"])
    if not rows[["power", "low", "high"]].map(lambda value: 0 <= value <= 1).all(axis=None):
        raise DataError("power and its interval are shares from 0 to 1")
    groups = rows["group"].nunique()
    if groups > SERIES:
        raise DataError(f"{groups} lines cannot be told apart in one picture; draw {SERIES} at most")
    caption = captioned(words)
    paint = partial(_paint, rows, (x_label, dict(labels or {})), wanted, caption)
    return Figure(paint, rows, caption.lang, caption.headline)


def _paint(
    rows: pd.DataFrame, lettering: tuple[str, dict[Any, str]], wanted: tuple[float, str], caption: Caption, look: Look
) -> Drawing:
    drawing = open_sheet(look, caption, look.tall(92.0))
    axes = drawing.subplots()
    axes.axhline(wanted[0], color=GREY, lw=0.8, ls=(0, (4.0, 2.0)), zorder=1)
    axes.annotate(
        wanted[1], (0.0, wanted[0]), xycoords=("axes fraction", "data"), xytext=(3, 3), textcoords="offset points",
        va="bottom", ha="left", fontsize=SMALL_POINTS, color=INK,
    )  # fmt: skip
    labels = []
    for (group, part), pen in zip(rows.groupby("group", sort=False), look.pens, strict=False):
        ordered = part.sort_values("x")
        _line(axes, ordered, pen)
        end = (float(ordered["x"].iloc[-1]), float(ordered["power"].iloc[-1]))
        name = wrapped(lettering[1].get(group, str(group)), LABEL_MM, SMALL_POINTS)
        labels.append(beside(axes, end, name, colour=pen.colour))
    axes.set_xticks(sorted(rows["x"].unique()))
    axes.xaxis.set_major_formatter(scale_words(percent=False))
    axes.yaxis.set_major_formatter(scale_words(percent=True))
    axes.set_ylim(0.0, 1.0)
    axes.margins(x=0.04)
    axes.set_xlabel(lettering[0])
    axes.grid(axis="y")
    settle(drawing)
    apart(axes, labels)
    return drawing


def _line(axes: Axes, part: pd.DataFrame, pen: Pen) -> None:
    """Draw one line with its markers and upright intervals."""
    axes.vlines(part["x"], part["low"], part["high"], color=pen.colour, lw=0.9, alpha=1.0, zorder=2)
    axes.plot(part["x"], part["power"], color=pen.colour, lw=1.4, ls=pen.dashes, zorder=3)
    axes.plot(part["x"], part["power"], ls="", marker=pen.marker, ms=4.5, color=pen.colour, zorder=4, clip_on=False)
