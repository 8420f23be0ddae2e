"""Where the project's own data lie, and how a file is written so that it is never half there."""

import os
import tempfile
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
