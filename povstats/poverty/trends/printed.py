"""A trend as a table in a terminal or a notebook: shares in per cent, their changes in percentage points."""

import math
from typing import TYPE_CHECKING

import pandas as pd

from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.trends.result import Trend

SHOWN = ("first", "last", "change", "change_per_year", "annual_rate", "years_to_zero", "half_life")


def printed(trend: "Trend", lang: str) -> Summary:
    """Lay the metrics out: one row a group, segment and quantity."""
    head = (
        trend.asked.by or "",
        *(say(f"trend.{key}", lang) for key in ("quantity", "period")),
        *(say(f"trend.{key}", lang) for key in SHOWN),
    )
    rows = tuple(_cells(row, lang) for _, row in trend.metrics.iterrows())
    title = say("trend.title", lang, name=trend.asked.name)
    return Summary((Grid(title, head, rows, tuple(notes(trend, lang)), words=3),))


def notes(trend: "Trend", lang: str) -> list[str]:
    """Say what the numbers mean, every break, and every reason for a missing number once."""
    found = []
    if trend.measure == "share":
        found.append(say("trend.note_share", lang))
    if trend.asked.numerator is not None and trend.asked.value is not None:
        found.append(say("trend.note_population", lang))
    found += broken(trend, lang)
    reasons = {code for told in trend.metrics["reason"] for code in told.split(", ") if code}
    return found + [say(f"trend.reason_{code}", lang) for code in sorted(reasons)]


def broken(trend: "Trend", lang: str) -> list[str]:
    """Say where the definition changes, and how."""
    rows = trend.table[trend.table["changed"] != ""]
    found = []
    for group, label, changed in zip(rows["group"], rows["label"], rows["changed"], strict=True):
        sentence = say("trend.break", lang, when=moment_words(label, lang), changed=changed)
        found.append(say("trend.of_group", lang, group=group, sentence=sentence) if group else sentence)
    return found


def unit_words(trend: "Trend", lang: str) -> str:
    """Give the unit of the value: per cent, or the column's name, which is all that is known."""
    return say("trend.unit_share", lang) if trend.measure == "share" else trend.asked.name


def moment_words(label: str, lang: str) -> str:
    """Give a time as printed, or say that it is not."""
    return label or say("trend.unprinted", lang)


def period(row: pd.Series, lang: str) -> str:
    """Give the two times of a row of metrics, one where they are the same."""
    start, end = moment_words(row["start"], lang), moment_words(row["end"], lang)
    return start if row["reason"] == "one_point" else f"{start}–{end}"


def level(value: float, quantity: str) -> str:
    """Print a level: a share in per cent, a population in whole persons."""
    if quantity == "share":
        return f"{100 * value:.2f}%"
    return f"{value:,.0f}" if quantity == "population" else amount(value)


def difference(value: float, quantity: str) -> str:
    """Print a change, with its sign; a share's in percentage points."""
    if math.isnan(value):
        return "—"
    return f"{100 * value:+.2f}" if quantity == "share" else f"{'+' if value > 0 else ''}{amount(value)}"


def amount(value: float) -> str:
    """Print a number; only small ones need decimals."""
    return f"{round(value, 1 if abs(value) >= 100 else 4):,.12g}"


def per_cent(rate: float) -> str:
    """Print a rate of change in per cent, with its sign."""
    return "—" if math.isnan(rate) else f"{100 * rate:+.1f}%"


def span(years: float) -> str:
    """Print a length of time in years."""
    return "—" if math.isnan(years) else f"{years:,.2f}"


def _cells(row: pd.Series, lang: str) -> tuple[str, ...]:
    quantity = row["quantity"]
    return (
        row["group"],
        say(f"trend.{quantity}", lang),
        period(row, lang),
        level(row["first"], quantity),
        level(row["last"], quantity),
        difference(row["change"], quantity),
        difference(row["change_per_year"], quantity),
        per_cent(row["annual_rate"]),
        span(row["years_to_zero"]),
        span(row["half_life"]),
    )
