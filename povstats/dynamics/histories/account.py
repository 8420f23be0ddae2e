"""What became of a panel's rows: counted once, printed by every result."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from povstats.words import say


@dataclass(frozen=True)
class Account:
    """Rows, units and waves of a panel.

    Attributes
    ----------
    read, used : rows of the table, and rows that say whether the unit is poor.
    dropped : rows left out, by the column that is missing.
    units : units with a used row. waves : labels of the waves in their order.
    spacing : distance from one wave to the next, in the unit of the wave; None where it varies or waves are no numbers.
    late, lost : units first seen after the first wave; last seen before the last.
    gaps : units unseen between two waves in which they are seen. skipped : steps over such a gap, which count nowhere.
    """

    read: int
    used: int
    dropped: Mapping[str, int]
    units: int
    waves: tuple[Any, ...]
    spacing: float | None
    late: int
    lost: int
    gaps: int
    skipped: int

    def notes(self, lang: str) -> list[str]:
        """Say rows, units, waves, attrition and gaps."""
        first, last = label(self.waves[0]), label(self.waves[-1])
        counts = {"units": f"{self.units:,}", "used": f"{self.used:,}", "read": f"{self.read:,}"}
        found = [say("dynamics.rows", lang, **counts, waves=len(self.waves), first=first, last=last)]
        found += [say("dynamics.dropped", lang, column=name, n=f"{n:,}") for name, n in self.dropped.items()]
        if not (self.late or self.lost or self.gaps):
            return [*found, say("dynamics.balanced", lang)]
        ends = {"late": f"{self.late:,}", "lost": f"{self.lost:,}", "gaps": f"{self.gaps:,}"}
        found.append(say("dynamics.unbalanced", lang, **ends, skipped=f"{self.skipped:,}"))
        return found


def label(wave: Any) -> str:
    """Print a wave: whole numbers without a decimal point."""
    return str(int(wave)) if isinstance(wave, float) and wave.is_integer() else str(wave)


def spacing_of(waves: tuple[Any, ...]) -> float | None:
    """Give the distance between waves that are numbers at equal distances."""
    numbers = [wave for wave in waves if isinstance(wave, int | float) and not isinstance(wave, bool)]
    if len(numbers) < len(waves) or len(waves) < 2:
        return None
    steps = {round(float(b) - float(a), 9) for a, b in itertools.pairwise(waves)}
    return steps.pop() if len(steps) == 1 else None
