"""Tables of the documents' series: every figure with its words and place, then what is worked out from them."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from povstats.documents import DocumentSeries, facts, part_words, series
from povstats.exhibits.documents_digits import (
    as_computed,
    as_printed,
    in_myriads,
    qualified,
    unit_words,
    written_formula,
)
from povstats.exhibits.documents_metrics import metric_lines
from povstats.exhibits.registry import exhibit
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "60_documents"
CHARTS = {
    "S01": "s01-ganzhou",
    "S02": "s02-town",
    "S03": "s03-xi-county",
    "S04": "s04-province",
    "S05": "s05-dousha",
    "S06": "s06-dengta",
    "S07": "s07-national-counts",
    "S08": "s08-later-standard",
}
"""Series to the id of its chart; its table has "-table" added."""

Cells = tuple[str, str, list[str]]


def inputs(id: str) -> tuple[str, ...]:
    """Name the files that fix a series' exhibits."""
    named = ("facts.csv", "labels.toml", "places.csv", "source.toml", f"series/{id}.toml")
    return tuple(f"documents/{name}" for name in named)


def series_table(id: str, lang: Lang) -> "Table":
    """Set out a series: printed figures, metrics, notes and source."""
    from povstats.tables import Table

    known = series(id)
    body = [*_printed(known, lang), *_metrics(known, lang), *_derived(known, lang)]
    head = [
        *(say(f"documents.{key}", lang) for key in ("time", "value")),
        *(say(f"exhibits.{key}", lang) for key in ("unit", "words", "place")),
    ]
    index = pd.MultiIndex.from_tuples([(block, label) for block, label, _ in body])
    frame = pd.DataFrame([cells for _, _, cells in body], index=index, columns=pd.Index(head), dtype=object)
    return Table(frame, table_title(id, lang), tuple(_notes(known, lang)), lang)


def register_table(id: str) -> None:
    """Register the table of a series: all are made alike."""

    def table(lang: Lang) -> "Table":
        return series_table(id, lang)

    titled = partial(table_title, id)
    exhibit(f"{CHARTS[id]}-table", data="documents", notebook=NOTEBOOK, inputs=inputs(id), titled=titled)(table)


def chart_title(id: str, lang: Lang) -> str:
    """Give the title of a series' chart."""
    return series(id).title(lang)


def table_title(id: str, lang: Lang) -> str:
    """Give the title of a series' table."""
    return say("exhibits.table", lang, title=chart_title(id, lang))


def _printed(known: DocumentSeries, lang: Lang) -> Iterator[Cells]:
    """Give a row for each figure of the text; one that is repeated stands once."""
    recorded = facts().set_index("id")
    named = known.labelled(lang)
    named = named[named["role"] != "repeat"]
    several = named["group"].nunique() > 1
    for row in named.itertuples(index=False):
        shown = as_printed(row.value, row.unit, row.words)
        fact = recorded.loc[row.fact]
        part = part_words(fact["section"], lang)
        block = say("exhibits.printed_of", lang, group=row.group) if several else say("exhibits.printed", lang)
        cells = [
            row.time_label if row.printed else say("documents.unprinted", lang, time=row.time_label),
            qualified(shown.text, row.qualifier, lang),
            unit_words(shown.unit, lang),
            row.words,
            say("exhibits.place_of", lang, document=fact["document"], part=part, fact=row.fact),
        ]
        yield block, row.indicator, cells


def _metrics(known: DocumentSeries, lang: Lang) -> Iterator[Cells]:
    for line in metric_lines(known, lang):
        yield _computed(line.label, [line.time, line.value, unit_words(line.unit, lang), line.formula], lang)


def _derived(known: DocumentSeries, lang: Lang) -> Iterator[Cells]:
    rows = {row.fact: row for row in known.table.itertuples(index=False)}
    for one in known.derived:
        used = [rows[fact] for fact in one.facts]
        myriads = any(in_myriads(row.value, row.unit, row.words) for row in used)
        shown = as_computed(one.value, one.unit, myriads=myriads)
        formula = written_formula(known, one.formula)
        yield _computed(one.label[lang], ["", shown.text, unit_words(shown.unit, lang), formula], lang)


def _computed(label: str, cells: list[str], lang: Lang) -> Cells:
    return say("exhibits.derived", lang), label, [*cells, say("exhibits.computed", lang)]


def _notes(known: DocumentSeries, lang: Lang) -> Iterator[str]:
    if not known.table["printed"].all():
        yield say("documents.note_unprinted", lang)
    yield say("exhibits.note_computed", lang)
    yield say("exhibits.note_breaks", lang)
    yield from known.caveats(lang)
    yield say("documents.note_source", lang, source=known.source(lang))
