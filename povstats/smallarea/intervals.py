"""Prediction intervals of shares: quantiles of what an area's true headcount may be."""

import numpy as np
from scipy.special import betainc, ndtr, ndtri, stdtrit

from povstats.engine.cells import Array

NODES, HALVINGS = 41, 45
"""Points of the distribution of an area's chance, and halvings of the unit interval: to 3e-14."""
EDGE = 1e-12
"""Shares nearer to 0 or 1 count as that far away on the probit scale."""


def probit(shares: Array) -> Array:
    """Give Φ⁻¹ of shares, those at 0 and 1 a little inside."""
    found: Array = ndtri(np.clip(shares, EDGE, 1 - EDGE))
    return found


def ends(typical: Array, error: tuple[Array, Array, Array], within: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Give the ends of prediction intervals of true shares.

    An area's chance H̄ is taken as Φ(Φ⁻¹(H̃) − bias + sd·t), t with Student's distribution: an error of b̂ moves Φ⁻¹(H̄)
    by nearly the same amount wherever b̂ lies, which it does not do with H̄ itself. Given H̄ the true share H of the
    area's households has its mean and its variance, within·H̄(1 − H̄) / (H̃(1 − H̃)); it is taken as Beta. The ends are
    quantiles of the mixture.

    Parameters
    ----------
    typical : shape (areas,), H̃, the share at the predicted effects.
    error : bias and sd, mean and standard deviation of Φ⁻¹(H̃) − Φ⁻¹(H̄), and the degrees of freedom of sd.
    within : variance of the true share given the area's effects. level : coverage.
    """
    spread = typical * (1 - typical)
    fixed = ~((within > 0) & (spread > EDGE))
    precision = np.where(fixed, 1.0, np.maximum(spread / np.where(fixed, 1.0, within) - 1, 1e-6))
    bias, sd, dof = error
    t = stdtrit(np.minimum(dof, 1e10), (np.arange(NODES)[:, None] + 0.5) / NODES)
    chance = ndtr(probit(typical) - bias + sd * t)
    a, b = (np.maximum(side * precision, EDGE) for side in (chance, 1 - chance))
    found = []
    for wanted in ((1 - level) / 2, (1 + level) / 2):
        low, high = np.zeros(len(typical)), np.ones(len(typical))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = betainc(a, b, middle).mean(axis=0) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found.append(np.where(fixed, typical, (low + high) / 2))
    return found[0], found[1]
