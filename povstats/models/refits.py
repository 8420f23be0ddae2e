"""Fit one model again to many other outcomes that are known by their cross-products."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.edge import BOUNDARY
from povstats.models.likelihood import two_level
from povstats.models.optimum import Optimum, matrices, optimise
from povstats.models.speed import compiled


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """What n refits gave, in the scaled basis.

    Attributes
    ----------
    theta : shape (n, k). value, rss : shape (n,). beta : shape (n, p).
    converged : shape (n,); where it is false the other entries mean nothing.
    boundary : shape (n,), a variance is zero or a correlation ±1.
    """

    theta: Array
    value: Array
    beta: Array
    rss: Array
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]]
    boundary: np.ndarray[tuple[int], np.dtype[np.bool_]]


def with_outcome(blocks: Blocks, outcome: Array) -> Blocks:
    """Replace y by another outcome, given by [Z X y]'y of each lowest group, shape (G, c)."""
    full = blocks.full.copy()
    full[:, :, -1] = full[:, -1, :] = outcome
    return replace(blocks, full=full)


def refit(optimum: Optimum, outcomes: Array) -> Refits:
    """Fit a model to each outcome, starting from the fit at hand.

    Parameters
    ----------
    optimum : the fit.
    outcomes : shape (n, G, c), the products of each outcome with [Z X y] by lowest group.
    """
    blocks, reml = optimum.blocks, optimum.profile.reml
    # On the boundary the gradient vanishes by symmetry: start a little off it.
    start = np.array([optimum.factors[level][row, column] for level, row, column in optimum.entries])
    diagonal = np.array([row == column for _, row, column in optimum.entries])
    start = np.where(diagonal & (np.abs(start) < 0.05), 0.05, start)
    if len(blocks.levels) == 1 and blocks.levels[0].repeat == 1 and compiled(len(blocks.full)):
        from povstats.models.compiled_refits import refit_each

        theta, value, beta, rss, converged = refit_each(two_level(blocks, optimum.entries, reml), outcomes, start)
    else:
        rows = list(_one_by_one(optimum, outcomes, start))
        theta, beta = np.array([row[0] for row in rows]), np.array([row[2] for row in rows])
        value, rss, converged = (np.array([row[i] for row in rows]) for i in (1, 3, 4))
    return Refits(theta, value, beta, rss, converged, _boundary(optimum, theta))


def _one_by_one(optimum: Optimum, outcomes: Array, start: Array) -> Iterator[tuple[Array, float, Array, float, bool]]:
    for outcome in outcomes:
        try:
            again = optimise(with_outcome(optimum.blocks, outcome), optimum.profile.reml, [start])
        except FitError:
            nothing = np.full(len(optimum.profile.beta), np.nan)
            yield np.full(len(start), np.nan), np.nan, nothing, np.nan, False
            continue
        theta = np.array([again.factors[level][row, column] for level, row, column in again.entries])
        yield theta, again.profile.value, again.profile.beta, again.profile.rss, True


def _boundary(optimum: Optimum, thetas: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell for each θ whether an eigenvalue of T of any correlated set is zero."""
    lowest = np.full(len(thetas), np.inf)
    for i, theta in enumerate(thetas):
        for level, root in zip(
            optimum.blocks.levels, matrices(theta, optimum.entries, optimum.blocks.levels), strict=True
        ):
            at = 0
            for size in level.sets:
                block = root[at : at + size, at : at + size]
                lowest[i] = min(lowest[i], float(np.linalg.svd(block, compute_uv=False)[-1] ** 2))
                at += size
    return lowest < BOUNDARY
