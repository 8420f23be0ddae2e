"""Predicted random effects of every level, from the top of the chain down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks
from povstats.models.levels import Level
from povstats.models.recursion import Jets, lift

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def effect_frames(fit: "HLMResult") -> dict[str, pd.DataFrame]:
    """Give BLUPs and the standard errors of b given y at the estimated parameters, one row a group, in user's units.

    Columns are "Intercept", …, "se(Intercept)", …, as the effects are named.
    """
    out, optimum = {}, fit.optimum
    found = predicted(optimum.blocks, optimum.factors, optimum.profile.beta)
    for level, z, (b, V) in zip(optimum.blocks.levels, fit.units.z, found, strict=True):
        names = fit.model.effects(level.name)
        spread = np.einsum("ij,gjk,ik->gi", z, V, z, optimize=True)
        values = np.hstack([fit.units.scale * b @ z.T, np.sqrt(fit.sigma2 * np.maximum(spread, 0.0))])
        index = pd.Index(level.labels, name=level.name)
        out[level.name] = pd.DataFrame(values, index, [*names, *(f"se({name})" for name in names)])
    return out


def predicted(blocks: Blocks, roots: Sequence[Array], beta: Array) -> list[tuple[Array, Array]]:
    """Give E(b | y) and Var(b | y)/σ² of each level, at known T and β.

    Given the effects u of the levels above, b = N (y − Xβ − Z_u u) with N = T(I + WT)⁻¹Z'R, and its variance is
    P = T(I + WT)⁻¹; the variance of u adds N_u Var(u) N_u'.

    Returns
    -------
    list
        By level, shapes (groups, q) and (groups, q, q); a crossed level's groups are those it repeats.

    Notes
    -----
    Source: Bates, Mächler, Bolker & Walker (2015), eq. 56 to 58; the order from the top is back substitution.
    """
    steps, now = [], Jets(blocks.full, np.zeros((0, 1, 1, 1)), None, 0.0, np.zeros(0), None)
    for i, level in enumerate(blocks.levels):
        steps.append(regression(now.F, np.kron(np.eye(level.repeat), roots[i]).astype(np.float64)))
        groups = blocks.levels[i + 1].slots if i + 1 < len(blocks.levels) else 1
        now = lift(now, level, roots[i], None, (np.ones(level.slots), groups))
    found = descend(blocks.levels, steps, np.append(-beta, 1.0)[:, None])
    return [
        _by_group(b[:, :, 0], spread[:, : level.width, : level.width], level.repeat)
        for level, (b, spread) in zip(blocks.levels, found, strict=True)
    ]


def descend(levels: Sequence[Level], steps: Sequence[tuple[Array, Array]], answer: Array) -> list[tuple[Array, Array]]:
    """Put the regressions of each level on those above it together, from the top of the chain down.

    Parameters
    ----------
    levels : from the lowest up. steps : N and P of each, as in `predicted`.
    answer : shape (p + 1, k), what [X y] is multiplied by; (−β, 1) gives b̂.

    Returns
    -------
    list
        By level N [X y] answer, shape (groups, width, k); and the covariance, given y and β, of a group's effects and
        those of the levels above it, shape (groups, w, w), in units of σ².
    """
    known, spread = answer[None], np.zeros((1, 0, 0))
    out: list[tuple[Array, Array]] = []
    for level, (N, P) in zip(reversed(levels), reversed(steps), strict=True):
        known, spread = known[level.parent], spread[level.parent]
        b, above = N @ known, N[:, :, : spread.shape[1]]
        link = -above @ spread
        V = P - link @ np.swapaxes(above, 1, 2)
        known = np.concatenate([-b, known], axis=1)
        spread = np.concatenate(
            [np.concatenate([V, link], axis=2), np.concatenate([np.swapaxes(link, 1, 2), spread], axis=2)], axis=1
        )
        out.append((b, spread))
    return out[::-1]


def regression(F: Array, root: Array) -> tuple[Array, Array]:
    """Give N and P of each group."""
    q = len(root)
    A = np.eye(q) + root.T @ F[:, :q, :q] @ root
    half = np.linalg.solve(np.linalg.cholesky(A), np.broadcast_to(root.T, (len(F), q, q)))
    P = np.swapaxes(half, 1, 2) @ half
    return P @ F[:, :q, q:], P


def _by_group(b: Array, V: Array, repeat: int) -> tuple[Array, Array]:
    """Split a crossed level's one vector into its groups."""
    if repeat == 1:
        return b, V
    q = b.shape[1] // repeat
    blocks = V[0].reshape(repeat, q, repeat, q)
    return b.reshape(repeat, q), np.stack([blocks[i, :, i] for i in range(repeat)])
