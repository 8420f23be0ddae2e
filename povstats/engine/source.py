"""The door: any table becomes one narwhals frame, eager or lazy."""

from os import PathLike
from pathlib import Path
from typing import Any

import narwhals as nw

from povstats.errors import DataError, EngineError

Table = Any
"""A pandas or polars frame, a pyarrow table, or a path to a CSV or Parquet file; what takes lazy tables too (see
open_lazily) says so."""


LARGE = 200_000_000
"""Parquet files of so many bytes and more are not read into memory by verbs that reduce tables in the engine."""


def open_lazily(table: Table) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """Open a table without changing it and, where it is a lazy one, without reading it.

    Parameters
    ----------
    table : as for open_table, or a DuckDB relation or a polars LazyFrame. A .parquet file beyond LARGE bytes is opened
        through DuckDB.

    Raises
    ------
    EngineError, DataError
        As open_table.
    """
    if isinstance(table, str | PathLike):
        path = Path(table)
        large = path.suffix.lower() == ".parquet" and path.is_file() and path.stat().st_size >= LARGE
        return nw.scan_parquet(str(path), backend="duckdb") if large else _read(path)
    try:
        frame = nw.from_native(table)
    except (TypeError, ValueError):
        return open_table(table)
    if isinstance(frame, nw.LazyFrame):
        twice = sorted({name for name in frame.columns if frame.columns.count(name) > 1})
        if twice:
            raise DataError(f"columns {twice} occur more than once; give every column a name of its own")
        return frame
    return open_table(table)


def open_table(table: Table) -> nw.DataFrame[Any]:
    """Open a table without changing it.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file.

    Returns
    -------
    narwhals.DataFrame
        An eager frame over the same data.

    Raises
    ------
    EngineError
        Where the object is no table, or a lazy one (which this version does not reduce in place).
    DataError
        Where a file cannot be read, or two columns share a name.
    """
    if isinstance(table, str | PathLike):
        return _read(Path(table))
    try:
        frame = nw.from_native(table)
    except TypeError as error:
        raise EngineError(
            f"a {type(table).__name__} is not a table povstats can open; give a pandas or polars frame, a pyarrow "
            "table, or the path of a .csv or .parquet file"
        ) from error
    except ValueError as error:  # narwhals refuses duplicate column names
        raise DataError(f"the table cannot be opened: {error}; give every column a name of its own") from error
    if not isinstance(frame, nw.DataFrame):
        raise EngineError(
            f"a lazy table ({type(table).__name__}) cannot be used yet; collect it first (polars: .collect(), "
            "DuckDB: .df()) and hand over the columns you need"
        )
    names = frame.columns
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"columns {twice} occur more than once; give every column a name of its own")
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise DataError(f"column names must be text, these are not: {odd[:5]}; rename them")
    return frame


def _read(path: Path) -> nw.DataFrame[Any]:
    """Read a file by its ending with pyarrow."""
    readers = {".csv": nw.read_csv, ".parquet": nw.read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise EngineError(f"{path.name}: only .csv and .parquet files are opened here")
    if not path.is_file():
        raise DataError(f"{path} is not there")
    try:
        return reader(str(path), backend="pyarrow")
    except (ValueError, OSError) as error:
        raise DataError(f"{path.name} cannot be read: {error}") from error
