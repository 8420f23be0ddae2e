"""Where the project's own data lie, and how a file is written so that it is never half there."""

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from povstats.errors import DataError

PACKAGE = Path(__file__).resolve().parent


def data_file(name: str) -> Path:
    """Find a file of the project's data folder.

    An installed wheel carries the folder as `povstats/_data`; a checkout has it beside the package.

    Parameters
    ----------
    name : path inside the data folder, with forward slashes, such as "examples/vietnam_1998/card.md".

    Raises
    ------
    DataError
        Where neither place has the file.
    """
    for root in (PACKAGE / "_data", PACKAGE.parent / "data"):
        path = root / name
        if path.exists():
            return path
    raise DataError(f"data file {name!r} is missing from this installation; reinstall povstats")


def proven_file(folder: str, name: str) -> bytes:
    """Read a file of the data folder once its fingerprint is proven; line ends are made alike, as checkouts differ.

    Parameters
    ----------
    folder : the folder, whose source.toml has the SHA-256 of its files. name : the file.

    Raises
    ------
    DataError
        Where the file is missing or is not the one that povstats knows.
    """
    known = tomllib.loads(data_file(f"{folder}/source.toml").read_text(encoding="utf-8"))["sha256"][name]
    content = data_file(f"{folder}/{name}").read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != known:
        raise DataError(f"{folder}/{name} has SHA-256 {found}, expected {known}; it was not read")
    return content


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it onto `path` when the block ends well.

    A block that raises leaves the old file as it was and nothing beside it. The temporary path keeps the
    ending of `path`, since writers choose the format by it.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-", suffix=target.suffix)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        # mkstemp makes files private to their owner; results are for colleagues too.
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
