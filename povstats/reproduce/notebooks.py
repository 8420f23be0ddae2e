"""Notebook sources: percent scripts read as notebooks, their twins, and the exhibits they show."""

import ast
import re
from pathlib import Path
from typing import Any

from povstats.errors import DataError
from povstats.files import replacing
from povstats.words import LANGUAGES

Notebook = Any
"""An nbformat notebook, which has no types of its own."""

# Browsers show a line break as a space, which Chinese does not have between characters or after its full stops.
_SOFT_BREAK = re.compile(r"(?<=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])\n(?=[\u3400-\u9fff\u201c\u300a\uff08])")

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def sources(folder: Path) -> list[Path]:
    """List the notebook sources NN_subject.py of a folder, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.py"))


def read_source(path: Path) -> Notebook:
    """Read a percent script as a notebook.

    Cell ids are set by position and no tool's version is noted: the same source gives the same bytes.
    """
    import jupytext

    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = type(notebook.metadata)(kernelspec=KERNEL, language_info={"name": "python"})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:03d}"
        cell.metadata.pop("lines_to_next_cell", None)
        if cell.cell_type == "markdown":
            cell.source = _SOFT_BREAK.sub("", cell.source)
    return notebook


def twin_text(source: Path) -> str:
    """Give the text of the .ipynb twin: the same cells, no outputs."""
    return as_json(read_source(source))


def as_json(notebook: Notebook) -> str:
    """Give the text of an .ipynb file."""
    import nbformat

    write: Any = nbformat.writes
    return f"{write(notebook)}\n"


def read_executed(path: Path) -> Notebook:
    """Read an .ipynb file."""
    import nbformat

    read: Any = nbformat.read
    return read(path, as_version=4)


def write_twin(source: Path) -> Path:
    """Write the .ipynb twin beside its source."""
    target = source.with_suffix(".ipynb")
    with replacing(target) as part:
        part.write_text(twin_text(source), encoding="utf-8", newline="\n")
    return target


def shown(source: Path) -> set[str]:
    """Find the ids that a notebook shows: the text arguments of its calls of `show`."""
    return set(shown_by(source.read_text(encoding="utf-8"), source.name))


def shown_by(code: str, name: str = "cell") -> list[str]:
    """Find the ids that a piece of code shows, in its order."""
    calls = [node for node in ast.walk(ast.parse(code, filename=name)) if isinstance(node, ast.Call) and node.args]
    return [
        call.args[0].value
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
        if _called(call) == "show" and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]


def cell_language(cell: Notebook) -> str | None:
    """Tell the language of a cell from its tags; None serves both.

    Raises
    ------
    DataError
        Where a cell is tagged with both languages.
    """
    tags = [tag for tag in cell.metadata.get("tags", []) if tag in LANGUAGES]
    if len(tags) > 1:
        raise DataError(f"cell {cell['id']} is tagged {tags}; a cell is in one language or, untagged, for both")
    return tags[0] if tags else None


def unpaired(notebook: Notebook) -> list[str]:
    """Find what breaks the pairing: text comes in two neighbouring cells, Chinese first, then English.

    Returns
    -------
    list of str
        One sentence for each cell that has no language or no partner; empty where all is paired.
    """
    faults = []
    waiting: str | None = None
    for cell in notebook.cells:
        lang = cell_language(cell)
        if cell.cell_type == "markdown" and lang is None:
            faults.append(f"{cell['id']} is text without a language tag")
        if waiting is not None and lang != "en":
            faults.append(f"{waiting} (zh) is not followed by its English twin")
        if lang == "en" and waiting is None:
            faults.append(f"{cell['id']} (en) does not follow its Chinese twin")
        waiting = cell["id"] if lang == "zh" else None
    return [*faults, f"{waiting} (zh) is not followed by its English twin"] if waiting else faults


def _called(call: ast.Call) -> str:
    """Give the last name of what is called: `ps.show(…)` and `show(…)` are "show"."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
