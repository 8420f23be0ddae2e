"""What a poverty line may be: a number, or an object that knows its number and says where it comes from."""

from typing import Protocol


class StatedLine(Protocol):
    """A line with a history: a national standard, a share of the median."""

    def __float__(self) -> float:
        """Give the line in the unit of welfare."""

    def describe(self, lang: str) -> str:
        """Say the line in one clause, with its source; `lang` is "zh" or "en"."""


Line = float | StatedLine
"""What every verb takes as `line`."""
