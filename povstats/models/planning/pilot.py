"""From a pilot fit to a plan: parameters as estimated, predictors with the pilot's distribution between and within."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from povstats.engine.cells import Array, Cells
from povstats.errors import FitError
from povstats.models.planning.plan import Plan, Predictors, with_effects
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

LEAST = 0.05
"""A dummy's latent variance within villages is at least this share of one."""


def plan_from(fit: "HLMResult", effects: Mapping[str, float]) -> Plan:
    """Take a pilot fit as the truth.

    Parameters
    ----------
    fit : a model of one grouping. effects : coefficients that take the place of the fit's.

    Raises
    ------
    FitError
        Where the model has several groupings, or weights.
    """
    levels = fit.optimum.blocks.levels
    if len(levels) > 1:
        raise FitError(
            f"this fit has the groupings {', '.join(fit.ngroups)}; surveys of villages × households are simulated for "
            f"one: put the upper ones into the fixed part, as in C({levels[-1].name}), and fit again"
        )
    # Under precision weights the constant's products are not the numbers of rows.
    if sampled(fit.cells, levels) or not np.allclose(fit.cells.moments[:, 0, 0], fit.cells.counts, rtol=1e-12):
        raise FitError("a fit with weights has no plain model to simulate from; fit the pilot without them")
    group, terms = levels[0].name, tuple(column.name for column in fit.model.fixed)
    return Plan(
        formula=fit.formula,
        origin="pilot",
        outcome=fit.model.formula.response,
        group=group,
        fixed=fit.model.fixed,
        random=fit.model.sets(group),
        beta=with_effects(terms, effects, fit.params.to_numpy()),
        T=fit.random_cov[group].to_numpy(),
        sigma2=fit.sigma2,
        reml=fit.method == "reml",
        predictors=_predictors(fit),
        pilot=(fit.nobs, fit.ngroups[group]),
    )


def _predictors(fit: "HLMResult") -> Predictors:
    """Sort the pieces that X and Z are made of, and learn how they vary."""
    cells, model = fit.cells, fit.model
    columns = [*model.fixed, *(column for one in model.random for column in one.columns)]
    used = dict.fromkeys(piece for column in columns for piece in column.pieces)
    village = tuple(piece for piece in used if piece in cells.village)
    inside = [piece for piece in used if piece not in cells.village]
    opposite, factors = {}, []
    for factor in model.factors.values():
        mine = [piece for piece in factor.pieces if piece in inside]
        if factor.levels is None or not mine:
            continue
        if len(factor.levels) == 2:
            if len(mine) == 2:
                opposite[mine[0]] = mine[1]
                inside.remove(mine[0])
            continue
        known = np.array([_share(cells, piece) if piece in mine else 0.0 for piece in factor.pieces])
        if len(mine) < len(known):  # the reference level is in no product
            known[[piece not in mine for piece in factor.pieces]] = 1.0 - known.sum()
        factors.append((tuple(factor.pieces), known))
        inside = [piece for piece in inside if piece not in mine]
    places = [cells.village.index(piece) for piece in village]
    own = cells.values[:, places] + np.array([cells.shift[piece] for piece in village])
    return _learned(cells, tuple(inside), village, own, (opposite, tuple(factors)))


def _share(cells: Cells, piece: str) -> float:
    """Give the share of rows that have an indicator."""
    return float(cells.sums(piece)[0].sum()) / cells.nobs + cells.shift[piece]


def _learned(
    cells: Cells,
    household: tuple[str, ...],
    village: tuple[str, ...],
    own: Array,
    rest: tuple[dict[str, str], tuple[tuple[tuple[str, ...], Array], ...]],
) -> Predictors:
    """Learn the household pieces' distribution, given the villages' own values."""
    weight = cells.counts / cells.counts.sum()
    centre = weight @ own
    mean, load, between, within = _parts(cells, household, own - centre)
    kinds = np.array([_dummy(cells, piece) for piece in household], dtype=bool)
    share = mean[kinds]
    explained = weight @ ((own - centre) @ load.T) ** 2
    load, roots = _latent(kinds, share, (load, explained), (_positive(between), _positive(within)))
    threshold = np.full(len(household), np.nan)
    for j, p in zip(np.flatnonzero(kinds), share, strict=True):
        spread = float(np.sqrt((roots[0][j] ** 2).sum() + (roots[1][j] ** 2).sum()))
        threshold[j] = _threshold(weight, (own - centre) @ load[j], spread, float(p))
    none = np.full(len(village), np.nan)
    mean = np.where(kinds, 0.0, mean)
    return Predictors(village, own, none, household, mean, load, centre, *roots, threshold, *rest)


def _parts(cells: Cells, household: tuple[str, ...], own: Array) -> tuple[Array, Array, Array, Array]:
    """Give means, regression on the villages' own (centred) values, and covariances between and within villages.

    The within covariance W is the pooled one; the between covariance is that of the analysis of variance of what the
    regression leaves, (MSB − W)/n₀ (Searle, Casella & McCulloch 1992, Variance Components, eq. 3.19).
    """
    places = [cells.household.index((piece,)) for piece in household]
    counts, S1 = cells.counts, cells.moments[:, 0, places]
    S2, N, G = cells.moments[:, places][:, :, places], float(cells.counts.sum()), len(cells.counts)
    means = S1 / counts[:, None]
    within = (S2.sum(axis=0) - S1.T @ means) / max(N - G, 1.0)
    size = np.abs(own).max(axis=0, initial=0.0)
    size = np.where(size > 0, size, 1.0)
    V, half = np.column_stack([np.ones(G), own / size]), np.sqrt(counts)[:, None]
    weights, _, rank, _ = np.linalg.lstsq(V * half, means * half, rcond=1e-10)
    left = (means - V @ weights) * half
    n0 = (N - float(counts @ counts) / N) / max(G - 1, 1)
    between = (left.T @ left / max(G - int(rank), 1) - within) / n0
    mean = weights[0] + np.array([cells.shift[piece] for piece in household])
    return mean, weights[1:].T / size, between, within


def _dummy(cells: Cells, piece: str) -> bool:
    """Tell whether a piece is 0 or 1 on every row."""
    low, high = cells.extremes[piece]
    first, second = cells.sums(piece)
    return bool(low.min() == 0 and high.max() == 1 and cells.shift[piece] == 0 and np.array_equal(first, second))


def _latent(
    kinds: NDArray[np.bool_], share: Array, village: tuple[Array, Array], parts: tuple[Array, Array]
) -> tuple[Array, tuple[Array, Array]]:
    """Take the dummies' covariances to their latent values, whose variance is one: each times 1/φ(threshold).

    Exact between a dummy and a normal piece, to first order between two dummies. `village` holds the regression on
    the villages' own values and the variance that it explains; `parts` the covariances between and within.
    """
    factor = np.ones(len(kinds))
    factor[kinds] = np.sqrt(2 * np.pi) * np.exp(ndtri(share) ** 2 / 2)
    scale = np.outer(factor, factor)
    between, within = parts[0] * scale, parts[1] * scale
    left = 1.0 - np.diag(between) - village[1] * factor**2
    within[kinds, kinds] = np.maximum(left, LEAST)[kinds]
    return village[0] * factor[:, None], (_root(between), _root(within))


def _threshold(weights: Array, shift: Array, spread: float, share: float) -> float:
    """Find the threshold that the wanted share of households exceeds, over the pilot's villages."""

    def excess(cut: float) -> float:
        return float(weights @ ndtr((shift - cut) / spread)) - share

    far = float(np.abs(shift).max(initial=0.0)) + 12 * spread
    return float(brentq(excess, -far, far))


def _positive(matrix: Array) -> Array:
    """Put the negative directions of a covariance to zero, in units of each column's own."""
    root = _root(matrix)
    found: Array = root @ root.T
    return found


def _root(matrix: Array) -> Array:
    """Give a root of a covariance, negative directions left out."""
    size = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    safe = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(matrix / np.outer(safe, safe) * np.outer(size > 0, size > 0))
    found: Array = size[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    return found
