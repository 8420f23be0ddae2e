"""Shares of variance: intraclass correlations and R² of Nakagawa and Schielzeth, with intervals by bootstrap."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import allowed, share
from povstats.models.blocks import loads
from povstats.models.inference.random_source import generator_of
from povstats.models.interpretation.paragraphs.explained_shares import explain_shares
from povstats.models.levels import paths
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class VarianceShares(Printed):
    """Where the outcome's variance lies.

    Attributes
    ----------
    table : rows icc (all groupings), icc of each grouping, icc_conditional, r2_marginal, r2_conditional, with index
        (measure, group); columns estimate, low, high (missing where no interval was asked for).
    level, n : of the intervals, and the bootstrap refits behind them; n is 0 without.
    fit : the model.
    """

    table: pd.DataFrame
    level: float
    n: int
    fit: "HLMResult"

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame."""
        return tidy_frame(
            {"measure": measure, "group": group, "estimate": row.estimate, "low": row.low, "high": row.high}
            for (measure, group), row in zip(self.table.index, self.table.itertuples(), strict=True)
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        rows = []
        for (measure, group), row in zip(self.table.index, self.table.itertuples(), strict=True):
            ends = tuple("" if np.isnan(end) else f"{end:.3f}" for end in (row.low, row.high))
            rows.append((say(f"models.share_{measure}", lang), group, f"{row.estimate:.3f}", *ends))
        head = ("", "", *(say(f"general.{key}", lang) for key in ("estimate", "low", "high")))
        notes = [say("models.note_shares", lang)]
        if self.n:
            notes.append(say("models.note_shares_bootstrap", lang, level=f"{100 * self.level:g}", n=f"{self.n:,}"))
        return Summary((Grid(say("models.shares_title", lang), head, tuple(rows), tuple(notes), words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_shares(self, lang or language())


def variance_shares(
    fit: "HLMResult", level: float = 0.95, n: int = 1000, rng: np.random.Generator | int = 1
) -> VarianceShares:
    """Give ICC and R² with percentile intervals of a parametric bootstrap, valid on the boundary too.

    Parameters
    ----------
    level : coverage asked for. n : refits behind the intervals; 0 for none. rng : a generator or a seed.
    """
    share("level", level)
    optimum, at = fit.optimum, fit.optimum.profile
    theta = np.array([optimum.factors[i][row, column] for i, row, column in optimum.entries])
    spread = _spread(fit)
    estimate = _shares(fit, spread, theta[None], at.beta[None], np.array([at.rss / at.dof]))[0]
    low = high = np.full(len(estimate), np.nan)
    if n:
        from povstats.models.inference.simulate import draws
        from povstats.models.refits import refit

        found = []
        for outcomes in draws(fit, n, generator_of(rng)):
            again = refit(optimum, outcomes)
            kept = again.converged
            sigma2 = again.rss[kept] / at.dof
            found.append(_shares(fit, spread, again.theta[kept], again.beta[kept], sigma2))
        low, high = np.quantile(np.concatenate(found), [(1 - level) / 2, (1 + level) / 2], axis=0)
    names = [level.name for level in optimum.blocks.levels]
    keys = [("icc", ""), *(("icc", name) for name in names if len(names) > 1), ("icc_conditional", "")]
    keys += [("r2_marginal", ""), ("r2_conditional", "")]
    index = pd.MultiIndex.from_tuples(keys, names=["measure", "group"])
    return VarianceShares(pd.DataFrame({"estimate": estimate, "low": low, "high": high}, index), level, n, fit)


def _shares(fit: "HLMResult", spread: Array, theta: Array, beta: Array, sigma2: Array) -> Array:
    """Give the shares of each parameter vector, shape (n, rows of the table)."""
    levels = fit.optimum.blocks.levels
    # In the scaled basis the average of Z'Z is the identity in each set: the variance is the squared norm of Λ.
    own = np.column_stack(
        [(theta[:, [entry[0] == i for entry in fit.optimum.entries]] ** 2).sum(axis=1) for i in range(len(levels))]
    )
    between = own.sum(axis=1)
    fixed = np.einsum("ni,ij,nj->n", beta, spread, beta) / sigma2
    total = fixed + between + 1
    columns = [between / (between + 1)]
    if len(levels) > 1:
        columns += [own[:, i] / (between + 1) for i in range(len(levels))]
    return np.column_stack([*columns, between / total, fixed / total, (fixed + between) / total])


def _spread(fit: "HLMResult") -> Array:
    """Give the covariance of the columns of X over the rows, divisor n − 1, in the scaled basis; weighted as the fit.

    With precision weights it is that of a row of average weight, as the random effects' variance and σ² are.
    """
    blocks, cells = fit.optimum.blocks, fit.cells
    fixed = [column.pieces for column in fit.model.fixed]
    lowest = cells.groupings[blocks.levels[0].name].codes
    weight = paths(blocks.levels)[0][lowest]  # of each cell, where groups have sampling weights
    # Sums of the columns, from the moments with the constant; they are scaled as the blocks are.
    sums = np.einsum("g,gk,gkc->c", weight, cells.moments[:, 0], loads(cells, fixed)[0])
    sums = sums * np.diag(blocks.Ax @ fit.units.x)  # units.x is Ax⁻¹ / x_scale
    cross, rows = blocks.total[: blocks.p, : blocks.p], float(weight @ cells.moments[:, 0, 0])
    return (cross - np.outer(sums, sums) / rows) / (blocks.size - 1)


def icc(fit: "HLMResult", group: str | None = None) -> float:
    """Give the share of the outcome's unexplained variance that lies between groups.

    ICC = v / (Σ v + σ²) with v the random effects' variance averaged over the rows, tr(T·mean z z'); with a random
    intercept alone v is its variance. With precision weights σ² is divided by their mean, the residual variance
    of a row of average weight, so that the ICC does not hang on the weights' unit.

    Parameters
    ----------
    group : the grouping whose share is meant; without it that of all groupings together.

    Notes
    -----
    Source: Johnson (2014), Methods in Ecology and Evolution 5, eq. 11; it is the adjusted ICC of Nakagawa,
    Johnson & Schielzeth (2017).
    """
    names = tuple(level.name for level in fit.optimum.blocks.levels)
    if group is not None:
        allowed("group", group, names)
    # In the scaled basis the average of Z'Z is the identity within each correlated set.
    own = {name: float(np.trace(T)) for name, T in zip(names, fit.optimum.covs, strict=True)}
    return (sum(own.values()) if group is None else own[group]) / (sum(own.values()) + 1)


def r2(fit: "HLMResult") -> pd.Series:
    """Give R² marginal (fixed part) and conditional (fixed and random part).

    With f the variance of Xβ over the rows, v the random effects' mean variance: f / (f + v + σ²) and
    (f + v) / (f + v + σ²).

    Notes
    -----
    Source: Nakagawa & Schielzeth (2013), Methods in Ecology and Evolution 4, eq. 29 and 30; Johnson (2014) for
    random slopes.
    """
    table = variance_shares(fit, n=0).table["estimate"]
    return pd.Series({name: table[(f"r2_{name}", "")] for name in ("marginal", "conditional")}, name="r2")
