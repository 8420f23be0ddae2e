"""Intervals of a proportion from a sample that is no simple random one, zeros included."""

import math
from typing import NamedTuple

EXACT = 0.95


class Ends(NamedTuple):
    """The ends of an interval."""

    low: float
    high: float


def clopper_pearson(found: float, n: float) -> Ends:
    r"""Give the interval of Clopper and Pearson; counts may be no whole numbers, as effective ones are.

    .. math:: \text{low} = B^{-1}(\alpha/2;\, x, n - x + 1), \quad \text{high} = B^{-1}(1 - \alpha/2;\, x + 1, n - x)

    with B⁻¹ the quantile of the beta distribution, low 0 where x = 0 and high 1 where x = n.

    Source
    ------
    Clopper and Pearson (1934), Biometrika 26.
    """
    from scipy.special import betaincinv

    tail = (1 - EXACT) / 2
    low = 0.0 if found <= 0 else float(betaincinv(found, n - found + 1, tail))
    high = 1.0 if found >= n else float(betaincinv(found + 1, n - found, 1 - tail))
    return Ends(low, high)


def wilson(found: float, n: float) -> Ends:
    """Give the score interval.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22.
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + EXACT / 2))
    p, room = found / n, z * z / n
    middle = (p + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(p * (1 - p) / n + room / (4 * n))
    return Ends(0.0 if found <= 0 else middle - half, 1.0 if found >= n else middle + half)


def korn_graubard(p: float, variance: float, n: float, kish: float, df: float) -> tuple[Ends, float]:
    r"""Give the Clopper–Pearson interval at the effective size of a complex sample.

    .. math:: n^* = \min\Big\{ n,\ \frac{p (1 - p)}{V} \Big( \frac{t_{n-1}}{t_{df}} \Big)^2 \Big\}

    Where nothing, or everything, was found the variance is zero and tells nothing; then n* is Kish's effective size,
    (Σw)² / Σw².

    Parameters
    ----------
    p, variance : the proportion and its variance by the design. n : units sampled. kish : Kish's effective size.
    df : degrees of freedom of the variance.

    Returns
    -------
    tuple
        The ends, and n*.

    Source
    ------
    Korn and Graubard (1998), Survey Methodology 24; `svyciprop(method = "beta")` of R's survey, without the cap at n.
    """
    from scipy.special import stdtrit

    if variance <= 0 or p <= 0 or p >= 1:
        size = kish
    else:
        ratio = 1.0
        if df >= 1 and n > 1:
            ratio = float(stdtrit(n - 1, 0.5 + EXACT / 2) / stdtrit(df, 0.5 + EXACT / 2)) ** 2
        size = min(n, p * (1 - p) / variance * ratio)
    return clopper_pearson(p * size, size), size
