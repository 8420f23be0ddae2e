"""How far predictions of rows may be off: the joint covariance of (β̂, b̂ − b), and what estimated variances add to it.

With C = (X'V⁻¹X)⁻¹, b̂ = N(y − Xβ̂) and S the covariance of b given y and β (all in units of σ²), the error of x'β̂ + z'b̂
has the variance

    m(T) = z'Sz + a'Ca,    a = x − X'N'z,

which is the quadratic form of (x, z) in the inverse of Henderson's equations. Estimating T adds, to second order,
tr(W M) with W the covariance of T̂ and M_kl the covariance of the prediction's derivatives in T_k and T_l (Kackar &
Harville). M = −½ ∂²m/∂T∂T exactly, for T enters V linearly and the weights of the prediction are optimal; for the same
reason m(T̂) is too small by that much on average (Prasad & Rao), so that the estimate is m(T̂) + 2 tr(W M).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.models.inference.df import variance_root
from povstats.models.interpretation.prediction.joint_effects import Learned, learn
from povstats.models.interpretation.prediction.prediction_rows import Rows
from povstats.models.levels import Codes, Level
from povstats.models.likelihood import directions, slopes

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

STEP = 1e-3
"""Step of the central differences in T, in standard errors of T: it leaves 1e-6 of a second derivative, and rounding
as much less."""
FEWEST = 2.0
"""Degrees of freedom at least: a variance of groups that is hardly more than its own error is a difference of mean
squares, which Satterthwaite's approximation is not for (Gaylor & Hopper 1969, Technometrics 11); below two the quantile
explodes, and coverage has no need of it (benchmarks/prediction_coverage.py)."""
CHUNK = 50_000
"""Rows that are worked on at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Variances of prediction errors by row, in units of σ².

    Attributes
    ----------
    variance : shape (n,), m(T̂), of β̂ and of the known groups' effects.
    theta : shape (n,), tr(W M), what estimating T adds.
    new : shape (n,), z'Tz of the groups that are not known.
    slopes, new_slopes : shape (n, r), derivatives of `variance` and `new` along the r columns of H, HH' the
        covariance of the variance parameters.
    sigma : shape (r,), how log σ² moves along them.
    """

    variance: Array
    theta: Array
    new: Array
    slopes: Array
    new_slopes: Array
    sigma: Array

    def total(self, random: bool, residual: bool) -> Array:
        """Give the estimated mean squared error, with the new groups' effects and the residual where asked for."""
        return self.variance + 2 * self.theta + (self.new if random else 0.0) + (1.0 if residual else 0.0)

    def dof(self, random: bool, residual: bool) -> Array:
        """Give Satterthwaite's degrees of freedom of `total`, 2v² / Var(v̂), at least FEWEST; infinite where v is known.

        The derivative of 2 tr(W M), a term of second order, is left out of Var(v̂).
        """
        variance = self.variance + (self.new if random else 0.0) + (1.0 if residual else 0.0)
        slopes = self.slopes + (self.new_slopes if random else 0.0) + variance[:, None] * self.sigma
        spread = (slopes**2).sum(axis=1)
        whole = self.total(random, residual)
        found: Array = np.divide(2 * whole**2, spread, out=np.full(len(whole), np.inf), where=spread > 0)
        return np.maximum(found, FEWEST)


def prediction_errors(fit: "HLMResult", rows: Rows) -> Errors:
    """Work out the variances of the errors of x'β̂ + z'b̂, row by row.

    Parameters
    ----------
    fit : the model.
    rows : the rows; a group is known where its place is among the level's labels.

    Notes
    -----
    Source: Kackar & Harville (1984), JASA 79, for M; Prasad & Rao (1990), JASA 85, section 3, and Datta & Lahiri
    (2000), Statistica Sinica 10, for twice the term. On the boundary of the parameters (status "boundary") a variance
    of zero and a correlation of ±1 have no derivative in T: the term is over the other parameters.
    """
    optimum, n = fit.optimum, len(rows)
    H = variance_root(optimum, slopes(optimum.blocks, optimum.profile, optimum.factors, optimum.entries))
    along = [one.dT for one in directions(optimum.factors, optimum.entries)]
    ends = np.cumsum([0, *(len(one) for one in along)])
    moves = [
        [np.tensordot(column[a:b], one, 1) for one, a, b in zip(along, ends, ends[1:], strict=False)] for column in H.T
    ]
    base = row_variances(fit, learn(optimum.blocks, optimum.covs), rows)
    first, theta = np.zeros((n, len(moves))), np.zeros(n)
    for j, move in enumerate(moves):
        if not any(np.any(part) for part in move):
            continue
        up, down = (
            row_variances(
                fit,
                learn(optimum.blocks, [T + sign * STEP * d for T, d in zip(optimum.covs, move, strict=True)]),
                rows,
            )
            for sign in (1.0, -1.0)
        )
        first[:, j] = (up - down) / (2 * STEP)
        theta -= (up - 2 * base + down) / (2 * STEP**2)
    new_slopes = np.column_stack([new_variances(fit, rows, move) for move in moves]) if moves else first
    new = new_variances(fit, rows, optimum.covs)
    return Errors(base, np.maximum(theta, 0.0), new, first, new_slopes, H[-1])


def row_variances(fit: "HLMResult", learned: Learned, rows: Rows, *, beta: bool = True) -> Array:
    """Give z'Sz + a'Ca of each row over its known groups, or z'Sz alone where β counts as known."""
    out = np.empty(len(rows))
    p = fit.optimum.blocks.p
    for known, at in patterns(fit.optimum.blocks.levels, rows.place):
        for start in range(0, len(at), CHUNK):
            part = at[start : start + CHUNK]
            a = rows.X[part] @ fit.units.x
            variance = np.zeros(len(part))
            if known:
                z, gains, S = known_effects(fit, learned, rows, known, part)
                variance = np.einsum("ni,nij,nj->n", z, S, z)
                a = a - np.einsum("ni,nij->nj", z, gains[:, :, :p])
            out[part] = variance + (np.einsum("ni,ij,nj->n", a, learned.C, a) if beta else 0.0)
    return np.maximum(out, 0.0)


def new_variances(fit: "HLMResult", rows: Rows, covs: Sequence[Array]) -> Array:
    """Give Σ z'Tz of each row over the levels whose group is not known."""
    out = np.zeros(len(rows))
    for level, Z, z, T, place in zip(fit.optimum.blocks.levels, rows.Z, fit.units.z, covs, rows.place, strict=True):
        half = Z @ z
        out += np.where(_is_known(level, place), 0.0, np.einsum("ni,ij,nj->n", half, T, half))
    return out


def patterns(levels: Sequence[Level], place: Sequence[Codes]) -> Iterator[tuple[tuple[int, ...], Codes]]:
    """Sort the rows by which of their groups are known: the levels' places, and the rows."""
    code = np.zeros(len(place[0]), dtype=np.intp)
    for i, (level, own) in enumerate(zip(levels, place, strict=True)):
        code += _is_known(level, own).astype(np.intp) << i
    for value in np.unique(code).tolist():
        yield tuple(i for i in range(len(levels)) if value >> i & 1), np.flatnonzero(code == value)


def _is_known(level: Level, place: Codes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (place >= 0) & (place < len(level.labels))
    return found


def known_effects(
    fit: "HLMResult", learned: Learned, rows: Rows, known: tuple[int, ...], part: Codes
) -> tuple[Array, Array, Array]:
    """Give z of the known groups' effects, how they answer to [X y], and their covariance given y and β."""
    levels, lowest = fit.optimum.blocks.levels, known[0]
    own = rows.place[lowest][part] if levels[lowest].repeat == 1 else np.zeros(len(part), dtype=np.intp)
    zs, gains, where, at = [], [], [], 0
    for i in range(lowest, len(levels)):
        level, q = levels[i], levels[i].q
        if i in known:
            place = rows.place[i][part]
            zs.append(rows.Z[i][part] @ fit.units.z[i])
            by_group = learned.gains[i].reshape(-1, q, learned.gains[i].shape[2])
            gains.append(by_group[place])
            shift = place * q if level.repeat > 1 else np.zeros(len(part), dtype=np.intp)
            where.append(at + shift[:, None] + np.arange(q))
        at += level.width
    index = np.concatenate(where, axis=1)
    S = learned.spreads[lowest][own[:, None, None], index[:, :, None], index[:, None, :]]
    return np.concatenate(zs, axis=1), np.concatenate(gains, axis=1), S
