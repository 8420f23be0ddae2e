"""The maximum of a log-likelihood, its information, and the variance that clusters give."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from povstats.dynamics.discrete_time.likelihood import Likelihood, Plain, Rows
from povstats.dynamics.discrete_time.links import Link
from povstats.engine.layout import Floats
from povstats.errors import FitError

LOWEST = np.log(1e-5)
"""A frailty whose variance would be smaller than this is none."""
STARTS = (-1.5, 0.0)
"""Logarithms of the frailty's variance from which the maximum is looked for."""
FLAT = 1e-5


@dataclass(frozen=True, eq=False)
class Maximum:
    """A maximum.

    Attributes
    ----------
    theta : coefficients, and after them the logarithm of the frailty's variance, where there is one.
    loglik : weighted sum. scores : weighted, by unit. hessian : of the weighted sum. converged : whether it is one.
    """

    theta: Floats
    loglik: float
    scores: Floats
    hessian: Floats
    converged: bool


def without_frailty(rows: Rows, link: Link) -> Maximum:
    """Fit a generalized linear model by statsmodels, and take scores and observed information at its maximum.

    Raises
    ------
    FitError
        Where columns are collinear, or events are perfectly told by a covariate.
    """
    import warnings

    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog, Logit
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import DomainWarning, PerfectSeparationWarning

    if np.linalg.matrix_rank(rows.x) < rows.x.shape[1]:
        raise FitError("columns of the hazard model are collinear among the rows at risk; leave one of them out")
    family = Binomial(link=CLogLog() if link == "cloglog" else Logit())
    weight = rows.weight[rows.unit]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DomainWarning)
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            found = GLM(rows.event, rows.x, family=family, freq_weights=weight).fit(tol=1e-10, maxiter=200)
        except (PerfectSeparationWarning, np.linalg.LinAlgError, ValueError) as error:
            raise FitError(f"the hazard has no maximum: {error}; leave out what tells all events apart") from error
    theta = np.asarray(found.params, dtype=float)
    return at(rows, Plain(link), theta, bool(found.converged))


def with_frailty(rows: Rows, model: Likelihood, start: Floats) -> Maximum | None:
    """Look for the maximum from two variances; None where it lies at a variance of zero.

    Parameters
    ----------
    rows : at risk. model : the likelihood. start : coefficients without frailty.
    """

    def below(theta: Floats) -> tuple[float, Floats]:
        value, scores = model(rows, theta)
        total = float((rows.weight * value).sum())
        if not np.isfinite(total):
            return 1e12, np.zeros(len(theta))
        return -total, -(rows.weight[:, None] * scores).sum(axis=0)

    best = None
    bounds = [(None, None)] * len(start) + [(LOWEST - 1, 4.0)]
    for variance in STARTS:
        found = minimize(below, np.append(start, variance), jac=True, method="L-BFGS-B", bounds=bounds,
                         options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7})  # fmt: skip
        if best is None or found.fun < best.fun - 1e-9:
            best = found
    assert best is not None
    if best.x[-1] < LOWEST:
        return None
    theta = _polished(below, np.asarray(best.x))
    made = at(rows, model, theta, True)
    total = made.scores.sum(axis=0)
    gap = float(total @ np.linalg.pinv(-made.hessian) @ total)
    if not np.all(np.linalg.eigvalsh(-made.hessian) > 0) or gap > FLAT:
        return at(rows, model, theta, False)
    return made


def _polished(below: Callable[[Floats], tuple[float, Floats]], theta: Floats) -> Floats:
    """Take a few Newton steps with differences of the gradient."""
    for _ in range(4):
        _, slope = below(theta)
        hessian = _differences(lambda t: below(t)[1], theta)
        if not np.all(np.linalg.eigvalsh(hessian) > 0):
            break
        step = np.linalg.solve(hessian, slope)
        if below(theta - step)[0] > below(theta)[0]:
            break
        theta = theta - step
    return theta


def at(rows: Rows, model: Likelihood, theta: Floats, converged: bool) -> Maximum:
    """Take log-likelihood, scores and Hessian at a point."""
    value, scores = model(rows, theta)
    weighted = rows.weight[:, None] * scores

    def slope(t: Floats) -> Floats:
        return np.asarray((rows.weight[:, None] * model(rows, t)[1]).sum(axis=0))

    return Maximum(theta, float((rows.weight * value).sum()), weighted, _differences(slope, theta), converged)


def _differences(slope: Callable[[Floats], Floats], theta: Floats) -> Floats:
    """Differentiate a gradient by central differences, and make the matrix symmetric."""
    step = 1e-5 * np.maximum(np.abs(theta), 1.0)
    columns = []
    for i in range(len(theta)):
        move = np.zeros(len(theta))
        move[i] = step[i]
        columns.append((slope(theta + move) - slope(theta - move)) / (2 * step[i]))
    matrix = np.array(columns)
    return np.asarray((matrix + matrix.T) / 2)


def sandwich(rows: Rows, found: Maximum) -> tuple[Floats, Floats, int]:
    r"""Give the clustered and the classical covariance matrix, and degrees of freedom.

    .. math:: V = A^{-1} \Big[\sum_h \frac{m_h}{m_h - 1} \sum_{c \in h} (s_c - \bar s_h)(s_c - \bar s_h)'\Big] A^{-1}

    with A the observed information, s_c the scores of a cluster and m_h the clusters of stratum h with rows at risk.

    Source
    ------
    Binder (1983), International Statistical Review 51.
    """
    inverse = np.linalg.inv(-found.hessian)
    names, place = np.unique(rows.cluster, return_inverse=True)
    scores = np.zeros((len(names), found.scores.shape[1]))
    np.add.at(scores, place, found.scores)
    stratum = np.zeros(len(names), dtype=np.intp)
    stratum[place] = rows.stratum
    middle = np.zeros_like(inverse)
    for h in np.unique(stratum):
        own = scores[stratum == h]
        if len(own) < 2:
            raise FitError("a stratum has a single cluster at risk; join it to a similar one")
        about = own - own.mean(axis=0)
        middle += len(own) / (len(own) - 1) * about.T @ about
    return np.asarray(inverse @ middle @ inverse), np.asarray(inverse), len(names) - len(np.unique(stratum))
