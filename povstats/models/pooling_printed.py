"""How a pooled model prints, its rows in the nine-column frame, and the paragraph that defends it."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.models.interpretation.paragraphs.readings import Tests, reading_sentences, scale_sentences
from povstats.models.summary import decimals, number, pvalue
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.pooling_result import PooledResult

SHARE = 100
"""White, Royston & Wood (2011): as many imputations as the largest fraction of missing information has per cent."""


def tidied(pooled: "PooledResult") -> list[dict[str, object]]:
    """List coefficients, components, missing information and counts, one row each."""
    ends = pooled.conf_int()
    rows: list[dict[str, object]] = [
        {
            "measure": "coef",
            "term": term,
            "estimate": pooled.params[term],
            "se": pooled.std_errors[term],
            "df": pooled.dof[term],
            "p": pooled.pvalues[term],
            "low": ends.low[term],
            "high": ends.high[term],
        }
        for term in pooled.params.index
    ]
    known = pooled.components[pooled.components["estimate"].notna()]
    for (measure, group, term), row in zip(known.index, known.itertuples(), strict=True):
        numbers = {name: getattr(row, name) for name in ("estimate", "se", "df", "low", "high")}
        rows.append({"measure": measure, "group": group, "term": term, **numbers})
        if measure == "correlation":
            both = {"measure": "covariance", "group": group, "term": term}
            rows.append(both | {"estimate": _covariance(pooled, group, term)})
    for measure, values in (("fmi", pooled.fmi), ("riv", pooled.riv)):
        rows += [{"measure": measure, "term": term, "estimate": values[term]} for term in values.index]
    rows.append({"measure": "imputations", "estimate": pooled.m})
    rows.append({"measure": "nobs", "estimate": pooled.nobs})
    return rows + [{"measure": "ngroups", "group": name, "estimate": n} for name, n in pooled.ngroups.items()]


def _covariance(pooled: "PooledResult", group: str, term: str) -> float:
    """Put a covariance together from the pooled correlation and variances."""
    estimate = pooled.components["estimate"]
    names = [key[2] for key in pooled.components.index if key[:2] == ("variance", group)]
    a, b = next((a, b) for a in names for b in names if f"{a}, {b}" == term)
    spread = estimate[("variance", group, a)] * estimate[("variance", group, b)]
    return float(estimate[("correlation", group, term)] * np.sqrt(spread))


def printed(pooled: "PooledResult", lang: Lang) -> Summary:
    """Print what was pooled, coefficients, components."""
    return Summary((_head(pooled, lang), _coefficients(pooled, lang), _components(pooled, lang)))


def _head(pooled: "PooledResult", lang: Lang) -> Grid:
    rows = (
        (say("models.formula", lang), pooled.formula),
        (say("models.method", lang), say(f"pool.method_{pooled.method}", lang)),
        (say("pool.imputations", lang), f"{pooled.m:,}"),
        (say("models.nobs", lang), f"{pooled.nobs:,}"),
        (say("models.ngroups", lang), ", ".join(f"{name} {count:,}" for name, count in pooled.ngroups.items())),
    )
    return Grid(say("pool.title", lang), (), rows, tuple(note.say(lang) for note in pooled.notes), words=2)


def _coefficients(pooled: "PooledResult", lang: Lang) -> Grid:
    ends, rows = pooled.conf_int(), []
    for term in pooled.params.index:
        digits = decimals(pooled.std_errors[term])
        four = (pooled.params[term], pooled.std_errors[term], ends.low[term], ends.high[term])
        estimate, se, low, high = (f"{value:.{digits}f}" for value in four)
        dof = "∞" if np.isinf(pooled.dof[term]) else f"{pooled.dof[term]:.1f}"
        tested = (dof, f"{pooled.tstats[term]:.2f}", pvalue(pooled.pvalues[term]))
        missing = (f"{pooled.riv[term]:.3f}", f"{pooled.fmi[term]:.3f}")
        rows.append((_said(term, lang), estimate, se, *tested, low, high, *missing))
    keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
    head = ("", *(say(f"general.{key}", lang) for key in keys), say("pool.riv", lang), say("pool.fmi", lang))
    return Grid(say("models.fixed", lang), head, tuple(rows), (say("pool.note_columns", lang),))


def _components(pooled: "PooledResult", lang: Lang) -> Grid:
    rows = []
    for (measure, group, term), row in zip(pooled.components.index, pooled.components.itertuples(), strict=True):
        told = [say("models.residual" if group == "residual" else f"pool.{measure}", lang), group, _said(term, lang)]
        if group == "residual":
            told[1] = ""
        ends = ("", "") if np.isnan(row.low) else (number(row.low), number(row.high))
        fmi = "" if np.isnan(row.fmi) else f"{row.fmi:.3f}"
        estimate = "" if np.isnan(row.estimate) else number(row.estimate)
        rows.append((*told, estimate, *ends, fmi, say(f"pool.scale_{row.scale}", lang)))
    head = ("", "", "", *(say(f"general.{key}", lang) for key in ("estimate", "low", "high")))
    head += (say("pool.fmi", lang), say("pool.scale", lang))
    return Grid(say("models.random", lang), head, tuple(rows), words=3)


def _said(term: str, lang: Lang) -> str:
    """Name the intercept in words, also where it stands in a pair."""
    return say("models.intercept", lang).join(term.split("Intercept"))


def paragraph(pooled: "PooledResult", lang: Lang) -> str:
    """Say what was pooled, by which rules, how far missing values weigh, and how the components were pooled."""
    groups = say("pool.list_joint", lang).join(
        say("pool.counted", lang, name=name, count=f"{count:,}") for name, count in pooled.ngroups.items()
    )
    counts = {"m": f"{pooled.m:,}", "nobs": f"{pooled.nobs:,}", "groups": groups, "formula": pooled.formula}
    found = [say("pool.what", lang, method=say(f"pool.method_{pooled.method}", lang), **counts)]
    found.append(say("pool.rules", lang))
    found.append(say("pool.degrees", lang, df=say(f"pool.df_{pooled.df_method}", lang)))
    found += [*_missing(pooled, lang), *_reading(pooled, lang)]
    found += [note.say(lang) for note in pooled.notes if note.key != "pool.note_complete"]
    return say("pool.sentence_joint", lang).join(found)


def _missing(pooled: "PooledResult", lang: Lang) -> list[str]:
    """Say how much information is missing, and whether the imputations are enough."""
    most = float(pooled.fmi.max())
    term = _said(str(pooled.fmi.idxmax()), lang)
    needed = int(np.ceil(SHARE * most))
    key = "pool.enough" if pooled.m >= needed else "pool.too_few"
    return [
        say("pool.missing", lang, term=term, share=f"{100 * most:.0f}", increase=f"{100 * pooled.riv.max():.0f}"),
        say(key, lang, needed=f"{needed:,}", m=f"{pooled.m:,}"),
    ]


def _reading(pooled: "PooledResult", lang: Lang) -> list[str]:
    """Read the coefficients in words: per cent where the outcome is a logarithm."""
    model = getattr(pooled.fits[0], "model", None)
    if model is None:
        return []
    tests = Tests(pooled.params, pooled.std_errors, pooled.pvalues, pooled.conf_int())
    return [*scale_sentences(model, lang), *reading_sentences(model, tests, lang)]
