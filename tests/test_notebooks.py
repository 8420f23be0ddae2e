"""Notebooks: text in pairs, twins that agree, no outputs, every exhibit shown, assertions at the end."""

import ast
import json
from pathlib import Path

import pytest

from povstats.exhibits import everything
from povstats.reproduce import notebooks

FOLDER = Path(__file__).parent.parent / "notebooks"
SOURCES = notebooks.sources(FOLDER)


@pytest.fixture(params=SOURCES, ids=lambda source: source.stem)
def source(request):
    return request.param


def test_there_are_notebooks_and_each_is_named_by_number_and_subject():
    assert SOURCES
    assert sorted(FOLDER.glob("*.py")) == SOURCES


def test_text_comes_in_pairs(source):
    assert notebooks.unpaired(notebooks.read_source(source)) == []


def test_pages_show_no_mathematics_that_they_cannot_set(source):
    cells = notebooks.read_source(source).cells
    assert not [cell["id"] for cell in cells if cell.cell_type == "markdown" and "$" in cell.source]


def test_the_twin_agrees_with_its_source_and_has_no_outputs(source):
    twin = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert twin == notebooks.twin_text(source), f"run: povstats reproduce --accept {source.stem}"
    code = [cell for cell in json.loads(twin)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_every_twin_has_a_source():
    assert {twin.stem for twin in FOLDER.glob("*.ipynb")} == {source.stem for source in SOURCES}


def test_every_exhibit_is_shown_by_the_notebook_it_names_and_nothing_else_is():
    declared = {known.id: known.notebook for known in everything()}
    shown = {id: source.stem for source in SOURCES for id in notebooks.shown(source)}
    assert shown == declared


def test_a_notebook_picks_a_language_first_and_ends_with_assertions(source):
    code = [cell.source for cell in notebooks.read_source(source).cells if cell.cell_type == "code"]
    assert "ps.language(" in code[0]
    assert isinstance(ast.parse(code[-1]).body[-1], ast.Assert)


def test_a_notebook_defines_no_function_over_ten_lines_and_imports_only_doors(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert all(node.end_lineno - node.lineno < 10 for node in functions)
    inner = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("povstats.")
    ]
    assert all(module.count(".") == 1 for module in inner)
