"""Fits on the boundary: variances of zero and correlations of ±1, tried in the open.

Where T has rank r < q its lower-triangular root leaves rotations free, and a search slides along a valley instead of
ending. There T is searched again through a root with r columns and rows in pivoted order, which has no such freedom.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks
from povstats.models.levels import Level
from povstats.models.likelihood import Entries, Profile, profile
from povstats.models.newton import Search

BOUNDARY = 1e-6
"""An eigenvalue of T below this, in units where the average of Z'Z is the identity, is tried at zero."""
NEAR = 1e-3
"""Eigenvalues below this are tried at zero where the search stopped without an end."""
Found = tuple[tuple[Array, ...], Profile, Search, float, bool]
Searcher = Callable[[Entries, Array], Search]


def settle(blocks: Blocks, factors: tuple[Array, ...], best: Search, reml: bool, search: Searcher) -> Found | None:
    """Set eigenvalues of T that are nearly zero to zero where the likelihood agrees, and polish what is left.

    Parameters
    ----------
    blocks : in the scaled basis. factors : Λ of each level where the best search ended. best : that search.
    search : a search over other free entries of Λ than the usual ones.

    Returns
    -------
    factors, profile, search, smallest eigenvalue of any T, boundary or not; None where the criterion is not finite.
    """
    lowest = min(float(value) for values in _eigenvalues(blocks.levels, factors) for value in values)
    if lowest < (BOUNDARY if best.converged else NEAR):
        found = _at_rank(blocks, factors, best, reml, search)
        if found is not None:
            return found
    here = profile(blocks, factors, reml)
    return None if here is None else (factors, here, best, lowest, False)


def _at_rank(blocks: Blocks, factors: tuple[Array, ...], best: Search, reml: bool, search: Searcher) -> Found | None:
    """Fit with the small eigenvalues at zero; None where that is worse than the search's end."""
    level = BOUNDARY if best.converged else NEAR
    entries, start = _pivoted(blocks.levels, factors, level)
    zero = tuple(np.zeros_like(factor) for factor in factors)
    ended = best
    if entries:
        ended = search(entries, start)
        if not ended.converged:
            return None
        for value, (i, row, column) in zip(ended.theta, entries, strict=True):
            zero[i][row, column] = value
    settled = tuple(triangular(factor, one.sets) for factor, one in zip(zero, blocks.levels, strict=True))
    there = profile(blocks, settled, reml)
    if there is None or there.value > best.value + 1e-9 * (1 + abs(best.value)):
        return None
    if not best.converged:
        ended = replace(best, value=there.value, converged=True, evaluations=best.evaluations + ended.evaluations)
        ended = replace(ended, gradient=np.zeros_like(best.gradient)) if not entries else ended
    else:
        ended = best
    return settled, there, ended, 0.0, True


def triangular(factor: Array, sets: tuple[int, ...]) -> Array:
    """Give the lower-triangular root of ΛΛ', set by set, so that the free entries keep their meaning."""
    out, at = np.zeros_like(factor), 0
    for size in sets:
        block = slice(at, at + size)
        out[block, block] = np.linalg.qr(factor[block, block].T).R.T
        at += size
    return out


def _eigenvalues(levels: Sequence[Level], factors: Sequence[Array]) -> list[Array]:
    out = []
    for level, factor in zip(levels, factors, strict=True):
        at = 0
        for size in level.sets:
            block = factor[at : at + size, at : at + size]
            out.append(np.linalg.svd(block, compute_uv=False).astype(np.float64) ** 2)
            at += size
    return out


def _pivoted(levels: Sequence[Level], factors: Sequence[Array], small: float) -> tuple[Entries, Array]:
    """Give the free entries of roots without the small eigenvalues, rows in pivoted order, and their values."""
    entries, start = [], []
    for i, (level, factor) in enumerate(zip(levels, factors, strict=True)):
        at = 0
        for size in level.sets:
            block = slice(at, at + size)
            values, vectors = np.linalg.eigh(factor[block, block] @ factor[block, block].T)
            kept = (vectors * np.where(values < small, 0.0, values)) @ vectors.T
            rows = list(range(size))
            for column in range(int((values >= small).sum())):
                pivot = max(rows, key=lambda row: kept[row, row])
                line = kept[:, pivot] / np.sqrt(kept[pivot, pivot])
                for row in rows:
                    entries.append((i, at + row, at + column))
                    start.append(line[row])
                kept = kept - np.outer(line, line)
                rows.remove(pivot)
            at += size
    return tuple(entries), np.array(start)
