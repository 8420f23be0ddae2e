"""The profiled criterion of a model with nested and crossed effects, with its exact gradient and Hessian.

Model: y = Xβ + Σ_l Z_l b_l + e, b_l ~ N(0, σ²T_l), e ~ N(0, σ²I), T = ΛΛ'. β and σ² are profiled out (Bates, Mächler,
Bolker & Walker 2015, Journal of Statistical Software 67(1), section 3; equation numbers beside the lines). With
S = [X y]'V⁻¹[X y] from the elimination of the effects (recursion.py) and C = (X'V⁻¹X)⁻¹, minus twice the
log-likelihood is, up to a constant, log|V| [+ log|X'V⁻¹X|] + m log RSS with m = n (ML) or n − p (REML); its derivatives
follow from those of S and log|V|.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks
from povstats.models.recursion import Directions, Jets, eliminate
from povstats.models.speed import compiled

Entries = tuple[tuple[int, int, int], ...]
"""Positions (level, row, column) in the Λ of each level that are free; the rest of Λ is zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The model at one T.

    Attributes
    ----------
    value : minus twice the profiled log-likelihood (ML or REML), constants included.
    beta : shape (p,). rss : penalised residual sum of squares, y'V⁻¹y − β'X'V⁻¹y.
    C : shape (p, p), (X'V⁻¹X)⁻¹.
    dof : m, the divisor of RSS in σ² = RSS / m.
    """

    value: float
    beta: Array
    rss: float
    C: Array
    dof: float
    reml: bool


def profile(blocks: Blocks, roots: Sequence[Array], reml: bool) -> Profile | None:
    """Evaluate the criterion at T = Λ Λ' of each level.

    Parameters
    ----------
    blocks : cross-products.
    roots : Λ of each level, shape (q, q), any square root of T.
    reml : restricted likelihood (Bates et al. 2015, eq. 42) or the full one (eq. 35).

    Returns
    -------
    Profile, or None where the criterion is not finite at this T.
    """
    try:
        at = eliminate(blocks.full, blocks.levels, roots, None)
    except np.linalg.LinAlgError:
        return None
    return conclude(at.F[0], at.logs, blocks.size, reml)


def conclude(S: Array, logs: float, size: float, reml: bool) -> Profile | None:
    """Profile β and σ² out of S = [X y]'V⁻¹[X y] and log|V|."""
    p = len(S) - 1
    try:
        R = np.linalg.cholesky(S[:p, :p])
    except np.linalg.LinAlgError:
        return None
    Rinv = np.linalg.inv(R)
    half = Rinv @ S[:p, p]
    beta, rss = Rinv.T @ half, float(S[p, p] - half @ half)  # eq. 19 and 20
    if not rss > 0:
        return None
    m = size - p if reml else size
    if reml:
        logs += 2 * float(np.log(np.diag(R)).sum())
    value = logs + m * (1 + math.log(2 * math.pi * rss / m))
    return Profile(value, beta, rss, Rinv.T @ Rinv, m, reml)


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """First and second derivatives at one T, apart for the logarithm of determinants and for RSS.

    Attributes
    ----------
    logs, logs2 : shapes (k,), (k, k), of log|V| [+ log|X'V⁻¹X|] in the free entries.
    rss, rss2 : the same of RSS.
    dC : shape (k, p, p), of C.
    """

    logs: Array
    logs2: Array
    rss: Array
    rss2: Array
    dC: Array

    def gradient(self, at: Profile) -> Array:
        """Give the gradient of the profiled criterion, shape (k,)."""
        return self.logs + at.dof * self.rss / at.rss

    def hessian(self, at: Profile) -> Array:
        """Give the Hessian of the profiled criterion, shape (k, k)."""
        ratio = self.rss / at.rss
        return self.logs2 + at.dof * (self.rss2 / at.rss - np.outer(ratio, ratio))


def slopes(blocks: Blocks, at: Profile, roots: Sequence[Array], entries: Entries) -> Slopes:
    """Differentiate twice in the free entries of Λ.

    Parameters
    ----------
    blocks : cross-products. at : the model at T = Λ Λ'.
    roots : Λ of each level.
    entries : which entries are free, level by level.
    """
    level = blocks.levels[0]
    if len(blocks.levels) == 1 and level.repeat == 1 and compiled(level.slots):
        return _compiled_slopes(blocks, at, roots[0], entries)
    jets = eliminate(blocks.full, blocks.levels, roots, directions(roots, entries))
    assert jets.d2F is not None
    assert jets.d2logs is not None
    return differentiate(at, jets.dF[:, 0], jets.dlogs, jets.d2F[:, :, 0], jets.d2logs)


def two_level(blocks: Blocks, entries: Entries, reml: bool) -> tuple[Any, ...]:
    """Lay a two-level model out for the compiled loops."""
    level, places = blocks.levels[0], np.array(entries, dtype=np.int64)
    weight = np.ones(level.slots) if level.weights is None else level.weights
    full = np.ascontiguousarray(blocks.full)
    return full, weight, blocks.total, blocks.size, reml, places[:, 1].copy(), places[:, 2].copy()


def _compiled_slopes(blocks: Blocks, at: Profile, root: Array, entries: Entries) -> Slopes:
    """Differentiate a two-level model by compiled loops."""
    from povstats.models import compiled as loops

    data = two_level(blocks, entries, at.reml)
    theta = np.array([root[row, column] for _, row, column in entries])
    logs, logs2, rss, rss2, CB = loops.parts(data, loops.root_of(data, theta), loops.evaluate(data, theta))
    return Slopes(logs, (logs2 + logs2.T) / 2, rss, (rss2 + rss2.T) / 2, -CB @ at.C)


def differentiate(at: Profile, dS: Array, dlogs: Array, d2S: Array, d2logs: Array) -> Slopes:
    """Turn the derivatives of S and log|V| into those of the criterion's parts."""
    p, C = len(at.beta), at.C
    v = np.append(-at.beta, 1.0)
    Sv = dS @ v
    rss, rss2 = Sv @ v, d2S @ v @ v - 2 * Sv[:, :p] @ C @ Sv[:, :p].T
    CB = C @ dS[:, :p, :p]
    logs, logs2 = dlogs, d2logs
    if at.reml:
        logs = dlogs + np.einsum("aii->a", CB)
        logs2 = d2logs + np.einsum("abij,ij->ab", d2S[:, :, :p, :p], C) - np.einsum("aij,bji->ab", CB, CB)
    return Slopes(logs, (logs2 + logs2.T) / 2, rss, (rss2 + rss2.T) / 2, -CB @ C)


def directions(roots: Sequence[Array], entries: Entries) -> list[Directions]:
    """Give dT = e_r λ_c' + λ_c e_r' and d²T for the free entries of each level."""
    out = []
    for i, root in enumerate(roots):
        own, q = [(row, column) for level, row, column in entries if level == i], len(root)
        dT, d2T = np.zeros((len(own), q, q)), np.zeros((len(own), len(own), q, q))
        for a, (row, column) in enumerate(own):
            dT[a, row] += root[:, column]
            dT[a, :, row] += root[:, column]
            for b, (other, same) in enumerate(own):
                if column == same:  # two entries of one column of Λ bend T
                    d2T[a, b, row, other] += 1
                    d2T[a, b, other, row] += 1
        out.append(Directions(dT, d2T))
    return out


def jets(blocks: Blocks, roots: Sequence[Array], along: Sequence[Directions]) -> Jets:
    """Eliminate with derivatives in directions of one's own, such as the entries of T themselves."""
    return eliminate(blocks.full, blocks.levels, roots, along)
