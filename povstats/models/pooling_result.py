"""The answer of pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtrit

from povstats.contracts import tidy_frame
from povstats.errors import OptionError, allowed, share
from povstats.models.inference.joint import JointTest, listed, named_terms
from povstats.models.notes import Note
from povstats.models.pooling_printed import paragraph, printed, tidied
from povstats.models.rubin import d1
from povstats.printing import Printed, Summary
from povstats.words import Lang, language, say


@dataclass(frozen=True, eq=False, repr=False)
class PooledResult(Printed):
    """A model fitted to m imputations of a table, pooled.

    Attributes
    ----------
    formula, method, df_method : what was asked for; method is "within" and df_method the kind of covariance where the
        fits are of fit_within.
    params, std_errors, tstats, dof, pvalues : Series by term, shape (p,); the tests are of a zero coefficient.
    cov : DataFrame (p, p), the covariance of `params`, within + (1 + 1/m) between.
    within, between : DataFrames (p, p), its two parts.
    complete_dof : degrees of freedom that complete data would give: the fits' own, averaged.
    riv : relative increase of the variance by the missing values. fmi : fraction of missing information.
    components : variances, correlations and intraclass correlations, by (measure, group, term); columns estimate, se,
        df, low, high (95 %) in the user's units; scale ("log", "z", "logit"; "average" where only the estimates could
        be averaged), scaled and scaled_se, the pooled value on it; riv and fmi.
    estimates : DataFrame (m, p), each fit's coefficients.
    nobs : rows of each table. ngroups : groups, by grouping.
    notes : what a reader should know. fits : the fits.
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
    within: pd.DataFrame
    between: pd.DataFrame
    complete_dof: pd.Series
    riv: pd.Series
    fmi: pd.Series
    components: pd.DataFrame
    estimates: pd.DataFrame
    nobs: int
    ngroups: Mapping[str, int]
    notes: tuple[Note, ...]
    fits: tuple[Any, ...] = field(repr=False)

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.estimates)

    @property
    def sigma2(self) -> float:
        """The pooled residual variance."""
        return float(self.components.loc[("variance", "residual", ""), "estimate"])

    def icc(self, group: str | None = None) -> float:
        """Give the pooled intraclass correlation.

        Parameters
        ----------
        group : the grouping whose share is meant; without it that of all groupings together.
        """
        known = [key[1] for key in self.components.index if key[0] == "icc"]
        if (group or "") not in known:
            listed = ", ".join(name for name in known if name) or "no grouping of its own"
            raise OptionError(f"group={group!r}: this model has the intraclass correlation of {listed}")
        return float(self.components.loc[("icc", group or "", ""), "estimate"])

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Give intervals params ± t(dof)·std_errors, columns low and high by term.

        Parameters
        ----------
        level : coverage asked for, between 0 and 1.
        """
        share("level", level)
        half = stdtrit(np.minimum(self.dof, 1e10), (1 + level) / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def joint_test(
        self, terms: str | Sequence[str], reference: Literal["small-sample", "large-sample"] = "small-sample"
    ) -> JointTest:
        """Test by F that several coefficients are zero together (the statistic D1).

        With W̄ and B the parts of their covariance and r = (1 + 1/m) tr(BW̄⁻¹)/k, F = Q̄'W̄⁻¹Q̄ / k(1 + r).

        Parameters
        ----------
        terms : names of coefficients, or of terms for all their columns, such as ["education", "C(county)"].
        reference : degrees of freedom of the denominator. "small-sample" starts from those of the fits' own F tests,
            averaged (Reiter); "large-sample" takes the complete data as infinitely many (Li, Raghunathan and Rubin).
            Of one coefficient both are Barnard and Rubin's.

        Raises
        ------
        FitError
            Where the imputations are too few for "small-sample", k(m − 1) ≤ 4 with k > 1.

        Notes
        -----
        Source: Li, Raghunathan & Rubin (1991), JASA 86, eq. 1.17 to 1.21; Reiter (2007), Biometrika 94, eq. 7.
        """
        allowed("reference", reference, ("small-sample", "large-sample"))
        names = named_terms(list(self.params.index), listed(terms))
        chosen = list(names)
        complete = np.inf if reference == "large-sample" else self._complete(chosen)
        covariances = np.array([fit.cov.loc[chosen, chosen] for fit in self.fits])
        F, ddf, r = d1(self.estimates[chosen].to_numpy(), covariances, complete)
        notes = [Note("pool.joint_d1", {"m": str(self.m), "riv": f"{r:.3f}"})]
        if len(names) == 1:
            notes.append(Note("pool.joint_one"))
        elif np.isinf(complete):
            notes.append(Note("pool.joint_large"))
        else:
            notes.append(Note("pool.joint_small", {"dof": f"{complete:.1f}"}))
        pvalue = float(fdtrc(len(names), min(ddf, 1e10), F))
        return JointTest(names, "D1", F, len(names), ddf, pvalue, 1.0, tuple(notes))

    def _complete(self, names: list[str]) -> float:
        """Average the denominator degrees of freedom of the fits' own F tests."""
        if len(names) == 1 or self.method == "within" or self.df_method == "normal":
            return float(self.complete_dof[names].mean())
        return float(np.mean([fit.joint_test(names, self.df_method).ddf for fit in self.fits]))

    def inference_note(self, lang: str, labels: Mapping[str, str] | None = None) -> str:
        """Say method, rules and degrees of freedom in half a sentence, for the note of a regression table.

        Parameters
        ----------
        lang : "zh" or "en". labels : words for groupings; none are named here.
        """
        method = say(f"pool.method_{self.method}", lang)
        return say("pool.journal_note", lang, method=method, m=f"{self.m:,}")

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures coef, variance, covariance, correlation, icc, fmi, riv and counts."""
        return tidy_frame(tidied(self))

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the pooled model.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what was pooled and how far missing values weigh.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        return paragraph(self, lang or language())
