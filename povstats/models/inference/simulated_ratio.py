"""The likelihood ratio's distribution under the smaller model, by simulation, where no mixture is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.inference.profile_paths import Chart, minimum, own_units, profiled_criterion, start_of
from povstats.models.inference.simulate import draws
from povstats.models.model import Model
from povstats.models.optimum import Optimum
from povstats.models.refits import refit, with_outcome
from povstats.models.units import Units

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A model as the simulation needs it: what it is, its optimum, and the way to the user's units."""

    model: Model
    units: Units
    optimum: Optimum


def simulated(
    small: Side, large: "HLMResult", wide: Optimum, chi2: float, n: int, rng: np.random.Generator
) -> tuple[float, int]:
    """Give the share of outcomes simulated from the smaller model whose statistic is at least `chi2`, and their number.

    p = (1 + #{χ²* ≥ χ²}) / (1 + n). Outcomes are drawn as sufficient statistics in the larger model's columns, of
    which the smaller one's are combinations; both models are fitted to each.

    Parameters
    ----------
    small : the smaller model, with the optimum to simulate from. large : the larger fit.
    wide : its optimum, or that of an ML refit.
    chi2 : the statistic. n : simulations. rng : generator.

    Raises
    ------
    FitError
        Where only one of the models has an intercept, or too many refits fail.

    Notes
    -----
    Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 4.2; Crainiceanu & Ruppert (2004)
    for why the asymptotic mixture may be far off.
    """
    if abs(small.units.scale / large.units.scale - 1) > 1e-9:
        raise FitError("simulation needs an intercept in both models or in none")
    above = Side(large.model, large.units, wide)
    truth = replace(large, optimum=_under(small, above))
    levels, own = wide.blocks.levels, small.optimum.blocks.levels
    nested = all(level.repeat == 1 for level in (*levels, *own)) and own[0].name == levels[0].name
    below = _by_columns(small, above) if nested else _inside(small, above)
    statistics = []
    for outcomes in draws(truth, n, rng):
        refits, fewer = refit(wide, outcomes), below(outcomes)
        kept = refits.converged & np.isfinite(fewer)
        # A search from one start may miss the larger model's optimum by a little: it is never below the smaller's.
        statistics.append(np.maximum(fewer[kept] - refits.value[kept], 0.0))
    found = np.concatenate(statistics)
    if len(found) < 0.9 * n:
        raise FitError(f"{n - len(found)} of {n} refits failed: the larger model is too much for these data")
    return float((1 + (found >= chi2).sum()) / (1 + len(found))), len(found)


def _by_columns(small: Side, large: Side) -> Callable[[Array], Array]:
    """Refit the smaller model to outcomes given in the larger one's columns, of the same lowest groups."""
    link = _link(small, large)

    def values(outcomes: Array) -> Array:
        fewer = np.concatenate([outcomes[:, :, :-1] @ link, outcomes[:, :, -1:]], axis=2)
        refits = refit(small.optimum, fewer)
        return np.where(refits.converged, refits.value, np.nan)

    return values


def _inside(small: Side, large: Side) -> Callable[[Array], Array]:
    """Refit the smaller model as the larger one with fewer free entries of T and fewer columns: any structure."""
    blocks, reml = large.optimum.blocks, large.optimum.profile.reml
    c, p = blocks.full.shape[1], blocks.p
    names = [column.name for column in large.model.fixed]
    held = {column.name for column in small.model.fixed}
    turn = np.eye(c)
    if len(held) < p:  # by ML, where the basis of X does not matter
        turn[c - p - 1 : c - 1, c - p - 1 : c - 1] = np.linalg.inv(large.units.x)
    keep = [*range(c - p - 1), *(c - p - 1 + i for i, name in enumerate(names) if name in held), c - 1]
    turn = turn[:, keep]
    chart, (z, sizes) = _chart(small, large), own_units(large.units.z)
    start = start_of(chart, [T / np.outer(d, d) for T, d in zip(_covs(small, large), sizes, strict=True)])

    def values(outcomes: Array) -> Array:
        out = np.full(len(outcomes), np.nan)
        for i, outcome in enumerate(outcomes):
            full = turn.T @ with_outcome(blocks, outcome).full @ turn
            one = replace(blocks, full=np.ascontiguousarray(full), p=len(held))
            try:
                out[i], _ = minimum(profiled_criterion(one, z, chart, reml), start)
            except FitError:
                continue
        return out

    return values


def _chart(small: Side, large: Side) -> Chart:
    """Give the smaller model's Λ at the larger one's levels, in the user's basis of Z."""
    lines, orders = [], []
    for level in large.optimum.blocks.levels:
        names, order = large.model.effects(level.name), [*small.model.effects(level.name)]
        own, at = [], 0
        for size in (len(columns) for columns in small.model.sets(level.name)):
            for column in range(at, at + size):
                for row in range(column, at + size):
                    line = np.zeros((level.q, level.q))
                    line[names.index(order[row]), column] = 1.0
                    own.append(line)
            at += size
        lines.append(np.array(own).reshape(len(own), level.q, level.q))
        orders.append(tuple(names.index(name) for name in order))
    return Chart(tuple(lines), tuple(orders))


def _covs(small: Side, large: Side) -> list[Array]:
    """Give the smaller model's T at the larger one's levels, in the user's units, with zeros for what it lacks."""
    out = []
    for level in large.optimum.blocks.levels:
        names, T = large.model.effects(level.name), np.zeros((level.q, level.q))
        for j, own in enumerate(small.optimum.blocks.levels):
            if own.name == level.name:
                places = [names.index(effect) for effect in small.model.effects(own.name)]
                T[np.ix_(places, places)] = small.units.z[j] @ small.optimum.covs[j] @ small.units.z[j].T
        out.append(T)
    return out


def _columns(side: Side) -> list[tuple[str, str]]:
    """Name the columns of [Z X] in the blocks' order."""
    names = [(level.name, name) for level in side.optimum.blocks.levels for name in side.model.effects(level.name)]
    return [*names, *(("", column.name) for column in side.model.fixed)]


def _maps(side: Side) -> Array:
    """Give M with scaled [Z X] = user's [Z X] @ M."""
    parts = [*side.units.z, side.units.x]
    out, at = np.zeros((sum(map(len, parts)),) * 2), 0
    for part in parts:
        out[at : at + len(part), at : at + len(part)] = part
        at += len(part)
    return out


def _link(small: Side, large: Side) -> Array:
    """Give B with the smaller model's scaled columns = the larger one's @ B."""
    wide = _columns(large)
    places = [wide.index(column) for column in _columns(small)]
    found: Array = np.linalg.inv(_maps(large))[:, places] @ _maps(small)
    return found


def _under(small: Side, large: Side) -> Optimum:
    """Put the smaller model's estimates into the larger model's basis, with zeros for what it adds."""
    factors, wide, at = [], large.optimum, small.optimum.profile
    for z, T in zip(large.units.z, _covs(small, large), strict=True):
        back = np.linalg.inv(z)
        values, vectors = np.linalg.eigh(back @ T @ back.T)
        factors.append(vectors * np.sqrt(np.maximum(values, 0.0)))
    estimates = small.units.scale * small.units.x @ at.beta + small.units.shift
    beta = {column.name: value for column, value in zip(small.model.fixed, estimates, strict=True)}
    user = np.array([beta.get(column.name, 0.0) for column in large.model.fixed])
    scaled: Array = np.linalg.solve(large.units.x, (user - large.units.shift) / large.units.scale).astype(np.float64)
    rss = at.rss / at.dof * wide.profile.dof
    return replace(wide, factors=tuple(factors), profile=replace(wide.profile, beta=scaled, rss=rss))
