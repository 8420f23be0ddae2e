"""The sheets of a workbook: heads in the reader's language, rows whose labels are never formulas."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from povstats.words import say

WIDTH, WORDS_WIDTH = 16, 120


class Book:
    """A workbook that is being written.

    Parameters
    ----------
    lang : "zh" or "en".
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._book = Workbook()
        self._book.remove(self._book.active)

    def sheet(self, name: str, head: Sequence[str], *, place: int | None = None, extra: Sequence[str] = ()) -> Any:
        """Add a sheet.

        Parameters
        ----------
        name : its name, which formulas use and which is the same in both languages.
        head : its columns, by their words; `extra` ones as they are.
        place : where it stands among the sheets; None is last.
        """
        sheet = self._book.create_sheet(name, place)
        if head:
            sheet.append([*(say(f"measures.book_{column}", self.lang) for column in head), *map(safe, extra)])
            sheet.freeze_panes = "B2"
            for i in range(len(head) + len(extra)):
                sheet.column_dimensions[get_column_letter(i + 1)].width = WIDTH
                sheet.cell(1, i + 1).font = Font(bold=True)
                sheet.cell(1, i + 1).alignment = Alignment(wrap_text=True, vertical="top")
        else:
            sheet.column_dimensions["A"].width = WORDS_WIDTH
        return sheet

    def append(self, sheet: Any, labels: Sequence[Any], cells: Sequence[Any]) -> int:
        """Add a row of labels, which are never formulas, and of numbers and formulas; give its number."""
        sheet.append([safe(cell) for cell in (*labels, *cells)])
        row = int(sheet.max_row)
        for i, label in enumerate(labels):
            if isinstance(label, str):
                sheet.cell(row, i + 1).data_type = "s"
        return row

    def letter(self, place: int) -> str:
        """Give the letter of a column, counted from 1."""
        return str(get_column_letter(place))

    def save(self, path: Path) -> None:
        """Write the file."""
        for row in self._book["words"].iter_rows() if "words" in self._book.sheetnames else ():
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        self._book.save(path)


def safe(value: Any) -> Any:
    """Give what a cell can hold: no missing number, no numpy scalar, no sign that XML forbids."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))
