"""The rows of a field check: who was looked at, in which stratum, and how many persons stand behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.columns import absent
from povstats.engine.layout import Codes, Floats
from povstats.engine.panels import collected
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError
from povstats.targeting.flags import known, opened, require_flags

STATUS = ("registered", "exited", "outside")
"""On the register and not yet out; on it and out; never on it."""
WORDS = {
    **{name: name for name in STATUS},
    **{"未脱贫": "registered", "未脱贫户": "registered", "已脱贫": "exited", "脱贫户": "exited"},
    **{"非建档立卡": "outside", "非建档立卡户": "outside", "未建档立卡户": "outside"},
}
Totals = Mapping[Any, float]


@dataclass(frozen=True)
class Columns:
    """The columns of a field check; see `povstats.three_rates`."""

    status: str
    poor: str
    strata: str | None
    psu: str | None
    size: str | None
    count: str | None


@dataclass(frozen=True, eq=False)
class Sampled:
    """Rows of a field check.

    Parameters
    ----------
    status : place in STATUS, shape (n,). poor : 0 or 1. stratum : code. psu : code; a row each without one.
    persons : of a row's unit. units : how many such units the row stands for.
    strata : labels. total : persons in the population, shape (strata, 3).
    """

    status: Codes
    poor: Floats
    stratum: Codes
    psu: Codes
    persons: Floats
    units: Floats
    strata: tuple[Any, ...]
    total: Floats


def sampled(table: Table, columns: Columns, totals: Totals) -> Sampled:
    """Check the rows and the totals.

    Raises
    ------
    DataError
        Where a column cannot be used, a status is unknown, or a stratum with a total has no row.
    OptionError
        Where the totals do not fit the strata.
    """
    rows = _rows(table, columns)
    strata, stratum = _codes(rows, columns.strata)
    status = rows["status"].map(WORDS)
    odd = sorted({str(value) for value in rows["status"][status.isna()]})
    if odd:
        raise DataError(
            f"column {columns.status!r} (status) holds {', '.join(map(repr, odd[:5]))}; it takes {', '.join(STATUS)}, "
            "or "
            f"{'、'.join(word for word in WORDS if word not in STATUS)}"
        )
    place = status.map({name: i for i, name in enumerate(STATUS)}).to_numpy(dtype=np.intp)
    total = _totals(totals, strata, columns.strata)
    _refuse_unseen(place, stratum, strata, total)
    psu = np.arange(len(rows), dtype=np.intp)
    if columns.psu is not None:
        psu = pd.MultiIndex.from_arrays([stratum, rows["psu"]]).factorize()[0].astype(np.intp)
    return Sampled(place, rows["poor"].to_numpy(dtype=float), stratum, psu, *_sizes(rows, columns), strata, total)


def _rows(table: Table, columns: Columns) -> pd.DataFrame:
    """Bring the rows of a check, which are few, into memory under fixed names."""
    frame, schema = opened(table)
    named = {"status": columns.status, "stratum": columns.strata, "psu": columns.psu}
    there = {role: name for role, name in named.items() if name is not None}
    for role, name in there.items():
        if name not in schema:
            known(schema, role, name)
    numbers = {"poor": columns.poor, "size": columns.size, "count": columns.count}
    asked = {role: known(schema, role, name) for role, name in numbers.items() if name is not None}
    require_flags(frame, schema, (columns.poor,), complete=True)
    made = frame.select(
        *(nw.col(name).alias(role) for role, name in there.items()),
        *(
            nw.when(~absent(schema, name)).then(nw.col(name).cast(nw.Float64)).alias(role)
            for role, name in asked.items()
        ),
    )
    rows = collected(made)
    for role, name in {**there, **asked}.items():
        lacking = int(rows[role].isna().sum())
        if lacking:
            raise DataError(f"column {name!r} ({role}) is missing in {lacking} rows; fill it in, or leave the rows out")
    for role in ("size", "count"):
        if role in asked and not (rows[role] > 0).all():
            raise DataError(f"column {asked[role]!r} ({role}) is not above 0 in {int((rows[role] <= 0).sum())} rows")
    if columns.count is not None and columns.psu is not None:
        raise OptionError("count says that a row stands for several units alike, so rows have no PSUs: leave one out")
    return rows


def _sizes(rows: pd.DataFrame, columns: Columns) -> tuple[Floats, Floats]:
    one = np.ones(len(rows))
    persons = one if columns.size is None else rows["size"].to_numpy(dtype=float)
    return persons, one if columns.count is None else rows["count"].to_numpy(dtype=float)


def _codes(rows: pd.DataFrame, strata: str | None) -> tuple[tuple[Any, ...], Codes]:
    if strata is None:
        return (None,), np.zeros(len(rows), dtype=np.intp)
    codes, found = pd.factorize(rows["stratum"], sort=True)
    return tuple(found), codes.astype(np.intp)


def _totals(totals: Totals, strata: tuple[Any, ...], column: str | None) -> Floats:
    """Read {status: persons}, or {(stratum, status): persons}."""
    if not isinstance(totals, Mapping):
        raise OptionError("totals must map each status, or each (stratum, status), to its persons in the population")
    found = np.full((len(strata), len(STATUS)), np.nan)
    for key, persons in totals.items():
        stratum, status = (None, key) if column is None else key if isinstance(key, tuple) else (key, None)
        if WORDS.get(str(status)) is None or stratum not in strata:
            shown = "'exited'" if column is None else f"({strata[0]!r}, 'exited')"
            raise OptionError(f"totals has the key {key!r}; keys are such as {shown}, of strata that the table has")
        if not (np.isfinite(persons) and persons >= 0):
            raise OptionError(f"totals[{key!r}] = {persons!r} must be a number of persons, 0 or more")
        found[strata.index(stratum), STATUS.index(WORDS[str(status)])] = persons
    lacking = [(strata[h], STATUS[s]) for h, s in zip(*np.nonzero(np.isnan(found)), strict=True)]
    if lacking:
        raise OptionError(f"totals lacks {len(lacking)} numbers, such as {lacking[0]!r}; write 0 where there is nobody")
    return found


def _refuse_unseen(status: Codes, stratum: Codes, strata: tuple[Any, ...], total: Floats) -> None:
    seen = np.zeros_like(total)
    np.add.at(seen, (stratum, status), 1)
    empty = [(strata[h], STATUS[s]) for h, s in zip(*np.nonzero((total > 0) & (seen == 0)), strict=True)]
    if empty:
        raise DataError(
            f"{len(empty)} strata have persons and no sampled row, such as {empty[0]!r}: nothing is known of them; "
            "join them to another stratum"
        )
    odd = [(strata[h], STATUS[s]) for h, s in zip(*np.nonzero((total == 0) & (seen > 0)), strict=True)]
    if odd:
        raise DataError(f"{odd[0]!r} has sampled rows, and totals says that nobody is there")
