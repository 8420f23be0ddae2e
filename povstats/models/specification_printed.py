"""The decision of a specification test and its sentences, and how the test prints."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from povstats.models.notes import Note
from povstats.models.specification_tested import Tested
from povstats.models.summary import decimals, pvalue
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.specification import SpecificationTest

Decision = Literal["fixed", "random", "random slope", "undecided"]


def decided(tests: Mapping[str, Tested], level: float, group: str) -> tuple[Decision, list[Note]]:
    """Apply the rule of SpecificationTest to the tests."""
    robust, classical = tests["mundlak"], tests["mundlak_classical"]
    basis = robust if robust.defined else classical
    slopes = [test for test in tests.values() if test.key == "slope" and test.defined]
    vary = [test for test in slopes if test.pvalue < level]
    told = [_slope("spec_vary" if test in vary else "spec_steady", test) for test in slopes]
    if not basis.defined:
        assert basis.reason is not None
        return "undecided", [basis.reason, *told]
    values = {
        "statistic": f"{basis.statistic:.2f}",
        "reference": basis.reference,
        "p": relation(basis.pvalue),
        "level": f"{level:g}",
        "group": group,
    }
    covariance = [] if robust.defined else [robust.reason] if robust.reason is not None else []
    if basis.pvalue < level:
        kept = [Note("models.spec_both", {"slopes": ", ".join(test.term for test in vary)})] if vary else []
        return "fixed", [Note("models.spec_fixed", values), *covariance, *told, *kept]
    return ("random slope" if vary else "random"), [Note("models.spec_random", values), *covariance, *told]


def relation(p: float) -> str:
    """Write a p-value with its sign of relation: "< 0.001" or "= 0.020"."""
    return "< 0.001" if p < 0.001 else f"= {pvalue(p)}"


def because(reasons: Sequence[Note], lang: Lang) -> str:
    """Join the sentences for a decision."""
    return ("" if lang == "zh" else " ").join(note.say(lang) for note in reasons)


def printed(test: "SpecificationTest", lang: Lang) -> Summary:
    """Print the decision, the tests, the Mundlak terms, and the estimators side by side."""
    grids = [_head(test, lang), _tests(test, lang)]
    if len(test.terms):
        grids.append(_terms(test, lang))
    return Summary((*grids, _estimates(test, lang)))


def _slope(key: str, test: Tested) -> Note:
    return Note(f"models.{key}", {"slope": test.term, "p": relation(test.pvalue), "reference": test.reference})


def _head(test: "SpecificationTest", lang: Lang) -> Grid:
    key = test.decision.replace(" ", "_")
    rows = (
        (say("models.formula", lang), test.formula),
        (say("models.spec_group", lang), test.group),
        (say("models.nobs", lang), f"{test.rows.used:,}"),
        (say("models.spec_decision", lang), say(f"models.spec_decision_{key}", lang)),
    )
    return Grid(say("models.spec_title", lang), (), rows, (because(test.reasons, lang),), words=2)


def _tests(test: "SpecificationTest", lang: Lang) -> Grid:
    head = ("", say("models.spec_statistic", lang), say("models.spec_reference", lang), say("general.pvalue", lang))
    rows, notes = [], []
    for one in test.tests.values():
        name = say(f"models.spec_{one.key}", lang, term=one.term) if one.term else say(f"models.spec_{one.key}", lang)
        if one.reason is not None:
            rows.append((name, "—", "—", "—"))
            notes.append(f"{name}{'：' if lang == 'zh' else ': '}{one.reason.say(lang)}")
        else:
            rows.append((name, f"{one.statistic:.3f}", one.reference, pvalue(one.pvalue)))
    return Grid(say("models.spec_tests", lang), head, tuple(rows), tuple(dict.fromkeys(notes)))


def _terms(test: "SpecificationTest", lang: Lang) -> Grid:
    head = ("", say("general.estimate", lang), say("models.spec_se_robust", lang), say("models.spec_se_model", lang))
    rows = []
    for name, row in test.terms.iterrows():
        digits = decimals(row["se_robust"])
        rows.append((str(name), *(f"{row[key]:.{digits}f}" for key in ("estimate", "se_robust", "se_model"))))
    notes = [say("models.spec_note_terms", lang)]
    if test.dropped:
        notes.append(say("models.spec_note_dropped", lang, names=", ".join(test.dropped)))
    return Grid(say("models.spec_terms", lang), head, tuple(rows), tuple(notes))


def _estimates(test: "SpecificationTest", lang: Lang) -> Grid:
    names = [str(name) for name in test.estimates if not str(name).startswith("se(")]
    rows = []
    for term, row in test.estimates.iterrows():
        errors = [row[f"se({name})"] for name in names]
        digits = decimals(float(np.min(errors)))
        cells = (f"{row[name]:.{digits}f} ({se:.{digits}f})" for name, se in zip(names, errors, strict=True))
        rows.append((str(term), *cells))
    head = ("", *(say(f"models.spec_{name}_estimate", lang) for name in names))
    return Grid(say("models.spec_estimates", lang), head, tuple(rows), (say("models.spec_note_estimates", lang),))
