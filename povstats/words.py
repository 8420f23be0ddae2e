"""Every word that a reader sees, in Chinese and English, from words.toml."""

import re
import tomllib
from functools import cache
from typing import Literal

from povstats.errors import allowed
from povstats.files import PACKAGE

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
_WIDE = "[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BETWEEN_CHINESE = re.compile(f"(?<={_WIDE}) (?={_WIDE})")
"""A blank between two Chinese characters or marks."""


@cache
def _words() -> dict[str, dict[str, str]]:
    """Read words.toml as {dotted key: {language: words}}."""
    tree = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))
    return {f"{room}.{key}": entry for room, entries in tree.items() for key, entry in entries.items()}


def say(key: str, lang: str, **values: object) -> str:
    """Give the words for `key` in `lang`, with `{name}` places filled from `values`.

    Parameters
    ----------
    key : "section.name" as in words.toml, such as "models.intercept".
    lang : "zh" or "en".
    values : what fills the places of the sentence.

    Raises
    ------
    OptionError
        Where the language is unknown.
    KeyError
        Where the word is missing: a label never falls back to the other language.
    """
    allowed("lang", lang, LANGUAGES)
    entry = _words().get(key)
    if entry is None or lang not in entry:
        raise KeyError(f"words.toml has no {lang!r} for {key!r}")
    return entry[lang].format(**values) if values else entry[lang]


def tight(words: str) -> str:
    """Take out the blanks that our sentences keep beside Latin names, where a caller's Chinese words stand."""
    return _BETWEEN_CHINESE.sub("", words)


def known(key: str) -> bool:
    """Tell whether words.toml has `key`."""
    return key in _words()


_current: Lang = "en"


def language(lang: str | None = None) -> Lang:
    """Set the language that results print in where none is named, or tell which it is.

    Parameters
    ----------
    lang : "zh" or "en"; None only asks.
    """
    global _current
    if lang is not None:
        allowed("lang", lang, LANGUAGES)
        _current = "zh" if lang == "zh" else "en"
    return _current


BOTH = "POVSTATS_BOTH_LANGUAGES"
"""Set in the kernels of `povstats reproduce`: what a notebook shows then comes in both languages, for two pages."""

__all__ = ["BOTH", "LANGUAGES", "Lang", "known", "language", "say", "tight"]
