"""Rubin's rules: estimates from several imputations of one table, combined."""

from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError


@dataclass(frozen=True, slots=True)
class Rubin:
    """k numbers combined over m imputations; all attributes have shape (k,).

    Attributes
    ----------
    estimate : the average. within : the average sampling variance. between : the variance of the m estimates.
    total : within + (1 + 1/m) between.
    dof : of t tests and intervals. riv : relative increase of the variance, (1 + 1/m) between / within.
    fmi : fraction of the information that is missing.
    """

    estimate: Array
    within: Array
    between: Array
    total: Array
    dof: Array
    riv: Array
    fmi: Array


def rubin(estimates: Array, variances: Array, complete: Array) -> Rubin:
    """Combine estimates one by one.

    Parameters
    ----------
    estimates, variances : shape (m, k), each imputation's estimates and their sampling variances.
    complete : shape (k,), degrees of freedom that the estimates would have without gaps; may be infinite.

    Notes
    -----
    Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, eq. 3.1.2 to 3.1.8; Barnard & Rubin (1999),
    Biometrika 86, eq. 3 and 5, for the degrees of freedom; the fraction of missing information is Rubin's eq. 3.1.10.
    """
    m = len(estimates)
    within, between = variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    total = within + extra
    share, finite = extra / total, np.where(np.isinf(complete), 1.0, complete)
    observed = (finite + 1) / (finite + 3) * finite * (1 - share)
    with np.errstate(divide="ignore"):
        dof = 1 / (share**2 / (m - 1) + np.where(np.isinf(complete), 0.0, 1 / observed))
    riv = extra / within
    return Rubin(estimates.mean(axis=0), within, between, total, dof, riv, (riv + 2 / (dof + 3)) / (riv + 1))


def d1(estimates: Array, covariances: Array, complete: float) -> tuple[float, float, float]:
    """Test that k pooled coefficients are zero together: (F, its denominator degrees of freedom, average increase r).

    F = Q̄'W̄⁻¹Q̄ / k(1 + r) with r = (1 + 1/m) tr(BW̄⁻¹)/k: the between variance is taken as proportional to the
    within variance.

    Parameters
    ----------
    estimates : shape (m, k). covariances : shape (m, k, k).
    complete : denominator degrees of freedom without gaps; infinite for the large-sample test.

    Raises
    ------
    FitError
        Where the coefficients are not independent, or the small-sample test has too few imputations.

    Notes
    -----
    Source: Li, Raghunathan & Rubin (1991), JASA 86, eq. 1.17 to 1.21, for infinite `complete`; Reiter (2007),
    Biometrika 94, eq. 7, for a finite one.
    """
    m, k = estimates.shape
    within = covariances.mean(axis=0)
    size = np.sqrt(np.diag(within))
    values, vectors = np.linalg.eigh(within / np.outer(size, size))
    if values[0] <= 1e-12 * values[-1]:
        raise FitError("the coefficients tested are not independent of each other")
    turned = estimates / size @ vectors / np.sqrt(values)  # in this basis the average within covariance is I
    r = (1 + 1 / m) * float(turned.var(axis=0, ddof=1).sum()) / k
    F = float((turned.mean(axis=0) ** 2).sum()) / (k * (1 + r))
    t = k * (m - 1)
    if k == 1:
        return F, float(rubin(estimates, covariances[:, 0], np.array([complete])).dof[0]), r
    if r == 0:
        return F, complete, r
    if np.isinf(complete):
        if t > 4:
            return F, 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2, r
        return F, t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2, r
    if t <= 4:
        raise FitError(
            f"{m} imputations are too few for the small-sample test of {k} coefficients (it takes k(m − 1) > 4); make "
            "more imputations, or take reference='large-sample'"
        )
    return F, _reiter(r, t, complete), r


def _reiter(r: float, t: int, complete: float) -> float:
    """Give Reiter's degrees of freedom."""
    a, c0 = r * t / (t - 2), 1 / (t - 4)
    start = (complete + 1) / (complete + 3) * complete
    c1, c2 = start - 2 * (1 + a), start - 4 * (1 + a)
    if c2 <= 0:
        raise FitError(
            f"{complete:.1f} degrees of freedom and a variance increased by {100 * r:.0f} % by missing values leave "
            "the small-sample test of several coefficients none; test them one by one, or take "
            "reference='large-sample'"
        )
    z = 1 / c2 + c0 * a**2 * c1 / ((1 + a) ** 2 * c2)
    z += c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
    z += c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3) + c0 * 8 * a**2 / c2**2
    return 4 + 1 / z
