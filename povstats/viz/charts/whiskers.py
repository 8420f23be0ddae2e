"""Coefficients of several models side by side: dot and whisker."""

from collections.abc import Mapping
from functools import partial
from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.sheet import checked_intervals, open_sheet
from povstats.viz.theme import INK, TEXT_POINTS, Look, Pen

LABEL_SHARE = 0.275
MOST_MODELS = 5
MODEL_MM = 3.1
TERM_MM = 3.4


def coefficients(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw estimates with intervals by term, the models of one term below each other, against zero.

    Parameters
    ----------
    frame : columns model, term, estimate, low, high; the coef rows of tidy() with the model's name added.
        Terms and models keep the order in which they first appear; leave the intercept out.
    labels : term to the words printed for it; a term without words is printed as it is.
    words : lang, title, unit, source and notes; see Wording.

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
    if len(models) > MOST_MODELS:
        raise DataError(f"{len(models)} models cannot be told apart in one picture; draw {MOST_MODELS} at most")
    caption = captioned(words)
    paint = partial(_paint, numbers, terms, models, dict(labels or {}), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint(
    numbers: pd.DataFrame, terms: list[str], models: list[str], labels: Mapping[str, str], caption: Caption, look: Look
) -> Drawing:
    """Draw the models in rows by term."""
    drawing = open_sheet(look, caption, 38.0 + len(terms) * (TERM_MM + MODEL_MM * len(models)))
    axes = drawing.subplots()
    axes.axvline(0.0, color=INK, lw=0.7, zorder=1)
    for turn, model in enumerate(models):
        _one_model(axes, numbers[numbers["model"] == model], terms, (turn, len(models)), look.pens[turn])
    words = [wrapped(labels.get(term, str(term)), LABEL_SHARE * look.width_mm, TEXT_POINTS) for term in terms]
    axes.set_yticks(range(len(terms)), words)
    axes.set_ylim(len(terms) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    if len(models) > 1:
        columns = min(len(models), 3 if look.width_mm >= 120 else 1)
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=columns, columnspacing=1.6)
    settle(drawing)
    return drawing


def _one_model(axes: Axes, rows: pd.DataFrame, terms: list[str], turn: tuple[int, int], pen: Pen) -> None:
    """Draw the dots and whiskers of one model, set off from the term's middle by its turn among the models."""
    at, models = turn
    pitch = MODEL_MM / (TERM_MM + MODEL_MM * models)
    place = rows["term"].map(terms.index).to_numpy(dtype=float) + (at - (models - 1) / 2) * pitch
    axes.hlines(place, rows["low"], rows["high"], colors=pen.colour, linewidths=1.3)
    axes.plot(rows["estimate"], place, pen.marker, ms=4, color=pen.colour, label=str(rows["model"].iloc[0]))
