"""Building the site of each language: sources into a passing folder, Sphinx over them, the result into pages/."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from povstats.files import PACKAGE
from povstats.reproduce.execute import Failure
from povstats.reproduce.manifest import read_manifests
from povstats.reproduce.notebooks import Notebook, as_json
from povstats.reproduce.site.home import home
from povstats.reproduce.site.story import heading, in_language, shown_in, story
from povstats.words import LANGUAGES, Lang

CODES: dict[Lang, str] = {"zh": "zh_CN", "en": "en"}
SEARCH = "search"
_PLACE = PACKAGE / "reproduce" / "site"
_FONTS = PACKAGE / "viz" / "fonts"
# Of no use to a reader: Sphinx's own memory of the build.
_LEFT_OUT = (".buildinfo", "objects.inv")
_LAST_LINES = 12


@dataclass(frozen=True)
class Content:
    """What every language's site is made of."""

    notebooks: dict[str, Notebook]
    manifests: Sequence[dict[str, Any]]
    front: Sequence[str]
    languages: Sequence[Lang]


def build_site(
    notebooks: dict[str, Notebook], exhibits: Path, pages: Path, front: Sequence[str], languages: Sequence[Lang]
) -> Failure | None:
    """Write `pages/<lang>/` for each language, the exhibits' files, the font and the first page.

    A language whose site is already there is built again, so that the pages of both link each other.

    Parameters
    ----------
    notebooks : executed notebooks by name, in their order.
    exhibits : folder of the exhibits' files and manifests.
    pages : where the sites go.
    front : ids of the exhibits that stand on the home page.
    languages : to build.

    Returns
    -------
    Failure or None
        What Sphinx complained of: its warnings count as failures.
    """
    wanted = tuple(lang for lang in LANGUAGES if lang in languages or (pages / lang).is_dir())
    content = Content(notebooks, read_manifests(exhibits), front, wanted)
    _assets(exhibits, pages, wanted)
    with ThreadPoolExecutor() as together:
        failures = list(together.map(lambda lang: _site(content, lang, pages / lang), wanted))
    return next((failure for failure in failures if failure is not None), None)


def _assets(exhibits: Path, pages: Path, languages: Sequence[Lang]) -> None:
    """Put beside the sites what they share, so that the folder can be carried away as it is."""
    for name in ("exhibits", "fonts"):
        shutil.rmtree(pages / name, ignore_errors=True)
        (pages / name).mkdir(parents=True)
    for path in sorted(exhibits.iterdir()):
        if path.suffix != ".json":
            shutil.copyfile(path, pages / "exhibits" / path.name)
    for path in (*_FONTS.glob("*.otf"), _FONTS / "OFL.txt"):
        shutil.copyfile(path, pages / "fonts" / path.name)
    first = (_PLACE / "first.html").read_text(encoding="utf-8")
    links = {"zh": '<a href="zh/index.html" lang="zh-CN">中文</a>', "en": '<a href="en/index.html">English</a>'}
    shown = "\n".join(links[lang] for lang in languages)
    text = first.replace("$links", shown).replace("$languages", json.dumps(languages))
    (pages / "index.html").write_text(text, encoding="utf-8", newline="\n")


def _site(content: Content, lang: Lang, target: Path) -> Failure | None:
    """Build one language's site and put it in the place of the old one."""
    with tempfile.TemporaryDirectory() as folder:
        sources, made = Path(folder) / "sources", Path(folder) / "made"
        sources.mkdir()
        _write_sources(content, lang, sources)
        done = _sphinx(lang, sources, made, Path(folder) / "doctrees")
        if done.returncode:
            lines = [line.replace(f"{sources}{os.sep}", "") for line in done.stderr.strip().splitlines()]
            reason = f"Sphinx: {lines[0] if lines else 'no reason given'}"
            return Failure(f"pages/{lang}", 0, "", reason, "\n".join(lines[1 : _LAST_LINES + 1]))
        for name in _LEFT_OUT:
            (made / name).unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)
    return None


def _write_sources(content: Content, lang: Lang, folder: Path) -> None:
    titles: dict[str, str] = {}
    places: dict[str, str] = {}
    for name, notebook in content.notebooks.items():
        places |= {id: f"{name}.html#{id}" for id in shown_in(notebook)}
        titles[name] = heading(in_language(notebook, lang), name)
        page = story(notebook, content.manifests, lang)
        (folder / f"{name}.ipynb").write_text(as_json(page), encoding="utf-8", newline="\n")
    text = home(titles, places, content.manifests, content.front, lang)
    (folder / "index.md").write_text(text, encoding="utf-8", newline="\n")
    other = next((each for each in content.languages if each != lang), None)
    facts = {"lang": lang, "other": other, "pages_there": ["index", SEARCH, *content.notebooks]}
    (folder / "site.json").write_text(json.dumps(facts), encoding="utf-8")


def _sphinx(lang: Lang, sources: Path, made: Path, doctrees: Path) -> subprocess.CompletedProcess[str]:
    """Run Sphinx; a warning ends it with an exit code other than 0."""
    options = ["-q", "-W", "--no-color", "-b", "html", "-c", str(_PLACE), "-d", str(doctrees)]
    language = ["-D", f"language={CODES[lang]}"]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, *language, str(sources), str(made)],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
