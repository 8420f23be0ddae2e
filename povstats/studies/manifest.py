"""The manifest: what the folder was made from and with, the hash of every file, and how to make it again."""

import hashlib
import json
import shlex
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povstats.studies.methods import versions

if TYPE_CHECKING:
    from povstats.studies.result import Study

MANIFEST = "manifest.json"
STUDY = "povstats study"
SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
TIMED = (".docx", ".xlsx")
"""Endings of files that carry their time of writing: their bytes differ between two runs, their content does not."""


def write_manifest(study: "Study", folder: Path, name: str) -> dict[str, str]:
    """Write the manifest of the files in a folder; give {file: SHA-256}.

    Parameters
    ----------
    folder : where the files are. name : of the target, for the command that makes it again.
    """
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    tree: dict[str, Any] = {
        "made_by": STUDY,
        "kind": study.spec.kind,
        "data": study.spec.data,
        "sources": [source.record for source in study.sources],
        "recipe": files.get("recipe.yaml"),
        "spec": files.get("spec.yaml"),
        "rows": len(study.table),
        "versions": versions(),
        "rerun": rerun(study, name),
        "files": {file: {"sha256": sha, "timed": file.endswith(TIMED)} for file, sha in files.items()},
    }
    if study.models:
        tree["models"] = [fit.cells.fingerprint() for fit in study.fits]
    told = json.dumps(tree, ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(f"{told}\n", encoding="utf-8", newline="\n")
    return files


def rerun(study: "Study", name: str) -> str | None:
    """Give the command that makes the study again, from the folder that holds the file and the study's folder.

    None for tables in memory and for several files, which the shell does not take.
    """
    if len({one.fingerprint for one in study.sources}) != 1 or study.sources[0].reading is None:
        return None
    kept = Path(name).stem if name.lower().endswith(".zip") else name
    words = ["povstats", "study", study.sources[0].file]
    if study.prepared is not None:
        words += ["--recipe", f"{kept}/recipe.yaml"]
    if study.spec.kind != "data":
        words += ["--spec", f"{kept}/spec.yaml"]
    return shlex.join([*words, "--out", name])


def is_study(path: Path) -> bool:
    """Tell whether a file is a study's manifest."""
    try:
        return _is_manifest(path.read_bytes())
    except OSError:
        return False


def is_study_zip(path: Path) -> bool:
    """Tell whether a .zip holds a study."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _is_manifest(archive.read(MANIFEST))
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


def own_files(folder: Path) -> list[str]:
    """Name the files of a study's folder that the study did not write, or that were changed since."""
    known = json.loads((folder / MANIFEST).read_bytes()).get("files", {})
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        # Systems put files of theirs into folders that are looked at.
        if name == MANIFEST or path.name in SYSTEM:
            continue
        if known.get(name, {}).get("sha256") != hashlib.sha256(path.read_bytes()).hexdigest():
            found.append(name)
    return found


def _is_manifest(content: bytes) -> bool:
    try:
        tree = json.loads(content)
    except ValueError:
        return False
    return isinstance(tree, dict) and tree.get("made_by") == STUDY
