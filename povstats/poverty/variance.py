"""Variance of a function of totals by Taylor linearisation over strata and PSUs, and intervals from it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from povstats.engine.totals import Codes, Floats, Totals
from povstats.errors import DataError
from povstats.survey import Lonely

CONFIDENCE = 0.95

Finish = Callable[[Floats], tuple[float, Floats]]
"""Totals (k,) → the value and its gradient (k,); the first total is the sum of weights."""

Interval = Literal["logit", "wald"]
Reason = Literal["", "empty", "one_psu", "edge", "no_spread", "no_df"]


@dataclass(frozen=True)
class Linearised:
    """One domain's value with its standard error.

    Parameters
    ----------
    value, se : the estimate and its standard error; missing where `reason` says why.
    df : PSUs minus strata, both counted where the domain has rows of positive weight.
    rows : kept rows of the domain.
    weight : sum of their weights.
    reason : why the standard error or the interval is missing; "" where neither is.
    """

    value: float
    se: float
    df: float
    rows: int
    weight: float
    reason: Reason = ""


def ratio(sums: Floats) -> tuple[float, Floats]:
    r"""Give the ratio of the second total to the first, with its gradient.

    .. math:: \theta = T_1 / T_0, \quad \nabla\theta = (-\theta, 1) / T_0

    so that a row's linearised variable is z_k = w_k (h_k - θ) / N.
    """
    value = float(sums[1] / sums[0])
    return value, np.array([-value, 1.0]) / sums[0]


def linearise(totals: Totals, finish: Finish, lonely: Lonely) -> list[Linearised]:
    r"""Estimate a function of totals in every domain, with its design-based standard error.

    .. math:: \hat V = \sum_h \frac{n_h}{n_h - 1} \sum_{i=1}^{n_h} (z_{hi} - \bar z_h)^2

    with z_hi the linearised variable summed over the domain's rows in PSU i of stratum h, zero where it
    has none, and n_h the PSUs of the whole sample: a domain's size is random, and it keeps every PSU.

    Parameters
    ----------
    totals : sums of the domains by PSU.
    finish : from totals to value and gradient.
    lonely : what a stratum with a single PSU does (see `povstats.survey.Design`).

    Returns
    -------
    list of Linearised
        One a domain, in the order of `totals.domains`.

    Raises
    ------
    DataError
        Where a stratum has a single PSU and `lonely` is "fail".

    Source
    ------
    Binder (1983), International Statistical Review 51; Särndal, Swensson and Wretman (1992), Model Assisted
    Survey Sampling, chapters 5 and 10.
    """
    if lonely == "fail":
        _refuse_lonely(totals)
    return [_domain(totals, place, finish, lonely) for place in range(len(totals.domains))]


def _domain(totals: Totals, place: int, finish: Finish, lonely: Lonely) -> Linearised:
    """Estimate in one domain."""
    cells = totals.cells(place)
    sums, stratum = totals.sums[cells], totals.stratum[cells]
    rows, total = int(totals.rows[cells].sum()), sums.sum(axis=0)
    if not total[0] > 0:
        return Linearised(math.nan, math.nan, math.nan, rows, float(total[0]), "empty")
    value, gradient = finish(total)
    # Elementwise and not a matrix product, whose fused steps leave 1e-17 where all or none are poor.
    z = (sums * gradient).sum(axis=1)
    held = stratum[sums[:, 0] > 0]
    df = float(len(held) - len(np.unique(held)))
    weight = float(total[0])
    if len(held) < 2:
        return Linearised(value, math.nan, df, rows, weight, "one_psu")
    se = math.sqrt(_variance(z, stratum, totals.stratum_psus, lonely))
    return Linearised(value, se, df, rows, weight, "no_df" if df < 1 else "")


def _variance(z: Floats, stratum: Codes, psus: Codes, lonely: Lonely) -> float:
    """Sum the strata's variances of PSU totals; those without rows of the domain are zero, and not in `z`."""
    strata = len(psus)
    mean = np.bincount(stratum, z, strata) / np.maximum(psus, 1)
    absent = psus - np.bincount(stratum, minlength=strata)
    squares = np.bincount(stratum, (z - mean[stratum]) ** 2, strata) + absent * mean**2
    several = psus > 1
    variance = float((squares[several] * (psus[several] / (psus[several] - 1))).sum())
    if lonely == "center":
        alone = z[psus[stratum] == 1] - z.sum() / psus.sum()
        variance += float((alone**2).sum())
    return variance


def _refuse_lonely(totals: Totals) -> None:
    """Raise where a stratum that enters an estimate has a single PSU."""
    alone = [totals.strata[s] for s in np.unique(totals.stratum) if totals.stratum_psus[s] == 1]
    if not alone:
        return
    if totals.strata == (None,):
        raise DataError("the sample has a single PSU, so no variance can be estimated; name a finer psu column")
    shown = ", ".join(repr(level) for level in alone[:5]) + (" …" if len(alone) > 5 else "")
    raise DataError(
        f"{len(alone)} strata have a single PSU, which leaves no variance to estimate: {shown}; join each to "
        'a similar stratum, or choose Design(lonely="certainty") where the PSU was drawn with certainty '
        '(adds nothing), or Design(lonely="center") (deviation from the mean of all PSUs)'
    )


def interval(kind: Interval, found: Linearised) -> tuple[float, float, Reason]:
    r"""Give the ends of the 95 per cent interval, or the reason why there is none.

    .. math::
        \text{logit: } \operatorname{expit}\{\operatorname{logit}\theta \pm t\, s / (\theta(1-\theta))\}
        \qquad \text{wald: } \theta \pm t\, s

    with t the quantile of Student's t on `found.df`. The Wald interval is not clipped.

    Source
    ------
    Korn and Graubard (1998), Survey Methodology 24; `svyciprop(method = "logit")` of R's survey package.
    """
    if found.reason:
        return math.nan, math.nan, found.reason
    value, se = found.value, found.se
    if value == 0 or (kind == "logit" and value == 1):
        return math.nan, math.nan, "edge"
    if se == 0:
        return math.nan, math.nan, "no_spread"
    from scipy.special import expit, logit, stdtrit

    t = float(stdtrit(found.df, 0.5 + CONFIDENCE / 2))
    if kind == "wald":
        return value - t * se, value + t * se, ""
    half = t * se / (value * (1 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half)), ""
