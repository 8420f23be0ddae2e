"""What a bootstrap gives: replicates, standard errors, intervals."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import FitError, allowed, share
from povstats.models.interpretation.paragraphs.explained_inference import explain_bootstrap
from povstats.models.likelihood import profile
from povstats.models.optimum import matrices
from povstats.models.refits import Refits
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

Interval = Literal["percentile", "basic", "t"]


@dataclass(frozen=True, eq=False, repr=False)
class BootstrapResult(Printed):
    """Replicates of a fitted model.

    Attributes
    ----------
    fit : the model. kind : "parametric", "cluster" or "wild".
    replicates : DataFrame, one row a replicate: the coefficients by term; with refits also sigma2, the variances and
        covariances of the random effects (named "var(x | village)", "cov(Intercept, x | village)") and loglik; and
        status: "converged", "boundary" or "failed". A failed refit has missing numbers and takes no part in anything.
    own_errors : Series by term, the standard errors that go with `tstats`: the fit's for "parametric", cluster-robust
        (CR1) for "cluster" and "wild".
    pvalues : Series by term, for "wild" only: the test of a zero coefficient, share of the replicates under that
        hypothesis (restricted residuals, WCR) whose |t| reaches the one at hand; None otherwise.
    made : what `tstats` is worked out from.
    """

    fit: "HLMResult" = field(repr=False)
    kind: Literal["parametric", "cluster", "wild"]
    replicates: pd.DataFrame
    own_errors: pd.Series
    pvalues: pd.Series | None
    made: pd.DataFrame | Refits = field(repr=False)

    @property
    def n(self) -> int:
        """Number of replicates, failed ones included."""
        return len(self.replicates)

    @property
    def failures(self) -> int:
        """Refits that did not converge or lost a column of X."""
        return int((self.replicates["status"] == "failed").sum())

    @property
    def boundary(self) -> float:
        """Share of the refits that ended on the boundary: a variance zero, or a correlation ±1."""
        return float((self.replicates["status"] == "boundary").sum() / max(self.n - self.failures, 1))

    @property
    def estimates(self) -> pd.Series:
        """The fit's own values of what the replicates hold."""
        values = {**self.fit.params, **_own_components(self.fit)}
        return pd.Series({name: values[name] for name in self.replicates.columns if name in values}, name="estimates")

    @property
    def std_errors(self) -> pd.Series:
        """Standard deviation of the replicates."""
        return self._good[self.estimates.index].std(ddof=1).rename("std_errors")

    @cached_property
    def tstats(self) -> pd.DataFrame:
        """DataFrame (n, p), each replicate's (β* − β) / se*, for "t" intervals."""
        if isinstance(self.made, pd.DataFrame):
            return self.made
        terms = self.fit.params.index
        return (self.replicates[terms] - self.fit.params) / model_errors(self.fit, self.made)

    @property
    def _good(self) -> pd.DataFrame:
        return self.replicates[self.replicates["status"] != "failed"]

    def conf_int(self, level: float = 0.95, kind: Interval | None = None) -> pd.DataFrame:
        """Give bootstrap intervals.

        With θ̂ the estimate and q the quantiles of the replicates θ*: "percentile" is [q_lo, q_hi], "basic" is
        [2θ̂ − q_hi, 2θ̂ − q_lo], and "t" is [θ̂ − t_hi·se, θ̂ − t_lo·se] with t the quantiles of `tstats` and se
        `own_errors`, for the coefficients.

        Parameters
        ----------
        level : coverage asked for, between 0 and 1.
        kind : "percentile", "basic" or "t". Without it "t" for the wild bootstrap and "percentile" for the others:
            a variance's basic interval can run below zero.

        Returns
        -------
        DataFrame
            Columns low and high; by term, and by variance component where these were refitted.

        Notes
        -----
        Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, sections 5.2 and 5.3; quantiles at
        (n + 1)α as there.
        """
        kind = kind or ("t" if self.kind == "wild" else "percentile")
        allowed("kind", kind, ("percentile", "basic", "t"))
        share("level", level)
        tail, count = (1 - level) / 2, self.n - self.failures
        if tail * (count + 1) < 1:
            raise FitError(
                f"{count} usable replicates do not reach the ends of a {level:g} interval; make at least "
                f"{int(np.ceil(1 / tail)) - 1:,}, better ten times as many"
            )
        if kind == "t":
            low, high = _quantiles(self.tstats.loc[self._good.index], tail)
            return pd.DataFrame(
                {
                    "low": self.fit.params - high * self.own_errors,
                    "high": self.fit.params - low * self.own_errors,
                }
            )
        centre = self.estimates
        low, high = _quantiles(self._good[centre.index], tail)
        if kind == "basic":
            low, high = 2 * centre - high, 2 * centre - low
        return pd.DataFrame({"low": low, "high": high})

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures coef and variance with bootstrap errors and intervals, and counts."""
        from povstats.models.inference.bootstrap_printed import tidied

        return tidy_frame(tidied(self))

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the bootstrap in "zh" or "en"."""
        from povstats.models.inference.bootstrap_printed import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_bootstrap(self, lang or language())


def components(fit: "HLMResult", found: Refits, dof: Array) -> pd.DataFrame:
    """Turn refits in the scaled basis into a frame of replicates in the user's units.

    Parameters
    ----------
    fit : the model. found : the refits.
    dof : shape (n,), the divisor of RSS in σ² of each.
    """
    units, optimum = fit.units, fit.optimum
    frame = pd.DataFrame(found.beta @ units.x.T * units.scale + units.shift, columns=fit.params.index)
    sigma2 = units.scale**2 * found.rss / dof
    listed = []
    for i, (level, z) in enumerate(zip(optimum.blocks.levels, units.z, strict=True)):
        roots = np.zeros((len(sigma2), level.q, level.q))
        for value, (own, row, column) in zip(found.theta.T, optimum.entries, strict=True):
            if own == i:
                roots[:, row, column] = value
        half = z @ roots
        cov = sigma2[:, None, None] * half @ np.swapaxes(half, 1, 2)
        listed.append(cov[:, *np.tril_indices(level.q)])
    names, free = _component_names(fit)
    extra = pd.DataFrame(np.hstack(listed)[:, free], columns=names)
    logs = [units.loglik(value, m, optimum.profile.reml) for value, m in zip(found.value, dof, strict=True)]
    frame = pd.concat([frame, pd.Series(sigma2, name="sigma2"), extra, pd.Series(logs, name="loglik")], axis=1)
    frame.loc[~found.converged] = np.nan
    status = np.where(found.boundary, "boundary", "converged")
    frame["status"] = np.where(found.converged, status, "failed")
    return frame


def model_errors(fit: "HLMResult", found: Refits) -> Array:
    """Give each refit's own standard errors, σ* times the root of the diagonal of C(θ*)."""
    optimum, x = fit.optimum, fit.units.x
    out = np.full(found.beta.shape, np.nan)
    for i in np.flatnonzero(found.converged):
        # C depends on θ and X alone: the blocks may keep the outcome at hand.
        roots = matrices(found.theta[i], optimum.entries, optimum.blocks.levels)
        at = profile(optimum.blocks, roots, optimum.profile.reml)
        if at is not None:
            out[i] = fit.units.scale * np.sqrt(found.rss[i] / at.dof * np.einsum("ij,jk,ik->i", x, at.C, x))
    return out


def _component_names(fit: "HLMResult") -> tuple[list[str], list[int]]:
    """Name the free entries of the random covariances, and give their places in the listed triangles."""
    names, places, at = [], [], 0
    for level in fit.optimum.blocks.levels:
        effects = fit.model.effects(level.name)
        owner = np.repeat(np.arange(len(level.sets)), level.sets)
        for i, j in zip(*np.tril_indices(len(effects)), strict=True):
            if owner[i] == owner[j]:
                shown = f"var({effects[i]} | {level.name})"
                names.append(shown if i == j else f"cov({effects[j]}, {effects[i]} | {level.name})")
                places.append(at)
            at += 1
    return names, places


def _own_components(fit: "HLMResult") -> dict[str, float]:
    out = {"sigma2": fit.sigma2}
    for level in fit.optimum.blocks.levels:
        cov = fit.random_cov[level.name]
        out |= {f"var({name} | {level.name})": float(cov.loc[name, name]) for name in cov.index}
        pairs = combinations(cov.index, 2)
        out |= {f"cov({a}, {b} | {level.name})": float(cov.loc[a, b]) for a, b in pairs}
    return out


def _quantiles(frame: pd.DataFrame, tail: float) -> tuple[pd.Series, pd.Series]:
    """Give the quantiles at (n + 1)·tail and (n + 1)(1 − tail), column by column."""
    low, high = np.quantile(frame.to_numpy(dtype=float), [tail, 1 - tail], axis=0, method="weibull")
    return pd.Series(low, frame.columns), pd.Series(high, frame.columns)
