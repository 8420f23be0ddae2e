"""Predicted headcounts as a table in a terminal or a notebook, in per cent."""

import math
from typing import TYPE_CHECKING

import pandas as pd

from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.smallarea.result import SmallArea

SHOWN = 40
"""Areas that are printed; of more, half as many from either end."""


def printed(result: "SmallArea", lang: Lang) -> Summary:
    """Lay the estimates out: the whole first, then the areas."""
    asked, areas = result.asked, result.areas
    many = len(areas) > SHOWN
    if many:
        ranked = areas.sort_values("headcount", ascending=False, kind="stable")
        areas = pd.concat([ranked.head(SHOWN // 2), ranked.tail(SHOWN // 2)])
    flagged = bool((areas["synthetic"] > 0).any())
    rows = [_cells(say("smallarea.whole", lang), result.whole, star="")]
    rows += [_cells(str(area), row, star=" *" if row["synthetic"] > 0 else "") for area, row in areas.iterrows()]
    keys = ("headcount", "se", "low", "high", "gap", "gap_se", "persons" if asked.size else "households")
    head = (asked.by, *(say(f"smallarea.{key}", lang) for key in keys))
    notes = [say("smallarea.note_model", lang, formula=result.fit.formula)]
    if asked.n:
        notes.append(say("smallarea.note_ends", lang, n=f"{asked.done:,}"))
    if flagged:
        notes.append(say("smallarea.note_star", lang))
    if many:
        notes.append(say("smallarea.note_many", lang, shown=f"{SHOWN // 2}", k=f"{len(result.areas):,}"))
    title = say("smallarea.title", lang, line=f"{asked.line:,.10g}")
    return Summary((Grid(title, head, tuple(rows), tuple(notes)),))


def percent(value: float, digits: int = 2) -> str:
    """Print a share in per cent, without the sign; a dash where it is missing."""
    return "—" if math.isnan(value) else f"{100 * value:.{digits}f}"


def _cells(label: str, row: "pd.Series", *, star: str) -> tuple[str, ...]:
    names = ("headcount", "headcount_se", "headcount_low", "headcount_high", "gap", "gap_se")
    return (label + star, *(percent(float(row[name])) for name in names), f"{row['persons']:,.10g}")
