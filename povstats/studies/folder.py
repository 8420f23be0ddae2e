"""A study's folder: made whole beside its target, then renamed; or the same files in a .zip."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from povstats.errors import OptionError
from povstats.files import replacing
from povstats.studies.contents import write_contents
from povstats.studies.manifest import MANIFEST, is_study, is_study_zip, own_files

if TYPE_CHECKING:
    from povstats.studies.result import Study

SHOWN = 5
ZIP = ".zip"
EARLY = (1980, 1, 1, 0, 0, 0)
"""The only time in a .zip, so that the same files make the same bytes."""


def write_study(study: "Study", out: Path) -> tuple[Path, dict[str, str]]:
    """Write a study; give its path and {file: SHA-256}."""
    refuse_target(out)
    try:
        return out, (_zip if out.suffix.lower() == ZIP else _folder)(study, out)
    except OSError as error:
        raise OptionError(f"{out} cannot be written: {error.strerror or type(error).__name__}") from error


def _folder(study: "Study", out: Path) -> dict[str, str]:
    with _folder_beside(out) as part:
        return write_contents(study, part, out.name)


def _zip(study: "Study", out: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="povstats-") as folder:
        files = write_contents(study, Path(folder), out.name)
        with replacing(out) as part:
            _pack(Path(folder), part)
    return files


def refuse_target(out: "str | PathLike[str]") -> None:
    """Refuse a target that holds something else than an earlier study.

    Raises
    ------
    OptionError
        Where the folder has files and no study's manifest, or files besides the study's, or a file is in the way.
    """
    path = Path(out)
    if not str(out) or path.name.lower() == ZIP:
        raise OptionError(f"out={str(out)!r} is no name of a folder or file; give one, such as study or study.zip")
    if not path.exists():
        return
    if path.suffix.lower() == ZIP:
        if not (path.is_file() and is_study_zip(path)):
            raise OptionError(f"{path.name} is there already and holds no study; give another name")
    elif not path.is_dir():
        raise OptionError(f"{path.name} is a file; give the name of a folder, or one that ends in .zip")
    elif not any(path.iterdir()):
        return
    elif not is_study(path / MANIFEST):
        raise OptionError(
            f"folder {path.name} is not empty and holds no earlier study (no {MANIFEST} of one); give another name"
        )
    elif strange := own_files(path):
        raise OptionError(
            f"folder {path.name} holds files that are not the earlier study's, or were changed since: "
            f"{', '.join(strange[:SHOWN])}{' …' if len(strange) > SHOWN else ''}; move them, or give another name"
        )


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target, and put it in the target's place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
    try:
        yield part
        # mkdtemp makes folders private to their owner; results are for colleagues too.
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o777 & ~mask)
        if not target.exists():
            part.rename(target)
            return
        old = Path(tempfile.mkdtemp(dir=target.parent, prefix=".old-"))
        target.rename(old / target.name)
        try:
            part.rename(target)
        except OSError:
            (old / target.name).rename(target)
            raise
        finally:
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    """Put a folder's files into a .zip, in order of name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EARLY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
