"""What the results of all parts share: they print their table, in a terminal and in a notebook."""

from dataclasses import replace
from typing import Protocol

import pandas as pd

from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import notes_of, titled
from povstats.models import HLMResult
from povstats.printing import Grid, Printed, Summary
from povstats.tables import Below, Table
from povstats.words import Lang, language, say, tight


class Laid(Protocol):
    """What has a table."""

    def table(self, lang: Lang | None = None) -> Table:
        """Give the table in "zh" or "en"."""


class Tabled(Printed):
    """A result whose summary is its table; the result itself lays the table out."""

    def summary(self: Laid, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        return as_summary(self.table(lang or language()))


def made(analysis: Analysis, frame: pd.DataFrame, key: str, notes: list[str], lang: Lang, below: Below = "se") -> Table:
    """Make a table with a title of the section [guizhou], and what its plan adds to title and notes."""
    plan = analysis.plan
    return Table(frame, titled(say(f"guizhou.{key}", lang), plan, lang), (*notes, *notes_of(plan, lang)), lang, below)


def finished(table: Table, analysis: Analysis) -> Table:
    """Add to a table made elsewhere what the plan adds to title and notes."""
    lang, plan = table.lang, analysis.plan
    return replace(table, title=titled(table.title, plan, lang), notes=(*table.notes, *notes_of(plan, lang)))


def warnings_of(analysis: Analysis, fit: HLMResult, lang: Lang) -> list[str]:
    """Give what a table must say of a fit: a village's mean that contains the outcome, and an estimate on the edge."""
    told = [say("social.note_contained", lang)] if analysis.contained else []
    return told + ([say("social.note_boundary", lang)] if fit.status == "boundary" else [])


def as_summary(table: Table) -> Summary:
    """Print a table as words: blocks and labels left, cells right."""
    frame = table.frame
    levels = frame.index.nlevels
    index = [key if isinstance(key, tuple) else (key,) for key in frame.index]
    heads = [key if isinstance(key, tuple) else (key,) for key in frame.columns]
    head = (*[""] * levels, *(" ".join(part for part in one if part) for one in heads))
    rows, before = [], ""
    for key, cells in zip(index, frame.to_numpy().tolist(), strict=True):
        shown = ("" if levels == 2 and key[0] == before else key[0], *key[1:])
        before = key[0]
        rows.append((*shown, *cells))
    return Summary((Grid(table.title, head, tuple(rows), table.notes, words=levels),))


def paragraph(sentences: list[str], lang: Lang) -> str:
    """Join sentences to one paragraph."""
    return tight(("" if lang == "zh" else " ").join(one for one in sentences if one))
