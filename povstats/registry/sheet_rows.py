"""Rows of a workbook: headings that stand still, and labels that are text whatever they look like."""

from collections.abc import Sequence
from typing import Any


def head_row(sheet: Any, words: Sequence[str], still: str = "D2") -> None:
    """Write the headings.

    Parameters
    ----------
    sheet : empty. words : of each column. still : the cell above and left of which nothing scrolls.
    """
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.append(list(words))
    sheet.freeze_panes = still
    for at in range(1, len(words) + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 15
        sheet.cell(1, at).font = Font(bold=True)
        sheet.cell(1, at).alignment = Alignment(wrap_text=True, vertical="top")
    hold_text(sheet, 1, range(1, len(words) + 1))


def hold_text(sheet: Any, row: int, columns: range) -> None:
    """Hold labels as text: a place called "=1+1" is a name and no formula."""
    for at in columns:
        if isinstance(sheet.cell(row, at).value, str):
            sheet.cell(row, at).data_type = "s"
