"""Tables of sentences: set to the left, broken over lines and pages, with nothing lost.

Second route: the cells are taken out of the files again, by python-docx and by undoing LaTeX's escapes.
"""

import io
import re

import pandas as pd
import pytest
from docx import Document

from povstats.tables import Table

LONG = "A sentence with 50% & a_b, longer than what one line of a column holds, so that it must be broken there."
ROWS = {"first": [LONG, "12"], "second": ["short", "3"]}


@pytest.fixture
def table():
    frame = pd.DataFrame(ROWS.values(), pd.Index(ROWS), ["What is said", "n"], dtype=object)
    return Table(frame, "A table of sentences", ("One note.", "Another."), "en")


def short(cells):
    return Table(pd.DataFrame(cells, ["first"], ["a"], dtype=object), "t", (), "en")


def test_only_columns_of_sentences_are_prose(table):
    assert table.sheet.prose == (True, False)
    assert short([["x" * 80]]).sheet.prose == (False,)
    assert short([["字" * 41]]).sheet.prose == (True,)


def test_latex_breaks_lines_and_pages(table, tmp_path):
    table.save(tmp_path / "t")
    text = (tmp_path / "t.en.tex").read_text(encoding="utf-8")
    assert text.count("\\begin{longtable}") == text.count("\\end{longtable}") == 1
    assert "resizebox" not in text
    assert "longtable" in text.splitlines()[0]
    widths = [float(cm) for cm in re.findall(r"p\{([\d.]+)cm\}", text)]
    assert sum(widths) + 2 * 0.42 == pytest.approx(15.0, abs=0.02)  # each is rounded to 0.01 cm
    assert re.findall(r">\{\\(\w+)", text) == ["raggedright", "raggedright", "centering"]
    body = text.split("\\endfoot\n")[1].split("\\end{longtable}")[0]
    lines = [re.sub(r"\\([%&_])", r"\1", line.removesuffix(" \\\\")) for line in body.strip().splitlines()]
    assert lines == [f"{label} & {' & '.join(cells)}" for label, cells in ROWS.items()]
    assert "longtable" not in _latex(short([["x"]]), tmp_path)


def _latex(table, folder):
    table.save(folder / "s")
    return (folder / "s.en.tex").read_text(encoding="utf-8")


def test_blocks_stand_over_their_rows(tmp_path):
    index = pd.MultiIndex.from_tuples([("Block", "first"), ("Block", "second")])
    blocked = Table(pd.DataFrame(ROWS.values(), index, ["a", "b"], dtype=object), "t", (), "en")
    assert "\\multicolumn{3}{@{}l}{Block} \\\\*\nfirst & " in _latex(blocked, tmp_path)


def test_word_sets_sentences_to_the_left(table, tmp_path):
    table.save(tmp_path / "t")
    [made] = Document(io.BytesIO((tmp_path / "t.en.docx").read_bytes())).tables
    said, number = ([row.cells[at].paragraphs[0] for row in made.rows] for at in (1, 2))
    assert [p.text for p in said] == ["What is said", LONG, "short"]
    assert [p.alignment for p in said] == [None] * 3
    assert [p.alignment is not None for p in number] == [True] * 3
    assert made.columns[1].width > 3 * made.columns[2].width


def test_html_sets_sentences_to_the_left(table):
    rows = re.findall(r'<td class="gt_row gt_(\w+)">', table._repr_html_())
    assert rows == ["left", "center"] * 2
