"""Paragraphs of what compares models: likelihood ratios, tests of variances, families, the specification test."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.models.interpretation.paragraphs.sentences import (
    LEVEL,
    fitted,
    joined,
    listed,
    named,
    per_cent,
    sample,
    tested,
)
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.families import Family
    from povstats.models.inference.compare import Comparison
    from povstats.models.inference.variance_tests import VarianceTests
    from povstats.models.specification import SpecificationTest


def explain_comparison(result: "Comparison", lang: Lang) -> str:
    """Give the paragraph of likelihood-ratio tests."""
    table, fit = result.table, result.fits[-1]
    models = [say("explain.model_n", lang, n=i, formula=name) for i, name in enumerate(table.index, 1)]
    tests = []
    for i, ((_, row), reference) in enumerate(zip(table.iterrows(), result.reference, strict=True), 1):
        if i == 1:
            continue
        drawn = reference.removeprefix("simulated + ")
        shown = drawn if drawn == reference else say("models.simulated", lang, number=drawn)
        key = "explain.compare_better" if row["p"] < LEVEL else "explain.compare_same"
        values = {"n": i, "before": i - 1, "chi2": f"{row['chi2']:.3f}", "reference": shown, "p": tested(row["p"])}
        tests.append(say(key, lang, **values))
    best = int(np.argmin(table["aic"].to_numpy()))
    lowest = {"n": best + 1, "aic": f"{table['aic'].iloc[best]:.2f}"}
    sentences = [
        say("explain.compare_lead", lang, models=say("explain.item_joint", lang).join(models)),
        *sample(fit.rows, fit.ngroups, lang),
        say("explain.compare_definition", lang),
        say(f"models.note_{result.method + '_refitted' * result.refitted}", lang),
        *tests,
        say("explain.compare_mixture", lang) if any("+" in one for one in result.reference) else "",
        say("explain.compare_aic", lang, **lowest),
        say("explain.chosen_after", lang),
    ]
    return joined(sentences, lang)


def explain_variances(result: "VarianceTests", lang: Lang) -> str:
    """Give the paragraph of tests of variances."""
    items = []
    for (group, term), row, reference in zip(
        result.table.index, result.table.itertuples(), result.reference, strict=True
    ):
        drawn = reference.removeprefix("simulated + ")
        shown = drawn if drawn == reference else say("models.simulated", lang, number=drawn)
        effect = say("explain.of_effect", lang, effect=named(term, lang), group=group)
        values = {"effect": effect, "chi2": f"{row.chi2:.3f}", "reference": shown, "p": tested(row.p)}
        items.append(say("explain.variance_item", lang, **values))
    kind = "_simulated" * any(one.startswith("simulated") for one in result.reference)
    sentences = [
        say("explain.variance_lead", lang),
        *fitted(result.fit, lang),
        say(f"models.note_variance_tests{kind}", lang),
        say("explain.variance_values", lang, items=say("explain.item_joint", lang).join(items)),
        say("explain.absence", lang),
    ]
    return joined(sentences, lang)


def explain_family(result: "Family", lang: Lang) -> str:
    """Give the paragraph of a family of tests."""
    table, rejected = result.table, result.rejected.sum()
    used = [fit.nobs for fit in result.fits.values()]
    dropped = [fit.rows.dropped for fit in result.fits.values()]
    models, terms = (list(dict.fromkeys(map(str, table.index.get_level_values(i)))) for i in (0, 1))
    lead = {"tests": len(table), "models": len(models), "terms": listed(terms, lang)}
    most = f"{max(dropped):,}"
    rows = say("explain.family_rows_same", lang, used=f"{used[0]:,}", dropped=most)
    if min(used) < max(used):
        rows = say("explain.family_rows", lang, low=f"{min(used):,}", high=f"{max(used):,}", dropped=most)
    counts = {name: int(rejected[name]) for name in ("single", "holm", "fdr")}
    firm = [
        say("explain.family_item", lang, term=term, model=model, p=tested(row.p_holm))
        for (model, term), row in zip(table.index, table.itertuples(), strict=True)
        if row.p_holm <= result.level
    ]
    sentences = [
        say("explain.family_lead", lang, **lead),
        rows,
        say("models.note_family", lang, number=str(len(table))),
        say("explain.family_counts", lang, level=f"{result.level:g}", **counts),
        say("explain.family_firm", lang, items=listed(firm, lang)) if firm else say("explain.family_none", lang),
        say("explain.absence", lang),
    ]
    return joined(sentences, lang)


def explain_specification(result: "SpecificationTest", lang: Lang) -> str:
    """Give the paragraph of a specification test: what was tested, by which rule, and the decision's reasons."""
    fit, key = result.random_fit, result.decision.replace(" ", "_")
    names = {"decision": say(f"models.spec_decision_{key}", lang), "level": per_cent(result.level, lang, 0)}
    defined = [test for test in result.tests.values() if test.key == "hausman" and test.defined]
    hausman = (
        say("explain.spec_hausman", lang, statistic=f"{test.statistic:.2f}", p=tested(test.pvalue), name=test.reference)
        for test in defined
    )
    sentences = [
        say("explain.spec_lead", lang, formula=result.formula, group=result.group),
        *sample(result.rows, fit.ngroups, lang),
        say("explain.spec_rule", lang, level=names["level"]),
        say("explain.spec_decision", lang, decision=names["decision"]),
        *(note.say(lang) for note in result.reasons),
        *hausman,
        say("models.spec_note_dropped", lang, names=listed(result.dropped, lang)) if result.dropped else "",
        say("explain.chosen_after", lang),
    ]
    return joined(sentences, lang)


__all__ = ["explain_comparison", "explain_family", "explain_specification", "explain_variances"]
