"""What was guessed, checked or repaired while a file was read, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from povstats.words import language, say

SHOWN = 3
"""So many examples of a finding are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: its key in words.toml, and what fills its places."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def say(self, lang: str | None = None) -> str:
        """Give the remark in "zh" or "en"."""
        return say(self.key, lang or language(), **self.values)

    def __str__(self) -> str:
        """Give the remark in the current language."""
        return self.say()


def listed(things: Iterable[object], shown: int = SHOWN) -> str:
    """Name the first things, and show that there are more."""
    every = [str(thing) for thing in things]
    return ", ".join(every[:shown]) + (" …" if len(every) > shown else "")


def number(count: int) -> str:
    """Print a count."""
    return f"{count:,}"
