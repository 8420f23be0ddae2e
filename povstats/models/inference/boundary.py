"""The exact distribution of the likelihood ratio of a model's only variance, at a variance of zero."""

from collections.abc import Iterator

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.optimum import Optimum

MOST_GROUPS = 3_000
"""Groups whose matrix is still decomposed; with more the mixture is near enough."""
GRID = np.concatenate([[0.0], np.logspace(-5, 5, 61)])
"""Variance ratios among which the best is bracketed, in units where the average of Z'Z is one."""
ENTRIES = 2_000_000
"""Numbers that are held at once."""


def exact_ratios(optimum: Optimum, n: int, rng: np.random.Generator) -> Array:
    """Draw likelihood ratios of one random effect against least squares, as they are distributed without it.

    With μ the positive eigenvalues of Z'(I − X(X'X)⁻¹X')Z, u_s² ~ χ²(1) and w ~ χ²(n − p − #μ), the restricted ratio
    is distributed, in samples of any size, as

        sup_λ≥0 (n − p) log[(Σ u_s² + w) / (Σ u_s²/(1 + λμ_s) + w)] − Σ log(1 + λμ_s);

    under ML n takes the place of n − p before the logarithm, and the eigenvalues of Z'Z that of μ in the last sum.

    Parameters
    ----------
    optimum : a fit with one random effect. n : draws. rng : generator.

    Returns
    -------
    Array
        Shape (n,).

    Raises
    ------
    FitError
        Where groups are too many for their matrix to be decomposed.

    Notes
    -----
    Source: Crainiceanu & Ruppert (2004), Journal of the Royal Statistical Society B 66, eq. 6 and 9.
    """
    blocks, reml = optimum.blocks, optimum.profile.reml
    size, inner = blocks.full[:, 0, 0], blocks.full[:, 0, 1:-1]
    if len(size) > MOST_GROUPS:
        raise FitError(
            f"{len(size):,} groups are too many for the exact distribution ({MOST_GROUPS:,} at most); with so many the "
            "mixture holds: leave simulate out"
        )
    taken = inner @ np.linalg.solve(blocks.total[:-1, :-1], inner.T)
    values = np.linalg.eigvalsh(np.diag(size) - taken)
    free = blocks.size - blocks.p
    mu = values[values > 1e-10 * values.max()][-int(free) :]
    penalty, weight = (mu, free) if reml else (size, blocks.size)
    parts = []
    for m in _parts(n, len(mu)):
        u2, w = rng.standard_normal((m, len(mu))) ** 2, 2 * rng.standard_gamma((free - len(mu)) / 2, m)
        parts.append(_largest(u2, w, mu, penalty, weight))
    return np.concatenate(parts)


def _parts(n: int, width: int) -> Iterator[int]:
    most = max(1, ENTRIES // width)
    for start in range(0, n, most):
        yield min(most, n - start)


def _largest(u2: Array, w: Array, mu: Array, penalty: Array, weight: float) -> Array:
    """Maximise over λ: bracket the best of GRID, then golden sections."""
    whole = np.log(u2.sum(axis=1) + w)
    over = u2 @ (1 / (1 + np.outer(mu, GRID))) + w[:, None]
    values = weight * (whole[:, None] - np.log(over)) - np.log1p(np.outer(GRID, penalty)).sum(axis=1)
    best = values.argmax(axis=1)

    def value(ratio: Array) -> Array:
        rest = (u2 / (1 + ratio[:, None] * mu)).sum(axis=1) + w
        found: Array = weight * (whole - np.log(rest)) - np.log1p(ratio[:, None] * penalty).sum(axis=1)
        return found

    # Between neighbours; in the logarithm of λ, except next to zero.
    steps = np.log(np.maximum(GRID, 1e-7))
    low, high = steps[np.maximum(best - 1, 0)], steps[np.minimum(best + 1, len(GRID) - 1)]
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(20):
        left, right = high - golden * (high - low), low + golden * (high - low)
        upper = value(np.exp(left)) < value(np.exp(right))
        low, high = np.where(upper, left, low), np.where(upper, high, right)
    polished: Array = np.maximum(values.max(axis=1), value(np.exp((low + high) / 2)))
    return polished
