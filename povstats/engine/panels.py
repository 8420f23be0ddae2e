"""Rows of units over time: what a unit had before, and sums by group, on every engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.columns import absent, near, values_of
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
    counts = {name: absent(schema, name).cast(nw.Int64).sum() for name in columns}
    found = collected(frame.select(**counts)).iloc[0]
    lacking = {name: int(n) for name, n in found.items() if n > 0}
    if lacking:
        told = ", ".join(f"{name!r} in {n} rows" for name, n in lacking.items())
        raise DataError(f"{where} needs complete columns; missing: {told}; drop these rows, or fill and say how")


def refuse_text(frame: Frame, columns: Sequence[str], where: str) -> None:
    """Refuse columns that hold no numbers, naming each with its type."""
    schema = frame.collect_schema()
    wrong = ", ".join(f"{name!r} ({schema[name]})" for name in columns if not schema[name].is_numeric())
    if wrong:
        raise DataError(f"{where} needs numbers; other types: {wrong}; convert these columns first")


def refuse_repeated(frame: Frame, keys: Sequence[str], what: str) -> None:
    """Refuse rows that share their keys, with some of them."""
    counted = frame.group_by(*keys).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)
    found = collected(counted.head(SHOWN + 1))
    if len(found):
        some = "; ".join(", ".join(f"{key}={row[key]}" for key in keys) for _, row in found.head(SHOWN).iterrows())
        more = " …" if len(found) > SHOWN else ""
        raise DataError(f"{what}: {some}{more} occur more than once; keep one row of each")


NONE = -9
"""What a unit had before its first row, and has after its last: no wave and no state has this number."""


def in_order(frame: Frame, unit: str, wave: str, carried: Sequence[str]) -> Frame:
    """Sort rows by unit and wave, with what the unit had in its row before ("previous x") and after ("next x").

    In memory this is one sort of arrays, left out where the rows are in order, and shifts; a lazy frame asks its engine
    for windows. The frame in memory comes back on pandas, with "unit code", a whole number for each unit.

    Parameters
    ----------
    frame : the rows. unit, wave : columns; no unit has a wave twice. carried : columns of whole numbers.

    Raises
    ------
    DataError
        Where a unit has a wave twice.
    """
    if isinstance(frame, nw.LazyFrame):
        refuse_repeated(frame, [unit, wave], f"rows of one {unit} and {wave}")
        moved = {
            f"{word} {name}": nw.col(name).shift(by).over(unit, order_by=wave).fill_null(NONE)
            for word, by in (("previous", 1), ("next", -1))
            for name in carried
        }
        return frame.with_columns(**moved)
    code = pd.factorize(values_of(frame, unit))[0]
    time = values_of(frame, wave)
    step = np.diff(code)
    if len(code) and not ((step > 0) | ((step == 0) & (np.diff(time) > 0))).all():
        order = np.lexsort((time, code))
    else:
        order = None
    held = {name: values_of(frame, name) if order is None else values_of(frame, name)[order] for name in frame.columns}
    code = code if order is None else code[order]
    same = code[1:] == code[:-1]
    again = same & (held[wave][1:] == held[wave][:-1])
    if again.any():
        at = int(np.flatnonzero(again)[0])
        raise DataError(
            f"rows of one {unit} and {wave} occur more than once, {int(again.sum())} of them: {held[unit][at]}, "
            f"{held[wave][at]} …; keep one row of each"
        )
    for name in carried:
        before, after = (np.full(len(code), NONE, dtype=np.int32) for _ in range(2))
        before[1:][same] = held[name][:-1][same]
        after[:-1][same] = held[name][1:][same]
        held[f"previous {name}"], held[f"next {name}"] = before, after
    made: nw.DataFrame[Any] = nw.from_native(pd.DataFrame(held | {"unit code": code}, copy=False), eager_only=True)
    return made


def in_pandas(frame: Frame) -> Frame:
    """Bring a table that is in memory to pandas, as `in_order` gives it, so that both join; a lazy one stays lazy."""
    return frame if isinstance(frame, nw.LazyFrame) else nw.from_native(frame.to_pandas(), eager_only=True)


def joined(left: Frame, right: Frame, on: str | list[str], how: Literal["inner", "left"]) -> Frame:
    """Join two frames of one engine."""
    whole: Any = left
    made: Frame = whole.join(right, on=on, how=how)
    return made


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
    if not by and not sums:
        return collected(frame.select(nw.len().alias("rows")))
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
