"""A table taken apart into heading rows and body rows, so that every format walks the same list."""

from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from povstats.printing import width
from povstats.words import Lang

PROSE = 80
"""A cell wider than this, in half-width signs, holds sentences: its column is set to the left and breaks its lines."""


@dataclass(frozen=True)
class Row:
    """One row of the body."""

    block: str
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What a format prints: `headings` from the top level down, one text a column in each.

    `below` says what the rows without a label hold, as in `Table`.
    """

    headings: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    title: str
    notes: tuple[str, ...]
    lang: Lang
    below: str = "se"

    @classmethod
    def of(cls, frame: pd.DataFrame, title: str, notes: tuple[str, ...], lang: Lang) -> "Sheet":
        """Take a table's frame apart."""
        levels = range(frame.columns.nlevels)
        headings = tuple(tuple(str(v) for v in frame.columns.get_level_values(level)) for level in levels)
        blocked = frame.index.nlevels == 2
        rows = []
        for key, cells in zip(frame.index, frame.itertuples(index=False, name=None), strict=True):
            block, label = key if blocked else ("", key)
            rows.append(Row(str(block), str(label), cells))
        return cls(headings, tuple(rows), title, notes, lang)

    @property
    def width(self) -> int:
        """Number of columns without the labels."""
        return len(self.headings[0])

    @property
    def prose(self) -> tuple[bool, ...]:
        """Whether each column without the labels holds sentences."""
        return tuple(
            any(width(text) > PROSE for text in column)
            for column in zip(*(row.cells for row in self.rows), strict=True)
        )

    def spans(self, level: int) -> list[tuple[str, int]]:
        """Join equal neighbours of a heading row above the lowest: text and number of columns."""
        texts = self.headings[level]
        if level == len(self.headings) - 1:
            return [(text, 1) for text in texts]
        return [(text, len(list(same))) for text, same in groupby(texts)]

    def blocks(self) -> list[tuple[str, list[Row]]]:
        """Give the rows by block, in order."""
        return [(block, list(rows)) for block, rows in groupby(self.rows, key=lambda row: row.block)]
