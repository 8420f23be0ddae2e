"""One executed notebook as a page of one language: its cells, its outputs, and downloads below each exhibit."""

import html
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from povstats.reproduce.notebooks import Notebook, cell_language, shown_by
from povstats.words import Lang, say


def in_language(notebook: Notebook, lang: Lang) -> Notebook:
    """Give the notebook that a reader of one language sees.

    Cells and outputs of the other language go; those of no language stay.
    """
    mine = deepcopy(notebook)
    mine.cells = [cell for cell in mine.cells if cell_language(cell) in (None, lang)]
    for cell in mine.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _output_language(output) in (None, lang)]
    return mine


def story(notebook: Notebook, manifests: Sequence[dict[str, Any]], lang: Lang) -> Notebook:
    """Give the source of a notebook's page.

    Parameters
    ----------
    notebook : the executed notebook, in both languages.
    manifests : of the exhibits whose files can be downloaded.
    lang : of the page.
    """
    mine = in_language(notebook, lang)
    known = {manifest["id"]: manifest for manifest in manifests}
    cells = []
    for cell in mine.cells:
        here = [known[id] for id in _shown(cell) if id in known]
        if here:
            marks = "".join(f'<span class="mark" id="{manifest["id"]}"></span>' for manifest in here)
            cells.append(_text(f"<div>{marks}</div>", f"{cell['id']}-marks"))
        cells.append(_described(cell))
        if here:
            rows = "\n".join(_row(manifest, lang, named=len(here) > 1) for manifest in here)
            cells.append(_text(rows, f"{cell['id']}-files"))
    mine.cells = cells
    return mine


def heading(notebook: Notebook, name: str) -> str:
    """Give the first heading of a notebook's text, else its name."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), name)


def shown_in(notebook: Notebook) -> list[str]:
    """List the ids of the exhibits that a notebook shows."""
    return [id for cell in notebook.cells for id in _shown(cell)]


def downloads(manifest: dict[str, Any], lang: Lang) -> str:
    """Link the files of an exhibit in one language, by their endings."""
    names = sorted((name for name in manifest["files"] if f".{lang}." in name), key=_turn)
    links = (f'<a href="../exhibits/{html.escape(name)}" download>{_ending(name)}</a>' for name in names)
    return " ".join(links)


def _row(manifest: dict[str, Any], lang: Lang, *, named: bool) -> str:
    whose = f"{manifest['title'][lang]} " if named else ""
    words = html.escape(f"{whose}{say('reproduce.download', lang)}")
    return f'<p class="downloads"><span>{words}</span> {downloads(manifest, lang)}</p>'


def _shown(cell: Notebook) -> list[str]:
    if cell.cell_type != "code":
        return []
    # Jupyter's own commands (%time, !ls) are no Python.
    return shown_by("\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!"))))


def _described(cell: Notebook) -> Notebook:
    """Give pictures the words that stand for them, where myst-nb reads them."""
    if cell.cell_type == "code":
        alts = [output.get("metadata", {}).get("image/png", {}).get("alt") for output in cell.outputs]
        if any(alts):
            cell.metadata["mystnb"] = {"image": {"alt": " / ".join(alt for alt in alts if alt)}}
    return cell


def _text(source: str, id: str) -> Notebook:
    from nbformat import v4

    make: Any = v4.new_markdown_cell
    return make(source, id=id)


def _turn(name: str) -> tuple[int, str]:
    """Order files as readers ask for them: to look at, to print, to compute with."""
    endings = ("SVG", "PNG", "HTML", "TEX", "DOCX", "CSV")
    return endings.index(_ending(name)) if _ending(name) in endings else len(endings), name


def _ending(name: str) -> str:
    return name.rpartition(".")[2].upper()


def _output_language(output: Any) -> str | None:
    found = output.get("metadata", {}).get("povstats", {}).get("lang")
    return None if found is None else str(found)
