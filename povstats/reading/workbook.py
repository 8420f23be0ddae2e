"""Workbooks: which sheet, where the names stand, what the cells hold."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from povstats.errors import DataError, OptionError
from povstats.reading.cells import EMPTY, Cell, cell_of, column_of, long_numbers
from povstats.reading.names import check_names
from povstats.reading.note import Note, listed, number
from povstats.reading.reading import Reading
from povstats.reading.unseen import unseen

Row = tuple[int, list[Cell]]
DAMAGED = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    LookupError,
    TypeError,
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
)
"""What openpyxl raises where a file was cut or overwritten."""


def read_workbook(path: Path, sheet: str | None) -> Reading:
    """Read a sheet of an .xlsx workbook; of formulas their stored results.

    Empty rows above the names, and rows above them with one filled cell (a title) are skipped and told; empty rows and
    columns are left out. Merged cells hold a value in their first cell only; those below the names are told.

    Parameters
    ----------
    path : the file. sheet : the sheet's name; None where only one visible sheet holds values.

    Raises
    ------
    OptionError
        Where there is no such sheet.
    DataError
        Where it is no workbook, several sheets hold values, or columns lack a name of their own.
    """
    try:
        chosen, sheets, rows, member, notes = _opened(path, sheet)
        areas, bare = unseen(path, member)
    except OptionError:
        raise
    except DAMAGED as error:
        raise DataError(
            f"{path.name} cannot be read as a workbook: {error}; open it and save it again as .xlsx"
        ) from error
    if not rows:
        raise DataError(f"{path.name}: sheet {chosen!r} is empty; it has {listed(sheets, 10)}")
    titles, head, body = _parts(rows)
    notes += titles
    if not body:
        raise DataError(f"{path.name}: sheet {chosen!r} has one row only and no rows of values below; export it again")
    notes += _gaps(head[0], body)
    table, found = _table(path.name, chosen, head, body)
    notes += found + _unseen(areas, bare, head[0])
    return Reading(table=table, path=path, format="xlsx", notes=tuple(notes), sheet=chosen, sheets=sheets)


def _opened(path: Path, sheet: str | None) -> tuple[str, tuple[str, ...], list[Row], str, list[Note]]:
    """Give the sheet's name, all names, its filled rows, its part of the file, and notes."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        chosen, notes = _chosen(book, path.name, sheet)
        page = book[chosen]
        return chosen, tuple(map(str, book.sheetnames)), _filled(page), str(page._worksheet_path), notes
    finally:
        book.close()


def _chosen(book: Any, name: str, sheet: str | None) -> tuple[str, list[Note]]:
    """Find the sheet to read."""
    if sheet is not None:
        if sheet not in book.sheetnames:
            raise OptionError(f"{name} has no sheet {sheet!r}; it has {', '.join(map(repr, book.sheetnames))}")
        return sheet, []
    hidden = [page.title for page in book.worksheets if page.sheet_state != "visible"]
    held = [page.title for page in book.worksheets if page.title not in hidden and _holds_values(page)]
    if len(held) > 1:
        raise DataError(
            f"{name} has {len(held)} sheets with values: {', '.join(map(repr, held))}; name one: sheet={held[0]!r}"
        )
    if not held:
        raise DataError(f"{name} has no visible sheet with values; it has {', '.join(map(repr, book.sheetnames))}")
    return held[0], [Note("reading.hidden_sheets", {"names": listed(hidden)})] if hidden else []


def _holds_values(page: Any) -> bool:
    page.reset_dimensions()
    return any(cell.value is not None for row in page.iter_rows() for cell in row)


def _filled(page: Any) -> list[Row]:
    """Give the rows that hold something, with their numbers in the sheet (from 1)."""
    page.reset_dimensions()  # some programs write a wrong size
    rows: list[Row] = []
    for place, row in enumerate(page.iter_rows(), start=1):
        cells = [cell_of(cell) for cell in row]
        while cells and cells[-1].kind == "empty":
            cells.pop()
        if cells:
            rows.append((place, cells))
    return rows


def _parts(rows: list[Row]) -> tuple[list[Note], Row, list[Row]]:
    """Part the rows into titles, names and values."""
    width = max(len(cells) for _, cells in rows)
    notes: list[Note] = []
    first = 0
    while first < len(rows) - 1 and width > 1 and sum(cell.kind != "empty" for cell in rows[first][1]) == 1:
        place, cells = rows[first]
        words = next(str(cell.value) for cell in cells if cell.kind != "empty")
        notes.append(Note("reading.title_row", {"row": number(place), "words": words}))
        first += 1
    if not notes and rows[0][0] > 1:
        notes.append(Note("reading.rows_above", {"count": number(rows[0][0] - 1)}))
    return notes, rows[first], rows[first + 1 :]


def _gaps(head: int, body: list[Row]) -> list[Note]:
    """Tell empty rows between others, and a single filled cell after one: often a footnote under the table."""
    notes = []
    empty = body[-1][0] - head - len(body)
    if empty:
        notes.append(Note("reading.empty_rows", {"count": number(empty)}))
    place, cells = body[-1]
    if len(body) > 1 and sum(cell.kind != "empty" for cell in cells) == 1 and cells[-1].kind == "text":
        notes.append(Note("reading.footnote", {"row": number(place), "words": str(cells[-1].value)}))
    return notes


def _table(file: str, sheet: str, head: Row, body: list[Row]) -> tuple[pd.DataFrame, list[Note]]:
    """Type the columns, and refuse those without a name of their own."""
    place, cells = head
    width = max(len(cells), max(len(row) for _, row in body))
    names = [_name(cells[i]) if i < len(cells) else "" for i in range(width)]
    filled = [any(i < len(row) and row[i].kind != "empty" for _, row in body) for i in range(width)]
    keep = [i for i in range(width) if names[i].strip() or filled[i]]
    kept = [names[i] for i in keep]
    check_names(f"{file}, sheet {sheet!r}", kept, lambda column: f"cell {get_column_letter(keep[column] + 1)}{place}")
    notes: list[Note] = []
    numbered = [names[i] for i in keep if i < len(cells) and cells[i].kind == "number"]
    if numbered:
        notes.append(Note("reading.number_names", {"names": listed(numbered)}))
    columns: dict[str, Any] = {}
    for i in keep:
        values = [row[i] if i < len(row) else EMPTY for _, row in body]
        columns[names[i]], found = column_of(names[i], values)
        notes += [*found, *long_numbers(names[i], values)]
    return pd.DataFrame(columns), [*_errors(keep, names, body), *notes]


def _name(cell: Cell) -> str:
    return "" if cell.kind == "empty" else cell.text


def _errors(keep: Sequence[int], names: Sequence[str], body: list[Row]) -> list[Note]:
    """Count the error cells, which are read as missing, by what they say, with the first addresses."""
    kinds: Counter[str] = Counter()
    places = []
    for place, row in body:
        for i in keep:
            if i < len(row) and row[i].kind == "error":
                kinds[str(row[i].value)] += 1
                places.append(f"{get_column_letter(i + 1)}{place}")
    if not places:
        return []
    what = ", ".join(f"{kind} × {number(count)}" for kind, count in kinds.items())
    return [Note("reading.error_cells", {"count": number(len(places)), "what": what, "places": listed(places)})]


def _unseen(areas: list[str], bare: list[str], head: int) -> list[Note]:
    """Tell merged cells below the names, and formulas without a stored result."""
    merged = [area for area in areas if int(re.findall(r"\d+", area)[-1]) > head]
    notes = []
    if merged:
        notes.append(Note("reading.merged_cells", {"count": number(len(merged)), "places": listed(merged)}))
    if bare:
        notes.append(Note("reading.no_result", {"count": number(len(bare)), "places": listed(bare)}))
    return notes
