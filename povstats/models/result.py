"""The answer of fit_hlm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Cells
from povstats.engine.source import Table
from povstats.errors import OptionError, allowed
from povstats.models.certificate import Certificate, certify
from povstats.models.drawn import Words, caterpillar, slopes
from povstats.models.effects import effect_frames
from povstats.models.model import Model
from povstats.models.notes import Note
from povstats.models.optimum import Optimum
from povstats.models.predict import predict
from povstats.models.rows import Account
from povstats.models.summary import summarise
from povstats.models.tidied import tidy
from povstats.models.units import Units
from povstats.printing import Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.inference.bootstrap_result import BootstrapResult
    from povstats.models.inference.joint import JointTest
    from povstats.models.inference.profile import ProfileResult
    from povstats.models.inference.robust_result import RobustResult
    from povstats.models.inference.variance_tests import VarianceTests
    from povstats.models.measures import VarianceShares
    from povstats.models.reliability import Reliability
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class HLMResult:
    """A fitted hierarchical model.

    Attributes
    ----------
    formula, method, df_method : what was asked for.
    params, std_errors, tstats, dof, pvalues : Series by term, shape (p,); the tests are of a zero coefficient.
    cov : DataFrame (p, p), the covariance of `params`.
    loglik : log-likelihood, the restricted one under "reml".
    nobs : rows used. ngroups : groups, by grouping.
    sigma2 : residual variance.
    random_cov : covariance (q, q) of the random effects, by grouping.
    status : "converged", or "boundary" where a variance is zero or a correlation ±1.
    notes : what a reader should know of how the formula was read.
    rows : rows read, used, and missing by column.
    """

    formula: str
    method: str
    df_method: str
    params: pd.Series
    std_errors: pd.Series
    tstats: pd.Series
    dof: pd.Series
    pvalues: pd.Series
    cov: pd.DataFrame
    loglik: float
    nobs: int
    ngroups: Mapping[str, int]
    sigma2: float
    random_cov: Mapping[str, pd.DataFrame]
    status: Literal["converged", "boundary"]
    notes: tuple[Note, ...]
    rows: Account
    model: Model = field(repr=False)
    cells: Cells = field(repr=False)
    optimum: Optimum = field(repr=False)
    units: Units = field(repr=False)

    @cached_property
    def random_effects(self) -> Mapping[str, pd.DataFrame]:
        """Predicted effects (BLUPs) by grouping, one row a group, with standard errors at the estimated parameters.

        Columns are "Intercept", …, "se(Intercept)", …; the frames are worked out when they are first asked for.
        """
        return effect_frames(self)

    @property
    def nparams(self) -> int:
        """Number of estimated parameters: p coefficients, the free entries of T, and σ²."""
        return len(self.params) + len(self.optimum.entries) + 1

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2·nparams − 2·loglik."""
        return 2 * self.nparams - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, log(nobs)·nparams − 2·loglik, as lme4 counts it."""
        return float(np.log(self.nobs)) * self.nparams - 2 * self.loglik

    def conf_int(
        self,
        level: float = 0.95,
        method: Literal["wald", "profile", "bootstrap"] = "wald",
        *,
        n: int = 1000,
        rng: np.random.Generator | int = 1,
    ) -> pd.DataFrame:
        """Give confidence intervals.

        Parameters
        ----------
        level : coverage asked for, between 0 and 1.
        method : "wald", params ± t(dof)·std_errors; "profile", where the ML likelihood has dropped by the χ²(1)
            quantile (it warns below 100 groups, where its coverage falls short); "bootstrap", percentiles of the
            parametric bootstrap.
        n, rng : replicates of the bootstrap, and its generator or seed.

        Returns
        -------
        DataFrame
            Columns low and high, by term; by "bootstrap" also for the variance components. A profile says in its
            `attrs` that its likelihood is "ml", also where the fit's is the restricted one.
        """
        allowed("method", method, ("wald", "profile", "bootstrap"))
        if not 0 < level < 1:
            raise OptionError(f"level={level!r} must lie between 0 and 1, such as 0.95")
        if method == "bootstrap":
            return self.bootstrap(n, rng=rng).conf_int(level)
        if method == "profile":
            from povstats.models.inference.profile import coefficient_ends

            return coefficient_ends(self, level)
        half = stdtrit(np.minimum(self.dof, 1e10), (1 + level) / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def profile(
        self, level: float = 0.95, which: Literal["coefficients", "components", "all"] = "all"
    ) -> "ProfileResult":
        """Give profile-likelihood intervals of coefficients (under ML) and of standard deviations and correlations.

        Parameters
        ----------
        level : coverage asked for.
        which : "coefficients", "components" (under the fit's own likelihood, REML or ML), or "all".

        Raises
        ------
        FitError
            Where the fit has sampling weights, or a parameter is not identified.
        """
        from povstats.models.inference.profile import profile_fit

        return profile_fit(self, level, which)

    def covariance(
        self, kind: Literal["model", "kenward-roger", "CR0", "CR1", "CR2", "CR3"] = "CR2", cluster: str | None = None
    ) -> pd.DataFrame:
        """Give a covariance of the coefficients: the model's, Kenward and Roger's, or a cluster-robust one.

        Parameters
        ----------
        kind : "model", "kenward-roger", or "CR0" to "CR3" as clubSandwich names them.
        cluster : the top grouping of the model (the default), or a categorical factor of the formula in which the top
            groups nest, such as a county in C(county).

        Raises
        ------
        FitError
            Where groupings are crossed (CR), or the fit is not by REML ("kenward-roger").
        OptionError
            Where the cluster is unknown or splits a group.
        """
        from povstats.models.inference.robust_result import covariance

        return covariance(self, kind, cluster)

    def robust(self, kind: Literal["CR0", "CR1", "CR2", "CR3"] = "CR2", cluster: str | None = None) -> "RobustResult":
        """Test the coefficients with a cluster-robust covariance and Satterthwaite's degrees of freedom for it.

        Parameters and errors are those of `covariance`. With few clusters the result carries a warning.
        """
        from povstats.models.inference.robust_result import robust

        return robust(self, kind, cluster)

    def joint_test(
        self,
        terms: str | Sequence[str],
        method: Literal["satterthwaite", "kenward-roger", "CR0", "CR1", "CR2", "CR3"] = "satterthwaite",
        cluster: str | None = None,
    ) -> "JointTest":
        """Test by F that several coefficients are zero together.

        Parameters
        ----------
        terms : names of coefficients, or of terms for all their columns, such as ["education", "C(county)"].
        method : "satterthwaite", "kenward-roger", or "CR0" to "CR3", the last with Hotelling's T² for few clusters.
        cluster : of the cluster-robust methods, as in `covariance`.
        """
        from povstats.models.inference.joint import joint_test

        return joint_test(self, terms, method, cluster)

    def bootstrap(
        self,
        n: int = 1000,
        kind: Literal["parametric", "cluster", "wild"] = "parametric",
        *,
        rng: np.random.Generator | int = 1,
    ) -> "BootstrapResult":
        """Bootstrap the model.

        "parametric" simulates outcomes from the fitted model and fits each again: everything is as sure as the model
        is. "cluster" draws the groups of the top level with replacement and fits each sample again: no distribution
        is assumed, some thirty groups are needed. "wild" changes the signs of whole clusters' residuals, with the
        variance components held: intervals and tests of the coefficients that hold with few or unlike clusters.

        Parameters
        ----------
        n : number of replicates.
        kind : "parametric", "cluster" or "wild".
        rng : a numpy Generator, or the seed of one; with the same seed the same replicates.

        Raises
        ------
        FitError
            Where there are no independent clusters (crossed effects) for "cluster" and "wild", where the fit has
            sampling weights and "parametric" has no model to simulate from, or where too many refits fail.

        Notes
        -----
        Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8, for the first two;
        Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, for "wild".
        """
        from povstats.models.inference.bootstrap import bootstrap

        return bootstrap(self, n, kind, rng)

    def icc(self, group: str | None = None) -> float:
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
        names = tuple(level.name for level in self.optimum.blocks.levels)
        if group is not None:
            allowed("group", group, names)
        # In the scaled basis the average of Z'Z is the identity within each correlated set.
        own = {name: float(np.trace(T)) for name, T in zip(names, self.optimum.covs, strict=True)}
        return (sum(own.values()) if group is None else own[group]) / (sum(own.values()) + 1)

    def r2(self) -> pd.Series:
        """Give R² marginal (fixed part) and conditional (fixed and random part).

        With f the variance of Xβ over the rows, v the random effects' mean variance: f / (f + v + σ²) and
        (f + v) / (f + v + σ²).

        Notes
        -----
        Source: Nakagawa & Schielzeth (2013), Methods in Ecology and Evolution 4, eq. 29 and 30; Johnson (2014) for
        random slopes.
        """
        table = self.variance_shares(n=0).table["estimate"]
        return pd.Series({name: table[(f"r2_{name}", "")] for name in ("marginal", "conditional")}, name="r2")

    def variance_shares(
        self, level: float = 0.95, n: int = 1000, rng: "np.random.Generator | int" = 1
    ) -> "VarianceShares":
        """Give ICC and R² with percentile intervals of a parametric bootstrap, valid on the boundary too.

        Parameters
        ----------
        level : coverage asked for. n : refits behind the intervals; 0 for none. rng : a generator or a seed.
        """
        from povstats.models.measures import variance_shares

        return variance_shares(self, level, n, rng)

    def variance_tests(self, simulate: int = 0, rng: np.random.Generator | int = 1) -> "VarianceTests":
        """Test each random effect's variance by leaving it out, with the mixture of chi-squares on the boundary.

        Parameters
        ----------
        simulate : draws behind p instead of the mixture: exact for a model's only effect, else a parametric bootstrap.
        rng : a generator or a seed.
        """
        from povstats.models.inference.variance_tests import variance_tests

        return variance_tests(self, simulate, rng)

    def reliability(self) -> "Reliability":
        """Give the reliability of each random coefficient and the chi-square of its variance, as HLM prints them."""
        from povstats.models.reliability import reliability

        return reliability(self)

    def predict(self, table: Table, effects: Literal["conditional", "marginal"] = "conditional") -> pd.Series:
        """Predict the outcome, on the model's scale, for the rows of a table.

        Parameters
        ----------
        table : the predictors (and groups) under the same names; the outcome is not needed.
        effects : "conditional" adds the predicted effects of each row's group; "marginal" is Xβ alone.

        Returns
        -------
        Series
            One value a row, in the table's order; missing where a predictor or group is missing.

        Raises
        ------
        DataError
            Where a row has a level or, for "conditional", a group that the fit has not seen.
        """
        allowed("effects", effects, ("conditional", "marginal"))
        return predict(self.model, self.params, self.random_effects if effects == "conditional" else {}, table)

    def certificate(self) -> Certificate:
        """Give the evidence that this is an optimum, machine-readable, with the data's fingerprint and versions."""
        return certify(self.optimum, self.cells, self.rows, self.status)

    def tidy(self) -> pd.DataFrame:
        """Give all numbers in the nine-column frame: measures coef, variance, covariance, icc, fit, nobs, ngroups."""
        return tidy(self)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the model.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        return summarise(self, lang or language())

    def plot_caterpillar(
        self,
        effect: str = "Intercept",
        *,
        group: str | None = None,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the groups' predicted effects in order, with 95 % intervals.

        Parameters
        ----------
        effect : which random effect, such as "Intercept" or a slope's name.
        group : of which grouping; without it the lowest that has the effect.
        lang : "zh" or "en".
        title, source : words of one's own, in that language, instead of those made from the model.
        labels : words for columns, such as {"log(income)": "log of yuan per head"}; the outcome's is its unit.
        """
        return caterpillar(self, effect, group, Words(lang or language(), title, source, labels or {}))

    def plot_slopes(
        self,
        effect: str,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw every group's line over a predictor with a random slope, and the average line.

        Parameters
        ----------
        effect : the random slope's name.
        lang : "zh" or "en".
        title, source : words of one's own, in that language, instead of those made from the model.
        labels : words for columns; the outcome's is the unit of the vertical axis.
        """
        return slopes(self, effect, Words(lang or language(), title, source, labels or {}))

    def __repr__(self) -> str:
        """Print the summary in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print the summary in a notebook."""
        return self.summary()._repr_html_()
