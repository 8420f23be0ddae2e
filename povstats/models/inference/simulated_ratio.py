"""The likelihood ratio's distribution under the smaller model, by simulation, where no mixture is known."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.inference.simulate import draws
from povstats.models.optimum import Optimum
from povstats.models.refits import refit

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def simulated(
    small: tuple["HLMResult", Optimum],
    large: tuple["HLMResult", Optimum],
    chi2: float,
    n: int,
    rng: np.random.Generator,
) -> tuple[float, int]:
    """Give the share of outcomes simulated from the smaller model whose statistic is at least `chi2`, and their number.

    p = (1 + #{χ²* ≥ χ²}) / (1 + n). Outcomes are drawn as sufficient statistics in the larger model's columns, of
    which the smaller one's are combinations; both models are fitted to each.

    Parameters
    ----------
    small, large : the fits, each with the optimum to be used (that of an ML refit, say).
    chi2 : the statistic. n : simulations. rng : generator.

    Raises
    ------
    FitError
        Where the groupings are crossed, or the lowest ones differ.

    Notes
    -----
    Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 4.2; Crainiceanu & Ruppert (2004)
    for why the asymptotic mixture may be far off.
    """
    (one, one_at), (two, two_at) = small, large
    levels = two_at.blocks.levels
    if (
        any(level.repeat > 1 for level in (*levels, *one_at.blocks.levels))
        or one_at.blocks.levels[0].name != levels[0].name
    ):
        raise FitError("simulation needs nested groupings and the same lowest one in both models; compare step by step")
    if abs(one.units.scale / two.units.scale - 1) > 1e-9:
        raise FitError("simulation needs an intercept in both models or in none")
    truth = replace(two, optimum=_under(one, one_at, two, two_at))
    link = _link(one, two)
    statistics = []
    for outcomes in draws(truth, n, rng):
        fewer = np.concatenate([outcomes[:, :, :-1] @ link, outcomes[:, :, -1:]], axis=2)
        below, above = refit(one_at, fewer), refit(two_at, outcomes)
        kept = below.converged & above.converged
        # A search from one start may miss the larger model's optimum by a little: it is never below the smaller's.
        statistics.append(np.maximum(below.value[kept] - above.value[kept], 0.0))
    found = np.concatenate(statistics)
    return float((1 + (found >= chi2).sum()) / (1 + len(found))), len(found)


def _columns(fit: "HLMResult") -> list[tuple[str, str]]:
    """Name the columns of [Z X] in the blocks' order."""
    names = [(level.name, effect) for level in fit.optimum.blocks.levels for effect in fit.model.effects(level.name)]
    return [*names, *(("", column.name) for column in fit.model.fixed)]


def _maps(fit: "HLMResult") -> Array:
    """Give M with scaled [Z X] = user's [Z X] @ M."""
    parts = [*fit.units.z, fit.units.x]
    out, at = np.zeros((sum(map(len, parts)),) * 2), 0
    for part in parts:
        out[at : at + len(part), at : at + len(part)] = part
        at += len(part)
    return out


def _link(small: "HLMResult", large: "HLMResult") -> Array:
    """Give B with the smaller model's scaled columns = the larger one's @ B."""
    wide = _columns(large)
    places = [wide.index(column) for column in _columns(small)]
    found: Array = np.linalg.inv(_maps(large))[:, places] @ _maps(small)
    return found


def _under(small: "HLMResult", at: Optimum, large: "HLMResult", wide: Optimum) -> Optimum:
    """Put the smaller model's estimates into the larger model's basis, with zeros for what it adds."""
    factors = []
    for i, level in enumerate(wide.blocks.levels):
        names, T = large.model.effects(level.name), np.zeros((level.q, level.q))
        for j, own in enumerate(at.blocks.levels):
            if own.name == level.name:
                places = [names.index(effect) for effect in small.model.effects(own.name)]
                T[np.ix_(places, places)] = small.units.z[j] @ at.covs[j] @ small.units.z[j].T
        back = np.linalg.inv(large.units.z[i])
        values, vectors = np.linalg.eigh(back @ T @ back.T)
        factors.append(vectors * np.sqrt(np.maximum(values, 0.0)))
    beta = dict(
        zip(small.params.index, small.units.scale * small.units.x @ at.profile.beta + small.units.shift, strict=True)
    )
    user = np.array([beta.get(name, 0.0) for name in large.params.index])
    scaled: Array = np.linalg.solve(large.units.x, (user - large.units.shift) / large.units.scale).astype(np.float64)
    rss = at.profile.rss / at.profile.dof * wide.profile.dof
    return replace(wide, factors=tuple(factors), profile=replace(wide.profile, beta=scaled, rss=rss))
