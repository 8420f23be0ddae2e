"""Log-likelihoods of units by coefficients and frailty, with their scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logsumexp

from povstats.dynamics.discrete_time.links import ROW, Link
from povstats.engine.layout import Codes, Floats
from povstats.errors import FitError

EVENTS = 10
"""Events of one unit up to which the closed form of the gamma frailty is summed: 2 to that power terms."""
NEAR = 1e-4


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows at risk, by unit.

    Attributes
    ----------
    event : 1 or 0, shape (n,). x : shape (n, p). unit : places 0 to U − 1, rising, shape (n,).
    weight : of every unit, shape (U,). cluster : of every unit. stratum : of every unit.
    """

    event: Floats
    x: Floats
    unit: Codes
    weight: Floats
    cluster: Codes
    stratum: Codes

    @cached_property
    def starts(self) -> Codes:
        """Where each unit starts."""
        return np.flatnonzero(np.diff(self.unit, prepend=-1))

    def by_unit(self, values: Floats) -> Floats:
        """Add up rows by unit."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))


class Likelihood(Protocol):
    """Log-likelihood of every unit, shape (U,), and its scores, shape (U, parameters)."""

    def __call__(self, rows: Rows, theta: Floats) -> tuple[Floats, Floats]:
        """Evaluate at coefficients, and after them the logarithm of the frailty's variance."""


@dataclass(frozen=True)
class Plain:
    """No frailty: rows are independent given the covariates."""

    link: Link

    def __call__(self, rows: Rows, theta: Floats) -> tuple[Floats, Floats]:
        """Add up the rows."""
        value, first, _ = ROW[self.link](rows.event, rows.x @ theta)
        return rows.by_unit(value), rows.by_unit(first[:, None] * rows.x)


@dataclass(frozen=True)
class Normal:
    r"""A normal random intercept of each unit, integrated by Gauss–Hermite quadrature.

    .. math:: L_i = \sum_q \frac{w_q}{\sqrt\pi} \prod_t f(y_{it} \mid x_{it}'\beta + \sqrt2\,\sigma x_q)
    """

    link: Link
    points: int

    def __call__(self, rows: Rows, theta: Floats) -> tuple[Floats, Floats]:
        """Integrate over the points."""
        nodes, weights = np.polynomial.hermite.hermgauss(self.points)
        beta, sigma = theta[:-1], np.exp(theta[-1] / 2)
        shift = np.sqrt(2) * sigma * nodes
        value, first, _ = ROW[self.link](rows.event[:, None], (rows.x @ beta)[:, None] + shift)
        joint = rows.by_unit(value) + np.log(weights / np.sqrt(np.pi))
        unit = logsumexp(joint, axis=1)
        chance = np.exp(joint - unit[:, None])
        row = (chance[rows.unit] * first).sum(axis=1)
        # d/d ln σ² = σ/2 d/dσ.
        by_variance = 0.5 * (chance * rows.by_unit(first) * shift).sum(axis=1)
        return np.asarray(unit), np.column_stack([rows.by_unit(row[:, None] * rows.x), by_variance])


@dataclass(frozen=True, eq=False)
class Gamma:
    r"""A gamma frailty of mean 1 on each unit's cloglog hazard, in closed form.

    .. math::
        L_i = \sum_{B \subseteq E_i} (-1)^{|B|} \Big(1 + v \sum_{t \notin E_i} \mu_t + v \sum_{t \in B} \mu_t
        \Big)^{-1/v}, \qquad \mu_t = e^{x_t'\beta}

    with E_i the rows in which the event happens: a spell that ends in T gives S(T − 1) − S(T), as in Meyer.

    Parameters
    ----------
    terms : which rows each term sums, sparse, shape (terms, n). sign : +1 or −1. unit : of each term.
    """

    terms: csr_matrix
    sign: Floats
    unit: Codes

    def __call__(self, rows: Rows, theta: Floats) -> tuple[Floats, Floats]:
        """Sum the terms of each unit."""
        v = float(np.exp(theta[-1]))
        mu = np.exp(np.clip(rows.x @ theta[:-1], -30.0, 30.0))
        s = np.asarray(self.terms @ mu)
        term = self.sign * np.exp(-np.log1p(v * s) / v)
        starts = np.flatnonzero(np.diff(self.unit, prepend=-1))
        unit = np.add.reduceat(term, starts)
        if not (unit > 0).all():
            return np.full(len(unit), -np.inf), np.zeros((len(unit), len(theta)))
        part = term / unit[self.unit]
        row = np.asarray(self.terms.T @ (-part / (1 + v * s))) * mu
        by_variance = np.add.reduceat(part * _by_variance(v, s) * v, starts)
        return np.log(unit), np.column_stack([rows.by_unit(row[:, None] * rows.x), by_variance])


def _by_variance(v: float, s: Floats) -> Floats:
    """Give d/dv of −ln(1 + vs)/v; near zero by its series."""
    small = v * s < NEAR
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = np.log1p(v * s) / v**2 - s / (v * (1 + v * s))
    return np.where(small, s**2 / 2 - 2 * v * s**3 / 3 + 3 * v**2 * s**4 / 4, exact)


def gamma(rows: Rows) -> Gamma:
    """Write the terms of the closed form.

    Raises
    ------
    FitError
        Where a unit has too many events to sum them.
    """
    indices: list[Sequence[int]] = []
    signs, units = [], []
    ends = np.append(rows.starts[1:], len(rows.event))
    for i, (first, after) in enumerate(zip(rows.starts.tolist(), ends.tolist(), strict=True)):
        events = [t for t in range(first, after) if rows.event[t] == 1]
        if len(events) > EVENTS:
            raise FitError(
                f"a unit has {len(events)} events, and the gamma frailty sums up to {EVENTS}; take frailty='normal'"
            )
        others = [t for t in range(first, after) if rows.event[t] != 1]
        for code in range(2 ** len(events)):
            chosen = [t for k, t in enumerate(events) if code >> k & 1]
            indices.append(others + chosen)
            signs.append(-1.0 if len(chosen) % 2 else 1.0)
            units.append(i)
    ends_of = np.cumsum([0, *(len(one) for one in indices)])
    flat = np.array([t for one in indices for t in one], dtype=np.intp)
    terms = csr_matrix((np.ones(len(flat)), flat, ends_of), shape=(len(indices), len(rows.event)))
    return Gamma(terms, np.array(signs), np.array(units, dtype=np.intp))
