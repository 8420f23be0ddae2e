"""A column as its distinct values with their counts, and how a code of a recipe finds them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.reading.recipe_parts import Code

EXAMPLES = 3
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
Value = str | int | float


@dataclass(frozen=True, eq=False)
class Levels:
    """A column's distinct values.

    Parameters
    ----------
    seen : the values as they are now; None is missing. Two may have become alike.
    counts : rows of each.
    place : which of `seen` each row has; −1 where the file has nothing.
    """

    seen: list[Value | None]
    counts: NDArray[np.int64]
    place: NDArray[np.int64]

    def count(self, met: Iterable[bool]) -> int:
        """Count the rows whose value is marked."""
        return int(self.counts[np.fromiter(met, bool, len(self.seen))].sum())

    def first_rows(self, met: Iterable[bool]) -> list[int]:
        """Give the first rows whose value is marked, counted from 0 in this column."""
        marked = np.flatnonzero(np.fromiter(met, bool, len(self.seen)))
        return [int(row) for row in np.flatnonzero(np.isin(self.place, marked))[:EXAMPLES]]

    def series(self) -> pd.Series:
        """Spread the values over the rows: whole numbers, numbers, or text, with None or NaN where missing."""
        known = [value for value in self.seen if value is not None]
        complete = len(known) == len(self.seen) and not (self.place < 0).any()
        if all(isinstance(value, int | float) for value in known):
            whole = complete and bool(known) and all(isinstance(value, int) for value in known)
            spread = [np.nan if value is None else value for value in self.seen]
            table = np.array(spread, np.int64 if whole else float)
            return pd.Series(table[self.place] if whole else np.append(table, np.nan)[self.place])
        texts = np.array([*(None if value is None else value for value in self.seen), None], object)
        return pd.Series(texts[self.place], dtype=object)


def levels_of(column: pd.Series) -> Levels:
    """Find the distinct values of a column; truth values and dates count as their text."""
    values = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    place, seen = pd.factorize(values, use_na_sentinel=True)
    known = np.asarray(seen)
    plain: list[Value | None] = known.tolist() if known.dtype.kind in "if" else [*map(_plain, known.tolist())]
    counts = np.bincount(place[place >= 0], minlength=len(plain)).astype(np.int64)
    return Levels(plain, counts, place.astype(np.int64))


def _plain(value: Any) -> Value:
    if isinstance(value, np.generic):
        value = value.item()
    return value if type(value) in (str, int, float) else str(value)


def as_text(value: Value) -> str:
    """Write a value as text: 3, not 3.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)


def matching(code: Code) -> tuple[Value, ...]:
    """Give the values that a code stands for: 99, 99.0 and "99" are one code; "01" and 1 are two."""
    found: list[Value] = [code, as_text(code)]
    if isinstance(code, str) and NUMBER.fullmatch(code):
        found.append(float(code) if "." in code else int(code))
    return tuple(found)


def by_value(labels: Mapping[Any, str]) -> dict[Value, str]:
    """Give {value: label} for every way in which a column may hold a labelled code."""
    return {value: str(label) for code, label in labels.items() for value in matching(_plain(code))}


def shown(values: Iterable[object], most: int = EXAMPLES) -> str:
    """Show some values."""
    listed = list(values)
    return ", ".join(repr(one) for one in listed[:most]) + (f" … ({len(listed)} in all)" if len(listed) > most else "")
