"""Vulnerability as tables and as a paragraph."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.models.interpretation.paragraphs.sentences import fitted, joined, listed
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.smallarea.expected_poverty.result import Vulnerability

SHOWN = 30
"""Groups that are printed; of more, half as many from either end."""


def printed(result: "Vulnerability", lang: Lang) -> Summary:
    """Lay out the groups, the cross of poor and vulnerable, and the variance function."""
    asked, groups = result.asked, result.groups
    apart = groups[groups.index.notna()]
    many = len(apart) > SHOWN
    if many:
        ranked = apart.sort_values("vep", ascending=False, kind="stable")
        apart = pd.concat([ranked.head(SHOWN // 2), ranked.tail(SHOWN // 2)])
    head = (asked.by, *(say(f"vulnerability.{key}", lang) for key in ("vep", "vulnerable", "poor", "households")))
    rows = [_cells(say("vulnerability.all", lang), groups.iloc[-1])]
    rows += [_cells(str(group), row) for group, row in apart.iterrows()]
    notes = [_threshold(result, lang)]
    if many:
        notes.append(say("vulnerability.many", lang, shown=SHOWN // 2, k=f"{len(groups) - 1:,}"))
    first = Grid(say("vulnerability.title", lang, line=f"{asked.line:,.10g}"), head, tuple(rows), tuple(notes))
    return Summary((first, _crossed(result, lang), _function(result, lang)))


def _cells(label: str, row: "pd.Series") -> tuple[str, ...]:
    return (label, *(f"{100 * row[name]:.2f}" for name in ("vep", "vulnerable", "poor")), f"{int(row['households']):,}")


def _crossed(result: "Vulnerability", lang: Lang) -> Grid:
    table = result.crossed
    head = ("", *(say(f"vulnerability.cross_{name}", lang) for name in table.columns))
    rows = tuple(
        (say(f"vulnerability.cross_{name}", lang), *(f"{100 * value:.2f}" for value in row))
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return Grid(say("vulnerability.crossed", lang), head, rows)


def _function(result: "Vulnerability", lang: Lang) -> Grid:
    rows = tuple((str(term), f"{value:.4f}") for term, value in result.theta.items())
    title = say(f"vulnerability.function_{result.asked.variance}", lang)
    return Grid(title, ("", say("vulnerability.theta", lang)), rows)


def _threshold(result: "Vulnerability", lang: Lang) -> str:
    asked = result.asked
    key = "vulnerability.threshold_rate" if asked.by_rate else "vulnerability.threshold"
    return say(key, lang, threshold=f"{asked.threshold:.4g}")


def paragraph(result: "Vulnerability", lang: Lang) -> str:
    """Say all."""
    asked, whole, crossed = result.asked, result.groups.iloc[-1], result.crossed
    numbers = {name: f"{100 * whole[name]:.2f}" for name in ("vep", "vulnerable", "poor")}
    found = [
        say("vulnerability.lead", lang, line=f"{asked.line:,.10g}", **numbers),
        _threshold(result, lang),
        say(
            "vulnerability.new_ones", lang, share=f"{100 * crossed.loc['not_poor', 'vulnerable']:.2f}",
            passing=f"{100 * crossed.loc['poor', 'not_vulnerable']:.2f}",
        ),
        say("vulnerability.formula", lang),
        say(f"vulnerability.told_{asked.variance}", lang),
        *fitted(result.fit, lang),
        say("smallarea.counts_persons" if asked.size else "smallarea.counts_rows", lang, size=asked.size),
    ]  # fmt: skip
    if result.rows.dropped:
        gaps = [
            say("smallarea.missing_in", lang, column=name, count=f"{n:,}") for name, n in result.rows.missing.items()
        ]
        found.append(say("smallarea.dropped", lang, columns=listed(gaps, lang)))
    return joined([*found, say("vulnerability.rests_on", lang)], lang)
