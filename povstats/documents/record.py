"""A series of the documents: its rows and the words that belong to it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from povstats.documents.derived import Derived
from povstats.documents.printed import printed_series, printed_value
from povstats.errors import allowed
from povstats.printing import Printed, Summary
from povstats.words import LANGUAGES, language, say

Role = Literal["point", "stated", "context", "repeat"]
ROLES: tuple[Role, ...] = ("point", "stated", "context", "repeat")
KEYS = ("place", "group", "time", "time_label", "printed", "basis")

InBoth = Mapping[str, str]
"""Words by language."""


@dataclass(frozen=True, kw_only=True)
class SeriesWords:
    """What a series says in both languages; `labels` holds the words of every slug in its table."""

    title: InBoth
    question: InBoth
    caveats: tuple[InBoth, ...]
    documents: tuple[tuple[InBoth, tuple[str, ...]], ...]
    labels: Mapping[str, InBoth]


@dataclass(frozen=True, kw_only=True, repr=False)
class DocumentSeries(Printed):
    """Quantities of the documents that belong together.

    Attributes
    ----------
    id : such as "S01".
    words : title, question, caveats, sources and labels in both languages.
    table : one row a quantity: time (year, missing where none is printed), time_label (as the text has it), printed
        (whether the year is printed), year (as recorded, also where only the context gives it), indicator, place,
        group, role ("point" of the series; "stated" by the text about it; "context"; "repeat" of a row), value (rates
        as shares), unit, qualifier ("exact", "approx", "at_least", "at_most"), basis (line, denominator and source:
        values of two bases may not be compared), fact (its id in `facts()`), words (that carry the figure).
    derived : numbers computed from the rows, such as sums and implied totals; none compares two bases.
    """

    id: str
    words: SeriesWords
    table: pd.DataFrame
    derived: tuple[Derived, ...] = ()

    def title(self, lang: str | None = None) -> str:
        """Give the title."""
        return self.words.title[_known(lang)]

    def question(self, lang: str | None = None) -> str:
        """Give the question that the series answers."""
        return self.words.question[_known(lang)]

    def caveats(self, lang: str | None = None) -> tuple[str, ...]:
        """Give what a reader must know, with the figures as they are printed."""
        chosen = _known(lang)
        figures = {
            row.fact: printed_value(row.value, row.unit, row.qualifier, chosen)
            for row in self.table.itertuples(index=False)
        }
        return tuple(caveat[chosen].format_map(figures) for caveat in self.words.caveats)

    def source(self, lang: str | None = None) -> str:
        """Name the documents and their parts."""
        chosen = _known(lang)
        named = []
        for title, sections in self.words.documents:
            parts = say("documents.part_joint", chosen).join(part_words(section, chosen) for section in sections)
            named.append(say("documents.source", chosen, title=title[chosen], parts=parts))
        return say("documents.source_joint", chosen).join(named)

    def label(self, key: str, lang: str | None = None) -> str:
        """Give the words for a place, group, indicator, basis or printed time of the table.

        Raises
        ------
        OptionError
            Where the series has no such key.
        """
        chosen = _known(lang)
        allowed("key", key, tuple(self.words.labels))
        return self.words.labels[key][chosen]

    def labelled(self, lang: str | None = None) -> pd.DataFrame:
        """Give the table with words in place of slugs; the columns keep their names."""
        named = self.table.copy()
        for column in ("time_label", "indicator", "place", "group", "basis"):
            named[column] = [
                self.label(key, lang) if key in self.words.labels else key for key in self.table[column].tolist()
            ]
        return named

    def wide(self, role: Role = "point") -> pd.DataFrame:
        """Give one row a place, group, time and basis, with a column for each indicator, as `ps.trend` takes it.

        Rows of a group are in order of the recorded year, those without one first; a year that is not printed orders
        the rows but is not their time.

        Parameters
        ----------
        role : which rows to spread.

        Returns
        -------
        pandas.DataFrame
            place, group, time, time_label, printed, basis, and a column for each indicator of these rows.

        Raises
        ------
        OptionError
            Where the role is unknown.
        """
        allowed("role", role, ROLES)
        rows = self.table[self.table["role"] == role]
        indicators = list(dict.fromkeys(rows["indicator"].tolist()))
        spread: dict[tuple[object, ...], dict[str, object]] = {}
        for row in rows.iloc[_order(rows)].to_dict("records"):
            moment = row["time_label"] if math.isnan(row["time"]) else row["time"]
            line = spread.setdefault(
                (row["place"], row["group"], row["basis"], moment),
                {**{key: row[key] for key in KEYS}, **dict.fromkeys(indicators, math.nan)},
            )
            if row["time_label"] != line["time_label"]:  # December of a year beside the whole year
                line["time_label"] = f"{row['time']:g}"
            line[row["indicator"]] = row["value"]
        return pd.DataFrame(list(spread.values()), columns=[*KEYS, *indicators])

    def summary(self, lang: str | None = None) -> Summary:
        """Lay the rows out with the words of the text, then caveats and source."""
        return printed_series(self, _known(lang))


def _known(lang: str | None) -> str:
    """Choose a language and refuse one that is unknown."""
    chosen = lang or language()
    allowed("lang", chosen, LANGUAGES)
    return chosen


def part_words(section: str, lang: str) -> str:
    """Name a part of a document."""
    number = section.removeprefix("篇")
    return say("documents.part" if number != section else "documents.section", lang, number=number)


def _order(rows: pd.DataFrame) -> list[int]:
    """Order rows by group as they come, then by recorded year."""
    groups = list(dict.fromkeys(rows["group"].tolist()))
    keys = [
        (groups.index(group), int(year[-4:] if len(year) in (4, 9) else year[:4] or 0))
        for group, year in zip(rows["group"], rows["year"], strict=True)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)
