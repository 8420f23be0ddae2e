"""The frames behind a fitted model's charts: the groups' effects in order, and the groups' lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from povstats.errors import OptionError
from povstats.models.design import multiplied
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure


@dataclass(frozen=True, slots=True)
class Words:
    """A reader's words for a chart: its language, a title and a source instead of ours, labels of columns."""

    lang: Lang
    title: str | None
    source: str | None
    labels: Mapping[str, str]


def plot_caterpillar(
    fit: "HLMResult",
    effect: str = "Intercept",
    *,
    group: str | None = None,
    lang: Lang | None = None,
    title: str | None = None,
    source: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw the groups' predicted effects in order, with 95 % intervals.

    Parameters
    ----------
    effect : which random effect, such as "Intercept" or a slope's name.
    group : of which grouping; without it the lowest that has the effect.
    lang : "zh" or "en".
    title, source : words of one's own, in that language, instead of those made from the model.
    labels : words for columns, such as {"log(income)": "log of yuan per head"}; the outcome's is its unit.
    """
    words = Words(lang or language(), title, source, labels or {})
    from povstats.viz import charts

    name = _grouping(fit, effect, group)
    effects = fit.random_effects[name]
    half = float(ndtri(0.975)) * effects[f"se({effect})"]
    frame = pd.DataFrame({"group": effects.index, "estimate": effects[effect].to_numpy()})
    frame["low"], frame["high"] = (effects[effect] - half).to_numpy(), (effects[effect] + half).to_numpy()
    return charts.caterpillar(
        frame,
        lang=words.lang,
        title=words.title
        or tight(say("models.caterpillar", words.lang, effect=_said(effect, words), group=_said(name, words))),
        unit=scale_of(fit, words),
        source=words.source or source_of(fit, words.lang),
    )


def plot_slopes(
    fit: "HLMResult",
    effect: str,
    *,
    lang: Lang | None = None,
    title: str | None = None,
    source: str | None = None,
    labels: Mapping[str, str] | None = None,
    x_label: str | None = None,
) -> "Figure":
    """Draw every group's line over a predictor with a random slope, and the average line.

    Parameters
    ----------
    effect : the random slope's name.
    lang : "zh" or "en".
    title, source : words of one's own, in that language, instead of those made from the model.
    labels : words for columns; the outcome's is the unit of the vertical axis.
    x_label : words under the horizontal axis, such as the predictor's with its unit.
    """
    words = Words(lang or language(), title, source, labels or {})
    from povstats.viz import charts

    lines, average = group_lines(fit, effect)
    return charts.slopes(
        lines,
        lang=words.lang,
        title=words.title
        or tight(
            say(
                "models.slopes",
                words.lang,
                effect=_said(effect, words),
                group=_said(fit.optimum.blocks.levels[0].name, words),
            )
        ),
        unit=scale_of(fit, words),
        source=words.source or source_of(fit, words.lang),
        x_label=x_label or _said(effect, words),
        average=average,
    )


def group_lines(fit: "HLMResult", effect: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the end points of every group's line and of the average line.

    A line of a lowest group runs over the predictor's values there, with the effects of all groups that it lies in;
    the average line runs over all values. Other household predictors stand at their overall means, group-level ones
    at the group's own values (for the average line at their means).

    Returns
    -------
    lines : DataFrame
        Columns group, x, y; two rows a group.
    average : DataFrame
        Columns x, y; two rows.

    Raises
    ------
    OptionError
        Where `effect` is no random slope of one predictor, the predictor enters the model a second time through
        another function, so that a straight line would mislead, or the groupings are crossed.
    """
    piece = _predictor(fit, effect)
    cells, model = fit.cells, fit.model
    if any(level.repeat > 1 for level in fit.optimum.blocks.levels):
        raise OptionError("the groupings are crossed: no group has one line; draw plot_caterpillar() instead")
    spread, shape = cells.extremes[piece], cells.counts.shape
    lines = []
    for x in spread:
        values = {name: np.full(len(cells.counts), centre) for name, centre in cells.shift.items()}
        for j, name in enumerate(cells.village):
            values[name] = cells.values[:, j] + cells.shift[name]
        values[piece] = x
        y = multiplied(model.fixed, values, shape) @ fit.params.to_numpy()
        for name, blups in fit.random_effects.items():
            own = blups[list(model.effects(name))].to_numpy()[cells.groupings[name].codes]
            y += (multiplied([c for one in model.sets(name) for c in one], values, shape) * own).sum(axis=1)
        lines.append(pd.DataFrame({"group": cells.labels, "x": x, "y": y}))
    ends = np.array([spread[0].min(), spread[1].max()])
    centre = {name: np.full(2, value) for name, value in cells.shift.items()} | {piece: ends}
    average = pd.DataFrame({"x": ends, "y": multiplied(model.fixed, centre, ends.shape) @ fit.params.to_numpy()})
    return pd.concat(lines).sort_values("group", kind="stable", ignore_index=True), average


def _predictor(fit: "HLMResult", effect: str) -> str:
    """Find the piece that a random slope multiplies."""
    _grouping(fit, effect, None)
    columns = {column.name: column.pieces for one in fit.model.random for column in one.columns}
    if len(columns[effect]) != 1 or columns[effect][0] in fit.cells.village:
        raise OptionError(f"{effect!r} is not the slope of one household predictor, so there is no line to draw")
    piece = columns[effect][0]
    factors = fit.model.factors.values()
    source = next(factor for factor in factors if piece in factor.pieces)
    others = [f.name for f in factors if f is not source and set(f.columns) & set(source.columns)]
    if others:
        raise OptionError(f"{effect!r} enters the model also as {', '.join(others)}: the relation is not a line")
    return piece


def _grouping(fit: "HLMResult", effect: str, group: str | None) -> str:
    """Find the grouping meant: the named one, or the lowest that has the effect."""
    having = [level.name for level in fit.optimum.blocks.levels if effect in fit.model.effects(level.name)]
    if group in having or (group is None and having):
        return group or having[0]
    listed = "; ".join(f"{name}: {', '.join(fit.model.effects(name))}" for name in fit.model.groupings)
    raise OptionError(f"{effect!r} is not a random effect {f'of {group!r} ' if group else ''}in this model ({listed})")


def _said(name: str, words: Words) -> str:
    plain = say("models.intercept", words.lang) if name == "Intercept" else name
    return words.labels.get(name, plain)


def scale_of(fit: "HLMResult", words: Words) -> str:
    """Name the outcome's unit: the caller's words for it, or that it is the outcome's scale."""
    outcome = fit.model.response
    return words.labels.get(outcome, say("models.scale_of", words.lang, outcome=outcome))


def source_of(fit: "HLMResult", lang: Lang) -> str:
    """Say where a chart's numbers come from: the model, its rows and its groups."""
    groups = fit.ngroups[fit.optimum.blocks.levels[0].name]
    method = say(f"models.{fit.method}", lang)
    return say("models.own_source", lang, method=method, nobs=f"{fit.nobs:,}", groups=f"{groups:,}")
