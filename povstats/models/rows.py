"""Which rows a model uses: missing values are dropped by column and counted, everything else odd is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.engine.columns import ROW, near, values_of
from povstats.engine.learn import (
    AnyFrame,
    count_missing,
    missing_lazily,
    names_of,
    one_row,
    refuse_infinite,
    refuse_quotes,
)
from povstats.errors import DataError, FormulaError
from povstats.models.terms import Frame


@dataclass(frozen=True, slots=True)
class Account:
    """The rows of a fit.

    Attributes
    ----------
    read : rows of the table. used : rows of the fit.
    missing : rows with a missing value, by column; a row may count under several.
    """

    read: int
    used: int
    missing: Mapping[str, int]

    @property
    def dropped(self) -> int:
        """Rows left out because a needed value is missing."""
        return self.read - self.used


def complete(frame: AnyFrame, columns: tuple[str, ...]) -> tuple[AnyFrame, Account]:
    """Keep the rows that have every needed column.

    Parameters
    ----------
    frame : the caller's table.
    columns : what the formula reads.

    Raises
    ------
    FormulaError
        Where a column is not there; near names are told.
    DataError
        Where no row is left, or a number is infinite.
    """
    known = names_of(frame)
    absent = [column for column in columns if column not in known]
    if absent:
        raise FormulaError("; ".join(near(column, known) for column in absent))
    refuse_quotes(frame, columns)
    frame = frame.select(*columns)
    if isinstance(frame, nw.LazyFrame):
        return _complete_lazily(frame, columns)
    read = len(frame)
    if not read:
        raise DataError("none of 0 rows is complete (missing values: the table is empty)")
    gaps = {column: _gaps(frame, column) for column in columns}
    counts = {column: int(gap.sum()) for column, gap in gaps.items() if gap is not None}
    if not any(counts.values()):
        _finite(frame, columns)
        return frame, Account(read, read, {})
    # Rows leave: the others carry their numbers, counted from 0, for messages.
    lost = np.logical_or.reduce([gap for gap in gaps.values() if gap is not None] or [np.zeros(read, dtype=bool)])
    used = frame.with_row_index(ROW).filter((~lost).tolist())
    account = Account(read, len(used), {column: count for column, count in counts.items() if count})
    if not len(used):
        told = ", ".join(f"{column} {count}" for column, count in account.missing.items())
        raise DataError(f"none of {account.read} rows is complete (missing values: {told})")
    _finite(used, columns)
    return used, account


def _complete_lazily(frame: nw.LazyFrame[Any], columns: tuple[str, ...]) -> tuple[nw.LazyFrame[Any], Account]:
    """Do the same in the engine: rows are counted there and stay there."""
    read, missing = count_missing(frame, columns)
    missing = {column: count for column, count in missing.items() if count}
    used = read
    if missing:
        frame = frame.filter(~nw.any_horizontal(*(missing_lazily(frame, c) for c in missing), ignore_nulls=False))
        used = int(one_row(frame.select(rows=nw.len()))["rows"])
    if not used:
        told = ", ".join(f"{column} {count}" for column, count in missing.items()) or "the table is empty"
        raise DataError(f"none of {read} rows is complete (missing values: {told})")
    refuse_infinite(frame, columns)
    return frame, Account(read, used, missing)


def _gaps(frame: Frame, column: str) -> NDArray[np.bool_] | None:
    """Tell which rows of a column are missing; None where it has no place for missing values."""
    values = values_of(frame, column)
    if values.dtype.kind == "f":
        # A finite sum has neither gaps nor infinities in it: one pass for the usual case.
        if np.isfinite(values.sum()):
            return None
        found: NDArray[np.bool_] = np.isnan(values)
        return found
    if values.dtype.kind in "iub":
        return None
    return np.asarray(frame[column].is_null().to_numpy()).astype(bool)


def _finite(frame: Frame, columns: tuple[str, ...]) -> None:
    """Refuse infinite values."""
    for column in columns:
        values = values_of(frame, column)
        if values.dtype.kind != "f" or np.isfinite(values.sum()):
            continue
        bad = np.flatnonzero(np.isinf(values))
        if len(bad):
            rows = values_of(frame, ROW)[bad[:5]].tolist() if ROW in frame.columns else bad[:5].tolist()
            raise DataError(
                f"column {column!r} is infinite in {len(bad)} rows (from 0: {rows}); correct them or set them missing"
            )
