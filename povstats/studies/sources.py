"""Where a study's data come from: files and tables, each with its fingerprint."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from povstats.engine import open_table
from povstats.errors import DataError
from povstats.reading import Reading, read

CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Source:
    """One file or table.

    Attributes
    ----------
    role : its name in a study of several, such as "village"; "" for the only one.
    file : the file's name without its folder; "" for a table in memory.
    fingerprint : SHA-256 of the file's bytes, or of a table's columns and values. size : bytes of the file.
    rows, columns : of the table. data : what the recipe is applied to. reading : of a file.
    """

    role: str
    file: str
    fingerprint: str
    size: int
    rows: int
    columns: int
    data: Any
    reading: Reading | None

    @property
    def record(self) -> dict[str, object]:
        """What a manifest keeps of it."""
        found: dict[str, object] = {"role": self.role, "file": self.file, "sha256": self.fingerprint}
        found |= {"rows": self.rows, "columns": self.columns}
        if self.reading is not None:
            found |= {"bytes": self.size, "format": self.reading.format, "encoding": self.reading.encoding}
            found |= {"sheet": self.reading.sheet}
        return found


def open_sources(data: Any, recipe: Any = None) -> tuple[Source, ...]:
    """Open what a study is given.

    Parameters
    ----------
    data : a path, a Reading, a table, or a mapping of several of these by role.
    recipe : a Recipe, which may name the encoding of files and the sheets of workbooks; two sheets of one workbook
        are two sources.

    Raises
    ------
    DataError, EngineError
        Where a file cannot be read, or an object is no table.
    """
    sheets = {} if recipe is None else dict(recipe.parts.sheets)
    encoding = None if recipe is None else recipe.parts.encoding
    named = [role for role in sheets if role]
    if not isinstance(data, Mapping) and isinstance(data, str | PathLike) and len(named) > 1:
        data = dict.fromkeys(named, data)
    if isinstance(data, Mapping):
        if not data:
            raise DataError("the mapping of tables is empty; give {'household': …, 'village': …}")
        return tuple(_open(str(role), one, sheets.get(str(role)), encoding) for role, one in data.items())
    return (_open("", data, sheets.get("household", sheets.get("")), encoding),)


def _open(role: str, given: Any, sheet: str | None, encoding: str | None) -> Source:
    if isinstance(given, str | PathLike):
        given = read(given, sheet=sheet, encoding=encoding)
    if not isinstance(given, Reading):
        table = open_table(given).to_pandas()
        rows, columns = table.shape
        return Source(role, "", table_fingerprint(table), 0, rows, columns, table, None)
    path = Path(given.path)
    sha, size = file_fingerprint(path)
    rows, columns = given.table.shape
    return Source(role, path.name, sha, size, rows, columns, given, given)


def file_fingerprint(path: Path) -> tuple[str, int]:
    """Give a file's SHA-256 and size."""
    found, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                found.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {type(error).__name__}") from error
    return found.hexdigest(), size


def table_fingerprint(table: pd.DataFrame) -> str:
    """Give the SHA-256 of a table's column names, kinds and values, whatever its index."""
    found = hashlib.sha256()
    for name in table.columns:
        values = table[name]
        found.update(f"{name}\x00{values.dtype}\x00".encode())
        found.update(pd.util.hash_pandas_object(values, index=False, categorize=False).to_numpy().tobytes())
    return found.hexdigest()
