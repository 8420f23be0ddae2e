"""Plain pages of the executed notebooks, one a language, that ask nothing of any other machine."""

import html
import shutil
from collections.abc import Sequence
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from string import Template
from typing import Any

from povstats.files import PACKAGE, replacing
from povstats.reproduce.manifest import read_manifests
from povstats.reproduce.notebooks import Notebook, cell_language
from povstats.words import LANGUAGES, Lang, say

CODES: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
_FONT = PACKAGE / "viz" / "fonts"
_SHEETS = PACKAGE / "reproduce"


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


def write_pages(notebook: Notebook, name: str, languages: Sequence[Lang], folder: Path) -> list[Path]:
    """Write `<name>.<lang>.html` for each language, from one executed notebook."""
    return [_page(in_language(notebook, lang), name, lang, languages, folder) for lang in languages]


def write_index(notebooks: dict[str, Notebook], exhibits: Path, folder: Path) -> Path:
    """Write index.html: the notebooks and exhibits of the run, in both languages side by side.

    Parameters
    ----------
    notebooks : executed notebooks by name.
    exhibits : folder of the run's exhibits and manifests, beside `folder`.
    folder : where the pages go.
    """
    stories = "".join(f"<tr>{_story(name, notebook, folder)}</tr>\n" for name, notebook in notebooks.items())
    shown = "".join(f"<tr>{_exhibit(known, exhibits.name)}</tr>\n" for known in read_manifests(exhibits))
    body = (
        f"<h1>{_both('index_title')}</h1>\n<h2>{_both('notebooks')}</h2>\n<table>\n{stories}</table>\n"
        f"<h2>{_both('exhibits')}</h2>\n<table>\n{shown}</table>"
    )
    foot = "<br>".join(_foot(lang) for lang in LANGUAGES)
    return _write(folder / "index.html", CODES["zh"], "povstats", "", body, foot)


def write_style(folder: Path) -> None:
    """Write the style sheet and, for machines without Chinese fonts, the font shipped with the package."""
    formatter: Any = import_module("pygments.formatters").HtmlFormatter

    font = next(iter(sorted(_FONT.glob("*.otf"))))
    (folder / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(font, folder / "fonts" / font.name)
    shutil.copyfile(_FONT / "OFL.txt", folder / "fonts" / "OFL.txt")
    sheet = Template((_SHEETS / "page.css").read_text(encoding="utf-8"))
    highlight = formatter(style="default").get_style_defs(".highlight")
    with replacing(folder / "page.css") as part:
        part.write_text(sheet.substitute(font=font.name, highlight=highlight), encoding="utf-8")


def _page(mine: Notebook, name: str, lang: Lang, languages: Sequence[Lang], folder: Path) -> Path:
    """Write a page, linked to the index and, where there is one, to its twin."""
    import nbconvert

    html_exporter: Any = nbconvert.HTMLExporter
    exporter = html_exporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    body, _ = exporter.from_notebook_node(mine)
    links = _link("index.html", say("reproduce.contents", lang))
    for other in LANGUAGES:
        twin = folder / f"{name}.{other}.html"
        if other != lang and (other in languages or twin.exists()):
            links += _link(twin.name, say("reproduce.itself", other))
    return _write(folder / f"{name}.{lang}.html", CODES[lang], _heading(mine, name), links, body, _foot(lang))


def _output_language(output: Any) -> str | None:
    found = output.get("metadata", {}).get("povstats", {}).get("lang")
    return None if found is None else str(found)


def _heading(notebook: Notebook, name: str) -> str:
    """Give the first heading of a notebook's text."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), name)


def _story(name: str, notebook: Notebook, folder: Path) -> str:
    """Link a notebook's pages, of the languages that were made."""
    cells = []
    for lang in LANGUAGES:
        page = f"{name}.{lang}.html"
        title = _heading(in_language(notebook, lang), name)
        cells.append(f"<td>{_link(page, title) if (folder / page).exists() else ''}</td>")
    return "".join(cells)


def _exhibit(known: dict[str, Any], folder: str) -> str:
    cells = []
    for lang in known["languages"]:
        files = [name for name in known["files"] if f".{lang}." in name]
        links = " ".join(_link(f"../{folder}/{name}", name.rpartition(".")[2]) for name in files)
        data = say(f"reproduce.{known['data']}", lang)
        title = html.escape(known["title"][lang])
        cells.append(f'<td>{title}<br>{links} <span class="data">{data}</span></td>')
    return "".join(cells)


def _both(key: str) -> str:
    return " · ".join(html.escape(say(f"reproduce.{key}", lang)) for lang in LANGUAGES)


def _foot(lang: Lang) -> str:
    return html.escape(say("reproduce.page_foot", lang))


def _link(target: str, text: str) -> str:
    return f'<a href="{html.escape(target)}">{html.escape(text)}</a>'


def _write(path: Path, code: str, title: str, links: str, body: str, foot: str) -> Path:
    page = Template((_SHEETS / "page.html").read_text(encoding="utf-8"))
    text = page.substitute(code=code, title=html.escape(title), links=links, body=body, foot=foot)
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path
