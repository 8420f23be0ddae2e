"""What follows from a series of the documents: its trends, never over a break nor over an unprinted length of time."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from povstats.documents import DocumentSeries
from povstats.exhibits.documents_digits import as_computed, as_printed, in_myriads
from povstats.poverty import Trend, trend
from povstats.words import Lang, say

FORMULAS = {
    "change": "{last} − {first}",
    "change_per_year": "({last} − {first}) / {years}",
    "annual_rate": "({last} / {first})^(1/{years}) − 1",
    "years_to_zero": "{last} × {years} / ({first} − {last})",
    "half_life": "{years} × ln 2 / ln({first} / {last})",
}
"""Each metric of `povstats.poverty.trend` that a table shows, as it is computed."""


@dataclass(frozen=True)
class Followed:
    """A quantity of a series that is followed over time; `numerator` is the count beside a share."""

    group: str
    value: str
    numerator: str | None = None
    measure: Literal["share", "count", "amount"] | None = None


@dataclass(frozen=True)
class Line:
    """One metric, in a reader's words."""

    label: str
    time: str
    value: str
    unit: str
    formula: str


FOLLOWED: dict[str, tuple[Followed, ...]] = {
    "S01": (Followed("all", "poverty_incidence", "poor_population"),),
    "S02": (Followed("persons", "poverty_incidence", "poor"),),
    "S03": (
        Followed("all", "poverty_incidence", "poor_population"),
        Followed("all", "income_per_head", None, "amount"),
    ),
    "S04": (Followed("all", "poverty_share"), Followed("all", "poor_income", None, "amount")),
    "S05": (Followed("persons", "poverty_incidence", "poor"),),
    "S06": (),
    "S07": (
        Followed("absolute", "rural_poor", None, "count"),
        Followed("low_income", "rural_poor", None, "count"),
    ),
    "S08": (Followed("all", "rural_poor", None, "count"),),
}


def followed(series: DocumentSeries, what: Followed) -> Trend:
    """Follow one quantity of a group over the times at which the texts give it."""
    wide = series.wide()
    rows = wide[(wide["group"] == what.group) & wide[what.value].notna()]
    rows = rows.assign(moment=[_moment(row) for row in rows.to_dict("records")])
    return trend(rows, time="moment", value=what.value, numerator=what.numerator, breaks="basis", measure=what.measure)


def metric_lines(series: DocumentSeries, lang: Lang) -> Iterator[Line]:
    """Give the metrics of all trends of a series, then the populations that its counts and shares imply."""
    for what in FOLLOWED[series.id]:
        found = followed(series, what)
        for row in _rows(found):
            yield from _lines(series, what, row, lang)
        if what.numerator is not None:
            yield from _populations(series, what, found, lang)


def _moment(row: dict[Any, Any]) -> float | str | None:
    """Give a printed year; else the text's words, unless these hold the date of a quotation."""
    if row["printed"]:
        return float(row["time"])
    label = str(row["time_label"])
    return None if re.search(r"\d{4}", label) else label


def _rows(found: Trend) -> Iterator[pd.Series]:
    """Give the metrics of each segment, and where an end of it is not printed those between its printed times."""
    for _, row in found.metrics[found.metrics["reason"] != "one_point"].iterrows():
        yield row
        part = found.table[(found.table["segment"] == row["segment"]) & found.table["time"].notna()]
        if math.isnan(row["years"]) and len(part) > 1 and row["quantity"] != "population":
            between = found.growth(part["label"].iloc[0], part["label"].iloc[-1])
            yield between[between["quantity"] == row["quantity"]].iloc[0]


def _lines(series: DocumentSeries, what: Followed, row: pd.Series, lang: Lang) -> Iterator[Line]:
    """Print one row of metrics."""
    quantity = row["quantity"]
    if quantity == "population":
        return
    indicator = str(what.numerator if quantity == "count" and what.numerator is not None else what.value)
    unit, words = _kept(series, what.group, indicator)
    names = {end: as_printed(row[end], unit, words).text for end in ("first", "last")}
    years = "" if math.isnan(row["years"]) else f"{row['years']:g}"
    label = _name(series, what, indicator, lang)
    for metric, formula in FORMULAS.items():
        if math.isnan(row[metric]):
            continue
        of = {"annual_rate": "share", "years_to_zero": "years", "half_life": "years"}
        kind = of.get(metric, "points" if unit == "share" else unit)
        shown = as_computed(row[metric], kind, myriads=in_myriads(row["first"], unit, words))
        yield Line(
            label=say(f"exhibits.metric_{metric}", lang, name=label),
            time=say("exhibits.span", lang, start=_time(series, row["start"], lang),
                     end=_time(series, row["end"], lang)),
            value=shown.text,
            unit=shown.unit,
            formula=formula.format(**names, years=years),
        )  # fmt: skip


def _populations(series: DocumentSeries, what: Followed, found: Trend, lang: Lang) -> Iterator[Line]:
    """Print the population that a count and a share imply at each time."""
    count, share = (_kept(series, what.group, str(name)) for name in (what.numerator, what.value))
    known = found.table[found.table["population"].notna()]
    for row in known.itertuples(index=False):
        myriads = in_myriads(row.numerator, *count)
        shown = as_computed(row.population, "persons", myriads=myriads)
        parts = as_printed(row.numerator, *count).text, as_printed(row.value, *share).text
        when = _time(series, row.label, lang)
        label = say("exhibits.metric_population", lang)
        yield Line(label, when, shown.text, shown.unit, " / ".join(parts))


def _kept(series: DocumentSeries, group: str, indicator: str) -> tuple[str, str]:
    """Give the unit of an indicator and the words that carry its first figure."""
    rows = series.table[(series.table["group"] == group) & (series.table["indicator"] == indicator)]
    return str(rows["unit"].iloc[0]), str(rows["words"].iloc[0])


def _name(series: DocumentSeries, what: Followed, indicator: str, lang: Lang) -> str:
    groups = {other.group for other in FOLLOWED[series.id]}
    return series.label(what.group if len(groups) > 1 else indicator, lang)


def _time(series: DocumentSeries, label: str, lang: Lang) -> str:
    return series.label(label, lang) if label in series.words.labels else label
