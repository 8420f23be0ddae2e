"""Columns of 0 and 1, and of amounts: what is refused of them, and how they reach an estimate."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from povstats.engine.columns import absent, near
from povstats.engine.panels import Frame, collected
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError
from povstats.survey import Design


def opened(table: Table) -> tuple[Frame, dict[str, Any]]:
    """Open a table, eager or lazy, with the types of its columns."""
    frame = open_lazily(table)
    return frame, dict(frame.collect_schema())


def known(schema: Mapping[str, Any], role: str, column: object) -> str:
    """Refuse a column that is not there, or holds neither numbers nor truth values.

    Raises
    ------
    DataError
        With the argument that named it and the columns there are.
    """
    if not isinstance(column, str) or column not in schema:
        raise DataError(f"{role}={column!r}: {near(str(column), list(schema))}")
    kind = schema[column]
    if not (kind.is_numeric() or kind == nw.Boolean):
        raise DataError(f"column {column!r} ({role}) must hold 0 and 1 or amounts, it holds {kind}; turn it into them")
    return column


def plain(schema: Mapping[str, Any], column: str) -> nw.Expr:
    """Write a column as decimals, 0 where it is missing."""
    return nw.when(absent(schema, column)).then(nw.lit(0.0)).otherwise(nw.col(column).cast(nw.Float64))


def counted(frame: Frame, asked: Mapping[str, nw.Expr]) -> dict[str, int]:
    """Count by name the rows in which an expression is true, by one query; "rows" is their number."""
    counts = {name: which.cast(nw.Int64).sum() for name, which in asked.items()}
    row = collected(frame.with_columns(nw.lit(1).alias("povstats row")).select(
        nw.col("povstats row").sum().alias("rows"), **counts)
    ).iloc[0]  # fmt: skip
    return {name: 0 if value is None or value != value else int(value) for name, value in row.items()}


def require_flags(frame: Frame, schema: Mapping[str, Any], columns: Sequence[str], *, complete: bool) -> dict[str, int]:
    """Refuse columns that are not made of 0 and 1, and count what is missing.

    Parameters
    ----------
    frame, schema : the table. columns : of flags. complete : whether a missing value is refused too.

    Returns
    -------
    dict
        Missing rows by column, and "rows".

    Raises
    ------
    DataError
        With the number of rows at fault.
    """
    asked: dict[str, nw.Expr] = {}
    for i, column in enumerate(columns):
        value = plain(schema, column)
        asked[f"odd {i}"] = ~((value == 0.0) | (value == 1.0))
        asked[f"gone {i}"] = absent(schema, column)
    found = counted(frame, asked)
    missing = {column: found[f"gone {i}"] for i, column in enumerate(columns)}
    for i, column in enumerate(columns):
        if found[f"odd {i}"]:
            raise DataError(
                f"column {column!r} is neither 0 nor 1 in {found[f'odd {i}']} rows; write 1 where it holds and 0 where "
                "it does not"
            )
        if complete and missing[column]:
            raise DataError(
                f"column {column!r} is missing in {missing[column]} rows; fill it in, or leave these rows out before "
                "the call"
            )
    return {**missing, "rows": found["rows"]}


def kept_columns(design: Design, *others: str | None) -> list[str]:
    """Name the columns that an estimate reads beside those made here, each once."""
    named = (design.weights, design.strata, design.psu, design.fpc, *others)
    replicates = () if design.replicates is None else tuple(design.replicates.columns)
    return list(dict.fromkeys(name for name in (*named, *replicates) if name is not None))
