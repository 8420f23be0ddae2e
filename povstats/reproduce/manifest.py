"""The manifest of an exhibit: who made it, of what, with which versions, and the hash of its numbers."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povstats.errors import DataError
from povstats.files import replacing
from povstats.words import LANGUAGES, Lang

if TYPE_CHECKING:
    from povstats.exhibits import Exhibit

PACKAGES = ("povstats", "numpy", "scipy", "pandas", "narwhals", "formulaic", "matplotlib", "maketables")
"""Those that decide digits or drawing."""


def manifest(exhibit: "Exhibit", folder: Path) -> dict[str, Any]:
    """Describe an exhibit whose files lie in `folder`.

    Nothing in it depends on the time or the machine's paths: the same run gives the same text.

    Parameters
    ----------
    exhibit : the registered exhibit.
    folder : holds `<id>.<lang>.<ending>` of at least one language.
    """
    files = files_of(exhibit.id, folder)
    return {
        **exhibit.facts(),
        "kind": "table" if any(name.endswith(".html") for name in files) else "figure",
        "languages": [lang for lang in LANGUAGES if f"{exhibit.id}.{lang}.csv" in files],
        "files": files,
        "numbers": {
            lang: numbers_hash(folder / f"{exhibit.id}.{lang}.csv")
            for lang in LANGUAGES
            if f"{exhibit.id}.{lang}.csv" in files
        },
        "versions": _versions(),
    }


def files_of(id: str, folder: Path, lang: Lang | None = None) -> list[str]:
    """List the names of an exhibit's files in a folder, of one language or of both, without its manifest."""
    languages = (lang,) if lang else LANGUAGES
    return sorted(path.name for each in languages for path in folder.glob(f"{id}.{each}.*"))


def numbers_hash(path: Path) -> str:
    """Give the SHA-256 of a CSV of numbers, the same whether a checkout ends lines with LF or CR LF."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def write_manifest(exhibit: "Exhibit", folder: Path) -> Path:
    """Write `<id>.json` beside the exhibit's files."""
    target = folder / f"{exhibit.id}.json"
    text = json.dumps(manifest(exhibit, folder), ensure_ascii=False, indent=2)
    with replacing(target) as part:
        part.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return target


def read_manifests(folder: Path) -> list[dict[str, Any]]:
    """Read all manifests of a folder, in the order of notebooks and ids.

    Raises
    ------
    DataError
        Where a file is not a manifest.
    """
    found = [_read(path) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda known: (known["notebook"], known["id"]))


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name} is not a manifest: {error}; restore it or accept the exhibit again") from error
    if not isinstance(known, dict) or not {"id", "notebook", "title", "files"} <= set(known):
        raise DataError(f"{path.name} is not a manifest; restore it or accept the exhibit again")
    return known


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # used from a checkout that is not installed
            continue
    return found
