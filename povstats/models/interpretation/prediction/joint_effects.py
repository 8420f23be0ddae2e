"""What the predicted effects of a lowest group and of all groups above it are made of, and the rows' share of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks
from povstats.models.effects import descend
from povstats.models.levels import Codes
from povstats.models.standard import ancestors

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.table_rows import TableRows
    from povstats.models.optimum import Optimum

CHUNK = 2_000_000
"""Numbers that are gathered for rows at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What the data tell at one T, in the scaled basis, σ² = 1.

    Attributes
    ----------
    C : shape (p, p).
    gains : by level, shape (groups, width, p + 1): N [X y], so that b̂ = gains @ (−β̂, 1).
    spreads : by level, shape (groups, w, w): covariance, given y and β, of a group's effects and those of the levels
        above it. A crossed level has one group, with the effects of all its groups side by side.
    """

    C: Array
    gains: tuple[Array, ...]
    spreads: tuple[Array, ...]


def learn(blocks: Blocks, covs: Sequence[Array]) -> Learned:
    """Work out what the data tell of β and of every group's effects.

    Parameters
    ----------
    blocks : the scaled cross-products.
    covs : T of each level, shape (q, q); symmetric, and no more than nearly positive semidefinite.

    Notes
    -----
    Source: Henderson (1975), Biometrics 31, for the joint covariance; the elimination is that of recursion.py.
    """
    steps, F, p = [], blocks.full, blocks.p
    for i, level in enumerate(blocks.levels):
        T = np.kron(np.eye(level.repeat), covs[i])
        q = len(T)
        P = np.linalg.solve(np.eye(q) + T @ F[:, :q, :q], np.broadcast_to(T, (len(F), q, q))).astype(np.float64)
        N = P @ F[:, :q, q:]
        steps.append((N, P))
        rest = F[:, q:, q:] - np.swapaxes(F[:, :q, q:], 1, 2) @ N
        F = _summed(rest, level.parent, blocks.levels[i + 1].slots if i + 1 < len(blocks.levels) else 1)
    gains, spreads = zip(*descend(blocks.levels, steps, np.eye(p + 1)), strict=True)
    C = np.linalg.inv(F[0, :p, :p]).astype(np.float64)
    return Learned(C, gains, spreads)


def by_level(blocks: Blocks, learned: Learned) -> list[tuple[Array, Array]]:
    """Give N [X y], shape (groups, q, p + 1), and the covariance, shape (groups, q, q), of each level alone."""
    out = []
    for level, gains, spread in zip(blocks.levels, learned.gains, learned.spreads, strict=True):
        # A crossed level has the effects of all its groups side by side.
        first = np.zeros(level.repeat, dtype=np.intp) if level.repeat > 1 else np.arange(level.slots)
        places = np.arange(level.width).reshape(level.repeat, level.q)
        P = spread[first[:, None, None], places[:, :, None], places[:, None, :]]
        out.append((gains.reshape(-1, level.q, blocks.p + 1), P))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class RowShares:
    """What is left of each row when the predicted effects are taken off, in the scaled basis.

    Attributes
    ----------
    residual : shape (n,), ê = y − Xβ̂ − Zb̂.
    free : shape (n,), 1 − h, h = ∂ŷ_i/∂y_i the row's leverage on its own fitted value; Var(ê) = σ²(1 − h).
    X : shape (n, p), X less its own prediction by the effects, the rows of V⁻¹X (in units of σ²).
    """

    residual: Array
    free: Array
    X: Array


def row_shares(optimum: "Optimum", rows: "TableRows") -> RowShares:
    """Work out conditional residuals and their variances.

    With V = ZTZ' + I and Q = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹, ê = Qy and Var(ê) = σ²Q; the diagonal of V⁻¹ is 1 − z'Pz.
    """
    learned, at, levels = learn(optimum.blocks, optimum.covs), optimum.profile, optimum.blocks.levels
    gains = np.concatenate([own[ancestors(levels, i)] for i, own in enumerate(learned.gains)], axis=1)
    p, q = optimum.blocks.p, rows.Z.shape[1]
    residual, free, X = np.empty(len(rows.y)), np.empty(len(rows.y)), np.empty_like(rows.X)
    step = max(CHUNK // (q * (p + 1 + q)), 1)
    for start in range(0, len(rows.y), step):
        part = slice(start, start + step)
        codes, places, z = rows.codes[part, None], rows.places[part], rows.Z[part]
        seen = np.einsum("nq,nqc->nc", z, gains[codes, places])
        P = learned.spreads[0][codes[:, :, None], places[:, :, None], places[:, None, :]]
        X[part] = rows.X[part] - seen[:, :p]
        residual[part] = rows.y[part] - seen[:, p] - X[part] @ at.beta
        free[part] = 1 - np.einsum("nq,nqr,nr->n", z, P, z) - np.einsum("ni,ij,nj->n", X[part], at.C, X[part])
    return RowShares(residual, np.maximum(free, 0.0), X)


def _summed(blocks: Array, parent: Codes, groups: int) -> Array:
    """Sum matrices over the groups of each parent."""
    if groups == 1:
        return np.asarray(blocks.sum(axis=0)[None])
    out = np.zeros((groups, *blocks.shape[1:]))
    np.add.at(out, parent, blocks)
    return out
