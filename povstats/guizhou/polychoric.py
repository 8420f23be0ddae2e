"""Polychoric correlations: of the normal variables that ordered grades are thought to be cut from."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

from povstats.errors import DataError

Array = np.ndarray[Any, Any]

FAR = 8.0
"""Where the normal ends, in standard deviations: beyond it lies 6e-16."""
MOST = 0.995
"""The largest correlation that is looked for; near one a table has no maximum inside."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)


def polychoric(table: pd.DataFrame) -> pd.DataFrame:
    """Estimate the polychoric correlation of every two columns, in two steps.

    The thresholds of a column are τ_k = Φ⁻¹(share at or below grade k); then ρ maximises Σ n_kl ln π_kl(ρ), where π_kl
    is the bivariate normal's probability of the cell between its thresholds. Rows with both values are used.

    Parameters
    ----------
    table : columns of ordered grades, as numbers.

    Returns
    -------
    DataFrame
        The correlations, columns × columns.

    Raises
    ------
    DataError
        Where a column has one grade only.

    Notes
    -----
    Source: Olsson (1979), Psychometrika 44, the two-step estimator; the bivariate integral by Drezner & Wesolowsky
    (1990), Journal of Statistical Computation and Simulation 35.
    """
    names = list(table.columns)
    found = pd.DataFrame(np.eye(len(names)), names, names)
    for i, one in enumerate(names):
        for other in names[:i]:
            found.loc[one, other] = found.loc[other, one] = _pair(table[one], table[other])
    return found


def _pair(one: pd.Series, other: pd.Series) -> float:
    """Maximise the likelihood of two columns' table."""
    counts = pd.crosstab(one, other).to_numpy(dtype=float)
    if min(counts.shape) < 2:
        name = one.name if counts.shape[0] < 2 else other.name
        raise DataError(f"column {name!r} has one grade only, so that it correlates with nothing; leave it out")
    rows, columns = _cuts(counts.sum(axis=1)), _cuts(counts.sum(axis=0))

    def deviance(rho: float) -> float:
        below = _below(rows[:, None], columns[None, :], rho)
        cells = np.diff(np.diff(below, axis=0), axis=1)
        return float(-(counts * np.log(np.maximum(cells, 1e-300))).sum())

    return float(minimize_scalar(deviance, bounds=(-MOST, MOST), method="bounded", options={"xatol": 1e-9}).x)


def _cuts(counts: Array) -> Array:
    """Give the thresholds, the ends of the normal among them."""
    shares = np.cumsum(counts)[:-1] / counts.sum()
    return np.concatenate([[-FAR], ndtri(shares), [FAR]])


def _below(h: Array, k: Array, rho: float) -> Array:
    """Give P(X ≤ h, Y ≤ k) = Φ(h)Φ(k) + ∫₀^ρ φ₂(h, k; r) dr, by Gauss and Legendre after r = sin t."""
    end = np.arcsin(rho)
    angles = end * (NODES + 1) / 2
    sine, cosine = np.sin(angles), np.cos(angles)
    inside = np.exp(-(h[..., None] ** 2 - 2 * h[..., None] * k[..., None] * sine + k[..., None] ** 2) / (2 * cosine**2))
    found: Array = ndtr(h) * ndtr(k) + end / 2 * (inside @ WEIGHTS) / (2 * np.pi)
    return found
