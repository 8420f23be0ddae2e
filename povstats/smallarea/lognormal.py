"""Poverty of a household whose log welfare is normal: the chance to be poor, the expected gap and its variance."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from povstats.engine.cells import Array


@dataclass(frozen=True, slots=True, eq=False)
class Poverty:
    """Expectations, and variances of a household's own outcome, by household.

    Attributes
    ----------
    headcount, gap : shape (n,), E[y < line] and E[(1 − y / line)+].
    """

    headcount: Array
    gap: Array


def expected(mu: Array, sd: Array | float, log_line: float) -> Poverty:
    """Give the chance to be poor and the expected poverty gap.

    With d = (log line − μ) / s: P(y < line) = Φ(d), and E[(1 − y/line)+] = Φ(d) − exp(μ + s²/2 − log line) Φ(d − s).

    Parameters
    ----------
    mu : shape (n,), mean of log welfare. sd : its standard deviation. log_line : log of the line.

    Notes
    -----
    Source: the partial expectation of the lognormal, Aitchison & Brown (1957), The Lognormal Distribution, theorem 2.6;
    Molina & Rao (2010), Canadian Journal of Statistics 38, section 3, for the best predictor of both measures.
    """
    d = (log_line - mu) / sd
    poor = ndtr(d)
    return Poverty(poor, np.maximum(poor - _part(mu, sd, log_line, 1), 0.0))


def variances(mu: Array, sd: Array | float, log_line: float) -> Poverty:
    """Give the variances of a household's own poverty and gap, p(1 − p) and E[g²] − (E g)²."""
    mean = expected(mu, sd, log_line)
    square = mean.headcount - 2 * _part(mu, sd, log_line, 1) + _part(mu, sd, log_line, 2)
    return Poverty(mean.headcount * (1 - mean.headcount), np.maximum(square - mean.gap**2, 0.0))


def _part(mu: Array, sd: Array | float, log_line: float, power: int) -> Array:
    """Give E[(y / line)^k; y < line] = exp(k(μ − log line) + k²s²/2) Φ(d − ks)."""
    d = (log_line - mu) / sd
    # Far above the line Φ is zero where the exponential overflows; then the product is zero.
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.exp(np.minimum(power * (mu - log_line) + (power * np.asarray(sd)) ** 2 / 2, 700.0)) * ndtr(
            d - power * sd
        )
    return np.asarray(found)
