"""Find the best T of a model: scaled basis, several starts, saddles left, boundary tried in the open."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.likelihood import Entries, Profile, profile, slopes
from povstats.models.newton import Derivatives, Search, minimise

STARTS = (0.4, 0.02, 3.0)
"""Diagonals of Λ to start from, in units where the average of Z'Z is the identity."""
BOUNDARY = 1e-6
"""An eigenvalue of T below this, in the same units, is tried at zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The best fit found, in the blocks' shifted basis.

    Attributes
    ----------
    factor : shape (q, q), Λ with σ²ΛΛ' the covariance of the random effects, in the blocks' basis.
    scaled : shape (q, q), the same in the basis where the average of Z'Z is the identity; the free entries are there.
    root : shape (q, q), R with R'R the average of Z'Z: scaled = R factor.
    entries : free positions of `scaled`.
    profile : the model there. search : the winning search. ends : the value that each start led to.
    distance : smallest eigenvalue of T in the scaled basis. boundary : it is zero.
    """

    factor: Array
    scaled: Array
    root: Array
    entries: Entries
    profile: Profile
    search: Search
    ends: tuple[float, ...]
    distance: float
    boundary: bool
    blocks: Blocks


def optimise(blocks: Blocks, sizes: tuple[int, ...], reml: bool) -> Optimum:
    """Maximise the likelihood over T.

    Parameters
    ----------
    blocks : cross-products, with columns of X already independent.
    sizes : numbers of correlated effects; T is block diagonal with these blocks.
    reml : restricted likelihood or not.

    Raises
    ------
    FitError
        Where the likelihood has no maximum (the model reproduces the data) or no search converges.
    """
    root = _root(blocks.ZtZ.sum(axis=0) / blocks.nobs, sizes)
    inverse = np.linalg.inv(root).astype(float)
    scaled_blocks = _rebased(blocks, inverse)
    entries = _entries(sizes)
    if reml:
        _identified(scaled_blocks, sizes)
    criterion = _criterion(scaled_blocks, entries, reml)
    searches = [minimise(criterion, start) for start in _starts(sizes, entries, criterion)]
    best = min(searches, key=lambda search: search.value)
    scaled = _matrix(best.theta, entries, len(root))
    scaled, at, lowest, boundary = _settle(scaled_blocks, scaled, sizes, best, reml)
    # A search that follows a vanishing residual is stopped by rounding first.
    vanished = at.rss < (1e-12 if best.converged else 1e-8) * blocks.yty
    if vanished or np.abs(scaled).max() > 1e7:
        raise FitError(
            "the likelihood has no maximum: the residual variance goes to zero, because the model reproduces the "
            "outcome exactly within groups. Look for a predictor computed from the outcome, or for an outcome that "
            "does not vary within groups"
        )
    if not best.converged:
        raise FitError(
            f"the search did not converge in {best.evaluations} evaluations (gradient "
            f"{np.abs(best.gradient).max():.1e}); simplify the random part or rescale the predictors"
        )
    return Optimum(
        factor=inverse @ scaled,
        scaled=scaled,
        root=root,
        entries=entries,
        profile=at,
        search=best,
        ends=tuple(search.value for search in searches),
        distance=lowest,
        boundary=boundary,
        blocks=scaled_blocks,
    )


def _identified(blocks: Blocks, sizes: tuple[int, ...]) -> None:
    """Refuse random effects that X reproduces group by group: the restricted likelihood does not depend on them."""
    seen = np.einsum("gip,pr,gjr->ij", blocks.ZtX, np.linalg.inv(blocks.XtX), blocks.ZtX)
    left, at = (blocks.ZtZ.sum(axis=0) - seen) / blocks.nobs, 0
    for size in sizes:
        block = slice(at, at + size)
        if np.linalg.eigvalsh(left[block, block])[0] < 1e-10:
            raise FitError(
                "the fixed part has a coefficient for every group, so that nothing is left to a random effect; take "
                "out either the random term or the groups (or their many predictors) from the fixed part"
            )
        at += size


def _root(average: Array, sizes: tuple[int, ...]) -> Array:
    """Take the Cholesky root of the average Z'Z, block by block, so that the blocks of T stay blocks."""
    root, at = np.zeros_like(average), 0
    for size in sizes:
        block = slice(at, at + size)
        try:
            root[block, block] = np.linalg.cholesky(average[block, block]).T
        except np.linalg.LinAlgError as error:
            raise FitError(
                "two random effects of one term are the same up to a factor; take one of them out"
            ) from error
        at += size
    return root


def _rebased(blocks: Blocks, inverse: Array) -> Blocks:
    """Write the blocks for Z @ inverse."""
    return Blocks(
        ZtZ=inverse.T @ blocks.ZtZ @ inverse,
        ZtX=inverse.T @ blocks.ZtX,
        Zty=blocks.Zty @ inverse,
        XtX=blocks.XtX,
        Xty=blocks.Xty,
        yty=blocks.yty,
        nobs=blocks.nobs,
        Ax=blocks.Ax,
        Az=blocks.Az,
        y_shift=blocks.y_shift,
    )


def _entries(sizes: tuple[int, ...]) -> Entries:
    """List the free positions: the lower triangle of each block."""
    out, at = [], 0
    for size in sizes:
        out += [(at + row, at + column) for column in range(size) for row in range(column, size)]
        at += size
    return tuple(out)


def _matrix(theta: Array, entries: Entries, q: int) -> Array:
    out = np.zeros((q, q))
    for value, (row, column) in zip(theta, entries, strict=True):
        out[row, column] = value
    return out


def _criterion(
    blocks: Blocks, entries: Entries, reml: bool
) -> Callable[[Array], tuple[float, Callable[[], Derivatives]] | None]:
    q = blocks.ZtZ.shape[1]

    def evaluate(theta: Array) -> tuple[float, Callable[[], Derivatives]] | None:
        factor = _matrix(theta, entries, q)
        at = profile(blocks, factor, reml)
        if at is None:
            return None

        def derive() -> Derivatives:
            found = slopes(at, factor, entries)
            return found.gradient(at), found.hessian(at)

        return at.value, derive

    return evaluate


def _starts(
    sizes: tuple[int, ...],
    entries: Entries,
    criterion: Callable[[Array], tuple[float, Callable[[], Derivatives]] | None],
) -> list[Array]:
    """Give the starting values at which the criterion is finite, the best first."""
    diagonal = np.array([row == column for row, column in entries], dtype=float)
    starts = [size * diagonal for size in STARTS]
    values = [(found[0], i) for i, start in enumerate(starts) if (found := criterion(start)) is not None]
    if not values:
        raise FitError("the likelihood cannot be evaluated; is the outcome constant, or reproduced by the predictors?")
    return [starts[i] for _, i in sorted(values)]


def _settle(
    blocks: Blocks, scaled: Array, sizes: tuple[int, ...], best: Search, reml: bool
) -> tuple[Array, Profile, float, bool]:
    """Set eigenvalues of T that are nearly zero to zero where the likelihood agrees: that is a boundary fit."""
    settled, lowest, at = np.zeros_like(scaled), np.inf, 0
    for size in sizes:
        block = slice(at, at + size)
        values, vectors = np.linalg.eigh(scaled[block, block] @ scaled[block, block].T)
        kept = np.where(values < BOUNDARY, 0.0, values)
        lowest = min(lowest, float(values[0]))
        # A triangular root of the settled block, so that the free entries keep their meaning.
        settled[block, block] = np.linalg.qr((vectors * np.sqrt(kept)).T).R.T
        at += size
    there = profile(blocks, settled, reml)
    if lowest < BOUNDARY and there is not None and there.value <= best.value + 1e-9 * (1 + abs(best.value)):
        return settled, there, 0.0, True
    here = profile(blocks, scaled, reml)
    assert here is not None  # the search ended there
    return scaled, here, lowest, False
