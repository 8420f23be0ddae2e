"""What a column must be before it is used in an estimate, and the errors where it is not."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.engine.columns import missing, near
from povstats.errors import DataError

EXAMPLES = 5


def missing_rows(frame: nw.DataFrame[Any], column: str) -> NDArray[np.bool_]:
    """Tell the rows where `column` is missing."""
    return frame.select(gone=missing(frame, column))["gone"].to_numpy().astype(bool)


def require_column(frame: nw.DataFrame[Any], role: str, column: object) -> str:
    """Refuse a column that the table does not have.

    Parameters
    ----------
    frame : the opened table.
    role : the argument that named the column, for the message.
    column : the name.

    Returns
    -------
    str
        The name.

    Raises
    ------
    DataError
        Where there is no such column; the message lists those there are.
    """
    if isinstance(column, str) and column in frame.columns:
        return column
    raise DataError(f"{role}={column!r}: {near(str(column), frame.columns)}")


def require_number(frame: nw.DataFrame[Any], role: str, column: object) -> str:
    """Refuse a column that is not made of finite or missing numbers.

    Raises
    ------
    DataError
        Where the column is not there, holds text or truth values, or an infinite number.
    """
    name = require_column(frame, role, column)
    kind = frame.schema[name]
    if not kind.is_numeric():
        raise DataError(
            f"column {name!r} ({role}) must hold numbers, it holds {kind}; turn it into numbers first, and "
            "what cannot be read into missing"
        )
    if kind.is_float():
        _refuse(name, role, np.isinf(_numbers(frame[name])), "is infinite", "correct it or make it missing")
    return name


def require_complete(frame: nw.DataFrame[Any], role: str, column: object) -> str:
    """Refuse a column that is missing in any row.

    Raises
    ------
    DataError
        Where the column is not there or a value is missing.
    """
    name = require_column(frame, role, column)
    remedy = "fill it in, or leave these rows out before the call"
    _refuse(name, role, missing_rows(frame, name), "is missing", remedy)
    return name


def require_weights(frame: nw.DataFrame[Any], role: str, column: object, *, positive: bool = False) -> str:
    """Refuse weights that are missing, negative or infinite, and zeros where `positive`.

    Raises
    ------
    DataError
        Where the column cannot weight rows.
    """
    name = require_complete(frame, role, require_number(frame, role, column))
    here = _numbers(frame[name])
    bad, what = (here <= 0, "is zero or negative") if positive else (here < 0, "is negative")
    _refuse(name, role, bad, what, "correct it, or leave these rows out before the call")
    return name


def require_numbers(frame: nw.DataFrame[Any], role: str, columns: Sequence[str]) -> None:
    """Refuse columns, perhaps hundreds, that are not made of finite numbers without a gap.

    Raises
    ------
    DataError
        Where one of them is not there, holds no numbers, or an infinite or missing one.
    """
    schema = frame.schema  # asked for once: it takes as long as there are columns
    for column in columns:
        name = require_column(frame, role, column)
        if not schema[name].is_numeric():
            raise DataError(f"column {name!r} ({role}) must hold numbers, it holds {schema[name]}")
        bad = ~np.isfinite(_numbers(frame[name]))
        _refuse(name, role, bad, "is missing or infinite", "fill it in, or leave these rows out before the call")


def _numbers(column: nw.Series[Any]) -> NDArray[np.float64]:
    """Give a column of numbers as doubles, NaN where it is missing."""
    return np.asarray(column.cast(nw.Float64).to_numpy(), dtype=float)


def _refuse(column: str, role: str, bad: NDArray[np.bool_], what: str, remedy: str) -> None:
    """Raise where `bad` is true in any row, with the rows' places counted from 0."""
    rows = np.flatnonzero(bad)
    if len(rows):
        shown = ", ".join(str(row) for row in rows[:EXAMPLES]) + (" …" if len(rows) > EXAMPLES else "")
        raise DataError(f"column {column!r} ({role}) {what} in {len(rows)} rows (from 0: {shown}); {remedy}")
