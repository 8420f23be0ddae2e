"""Multidimensional poverty as tables and as a paragraph."""

from fractions import Fraction
from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.targeting.side_by_side import cell, grid, joined, sentences
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates
    from povstats.targeting.deprivation.result import AlkireFoster


def printed(result: "AlkireFoster", lang: str) -> Summary:
    """Lay out the three measures, the indicators and the groups."""
    k = written(result.asked.k)
    first = grid(result.whole, say("multidimensional.title", lang, k=k), lang, gaps(result, lang))
    grids = [first, _indicators(result, lang)]
    if result.groups is not None:
        grids += [grid(result.groups, say("multidimensional.groups_title", lang, k=k), lang), _parts(result, lang)]
    return Summary(tuple(grids))


def written(k: Fraction) -> str:
    """Write a cut-off as a fraction, a whole one as a number."""
    return str(k)


def both(one: "Estimates") -> str:
    """Write a value with its standard error in brackets."""
    return f"{cell(one, 'estimate', 0)} ({cell(one, 'se', 0)})"


def _indicators(result: "AlkireFoster", lang: str) -> Grid:
    head = ("", *(say(f"multidimensional.head_{kind}", lang) for kind in ("weight", *result.by_indicator)))
    whole = result.asked.weights.whole
    rows = [
        (name, str(Fraction(part, whole)), *(both(found[name]) for found in result.by_indicator.values()))
        for name, part in result.asked.weights.parts.items()
    ]
    return Grid(
        say("multidimensional.indicators_title", lang), head, tuple(rows), (say("measures.profile_brackets", lang),)
    )


def _parts(result: "AlkireFoster", lang: str) -> Grid:
    head = (result.asked.by or "", *(say(f"multidimensional.head_group_{kind}", lang) for kind in result.parts))
    levels = list(result.parts["share"])
    rows = [(str(level), *(both(result.parts[kind][level]) for kind in result.parts)) for level in levels]
    return Grid("", head, tuple(rows), (say("measures.profile_brackets", lang),))


def gaps(result: "AlkireFoster", lang: str) -> list[str]:
    """Say in how many rows an indicator is missing."""
    found = [(name, n) for name, n in result.asked.missing.items() if n]
    return [say("multidimensional.gap", lang, column=name, n=f"{n:,}") for name, n in found]


def paragraph(result: "AlkireFoster", lang: str) -> str:
    """Say all."""
    asked = result.asked
    weights = say("multidimensional.list_joint", lang).join(
        f"{name} {Fraction(part, asked.weights.whole)}" for name, part in asked.weights.parts.items()
    )
    lead = say("multidimensional.lead", lang, k=written(asked.k), weights=weights)
    contributions = result.indicators["contribution"]
    most = []
    if contributions.notna().all():
        most = [
            say("multidimensional.most", lang, name=contributions.idxmax(), share=f"{100 * contributions.max():.1f}")
        ]
    rest = [*gaps(result, lang), say("multidimensional.exact", lang)]
    return joined([lead, *sentences(result.whole, lang), *most, *rest], lang)
