"""A sheet as HTML, LaTeX, CSV and plain text."""

import csv
import hashlib
import html
import io
import re
from typing import Any

import pandas as pd

from povstats.printing import width
from povstats.tables.prose import as_long_latex
from povstats.tables.sheet import Row, Sheet
from povstats.words import say

_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$",
    "<": "$<$", ">": "$>$", "|": "$|$",
}  # fmt: skip
MANY = 6
"""From so many columns on LaTeX prints small, so that the table fits an upright page."""
ROOM_CM, SIGN_CM, SMALL_SIGN_CM = 15.0, 0.175, 0.145
"""The text of an upright page, and a sign of ten and of eight points."""
_SHRUNK = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n"
"""Shrinks what stands in it to the width of the page, where it is wider."""
_ZH = "  % 用 XeLaTeX 编译，并 \\usepackage{ctex}"
_RULES: dict[str, Any] = {
    "table_font_size": "14px",
    "source_notes_font_size": "12px",
    "heading_title_font_size": "15px",
    "heading_border_bottom_style": "none",
    "data_row_padding": "2px",
    "column_labels_padding": "3px",
    "column_labels_border_top_style": "solid",
    "column_labels_border_top_color": "black",
    "column_labels_border_top_width": "2px",
    "column_labels_border_bottom_style": "solid",
    "column_labels_border_bottom_color": "black",
    "column_labels_border_bottom_width": "1px",
    "table_border_top_style": "none",
    "table_border_bottom_style": "none",
    "table_body_border_top_style": "none",
    "table_body_border_bottom_style": "solid",
    "table_body_border_bottom_color": "black",
    "table_body_border_bottom_width": "2px",
    "table_body_hlines_style": "none",
    "stub_border_style": "none",
    "row_group_border_top_style": "none",
    "row_group_border_bottom_style": "none",
    "row_group_padding": "3px",
}


def as_html(sheet: Sheet) -> str:
    """Give an HTML fragment with its own scoped style, the same on every call."""
    from great_tables import GT

    names = [f"c{at}" for at in range(sheet.width)]
    body = pd.DataFrame([row.cells for row in sheet.rows], columns=names, dtype=str)
    body.insert(0, "label", [row.label for row in sheet.rows])
    body.insert(0, "block", [row.block for row in sheet.rows])
    blocked = any(row.block for row in sheet.rows)
    identity = "povstats-" + hashlib.sha256(repr(sheet).encode()).hexdigest()[:12]
    table = GT(
        body if blocked else body.drop(columns="block"),
        rowname_col="label",
        groupname_col="block" if blocked else None,
        auto_align=False,
        id=identity,
    )
    table = table.tab_header(title=sheet.title).cols_label(dict(zip(names, sheet.headings[-1], strict=True)))
    if len(sheet.headings) == 2:
        first = 0
        for turn, (text, span) in enumerate(sheet.spans(0)):
            if text:
                columns = names[first : first + span]
                table = table.tab_spanner(label=text, columns=columns, id=f"s{turn}", gather=False)
            first += span
    for note in sheet.notes:
        table = table.tab_source_note(note)
    table = table.tab_options(**_RULES).cols_align(align="center", columns=names)
    prose = [name for name, told in zip(names, sheet.prose, strict=True) if told]
    if prose:
        table = table.cols_align(align="left", columns=prose)
    # great_tables makes ids of cells from their texts and numbers: two tables of a page would share them.
    style, body_html = table.as_raw_html().split("</style>", 1)
    return style + "</style>" + re.sub(r' (?:id|headers|aria-labelledby)="[^"]*"', "", body_html)


def as_page(sheet: Sheet) -> str:
    """Give a whole HTML page, which tells a browser its language and encoding."""
    tag = {"zh": "zh-CN", "en": "en"}[sheet.lang]
    return (
        f'<!DOCTYPE html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(sheet.title)}</title>\n</head>\n<body>\n{as_html(sheet)}\n</body>\n</html>\n"
    )


def as_latex(sheet: Sheet) -> str:
    """Give a LaTeX table in the style of booktabs; one of sentences goes over pages."""
    if any(sheet.prose):
        packages = f"% \\usepackage{{array,booktabs,longtable}}{_ZH if sheet.lang == 'zh' else ''}"
        return f"{packages}\n{as_long_latex(sheet, _tex)}\n"
    from maketables import MTable

    body = pd.DataFrame([[_tex(cell) for cell in row.cells] for row in sheet.rows])
    labels = [_tex(row.label) for row in sheet.rows]
    if any(row.block for row in sheet.rows):
        body.index = pd.MultiIndex.from_arrays([[_tex(row.block) for row in sheet.rows], labels])
    else:
        body.index = pd.Index(labels)
    levels = [[_tex(text) for text in level] for level in sheet.headings]
    body.columns = pd.MultiIndex.from_arrays(levels) if len(levels) == 2 else pd.Index(levels[0])
    table = MTable(body, notes="\n".join(_tex(note) for note in sheet.notes), caption=_tex(sheet.title), rgroup_sep="")
    gap = "3pt" if sheet.width >= MANY else "6pt"
    tight = {"tab_width": None, "tabcolsep": gap, "first_row_addlinespace": None, "data_addlinespace": None}
    text = str(table.make("tex", tex_style=tight))
    needed = ["booktabs", "makecell", "threeparttable"]
    if sheet.width >= MANY:
        text = text.replace("\\centering\n", "\\centering\\footnotesize\n", 1)
    if _natural_cm(sheet) > ROOM_CM:
        text = text.replace("\\begin{tabular}", _SHRUNK + "\\begin{tabular}", 1)
        text = text.replace("\\end{tabular}", "\\end{tabular}}", 1)
        needed.append("graphicx")
    return f"% \\usepackage{{{','.join(needed)}}}{_ZH if sheet.lang == 'zh' else ''}\n{text}\n"


def _natural_cm(sheet: Sheet) -> float:
    """Estimate how wide a table is that breaks no cell."""
    sign, gap = (SMALL_SIGN_CM, 0.21) if sheet.width >= MANY else (SIGN_CM, 0.42)
    columns = zip(*sheet.headings[-1:], *(row.cells for row in sheet.rows), strict=True)
    signs = max(width(row.label) for row in sheet.rows) + sum(max(map(width, column)) for column in columns)
    return sign * signs + gap * sheet.width


def _tex(text: str) -> str:
    """Escape what LaTeX would read as a command."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def as_csv(sheet: Sheet) -> str:
    """Give comma-separated values: one heading row, plain numbers.

    Spreadsheets read (0.012) as −0.012, so a row of bracketed numbers is printed without brackets and named.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    headings = [" ".join(text for text in texts if text) for texts in zip(*sheet.headings, strict=True)]
    blocked = any(row.block for row in sheet.rows)
    writer.writerow([*([say("tables.part", sheet.lang)] * blocked), say("tables.row", sheet.lang), *headings])
    above = ""
    for row in sheet.rows:
        cells = [cell.replace("−", "-") for cell in row.cells]
        label = row.label
        if not label:
            label = say(f"journal.below_{sheet.below}", sheet.lang, label=above)
            cells = [_BRACKETED.sub(r"\1", cell) for cell in cells]
        else:
            above = label
        writer.writerow([*([row.block] * blocked), label.replace("−", "-"), *cells])
    return sink.getvalue()


def as_text(sheet: Sheet) -> str:
    """Give lines of text with aligned columns."""
    headings = [Row("", "", texts) for texts in sheet.headings]
    every = [*headings, *sheet.rows]
    stub = max(width(row.label) for row in every) + 2
    widths = [max(width(row.cells[at]) for row in every) + 2 for at in range(sheet.width)]

    def line(row: Row) -> str:
        cells = (" " * (wide - width(cell)) + cell for cell, wide in zip(row.cells, widths, strict=True))
        return (row.label + " " * (stub - width(row.label)) + "".join(cells)).rstrip()

    rule = "─" * (stub + sum(widths))
    lines = [sheet.title, rule, *map(line, headings), rule]
    for block, rows in sheet.blocks():
        lines += [block] if block else []
        lines += map(line, rows)
    return "\n".join([*lines, rule, *sheet.notes])
