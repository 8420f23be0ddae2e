"""Eliminate the random effects level by level, with first and second derivatives in T: array code for any structure.

At a level each group has F, the cross-products of [Z R] (R holds the columns of the levels above, X and y) after the
levels below are gone. With W = Z'Z, Y = (I + WT)⁻¹Z'R, P = T(I + WT)⁻¹, N = PZ'R = TY, E = [−N; I], Q = (I + TW)⁻¹
and Ω = (I + WT)⁻¹W,

    S = R'R − R'ZN,     dS = E'dF E − Y'dT Y,     log|I + TW| with differential tr(Ω dT) + tr(P dW),

and S, summed over the groups of a parent, is that parent's F. At the root S is [X y]'V⁻¹[X y] and the logarithms have
added up to log|V|. Bates et al. (2015), section 3, for two levels; the recursion is block elimination (Golub & Van
Loan, Matrix Computations, section 4.2) and its differentials.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.models.levels import Codes, Level, paths
from povstats.models.speed import compiled


@dataclass(frozen=True, slots=True, eq=False)
class Jets:
    """F of the groups of a level (one group at the root) and the logarithms so far, with derivatives.

    Attributes
    ----------
    F : shape (G, c, c). dF : shape (k, G, c, c). d2F : shape (k, k, G, c, c), or None where not asked for.
    logs, dlogs, d2logs : shapes (), (k,), (k, k), summed over all groups and levels below.
    """

    F: Array
    dF: Array
    d2F: Array | None
    logs: float
    dlogs: Array
    d2logs: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Along what T of a level moves: dT of shape (k, q, q), d2T of shape (k, k, q, q) or None where T is linear."""

    dT: Array
    d2T: Array | None = None


def eliminate(full: Array, levels: Sequence[Level], roots: Sequence[Array], along: Sequence[Directions] | None) -> Jets:
    """Eliminate all levels.

    Parameters
    ----------
    full : shape (G, c, c), cross-products of [Z_1 … Z_K X y] by lowest group.
    levels : from the lowest up.
    roots : Λ of each level, shape (q, q), T = ΛΛ'.
    along : the directions of each level, in the order of the parameters; None for values alone.

    Returns
    -------
    Jets
        With one group: F is [X y]'V⁻¹[X y] in units of σ².

    Raises
    ------
    numpy.linalg.LinAlgError
        Where I + Λ'WΛ is not positive definite to rounding.
    """
    c = full.shape[1]
    second = along is not None
    none = np.zeros((0, 0, len(full), c, c)) if second else None
    now = Jets(full, np.zeros((0, len(full), c, c)), none, 0.0, np.zeros(0), np.zeros((0, 0)) if second else None)
    for i, (level, path) in enumerate(zip(levels, paths(levels), strict=True)):
        groups = levels[i + 1].slots if i + 1 < len(levels) else 1
        now = lift(now, level, roots[i], along[i] if along is not None else None, (path, groups))
    return now


def lift(now: Jets, level: Level, root: Array, along: Directions | None, above: tuple[Array, int]) -> Jets:
    """Take one level out of the way; `above` tells how often each group counts in all, and the number of parents."""
    path, groups = above
    if level.repeat == 1 and not len(now.dF) and compiled(len(now.F)):
        return _compiled(now, level, root, along, above)
    if level.repeat > 1:
        eye = np.eye(level.repeat)
        root = np.kron(eye, root).astype(np.float64)
        if along is not None:
            bent = None if along.d2T is None else np.kron(eye, along.d2T).astype(np.float64)
            along = Directions(np.kron(eye, along.dT).astype(np.float64), bent)
    q, F = len(root), now.F
    ZtZ, ZtR = F[:, :q, :q], F[:, :q, q:]
    left = root.T @ F[:, :q]  # Λ'[W Z'R]
    A = np.eye(q) + left[:, :, :q] @ root
    chol = np.linalg.cholesky(A).astype(np.float64, copy=False)
    U = np.linalg.solve(chol, left).astype(np.float64, copy=False)
    UR, Ut = U[:, :, q:], np.swapaxes(U[:, :, :q], 1, 2)
    weight = np.ones(len(F)) if level.weights is None else level.weights
    S = _outer_sums(UR, UR, weight, level.parent, groups)
    rest = _sums(F[:, q:, q:], weight, level.parent, groups)
    logs = now.logs + 2 * float(path @ np.log(np.einsum("gii->gi", chol)).sum(axis=1))
    if along is None:
        return Jets(rest - S, now.dF, None, logs, now.dlogs, None)
    Y, omega = ZtR - Ut @ UR, ZtZ - Ut @ U[:, :, :q]
    return _differentiate(now, along, level, (weight, *above), (rest - S, logs), (root, chol, Y, omega))


def _compiled(now: Jets, level: Level, root: Array, along: Directions | None, above: tuple[Array, int]) -> Jets:
    """Do the same by compiled loops, at a level with none below."""
    from povstats.models import compiled_levels as loops

    path, groups = above
    full, q = np.ascontiguousarray(now.F), len(root)
    weight = np.ones(len(full)) if level.weights is None else level.weights
    S = np.zeros((groups, full.shape[1] - q, full.shape[1] - q))
    logs = now.logs + loops.values(full, weight, path, root, level.parent, S)
    if not np.isfinite(logs):
        raise np.linalg.LinAlgError("I + Λ'WΛ is not positive definite")
    if along is None:
        return Jets(S, now.dF, None, logs, now.dlogs, None)
    bent = along.d2T is not None
    d2T = along.d2T if along.d2T is not None else np.zeros((1, 1, q, q))
    found = loops.derivatives(full, (weight, path), root, level.parent, along.dT, d2T, bent, groups)
    dS, d2S, dlogs, d2logs = found
    return Jets(S, dS, d2S, logs, dlogs, d2logs)


def _differentiate(
    now: Jets,
    along: Directions,
    level: Level,
    counted: tuple[Array, Array, int],
    value: tuple[Array, float],
    at: tuple[Array, Array, Array, Array],
) -> Jets:
    """Carry the derivatives of the levels below through this one, and add this level's own."""
    weight, path, groups = counted
    root, chol, Y, omega = at
    q, low, own = len(root), len(now.dF), len(along.dT)
    half = np.linalg.solve(chol, np.broadcast_to(root.T, (len(Y), q, q)))
    P = np.swapaxes(half, 1, 2) @ half
    k, r = low + own, Y.shape[2]
    dS, d2S = np.zeros((k, groups, r, r)), np.zeros((k, k, groups, r, r))
    dlogs, d2logs = np.zeros(k), np.zeros((k, k))
    dTY = along.dT[:, None] @ Y
    dTO = along.dT[:, None] @ omega
    for a in range(own):
        dS[low + a] = -_outer_sums(Y, dTY[a], weight, level.parent, groups)
        dlogs[low + a] = path @ np.einsum("gii->g", dTO[a])
        for b in range(a, own):
            both = _outer_sums(dTY[b], omega @ dTY[a], weight, level.parent, groups)
            both = both + np.swapaxes(both, 1, 2)
            flat = -(path @ np.einsum("gij,gji->g", dTO[a], dTO[b]))
            if along.d2T is not None:
                both = both - _outer_sums(Y, along.d2T[a, b] @ Y, weight, level.parent, groups)
                flat += path @ np.einsum("gij,ji->g", omega, along.d2T[a, b])
            d2S[low + a, low + b] = d2S[low + b, low + a] = both
            d2logs[low + a, low + b] = d2logs[low + b, low + a] = flat
    if low:
        _carry(now, along, level, (weight, path), (root, P, Y, dTY), (dS, d2S, dlogs, d2logs))
    return Jets(value[0], dS, d2S, value[1], _added(now.dlogs, dlogs), _added(now.d2logs, d2logs))


def _added(below: Array | None, here: Array) -> Array:
    """Add the derivatives of the logarithms below to those of this level, whose first entries are the same ones."""
    out = here.copy()
    if below is not None:
        out[tuple(slice(size) for size in below.shape)] += below
    return out


def _carry(
    now: Jets,
    along: Directions,
    level: Level,
    counted: tuple[Array, Array],
    at: tuple[Array, Array, Array, Array],
    out: tuple[Array, Array, Array, Array],
) -> None:
    """Fill in what concerns the parameters of the levels below, alone and with those of this level."""
    weight, path = counted
    root, P, Y, dTY = at
    dS, d2S, dlogs, d2logs = out
    q, low, own, groups = len(root), len(now.dF), len(along.dT), dS.shape[1]
    parent = level.parent
    T = root @ root.T
    N, Q = T @ Y, np.eye(q) - P @ now.F[:, :q, :q]  # Q = (I + TW)⁻¹
    E = np.concatenate([-N, np.broadcast_to(np.eye(Y.shape[2]), (len(Y), *([Y.shape[2]] * 2)))], axis=1)
    Et, Qt = np.swapaxes(E, 1, 2), np.swapaxes(Q, 1, 2)
    K = [(now.dF[a] @ E)[:, :q] for a in range(low)]
    QtK, PK = [Qt @ K[a] for a in range(low)], [P @ K[a] for a in range(low)]
    assert now.d2F is not None
    for a in range(low):
        W = now.dF[a][:, :q, :q]
        dS[a] = _sums(Et @ now.dF[a] @ E, weight, parent, groups)
        dlogs[a] = path @ np.einsum("gij,gji->g", P, W)
        for b in range(a, low):
            mixed = _outer_sums(K[a], PK[b], weight, parent, groups)
            d2S[a, b] = _sums(Et @ now.d2F[a, b] @ E, weight, parent, groups) - mixed - np.swapaxes(mixed, 1, 2)
            PW, PV = P @ W, P @ now.dF[b][:, :q, :q]
            d2logs[a, b] = path @ (
                np.einsum("gij,gji->g", P, now.d2F[a, b][:, :q, :q]) - np.einsum("gij,gji->g", PW, PV)
            )
            d2S[b, a], d2logs[b, a] = d2S[a, b], d2logs[a, b]
        for b in range(own):
            mixed = _outer_sums(QtK[a], dTY[b], weight, parent, groups)
            d2S[a, low + b] = d2S[low + b, a] = -mixed - np.swapaxes(mixed, 1, 2)
            bent = np.einsum("gij,ji->g", Qt @ W @ Q, along.dT[b])  # dΩ = Q'dW Q
            d2logs[a, low + b] = d2logs[low + b, a] = path @ bent


def _sums(blocks: Array, weight: Array, parent: Codes, groups: int) -> Array:
    """Sum matrices over the groups of each parent."""
    if groups == 1:
        return np.tensordot(weight, blocks, 1)[None]
    order = np.argsort(parent, kind="stable")
    starts = np.searchsorted(parent[order], np.arange(groups))
    return np.add.reduceat((weight[:, None, None] * blocks)[order], starts)


def _outer_sums(left: Array, right: Array, weight: Array, parent: Codes, groups: int) -> Array:
    """Sum left_g' right_g over the groups of each parent; one product of long matrices where there is one parent."""
    if groups == 1:
        scaled = left * weight[:, None, None]
        flat = scaled.reshape(-1, left.shape[2]).T @ right.reshape(-1, right.shape[2])
        return np.asarray(flat)[None]
    return _sums(np.swapaxes(left, 1, 2) @ right, weight, parent, groups)
