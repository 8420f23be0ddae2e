"""Cells of a workbook, and what a column of them is: numbers, text, dates or yes and no."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from povstats.reading.note import Note, listed, number
from povstats.reading.typed import typed

Kind = Literal["empty", "number", "text", "date", "yes_no", "time", "error"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what kind of value it holds, and the value as Python has it."""

    kind: Kind
    value: Any

    @property
    def text(self) -> str:
        """The value as text; numbers and dates without needless digits."""
        if isinstance(self.value, float) and self.value.is_integer() and abs(self.value) < 1e15:
            return str(int(self.value))
        if isinstance(self.value, datetime.datetime) and self.value.time() == datetime.time():
            return self.value.date().isoformat()
        return self.value.isoformat() if self.kind == "date" else str(self.value)


EMPTY = Cell("empty", None)
DIGITS = 1e15
"""Workbooks keep 15 digits of a number."""


def cell_of(cell: Any) -> Cell:
    """Tell what an openpyxl cell holds; text of nothing but blanks is empty."""
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "e":
        return Cell("error", value)
    if isinstance(value, bool):
        return Cell("yes_no", value)
    if isinstance(value, int | float):
        return Cell("number", value)
    if isinstance(value, datetime.datetime | datetime.date):
        return Cell("date", value)
    if isinstance(value, datetime.time | datetime.timedelta):
        return Cell("time", value)
    text = str(value)
    return Cell("text", text) if text.strip() else EMPTY


def column_of(name: str, cells: Sequence[Cell]) -> tuple["pd.Series[Any]", list[Note]]:
    """Give a column the type that all its cells have; where they differ, text.

    Parameters
    ----------
    name : the column's name. cells : one a row; empty ones and errors are missing.

    Returns
    -------
    series, notes
        The values, and what was converted or is mixed.
    """
    kinds = {cell.kind for cell in cells} - {"empty", "error"}
    held = [None if cell.kind in ("empty", "error") else cell for cell in cells]
    if kinds == {"number"} or not kinds:
        return _numbers(held), []
    if kinds == {"date"}:
        # Years that pandas' nanoseconds cannot hold are fine in microseconds.
        return pd.Series([None if cell is None else cell.value for cell in held], dtype="datetime64[us]"), []
    if kinds == {"yes_no"}:
        kind = "bool" if None not in held else "boolean"
        return pd.Series([None if cell is None else cell.value for cell in held], dtype=kind), []
    texts = pd.Series([None if cell is None else cell.text for cell in held], dtype="str")
    if not kinds <= {"number", "text"}:
        return texts, [_mixed(name, cells)] if len(kinds) > 1 else []
    series, notes = typed(name, texts)
    stored = [cell.text for cell in cells if cell.kind == "text"]
    if pd.api.types.is_numeric_dtype(series):
        return series, [Note("reading.text_numbers", _values(name, stored))]
    return series, [_mixed(name, cells), *notes] if len(kinds) > 1 else notes


def _numbers(held: Sequence[Cell | None]) -> "pd.Series[Any]":
    values = [None if cell is None else cell.value for cell in held]
    whole = all(isinstance(value, int) and abs(value) < 2**63 for value in values)
    return pd.Series(values, dtype="int64" if whole and values else "float64")


def long_numbers(name: str, cells: Sequence[Cell]) -> list[Note]:
    """Tell whole numbers of more digits than a workbook keeps: identity cards that were stored as numbers."""
    held = [cell.value for cell in cells if cell.kind == "number" and abs(cell.value) >= DIGITS]
    return [Note("reading.long_numbers", _values(name, held))] if held else []


def _values(name: str, held: Sequence[Any]) -> dict[str, str]:
    return {"column": name, "count": number(len(held)), "examples": listed(map(repr, held))}


def _mixed(name: str, cells: Sequence[Cell]) -> Note:
    """Say that a column holds several kinds of values, with the rarer ones as examples."""
    kept = [cell for cell in cells if cell.kind not in ("empty", "error")]
    counts = pd.Series([cell.kind for cell in kept]).value_counts()
    odd = [repr(cell.text) for cell in kept if cell.kind != counts.index[0]]
    return Note("reading.mixed", {"column": name, "count": number(len(odd)), "examples": listed(odd)})
