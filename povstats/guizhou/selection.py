"""Selection on what is not observed, in proportion to that on what is: Oster's bounds."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from povstats.errors import DataError

Array = np.ndarray[Any, Any]
STRETCH = 1.3
"""R² of a regression with everything in it, as a multiple of that with what is observed (Oster 2019, section 4)."""


@dataclass(frozen=True)
class Moments:
    """What the bounds need of three least-squares regressions.

    Attributes
    ----------
    short, short_r2 : coefficient and R² of the outcome on the variable alone. long, long_r2 : with the controls.
    outcome, variable, apart : variances of the outcome, of the variable, and of the variable without the controls.
    """

    short: float
    short_r2: float
    long: float
    long_r2: float
    outcome: float
    variable: float
    apart: float

    @property
    def most(self) -> float:
        """R² with everything: 1.3 times that with the controls, at most 1."""
        return min(1.0, STRETCH * self.long_r2)


def moments(y: Array, x: Array, controls: Array) -> Moments:
    """Run the three regressions.

    Parameters
    ----------
    y, x : outcome and variable, shape (n,). controls : shape (n, k), without a constant.

    Raises
    ------
    DataError
        Where the variable does not vary beyond the controls.
    """
    ones = np.ones((len(y), 1))
    wide = np.column_stack([ones, controls])
    short, short_left = _regressed(np.column_stack([x, ones]), y)
    long, long_left = _regressed(np.column_stack([x, wide]), y)
    apart = _regressed(wide, x)[1]
    if np.var(apart) <= 1e-10 * np.var(x):
        raise DataError("the variable does not vary beyond the controls")
    total = float(np.var(y))
    r2 = [1 - float(np.var(left)) / total for left in (short_left, long_left)]
    return Moments(short, r2[0], long, r2[1], total, float(np.var(x)), float(np.var(apart)))


def delta(known: Moments, most: float, beta: float = 0.0) -> float:
    """Give how much stronger than the observed the unobserved must select, to turn the coefficient into `beta`.

    With v = β̃ − β, d = β̊ − β̃, A = (R̃ − R̊) σ_yy, B = (R_max − R̃) σ_yy, s = σ_xx and t the variance of x without the
    controls: δ = v (A t + s t d² + 2 v t d s + v² (t s − t²)) / (B d s + v B (s − t) + v² t d s + v³ (t s − t²)).

    Parameters
    ----------
    known : of `moments`. most : R² with everything. beta : the coefficient that would be left.

    Notes
    -----
    Source: Oster (2019), Journal of Business & Economic Statistics 37, proposition 3.
    """
    v, d, A, B, s, t = _parts(known, most, beta)
    over = v * (A * t + s * t * d**2 + 2 * v * t * d * s + v**2 * (t * s - t**2))
    under = B * d * s + v * B * (s - t) + v**2 * t * d * s + v**3 * (t * s - t**2)
    return over / under if under else float("nan")


def adjusted(known: Moments, most: float) -> tuple[float, float]:
    """Give the coefficient where the unobserved select as strongly as the observed: the nearer root, and the other.

    At δ = 1 the cubic of proposition 2 loses its highest power: t d s v² + (A t + s t d² − B (s − t)) v − B d s = 0.

    Notes
    -----
    Source: Oster (2019), proposition 1. Of two roots it takes that which leaves the direction of the bias as the
    controls show it; the one nearer to the controlled coefficient is given first, as in Stata's psacalc.
    """
    _, d, A, B, s, t = _parts(known, most, 0.0)
    a, b, c = t * d * s, A * t + s * t * d**2 - B * (s - t), -B * d * s
    if abs(a) <= 1e-14 * max(abs(b), 1e-300):
        return known.long, float("nan")
    root = np.sqrt(b**2 - 4 * a * c)  # a c = −t B (d s)² is never positive
    found = sorted(((-b + sign * root) / (2 * a) for sign in (-1, 1)), key=abs)
    return float(known.long - found[0]), float(known.long - found[1])


def _parts(known: Moments, most: float, beta: float) -> tuple[float, float, float, float, float, float]:
    gained = (known.long_r2 - known.short_r2) * known.outcome
    left = (most - known.long_r2) * known.outcome
    return known.long - beta, known.short - known.long, gained, left, known.variable, known.apart


def _regressed(columns: Array, values: Array) -> tuple[float, Array]:
    found = np.linalg.lstsq(columns, values, rcond=None)[0]
    return float(found[0]), values - columns @ found
