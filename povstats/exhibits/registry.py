"""The register of exhibits: one maker a figure or table, found by its id."""

import hashlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from povstats.errors import DataError, OptionError, allowed
from povstats.files import PACKAGE, data_file
from povstats.words import LANGUAGES, Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

    Maker = Callable[[Lang], Figure | Table]

Data = Literal["real", "synthetic", "documents"]
DATA: tuple[Data, ...] = ("real", "synthetic", "documents")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_REGISTER: dict[str, "Exhibit"] = {}


@dataclass(frozen=True)
class Exhibit:
    """One figure or table of the project.

    Parameters
    ----------
    id : lower-case words joined by dashes, the subject first, such as "vietnam-caterpillar".
    maker : makes the figure or table in one language.
    data : whence its numbers: "real" (collected), "synthetic" (generated), "documents" (typed from a source).
    notebook : the notebook that shows it, without ending, such as "10_vietnam".
    inputs : the files of the data folder that fix its numbers.
    titled : gives its title in a language; None takes it from words.toml.
    """

    id: str
    maker: "Maker"
    data: Data
    notebook: str
    inputs: tuple[str, ...] = ()
    titled: "Callable[[Lang], str] | None" = None

    def __post_init__(self) -> None:
        """Refuse an id or a kind of data that the manifests could not use."""
        if not _ID.fullmatch(self.id):
            raise DataError(
                f"exhibit id {self.id!r} must be lower-case words joined by dashes, the subject first, "
                "such as 'vietnam-caterpillar'"
            )
        allowed("data", self.data, DATA)

    def title(self, lang: Lang) -> str:
        """Give its title: its own, or from words.toml, section = subject, key = the rest with underscores."""
        if self.titled is not None:
            return self.titled(lang)
        subject, _, rest = self.id.partition("-")
        return say(f"{subject}.{rest.replace('-', '_')}", lang)

    def facts(self) -> dict[str, object]:
        """Give what a manifest says of it before it is made; `inputs` holds the SHA-256 of each file."""
        return {
            "id": self.id,
            "title": {lang: self.title(lang) for lang in LANGUAGES},
            "maker": f"{self.maker.__module__}:{self.maker.__qualname__}",
            "notebook": self.notebook,
            "data": self.data,
            "inputs": {name: _fingerprint(name) for name in self.inputs},
        }


def exhibit(
    id: str,
    *,
    data: Data,
    notebook: str,
    inputs: tuple[str, ...] = (),
    titled: "Callable[[Lang], str] | None" = None,
) -> "Callable[[Maker], Maker]":
    """Register the decorated maker(lang) under an id.

    Parameters
    ----------
    id, data, notebook, inputs, titled : see `Exhibit`.

    Raises
    ------
    DataError
        Where the id is ill-formed or already taken by another maker.
    """

    def register(maker: "Maker") -> "Maker":
        new = Exhibit(id, maker, data, notebook, inputs, titled)
        old = _REGISTER.get(id)
        # The same maker comes again when a module is reloaded in a notebook session.
        if old is not None and _place(old) != _place(new):
            raise DataError(f"exhibit id {id!r} is taken by {_place(old)}; choose another")
        _REGISTER[id] = new
        return maker

    return register


def find(id: str) -> Exhibit:
    """Give the exhibit of an id.

    Raises
    ------
    OptionError
        Where no exhibit has the id; the message names the closest and lists all.
    """
    _load()
    if id not in _REGISTER:
        raise OptionError(unknown(id, tuple(_REGISTER)))
    return _REGISTER[id]


def everything() -> tuple[Exhibit, ...]:
    """Give all exhibits, in the order of their notebooks and then as declared."""
    _load()
    return tuple(sorted(_REGISTER.values(), key=lambda known: known.notebook))


def unknown(id: str, ids: tuple[str, ...]) -> str:
    """Say that an id is not known, which is the closest, and which there are."""
    close = get_close_matches(id, ids, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"no exhibit is called {id!r}{hint} There are: {', '.join(sorted(ids))}"


@cache
def _load() -> None:
    """Import every subject's file of this room; each registers its makers."""
    room = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(PACKAGE / "exhibits")]):
        import_module(f"{room}.{module.name}")


def _place(known: Exhibit) -> str:
    return f"{known.maker.__module__}:{known.maker.__qualname__}"


def _fingerprint(name: str) -> str:
    # Line ends are made alike, since a checkout on Windows may change them.
    return hashlib.sha256(data_file(name).read_bytes().replace(b"\r\n", b"\n")).hexdigest()
