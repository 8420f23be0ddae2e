"""A quantity and a series of the documents as a terminal or a notebook prints them."""

from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.documents.record import DocumentSeries

SHARES = ("share", "points")
LARGE = ((1e8, "亿"), (1e4, "万"))


def printed_value(value: float, unit: str, qualifier: str, lang: str) -> str:
    """Print a quantity with its unit and qualifier, in Chinese with 万 and 亿 as the texts do.

    Parameters
    ----------
    value : shares as shares; they are printed in per cent.
    unit : "persons", "households", "villages", "yuan", "share" or "points" (a difference of shares).
    qualifier : "exact", "approx", "at_least" or "at_most".
    lang : "zh" or "en".
    """
    step, sign = _scale(value, lang) if unit not in SHARES else (0.01, "")
    number = f"{value / step:,.10g}".replace("-", "−")
    words = say(f"documents.unit_{unit}", lang, value=number, scale=f" {sign}")
    return words if qualifier == "exact" else say(f"documents.qualifier_{qualifier}", lang, value=words)


def printed_series(series: "DocumentSeries", lang: str) -> Summary:
    """Lay a series out: title, one row a quantity, caveats, source."""
    named = series.labelled(lang)
    head = tuple(say(f"documents.{key}", lang) for key in ("time", "group", "indicator", "words", "value"))
    rows = tuple(
        (
            row.time_label if row.printed else say("documents.unprinted", lang, time=row.time_label),
            row.group,
            row.indicator,
            row.words,
            printed_value(row.value, row.unit, row.qualifier, lang),
        )
        for row in named[named["role"] != "repeat"].itertuples(index=False)
    )
    notes = list(series.caveats(lang))
    if not named["printed"].all():
        notes.insert(0, say("documents.note_unprinted", lang))
    notes.append(say("documents.note_source", lang, source=series.source(lang)))
    return Summary((Grid(f"{series.id} {series.title(lang)}", head, rows, tuple(notes), words=4),))


def _scale(value: float, lang: str) -> tuple[float, str]:
    """Choose 亿 or 万 where Chinese prints the number with at most two decimals in it."""
    for step, sign in LARGE:
        if lang == "zh" and abs(value) >= step and round(value / step, 2) == value / step:
            return step, sign
    return 1, ""
