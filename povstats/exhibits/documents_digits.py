"""How tables write figures of the documents: in the text's own scale, with the same digits in both languages."""

import re
from dataclasses import dataclass

from povstats.documents import DocumentSeries
from povstats.documents.derived import NAME
from povstats.words import Lang, say

MYRIAD = 10_000
MYRIADS = ("万", "亿", "萬", "億")
DECIMALS = {"ratio": 2, "years": 2, "share": 2, "points": 2}
MANY_MYRIADS = 1_000
FRACTION = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True)
class Digits:
    """A number as a table prints it, with its unit."""

    text: str
    unit: str


def as_printed(value: float, unit: str, words: str) -> Digits:
    """Write a figure of a document with its own digits; one that the text gives in 万 or 亿 stands in 万."""
    fraction = FRACTION.search(words) if unit == "share" else None
    if fraction and abs(int(fraction[1]) / int(fraction[2]) - value) < 1e-4:
        return Digits(fraction[0], "")
    if unit in ("share", "points"):
        return Digits(_signed(f"{100 * value:,.10g}") + "%" * (unit == "share"), "" if unit == "share" else unit)
    if in_myriads(value, unit, words):
        return Digits(_signed(f"{value / MYRIAD:,.10g}"), "ten_thousand")
    return Digits(_signed(f"{value:,.10g}"), unit)


def as_computed(value: float, unit: str, *, myriads: bool = False) -> Digits:
    """Write a computed number: whole persons, money to a tenth, rates to two decimals; up to 1,000 万 keep persons."""
    if unit == "share":
        return Digits(_signed(f"{100 * value:,.{DECIMALS[unit]}f}") + "%", "")
    if unit == "points":
        return Digits(_signed(f"{100 * value:,.{DECIMALS[unit]}f}"), unit)
    if myriads and unit == "persons":
        places = 4 if abs(value) < MANY_MYRIADS * MYRIAD else 1
        return Digits(_signed(f"{round(value / MYRIAD, places):,.10g}"), "ten_thousand")
    if unit == "yuan":
        return Digits(_signed(f"{round(value, 1):,.10g}"), unit)
    return Digits(_signed(f"{value:,.{DECIMALS.get(unit, 0)}f}"), unit)


def in_myriads(value: float, unit: str, words: str) -> bool:
    """Tell whether a text gives a number of persons in 万 or 亿."""
    return unit == "persons" and abs(value) >= MYRIAD and any(sign in words for sign in MYRIADS)


def unit_words(unit: str, lang: Lang) -> str:
    """Give the words of a unit; a percentage needs none, its sign stands with the digits."""
    return say(f"exhibits.unit_{unit}", lang) if unit else ""


def qualified(text: str, qualifier: str, lang: Lang) -> str:
    """Add what the text adds to a figure: about, or more, at most."""
    return text if qualifier == "exact" else say(f"documents.qualifier_{qualifier}", lang, value=text)


def written_formula(series: DocumentSeries, formula: str) -> str:
    """Write a formula with the figures in place of the facts' ids."""
    rows = {row.fact: row for row in series.table.itertuples(index=False)}

    def figure(name: re.Match[str]) -> str:
        row = rows[name[0]]
        text = as_printed(row.value, row.unit, row.words).text
        return f"({text})" if text.startswith("−") else text

    return NAME.sub(figure, formula.replace(" * ", " × ").replace(" - ", " − "))


def _signed(text: str) -> str:
    return text.replace("-", "−")
