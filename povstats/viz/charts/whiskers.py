"""Coefficients of several models side by side: dot and whisker."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from povstats.errors import DataError
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.sheet import checked_intervals, heading, open_sheet
from povstats.viz.theme import INK, SERIES, TEXT_POINTS, house_style
from povstats.words import Lang

LABEL_MM = 44.0
MODEL_MM = 3.1
TERM_MM = 3.4


def coefficients(
    frame: pd.DataFrame,
    *,
    lang: Lang,
    title: str,
    unit: str,
    source: str,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw estimates with intervals by term, the models of one term below each other, against zero.

    Parameters
    ----------
    frame : columns model, term, estimate, low, high; the coef rows of tidy() with the model's name added.
        Terms and models keep the order in which they first appear; leave the intercept out.
    lang : "zh" or "en".
    title : what is estimated and the level of the intervals, without the unit.
    unit : unit of the estimates, printed behind the title.
    source : where the data come from.
    labels : term to the words printed for it; a term without words is printed as it is.

    Returns
    -------
    Figure
        `numbers` holds the five columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where values are unusable, a model has a term twice, or there are more than five models.
    """
    numbers = checked_intervals(frame, ["model", "term"])
    models, terms = list(dict.fromkeys(numbers["model"])), list(dict.fromkeys(numbers["term"]))
    if len(models) > len(SERIES):
        raise DataError(f"{len(models)} models cannot be told apart in one picture; draw {len(SERIES)} at most")
    headline = heading(title, unit, lang)
    height = 38.0 + len(terms) * (TERM_MM + MODEL_MM * len(models))
    with house_style():
        drawing, axes = open_sheet(headline, source, lang, height)
        axes.axvline(0.0, color=INK, lw=0.7, zorder=1)
        for turn, model in enumerate(models):
            _one_model(axes, numbers[numbers["model"] == model], terms, turn, len(models))
        words = [wrapped((labels or {}).get(term, str(term)), LABEL_MM, TEXT_POINTS) for term in terms]
        axes.set_yticks(range(len(terms)), words)
        axes.set_ylim(len(terms) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        if len(models) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=min(len(models), 3), columnspacing=1.6)
        settle(drawing)
    return Figure(drawing, numbers, lang, headline)


def _one_model(axes: Axes, rows: pd.DataFrame, terms: list[str], turn: int, models: int) -> None:
    """Draw the dots and whiskers of one model, set off from the term's middle by its turn."""
    colour, marker = SERIES[turn]
    pitch = MODEL_MM / (TERM_MM + MODEL_MM * models)
    place = rows["term"].map(terms.index).to_numpy(dtype=float) + (turn - (models - 1) / 2) * pitch
    axes.hlines(place, rows["low"], rows["high"], colors=colour, linewidths=1.3)
    axes.plot(rows["estimate"], place, marker, ms=4, color=colour, label=str(rows["model"].iloc[0]))
