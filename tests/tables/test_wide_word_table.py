"""A table with a column of sentences lies on its side in Word, its long column the widest; others stay upright.

Second route: the file is read back with python-docx. A4 or Letter is 21 to 22 cm wide, margins are 2.5 cm.
"""

import pandas as pd
import pytest
from docx import Document
from docx.shared import Cm

from povstats.tables import Table

SENTENCE = "赣州市贫困人口由2010年底的215.46万人减少到2015年底的70.2万人"


def saved(tmp_path, frame):
    path = next(path for path in Table(frame, "表", ("注",), "zh").save(tmp_path / "t") if path.suffix == ".docx")
    return Document(path)


@pytest.fixture
def sentences():
    cells = [["2010", "215.46", "ten thousand persons", SENTENCE, "003 part 3, F0644"]] * 40
    return pd.DataFrame(cells, index=[f"row {at}" for at in range(40)], columns=list("abcde"))


def test_sentences_make_the_page_lie_and_get_the_room(tmp_path, sentences):
    document = saved(tmp_path, sentences)
    section, table = document.sections[0], document.tables[0]
    assert section.page_width > section.page_height
    widths = [column.width for column in table.columns]
    assert max(widths) == widths[4]
    assert sum(widths) <= section.page_width - section.left_margin - section.right_margin


def test_rows_are_not_split_and_the_heading_comes_again(tmp_path, sentences):
    table = saved(tmp_path, sentences).tables[0]
    marks = [{child.tag.rpartition("}")[2] for child in row._tr.trPr} for row in table.rows]
    assert all("cantSplit" in mark for mark in marks)
    assert ["tblHeader" in mark for mark in marks] == [True] + [False] * 40
    # A long table that held every row to the next would leave its first page.
    assert not table.rows[20].cells[0].paragraphs[0].paragraph_format.keep_with_next


def test_short_cells_keep_the_page_upright_and_columns_alike(tmp_path):
    frame = pd.DataFrame([["1.234", "2.345"]] * 4, index=list("abcd"), columns=["(1)", "(2)"])
    document = saved(tmp_path, frame)
    assert document.sections[0].page_width < document.sections[0].page_height
    first, second = (column.width for column in list(document.tables[0].columns)[1:])
    assert first == second > Cm(3)
