"""Two-stage least squares with one instrument: a village's other households, or a county's other villages.

The instruments are computed from the survey itself. What they assume cannot be tested with it; every result says so.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import fdtri

from povstats.errors import DataError
from povstats.guizhou.plan import Plan

LEVEL = 0.95
FEWEST = 3
"""Clusters below which no covariance between them is taken."""

Array = np.ndarray[Any, Any]
Region = Literal["interval", "rays", "line"]


@dataclass(frozen=True)
class Instrumented:
    """One coefficient by least squares and by two-stage least squares.

    Attributes
    ----------
    least, least_se : by ordinary least squares on the same rows. estimate, se : by two stages; both errors clustered.
    first, f : the instrument's coefficient in the first stage, and the square of its clustered t.
    region, low, high : the Anderson–Rubin set at 95%: "interval" [low, high], "rays" (below low or above high), or
        "line", everything. clusters, rows : numbers.
    """

    least: float
    least_se: float
    estimate: float
    se: float
    first: float
    f: float
    region: Region
    low: float
    high: float
    clusters: int
    rows: int


@dataclass(frozen=True)
class Regressed:
    """The rows of one instrumental regression: outcome, the variable, its instrument, covariates with a constant."""

    y: Array
    x: Array
    z: Array
    covariates: Array
    cluster: Array


def instrumented(rows: Regressed) -> Instrumented:
    """Estimate by two-stage least squares (linearmodels), and give the Anderson–Rubin set.

    Standard errors are clustered, with G/(G − 1) · (n − 1)/(n − k). With the covariates taken out, outcome and variable
    have slopes ρ̂ and π̂ on the instrument, with the clustered covariance V. β₀ is kept where (ρ̂ − β₀ π̂)² ≤
    c (V_ρρ − 2 β₀ V_ρπ + β₀² V_ππ), c the 95% point of F(1, G − 1): a quadratic in β₀. It is an interval where
    F = π̂²/V_ππ exceeds c; else nothing bounds it, and that is the answer.

    Raises
    ------
    DataError
        Where there are fewer than three clusters, or the instrument is a combination of the covariates.

    Notes
    -----
    Source: Anderson & Rubin (1949), Annals of Mathematical Statistics 20; its use with clusters and one instrument,
    Andrews, Stock & Sun (2019), Annual Review of Economics 11, section 5.
    """
    groups = len(np.unique(rows.cluster))
    if groups < FEWEST:
        raise DataError(f"{groups} clusters are too few for errors clustered by them; {FEWEST} are the least")
    z = _without(rows.covariates, rows.z)
    if z @ z <= 1e-10 * float(np.var(rows.z)) * len(z) or np.ptp(rows.z) == 0:
        raise DataError("the instrument does not vary beyond the covariates")
    least, least_se = _fitted(rows, None)
    estimate, se = _fitted(rows, rows.z)
    (rho, pi), cov = _reduced(rows, z, groups)
    region, low, high = kept(rho, pi, cov, float(fdtri(1, groups - 1, LEVEL)))
    return Instrumented(least, least_se, estimate, se, pi, pi**2 / cov[1, 1], region, low, high, groups, len(rows.y))


def kept(rho: float, pi: float, cov: Array, c: float) -> tuple[Region, float, float]:
    """Solve the quadratic of the Anderson–Rubin set; see `instrumented`."""
    a, b, d = pi**2 - c * cov[1, 1], -2 * (rho * pi - c * cov[0, 1]), rho**2 - c * cov[0, 0]
    spread = b**2 - 4 * a * d
    if a > 0:
        ends = sorted((-b + sign * np.sqrt(spread)) / (2 * a) for sign in (-1, 1))
        return "interval", float(ends[0]), float(ends[1])
    if spread <= 0:
        return "line", -np.inf, np.inf
    ends = sorted((-b + sign * np.sqrt(spread)) / (2 * a) for sign in (-1, 1))
    return "rays", float(ends[0]), float(ends[1])


def item_rows(table: pd.DataFrame, plan: Plan, item: str) -> Regressed:
    """Take the rows of an item: its instrument is the mean of the village's other households, clusters are villages.

    A village's only household has none and is left out. So is the plan's moderator among the covariates: a village's
    consumption holds the outcome, and follows from its households' social capital, so that between villages, where the
    instrument varies, it would take away the effect that is looked for.
    """
    known = table[item].astype(float)
    groups = known.groupby(table[plan.group], observed=True)
    others = (groups.transform("sum") - known) / (groups.transform("count") - 1).where(lambda count: count > 0)
    return _rows(table, plan, item, others, controls(plan), table[plan.group])


def controls(plan: Plan) -> list[str]:
    """Name the covariates: the plan's household and village columns without its moderator."""
    return [*plan.household, *(name for name in plan.village if name != plan.moderator)]


def funds_rows(table: pd.DataFrame, plan: Plan) -> Regressed:
    """Take the rows of aid funds: their instrument is the mean of the county's other villages, clusters are counties.

    Raises
    ------
    DataError
        Where the plan has no funds or no county, or no county has two villages.
    """
    if plan.funds is None or plan.county is None or plan.county not in table.columns:
        raise DataError("the plan has no column of aid funds, or the table none of counties")
    villages = table.groupby(plan.group, observed=True)[[plan.funds, plan.county]].first().dropna()
    groups = villages.groupby(plan.county, observed=True)[plan.funds]
    count = groups.transform("count") - 1
    others = (groups.transform("sum") - villages[plan.funds]) / count.where(count > 0)
    if others.isna().all():
        raise DataError(f"no {plan.county} has two villages, so that no village has a neighbour for an instrument")
    kept_in = [name for name in controls(plan) if name != plan.funds]
    return _rows(table, plan, plan.funds, table[plan.group].map(others), kept_in, table[plan.county])


def _rows(
    table: pd.DataFrame, plan: Plan, name: str, instrument: pd.Series, others: list[str], cluster: pd.Series
) -> Regressed:
    """Take the rows that have everything, the covariates as an orthonormal basis with the constant."""
    columns = table[[plan.outcome, name, *others]].astype(float).assign(instrument=instrument, cluster=cluster)
    used = columns.dropna()
    used = used[used[plan.outcome] > 0]
    if len(used) <= len(others) + 3:
        raise DataError(f"only {len(used)} rows have all of {[name, *others]} and an instrument")
    covariates = np.column_stack([np.ones(len(used)), used[others].to_numpy()])
    covariates = np.linalg.qr(covariates)[0]  # the same space, however large a yuan is against a share
    codes = pd.factorize(used["cluster"])[0]
    return Regressed(
        np.log(used[plan.outcome].to_numpy()), used[name].to_numpy(), used["instrument"].to_numpy(), covariates, codes
    )


def _fitted(rows: Regressed, instrument: Array | None) -> tuple[float, float]:
    """Fit by linearmodels: two stages with an instrument, least squares with None; the coefficient and its error."""
    # Loaded here: it is slow to import, and only this part of the study needs it.
    from linearmodels.iv import IV2SLS

    if instrument is None:
        model = IV2SLS(rows.y, np.column_stack([rows.x, rows.covariates]), None, None)
    else:
        model = IV2SLS(rows.y, rows.covariates, rows.x, instrument)
    fit = model.fit(cov_type="clustered", clusters=rows.cluster, debiased=True)
    place = 0 if instrument is None else -1
    return float(fit.params.iloc[place]), float(fit.std_errors.iloc[place])


def _reduced(rows: Regressed, z: Array, groups: int) -> tuple[tuple[float, float], Array]:
    """Regress outcome and variable on the instrument without the covariates; give both slopes and their covariance."""
    both = _without(rows.covariates, np.column_stack([rows.y, rows.x]))
    slopes = z @ both / (z @ z)
    left = z[:, None] * (both - np.outer(z, slopes))
    scores = np.zeros((groups, 2))
    np.add.at(scores, rows.cluster, left)
    return (float(slopes[0]), float(slopes[1])), _scale(rows, groups) * scores.T @ scores / (z @ z) ** 2


def _scale(rows: Regressed, groups: int) -> float:
    """Give the correction for few clusters and for the coefficients, G/(G − 1) · (n − 1)/(n − k)."""
    n, k = len(rows.y), rows.covariates.shape[1] + 1
    return float(groups / (groups - 1) * (n - 1) / (n - k))


def _without(covariates: Array, values: Array) -> Array:
    found: Array = values - covariates @ np.linalg.lstsq(covariates, values, rcond=None)[0]
    return found
