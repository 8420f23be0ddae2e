"""The trend of a study: followed, and its metrics as a table."""

import re

import pandas as pd

from povstats.contracts import Contract
from povstats.poverty import Trend
from povstats.poverty import trend as follow
from povstats.studies.estimated import notes
from povstats.studies.labels import said, short_titles, small, titles
from povstats.studies.spec import Spec
from povstats.studies.spec_trend import TrendSpec
from povstats.tables import Table
from povstats.words import Lang, say

MINUS = re.compile(r"^-(?=\d)")
"""A hyphen that stands for a minus; the tables of models print the sign itself."""


def fit_trend(spec: TrendSpec, table: pd.DataFrame) -> Trend:
    """Follow what the specification names. Rows without the value are left out, as a registry's gaps are."""
    return follow(
        known_rows(spec, table),
        time=spec.time,
        value=spec.value,
        numerator=spec.numerator,
        denominator=spec.denominator,
        by=spec.by,
        breaks=list(spec.breaks) or None,
        measure=spec.measure,
    )


def known_rows(spec: TrendSpec, table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that have what is followed."""
    needed = [one for one in (spec.value or spec.numerator,) if one in table.columns]
    return table.dropna(subset=needed)


def trend_table(spec: Spec, contract: Contract | None, trend: Trend, lang: Lang) -> Table:
    """Lay the metrics out as a journal's table: a block a group, a row a quantity and segment."""
    words = titles(contract, spec, lang)
    [grid] = trend.summary(lang).grids
    index = pd.MultiIndex.from_tuples([(words.get(row[0], row[0]), row[1]) for row in grid.rows])
    cells = [[MINUS.sub("−", cell) for cell in row[2:]] for row in grid.rows]
    frame = pd.DataFrame(cells, index=index, columns=pd.Index(grid.head[2:]), dtype=object)
    name = followed_name(spec, contract, trend, lang)
    title = say("study.trend_title", lang, name=name) if spec.title is None else said(spec.title, lang)
    return Table(frame, title, (*grid.notes, *notes(spec, lang)), lang)


def followed_name(spec: Spec, contract: Contract | None, trend: Trend, lang: Lang) -> str:
    """Name what is followed, without its unit: a column, or one column as a share of another."""
    words, asked = short_titles(contract, spec, lang), trend.asked
    if asked.value is not None or asked.denominator is None:
        return words.get(asked.name, asked.name)
    numerator, denominator = (words.get(one, one) for one in (asked.numerator or asked.name, asked.denominator))
    return say(
        "study.share_of", lang, numerator=numerator, denominator=small(denominator) if lang == "en" else denominator
    )


def trend_numbers(trend: Trend) -> dict[str, pd.DataFrame]:
    """Give the series and the metrics as numbers, by file name."""
    return {"series": trend.table, "estimates": trend.metrics}
