"""Weights and cut-offs as fractions: a row's score is a whole number, and no rounding decides who is poor."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from povstats.errors import OptionError

FINEST = 10**6
"""The largest denominator that a decimal is read with: 0.3333… as one third, 0.125 as one eighth."""
Number = int | float | str | Fraction


@dataclass(frozen=True)
class Weights:
    """Indicators' weights over their common denominator.

    Attributes
    ----------
    parts : whole numbers n_j by indicator. whole : their sum D; the weight of an indicator is n_j / D.
    """

    parts: Mapping[str, int]
    whole: int

    def scores(self, most: int = 24) -> tuple[Fraction, ...] | None:
        """Give the scores above 0 that a row can have, or None where there are more than `most`."""
        found = {0}
        for part in self.parts.values():
            found |= {score + part for score in found}
            if len(found) > most + 1:
                return None
        return tuple(Fraction(score, self.whole) for score in sorted(found - {0}))

    def cutoff(self, k: Fraction) -> int:
        """Give the least whole score that reaches k."""
        return math.ceil(k * self.whole)


def fraction(name: str, value: object) -> Fraction:
    """Read a number as a fraction.

    Raises
    ------
    OptionError
        Where it is no number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise OptionError(f"{name}={value!r} must be a number, or a fraction such as '1/3'")
    try:
        found = Fraction(value) if isinstance(value, int | str | Fraction) else Fraction(float(value))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise OptionError(f"{name}={value!r} cannot be read as a number or a fraction such as '1/3'") from error
    found = found.limit_denominator(FINEST) if isinstance(value, float) else found
    if found <= 0:
        raise OptionError(f"{name}={value!r} must be above 0")
    return found


def weights(indicators: Mapping[str, Number]) -> Weights:
    """Read weights: shares that sum to 1, or whole numbers of any sum.

    Raises
    ------
    OptionError
        Where there is none, or shares do not sum to 1.
    """
    if not isinstance(indicators, Mapping) or not indicators:
        raise OptionError("indicators must map columns of deprivations to weights, such as {'water': '1/6', …}")
    found = {name: fraction(f"indicators[{name!r}]", value) for name, value in indicators.items()}
    total = sum(found.values())
    if total != 1 and not all(value.denominator == 1 for value in found.values()):
        raise OptionError(
            f"the weights sum to {float(total):g}, not to 1; write them as fractions, '1/3' and '1/6', or as whole "
            "numbers"
        )
    denominator = math.lcm(*(value.denominator for value in found.values()))
    parts = {name: int(value * denominator) for name, value in found.items()}
    common = math.gcd(*parts.values())
    parts = {name: part // common for name, part in parts.items()}
    return Weights(parts, sum(parts.values()))


def cutoff(k: object) -> Fraction:
    """Read the poverty cut-off.

    Raises
    ------
    OptionError
        Where it is not above 0 and up to 1.
    """
    found = fraction("k", k)
    if found > 1:
        raise OptionError(f"k={k!r} must lie above 0 and up to 1: the share of weighted deprivations that makes poor")
    return found
