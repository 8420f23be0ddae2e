"""HazardResult: a fitted hazard, with what is needed to defend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.discrete_time.ages import Baseline, baseline_columns
from povstats.dynamics.discrete_time.links import Link, hazard_at
from povstats.dynamics.durations import Of
from povstats.dynamics.face import Face
from povstats.dynamics.histories import Account
from povstats.errors import share
from povstats.poverty.variance import quantile_of_t
from povstats.printing import Grid
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure


@dataclass(frozen=True)
class Model:
    """What was fitted: see `povstats.hazard`; `top` is the highest class of ages, `names` are the coefficients."""

    of: Of
    link: Link
    baseline: Baseline
    frailty: str
    formula: str
    top: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class FrailtyTest:
    """The likelihood-ratio test of a frailty variance of zero; `p` is from half of χ²(1). Missing with weights."""

    ratio: float
    p: float


@dataclass(frozen=True, eq=False, repr=False)
class HazardResult(Face):
    """A discrete-time hazard.

    Attributes
    ----------
    model : what was fitted. params : by coefficient; those of the baseline first.
    cov, cov_classical : covariance clustered on PSUs or units; inverse of the observed information.
    frailty_variance, frailty_se : missing without frailty; on the edge the variance is 0 and has no standard error.
    status : "converged", "boundary" (the frailty's variance is zero: coefficients are those without it) or "failed".
    test : of the frailty; None without. loglik : at the maximum, weighted. df_resid : clusters minus strata.
    counts : rows (spells by wave), events, spells, units, left_out (rows whose spell's beginning is not known).
    means : of the covariates over rows. by_age : age, n, events. dropped : rows left out, by missing covariate.
    asked, account : keywords; rows, units, waves and gaps.
    """

    model: Model
    params: pd.Series
    cov: pd.DataFrame
    cov_classical: pd.DataFrame
    frailty_variance: float
    frailty_se: float
    status: str
    test: FrailtyTest | None
    loglik: float
    df_resid: int
    counts: Mapping[str, int]
    means: pd.Series
    by_age: pd.DataFrame
    dropped: Mapping[str, int]
    asked: Asked
    account: Account = field(repr=False)

    @property
    def nobs(self) -> int:
        """Rows at risk."""
        return self.counts["rows"]

    @cached_property
    def std_errors(self) -> pd.Series:
        """Clustered standard errors."""
        return pd.Series(np.sqrt(np.diag(self.cov)), index=self.params.index, name="se")

    @property
    def tstats(self) -> pd.Series:
        """Coefficients over standard errors."""
        return (self.params / self.std_errors).rename("t")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided, by Student's t on `df_resid`."""
        from scipy.special import stdtr

        return pd.Series(2 * stdtr(self.df_resid, -self.tstats.abs()), index=self.params.index, name="p")

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Give intervals by Student's t.

        Parameters
        ----------
        level : between 0 and 1.
        """
        from scipy.special import stdtrit

        share("level", level)
        half = stdtrit(self.df_resid, 0.5 + level / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def baseline_hazard(self, at: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Give the hazard by age, covariates at their means, frailty at 1 (normal: at its median).

        Parameters
        ----------
        at : values of covariates, by coefficient, in place of their means.

        Returns
        -------
        DataFrame
            age, hazard, low, high; intervals on the scale of the link.
        """
        ages = np.arange(1, self.model.top + 1)
        _, base = baseline_columns(ages, self.model.baseline, self.model.top)
        point = self.means.copy()
        for name, value in (at or {}).items():
            point[name] = value
        x = np.column_stack([base, np.tile(point[self.means.index].to_numpy(), (len(ages), 1))])
        eta = x @ self.params.to_numpy()
        half = quantile_of_t(self.df_resid) * np.sqrt(np.einsum("ij,jk,ik->i", x, self.cov.to_numpy(), x))
        ends = {name: hazard_at(self.model.link, eta + move) for name, move in (("low", -half), ("high", half))}
        return pd.DataFrame({"age": ages, "hazard": hazard_at(self.model.link, eta), **ends})

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: coefficients, the frailty's variance, fit."""
        ends, p = self.conf_int(), self.pvalues
        rows: list[dict[str, object]] = [
            {"measure": "coef", "term": name, "estimate": self.params[name], "se": self.std_errors[name],
             "df": self.df_resid, "p": p[name], "low": ends["low"][name], "high": ends["high"][name]}
            for name in self.params.index
        ]  # fmt: skip
        if self.test is not None:
            rows.append({"measure": "variance", "term": "frailty", "estimate": self.frailty_variance,
                         "se": self.frailty_se, "p": self.test.p})  # fmt: skip
        rows.append({"measure": "fit", "term": "loglik", "estimate": self.loglik})
        rows += [{"measure": "nobs", "term": name, "estimate": n} for name, n in self.counts.items()]
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out the coefficients and the frailty."""
        from povstats.dynamics.discrete_time.told import grid

        return (grid(self, lang),)

    def sentences(self, lang: Lang) -> list[str]:
        """Say the model, its rows, its coefficients, its frailty, and on what it rests."""
        from povstats.dynamics.discrete_time.told import sentences

        return sentences(self, lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw the hazard by age with 95 % intervals, covariates at their means.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : of no use here. notes : caveats.
        """
        from povstats.viz import charts

        chosen, rows = lang or language(), self.baseline_hazard()
        frame: dict[str, Any] = {"panel": "", "group": "", "x": rows["age"], "estimate": rows["hazard"]}
        return charts.curve_panels(
            pd.DataFrame(frame | {end: rows[end] for end in ("low", "high")}),
            x_label=say(f"dynamics.axis_{self.model.of}", chosen),
            shape="joined",
            percent=True,
            lang=chosen,
            title=title or say(f"dynamics.hazard_{self.model.of}", chosen),
            unit=say("dynamics.unit_hazard", chosen),
            source=source or say("dynamics.own_source", chosen, n=f"{self.account.units:,}"),
            notes=(*notes, say("dynamics.note_hazard", chosen)),
        )
