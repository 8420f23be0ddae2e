"""The paragraph that defends a trend."""

import math
from typing import TYPE_CHECKING

import pandas as pd

from povstats.poverty.trends.printed import amount, broken, difference, level, moment_words, notes, per_cent, span
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.trends.result import Trend

TOLD = 6


def paragraph(trend: "Trend", lang: str) -> str:
    """Say what is followed, how it moved, at which pace, where it breaks, and what is missing."""
    moved = trend.metrics[trend.metrics["reason"] != "one_point"]
    series = [_moved(row, lang) for _, row in moved.head(TOLD).iterrows()]
    if len(moved) > TOLD:
        series.append(say("trend.more", lang, n=len(moved) - TOLD))
    breaks = broken(trend, lang)
    if breaks:
        breaks.append(say("trend.within", lang))
    # The notes on breaks are said above; the others follow.
    rest = [note for note in notes(trend, lang) if note not in breaks]
    paces = [say("trend.paces", lang)] if trend.metrics["years_to_zero"].notna().any() else []
    return say("trend.sentence_joint", lang).join([*_what(trend, lang), *series, *breaks, *paces, *rest])


def _what(trend: "Trend", lang: str) -> list[str]:
    """Say which columns make the series, and how its measure is known."""
    asked = trend.asked
    groups, rows = trend.table["group"].nunique(), f"{len(trend.table):,}"
    lead = say(f"trend.what_{trend.measure}", lang, name=asked.name, rows=rows, groups=groups)
    found = [lead]
    if asked.denominator is not None:
        found.append(say("trend.computed", lang, numerator=asked.numerator, denominator=asked.denominator))
    elif asked.measure is None and asked.numerator is None:
        found.append(say("trend.inferred", lang, largest=amount(float(trend.table["value"].max()))))
    return found


def _moved(row: pd.Series, lang: str) -> str:
    """Say how one quantity of one segment moved, as one sentence."""
    quantity = row["quantity"]
    points = say("trend.points", lang) if quantity == "share" else ""
    parts = [
        say(
            "trend.moved",
            lang,
            quantity=say(f"trend.{quantity}", lang),
            start=moment_words(row["start"], lang),
            end=moment_words(row["end"], lang),
            first=level(row["first"], quantity),
            last=level(row["last"], quantity),
            change=difference(row["change"], quantity) + points,
        )
    ]
    if not math.isnan(row["years"]) and quantity != "population":
        pace = difference(row["change_per_year"], quantity) + points
        parts.append(say("trend.pace", lang, years=f"{row['years']:.4g}", pace=pace))
    for key, value, words in (
        ("rate", row["annual_rate"], per_cent(row["annual_rate"])),
        ("to_zero", row["years_to_zero"], span(row["years_to_zero"])),
        ("halves", row["half_life"], span(row["half_life"])),
    ):
        if not math.isnan(value):
            parts.append(say(f"trend.{key}", lang, value=words))
    sentence = say("trend.clause_joint", lang).join(parts) + say("trend.stop", lang)
    return say("trend.of_group", lang, group=row["group"], sentence=sentence) if row["group"] else sentence
