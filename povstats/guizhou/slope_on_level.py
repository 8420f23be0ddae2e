"""How slopes go with the level of villages in a model that holds no mean: the covariance of intercept and slope."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from povstats.errors import FitError, share
from povstats.models import HLMResult, fit_hlm

TIED, OWN = "povstats_tied", "povstats_own"
FLAT = 1e-6
"""Share of the residual variance below which the levels of villages count as alike."""
FARTHEST = 12
"""Doublings of the first step after which an interval counts as open."""


@dataclass(frozen=True, eq=False)
class SlopeOnLevel:
    """κ = cov(u0, u1) / var(u0): by how much the slope is larger where the village's level is one unit higher.

    Attributes
    ----------
    estimate : missing where the level does not vary. low, high : profile interval; infinite where it is open.
    p : of κ = 0. status : of the fit, "converged" or "boundary". rows : used.
    fit : the model with correlated intercept and slope.
    """

    estimate: float
    low: float
    high: float
    p: float
    status: str
    rows: int
    fit: HLMResult = field(repr=False)


def slope_on_level(fixed: str, item: str, group: str, table: pd.DataFrame, level: float = 0.95) -> SlopeOnLevel:
    """Read from the random part of a model without a mean how an item's slope goes with the level.

    y = Xβ + u0 + u1 (x − x̄) + e, with u0 the village's level at the average grade x̄ (at grade zero, which may be no
    grade, u0 would hold the slope itself). Then E(u1 | u0) = κ u0. For a fixed κ, u1 = κ u0 + v with v independent of
    u0, so that the random part is u0 (1 + κ (x − x̄)) + v (x − x̄): two independent terms. The interval holds the κ at
    which twice the restricted log-likelihood has dropped by less than the χ²(1) quantile; p is that of κ = 0.

    Parameters
    ----------
    fixed : the fixed part, as "log(y) ~ …", with the item and without any mean of the outcome.
    item : the column with the slope. group : of the villages. table : rows complete on all columns.
    level : coverage of the interval.

    Raises
    ------
    FitError
        Where the models cannot be fitted, or the item does not vary.

    Notes
    -----
    Source: Snijders & Bosker (2012), Multilevel Analysis, section 5.1, for the covariance as a regression of slopes on
    levels; Venzon & Moolgavkar (1988), Applied Statistics 37, for the profile.
    """
    share("level", level)
    about = table[item].astype(float) - float(table[item].mean())
    if not about.abs().max() > 0:
        raise FitError(f"{item!r} has one value in all rows, so it has no slope")
    fit = fit_hlm(f"{fixed} + (1 + {OWN} | {group})", table.assign(**{OWN: about}), method="reml")
    cov = fit.random_cov[group].to_numpy()
    if not cov[0, 0] > FLAT * fit.sigma2:
        return SlopeOnLevel(np.nan, -np.inf, np.inf, np.nan, "boundary", fit.nobs, fit)
    dropped = deviance(fixed, item, group, table, fit.loglik)
    estimate = float(cov[0, 1] / cov[0, 0])
    step = max(float(np.sqrt(cov[1, 1] / cov[0, 0])), 0.1 * float(about.std()) ** -1)
    limit = float(chdtri(1, 1 - level))
    low, high = (_end(dropped, estimate, sign * step, limit) for sign in (-1, 1))
    return SlopeOnLevel(estimate, low, high, float(chdtrc(1, dropped(0.0))), fit.status, fit.nobs, fit)


def deviance(fixed: str, item: str, group: str, table: pd.DataFrame, best: float) -> Callable[[float], float]:
    """Give by how much twice the log-likelihood at κ lies below twice the best one.

    Parameters
    ----------
    fixed, item, group, table : as of `slope_on_level`. best : the log-likelihood of the model with a free covariance.
    """
    about = table[item].astype(float) - float(table[item].mean())
    formula = f"{fixed} + (0 + {TIED} | {group}) + (0 + {OWN} | {group})"

    def dropped(kappa: float) -> float:
        tied = fit_hlm(formula, table.assign(**{TIED: 1 + kappa * about, OWN: about}), method="reml")
        return max(2 * (best - tied.loglik), 0.0)

    return dropped


def _end(dropped: Callable[[float], float], start: float, step: float, limit: float) -> float:
    """Find where the drop reaches its limit, going outwards by doubled steps; infinite where it does not."""
    inside, outside = start, start + step
    for _ in range(FARTHEST):
        if dropped(outside) > limit:
            return float(brentq(lambda kappa: dropped(kappa) - limit, inside, outside, rtol=1e-4, xtol=1e-5))
        inside, step = outside, 2 * step
        outside = inside + step
    return float(np.copysign(np.inf, step))
