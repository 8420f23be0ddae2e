"""A sheet as a Word document: three rules, Times New Roman with SimSun for Chinese.

Written with python-docx directly: maketables puts a second border element into a cell that has one, which the
schema of Word files does not allow, and names every table in English.
"""

import io
from collections.abc import Sequence
from typing import Any

from povstats.tables.sheet import Row, Sheet
from povstats.tables.widths import CELL_MARGIN_CM, widths

LATIN_FONT = "Times New Roman"
EAST_ASIAN_FONT = "SimSun"
TITLE_POINTS, NOTE_POINTS = 10.5, 9.0
# Word counts the thickness of a rule in eighths of a point.
THICK, THIN = 12, 6
# A table with more lines than this goes over several pages.
ONE_PAGE = 30


def as_word(sheet: Sheet) -> bytes:
    """Give the bytes of a .docx file."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    document = Document()
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.title = sheet.title
    room = widths(sheet)
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
        if room.lying:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = section.page_height, section.page_width
    _fonts(document.styles["Normal"], room.points)
    _simplified(document)
    _write(document.add_paragraph(), sheet.title, TITLE_POINTS, middle=True, keep=True)
    lines = len(sheet.headings) + len(sheet.rows) + sum(bool(block) for block, _ in sheet.blocks())
    table = document.add_table(rows=lines, cols=1 + sheet.width)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _narrow_margins(table)
    for column, wide in zip(table.columns, (room.stub, *room.columns), strict=True):
        # The grid is what LibreOffice reads, the cells' own widths what Word reads.
        column.width = Cm(wide)
        for cell in column.cells:
            cell.width = column.width
    _fill(table, sheet, room.points)
    for note in sheet.notes:
        _write(document.add_paragraph(), note, NOTE_POINTS)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def _fill(table: Any, sheet: Sheet, points: float) -> None:
    """Write headings and rows, and draw the rules."""
    top = len(sheet.headings)
    for level in range(top):
        _write(table.cell(level, 0).paragraphs[0], "", points, keep=True)
        first = 1
        for text, span in sheet.spans(level):
            cell = table.cell(level, first)
            if span > 1:
                cell = cell.merge(table.cell(level, first + span - 1))
            centred = level < top - 1 or not sheet.prose[first - 1]
            _write(cell.paragraphs[0], text, points, middle=centred, keep=True)
            if level < top - 1 and text:
                _rule(cell, bottom=THIN)
            first += span
    at = top
    for block, rows in sheet.blocks():
        if block:
            heading = table.cell(at, 0).merge(table.cell(at, sheet.width))
            _write(heading.paragraphs[0], block, points, keep=True, slanted=sheet.lang == "en")
            at += 1
        for row in rows:
            middle = [False, *(not one for one in sheet.prose)]
            # Rows of sentences are tall, and held together they would leave half a page empty.
            keep = len(sheet.rows) <= ONE_PAGE and all(middle[1:])
            _write_row(table.rows[at].cells, row, points, middle=middle, keep=keep)
            at += 1
    for line, row in enumerate(table.rows):
        _across_pages(row, repeated=line < top)
    _rule_across(table.rows[0], top=THICK, bottom=THIN if top == 1 else 0)
    if top > 1:
        _rule_across(table.rows[top - 1], bottom=THIN)
    _rule_across(table.rows[-1], bottom=THICK)


def _write_row(cells: Any, row: Row, points: float, *, middle: Sequence[bool], keep: bool) -> None:
    """Write one row of the body; `middle` tells each cell's place, `keep` holds it on the page of the next."""
    for at, text in enumerate((row.label, *row.cells)):
        _write(cells[at].paragraphs[0], text, points, middle=middle[at], keep=keep)


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


def _narrow_margins(table: Any) -> None:
    """Keep texts of neighbouring cells apart by twice this margin; Word's own is wider than a digit."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Cm(CELL_MARGIN_CM).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The schema wants the margins before the look.
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)


def _simplified(document: Any) -> None:
    """Name Chinese of the mainland: the forms of characters, and where stops stand in their square, hang on it."""
    from docx.oxml.ns import qn

    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _across_pages(row: Any, *, repeated: bool) -> None:
    """Hold the lines of a row on one page, and let a heading row come again on each further one."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))


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
