"""Showing an exhibit or a result: in a notebook as it should be published, elsewhere as text."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from povstats.errors import allowed
from povstats.exhibits.registry import find
from povstats.words import BOTH, LANGUAGES, Lang, language

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure


def show(what: Any, lang: str | None = None) -> "Figure | Table | None":
    """Show an exhibit by its id, or a result of povstats.

    In a notebook it is displayed in the language that `povstats.language` picked, and in both while
    `povstats reproduce` runs the notebook; outputs carry their language as metadata, so that the two pages
    can be told apart. Elsewhere it is printed as text.

    Parameters
    ----------
    what : the id of an exhibit, such as "vietnam-caterpillar"; or a result that prints itself (a fit,
        estimates, a table).
    lang : "zh" or "en": the figure or table of an id is made in that language and returned, not displayed; a
        result is shown in that language.

    Returns
    -------
    Figure, Table or None
        The object where an id and `lang` are given; otherwise None.

    Raises
    ------
    OptionError
        Where no exhibit has the id, or the language is unknown.
    """
    if lang is not None:
        allowed("lang", lang, LANGUAGES)
    chosen: Lang | None = None if lang is None else "zh" if lang == "zh" else "en"
    if isinstance(what, str):
        exhibit = find(what)
        if chosen is not None:
            return exhibit.maker(chosen)
        for each in _languages():
            _display(exhibit.maker(each), each)
        return None
    for each in (chosen,) if chosen else _languages():
        with _speaking(each):
            _display(what, each)
    return None


def _languages() -> tuple[Lang, ...]:
    return LANGUAGES if os.environ.get(BOTH) else (language(),)


@contextmanager
def _speaking(lang: Lang) -> Iterator[None]:
    """Let results print in `lang` for a while."""
    before = language()
    language(lang)
    try:
        yield
    finally:
        language(before)


def _display(thing: Any, lang: Lang) -> None:
    """Display with the language as metadata under IPython; print otherwise."""
    if "IPython" not in sys.modules or sys.modules["IPython"].get_ipython() is None:
        print(_text(thing))
        return
    from IPython import display

    publish: Any = display.display
    # The title stands for the picture where it cannot be seen.
    about = {"image/png": {"alt": thing.title}} if hasattr(thing, "numbers") else {}
    publish(thing, metadata={"povstats": {"lang": lang}, **about})


def _text(thing: Any) -> str:
    """Give a figure's title and numbers, or what anything else prints."""
    numbers = getattr(thing, "numbers", None)
    if numbers is None:
        return str(thing)
    return f"{thing.title}\n{numbers.to_string(max_rows=20, index=False)}"
