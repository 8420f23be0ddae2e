"""From what a caller hands to a recipe to its tables, with the labels that the file carries."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.engine.source import open_table
from povstats.errors import DataError
from povstats.reading.recipe_parts import Parts, Source
from povstats.reading.recipe_report import Step
from povstats.reading.recipe_strict import hint


@dataclass(frozen=True, eq=False)
class Opened:
    """One of the caller's tables.

    Parameters
    ----------
    role : "household" (also the only table) or "village"; `alone` where there is no other.
    frame : the rows that are still kept, numbered anew from 0.
    rows : their positions in the caller's table.
    values : {column: {code: label}}; `labelled` tells whether the file carries labels at all.
    missing : {column: {code: words}} for codes that the file declares missing.
    missing_at : {column: code by row (position in the caller's table)}, for what the file stores as missing by code.
    fingerprint : SHA-256 of names and values, shortened.
    """

    role: str
    alone: bool
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    values: Mapping[str, Mapping[Any, str]]
    missing: Mapping[str, Mapping[Any, str]]
    missing_at: Mapping[str, Any]
    fingerprint: str

    @property
    def labelled(self) -> bool:
        """Whether the file carries value labels, so that a code without one is remarkable."""
        return any(self.values.values())

    def kept(self, met: NDArray[np.bool_]) -> "Opened":
        """Leave out the rows that are not marked."""
        return replace(self, frame=self.frame[met].reset_index(drop=True), rows=self.rows[met])

    def where(self, column: str) -> str:
        """Name a column in a message."""
        return f"column {column!r}" if self.alone else f"column {column!r} of the {self.role} table"

    def positions(self, rows: "list[int] | NDArray[Any]") -> str:
        """Name rows by their positions in the caller's table."""
        return ", ".join(str(int(self.rows[row])) for row in list(rows)[:3])


Tables = dict[str, Opened]


def open_tables(data: Any, parts: Parts) -> Tables:
    """Open what the caller handed over.

    Parameters
    ----------
    data : a Reading, a frame, a path, or {"household": …, "village": …} of these.

    Raises
    ------
    DataError
        Where the recipe needs two tables and gets one, or the other way round.
    """
    roles = ["household", "village"] if parts.join is not None else ["household"]
    named = [name for name in parts.sheets if name]
    if not isinstance(data, Mapping) and isinstance(data, str | PathLike) and len(named) == len(roles) > 1:
        data = {role: _sheet(data, parts.sheets[role], parts) for role in roles}
    given = dict(data) if isinstance(data, Mapping) else {"household": data}
    if sorted(given) != roles:
        raise DataError(
            f"recipe {parts.name!r} works on {' and '.join(roles)}, and got {' and '.join(map(str, sorted(given)))}; "
            + (
                'give {"household": …, "village": …}, or name the two sheets of one workbook under sheets'
                if len(roles) > 1
                else "give one table, or add a join to the recipe"
            )
        )
    return {role: _opened(given[role], role, len(roles) == 1, parts) for role in roles}


def _opened(data: Any, role: str, alone: bool, parts: Parts) -> Opened:
    if isinstance(data, str | PathLike):
        data = _sheet(data, parts.sheets.get(role, parts.sheets.get("")), parts)
    reading = data if hasattr(data, "values") and isinstance(getattr(data, "table", None), pd.DataFrame) else None
    frame = open_table(data if reading is None else reading.table).to_pandas().reset_index(drop=True)
    if len(frame) == 0:
        raise DataError(f"the {role} table has no rows; check the file, the sheet and its first line")
    return Opened(
        role=role,
        alone=alone,
        frame=frame,
        rows=np.arange(len(frame)),
        values={} if reading is None else reading.values,
        missing=getattr(reading, "missing", None) or {},
        missing_at=getattr(reading, "missing_at", None) or {},
        fingerprint=fingerprint(frame),
    )


def _sheet(path: "str | PathLike[str]", sheet: str | None, parts: Parts) -> Any:
    """Read a file."""
    from povstats.reading.read import read

    return read(Path(path), sheet=sheet, encoding=parts.encoding)


def require_sources(tables: Tables, sources: list[Source]) -> None:
    """Refuse columns that are not there, all at once, with those that are near to them."""
    told = []
    for source in dict.fromkeys((one.table, one.column) for one in sources):
        role, column = source
        names = list(tables[role].frame.columns)
        if column not in names:
            other = [r for r in tables if r != role and column in tables[r].frame.columns]
            there = f" (the {other[0]} table has it: say table: {other[0]})" if other else hint(column, names)
            told.append(repr(column) + there)
    if told:
        lists = "; ".join(f"{role}: {', '.join(map(str, list(t.frame.columns)[:15]))}" for role, t in tables.items())
        raise DataError(f"the data have no column {'; '.join(told)}. They have {lists}")


def opening_steps(tables: Tables) -> list[Step]:
    """Say which tables were read."""
    return [
        Step(
            kind="open" if opened.alone else f"open_{role}",
            rows=len(opened.frame),
            facts={"columns": len(opened.frame.columns), "fingerprint": opened.fingerprint},
        )
        for role, opened in tables.items()
    ]


def fingerprint(frame: pd.DataFrame) -> str:
    """Compute the fingerprint of a table: its names and values in their order, however they are stored."""
    made = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
            stored = column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            # Every not-a-number has the same bytes, and so has every zero.
            told = (np.where(np.isnan(stored), np.nan, stored) + 0.0).tobytes()
        else:
            texts = pd.Series(column.astype(object).where(column.notna(), None)).map(
                lambda v: "" if v is None else f"={v}"
            )
            told = pd.util.hash_array(texts.to_numpy(dtype=object)).tobytes()
        made.update(f"{name}\0{len(frame)}\0".encode() + told)
    return made.hexdigest()[:16]
