"""The answer of fit_within."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from scipy.special import stdtrit

from povstats.contracts import tidy_frame
from povstats.errors import share
from povstats.models.interpretation.paragraphs.explained import explain_within
from povstats.models.model import Model
from povstats.models.notes import Note
from povstats.models.rows import Account
from povstats.models.summary import decimals, number, pvalue
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say


@dataclass(frozen=True, slots=True)
class FTest:
    """An F test.

    Attributes
    ----------
    statistic, df, df2, pvalue : F, its degrees of freedom, and the upper tail.
    """

    statistic: float
    df: float
    df2: float
    pvalue: float


@dataclass(frozen=True, eq=False, repr=False)
class WithinResult(Printed):
    """A fitted fixed-effects (within) model.

    Attributes
    ----------
    formula, group, cov_type : what was asked for.
    params, std_errors, tstats, dof, pvalues : Series by term, shape (K,); the tests are of a zero coefficient.
    cov : DataFrame (K, K), the covariance of `params`.
    nobs : rows used. ngroups : groups, by grouping. nclusters : clusters of the covariance.
    rsquared : share of the variation within groups that the predictors explain.
    sigma2 : residual variance, RSS/(N − G − K).
    effects_test : F test that the groups' intercepts are equal; it is the classical one under either covariance.
    notes : what a reader should know: columns that the groups absorb, groups of one row, few clusters.
    rows : rows read, used, and missing by column. model : the compiled formula.
    """

    formula: str
    group: str
    cov_type: str
    params: pd.Series
    std_errors: pd.Series
    tstats: pd.Series
    dof: pd.Series
    pvalues: pd.Series
    cov: pd.DataFrame
    nobs: int
    ngroups: Mapping[str, int]
    nclusters: int
    rsquared: float
    sigma2: float
    effects_test: FTest
    notes: tuple[Note, ...]
    rows: Account
    model: Model = field(repr=False)

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Give intervals params ± t(dof)·std_errors, columns low and high by term.

        Parameters
        ----------
        level : coverage asked for, between 0 and 1.
        """
        share("level", level)
        half = stdtrit(self.dof, (1 + level) / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def tidy(self) -> pd.DataFrame:
        """Give all numbers in the nine-column frame: measures coef, variance, fit, f_effects, nobs, ngroups."""
        ends, test = self.conf_int(), self.effects_test
        rows: list[dict[str, object]] = [
            {
                "measure": "coef",
                "term": term,
                "estimate": self.params[term],
                "se": self.std_errors[term],
                "df": self.dof[term],
                "p": self.pvalues[term],
                "low": ends.low[term],
                "high": ends.high[term],
            }
            for term in self.params.index
        ]
        rows.append({"measure": "variance", "group": "residual", "estimate": self.sigma2})
        rows.append({"measure": "fit", "term": "rsquared_within", "estimate": self.rsquared})
        equal = {"estimate": test.statistic, "df": test.df, "p": test.pvalue}
        rows.append({"measure": "f_effects", "group": self.group, **equal})
        rows.append({"measure": "nobs", "estimate": self.nobs})
        rows += [{"measure": "ngroups", "group": name, "estimate": count} for name, count in self.ngroups.items()]
        return tidy_frame(rows)

    def inference_note(self, lang: str, labels: Mapping[str, str] | None = None) -> str:
        """Say whose effects are fixed and which covariance the tests use, for the note of a table."""
        group = (labels or {}).get(self.group, self.group)
        return say(f"journal.tests_within_{self.cov_type}", lang, group=group, clusters=f"{self.nclusters:,}")

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the model.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        spoken = lang or language()
        return Summary((_head(self, spoken), _coefficients(self, spoken)))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_within(self, lang or language())


def _head(fit: WithinResult, lang: Lang) -> Grid:
    test = fit.effects_test
    equal = f"F({test.df:.0f}, {test.df2:.0f}) = {test.statistic:.2f}, p {_relation(test.pvalue)}"
    rows = (
        (say("models.formula", lang), fit.formula),
        (say("models.nobs", lang), f"{fit.nobs:,}"),
        (say("models.ngroups", lang), ", ".join(f"{name} {count:,}" for name, count in fit.ngroups.items())),
        (say("models.within_rsquared", lang), f"{fit.rsquared:.4f}"),
        (say("models.within_sigma2", lang), number(fit.sigma2)),
        (say("models.within_equal", lang), equal),
    )
    notes = []
    if fit.rows.dropped:
        told = ", ".join(f"{column} {count:,}" for column, count in fit.rows.missing.items())
        read, dropped = f"{fit.rows.read:,}", f"{fit.rows.dropped:,}"
        notes.append(say("models.note_dropped", lang, read=read, dropped=dropped, columns=told))
    notes += [note.say(lang) for note in fit.notes]
    return Grid(say("models.within_title", lang), (), rows, tuple(notes), words=2)


def _coefficients(fit: WithinResult, lang: Lang) -> Grid:
    ends = fit.conf_int()
    keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
    rows = []
    for term in fit.params.index:
        digits = decimals(fit.std_errors[term])
        four = (fit.params[term], fit.std_errors[term], ends.low[term], ends.high[term])
        estimate, se, low, high = (f"{value:.{digits}f}" for value in four)
        tested = (f"{fit.dof[term]:.0f}", f"{fit.tstats[term]:.2f}", pvalue(fit.pvalues[term]))
        rows.append((str(term), estimate, se, *tested, low, high))
    head = ("", *(say(f"general.{key}", lang) for key in keys))
    note = (
        say("models.within_classical", lang)
        if fit.cov_type == "classical"
        else say("models.within_cr1", lang, count=f"{fit.nclusters:,}")
    )
    return Grid(say("models.within_coefficients", lang), head, tuple(rows), (note,))


def _relation(p: float) -> str:
    """Write a p-value with its sign of relation: "< 0.001" or "= 0.020"."""
    return pvalue(p).replace("<", "< ") if p < 0.001 else f"= {pvalue(p)}"


__all__ = ["FTest", "WithinResult"]
