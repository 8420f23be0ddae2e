"""What stands beside a data set: its card to read, and the poverty lines that belong to its units."""

import tomllib
from dataclasses import dataclass
from typing import Literal

from povstats.datasets.source import folder_file
from povstats.errors import allowed
from povstats.words import LANGUAGES, language


@dataclass(frozen=True)
class Card:
    """The card of a data set: source, licence, units, columns, limits. Notebooks show it as Markdown."""

    name: str
    lang: str
    text: str

    def __str__(self) -> str:
        """Give the card as Markdown text."""
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class PovertyLine:
    """A poverty line with what one must know to use it.

    `value` is in `unit`, at prices of `year`. `status` is "sourced" where the source was read, "recalled"
    where the figure was written from memory and must not be shown as fact.
    """

    name: str
    value: float
    unit: str
    year: int
    status: Literal["sourced", "recalled"]
    source: str


def card(name: str, lang: str | None = None) -> Card:
    """Give the card of a data set.

    Parameters
    ----------
    name : the data set, such as "vietnam_1998".
    lang : "zh" or "en"; by default the language that results print in.

    Raises
    ------
    OptionError
        Where the data set or the language is unknown.
    """
    lang = lang or language()
    allowed("lang", lang, LANGUAGES)
    parts = folder_file(name, "card.md").split("<!-- lang: ")[1:]
    texts = dict(part.split(" -->", maxsplit=1) for part in parts)
    return Card(name=name, lang=lang, text=texts[lang].strip() + "\n")


def poverty_line(name: str, which: str = "general") -> PovertyLine:
    """Give a poverty line in the units of a data set.

    Parameters
    ----------
    name : the data set, such as "vietnam_1998".
    which : the line; "vietnam_1998" has "general" (food and other needs) and "food".

    Raises
    ------
    OptionError
        Where the data set or the line is unknown.
    """
    lines = tomllib.loads(folder_file(name, "line.toml"))
    allowed("which", which, tuple(lines))
    return PovertyLine(name=which, **lines[which])
