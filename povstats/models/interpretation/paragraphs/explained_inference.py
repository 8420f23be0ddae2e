"""Paragraphs of what is inferred from a fit: robust errors, joint tests, profiles, the bootstrap."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.models.interpretation.paragraphs.readings import Tests, reading_sentences, scale_sentences
from povstats.models.interpretation.paragraphs.sentences import (
    LEVEL,
    degrees,
    fitted,
    joined,
    listed,
    named,
    per_cent,
    tested,
)
from povstats.models.summary import number
from povstats.models.weights import FEW
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.inference.bootstrap_result import BootstrapResult
    from povstats.models.inference.joint import JointTest
    from povstats.models.inference.profile import ProfileResult
    from povstats.models.inference.robust_result import RobustResult


def explain_robust(result: "RobustResult", lang: Lang) -> str:
    """Give the paragraph of cluster-robust tests."""
    fit = result.fit
    lead = {"kind": result.kind, "cluster": result.cluster, "count": f"{result.nclusters:,}"}
    ratio = result.std_errors / fit.std_errors
    ends = {"low": f"{ratio.min():.2f}", "high": f"{ratio.max():.2f}"}
    tests = Tests(result.params, result.std_errors, result.pvalues, result.conf_int())
    sentences = [
        say("explain.robust_lead", lang, **lead),
        *fitted(fit, lang),
        say("explain.robust_formula", lang),
        say(f"explain.robust_{result.kind}", lang),
        *(note.say(lang) for note in result.notes),
        say("explain.robust_ratio", lang, **ends),
        *_verdicts(result, lang),
        *scale_sentences(fit.model, lang),
        *reading_sentences(fit.model, tests, lang, frozenset(fit.cells.village)),
    ]
    return joined(sentences, lang)


def _verdicts(result: "RobustResult", lang: Lang) -> list[str]:
    """Say which tests come out otherwise than the model's own."""
    own, robust = result.fit.pvalues, result.pvalues
    changed = [term for term in own.index if (own[term] < LEVEL) != (robust[term] < LEVEL)]
    if not changed:
        return [say("explain.robust_same", lang)]
    items = [
        say("explain.robust_item", lang, term=named(term, lang), own=tested(own[term]), robust=tested(robust[term]))
        for term in changed
    ]
    return [say("explain.robust_changed", lang, items=listed(items, lang))]


def explain_joint(result: "JointTest", lang: Lang) -> str:
    """Give the paragraph of an F test."""
    values = {"f": f"{result.statistic:.3f}", "ndf": result.ndf, "ddf": degrees(result.ddf)}
    verdict = "joint_rejected" if result.pvalue < LEVEL else "joint_kept"
    sentences = [
        say("explain.joint_lead", lang, terms=listed([named(term, lang) for term in result.terms], lang)),
        *([] if result.fit is None else fitted(result.fit, lang)),
        *(note.say(lang) for note in result.notes),
        say("explain.joint_value", lang, p=tested(result.pvalue), **values),
        say(f"explain.{verdict}", lang),
    ]
    return joined(sentences, lang)


def explain_profile(result: "ProfileResult", lang: Lang) -> str:
    """Give the paragraph of profile-likelihood intervals."""
    table, level = result.table, f"{100 * result.level:g}"
    away, open_ends, spreads = list[str](), list[str](), list[str]()
    for (measure, group, term), row in zip(table.index, table.itertuples(), strict=True):
        ends = {"low": number(row.low), "high": number(row.high)}
        if measure == "coef":
            if (row.low > 0) == (row.high > 0) and term != "Intercept":
                away.append(say("explain.interval", lang, name=term, **ends))
            continue
        shown = term.replace("Intercept", say("models.intercept", lang)).replace(", ", say("explain.and_joint", lang))
        name = say(f"models.profile_{measure}", lang)
        if group:
            name = say("explain.profile_name", lang, measure=name, effect=shown, group=group)
        spreads.append(say("explain.interval", lang, name=name, **ends))
        if row.low_open or row.high_open:
            open_ends.append(name)
    sentences = [
        say("explain.profile_lead", lang, level=level),
        *fitted(result.fit, lang),
        say(f"models.note_profile_{result.method}", lang),
        say("explain.profile_away", lang, items=listed(away, lang)) if away else "",
        say("explain.profile_spreads", lang, items=say("explain.item_joint", lang).join(spreads)) if spreads else "",
        say("explain.profile_open", lang, names=say("explain.item_joint", lang).join(open_ends)) if open_ends else "",
    ]
    return joined(sentences, lang)


def explain_bootstrap(result: "BootstrapResult", lang: Lang) -> str:
    """Give the paragraph of a bootstrap."""
    fit, terms = result.fit, result.fit.params.index
    ratio = result.std_errors[terms] / fit.std_errors
    values = {"n": f"{result.n:,}", "failures": f"{result.failures:,}"}
    ends = {"low": f"{ratio.min():.2f}", "high": f"{ratio.max():.2f}"}
    drawn = fit.optimum.blocks.levels[-1]
    few = {"clusters": str(drawn.slots), "group": drawn.name, "least": str(FEW)}
    sentences = [
        say("explain.boot_lead", lang, kind=say(f"models.boot_{result.kind}", lang), **values),
        *fitted(fit, lang),
        say(f"models.boot_note_{'wild' if result.kind == 'wild' else 'refits'}", lang),
        say("explain.boot_ratio", lang, **ends),
        "" if result.kind == "wild" else say("explain.boot_boundary", lang, share=per_cent(result.boundary, lang)),
        say("models.boot_few", lang, **few) if result.kind == "cluster" and drawn.slots < FEW else "",
        *_intervals(result, lang),
    ]
    return joined(sentences, lang)


def _intervals(result: "BootstrapResult", lang: Lang) -> list[str]:
    """Name the coefficients whose interval leaves zero out, and those whose interval holds it."""
    ends, away, near = result.conf_int(), list[str](), list[str]()
    for term in result.fit.params.index:
        low, high = ends.low[term], ends.high[term]
        words = {"name": named(term, lang), "low": number(low), "high": number(high)}
        p = None if result.pvalues is None else result.pvalues[term]
        shown = say("explain.interval", lang, **words)
        if p is not None:
            shown = say("explain.interval_p", lang, interval=shown, p=tested(p))
        (away if np.sign(low) == np.sign(high) else near).append(shown)
    between = say("explain.item_joint", lang)
    return [
        say("explain.boot_away", lang, items=between.join(away)) if away else "",
        say("explain.boot_near", lang, items=between.join(near)) if near else "",
    ]


__all__ = ["explain_bootstrap", "explain_joint", "explain_profile", "explain_robust"]
