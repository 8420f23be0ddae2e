"""Stata files: numbers by pandas, labels by pyreadstat, text in the encoding that it really is in.

Files up to format 117 (Stata 13) do not say how their text is encoded; later ones are UTF-8 by definition, but hold
other bytes where an old file was opened and saved without Stata's `unicode translate`.
"""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from povstats.errors import DataError
from povstats.reading.note import Note, listed, number
from povstats.reading.raw_text import RawText, find_encoding
from povstats.reading.reading import Code, Reading

BYTES = "ISO-8859-1"
"""pyreadstat's name of the encoding that gives every byte a character of its own."""
DAMAGED = (pyreadstat.ReadstatError, ValueError, LookupError, OSError, EOFError, struct.error, MemoryError)
"""What pandas and pyreadstat raise where a file was cut or overwritten: a damaged size asks for any memory."""
CHUNK = 100_000
UTF8_FROM = 118
EXTENDED_FROM = 113
"""Stata 8 brought the missing values .a to .z."""
PERIODS = ("%tw", "%tm", "%tq", "%th")


@dataclass(frozen=True)
class _Rows:
    """Rows as read: the table, whether its text is raw bytes, and .a to .z by the column's position."""

    table: pd.DataFrame
    raw: bool
    reasons: "dict[int, pd.Series[str]]"


def read_stata(path: Path, encoding: str | None) -> Reading:
    """Read a .dta file of any format from 102 to 119.

    Parameters
    ----------
    path : the file. encoding : of its text; None to find it.

    Raises
    ------
    DataError
        Where it cannot be read, or its text decodes in no way.
    """
    try:
        version = version_of(path)
        _, meta = pyreadstat.read_dta(str(path), metadataonly=True, encoding=BYTES)
        rows = _by_pandas(path, version, encoding) or _by_pyreadstat(path)
    except DAMAGED as error:
        raise DataError(f"{path.name} cannot be read as a Stata file: {error}; save it again in Stata") from error
    rows.table.columns = pd.Index(meta.column_names)
    pieces = [*_pieces(meta), *(_unique_text(rows.table) if rows.raw else [])]
    found, notes = find_encoding(path, pieces, encoding, None if rows.raw else "utf-8")
    if version >= UTF8_FROM and found != "utf-8" and encoding is None:
        notes = (Note("reading.not_unicode", {"version": str(version)}), *notes)
    return _reading(path, rows, meta, RawText(found), [Note("reading.stata", {"version": str(version)}), *notes])


def version_of(path: Path) -> int:
    """Give a Stata file's format number."""
    with path.open("rb") as file:
        first = file.read(80)
    if not first.startswith(b"<"):
        return first[0]
    number_at = first.find(b"<release>") + len(b"<release>")
    return int(first[number_at : number_at + 3])


def _by_pandas(path: Path, version: int, encoding: str | None) -> _Rows | None:
    """Read the rows by pandas, several times faster than pyreadstat; None where it cannot give the text's bytes."""
    unicode = version >= UTF8_FROM
    if unicode and encoding not in (None, "utf-8"):
        return None
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            table = pd.read_stata(path, convert_categoricals=False)
    except ValueError as error:
        if "version" in str(error):
            return None
        raise
    if any(issubclass(warning.category, UnicodeWarning) for warning in told):
        return None  # text in a Unicode file that is none
    return _Rows(table, not unicode, _reasons(path, table) if version >= EXTENDED_FROM else {})


def _reasons(path: Path, table: pd.DataFrame) -> "dict[int, pd.Series[str]]":
    """Find which rows hold .a to .z, in a second pass over the columns that have missing values."""
    places = [i for i in range(table.shape[1]) if table.dtypes.iloc[i].kind in "fM" and table.iloc[:, i].isna().any()]
    found: dict[int, list[pd.Series[str]]] = {}
    if not places:
        return {}
    names = [table.columns[i] for i in places]
    asked = {"convert_categoricals": False, "convert_missing": True, "convert_dates": False, "columns": names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.read_stata(path, chunksize=CHUNK, **asked) as chunks:
            for chunk in chunks:
                for place, name in zip(places, names, strict=True):
                    values = chunk[name][table.iloc[:, place].reindex(chunk.index).isna()]
                    codes = values.map(str)
                    codes = codes[codes != "."]
                    if len(codes):
                        found.setdefault(place, []).append(codes.astype("str"))
    return {place: pd.concat(parts) for place, parts in found.items()}


def _by_pyreadstat(path: Path) -> _Rows:
    """Read the rows by pyreadstat, with text as raw bytes."""
    table, meta = pyreadstat.read_dta(str(path), encoding=BYTES, user_missing=True, dates_as_pandas_datetime=True)
    reasons = {}
    for place, name in enumerate(meta.column_names):
        column = table[name]
        if name in meta.missing_user_values:
            where = column.map(lambda value: isinstance(value, str))
            reasons[place] = "." + column[where].astype("str")
            column = column.mask(where)
        if meta.readstat_variable_types[name] != "string" and column.dtype == object:
            column = _plain(column)
        table[name] = column
    return _Rows(table, True, reasons)


def _plain(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give numbers or dates that pyreadstat keeps as objects beside missing values a type."""
    try:
        return pd.to_numeric(column)
    except (TypeError, ValueError):
        return pd.to_datetime(column)


def _reading(path: Path, rows: _Rows, meta: Any, raw: RawText, notes: list[Note]) -> Reading:
    """Put table, labels and missing codes together under the decoded names."""
    names = {name: raw.text(name) for name in meta.column_names}
    labels = {names[name]: raw.text(label) for name, label in meta.column_names_to_labels.items() if label}
    table = rows.table.set_axis(list(names.values()), axis="columns")
    values: dict[str, dict[Code, str]] = {}
    missing: dict[str, dict[Code, str]] = {}
    missing_at = {}
    for place, (name, own) in enumerate(names.items()):
        if rows.raw and meta.readstat_variable_types[name] == "string":
            table.isetitem(place, raw.column(rows.table.iloc[:, place]))
        codes, reasons = _parted(meta.variable_value_labels.get(name, {}), raw)
        if place in rows.reasons:
            missing_at[own] = rows.reasons[place]
            reasons = {code: reasons.get(code, "") for code in sorted({*reasons, *missing_at[own].unique()})}
        values |= {own: codes} if codes else {}
        missing |= {own: reasons} if reasons else {}
    kinds = {names[name]: kind for name, kind in meta.original_variable_types.items()}
    dated = _dates(table, kinds)
    if missing_at:
        count = sum(len(codes) for codes in missing_at.values())
        notes.append(Note("reading.extended", {"count": number(count), "names": listed(missing_at)}))
    return Reading(
        table=table,
        path=path,
        format="dta",
        encoding=raw.encoding,
        labels=labels,
        values=values,
        missing=missing,
        missing_at=missing_at,
        notes=(*notes, *raw.notes(), *dated),
    )


def _parted(labelled: "dict[Any, str]", raw: RawText) -> "tuple[dict[Code, str], dict[Code, str]]":
    """Part the labels of codes from those of .a to .z, which pyreadstat gives as letters."""
    codes: dict[Code, str] = {}
    reasons: dict[Code, str] = {}
    for code, label in sorted(labelled.items(), key=lambda item: (isinstance(item[0], str), item[0])):
        if isinstance(code, str):
            reasons[f".{code}"] = raw.text(label)
        else:
            codes[code] = raw.text(label)
    return codes, reasons


def _dates(table: pd.DataFrame, kinds: dict[str, str]) -> list[Note]:
    """Give years back as numbers, and tell periods that stand as their first day and times that stay numbers."""
    found: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        column = table[name]
        if kind.startswith("%ty") and column.dtype.kind == "M":
            table[name] = column.dt.year.astype("float64" if column.isna().any() else "int64")
        elif kind[:3] in PERIODS and column.dtype.kind == "M":
            found.setdefault("period", []).append(name)
        elif kind.startswith(("%tC", "%tb")) or (kind[:3] in PERIODS and column.dtype.kind != "M"):
            found.setdefault("date_left", []).append(name)
    return [Note(f"reading.{key}", {"names": listed(names)}) for key, names in found.items()]


def _pieces(meta: Any) -> list[str]:
    """Gather the text of the header: names, labels, and labels of codes."""
    labels = [label for label in meta.column_labels if label]
    return [*meta.column_names, *labels, *(v for codes in meta.value_labels.values() for v in codes.values())]


def _unique_text(table: pd.DataFrame) -> list[str]:
    """Gather the different values of the text columns."""
    texts = [table.iloc[:, i] for i in range(table.shape[1]) if table.dtypes.iloc[i].kind in "OUT"]
    return [value for column in texts for value in pd.unique(column) if isinstance(value, str)]
