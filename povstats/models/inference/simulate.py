"""New outcomes from a fitted model, drawn straight as the sufficient statistics that its likelihood reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array, Cells
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.levels import Codes, Level
from povstats.models.refits import with_outcome
from povstats.models.standard import ancestors

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

SAME = 1e-10
"""Eigenvalues of a group's products, at unit diagonal, below this share of the largest are columns that repeat."""
ENTRIES = 4_000_000
"""Numbers that are drawn at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Roots:
    """What every draw of a model needs, worked out once.

    Attributes
    ----------
    gram : shape (G, k, k), K'K by lowest group, K = [Z_1 … Z_K X].
    root : shape (G, k, k), R with RR' = K'K. span : shape (G, k, k), the projection P on its row space, RP = R. Both
        are made of eigenvectors in pairs, so that no machine's choice of their signs is in the draws.
    rest : shape (G,), rows less rank, the degrees of freedom outside the span of K.
    places : by level, shape (G,), each lowest group's group there.
    """

    gram: Array
    root: Array
    span: Array
    rest: Array
    places: tuple[Codes, ...]


def draw(fit: "HLMResult", rng: np.random.Generator) -> Blocks:
    """Simulate the outcome once: the fit's blocks (scaled basis) with the products of y replaced.

    See `draws` for what is drawn.

    Parameters
    ----------
    fit : the model to simulate from.
    rng : source of random numbers.
    """
    blocks = fit.optimum.blocks
    return with_outcome(blocks, next(draws(fit, 1, rng))[0])


def draws(fit: "HLMResult", n: int, rng: np.random.Generator) -> Iterator[Array]:
    """Simulate the outcome n times; give the last columns of [Z X y*]'[Z X y*], by parts of some replicates each.

    y* = Xβ + Z_1 b_1 + … + Z_K b_K + e with b ~ N(0, σ²T) of each group and e ~ N(0, σ²I). The likelihood reads y
    through K'y and y'y of each lowest group only, K = [Z_1 … Z_K X]. With d the group's effects and β,

        K'y* = K'K d + K'e,    y*'y* = d'K'K d + 2 d'K'e + e'e,

    where K'e = σRu with RR' = K'K and u standard normal, and e'e = σ²(u'Pu + c), P the projection on the row space of
    R and c ~ χ²(n − rank K) apart from u, since e splits into its projection on the span of K and the rest. No row is
    drawn, and nothing is approximated.

    Parameters
    ----------
    fit : the model to simulate from; precision weights stay, sampling weights have no model of the outcome.
    n : number of replicates.
    rng : source of random numbers.

    Yields
    ------
    Array
        Shape (m, G, c), in the scaled basis of the fit; m adds up to n.

    Raises
    ------
    FitError
        Where the fit has sampling weights.
    """
    for outcomes, _ in draws_with_effects(fit, n, rng):
        yield outcomes


def draws_with_effects(fit: "HLMResult", n: int, rng: np.random.Generator) -> Iterator[tuple[Array, tuple[Array, ...]]]:
    """Do the same as `draws`, and give the effects b that each outcome has.

    Yields
    ------
    outcomes : shape (m, G, c). effects : by level, shape (m, groups, q), in the scaled basis.
    """
    roots = _roots(fit)
    most = max(1, ENTRIES // max(1, roots.gram.shape[0] * (roots.gram.shape[1] + 1)))
    for start in range(0, n, most):
        effects = draw_effects(fit, min(most, n - start), rng)
        yield _columns(fit, roots, effects, rng), effects


def draw_effects(
    fit: "HLMResult", n: int, rng: np.random.Generator, groups: Sequence[int] | None = None
) -> tuple[Array, ...]:
    """Draw the effects of every group n times: N(0, σ²T), in the scaled basis.

    Parameters
    ----------
    fit : the model. n : number of draws. rng : source of random numbers.
    groups : how many groups each level has, where it is not those of the fit.
    """
    at, levels = fit.optimum.profile, fit.optimum.blocks.levels
    sigma = float(np.sqrt(at.rss / at.dof))
    counts = [len(level.labels) for level in levels] if groups is None else groups
    return tuple(
        (sigma * rng.standard_normal((n * count, level.q)) @ _even_root(T)).reshape(n, count, level.q)
        for level, T, count in zip(levels, fit.optimum.covs, counts, strict=True)
    )


def _even_root(T: Array) -> Array:
    """Give the symmetric root of T, which unlike Λ has no free signs."""
    values, vectors = np.linalg.eigh(T)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def row_counts(cells: Cells, level: Level, weighted: bool = False) -> Array:
    """Count the rows of each group of the lowest level; with `weighted` as the likelihood counts them."""
    rows = cells.weight_sums if weighted and cells.weight_sums is not None else cells.counts
    return np.bincount(cells.groupings[level.name].codes, rows, level.slots).astype(np.float64)


def _roots(fit: "HLMResult") -> Roots:
    blocks = fit.optimum.blocks
    if fit.cells.weight_sums is not None or any(level.weights is not None for level in blocks.levels):
        raise FitError(
            "sampling weights make a pseudo-likelihood, which has no model of the outcome to simulate from; use "
            "kind='cluster' or 'wild'"
        )
    levels, gram = blocks.levels, blocks.full[:, :-1, :-1]
    counts = row_counts(fit.cells, levels[0])
    size = np.sqrt(np.maximum(np.einsum("gii->gi", gram), 0.0))
    safe = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(gram / safe[:, :, None] / safe[:, None, :])
    # A group of n rows spans at most n dimensions, whatever rounding says: eigh puts the largest last.
    order = np.arange(gram.shape[1])[::-1]
    kept = (values > SAME * values[:, -1:]) & (order < counts[:, None])
    rank = kept.sum(axis=1)
    transposed = np.swapaxes(vectors, 1, 2)
    span = (vectors * kept[:, None, :]) @ transposed
    root = size[:, :, None] * ((vectors * np.sqrt(np.where(kept, values, 0.0))[:, None, :]) @ transposed)
    places = tuple(
        ancestors(levels, i) if level.repeat == 1 else np.zeros(levels[0].slots, dtype=np.intp)
        for i, level in enumerate(levels)
    )
    return Roots(gram, root, span, counts - rank, places)


def _columns(fit: "HLMResult", roots: Roots, effects: Sequence[Array], rng: np.random.Generator) -> Array:
    """Draw a y-column for each draw of the effects, shape (n, G, c)."""
    at, levels, n = fit.optimum.profile, fit.optimum.blocks.levels, len(effects[0])
    sigma, (groups, k, _) = float(np.sqrt(at.rss / at.dof)), roots.root.shape
    parts = [
        b.reshape(n, level.slots, level.width).swapaxes(0, 1)[place]
        for level, b, place in zip(levels, effects, roots.places, strict=True)
    ]
    parts.append(np.broadcast_to(at.beta, (groups, n, len(at.beta))))
    d = np.concatenate(parts, axis=2)  # groups first: one matrix product a group
    u = rng.standard_normal((n, groups, k)).swapaxes(0, 1) @ roots.span
    Ke = sigma * u @ np.swapaxes(roots.root, 1, 2)
    outside = 2 * rng.standard_gamma(roots.rest / 2, (n, groups)).T
    ee = sigma**2 * ((u**2).sum(axis=2) + outside)
    fitted = d @ roots.gram
    out = np.empty((n, groups, k + 1))
    out[:, :, :-1] = (fitted + Ke).swapaxes(0, 1)
    out[:, :, -1] = (np.einsum("gni,gni->gn", d, fitted + 2 * Ke) + ee).T
    return out
