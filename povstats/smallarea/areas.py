"""The households of a table as the areas see them, and their averages by area."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks
from povstats.models.interpretation.prediction.joint_effects import Learned, learn
from povstats.models.interpretation.prediction.prediction_errors import (
    CHUNK,
    known_effects,
    new_variances,
    patterns,
    row_variances,
)
from povstats.models.interpretation.prediction.prediction_rows import Rows
from povstats.models.levels import Codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Households by area.

    Attributes
    ----------
    labels : the areas, in sorted order. codes : shape (n,), each household's area.
    size : shape (n,), persons of each household, or ones.
    weight : shape (areas,), sums of `size`.
    """

    labels: tuple[Any, ...]
    codes: Codes
    size: Array
    weight: Array

    def shares(self, values: Array) -> Array:
        """Average over each area's households, weighted by size; the average over all households stands last."""
        sums = np.bincount(self.codes, values * self.size, len(self.labels))
        found: Array = np.append(sums / self.weight, sums.sum() / self.weight.sum())
        return found

    def spread(self, variances: Array) -> Array:
        """Give the variance of `shares` where households vary apart."""
        sums = np.bincount(self.codes, variances * self.size**2, len(self.labels))
        found: Array = np.append(sums / self.weight**2, sums.sum() / self.weight.sum() ** 2)
        return found


def by_area(labels: "Sequence[Any]", size: Array) -> Areas:
    """Sort households into areas."""
    codes, found = pd.factorize(np.asarray(labels, dtype=object), sort=True)
    weight = np.bincount(codes, size, len(found)).astype(np.float64)
    return Areas(tuple(found), codes.astype(np.intp), size, weight)


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """One set of estimates, in the scaled basis: the blocks with the outcome behind them, T of each level, β, σ²."""

    blocks: Blocks
    covs: "Sequence[Array]"
    beta: Array
    sigma2: float


def own_estimates(fit: "HLMResult") -> Estimated:
    """Give the fit's own."""
    at = fit.optimum.profile
    return Estimated(fit.optimum.blocks, fit.optimum.covs, at.beta, at.rss / at.dof)


def predictive(fit: "HLMResult", rows: Rows, at: Estimated) -> tuple[Array, Array]:
    """Give mean and standard deviation of each household's outcome given the sample, in user's units.

    μ = x'β + z'E(b | y), s² = z'Var(b | y)z + z'Tz of the groups outside the sample + σ².

    Parameters
    ----------
    fit : the model, whose rows these are. at : the estimates to predict with.
    """
    learned = learn(at.blocks, at.covs)
    answer = np.append(-at.beta, 1.0)[:, None]
    learned = replace(learned, gains=tuple(gain @ answer for gain in learned.gains))
    scale = fit.units.scale
    mu = rows.X @ (fit.units.shift + scale * fit.units.x @ at.beta) + scale * _effects(fit, rows, learned)
    apart = row_variances(fit, learned, rows, beta=False) + new_variances(fit, rows, at.covs)
    return mu, scale * np.sqrt(at.sigma2 * (1 + apart))


def _effects(fit: "HLMResult", rows: Rows, learned: Learned) -> Array:
    """Give z'E(b | y) over the known groups, in the scaled basis."""
    out = np.zeros(len(rows))
    for known, at in patterns(fit.optimum.blocks.levels, rows.place):
        for start in range(0, len(at) if known else 0, CHUNK):
            part = at[start : start + CHUNK]
            z, b, _ = known_effects(fit, learned, rows, known, part)
            out[part] = np.einsum("ni,nij->n", z, b)
    return out
