"""The same refusals for a lazy table: its values are counted in the engine, by one query, and rows have no places."""

from collections.abc import Sequence
from typing import Any, Literal

import narwhals as nw

from povstats.engine.columns import near
from povstats.engine.learn import dtype_of, missing_lazily, names_of, one_row
from povstats.errors import DataError

Demand = Literal["number", "complete", "weights", "positive", "factor"]
"""number: finite or missing; complete: never missing; weights: complete numbers from 0; positive: above 0; factor:
complete numbers."""

LARGEST = 1.7e308
"""Beyond it a decimal is infinite, or as good as that."""
BREACHES: dict[Demand, tuple[str, ...]] = {
    "number": ("infinite",),
    "complete": ("missing",),
    "weights": ("infinite", "missing", "negative"),
    "positive": ("infinite", "missing", "zero or negative"),
    "factor": ("infinite", "missing"),
}


def require_lazily(frame: nw.LazyFrame[Any], demands: Sequence[tuple[str, str, Demand]]) -> None:
    """Refuse columns of a lazy table that cannot play their part.

    Parameters
    ----------
    frame : the table.
    demands : the argument that named a column, the column, and what is asked of it.

    Raises
    ------
    DataError
        Where a column is not there, is of the wrong kind, or has values that cannot be used; messages are those of the
        other refusals, without the places of the rows.
    """
    names = names_of(frame)
    for role, column, demand in demands:
        if column not in names:
            raise DataError(f"{role}={column!r}: {near(column, names)}")
        if demand != "complete" and not dtype_of(frame, column).is_numeric():
            raise DataError(
                f"column {column!r} ({role}) must hold numbers, it holds {dtype_of(frame, column)}; turn it into "
                "numbers first, and what cannot be read into missing"
            )
    asked = {
        f"bad {i} {what}": _breach(frame, column, what).cast(nw.Int64).sum()
        for i, (_, column, demand) in enumerate(demands)
        for what in BREACHES[demand]
    }
    found = one_row(frame.select(**asked))
    for i, (role, column, demand) in enumerate(demands):
        for what in BREACHES[demand]:
            if found[f"bad {i} {what}"]:
                raise DataError(
                    f"column {column!r} ({role}) is {what} in {int(found[f'bad {i} {what}'])} rows; correct it, or "
                    "leave these rows out before the call"
                )


def _breach(frame: nw.LazyFrame[Any], column: str, what: str) -> nw.Expr:
    gone, value = missing_lazily(frame, column), nw.col(column)
    if what == "missing":
        return gone
    here = ~gone
    if what == "infinite":
        # A comparison, for a column of integers has no is_finite on some engines.
        wide = value.cast(nw.Float64)
        return here & ((wide > LARGEST) | (wide < -LARGEST))
    return here & ((value < 0) if what == "negative" else (value <= 0))
