"""The density of welfare at a point, which an estimated line or quantile needs: a Gaussian kernel."""

import math

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, WELFARE, Sample, Sums
from povstats.engine.layout import Floats

BANDWIDTH = "bandwidth"
CONSTANT = 1 / math.sqrt(2 * math.pi)


def bandwidths(sample: Sample) -> Floats:
    r"""Give the kernel's bandwidth in every domain.

    .. math:: h = s\, N^{-1/5}, \quad s^2 = \sum_k w_k (y_k - \bar y)^2 / N, \quad N = \sum_k w_k

    with all sums over the domain. N is the size of the population and not of the sample, so that h is small; the rule
    is that of the programs of the European Union's statistics on income and living conditions.

    Source
    ------
    Deville (1999), Survey Methodology 25; Osier (2009), Survey Research Methods 3; `convey::h_fun`.
    """
    y = nw.col(WELFARE)
    # Squares about a middle value: a mean far from zero would drown the spread.
    first = sample.evaluate({"y": y}).sums
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = first["y"] / first[WEIGHT]
        away = y - float(np.nanmean(mean))
        sums = sample.evaluate({"away": away, "square": away * away}).sums
        size = sums[WEIGHT]
        variance = sums["square"] / size - (sums["away"] / size) ** 2
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)) * size**-0.2)


def kernel(point: nw.Expr | float) -> nw.Expr:
    """Write the row's part of the density at a point, to be divided by the sum of weights; needs BANDWIDTH."""
    away = (point - nw.col(WELFARE)) / nw.col(BANDWIDTH)
    return (away * away * -0.5).exp() * CONSTANT / nw.col(BANDWIDTH)


def quantile_densities(sample: Sample, points: Sums) -> Sums:
    """Give the densities of welfare at points that differ by domain.

    Parameters
    ----------
    sample : the rows. points : by name, shape (D,).

    Returns
    -------
    Sums
        By the name of the point its density f, shape (D,).
    """
    known = sample.fixed({BANDWIDTH: bandwidths(sample), **points})
    sums = known.evaluate({f"density of {name}": kernel(nw.col(name)) for name in points}).sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: sums[f"density of {name}"] / sums[WEIGHT] for name in points}
