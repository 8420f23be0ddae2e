"""Hausman's test: within, between and Swamy–Arora's random-effects estimates of the same coefficients."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.notes import Note
from povstats.models.specification_tested import Tested
from povstats.models.within import Reduced, within_of
from povstats.models.within_moments import Least, Products, least_squares, whole

PAIRS = {
    "hausman": ("within", "random"),
    "hausman_between": ("between", "random"),
    "hausman_ends": ("within", "between"),
}
"""Baltagi's m1, m2 and m3."""
DEFINITE = 1e-10
"""Smallest eigenvalue of V₁ − V₀, in units of V₁, that is more than rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """One estimator of the coefficients of the household columns: b, shape (K,), and its covariance."""

    b: Array
    cov: Array


def swamy_arora(data: Reduced, sigma2: float) -> tuple[dict[str, Estimate], float]:
    """Estimate the random-intercept model by feasible GLS, and the regression of the groups' means.

    σ_u² = (RSS_B − (G − k)σ²)/(N − tr[(Σ n x̄x̄')⁻¹ Σ n² x̄x̄']), with RSS_B of the regression of means weighted by
    group size, zero where negative; the GLS is of y − θ_g ȳ_g, θ_g = 1 − σ/√(σ² + n_g σ_u²), with the residual
    variance of that regression, as plm has it.

    Parameters
    ----------
    sigma2 : residual variance of the within model.

    Returns
    -------
    estimates : "random" and "between" (means unweighted, as in plm), of the household columns.
    variance : σ_u².

    Notes
    -----
    Source: Swamy & Arora (1972), Econometrica 40; for unbalanced groups Baltagi & Chang (1994), Journal of
    Econometrics 62.
    """
    columns = [*data.outer, *data.columns]
    names = ["Intercept", *(column.name for column in columns)]
    rows = whole(data.cells, [(), *(column.pieces for column in columns)], data.model.response)
    count, sums = rows.by_group[:, 0, 0], rows.by_group[:, 0]
    if len(count) <= len(names):
        raise FitError(f"{len(count)} groups are too few for {len(names)} coefficients between groups")
    mean = sums / count[:, None]
    weighted = least_squares(np.einsum("gi,gj->ij", sums, mean), names)
    square = sums[:, :-1].T @ sums[:, :-1]
    lost = float(np.sum(weighted.inverse * square))
    left = weighted.rss - (len(count) - len(names)) * sigma2
    variance = max(left / (count.sum() - lost), 0.0)
    shrink = variance / (sigma2 + count * variance)
    quasi = least_squares((rows.by_group - shrink[:, None, None] * sums[:, :, None] * sums[:, None]).sum(axis=0), names)
    between = least_squares(mean.T @ mean, names)
    keep = len(names) - len(data.columns)
    return {
        "random": _household(quasi, rows, quasi.rss / (count.sum() - len(names)), keep),
        "between": _household(between, rows, between.rss / (len(count) - len(names)), keep),
    }, variance


def hausman(data: Reduced) -> tuple[tuple[Tested, ...], pd.DataFrame]:
    """Compare the estimators pairwise: H = (b₁ − b₀)'(V₁ − V₀)⁻¹(b₁ − b₀), χ²(K) if the groups' effects are random.

    "hausman" sets within against random, "hausman_between" between against random, "hausman_ends" within against
    between, whose covariances add up. H is not defined, and not given, where V₁ − V₀ is not positive definite.

    Returns
    -------
    tests : the three.
    estimates : columns within, between, random and their "se(…)", by household column.

    Notes
    -----
    Source: Hausman (1978), Econometrica 46; Hausman & Taylor (1981), Econometrica 49; Baltagi (2013), Econometric
    Analysis of Panel Data, section 4.3.
    """
    inner = within_of(data, "classical")
    found = {"within": Estimate(inner.params.to_numpy(), inner.cov.to_numpy())}
    try:
        found |= swamy_arora(data, inner.sigma2)[0]
    except FitError as error:
        why = Note("models.spec_no_gls", {"error": str(error)})
        tests = tuple(Tested(key, reason=why) for key in PAIRS)
    else:
        tests = tuple(_quadratic(key, found[a], found[b]) for key, (a, b) in PAIRS.items())
    table = {name: one.b for name, one in found.items()}
    table |= {f"se({name})": np.sqrt(np.diag(one.cov)) for name, one in found.items()}
    return tests, pd.DataFrame(table, inner.params.index)


def _quadratic(key: str, one: Estimate, other: Estimate) -> Tested:
    difference = one.b - other.b
    V = one.cov + other.cov if key == "hausman_ends" else one.cov - other.cov
    half = np.linalg.cholesky(one.cov)
    relative = np.linalg.solve(half, np.linalg.solve(half, V).T)
    values, vectors = np.linalg.eigh((relative + relative.T) / 2)
    if values[0] <= DEFINITE:
        return Tested(key, reason=Note("models.spec_not_definite"))
    statistic = float(np.sum((vectors.T @ np.linalg.solve(half, difference)) ** 2 / values))
    df = len(difference)
    return Tested(key, statistic, float(df), np.inf, float(chdtrc(df, statistic)), f"χ²({df})")


def _household(least: Least, rows: Products, variance: float, start: int) -> Estimate:
    """Take the coefficients of the household columns, in the user's columns."""
    back = np.linalg.inv(rows.basis)[start:]
    return Estimate(back @ least.beta, variance * back @ least.inverse @ back.T)
