"""Rows of units over time: what a unit had before, runs of the same state, and sums by group, on every engine."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.engine.columns import near
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
SHOWN = 5


def opened(table: Table, columns: Sequence[str]) -> Frame:
    """Open a table, eager or lazy, with the columns that are needed and no others.

    Raises
    ------
    DataError
        Where a column is not there, or is missing in a row.
    """
    frame = open_lazily(table)
    names = list(frame.collect_schema().names()) if isinstance(frame, nw.LazyFrame) else frame.columns
    needed = list(dict.fromkeys(columns))
    for column in needed:
        if column not in names:
            raise DataError(near(column, names))
    return frame.select(*needed)


def refuse_missing(frame: Frame, columns: Sequence[str], where: str) -> None:
    """Refuse rows in which a column is missing, naming each column with its number of rows."""
    schema = frame.collect_schema()
    counts = {}
    for name in columns:
        value = nw.col(name)
        gone = value.is_null() | value.is_nan() if schema[name].is_float() else value.is_null()
        counts[name] = gone.cast(nw.Int64).sum()
    found = collected(frame.select(**counts)).iloc[0]
    lacking = {name: int(n) for name, n in found.items() if n > 0}
    if lacking:
        told = ", ".join(f"{name!r} in {n} rows" for name, n in lacking.items())
        raise DataError(f"{where} needs complete columns; missing: {told}; drop these rows, or fill and say how")


def refuse_repeated(frame: Frame, keys: Sequence[str], what: str) -> None:
    """Refuse rows that share their keys, with some of them."""
    counted = frame.group_by(*keys).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)
    found = collected(counted.head(SHOWN + 1))
    if len(found):
        some = "; ".join(", ".join(f"{key}={row[key]}" for key in keys) for _, row in found.head(SHOWN).iterrows())
        more = " …" if len(found) > SHOWN else ""
        raise DataError(f"{what}: {some}{more} occur more than once; keep one row of each")


def with_previous(frame: Frame, unit: str, wave: str, columns: Sequence[str], by: int = 1) -> Frame:
    """Add to every row what its unit had in its row before: columns named "previous <column>", null in its first row.

    Parameters
    ----------
    frame : the rows. unit, wave : columns of units and of time. columns : what to carry.
    by : rows back; −1 carries from the row after, as "next <column>".
    """
    names = {column: f"{'previous' if by > 0 else 'next'} {column}" for column in columns}
    if isinstance(frame, nw.LazyFrame):
        moved = {new: nw.col(old).shift(by).over(unit, order_by=wave) for old, new in names.items()}
        return frame.with_columns(**moved)
    # One sort and plain shifts: windows of an eager frame would sort once a column.
    ordered = frame.sort(unit, wave)
    same = nw.col(unit) == nw.col(unit).shift(by)
    moved = {new: nw.when(same).then(nw.col(old).shift(by)) for old, new in names.items()}
    return ordered.with_columns(**moved)


def with_runs(frame: Frame, unit: str, wave: str, starts: str, name: str) -> Frame:
    """Count, row by row of a unit, in how many so far `starts` (0 or 1) is 1: the number of the run."""
    if isinstance(frame, nw.LazyFrame):
        return frame.with_columns(nw.col(starts).cum_sum().over(unit, order_by=wave).alias(name))
    # Sorted rows have runs of units one after the other: a running number over all is a number within each.
    return frame.sort(unit, wave).with_columns(nw.col(starts).cum_sum().alias(name))


def totals(frame: Frame, by: Sequence[str], sums: Mapping[str, nw.Expr]) -> pd.DataFrame:
    """Add up row expressions by group, and count the rows.

    Parameters
    ----------
    frame : the rows. by : columns of the groups; none for the whole. sums : expressions by name.

    Returns
    -------
    pandas.DataFrame
        One row a group in order of its keys: the keys, the sums and "rows".
    """
    made = frame.select(*by, **sums)
    asked = {name: nw.col(name).sum() for name in sums}
    if not by:
        whole = made.with_columns(nw.lit(1).alias("rows")).select(*asked.values(), nw.col("rows").sum())
        return collected(whole).fillna(0)
    found = collected(made.group_by(*by).agg(*asked.values(), nw.len().alias("rows")))
    return found.sort_values(list(by), ignore_index=True)


def collected(frame: Frame) -> pd.DataFrame:
    """Bring a small table into memory, as pandas."""
    here = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return here.to_pandas()
