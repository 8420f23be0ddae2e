"""What the predicted effects of a lowest group and of all groups above it are made of, and the rows' share of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.models.effects import regression
from povstats.models.recursion import Jets, lift
from povstats.models.standard import ancestors

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.table_rows import TableRows
    from povstats.models.optimum import Optimum

CHUNK = 2_000_000
"""Numbers that are gathered for rows at once."""


@dataclass(frozen=True, slots=True, eq=False)
class JointEffects:
    """E(b | y) = B (−β, 1) and Var(b | y, β) = σ²P of the effects that a lowest group's rows have.

    Attributes
    ----------
    B : shape (G, q, p + 1), the columns of b in the order of the blocks. P : shape (G, q, q).
    """

    B: Array
    P: Array


def joint_effects(optimum: "Optimum") -> JointEffects:
    """Work them out from the top of the chain down, as effects.py does for each level alone.

    Notes
    -----
    Source: Bates, Mächler, Bolker & Walker (2015), Journal of Statistical Software 67(1), eq. 56 to 58.
    """
    blocks, roots = optimum.blocks, optimum.factors
    steps, now = [], Jets(blocks.full, np.zeros((0, 1, 1, 1)), None, 0.0, np.zeros(0), None)
    for i, level in enumerate(blocks.levels):
        steps.append(regression(now.F, np.kron(np.eye(level.repeat), roots[i]).astype(np.float64)))
        groups = blocks.levels[i + 1].slots if i + 1 < len(blocks.levels) else 1
        now = lift(now, level, roots[i], None, (np.ones(level.slots), groups))
    known, spread = np.eye(blocks.p + 1)[None], np.zeros((1, 0, 0))
    for level, (N, P) in zip(reversed(blocks.levels), reversed(steps), strict=True):
        known, spread = known[level.parent], spread[level.parent]
        above = N[:, :, : spread.shape[1]]
        link = -above @ spread
        V = P - link @ np.swapaxes(above, 1, 2)
        known = np.concatenate([-N @ known, known], axis=1)
        spread = np.concatenate(
            [np.concatenate([V, link], axis=2), np.concatenate([np.swapaxes(link, 1, 2), spread], axis=2)], axis=1
        )
    return JointEffects(-known[:, : -blocks.p - 1], spread)


def by_level(optimum: "Optimum", joint: JointEffects) -> list[tuple[Array, Array]]:
    """Give B, shape (groups, q, p + 1), and P, shape (groups, q, q), of each level alone."""
    out, at, levels = [], 0, optimum.blocks.levels
    for i, level in enumerate(levels):
        if level.repeat > 1:
            places = at + np.arange(level.width).reshape(level.repeat, level.q)
            first = np.zeros(level.repeat, dtype=np.intp)
        else:
            places = np.broadcast_to(at + np.arange(level.q), (level.slots, level.q))
            first = np.unique(ancestors(levels, i), return_index=True)[1]
        P = joint.P[first[:, None, None], places[:, :, None], places[:, None, :]]
        out.append((joint.B[first[:, None], places], P))
        at += level.width
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
    joint, at = joint_effects(optimum), optimum.profile
    p, q = optimum.blocks.p, rows.Z.shape[1]
    residual, free, X = np.empty(len(rows.y)), np.empty(len(rows.y)), np.empty_like(rows.X)
    step = max(CHUNK // (q * (p + 1 + q)), 1)
    for start in range(0, len(rows.y), step):
        part = slice(start, start + step)
        codes, places, z = rows.codes[part, None], rows.places[part], rows.Z[part]
        seen = np.einsum("nq,nqc->nc", z, joint.B[codes, places])
        P = joint.P[codes[:, :, None], places[:, :, None], places[:, None, :]]
        X[part] = rows.X[part] - seen[:, :p]
        residual[part] = rows.y[part] - seen[:, p] - X[part] @ at.beta
        free[part] = 1 - np.einsum("nq,nqr,nr->n", z, P, z) - np.einsum("ni,ij,nj->n", X[part], at.C, X[part])
    return RowShares(residual, np.maximum(free, 0.0), X)
