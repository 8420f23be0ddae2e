"""Inequality and curves of Viet Nam 1998: measures with their errors, curves, dominance, conventions. Real data."""

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.datasets import poverty_line, vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.poverty import (
    Curve,
    Dominance,
    Estimates,
    atkinson,
    dominance,
    generalized_entropy,
    gini,
    headcount,
    lorenz,
    median,
    mld,
    palma,
    pens_parade,
    quantile_ratio,
    s_gini,
    share_ratio,
    theil,
    tip_curve,
)
from povstats.survey import Design
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "31_inequality_and_curves"
VIETNAM = ("examples/vietnam_1998/source.toml", "examples/vietnam_1998/line.toml")
WELFARE = "expenditure_per_head"
DESIGN = Design(strata="urban", psu="commune")
KEPT: dict[str, Any] = {"design": DESIGN, "size": "household_size"}
LINES = (800.0, 4000.0)
PAIRS = (("urban", ("yes", "no")), ("farm", ("no", "yes")), ("sex", ("female", "male")))


@exhibit("inequality-measures", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def measures(lang: Lang) -> "Table":
    """Estimate the measures of inequality for all, and for urban and rural persons."""
    from povstats.tables import Table

    cells, index = [], []
    for key, (verb, options) in MEASURES.items():
        found = [
            verb(vietnam_1998(), WELFARE, **options, **KEPT),
            verb(vietnam_1998(), WELFARE, by="urban", **options, **KEPT),
        ]
        index.append(say(f"inequality.{key}", lang))
        cells.append(
            [_cell(found[0], 0), *(_cell(found[1], list(found[1].estimate.index).index(at)) for at in ("yes", "no"))]
        )
    heads = [say(f"standards.place_{place}", lang) for place in ("all", "yes", "no")]
    notes = (say("inequality.note_measures", lang), say("vietnam.source", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("inequality.measures", lang), notes, lang)


MEASURES: dict[str, tuple[Any, dict[str, Any]]] = {
    "gini": (gini, {}),
    "s_gini": (s_gini, {"nu": 3.0}),
    "mld": (mld, {}),
    "theil": (theil, {}),
    "ge2": (generalized_entropy, {"alpha": 2.0}),
    "atkinson_half": (atkinson, {"epsilon": 0.5}),
    "atkinson_one": (atkinson, {"epsilon": 1.0}),
    "p90_p10": (quantile_ratio, {"p": (0.9, 0.1)}),
    "p50_p10": (quantile_ratio, {"p": (0.5, 0.1)}),
    "s80_s20": (share_ratio, {}),
    "palma": (palma, {}),
}


def _cell(found: Estimates, at: int) -> str:
    return f"{float(found.estimate.iloc[at]):.4f} ({float(found.se.iloc[at]):.4f})"


@exhibit("inequality-lorenz", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def lorenz_curve(lang: Lang) -> "Figure":
    """Draw the Lorenz curves of urban and rural persons."""
    return _drawn(curves()["lorenz"], lang, "lorenz")


@exhibit("inequality-generalised", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def generalised(lang: Lang) -> "Figure":
    """Draw the generalised Lorenz curves."""
    return _drawn(curves()["generalised"], lang, "generalised")


@exhibit("inequality-tip", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def tip(lang: Lang) -> "Figure":
    """Draw the TIP curves at the official line."""
    return _drawn(curves()["tip"], lang, "tip")


@exhibit("inequality-parade", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def parade(lang: Lang) -> "Figure":
    """Draw Pen's parades."""
    return _drawn(curves()["parade"], lang, "parade")


def _drawn(curve: Curve, lang: Lang, key: str) -> "Figure":
    return curve.plot(
        lang=lang,
        title=say(f"inequality.{key}", lang),
        source=say("inequality.source", lang),
        unit=say("inequality.unit", lang),
        labels={at: say(f"standards.place_{at}", lang) for at in ("yes", "no")},
    )


@exhibit("inequality-dominance", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def dominance_drawn(lang: Lang) -> "Figure":
    """Draw the difference of headcounts between households headed by women and by men, line by line."""
    return compared()["sex", 1].plot(
        lang=lang,
        title=say("inequality.dominance", lang),
        source=say("inequality.source", lang),
        unit=say("inequality.unit", lang),
    )


@exhibit("inequality-verdicts", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def verdicts(lang: Lang) -> "Table":
    """Set out the tests of dominance."""
    from povstats.tables import Table

    cells, index = [], []
    for (by, order), found in compared().items():
        index.append((say(f"inequality.pair_{by}", lang), say(f"inequality.order_{order}", lang)))
        tests = [f"{p:.3f}" for p in (*found.shown, *found.refuted)]
        cells.append([*tests, say(f"inequality.verdict_{found.verdict}", lang)])
    keys = ("shown_first", "shown_second", "refuted_first", "refuted_second", "verdict")
    frame = pd.DataFrame(
        cells, pd.MultiIndex.from_tuples(index), [say(f"inequality.head_{k}", lang) for k in keys], dtype=object
    )
    notes = (say("inequality.note_verdicts", lang), say("vietnam.source", lang))
    return Table(frame, say("inequality.verdicts", lang), notes, lang)


@exhibit("inequality-conventions", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def conventions(lang: Lang) -> "Table":
    """Show what one number becomes under other conventions."""
    from povstats.tables import Table

    table, line = vietnam_1998(), poverty_line("vietnam_1998").value
    rows = [
        ("gini_middle", gini(table, WELFARE, design=DESIGN), 5),
        ("gini_upper", gini(table, WELFARE, design=DESIGN, ranks="upper"), 5),
        ("gini_persons", gini(table, WELFARE, **KEPT), 5),
        ("median_lower", median(table, WELFARE, design=DESIGN, rule="lower"), 2),
        ("median_upper", median(table, WELFARE, design=DESIGN, rule="upper"), 2),
        ("median_persons", median(table, WELFARE, **KEPT), 2),
        ("head_households", headcount(table, WELFARE, line, design=DESIGN), 5),
        ("head_persons", headcount(table, WELFARE, line, **KEPT), 5),
    ]
    cells = [[f"{float(found.estimate.iloc[0]):,.{digits}f}"] for _, found, digits in rows]
    index = [say(f"inequality.by_{key}", lang) for key, _, _ in rows]
    notes = (say("inequality.note_conventions", lang), say("vietnam.source", lang))
    frame = pd.DataFrame(cells, index, [say("inequality.head_value", lang)], dtype=object)
    return Table(frame, say("inequality.conventions", lang), notes, lang)


@cache
def curves() -> dict[str, Curve]:
    """Estimate the curves of urban and rural persons."""
    table, asked = vietnam_1998(), {"by": "urban", **KEPT}
    return {
        "lorenz": lorenz(table, WELFARE, **asked),
        "generalised": lorenz(table, WELFARE, kind="generalised", **asked),
        "tip": tip_curve(table, WELFARE, poverty_line("vietnam_1998").value, **asked),
        "parade": pens_parade(table, WELFARE, **asked),
    }


@cache
def compared() -> dict[tuple[str, int], Dominance]:
    """Test dominance between three pairs of groups, of both orders."""
    return {
        (by, order): dominance(
            vietnam_1998(), WELFARE, by=by, between=between, lines=LINES, order=1 if order == 1 else 2, **KEPT
        )
        for by, between in PAIRS
        for order in (1, 2)
    }
