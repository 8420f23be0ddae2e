"""Variance components of a fit on scales on which they are nearly normal, with their sampling covariance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Array
from povstats.models.inference.df import variance_root
from povstats.models.likelihood import slopes
from povstats.models.rubin import rubin
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

Key = tuple[str, str, str]
_Row = tuple[Key, str, float, Array]
COLUMNS = ["estimate", "se", "df", "low", "high", "scale", "scaled", "scaled_se", "riv", "fmi"]

BACK: dict[str, Callable[[float], float]] = {
    "log": lambda x: float(np.exp(x)),
    "z": lambda x: float(np.tanh(x)),
    "logit": lambda x: float(1 / (1 + np.exp(-x))),
}
"""From a scale to the user's units."""
SLOPE: dict[str, Callable[[float], float]] = {
    "log": lambda y: y,
    "z": lambda y: 1 - y**2,
    "logit": lambda y: y * (1 - y),
}
"""What one unit of a scale is in the user's units, at a value there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Variances, correlations and intraclass correlations of one fit.

    Attributes
    ----------
    keys : (measure, group, term) of each. scales : "log" of a variance, "z" of a correlation (Fisher's), "logit" of
        an intraclass correlation.
    value : shape (r,), in the user's units.
    pairs : of each correlation, its place and those of the two variances.
    scaled : shape (r,), on the scale. variance : shape (r,), sampling variance of `scaled`; missing in all places
        where the fit is on the boundary or has sampling weights.
    """

    keys: tuple[Key, ...]
    scales: tuple[str, ...]
    pairs: tuple[tuple[int, int, int], ...]
    value: Array
    scaled: Array
    variance: Array


def parts_of(fit: "HLMResult") -> Parts:
    """Work out a fit's components and, by the delta method, their sampling variances.

    With ψ = (θ, log σ²), A its covariance (twice the inverse Hessian of the restricted deviance) and G the
    derivatives of the scaled components in ψ, the variances are the diagonal of GAG'.
    """
    optimum = fit.optimum
    rows: list[_Row] = []
    pairs: list[tuple[int, int, int]] = []
    for i, (level, z, factor) in enumerate(zip(optimum.blocks.levels, fit.units.z, optimum.factors, strict=True)):
        start, names = len(rows), fit.model.effects(level.name)
        K = z @ factor @ factor.T @ z.T  # T / σ² in the user's units
        dK = _bent(z, factor, [entry[1:] if entry[0] == i else None for entry in optimum.entries])
        last = np.append(np.zeros(len(optimum.entries)), 1.0)
        rows += [
            (("variance", level.name, name), "log", float(fit.sigma2 * K[r, r]), _ratio(dK[:, r, r], K[r, r]) + last)
            for r, name in enumerate(names)
        ]
        for a, b in combinations(range(len(names)), 2):
            if _together(level.sets, a, b):
                pairs.append((len(rows), start + a, start + b))
                key = ("correlation", level.name, f"{names[a]}, {names[b]}")
                rows.append((key, "z", *_correlation(K, dK, a, b)))
    rows.append((("variance", "residual", ""), "log", fit.sigma2, last))
    rows += _shares(fit)
    keys, scales, values, gradients = zip(*rows, strict=True)
    value = np.array(values)
    variance = _variances(fit, np.array(gradients))
    return Parts(keys, scales, tuple(pairs), value, _scaled(value, scales), variance)


def _correlation(K: Array, dK: Array, a: int, b: int) -> tuple[float, Array]:
    """Give a correlation, and the derivatives of its Fisher's z."""
    size = np.sqrt(K[a, a] * K[b, b])
    rho = float(_ratio(K[a, b], size))
    own = _ratio(dK[:, a, a], K[a, a]) + _ratio(dK[:, b, b], K[b, b])
    return rho, _ratio(_ratio(dK[:, a, b], size) - rho / 2 * own, 1 - rho**2)


def _variances(fit: "HLMResult", gradient: Array) -> Array:
    if fit.status == "boundary" or sampled(fit.cells, fit.optimum.blocks.levels):
        return np.full(len(gradient), np.nan)
    at = slopes(fit.optimum.blocks, fit.optimum.profile, fit.optimum.factors, fit.optimum.entries)
    found: Array = ((gradient @ variance_root(fit.optimum, at)) ** 2).sum(axis=1)
    return found


def _bent(z: Array, factor: Array, places: list[tuple[int, int] | None]) -> Array:
    """Give the derivatives of K = zΛΛ'z' in θ and, zero, in log σ², shape (k + 1, q, q)."""
    out = np.zeros((len(places) + 1, len(z), len(z)))
    for a, place in enumerate(places):
        if place is not None:
            half = np.outer(z[:, place[0]], z @ factor[:, place[1]])
            out[a] = half + half.T
    return out


def _together(sets: tuple[int, ...], a: int, b: int) -> bool:
    """Tell whether two effects of a level are of one correlated set."""
    owner = np.repeat(np.arange(len(sets)), sets)
    return bool(owner[a] == owner[b])


def _shares(fit: "HLMResult") -> list[_Row]:
    """Give the intraclass correlations and the derivatives of their logits: of all groupings, and of each of several.

    In the scaled basis a grouping's variance is tr ΛΛ' in units of σ², the sum of its θ²; with v that of a grouping
    and u that of the others, the logit is log v − log(1 + u).
    """
    optimum = fit.optimum
    theta = np.array([optimum.factors[i][row, column] for i, row, column in optimum.entries])
    owner = np.array([entry[0] for entry in optimum.entries])
    every = np.append(2 * theta, 0.0)
    out: list[_Row] = [(("icc", "", ""), "logit", fit.icc(), _ratio(every, float(theta @ theta)))]
    if len(optimum.blocks.levels) > 1:
        for i, level in enumerate(optimum.blocks.levels):
            mine = np.append(owner == i, False)
            own, rest = float(theta[mine[:-1]] @ theta[mine[:-1]]), float(theta[~mine[:-1]] @ theta[~mine[:-1]])
            slope = np.where(mine, _ratio(every, own), -every / (1 + rest))
            out.append((("icc", level.name, ""), "logit", fit.icc(level.name), slope))
    return out


def _scaled(value: Array, scales: Sequence[str]) -> Array:
    with np.errstate(divide="ignore"):
        change = {"log": np.log(np.abs(value)), "z": np.arctanh(np.clip(value, -1, 1)), "logit": np.log(np.abs(value))}
        change["logit"] -= np.log1p(-np.minimum(value, 1 - 1e-16))
    return np.array([change[scale][i] for i, scale in enumerate(scales)])


def _ratio(over: Array | float, under: Array | float) -> Array:
    """Divide; on the boundary, where nothing is asked of the result, by zero too."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.asarray(over, dtype=float) / under
    return found


def pooled_components(parts: list[Parts], level: float) -> pd.DataFrame:
    """Pool the components of several fits.

    Where every fit has a sampling variance they are pooled by Rubin's rules on their scale, with his large-sample
    degrees of freedom, and taken back; elsewhere variances and covariances are averaged, and nothing is said of
    their precision.

    Parameters
    ----------
    parts : of each fit, with the same keys. level : coverage of the intervals.

    Returns
    -------
    DataFrame
        Index (measure, group, term); columns estimate, se (by the delta method), df, low and high in the user's
        units; scale, scaled and scaled_se: the pooled value on its scale; riv and fmi, as of the coefficients.
    """
    first, value = parts[0], np.array([one.value for one in parts])
    index = pd.MultiIndex.from_tuples(first.keys, names=["measure", "group", "term"])
    variance = np.array([one.variance for one in parts])
    if np.isnan(variance).any():
        return averaged(index, _averages(first, value))
    found = rubin(np.array([one.scaled for one in parts]), variance, np.full(len(first.keys), np.inf))
    se = np.sqrt(found.total)
    half = stdtrit(np.minimum(found.dof, 1e10), (1 + level) / 2) * se
    rows = []
    for i, scale in enumerate(first.scales):
        estimate, low, high = (BACK[scale](found.estimate[i] + end) for end in (0.0, -half[i], half[i]))
        numbers = (estimate, SLOPE[scale](estimate) * se[i], found.dof[i], low, high, scale)
        rows.append((*numbers, found.estimate[i], se[i], found.riv[i], found.fmi[i]))
    return pd.DataFrame(rows, index, COLUMNS)


def averaged(index: pd.MultiIndex, estimates: Array) -> pd.DataFrame:
    """Lay out components that have an average and nothing else."""
    out = pd.DataFrame(np.nan, index, COLUMNS).astype({"scale": object})
    return out.assign(estimate=estimates, scale="average")


def _averages(first: Parts, value: Array) -> Array:
    """Average variances and covariances; a correlation is that of the averages, and missing where one is zero."""
    out: Array = value.mean(axis=0)
    for place, a, b in first.pairs:
        spread = np.sqrt(value[:, a] * value[:, b])
        covariance = np.where(spread > 0, value[:, place] * spread, 0.0).mean()
        out[place] = covariance / np.sqrt(out[a] * out[b]) if out[a] * out[b] > 0 else np.nan
    return out
