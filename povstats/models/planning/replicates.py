"""Whole surveys, drawn and fitted from their cross-products; no table and no formula is read on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.design import multiplied
from povstats.models.edge import triangular
from povstats.models.inference.df import satterthwaite
from povstats.models.levels import Level
from povstats.models.optimum import free_entries, optimise
from povstats.models.planning.plan import Plan, draw_pieces
from povstats.models.standard import COLLINEAR

ENTRIES = 2_000_000
"""Numbers that are drawn at once."""
REFERENCE = 4_000
"""Rows of the survey that gives the columns their basis."""
OFF = 0.05
"""Searches start at least this far off the boundary, where the gradient vanishes by symmetry."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Surveys drawn: pieces as in draw_pieces, and what is added to Xβ.

    Attributes
    ----------
    pieces : by name. residual : shape (n, villages, households), Zb + e.
    """

    pieces: dict[str, Array]
    residual: Array


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """n fitted surveys.

    Attributes
    ----------
    error : shape (n, p), β̂ − β. se, dof : shape (n, p), standard errors and Satterthwaite's degrees of freedom.
    boundary : shape (n,). fitted : shape (n,); where it is false the other entries mean nothing.
    """

    error: Array
    se: Array
    dof: Array
    boundary: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    fitted: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Bases in which the columns of a plan are nearly orthonormal, learned once on a large survey.

    Attributes
    ----------
    x : shape (p, p), X @ x is well conditioned. z : shape (q, q), the same for Z, block by block.
    T : shape (q, q), a root of the random effects' covariance in that basis.
    """

    x: Array
    z: Array
    T: Array


def draw_surveys(plan: Plan, n: int, villages: int, households: int, rng: np.random.Generator) -> Survey:
    """Draw n surveys of a plan.

    Parameters
    ----------
    plan : what is simulated. n, villages, households : how many. rng : source of random numbers.
    """
    pieces = draw_pieces(plan.predictors, n, villages, households, rng)
    values, vectors = np.linalg.eigh(plan.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    b = rng.standard_normal((n, villages, len(root))) @ root.T
    Z = multiplied(tuple(column for one in plan.random for column in one), pieces, (n, villages, households))
    e = np.sqrt(plan.sigma2) * rng.standard_normal((n, villages, households))
    return Survey(pieces, np.einsum("nvhq,nvq->nvh", Z, b) + e)


def basis_of(plan: Plan) -> Basis:
    """Learn the basis of a plan's columns.

    Raises
    ------
    FitError
        Where columns of X or Z are combinations of others in a large survey.
    """
    villages = REFERENCE // 10
    pieces = draw_pieces(plan.predictors, 1, villages, 10, np.random.default_rng(0))
    shape = (1, villages, 10)
    X = multiplied(plan.fixed, pieces, shape).reshape(-1, len(plan.fixed))
    x, size = _inverse_root(X, plan.terms), sum(len(one) for one in plan.random)
    z, T, at = np.zeros((size, size)), np.zeros((size, size)), 0
    values, vectors = np.linalg.eigh(plan.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    for one in plan.random:
        part = slice(at, at + len(one))
        Z = multiplied(one, pieces, shape).reshape(-1, len(one))
        z[part, part] = _inverse_root(Z, tuple(column.name for column in one))
        at += len(one)
    T = np.linalg.solve(z, root)
    return Basis(x, z, T)


def _inverse_root(X: Array, names: tuple[str, ...]) -> Array:
    """Give R⁻¹ with X = QR, Q'Q = nI."""
    size = np.sqrt((X**2).mean(axis=0))
    flat = [name for name, one in zip(names, size, strict=True) if not one > 0]
    R = np.linalg.qr(X / np.where(size > 0, size, 1.0)).R / np.sqrt(len(X))
    flat += [name for name, own in zip(names, np.abs(np.diag(R)), strict=True) if own**2 < COLLINEAR]
    if flat:
        raise FitError(
            f"{', '.join(dict.fromkeys(flat))} is zero, or a combination of other columns, in the surveys that the "
            "plan draws; take it out of the formula"
        )
    found: Array = np.linalg.inv(R) / size[:, None]
    return found


def replicate(
    plan: Plan, basis: Basis, n: int, villages: int, households: int, rng: np.random.Generator
) -> Iterator[Replicates]:
    """Draw and fit n surveys, by parts.

    Least squares and the likelihood follow y − Xβ, so the surveys' outcome is Zb + e and its coefficients are the
    errors β̂ − β: the same surveys serve any size of the effects.

    Parameters
    ----------
    plan, basis : what is simulated. n, villages, households : how many. rng : source of random numbers.
    """
    columns = len(plan.fixed) + len(basis.z) + 1
    most = int(np.clip(ENTRIES // (villages * households * columns), 1, max(1, n // 20)))
    for start in range(0, n, most):
        yield fit_surveys(plan, basis, draw_surveys(plan, min(most, n - start), villages, households, rng))


def fit_surveys(plan: Plan, basis: Basis, survey: Survey) -> Replicates:
    """Fit each survey to Zb + e.

    Parameters
    ----------
    plan, basis : what is simulated. survey : as drawn.
    """
    shape, p = survey.residual.shape, len(plan.fixed)
    Z = multiplied(tuple(column for one in plan.random for column in one), survey.pieces, shape) @ basis.z
    X = multiplied(plan.fixed, survey.pieces, shape) @ basis.x
    K = np.concatenate([Z, X, survey.residual[..., None]], axis=3)
    full = np.swapaxes(K, 2, 3) @ K  # (n, villages, c, c)
    level = Level(plan.group, tuple(range(shape[1])), np.zeros(shape[1], dtype=np.intp), tuple(map(len, plan.random)))
    out = [_fitted(plan, basis, level, full[i], shape[1] * shape[2]) for i in range(shape[0])]
    nothing = np.full(p, np.nan)
    found = [(nothing, nothing, nothing, False) if one is None else one for one in out]
    error, se, dof = (np.array([one[k] for one in found]) for k in range(3))
    edge = np.array([bool(one[3]) for one in found])
    return Replicates(error, se, dof, edge, np.array([one is not None for one in out]))


def _fitted(plan: Plan, basis: Basis, level: Level, full: Array, rows: int) -> tuple[Array, Array, Array, bool] | None:
    """Fit one survey; None where it has no estimate."""
    p, q = len(plan.fixed), level.q
    average = full.sum(axis=0) / rows
    try:
        R, at = np.linalg.cholesky(average[q : q + p, q : q + p]).T, 0
        root = np.zeros((q, q))
        for size in level.sets:
            part = slice(at, at + size)
            root[part, part] = np.linalg.cholesky(average[part, part]).T
            at += size
    except np.linalg.LinAlgError:
        return None
    if (np.diag(R) ** 2 < COLLINEAR * np.diag(average)[q : q + p]).any():
        return None
    scale = float(np.sqrt(average[-1, -1]))
    M, x = np.zeros_like(average), np.linalg.inv(R)
    M[:q, :q], M[q : q + p, q : q + p], M[-1, -1] = np.linalg.inv(root), x, 1 / scale
    eye = np.eye(p)
    blocks = Blocks((level,), M.T @ full @ M, p, rows, float(rows), eye, (np.eye(q),), 0.0)
    factor = triangular(root @ basis.T / np.sqrt(plan.sigma2), level.sets)
    entries = free_entries((level,))
    start = np.array([factor[row, column] for _, row, column in entries])
    diagonal = np.array([row == column for _, row, column in entries])
    try:
        optimum = optimise(blocks, plan.reml, [np.where(diagonal & (np.abs(start) < OFF), OFF, start)])
    except FitError:
        return None
    at_end, back = optimum.profile, basis.x @ x
    spread = np.einsum("ij,jk,ik->i", back, at_end.C, back)
    se = scale * np.sqrt(at_end.rss / at_end.dof * spread)
    return scale * back @ at_end.beta, se, satterthwaite(optimum, back), optimum.boundary
