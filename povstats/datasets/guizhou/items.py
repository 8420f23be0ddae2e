"""Grades of the forms of social capital, and the law that ties the slope of one alone to those of all together."""

from functools import cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

Array = np.ndarray[Any, Any]
NODES = 48
"""Of the quadrature over the common factor; 48 give the moments of five-grade items to 1e-12."""


def cuts(shares: tuple[float, ...]) -> Array:
    """Give the thresholds of a standard normal latent variable at which the next grade begins."""
    found: Array = ndtri(np.cumsum(shares)[:-1])
    return found


def graded(latent: Array, shares: tuple[float, ...]) -> Array:
    """Turn a latent variable into grades from 1 on."""
    return 1 + np.searchsorted(cuts(shares), latent)


def expected(shares: tuple[float, ...]) -> float:
    """Give the mean grade of the population."""
    return float(np.dot(np.arange(1, len(shares) + 1), shares))


def relations(
    place: Array, shares: tuple[tuple[float, ...], ...], loadings: Array, within: float
) -> tuple[Array, Array]:
    """Give each village's expected grades and the regressions among its items, by exact probabilities.

    The latent variable of item k is place_jk + √within (λ_k f + √(1 − λ_k²) ε); grade > c where it exceeds threshold
    c. Given f the items are independent, so that with P_kc(f) = Φ((place_jk + √within λ_k f − τ_kc) / √(within (1 −
    λ_k²))) and m_k(f) = 1 + Σ_c P_kc(f), cov_j(x_k, x_l) = cov_f(m_k, m_l) for k ≠ l.

    Parameters
    ----------
    place : village means of the latent variables, shape (villages, items). loadings : λ_k. within : share of the
        latent variance within villages.

    Returns
    -------
    (means, R) : shapes (villages, items) and (villages, items, items); R[j, l, k] = cov_j(x_l, x_k) / var_j(x_k), the
        slope of item l on item k in village j.

    Notes
    -----
    Source: the law of total covariance; Gauss–Hermite quadrature, Abramowitz & Stegun (1964), 25.4.46.
    """
    nodes, weights = _quadrature()
    means, given, variance = [], [], []
    for k, one in enumerate(shares):
        limits, worth = cuts(one), 2 * np.arange(1, len(one)) + 1
        spread = np.sqrt(within * (1 - loadings[k] ** 2))
        shifted = place[:, k, None] + np.sqrt(within) * loadings[k] * nodes
        given.append(1 + ndtr((shifted[..., None] - limits) / spread).sum(axis=-1))
        above = ndtr((place[:, k, None] - limits) / np.sqrt(within))
        means.append(1 + above.sum(axis=-1))
        variance.append(1 + above @ worth - means[-1] ** 2)
    m, var = np.stack(given), np.stack(variance)
    centred = m - np.sum(weights * m, axis=-1, keepdims=True)
    cov = np.einsum("kjq,ljq,q->jkl", centred, centred, weights)
    diagonal = np.arange(len(shares))
    cov[:, diagonal, diagonal] = var.T
    return np.stack(means, axis=1), cov / var.T[:, None, :]


def joint(single: Array, relation: Array) -> Array:
    """Give the coefficients together for which each item alone has the slope `single`: R′ joint = single, by village.

    The slope of item k alone is Σ_l joint_l cov(x_l, x_k) / var(x_k) = Σ_l joint_l R_lk, the bias of omitted variables.
    """
    found: Array = np.linalg.solve(relation.transpose(0, 2, 1), single[..., None])[..., 0]
    return found


@cache
def _quadrature() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()
