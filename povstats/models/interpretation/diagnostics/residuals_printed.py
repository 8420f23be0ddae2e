"""How residuals print, and the paragraph that says how they lie."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.models.interpretation.effects.logs import in_percent, outcome_is_log
from povstats.models.interpretation.paragraphs.sentences import fitted, joined, named
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.residuals import Residuals

FAR = 3.0
"""Standardised values beyond this are counted."""
FARTHEST = 10


def printed(found: "Residuals", lang: Lang) -> Summary:
    """Print the moments by level, and the groups and rows that lie farthest out."""
    return Summary((_moments(found, lang), _groups(found, lang), _rows(found, lang)))


def paragraph(found: "Residuals", lang: Lang) -> str:
    """Say definition, rows, moments, and what lies far out."""
    fit, sigma = found.fit, found.fit.sigma2**0.5
    known = found.frame["standardised"].dropna()
    far = int((known.abs() > FAR).sum())
    lying = {"far": f"{far:,}", "share": f"{100 * far / max(len(known), 1):.2f}"}
    sentences = [
        *fitted(fit, lang),
        say("diagnostics.residuals_defined", lang, sigma=f"{sigma:.4g}"),
        say("diagnostics.residuals_lie", lang, **lying, **_shape(found.moments.loc[("residual", "")])),
    ]
    if outcome_is_log(fit, None):
        up, down = (f"{float(in_percent(end)):+.1f}" for end in (sigma, -sigma))
        sentences.append(say("diagnostics.residuals_percent", lang, up=up, down=down))
    lost = len(found.frame) - len(known)
    if lost:
        sentences.append(say("diagnostics.residuals_exact", lang, count=f"{lost:,}"))
    sentences.append(say("diagnostics.effects_defined", lang))
    return joined([*sentences, *(_effect(found, (group, term), lang) for group, term in found.moments.index[1:])], lang)


def _shape(row: pd.Series) -> dict[str, str]:
    return {name: _number(row[name]) for name in ("sd", "skewness", "kurtosis")}


def _effect(found: "Residuals", key: tuple[str, str], lang: Lang) -> str:
    """Say how the effects of one grouping lie."""
    group, term = key
    row, name = found.moments.loc[key], named(term, lang)
    if np.isnan(row["sd"]):
        return say("diagnostics.effects_none", lang, group=group, effect=name)
    values = found.levels[group][f"std({term})"]
    at = values.abs().idxmax()
    return say(
        "diagnostics.effects_lie",
        lang,
        group=group,
        effect=name,
        n=f"{row['n']:,.0f}",
        farthest=str(at),
        value=_number(values[at]),
        **_shape(row),
    )


def _number(value: float) -> str:
    return "—" if np.isnan(value) else f"{value:.2f}"


def _moments(found: "Residuals", lang: Lang) -> Grid:
    rows = []
    for (group, term), row in found.moments.iterrows():
        first = say("diagnostics.row_residuals", lang) if group == "residual" else group
        numbers = (_number(row[name]) for name in ("sd", "skewness", "kurtosis", "low", "high"))
        rows.append((first, named(term, lang), f"{row['n']:,.0f}", *numbers))
    head = ("", "", *(say(f"diagnostics.{key}", lang) for key in ("count", "sd", "skewness", "kurtosis")))
    head += (say("diagnostics.lowest", lang), say("diagnostics.highest", lang))
    notes = (say("diagnostics.note_moments", lang),)
    return Grid(say("diagnostics.residuals_title", lang), head, tuple(rows), notes, words=2)


def _groups(found: "Residuals", lang: Lang) -> Grid:
    """List the groups with the largest distance."""
    frames = [frame.assign(group=name) for name, frame in found.levels.items()]
    every = pd.concat([frame[["group", "mahalanobis", "df"]] for frame in frames]).dropna()
    most = every.sort_values("mahalanobis", ascending=False, kind="stable").head(FARTHEST)
    rows = [(row.group, str(row.Index), f"{row.mahalanobis:.2f}", f"{row.df}") for row in most.itertuples()]
    head = ("", "", say("diagnostics.distance", lang), say("general.dof", lang))
    note = say("diagnostics.note_distance", lang)
    return Grid(say("diagnostics.groups_title", lang), head, tuple(rows), (note,), words=2)


def _rows(found: "Residuals", lang: Lang) -> Grid:
    """List the rows with the largest standardised residual."""
    size = found.frame["standardised"].abs()
    places = np.argsort(-size.fillna(-1).to_numpy(), kind="stable")[:FARTHEST]
    lowest = found.fit.optimum.blocks.levels[0].name
    rows = []
    for label, row in zip(found.frame.index[places], found.frame.iloc[places].to_dict("records"), strict=True):
        numbers = (f"{row[name]:.4g}" for name in ("fitted", "residual"))
        rows.append((str(label), str(row[lowest]), *numbers, _number(row["standardised"])))
    keys = ("fitted", "residual", "standardised")
    head = (say("diagnostics.row", lang), lowest, *(say(f"diagnostics.{key}", lang) for key in keys))
    return Grid(say("diagnostics.rows_title", lang), head, tuple(rows), words=2)
