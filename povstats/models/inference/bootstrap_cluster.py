"""The cluster bootstrap: groups of the top level drawn with replacement, each counting as often as it is drawn."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.inference.bootstrap_scores import cluster_scores, sandwich
from povstats.models.levels import paths
from povstats.models.optimum import Optimum, optimise
from povstats.models.refits import Refits
from povstats.models.standard import COLLINEAR

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """One refit to a sample of clusters.

    Attributes
    ----------
    refit : with one row, as Refits has many. dof : the divisor of RSS. tstats : shape (p,).
    """

    refit: Refits
    dof: float
    tstats: Array


def resample(fit: "HLMResult", sizes: Array, counts: Array) -> Resampled:
    """Fit the model to a sample in which each top group counts as often as it was drawn.

    A group that is drawn twice is two groups with the same rows: its share of the log-likelihood doubles, which is
    what a weight on its level does. No products are copied.

    Parameters
    ----------
    fit : the model.
    sizes : shape (G,), rows by lowest group as the likelihood counts them.
    counts : by top group.
    """
    optimum, x = fit.optimum, fit.units.x
    reml, start = optimum.profile.reml, _start(optimum)
    sample = _weighted(optimum.blocks, sizes, counts)
    dof = sample.size - sample.p if reml else sample.size
    try:
        again = None if _collinear(sample.total[:-1, :-1]) else optimise(sample, reml, [start])
    except (FitError, ValueError):  # no maximum, or no finite value at the start: this sample has no fit
        again = None
    if again is None:
        return Resampled(_nothing(len(start), sample.p), dof, np.full(sample.p, np.nan))
    at = again.profile
    theta = np.array([again.factors[level][row, column] for level, row, column in again.entries])
    found = Refits(*(np.array([value]) for value in (theta, at.value, at.beta, at.rss, True, again.boundary)))
    # Copies of a cluster are clusters of their own, each with the score of one.
    scores = cluster_scores(optimum.blocks, again.factors, at.beta).scores
    errors = np.sqrt(np.diag(x @ sandwich(at.C, scores, counts) @ x.T))
    return Resampled(found, dof, x @ (at.beta - optimum.profile.beta) / errors)


def _weighted(blocks: Blocks, sizes: Array, counts: Array) -> Blocks:
    top = blocks.levels[-1]
    levels = (*blocks.levels[:-1], replace(top, weights=counts if top.weights is None else counts * top.weights))
    return replace(blocks, levels=levels, size=float(paths(levels)[0] @ sizes))


def _start(optimum: Optimum) -> Array:
    """Start from the fit, a little off the boundary, where the gradient vanishes by symmetry."""
    start = np.array([optimum.factors[level][row, column] for level, row, column in optimum.entries])
    diagonal = np.array([row == column for _, row, column in optimum.entries])
    out: Array = np.where(diagonal & (np.abs(start) < 0.05), 0.05, start)
    return out


def _collinear(XtX: Array) -> bool:
    """Tell whether a sample has lost a column of X, as when all clusters with a rare level are left out."""
    size = np.sqrt(np.diag(XtX))
    return bool((size == 0).any() or np.linalg.eigvalsh(XtX / np.outer(size, size))[0] < COLLINEAR)


def _nothing(k: int, p: int) -> Refits:
    no, none = np.array([False]), np.full(1, np.nan)
    return Refits(np.full((1, k), np.nan), none, np.full((1, p), np.nan), none, no, no)
