"""What a reader should know of a fit, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from povstats.words import Lang, say


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: its key in words.toml, and what fills its places."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Give the remark in "zh" or "en"."""
        return say(self.key, lang, **self.values)
