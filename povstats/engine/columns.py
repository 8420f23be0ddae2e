"""Columns of an opened table: which values are missing, which names are not there, how rows are numbered."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

ROW = "povstats row number"
"""The column that carries the row numbers of the caller's table, counted from 0, through filtering."""


Piece = nw.Expr | str
"""What a model asks of a row: an expression, or the name of a column that is taken as it is."""


def values_of(frame: nw.DataFrame[Any], column: str) -> NDArray[Any]:
    """Give a column's values, straight from pandas where the table is one: that saves most of a small fit's time."""
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        return np.asarray(native[column].to_numpy())
    return np.asarray(frame[column].to_numpy())


def as_expression(piece: Piece) -> nw.Expr:
    """Write a piece as an expression."""
    return nw.col(piece).cast(nw.Float64) if isinstance(piece, str) else piece


def missing(frame: nw.DataFrame[Any], column: str) -> nw.Expr:
    """Tell which rows of a column are missing: null, and in decimals also not-a-number, on every engine."""
    value = nw.col(column)
    return value.is_null() | value.is_nan() if frame.schema[column].is_float() else value.is_null()


def near(column: str, known: Sequence[str]) -> str:
    """Say that a column is not there, with the names near to it."""
    close = get_close_matches(column, known, 3, 0.6)
    listed = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    hint = f" (near to it: {', '.join(close)})" if close else ""
    return f"the table has no column {column!r}{hint}; it has {listed}"
