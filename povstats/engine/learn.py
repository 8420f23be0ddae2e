"""What a model asks of a table before it is reduced: types, missing values, levels, means; eager or lazy alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine.columns import Piece, as_expression
from povstats.engine.moments import LARGEST, evaluate
from povstats.errors import DataError

AnyFrame = nw.DataFrame[Any] | nw.LazyFrame[Any]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, standard deviation (divisor n − 1), smallest and largest value of an expression."""

    mean: float
    sd: float
    low: float
    high: float


_last: list[tuple[AnyFrame, dict[str, Any]]] = []
"""The types of the table asked for last: a fit asks for them column by column."""


def _schema(frame: AnyFrame) -> dict[str, Any]:
    if not _last or _last[0][0] is not frame:
        _last[:] = [(frame, dict(frame.collect_schema()))]
    return _last[0][1]


def dtype_of(frame: AnyFrame, column: str) -> Any:
    """Give the type of a column."""
    return _schema(frame)[column]


def names_of(frame: AnyFrame) -> list[str]:
    """Name the columns."""
    return list(_schema(frame))


def distinct(frame: AnyFrame, column: str) -> nw.Series[Any]:
    """Give the different values of a column."""
    if isinstance(frame, nw.LazyFrame):
        return frame.select(nw.col(column)).unique().collect()[column]
    return frame[column]


def spread_of(frame: AnyFrame, name: str, expression: Piece) -> Spread:
    """Work out the spread of an expression, and refuse one that is not finite somewhere.

    Raises
    ------
    DataError
        Where it is undefined or infinite on some row.
    """
    if isinstance(frame, nw.DataFrame):
        values = evaluate(frame, name, expression)
        sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return Spread(float(values.mean()), sd, float(values.min()), float(values.max()))
    value = nw.col("value")
    made = frame.select(value=as_expression(expression).cast(nw.Float64))
    refuse_not_finite(made, {"value": name})
    row = one_row(made.select(mean=value.mean(), low=value.min(), high=value.max(), n=nw.len()))
    # Squares about the mean, in a second pass: a mean of a million would drown them.
    about = one_row(made.select(squares=((value - row["mean"]) * (value - row["mean"])).sum()))
    sd = float(np.sqrt(about["squares"] / (row["n"] - 1))) if row["n"] > 1 else 0.0
    return Spread(row["mean"], sd, row["low"], row["high"])


def means_by(frame: AnyFrame, name: str, expression: nw.Expr, group: str) -> dict[Any, float]:
    """Give the mean of an expression by group."""
    made = frame.select(group=nw.col(group), value=expression.cast(nw.Float64))
    found = made.group_by("group").agg(value=nw.col("value").mean())
    table = found.collect() if isinstance(found, nw.LazyFrame) else found
    means = {
        label: float(value) for label, value in zip(table["group"].to_list(), table["value"].to_list(), strict=True)
    }
    bad = [label for label, value in means.items() if not np.isfinite(value)]
    if bad:
        raise DataError(f"{name!r} is undefined or infinite in {len(bad)} groups of {group!r}, such as {bad[0]!r}")
    return means


def count_missing(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Count the rows of a lazy table, and the missing values by column."""
    gaps = {f"gap {i}": missing_lazily(frame, column).cast(nw.Int64).sum() for i, column in enumerate(columns)}
    row = one_row(frame.select(rows=nw.len(), **gaps))
    return int(row["rows"]), {column: int(row[f"gap {i}"] or 0) for i, column in enumerate(columns)}


def missing_lazily(frame: nw.LazyFrame[Any], column: str) -> nw.Expr:
    """Tell which rows of a column of a lazy table are missing."""
    value = nw.col(column)
    return value.is_null() | value.is_nan() if dtype_of(frame, column).is_float() else value.is_null()


def refuse_infinite(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> None:
    """Refuse infinite values in the decimal columns of a lazy table."""
    decimals = [column for column in columns if dtype_of(frame, column).is_float()]
    if not decimals:
        return
    counts = one_row(
        frame.select(**{f"bad {i}": (~nw.col(c).is_finite()).cast(nw.Int64).sum() for i, c in enumerate(decimals)})
    )
    for i, column in enumerate(decimals):
        if counts[f"bad {i}"]:
            raise DataError(
                f"column {column!r} is infinite in {int(counts[f'bad {i}'])} rows; correct them or set them missing"
            )


def refuse_not_finite(
    frame: nw.LazyFrame[Any], names: Mapping[str, str], groups: Mapping[str, str] | None = None
) -> None:
    """Refuse evaluated columns that are undefined, infinite or very large on some row.

    Parameters
    ----------
    frame : with the columns. names : by column, what a message calls it.
    groups : by column of a grouping, what it is called: a message names a group with such rows, for a lazy table has
        no row numbers.
    """
    bad = {c: nw.col(c).is_null() | nw.col(c).is_nan() | (nw.col(c).abs() >= LARGEST) for c in names}
    row = one_row(frame.select(rows=nw.len(), **{f"bad {c}": which.cast(nw.Int64).sum() for c, which in bad.items()}))
    for column, name in names.items():
        if row[f"bad {column}"]:
            raise DataError(
                f"{name!r} is undefined, infinite or beyond {LARGEST:.0e} in {int(row[f'bad {column}'])} of "
                f"{int(row['rows'])} rows{_example(frame, bad[column], groups or {})}; a logarithm needs values above "
                "0, a root values from 0: correct or leave out these rows"
            )


def refuse_not_above(frame: nw.LazyFrame[Any], weight: str, name: str, groups: Mapping[str, str]) -> None:
    """Refuse weights that are not above zero; the parameters are those of refuse_not_finite."""
    bad = nw.col(weight) <= 0.0
    row = one_row(frame.select(rows=nw.len(), bad=bad.cast(nw.Int64).sum()))
    if row["bad"]:
        raise DataError(
            f"weight {name!r} is not above 0 in {int(row['bad'])} of {int(row['rows'])} rows"
            f"{_example(frame, bad, groups)}; a row that stands for nobody is left out of the table, not weighted with "
            "zero"
        )


def _example(frame: nw.LazyFrame[Any], bad: nw.Expr, groups: Mapping[str, str]) -> str:
    """Name a group with a bad row: of those the first by its text, which is the same every time."""
    if not groups:
        return ""
    column, name = next(iter(groups.items()))
    found = frame.filter(bad).select(nw.col(column).cast(nw.String).min()).collect().row(0)[0]
    return f" (such as in {name} {found!r})"


def refuse_quotes(frame: AnyFrame, columns: Sequence[str]) -> None:
    """Refuse names with a quotation mark where DuckDB would have to read them."""
    odd = [column for column in columns if '"' in column]
    if odd and frame.implementation.is_duckdb():
        raise DataError(f"columns {odd}: a name with a quotation mark cannot be asked for in DuckDB; rename them")


def one_row(frame: nw.LazyFrame[Any]) -> dict[str, Any]:
    """Collect a query that gives one row, decimals and integers as Python numbers."""
    table = frame.collect()
    return {
        name: None if value is None else float(value) for name, value in zip(table.columns, table.row(0), strict=True)
    }
