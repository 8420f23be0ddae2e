"""Which rows a model uses: missing values are dropped by column and counted, everything else odd is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from povstats.engine.columns import ROW, missing, near
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


def complete(frame: Frame, columns: tuple[str, ...]) -> tuple[Frame, Account]:
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
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise FormulaError("; ".join(near(column, frame.columns) for column in absent))
    frame = frame.select(*columns).with_row_index(ROW)
    gaps = {column: missing(frame, column) for column in columns}
    counts = frame.select(*(gap.sum().alias(column) for column, gap in gaps.items())).row(0)
    used = frame.filter(~nw.any_horizontal(*gaps.values(), ignore_nulls=False))
    account = Account(len(frame), len(used), {c: int(n) for c, n in zip(columns, counts, strict=True) if n})
    if not len(used):
        told = ", ".join(f"{column} {count}" for column, count in account.missing.items()) or "the table is empty"
        raise DataError(f"none of {account.read} rows is complete (missing values: {told})")
    _finite(used, columns)
    return used, account


def _finite(frame: Frame, columns: tuple[str, ...]) -> None:
    decimals = [column for column in columns if frame.schema[column].is_float()]
    if not decimals:
        return
    counts = frame.select(*((~nw.col(column).is_finite()).sum().alias(column) for column in decimals)).row(0)
    for column, count in zip(decimals, counts, strict=True):
        if count:
            rows = frame.filter(~nw.col(column).is_finite())[ROW].to_list()[:5]
            raise DataError(
                f"column {column!r} is infinite in {count} rows (from 0: {rows}); correct them or set them missing"
            )
