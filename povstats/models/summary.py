"""How a fitted model and a comparison of models print."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def summarise(fit: "HLMResult", lang: Lang) -> Summary:
    """Print a fitted model: what it is, coefficients, variance components, notes."""
    return Summary((_head(fit, lang), _coefficients(fit, lang), _components(fit, lang)))


def compared(table: pd.DataFrame, reference: tuple[str, ...], method: str, lang: Lang) -> Summary:
    """Print likelihood-ratio tests: the models by formula, then the numbers."""
    names = tuple(f"({i})" for i in range(1, len(table) + 1))
    models = Grid(say("models.compare_title", lang), (), tuple(zip(names, map(str, table.index), strict=True)), words=2)
    head = ("", *(say(f"models.{key}", lang) for key in ("nparams", "loglik", "aic", "bic", "chi2")))
    head += (say("general.dof", lang), say("general.pvalue", lang), say("models.p_chi2", lang))
    rows = []
    for name, (_, row) in zip(names, table.iterrows(), strict=True):
        tested = [f"{row['chi2']:.3f}", f"{row['df']:.0f}", pvalue(row["p"]), pvalue(row["p_chi2"])]
        fits = [f"{row['nparams']:.0f}", f"{row['loglik']:.3f}", f"{row['aic']:.2f}", f"{row['bic']:.2f}"]
        rows.append((name, *fits, *(["", "", "", ""] if np.isnan(row["chi2"]) else tested)))
    notes = [say(f"models.note_{method}", lang)]
    notes += [
        say("models.note_simulated", lang, name=name, number=named.split("+ ")[1])
        if named.startswith("simulated")
        else say("models.note_mixture", lang, name=name, reference=named)
        for name, named in zip(names, reference, strict=True)
        if "+" in named
    ]
    return Summary((models, Grid("", head, tuple(rows), tuple(notes))))


def number(value: float) -> str:
    """Print a variance: four decimals, or four significant digits where it is small."""
    return f"{value:.4f}" if abs(value) >= 0.01 or value == 0 else f"{value:.4g}"


def decimals(se: float) -> int:
    """Choose the decimals of a coefficient's row: three digits of its standard error, at least four decimals."""
    return int(np.clip(2 - np.floor(np.log10(se)), 4, 12)) if se > 0 else 4


def pvalue(value: float) -> str:
    """Print a p-value; below 0.001 as a bound."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _head(fit: "HLMResult", lang: Lang) -> Grid:
    groups = ", ".join(f"{name} {count:,}" for name, count in fit.ngroups.items())
    rows = [
        (say("models.formula", lang), fit.formula),
        (say("models.method", lang), say(f"models.{fit.method}", lang)),
        (say("models.nobs", lang), f"{fit.nobs:,}"),
        (say("models.ngroups", lang), groups),
        (say("models.loglik", lang), f"{fit.loglik:.4f}"),
        (say("models.aic_bic", lang), f"{fit.aic:.2f} / {fit.bic:.2f}"),
        (say("models.status", lang), say(f"models.status_{fit.status}", lang)),
    ]
    notes = []
    if fit.rows.dropped:
        told = ", ".join(f"{column} {count:,}" for column, count in fit.rows.missing.items())
        read, dropped = f"{fit.rows.read:,}", f"{fit.rows.dropped:,}"
        notes.append(say("models.note_dropped", lang, read=read, dropped=dropped, columns=told))
    for factor in fit.model.factors.values():
        if factor.levels is not None and any("[T." in term for term in fit.params.index if factor.name in term):
            reference = factor.levels[0][len(factor.name) + 1 : -1]
            notes.append(say("models.note_reference", lang, column=factor.columns[0], level=reference))
    notes += [note.say(lang) for note in fit.notes]
    return Grid(say("models.title", lang), (), tuple(rows), tuple(notes), words=2)


def _coefficients(fit: "HLMResult", lang: Lang) -> Grid:
    ends = fit.conf_int()
    keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
    rows = []
    for term in fit.params.index:
        name = say("models.intercept", lang) if term == "Intercept" else str(term)
        dof = "∞" if np.isinf(fit.dof[term]) else f"{fit.dof[term]:.1f}"
        digits = decimals(fit.std_errors[term])
        four = (fit.params[term], fit.std_errors[term], ends.low[term], ends.high[term])
        estimate, se, low, high = (f"{value:.{digits}f}" for value in four)
        numbers = (estimate, se, dof, f"{fit.tstats[term]:.2f}")
        rows.append((name, *numbers, pvalue(fit.pvalues[term]), low, high))
    head = ("", *(say(f"general.{key}", lang) for key in keys))
    return Grid(say("models.fixed", lang), head, tuple(rows), (say(f"models.note_{fit.df_method}", lang),))


def _components(fit: "HLMResult", lang: Lang) -> Grid:
    head = ("", "", say("models.variance", lang), say("models.sd", lang), say("models.correlation", lang))
    rows = []
    for name, cov in fit.random_cov.items():
        sd = np.sqrt(np.diag(cov))
        for i, effect in enumerate(cov.index):
            said = say("models.intercept", lang) if effect == "Intercept" else str(effect)
            links = [cov.iloc[i, j] / (sd[i] * sd[j]) if sd[i] * sd[j] > 0 else np.nan for j in range(i)]
            free = _together(fit, name, i)
            shown = " ".join("—" if np.isnan(link) else f"{link:.2f}" for j, link in enumerate(links) if j in free)
            rows.append((name if i == 0 else "", said, number(cov.iloc[i, i]), number(sd[i]), shown))
    rows.append((say("models.residual", lang), "", number(fit.sigma2), number(fit.sigma2**0.5), ""))
    notes = (say("models.note_icc", lang, icc=f"{fit.icc():.3f}"),)
    return Grid(say("models.random", lang), head, tuple(rows), notes, words=2)


def _together(fit: "HLMResult", group: str, place: int) -> set[int]:
    """Give the effects of a grouping that are correlated with effect number `place`."""
    start = 0
    for columns in fit.model.sets(group):
        if place < start + len(columns):
            return set(range(start, start + len(columns)))
        start += len(columns)
    return set()
