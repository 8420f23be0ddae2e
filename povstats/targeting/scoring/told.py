"""A score as tables and as a paragraph."""

from typing import TYPE_CHECKING

from povstats.poverty.printed import percent
from povstats.printing import Grid, Summary
from povstats.targeting.side_by_side import joined
from povstats.words import say

if TYPE_CHECKING:
    from povstats.targeting.scoring.result import ProxyMeans

SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5)


def printed(result: "ProxyMeans", lang: str) -> Summary:
    """Lay out the coefficients and the errors at some budgets."""
    asked = result.asked
    title = say(
        "targeting.score_title", lang, formula=asked.formula, method=say(f"targeting.method_{asked.method}", lang)
    )
    terms = tuple((str(term), f"{value:.4f}") for term, value in result.coefficients.items())
    notes = [
        _area(result, lang),
        say("targeting.score_rows", lang, read=f"{asked.read:,}", used=f"{len(result.rows):,}"),
    ]
    first = Grid(title, ("", say("targeting.coefficient", lang)), terms, tuple(notes))
    wide = result.budgets.set_index(["budget", "measure"])
    names = ("coverage", "exclusion_error", "inclusion_error")
    head = (say("targeting.budget", lang), *(say(f"measures.name_{name}", lang) for name in names))
    cells = tuple(
        (
            f"{100 * budget:g}",
            *(f"{percent(wide.loc[(budget, n), 'estimate'])} ({percent(wide.loc[(budget, n), 'se'])})" for n in names),
        )
        for budget in SHOWN
    )
    return Summary(
        (first, Grid(say("targeting.budgets_title", lang), head, cells, (say("targeting.score_brackets", lang),)))
    )


def paragraph(result: "ProxyMeans", lang: str) -> str:
    """Say all."""
    asked, wide = result.asked, result.budgets.set_index(["budget", "measure"])["estimate"]
    lead = say(
        f"targeting.score_lead_{asked.method}", lang, formula=asked.formula, line=f"{asked.line:,.10g}",
        folds=asked.folds,
    )  # fmt: skip
    errors = say(
        "targeting.score_errors", lang, budget="30", exclusion=percent(wide[(0.3, "exclusion_error")]),
        inclusion=percent(wide[(0.3, "inclusion_error")]),
    )  # fmt: skip
    found = [lead, _area(result, lang), say("targeting.score_inside", lang, area=f"{result.area_inside:.3f}"), errors]
    found.append(say("targeting.score_rows", lang, read=f"{asked.read:,}", used=f"{len(result.rows):,}"))
    found += [say("targeting.score_lacking", lang, column=name, n=f"{n:,}") for name, n in asked.lacking.items()]
    found.append(say("poverty.design", lang, design=asked.design.describe(lang)))
    return joined([*found, say("targeting.score_given", lang)], lang)


def _area(result: "ProxyMeans", lang: str) -> str:
    area = result.area
    numbers = {name: f"{getattr(area, name):.3f}" for name in ("value", "se", "low", "high")}
    return say("targeting.score_area", lang, **numbers)
