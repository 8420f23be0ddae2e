"""Columns of an opened table: which values are missing, which names are not there, how rows are numbered."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

ROW = "povstats row number"
"""The column that carries the row numbers of the caller's table, counted from 0, through filtering."""


Piece = nw.Expr | str
"""What a model asks of a row: an expression, or the name of a column that is taken as it is."""


def values_of(frame: nw.DataFrame[Any], column: str) -> NDArray[Any]:
    """Give a column's values, without a copy where its table has them as an array: most of a small fit's time."""
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        return np.asarray(native[column].to_numpy())
    if isinstance(native, pa.Table):
        chunks = native[column]
        if chunks.num_chunks == 1 and chunks.null_count == 0 and _is_number(chunks.type):
            return np.asarray(chunks.chunk(0).to_numpy())
    return np.asarray(frame[column].to_numpy())


def plain_numbers(frame: nw.DataFrame[Any], column: str) -> NDArray[Any] | None:
    """Give the values of a column of integers or decimals; None where it is of any other kind.

    Parameters
    ----------
    frame : complete in the column.
    """
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        if not isinstance(native[column].dtype, np.dtype):
            return None
    elif not frame.schema[column].is_numeric():
        return None
    values = values_of(frame, column)
    return values if values.dtype.kind in "iuf" else None


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def as_expression(piece: Piece) -> nw.Expr:
    """Write a piece as an expression."""
    return nw.col(piece).cast(nw.Float64) if isinstance(piece, str) else piece


def label_text(label: Any) -> str:
    """Write a group's label: whole numbers alike whether their column holds integers or, for its gaps, decimals."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def missing(frame: nw.DataFrame[Any], column: str) -> nw.Expr:
    """Tell which rows of a column are missing; see `absent`."""
    return absent(frame.schema, column)


def absent(schema: Mapping[str, Any], column: str) -> nw.Expr:
    """Tell which rows of a column are missing: null, and in decimals also not-a-number, on every engine."""
    value = nw.col(column)
    return value.is_null() | value.is_nan() if schema[column].is_float() else value.is_null()


def near(column: str, known: Sequence[str]) -> str:
    """Say that a column is not there, with the names near to it."""
    close = get_close_matches(column, known, 3, 0.6)
    listed = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    hint = f" (near to it: {', '.join(close)})" if close else ""
    return f"the table has no column {column!r}{hint}; it has {listed}"
