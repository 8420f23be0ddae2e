"""The paragraph that defends a fitted model."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from povstats.models.interpretation.paragraphs.readings import (
    Tests,
    conditions,
    logged,
    meaning_of,
    outcome_of,
    reading_sentences,
    scale_sentences,
)
from povstats.models.interpretation.paragraphs.sentences import joined, listed, named, per_cent, sample, tested
from povstats.models.summary import decimals, number
from povstats.models.weights import sampled
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.models.within_result import WithinResult

WHOLE = 1e-8
"""Distance of a correlation from ±1 below which it is called exact."""


def explain(fit: "HLMResult", lang: Lang | None = None) -> str:
    """Give the paragraph that defends the model before a referee or an auditor.

    Outcome and method, rows and groups and which rows were left out, fixed part, random part, shares of variance, the
    coefficients with p < 0.05 in words (per cent where the outcome is a logarithm: 100(exp b − 1), the ends of the
    interval in the same way), status and notes. It speaks of association, never of causes.

    Parameters
    ----------
    lang : "zh" or "en"; without it the language set by povstats.language().
    """
    spoken = lang or language()
    method = "pseudo" if sampled(fit.cells, fit.optimum.blocks.levels) else fit.method
    lead = {"outcome": outcome_of(fit.model), "formula": fit.formula}
    tests = Tests(fit.params, fit.std_errors, fit.pvalues, fit.conf_int())
    sentences = [
        say("explain.lead", spoken, method=say(f"explain.method_{method}", spoken), **lead),
        *sample(fit.rows, fit.ngroups, spoken),
        say("explain.definition", spoken),
        _fixed(fit, spoken),
        *_random(fit, spoken),
        *_shares(fit, spoken),
        say(f"models.note_{fit.df_method}", spoken),
        *scale_sentences(fit.model, spoken),
        *reading_sentences(fit.model, tests, spoken, frozenset(fit.cells.village)),
        say("explain.status", spoken, status=say(f"models.status_{fit.status}", spoken)),
        *(note.say(spoken) for note in fit.notes),
    ]
    return joined(sentences, spoken)


def _fixed(fit: "HLMResult", lang: Lang) -> str:
    names = [str(term) for term in fit.params.index if term != "Intercept"]
    if not names:
        return say("explain.fixed_none", lang, value=number(float(fit.params.iloc[0])))
    kind = "fixed_intercept" if len(names) < len(fit.params) else "fixed_bare"
    return say(f"explain.{kind}", lang, count=len(names), names=listed(names, lang))


def _random(fit: "HLMResult", lang: Lang) -> list[str]:
    """Say what varies between groups, how much, and how the effects go together."""
    found = []
    for group, cov in fit.random_cov.items():
        sd = np.sqrt(np.diag(cov))
        effects = [_effect(fit, str(term), float(sd[i]), lang) for i, term in enumerate(cov.index)]
        found.append(say("explain.random", lang, group=group, effects=say("explain.item_joint", lang).join(effects)))
        for columns in fit.model.sets(group):
            names = [column.name for column in columns]
            pairs = [(a, b) for j, b in enumerate(names) for a in names[:j]]
            links = [_link(fit, group, a, b, lang) for a, b in pairs]
            if any(links):
                found.append(say("explain.links", lang, links=listed([link for link in links if link], lang)))
    return [*found, say("explain.residual", lang, sd=number(fit.sigma2**0.5))]


def _effect(fit: "HLMResult", term: str, sd: float, lang: Lang) -> str:
    """Describe one effect; of a slope also between which values it lies in 95 per cent of the groups."""
    if term == "Intercept" or term not in fit.params.index:
        return say("explain.effect", lang, name=named(term, lang), sd=number(sd))
    half, average, digits = float(ndtri(0.975)) * sd, float(fit.params[term]), decimals(sd)
    column = next(column for column in fit.model.fixed if column.name == term)
    at = conditions(fit.model, meaning_of(fit.model), column, lang)
    values = {"sd": sd, "average": average, "low": average - half, "high": average + half}
    words = {name: f"{value:.{digits}f}" for name, value in values.items()}
    where = say("explain.where_clause", lang, conditions=listed(at, lang)) if at else ""
    return say("explain.effect_slope", lang, name=term, where=where, **words)


def _link(fit: "HLMResult", group: str, one: str, other: str, lang: Lang) -> str:
    cov = fit.random_cov[group]
    scale = float(cov.loc[one, one] * cov.loc[other, other])
    if not scale > 0:
        return ""
    r = float(cov.loc[one, other] / scale**0.5)
    shown = f"{np.sign(r):+.0f}" if 1 - abs(r) < WHOLE else f"{r:.2f}"
    return say("explain.link", lang, one=named(one, lang), other=named(other, lang), r=shown)


def _shares(fit: "HLMResult", lang: Lang) -> list[str]:
    r2 = fit.r2()
    values = {"icc": f"{fit.icc():.3f}", "share": per_cent(fit.icc(), lang)}
    fixed, both = per_cent(r2["marginal"], lang), per_cent(r2["conditional"], lang)
    return [say("explain.icc", lang, **values), say("explain.r2", lang, fixed=fixed, both=both)]


def explain_within(fit: "WithinResult", lang: Lang) -> str:
    """Give the paragraph of a fixed-effects model."""
    test = fit.effects_test
    inference = "within_classical" if fit.cov_type == "classical" else "within_cr1"
    equal = {"f": f"{test.statistic:.2f}", "df": f"{test.df:.0f}", "df2": f"{test.df2:.0f}", "p": tested(test.pvalue)}
    quantity = logged(fit.model) or outcome_of(fit.model)
    sentences = [
        say("explain.within_lead", lang, outcome=outcome_of(fit.model), group=fit.group, formula=fit.formula),
        *sample(fit.rows, fit.ngroups, lang),
        say("explain.within_definition", lang, group=fit.group),
        say("explain.fixed_bare", lang, count=len(fit.params), names=listed(list(map(str, fit.params.index)), lang)),
        say("explain.within_share", lang, share=per_cent(fit.rsquared, lang), outcome=quantity),
        say("explain.within_equal", lang, **equal),
        say(f"models.{inference}", lang, count=f"{fit.nclusters:,}"),
        *scale_sentences(fit.model, lang),
        *reading_sentences(fit.model, Tests(fit.params, fit.std_errors, fit.pvalues, fit.conf_int()), lang),
        *(note.say(lang) for note in fit.notes),
    ]
    return joined(sentences, lang)


__all__ = ["explain", "explain_within"]
