"""SPSS files, plain and compressed, by pyreadstat, with user-missing values kept as codes."""

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from povstats.errors import DataError
from povstats.reading.encodings import checked
from povstats.reading.note import Note, listed, number
from povstats.reading.raw_text import RawText, find_encoding
from povstats.reading.reading import Code, Reading
from povstats.reading.stata import BYTES

FARTHEST = 1e300
"""SPSS writes LOWEST and HIGHEST as the ends of its numbers."""
Range = tuple[float, float]


def read_spss(path: Path, encoding: str | None) -> Reading:
    """Read a .sav or .zsav file; user-missing codes stay in the table and are declared in `missing`.

    Text is in the code page that the file declares, unless it declares none or a Western one and the text is plausible
    Chinese in GB18030.

    Parameters
    ----------
    path : the file. encoding : of its text; None to find it.

    Raises
    ------
    DataError
        Where it cannot be read, or its text decodes in no way.
    """
    declared, table, meta = None, None, None
    if encoding is None:
        try:
            table, meta = _read(path, None)
            declared = checked(meta.file_encoding)
        except (pyreadstat.ReadstatError, LookupError):
            table = None  # text that is not in the declared code page; its bytes are looked at
        except (ValueError, OSError) as error:
            raise _unreadable(path, error) from error
    if table is not None and declared == "utf-8":
        notes: tuple[Note, ...] = (Note("reading.encoding_declared", {"encoding": "utf-8"}),)
        return _reading(path, table, meta, RawText("utf-8"), plain=True, notes=notes)
    try:
        table, meta = _read(path, BYTES)
    except (pyreadstat.ReadstatError, ValueError, OSError) as error:
        raise _unreadable(path, error) from error
    found, notes = find_encoding(path, _pieces(table, meta), encoding, declared)
    return _reading(path, table, meta, RawText(found), plain=False, notes=notes)


def _read(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    return pyreadstat.read_sav(str(path), user_missing=True, dates_as_pandas_datetime=True, encoding=encoding)


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{path.name} cannot be read as an SPSS file: {error}; save it again in SPSS")


def _reading(
    path: Path, table: pd.DataFrame, meta: Any, raw: RawText, *, plain: bool, notes: Iterable[Note]
) -> Reading:
    """Put table, labels and missing codes together; where text is not plain yet, it is decoded."""

    def text(value: str) -> str:
        return value if plain else raw.text(value)

    columns = {}
    values: dict[str, dict[Code, str]] = {}
    missing: dict[str, dict[Code, str]] = {}
    ranges: dict[str, tuple[Range, ...]] = {}
    for name in meta.column_names:
        own, column = text(name), table[name]
        if meta.readstat_variable_types[name] == "string":
            column = column.astype("str") if plain else raw.column(column.astype("str"))
        columns[own] = _typed(column)
        known = {_code(code, text): text(label) for code, label in meta.variable_value_labels.get(name, {}).items()}
        values |= {own: known} if known else {}
        declared = meta.missing_ranges.get(name, [])
        codes, found = _declared(declared, columns[own], known, text)
        missing |= {own: codes} if declared else {}
        ranges |= {own: found} if found else {}
    labels = {text(name): text(label) for name, label in meta.column_names_to_labels.items() if label}
    told = [Note("reading.spss_missing", {"count": number(len(missing)), "names": listed(missing)})] if missing else []
    return Reading(
        table=pd.DataFrame(columns),
        path=path,
        format="sav",
        encoding=raw.encoding,
        labels=labels,
        values=values,
        missing=missing,
        missing_ranges=ranges,
        notes=(*notes, *raw.notes(), *told),
    )


def _code(code: Any, text: Any) -> Code:
    found: Code = text(code) if isinstance(code, str) else code
    return found


def _declared(
    declared: list[dict[str, Any]], column: "pd.Series[Any]", known: dict[Code, str], text: Any
) -> tuple[dict[Code, str], tuple[Range, ...]]:
    """Give the codes that are declared missing: single ones, and of ranges those that occur or have a label."""
    codes: list[Code] = []
    ranges: list[Range] = []
    for one in declared:
        low, high = one["lo"], one["hi"]
        if isinstance(low, str) or low == high:
            codes.append(_code(low, text))
            continue
        ends = (-float("inf") if low < -FARTHEST else low, float("inf") if high > FARTHEST else high)
        ranges.append(ends)
        occurring = column[column.between(*ends)].unique().tolist()
        labelled = [code for code in known if not isinstance(code, str) and ends[0] <= code <= ends[1]]
        codes += sorted({*occurring, *labelled})
    return {code: known.get(code, "") for code in codes}, tuple(ranges)


def _typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give times of day, which pyreadstat keeps as objects, as text."""
    if column.dtype != object:
        return column
    held = column.dropna()
    if len(held) and isinstance(held.iloc[0], datetime.time):
        return column.map(lambda value: value.isoformat() if isinstance(value, datetime.time) else None).astype("str")
    return pd.to_datetime(column) if len(held) else column.astype("float64")


def _pieces(table: pd.DataFrame, meta: Any) -> list[str]:
    """Gather all raw text: names, labels, labels of codes, and the different values of the text columns."""
    labels = [label for label in meta.column_labels if label]
    codes = [v for known in meta.value_labels.values() for v in known.values()]
    texts = [name for name, kind in meta.readstat_variable_types.items() if kind == "string"]
    cells = [value for name in texts for value in pd.unique(table[name]) if isinstance(value, str)]
    return [*meta.column_names, *labels, *codes, *cells]
