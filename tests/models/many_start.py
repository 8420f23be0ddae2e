"""A slow reference for the optimum of a two-level model, on a road of its own: rows, QR and many starts.

The criterion is -2 log L, profiled over beta and sigma2, with V_i = I + Z_i Lambda Lambda' Z_i' (the model
of Bates et al. 2015, section 2). It is computed from the rows by orthogonal transformations alone: no
cross-products, no code shared with povstats. `dense_criterion` is the definition itself, to check
`Problem.criterion` with.

Lambda's entries are free: only Lambda Lambda' enters, so a diagonal entry may change its sign. The boundary
(a variance of zero, a correlation of one) then lies inside the search space, and nothing has to be clipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

STARTS = 24


@dataclass(frozen=True)
class Optimum:
    """The best -2 log L, Lambda's free entries there, and how many starts came within 1e-6 of it."""

    criterion: float
    theta: np.ndarray
    agreeing: int


@dataclass(frozen=True)
class Problem:
    """A two-level model, reduced: `rows` (m, q + p + 1, q + p + 1) is [Z X y] of each group after a QR of it.

    `free` lists the places of Lambda that are free; `constant` is what the changes of basis and unit add to
    the criterion; `residual_df` is n - p under REML, n under ML.
    """

    rows: np.ndarray
    q: int
    free: tuple[np.ndarray, np.ndarray]
    constant: float
    residual_df: int
    reml: bool

    def criterion(self, theta: np.ndarray) -> float:
        """Give -2 log L at Lambda's free entries `theta`."""
        q, rows = self.q, self.rows
        factor = np.zeros((q, q))
        factor[self.free] = theta
        if not np.isfinite(factor).all():
            return np.inf
        stacked = np.zeros((len(rows), rows.shape[1] + q, rows.shape[2]))
        stacked[:, : rows.shape[1], :q] = rows[:, :, :q] @ factor
        stacked[:, : rows.shape[1], q:] = rows[:, :, q:]
        stacked[:, rows.shape[1] :, :q] = np.eye(q)
        r = np.linalg.qr(stacked, mode="r")
        logdet = 2 * np.log(np.abs(np.diagonal(r[:, :q, :q], axis1=1, axis2=2))).sum()
        final = np.linalg.qr(r[:, q:, q:].reshape(-1, rows.shape[2] - q), mode="r")
        diagonal = np.abs(np.diagonal(final))
        if not diagonal[-1] > 0:
            return np.inf
        if self.reml:
            logdet += 2 * np.log(diagonal[:-1]).sum()
        df = self.residual_df
        return float(df * (1 + np.log(2 * np.pi * diagonal[-1] ** 2 / df)) + logdet + self.constant)


def design(table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Stack columns of the table; "1" is the intercept."""
    return np.column_stack([np.ones(len(table)) if name == "1" else table[name].to_numpy(float) for name in columns])


def _basis(columns: np.ndarray) -> np.ndarray:
    """Give well-conditioned columns of the same span: a free covariance fits any basis equally well."""
    centred = columns.copy()
    if columns.shape[1] > 1 and (columns[:, 0] == 1).all():
        centred[:, 1:] -= columns[:, 1:].mean(axis=0)
    if columns.shape[1] == 1:
        return columns / np.sqrt(np.mean(columns**2))
    return np.linalg.qr(centred)[0] * np.sqrt(len(columns))


def problem(
    table: pd.DataFrame, fixed: Sequence[str], blocks: Sequence[Sequence[str]], method: str, group: str = "g"
) -> Problem:
    """Reduce a table with columns y, the group and those named to the statistics of the criterion.

    Parameters
    ----------
    fixed : columns of the fixed part beside the intercept.
    blocks : random terms, each with an unstructured covariance; terms are independent of each other.
    method : "reml" or "ml".
    """
    x = design(table, ("1", *fixed))
    centred = x - np.column_stack([np.zeros(len(x)), np.tile(x[:, 1:].mean(axis=0), (len(x), 1))])
    base, triangle = np.linalg.qr(centred)
    y = table["y"].to_numpy(float)
    for _ in range(2):  # the second round removes what rounding left of a large offset
        y = y - base @ (base.T @ (y - y.mean())) - y.mean()
    unit = np.sqrt(np.mean(y**2))
    z = np.hstack([_basis(design(table, block)) for block in blocks])
    everything = np.hstack([z, base * np.sqrt(len(x)), y[:, None] / unit])
    width = everything.shape[1]
    members = [np.flatnonzero(table[group].to_numpy() == name) for name in pd.unique(table[group])]
    rows = np.zeros((len(members), width, width))
    for place, member in enumerate(members):
        small = np.linalg.qr(everything[member], mode="r")
        rows[place, : len(small)] = small
    reml = method == "reml"
    df = len(x) - x.shape[1] if reml else len(x)
    constant = df * np.log(unit**2)
    if reml:
        constant += 2 * np.log(np.abs(np.diagonal(triangle)) / np.sqrt(len(x))).sum()
    return Problem(rows, z.shape[1], _free(blocks), float(constant), df, reml)


def _free(blocks: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """List the lower-triangular places of every block."""
    places, start = [], 0
    for block in blocks:
        places += [(start + i, start + j) for i in range(len(block)) for j in range(i + 1)]
        start += len(block)
    i, j = np.array(places).T
    return i, j


def optimum(task: Problem, rng: np.random.Generator, starts: int = STARTS) -> Optimum:
    """Search from many starts, half of them with logarithms of the diagonal, and polish the best three."""
    i, j = task.free
    diagonal = i == j

    def unlogged(eta: np.ndarray) -> np.ndarray:
        scale = np.zeros(task.q)
        scale[i[diagonal]] = np.exp(eta[diagonal])
        return np.where(diagonal, scale[i], eta * scale[i])

    ends: list[tuple[float, np.ndarray]] = [(task.criterion(np.zeros(len(i))), np.zeros(len(i)))]
    for number in range(starts):
        size = 10 ** rng.uniform(-3, 3, len(i))
        if number % 2:
            eta = np.where(diagonal, np.log(size), rng.standard_normal(len(i)))
            limits = [(-16, 16) if on else (-1e6, 1e6) for on in diagonal]
            found = minimize(lambda e: task.criterion(unlogged(e)), eta, method="L-BFGS-B", bounds=limits)
            ends.append((float(found.fun), unlogged(found.x)))
        else:
            start = np.where(diagonal, 1.0, rng.standard_normal(len(i))) * np.minimum(size, 10)
            found = minimize(task.criterion, start, method="L-BFGS-B")
            ends.append((float(found.fun), found.x))
    ends.sort(key=lambda end: end[0])
    best, theta = min((_polish(task, theta) for _, theta in ends[:3]), key=lambda end: end[0])
    return Optimum(best, theta, sum(value < best + 1e-6 for value, _ in ends))


def _polish(task: Problem, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Finish with central differences and a simplex, in units of the entries' own size."""
    best = task.criterion(theta)
    for _ in range(3):
        before = best
        unit = np.maximum(np.abs(theta), 1e-3 * np.abs(theta).max() + 1e-8)
        steps = (
            {"method": "BFGS", "jac": "3-point", "options": {"gtol": 1e-9}},
            {"method": "Nelder-Mead", "options": {"xatol": 1e-9, "fatol": 1e-13, "maxfev": 1500}},
        )
        for step in steps:
            found = minimize(lambda part, unit=unit: task.criterion(part * unit), theta / unit, **step)
            if found.fun < best:
                best, theta = float(found.fun), found.x * unit
        if before - best < 1e-11 * (1 + abs(best)):
            break
    return best, theta


def dense_criterion(
    table: pd.DataFrame,
    fixed: Sequence[str],
    blocks: Sequence[Sequence[str]],
    method: str,
    covariance: np.ndarray,
) -> float:
    """Give -2 log L by its definition, at a covariance of b / sigma in the columns' own units."""
    x, y = design(table, ("1", *fixed)), table["y"].to_numpy(float)
    z = np.hstack([design(table, block) for block in blocks])
    n, p = x.shape
    logdet, xtx, xty, yty = 0.0, np.zeros((p, p)), np.zeros(p), 0.0
    for name in pd.unique(table["g"]):
        own = table["g"].to_numpy() == name
        v = np.eye(own.sum()) + z[own] @ covariance @ z[own].T
        logdet += np.linalg.slogdet(v)[1]
        solved = np.linalg.solve(v, np.column_stack([x[own], y[own]]))
        xtx += x[own].T @ solved[:, :p]
        xty += x[own].T @ solved[:, p]
        yty += y[own] @ solved[:, p]
    rss = yty - xty @ np.linalg.solve(xtx, xty)
    df = n - p if method == "reml" else n
    if method == "reml":
        logdet += np.linalg.slogdet(xtx)[1]
    return float(df * (1 + np.log(2 * np.pi * rss / df)) + logdet)
