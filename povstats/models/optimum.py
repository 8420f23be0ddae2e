"""Find the best T of a model: scaled basis, several starts, saddles left, boundary tried in the open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.edge import settle
from povstats.models.levels import Level
from povstats.models.likelihood import Entries, Profile, profile, slopes, two_level
from povstats.models.newton import Criterion, Derivatives, Search, minimise
from povstats.models.speed import MANY, compiled
from povstats.models.standard import identified

STARTS = (0.4, 0.02, 3.0)
"""Diagonals of Λ to start from, in units where the average of Z'Z is the identity."""
ALONE = 40
"""With so many lowest groups the best start alone is followed: of 1,500 synthetic designs with 40 to 100 groups, one to
three effects and tails of t, none had a better optimum elsewhere; with fewer there are some."""
VANISHED = (
    "the likelihood has no maximum: the residual variance goes to zero, because the model reproduces the outcome "
    "exactly within groups. Look for a predictor computed from the outcome, or for an outcome that does not vary "
    "within groups"
)


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The best fit found, in the scaled basis.

    Attributes
    ----------
    blocks : the scaled cross-products.
    factors : Λ of each level, shape (q, q); σ²ΛΛ' is the covariance of its random effects.
    entries : the free positions of Λ.
    profile : the model there. search : the winning search. ends : the value that each start led to.
    distance : smallest eigenvalue of any T. boundary : it is zero.
    """

    blocks: Blocks
    factors: tuple[Array, ...]
    entries: Entries
    profile: Profile
    search: Search
    ends: tuple[float, ...]
    distance: float
    boundary: bool

    @property
    def covs(self) -> tuple[Array, ...]:
        """T = ΛΛ' of each level."""
        return tuple(factor @ factor.T for factor in self.factors)


def optimise(blocks: Blocks, reml: bool, starts: Sequence[Array] | None = None) -> Optimum:
    """Maximise the likelihood over T.

    Parameters
    ----------
    blocks : cross-products in unit scale, with columns of X already independent.
    reml : restricted likelihood or not.
    starts : starting values of θ instead of the usual ones; shape (k,) each.

    Raises
    ------
    FitError
        Where the likelihood has no maximum (the model reproduces the data) or no search converges.
    """
    entries = free_entries(blocks.levels)
    if reml and starts is None:
        identified(blocks)
    search, value = _route(blocks, entries, reml)
    searches = [search(start) for start in starts or _starts(blocks, entries, value)]
    best = min(searches, key=lambda search: search.value)

    def along(free: Entries, start: Array) -> Search:
        return _route(blocks, free, reml)[0](start)

    settled = settle(blocks, matrices(best.theta, entries, blocks.levels), best, reml, along)
    if settled is None:  # the two routes differ by rounding, which is all that is left of a residual here
        raise FitError(VANISHED)
    ended = best.converged
    factors, at, best, lowest, boundary = settled
    # A search that follows a vanishing residual is stopped by rounding first.
    yty = blocks.total[-1, -1]
    vanished = at.rss < (1e-12 if ended else 1e-8) * yty
    if vanished or max(np.abs(factor).max() for factor in factors) > 1e7:
        raise FitError(VANISHED)
    if not best.converged:
        raise FitError(
            f"the search did not converge in {best.evaluations} evaluations (gradient "
            f"{np.abs(best.gradient).max():.1e}); simplify the random part or rescale the predictors"
        )
    ends = tuple(search.value for search in searches)
    return Optimum(blocks, factors, entries, at, best, ends, lowest, boundary)


def free_entries(levels: Sequence[Level]) -> Entries:
    """List the free positions: level by level, the lower triangle of each correlated set."""
    out = []
    for i, level in enumerate(levels):
        at = 0
        for size in level.sets:
            out += [(i, at + row, at + column) for column in range(size) for row in range(column, size)]
            at += size
    return tuple(out)


def matrices(theta: Array, entries: Entries, levels: Sequence[Level]) -> tuple[Array, ...]:
    """Put θ into the Λ of each level."""
    out = tuple(np.zeros((level.q, level.q)) for level in levels)
    for value, (level, row, column) in zip(theta, entries, strict=True):
        out[level][row, column] = value
    return out


def make_criterion(blocks: Blocks, entries: Entries, reml: bool) -> Criterion:
    """Give the criterion as a function of θ, with its derivatives on demand."""

    def evaluate(theta: Array) -> tuple[float, Callable[[], Derivatives]] | None:
        roots = matrices(theta, entries, blocks.levels)
        at = profile(blocks, roots, reml)
        if at is None:
            return None

        def derive() -> Derivatives:
            found = slopes(blocks, at, roots, entries)
            return found.gradient(at), found.hessian(at)

        return at.value, derive

    return evaluate


def _route(
    blocks: Blocks, entries: Entries, reml: bool
) -> tuple[Callable[[Array], Search], Callable[[Array], float | None]]:
    """Give search and value: all compiled for two levels, Newton over the criterion for other structures."""
    if len(blocks.levels) > 1 or blocks.levels[0].repeat > 1 or not compiled(len(blocks.full)):
        criterion = make_criterion(blocks, entries, reml)

        def value(theta: Array) -> float | None:
            found = criterion(theta)
            return None if found is None else found[0]

        return lambda start: minimise(criterion, start), value
    from povstats.models import compiled as loops

    data = two_level(blocks, entries, reml)

    def compiled_value(theta: Array) -> float | None:
        found = loops.evaluate(data, theta)
        return float(found[1]) if found[0] else None

    return lambda start: Search(*_plain(*loops.search(data, start, 1e-13))), compiled_value


def _plain(
    theta: Array, value: float, gradient: Array, hessian: Array, converged: bool, evaluations: int, path: Array
) -> tuple[Any, ...]:
    return theta, value, gradient, hessian, converged, evaluations, tuple(path.tolist())


def _starts(blocks: Blocks, entries: Entries, value: Callable[[Array], float | None]) -> list[Array]:
    """Give the starting values at which the criterion is finite, the best first."""
    diagonal = np.array([row == column for _, row, column in entries], dtype=float)
    starts = [size * diagonal for size in (STARTS[:1] if blocks.levels[0].slots >= MANY else STARTS)]
    values = [(found, i) for i, start in enumerate(starts) if (found := value(start)) is not None]
    if not values:
        raise FitError("the likelihood cannot be evaluated; is the outcome constant, or reproduced by the predictors?")
    ordered = [starts[i] for _, i in sorted(values)]
    return ordered[:1] if blocks.levels[0].slots >= ALONE else ordered
