"""The answer of fit_hlm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Cells
from povstats.errors import allowed, share
from povstats.models.certificate import Certificate, certify
from povstats.models.drawn import plot_caterpillar, plot_slopes
from povstats.models.effects import effect_frames
from povstats.models.inference.bootstrap import bootstrap
from povstats.models.inference.joint import joint_test
from povstats.models.inference.profile import coefficient_ends, profile_fit
from povstats.models.inference.robust_result import covariance, robust
from povstats.models.inference.variance_tests import variance_tests
from povstats.models.interpretation.diagnostics.influence import influence
from povstats.models.interpretation.diagnostics.residuals import residuals
from povstats.models.interpretation.effects.johnson_neyman import johnson_neyman
from povstats.models.interpretation.effects.main_effect import main_effect
from povstats.models.interpretation.effects.percent import percent_effects
from povstats.models.interpretation.effects.simple_slopes import slopes
from povstats.models.interpretation.paragraphs.explained import explain
from povstats.models.interpretation.prediction.predict import predict
from povstats.models.interpretation.writing.equations import equations
from povstats.models.interpretation.writing.inference_note import inference_note
from povstats.models.interpretation.writing.statements import statements
from povstats.models.measures import icc, r2, variance_shares
from povstats.models.model import Model
from povstats.models.notes import Note
from povstats.models.optimum import Optimum
from povstats.models.reliability import reliability
from povstats.models.rows import Account
from povstats.models.summary import summarise
from povstats.models.tidied import tidy
from povstats.models.units import Units
from povstats.models.weights import Weights
from povstats.printing import Printed, Summary
from povstats.words import Lang, language


@dataclass(frozen=True, eq=False, repr=False)
class HLMResult(Printed):
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
    weights: Weights = field(default=Weights(), repr=False)

    # Functions of a fit, each with its own file and words; here they become its methods.
    profile = profile_fit
    covariance = covariance
    robust = robust
    joint_test = joint_test
    bootstrap = bootstrap
    variance_tests = variance_tests
    variance_shares = variance_shares
    icc = icc
    r2 = r2
    reliability = reliability
    explain = explain
    predict = predict
    inference_note = inference_note
    equations = equations
    statements = statements
    residuals = residuals
    influence = influence
    slopes = slopes
    johnson_neyman = johnson_neyman
    percent_effects = percent_effects
    main_effect = main_effect
    plot_caterpillar = plot_caterpillar
    plot_slopes = plot_slopes

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
        share("level", level)
        if method == "bootstrap":
            return self.bootstrap(n, rng=rng).conf_int(level)
        if method == "profile":
            return coefficient_ends(self, level)
        half = stdtrit(np.minimum(self.dof, 1e10), (1 + level) / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def certificate(self) -> Certificate:
        """Give the evidence that this is an optimum, machine-readable, with the data's fingerprint and versions."""
        return certify(self.formula, self.optimum, self.cells, self.rows, self.status)

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
