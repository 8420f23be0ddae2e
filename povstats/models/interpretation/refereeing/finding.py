"""One trap that a referee looks for: whether it hits, with which numbers, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from povstats.models.interpretation.paragraphs.sentences import joined, named
from povstats.models.notes import Note
from povstats.words import Lang, say

Concern = Literal["estimates", "tests", "reading"]
State = Literal["trap", "clean", "unchecked"]

CONCERNS: Mapping[str, Concern] = {
    "outcome": "estimates",
    "contextual": "estimates",
    "reliability": "estimates",
    "dropped": "estimates",
    "slope": "tests",
    "chosen": "tests",
    "normal": "tests",
    "groups": "tests",
    "influence": "tests",
    "boundary": "tests",
    "correlation": "tests",
    "single": "tests",
    "uncentred": "reading",
    "ordinal": "reading",
    "collinear": "reading",
    "crossed": "reading",
}
"""What a trap spoils, in the order of severity: what makes estimates mean something else comes before what makes tests
wrong, and that before what only misleads a reader."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    key : the check, one of CONCERNS. state : "trap", "clean", or "unchecked".
    evidence : the sentences with the numbers; of an unchecked one, why. remedy : the call to make.
    numbers : rows for the nine-column frame, without their measure.
    """

    key: str
    state: State
    evidence: tuple[Note, ...] = ()
    remedy: Note | None = None
    numbers: tuple[Mapping[str, object], ...] = ()

    @property
    def concern(self) -> Concern:
        """What the trap spoils."""
        return CONCERNS[self.key]

    def source(self, lang: Lang) -> str:
        """Say where the trap is described."""
        return say(f"referee.source_{self.key}", lang)

    def title(self, lang: Lang) -> str:
        """Name the trap."""
        return say(f"referee.trap_{self.key}", lang)

    def told(self, lang: Lang) -> str:
        """Say the evidence, or why nothing was checked."""
        return joined(self.sentences(lang), lang)

    def sentences(self, lang: Lang) -> list[str]:
        """Give the evidence sentence by sentence, with an intercept named in the language."""
        return [say(e.key, lang, **{k: named(v, lang) for k, v in e.values.items()}) for e in self.evidence]


def clean(key: str, *numbers: Mapping[str, object]) -> Finding:
    """Say that a check found nothing."""
    return Finding(key, "clean", numbers=numbers)


def unchecked(key: str, reason: str, **values: str) -> Finding:
    """Say why a check could not be made."""
    return Finding(key, "unchecked", (Note(f"referee.unchecked_{reason}", values),))


__all__ = ["CONCERNS", "Concern", "Finding", "State", "clean", "unchecked"]
