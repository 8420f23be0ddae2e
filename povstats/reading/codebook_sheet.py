"""A codebook as a workbook: a sheet of columns and a sheet of values; and how any frame fills a sheet."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from povstats.errors import OptionError
from povstats.files import replacing
from povstats.printing import width
from povstats.words import say

if TYPE_CHECKING:
    from povstats.reading.codebook import Codebook

NARROW, WIDE = 8, 60
LONGEST = 32_767
"""Signs that Excel allows in a cell."""


def write_codebook(book: "Codebook", path: "str | PathLike[str]", lang: str) -> None:
    """Write the workbook; it replaces an older one as a whole.

    Raises
    ------
    OptionError
        Where `path` does not end in .xlsx.
    """
    if Path(path).suffix.lower() != ".xlsx":
        raise OptionError(f"{Path(path).name}: a codebook is saved as .xlsx; give that ending")
    kinds = {kind: say(f"reading.kind_{kind}", lang) for kind in book.frame["kind"].unique()}
    columns = book.frame.assign(kind=book.frame["kind"].map(kinds))
    yes = {True: say("reading.yes", lang), False: ""}
    counts = book.counts.assign(declared=book.counts["declared"].map(yes))
    workbook = Workbook()
    page = workbook.active
    page.title = say("reading.sheet_columns", lang)
    fill_sheet(page, columns, _heads(columns, lang))
    fill_sheet(workbook.create_sheet(say("reading.sheet_values", lang)), counts, _heads(counts, lang))
    with replacing(path) as part:
        workbook.save(part)


def _heads(frame: pd.DataFrame, lang: str) -> list[str]:
    return [say(f"reading.head_{column}", lang) for column in frame.columns]


def fill_sheet(page: Any, frame: pd.DataFrame, heads: Sequence[str]) -> None:
    """Write a frame with a frozen, bold head and widths that fit."""
    widest = [width(head) for head in heads]
    for place, head in enumerate(heads, start=1):
        page.cell(1, place, head).font = Font(bold=True)
    for line, row in enumerate(frame.itertuples(index=False), start=2):
        for place, value in enumerate(row, start=1):
            shown = _write(page.cell(line, place), value)
            widest[place - 1] = max(widest[place - 1], width(shown))
    for place, size in enumerate(widest, start=1):
        page.column_dimensions[get_column_letter(place)].width = min(max(size + 2, NARROW), WIDE)
    page.freeze_panes = "B2"
    page.page_setup.orientation, page.print_title_rows, page.print_title_cols = "landscape", "1:1", "A:A"
    page.auto_filter.ref = page.dimensions


def _write(cell: Any, value: Any) -> str:
    """Write a value; text stays text even where it starts like a formula."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=width(value) > WIDE)
        return str(cell.value)
    cell.value = value.item() if hasattr(value, "item") else value
    cell.alignment = Alignment(vertical="top")
    return f"{value:.6g}" if isinstance(value, float) else str(value)
