"""A sheet as a Word document: three rules, Times New Roman with SimSun for Chinese.

Written with python-docx directly: maketables puts a second border element into a cell that has one, which the
schema of Word files does not allow, and names every table in English.
"""

import io
from typing import Any

from povstats.printing import width
from povstats.tables.sheet import Row, Sheet

LATIN_FONT = "Times New Roman"
EAST_ASIAN_FONT = "SimSun"
BODY_POINTS, NOTE_POINTS = 10.5, 9.0
TEXT_WIDTH_CM = 16.0
WIDEST_STUB_CM = 7.0
CM_PER_COLUMN = 0.19
# Word counts the thickness of a rule in eighths of a point.
THICK, THIN = 12, 6


def as_word(sheet: Sheet) -> bytes:
    """Give the bytes of a .docx file."""
    from docx import Document
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    document = Document()
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.title = sheet.title
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
    _fonts(document.styles["Normal"], BODY_POINTS)
    _write(document.add_paragraph(), sheet.title, BODY_POINTS, middle=True, keep=True)
    lines = len(sheet.headings) + len(sheet.rows) + sum(bool(block) for block, _ in sheet.blocks())
    table = document.add_table(rows=lines, cols=1 + sheet.width)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    longest = max(width(row.label) for row in sheet.rows)
    stub = min(max(longest * CM_PER_COLUMN + 0.4, 3.0), WIDEST_STUB_CM)
    for at, column in enumerate(table.columns):
        # The grid is what LibreOffice reads, the cells' own widths what Word reads.
        column.width = Cm(stub) if at == 0 else Cm((TEXT_WIDTH_CM - stub) / sheet.width)
        for cell in column.cells:
            cell.width = column.width
    _fill(table, sheet)
    for note in sheet.notes:
        _write(document.add_paragraph(), note, NOTE_POINTS)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def _fill(table: Any, sheet: Sheet) -> None:
    """Write headings and rows, and draw the rules."""
    top = len(sheet.headings)
    for level in range(top):
        _write(table.cell(level, 0).paragraphs[0], "", BODY_POINTS, keep=True)
        first = 1
        for text, span in sheet.spans(level):
            cell = table.cell(level, first)
            if span > 1:
                cell = cell.merge(table.cell(level, first + span - 1))
            _write(cell.paragraphs[0], text, BODY_POINTS, middle=True, keep=True)
            if level < top - 1 and text:
                _rule(cell, bottom=THIN)
            first += span
    at = top
    for block, rows in sheet.blocks():
        if block:
            heading = table.cell(at, 0).merge(table.cell(at, sheet.width))
            _write(heading.paragraphs[0], block, BODY_POINTS, keep=True, slanted=sheet.lang == "en")
            at += 1
        for row in rows:
            _write_row(table.rows[at].cells, row)
            at += 1
    _rule_across(table.rows[0], top=THICK, bottom=THIN if top == 1 else 0)
    if top > 1:
        _rule_across(table.rows[top - 1], bottom=THIN)
    _rule_across(table.rows[-1], bottom=THICK)


def _write_row(cells: Any, row: Row) -> None:
    """Write one row of the body."""
    for at, text in enumerate((row.label, *row.cells)):
        _write(cells[at].paragraphs[0], text, BODY_POINTS, middle=at > 0, keep=True)


def _write(
    paragraph: Any,
    text: str,
    points: float,
    *,
    middle: bool = False,
    keep: bool = False,
    slanted: bool = False,
) -> None:
    """Write a text into an empty paragraph."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.keep_with_next = keep
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.italic = slanted or None
    _fonts(run, points)


def _fonts(owner: Any, points: float) -> None:
    """Set both fonts of a run or style; Word keeps the East Asian one apart."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    owner.font.name = LATIN_FONT
    owner.font.size = Pt(points)
    owner.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), EAST_ASIAN_FONT)


def _rule_across(row: Any, *, top: int = 0, bottom: int = 0) -> None:
    """Draw rules along a row, once for each of its cells."""
    # A merged cell is listed once for every column it spans.
    for cell in {id(cell._tc): cell for cell in row.cells}.values():
        _rule(cell, top=top, bottom=bottom)


def _rule(cell: Any, *, top: int = 0, bottom: int = 0) -> None:
    """Draw the rules of one cell, in the one border element that Word allows."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    for side, size in (("top", top), ("bottom", bottom)):
        if size:
            rule = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
                rule.set(qn(f"w:{name}"), value)
            borders.append(rule)
