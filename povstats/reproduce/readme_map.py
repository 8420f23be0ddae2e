"""The README's map of exhibits, written from the accepted manifests."""

from pathlib import Path
from typing import Any

from povstats.errors import DataError
from povstats.files import replacing
from povstats.reproduce.manifest import read_manifests
from povstats.words import LANGUAGES, say

BEGIN, END = "<!-- exhibits:begin -->", "<!-- exhibits:end -->"


def exhibit_map(figures: Path) -> str:
    """Give the map as a Markdown table: id, titles, notebook, kind of data, files.

    Parameters
    ----------
    figures : the folder of accepted exhibits; its name is used in the links.
    """
    heads = [
        " / ".join(say(f"reproduce.{key}", lang) for lang in LANGUAGES)
        for key in ("exhibit", "title", "notebook", "data", "files")
    ]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(_row(known, figures.name) for known in read_manifests(figures))])


def write_map(readme: Path, figures: Path) -> None:
    """Replace what stands between the two marks of the README by the map.

    Raises
    ------
    DataError
        Where the README does not have each mark once, in order.
    """
    text = readme.read_text(encoding="utf-8")
    before, after = _around(text, readme.name)
    with replacing(readme) as part:
        part.write_text(f"{before}\n{exhibit_map(figures)}\n{after}", encoding="utf-8", newline="\n")


def read_map(readme: Path) -> str:
    """Give what stands between the two marks.

    Raises
    ------
    DataError
        Where the README does not have each mark once, in order.
    """
    text = readme.read_text(encoding="utf-8")
    before, after = _around(text, readme.name)
    return text[len(before) : len(text) - len(after)].strip("\n")


def _around(text: str, name: str) -> tuple[str, str]:
    """Give the text up to the first mark and from the second on, marks included."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise DataError(f"{name} must have one line {BEGIN} and, below it, one line {END}; put them back")
    return text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]


def _row(known: dict[str, Any], folder: str) -> str:
    titles = "<br>".join(known["title"][lang] for lang in LANGUAGES)
    data = " / ".join(say(f"reproduce.{known['data']}", lang) for lang in LANGUAGES)
    files = "<br>".join(
        f"{say('reproduce.itself', lang)} "
        + " ".join(_link(name, folder) for name in known["files"] if f".{lang}." in name)
        for lang in LANGUAGES
    )
    notebook = f"[{known['notebook']}](notebooks/{known['notebook']}.ipynb)"
    return f"| `{known['id']}` | {titles} | {notebook} | {data} | {files} |"


def _link(name: str, folder: str) -> str:
    return f"[{name.rpartition('.')[2]}]({folder}/{name})"
