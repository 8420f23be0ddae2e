"""What a run is to do: which notebooks, which exhibits, which languages, which to accept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from povstats.errors import DataError, OptionError, allowed
from povstats.files import PACKAGE
from povstats.reproduce.notebooks import sources
from povstats.words import LANGUAGES, Lang

if TYPE_CHECKING:
    from povstats.exhibits import Exhibit

ALL = "all"
SUBJECT = re.compile(r"^\d+_")
"""The number of a notebook, before its subject."""


@dataclass(frozen=True)
class Plan:
    """The work of one run.

    `whole` is true where everything is made, so that what is missing can be told from what was not asked for;
    `front` names the exhibits whose pictures stand on the home page.
    """

    root: Path
    sources: tuple[Path, ...]
    exhibits: "tuple[Exhibit, ...]"
    languages: tuple[Lang, ...]
    accepted: "tuple[Exhibit, ...]"
    twins: tuple[Path, ...]
    whole: bool
    front: tuple[str, ...] = ()

    @property
    def build(self) -> Path:
        """Where a run puts everything."""
        return self.root / "build"

    @property
    def figures(self) -> Path:
        """Where the accepted exhibits lie."""
        return self.root / "figures"


def find_checkout() -> Path:
    """Find the checkout that holds the notebooks: that of the package in use, else the working folder.

    Raises
    ------
    DataError
        Where neither is a checkout of povstats.
    """
    for root in (PACKAGE.parent, Path.cwd()):
        if (root / "notebooks").is_dir() and (root / "povstats" / "reproduce").is_dir():
            return root
    raise DataError("an installed povstats has no notebooks; run `povstats reproduce` in a checkout of the project")


def make_plan(
    root: Path,
    exhibits: "Sequence[Exhibit]",
    *,
    only: str | None = None,
    lang: str | None = None,
    accept: str | None = None,
    front: Sequence[str] = (),
) -> Plan:
    """Turn the options of `povstats reproduce` into the work of one run.

    Parameters
    ----------
    root : the checkout.
    exhibits : all registered exhibits.
    only : the id of an exhibit (which is then made without its notebook), the name of a notebook, or a subject: the
        first word of ids and of notebooks' names after their number, such as "guizhou", with all that it has.
    lang : one language; None makes both.
    accept : an exhibit's id, a notebook's name, a subject or "all".
    front : ids of the exhibits whose pictures stand on the home page, in this order.

    Raises
    ------
    OptionError
        Where a name is not known, the language is not, or what is to be accepted is not made by this run.
    DataError
        Where there is no notebook.
    """
    if lang is not None:
        allowed("lang", lang, LANGUAGES)
        if accept is not None:
            raise OptionError("an exhibit is accepted in both languages; leave --lang out")
    stories = sources(root / "notebooks")
    if not stories:
        raise DataError(f"no notebook NN_subject.py lies in {root / 'notebooks'}")
    names = [*(exhibit.id for exhibit in exhibits), *(story.stem for story in stories)]
    subjects = {_subject(name) for name in names}
    _known(only, names, subjects)
    _known(accept, [ALL, *names], subjects)
    made = tuple(exhibit for exhibit in exhibits if only is None or only in _called(exhibit.id, exhibit.notebook))
    told = tuple(story for story in stories if only is None or only in _called(story.stem))
    chosen = tuple(exhibit for exhibit in made if accept in (ALL, *_called(exhibit.id, exhibit.notebook)))
    twins = tuple(story for story in told if accept in (ALL, *_called(story.stem)))
    if accept not in (None, ALL) and not chosen and not twins:
        raise OptionError(f"accept {accept!r}: this run makes only {only!r}; name it in --only or leave --only out")
    languages = tuple(each for each in LANGUAGES if lang in (None, each))
    return Plan(root, told, made, languages, chosen, twins, whole=only is None, front=tuple(front))


def _called(*names: str) -> tuple[str, ...]:
    """Give all that exhibits and notebooks go by: their names, and their subjects."""
    return (*names, *map(_subject, names))


def _subject(name: str) -> str:
    """Give the subject of "guizhou-item-trust" or of "21_guizhou_models"."""
    return SUBJECT.sub("", name).replace("_", "-").partition("-")[0]


def _known(name: str | None, names: list[str], subjects: set[str]) -> None:
    if name is None or name in names or name in subjects:
        return
    close = get_close_matches(name, [*names, *subjects], n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise OptionError(
        f"no exhibit, notebook or subject is called {name!r}{hint} There are: {', '.join(sorted([*names, *subjects]))}"
    )
