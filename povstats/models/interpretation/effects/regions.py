"""Where a slope that is linear in a moderator differs from zero: exact ends, on the whole line."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtrit

from povstats.engine.cells import Array
from povstats.models.interpretation.effects.contrast import LARGE, Precision

ANGLES = 2001
"""Angles at which the line is looked at before its roots are refined; the data take up half of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Contrasts l(w) = middle + (w − centre)/half · step.

    Attributes
    ----------
    middle, step : shape (p,). centre, half : middle and half range of the moderator in the data.
    """

    middle: Array
    step: Array
    centre: float
    half: float

    def rows(self, w: Array) -> Array:
        """Give the contrasts at values of the moderator, shape (n, p)."""
        return self.middle + np.multiply.outer((w - self.centre) / self.half, self.step)


@dataclass(frozen=True, slots=True)
class Region:
    """Values of the moderator, from low to high (infinite where it is open), at which the slope has one sign."""

    low: float
    high: float
    sign: int


def regions(known: Precision, line: Line, alpha: float) -> tuple[Region, ...]:
    """Solve |l(w)'b| = t(df(w))·se(w) for all w from −∞ to ∞.

    With w = centre + half·tan φ the contrast is proportional to cos φ·middle + sin φ·step, which is finite at φ = ±90°
    too: there the sign is that of the interaction. Signs change between neighbouring angles, and each root is refined.
    Regions narrower than about a thousandth of the moderator's half range may be missed.

    Parameters
    ----------
    known : how precisely contrasts are known. line : the contrasts. alpha : the p-value at the ends.
    """
    angles = np.linspace(-np.pi / 2, np.pi / 2, ANGLES)

    def excess(at: Array) -> Array:
        estimate, se, dof = known.estimates(np.outer(np.cos(at), line.middle) + np.outer(np.sin(at), line.step))
        found: Array = np.abs(estimate) - stdtrit(np.minimum(dof, LARGE), 1 - alpha / 2) * se
        return found / se

    def one(angle: float) -> float:
        return float(excess(np.array([angle]))[0])

    beyond = excess(angles) > 0
    turns = np.flatnonzero(beyond[1:] != beyond[:-1])
    roots = [brentq(one, angles[i], angles[i + 1], xtol=1e-15, rtol=1e-15) for i in turns]
    ends = [angles[0], *roots, angles[-1]]
    out = []
    for i, (left, right) in enumerate(pairwise(ends)):
        if bool(beyond[0]) == (i % 2 == 0):
            middle = (left + right) / 2
            value = (np.cos(middle) * line.middle + np.sin(middle) * line.step) @ known.params
            low = -np.inf if i == 0 else line.centre + line.half * np.tan(left)
            high = np.inf if i == len(roots) else line.centre + line.half * np.tan(right)
            out.append(Region(float(low), float(high), 1 if value > 0 else -1))
    return tuple(out)


def critical_p(p: Array, alpha: float) -> tuple[float, int]:
    """Give Benjamini and Hochberg's critical p-value, α·k/m, and the number k of tests rejected.

    k is the largest number for which the k-th smallest p is at most α·k/m. Where no test is rejected the critical
    value is that of the smallest p, α/m.

    Notes
    -----
    Source: Benjamini & Hochberg (1995), JRSS B 57; Esarey & Sumner (2018), Comparative Political Studies 51(9).
    """
    m = len(p)
    steps = alpha * np.arange(1, m + 1) / m
    passed = np.flatnonzero(np.sort(p) <= steps)
    k = int(passed[-1]) + 1 if len(passed) else 0
    return alpha * max(k, 1) / m, k
