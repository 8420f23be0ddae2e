"""Reading percent sources: stable ids, twins, shown exhibits, pairs of text."""

import json

import pytest

from povstats.errors import DataError
from povstats.reproduce import notebooks


@pytest.fixture
def source(tmp_path):
    def write(text):
        path = tmp_path / "10_tiny.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


ZH, EN = '# %% [markdown] tags=["zh"]\n# 文\n\n', '# %% [markdown] tags=["en"]\n# text\n\n'
CODE = "# %%\n1 + 1\n\n"


def test_the_twin_has_the_same_cells_stable_ids_and_no_outputs(source):
    path = source(ZH + EN + CODE)
    twin = notebooks.write_twin(path)
    assert twin.name == "10_tiny.ipynb"
    text = twin.read_text(encoding="utf-8")
    assert text == notebooks.twin_text(path)
    cells = json.loads(text)["cells"]
    assert [cell["id"] for cell in cells] == ["cell-001", "cell-002", "cell-003"]
    assert ["".join(cell["source"]) for cell in cells] == ["文", "text", "1 + 1"]
    assert cells[2]["outputs"] == []
    assert cells[2]["execution_count"] is None


def test_shown_ids_are_the_text_arguments_of_show(source):
    path = source(
        '# %%\nimport povstats as ps\nps.show("a-b")\nif True:\n    ps.show("c-d", "zh")\nps.show(fit)\nprint("e-f")\n'
    )
    assert notebooks.shown(path) == {"a-b", "c-d"}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (ZH + EN + CODE + ZH + EN, 0),
        (CODE, 0),
        (EN + CODE, 1),
        (ZH + CODE + EN, 2),
        (ZH + ZH + EN, 1),
        (ZH, 1),
        ("# %% [markdown]\n# both 两\n", 1),
    ],
)
def test_text_comes_in_pairs(source, text, faults):
    assert len(notebooks.unpaired(notebooks.read_source(source(text)))) == faults


def test_a_cell_is_in_one_language(source):
    notebook = notebooks.read_source(source('# %% [markdown] tags=["zh", "en"]\n# x\n'))
    with pytest.raises(DataError, match="cell-001"):
        notebooks.cell_language(notebook.cells[0])
