"""Level and scale that meet the printed means exactly, with every village's mean a fixed point of its households."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from povstats.errors import DataError

Array = np.ndarray[Any, Any]
SCALES, STEP = (0.05, 3.0), 1.3
"""Of the random part. The printed means alone ask of log consumption, were it normal, a standard deviation of 0.57."""
TOLERANCE, STEPS = 1e-14, 400
UNSTABLE = "a village's mean has no stable fixed point; make village_consumption or by_consumption smaller"


@dataclass(frozen=True, eq=False)
class Solved:
    """A survey's consumption that meets its means.

    Attributes
    ----------
    consumption : yuan per person and year. village : mean of its village. level : intercept of the logarithm.
    scale : standard deviation of the random part. contraction : largest |F′_j| of the villages, below one.
    """

    consumption: Array
    village: Array
    level: float
    scale: float
    contraction: float


def solve(fixed: Array, slope: Array, noise: Array, village: Array, poor: int, means: tuple[float, float]) -> Solved:
    """Find level a and scale τ in log C = a + fixed + slope · V + τ · noise, where V is the mean of C in the village.

    For a given τ, C is rescaled to its overall mean and V recomputed until nothing moves: the mean of all is exact at
    every step. τ is then the root of (mean of the `poor` lowest C) − (their printed mean): a larger τ spreads the
    households and lowers the poorest. So two numbers of the draw, a and τ, are solved and not drawn, which conditions
    the survey on its printed means, as a calibrated weight would.

    Given a, F_j(V) = Σ_i exp(a + fixed_i + slope_i V + τ noise_i) / n_j is convex, so a village has at most two fixed
    points, and the lower one alone has F′_j(V) = Σ_i slope_i C_i / n_j below one, where the iteration comes to rest. It
    is the only one at which a village could stay. So the village's effect must be small: slope · V below one.

    Parameters
    ----------
    fixed, slope, noise : by household; slope per yuan. village : codes from 0. poor : how many are poor.
    means : of all households and of the poor, yuan.

    Raises
    ------
    DataError
        Where no scale meets the means, or a village has no fixed point that the iteration can reach.
    """
    counts = np.bincount(village).astype(float)

    def consumption(scale: float) -> tuple[Array, Array, float]:
        random, before = fixed + scale * noise, np.full(len(counts), means[0])
        for _ in range(STEPS):
            raw = np.exp(random + slope * before[village])
            level = np.log(means[0] / raw.mean())
            found = np.exp(level) * raw
            mean = np.bincount(village, found) / counts
            moved = np.max(np.abs(mean / before - 1))
            before = mean
            if moved < TOLERANCE:
                return found, mean, float(level)
        raise DataError(UNSTABLE)

    def gap(scale: float) -> float:
        return float(np.partition(consumption(scale)[0], poor - 1)[:poor].mean()) - means[1]

    low, high = SCALES[0], SCALES[0] * STEP
    if gap(low) < 0:
        raise DataError(f"the {poor} poorest are below {means[1]:g} without a random part; assume smaller effects")
    # Upwards by steps: far above its root a scale would send a village away from its fixed point.
    while gap(high) > 0:
        low, high = high, high * STEP
        if high > SCALES[1]:
            raise DataError(f"no scale of the random part gives the {poor} poorest a mean of {means[1]:g}")
    scale = float(brentq(gap, low, high, xtol=1e-13, rtol=1e-13))
    found, mean, level = consumption(scale)
    contraction = float(np.abs(np.bincount(village, slope * found) / counts).max())
    # A jump of the gap is no root: there a village leaves for its upper fixed point.
    if contraction >= 1 or abs(gap(scale)) > 1e-6:
        raise DataError(UNSTABLE)
    return Solved(found, mean, level, scale, contraction)
