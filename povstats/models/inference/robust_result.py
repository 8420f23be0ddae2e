"""Cluster-robust inference as a user asks for it: which clusters, which covariance, and how it prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import FitError, OptionError, allowed, share
from povstats.models.inference.kenward_roger import adjust
from povstats.models.inference.robust import KINDS, sandwich_of
from povstats.models.interpretation.paragraphs.explained_inference import explain_robust
from povstats.models.levels import Codes
from povstats.models.notes import Note
from povstats.models.summary import decimals, pvalue
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

Kind = Literal["CR0", "CR1", "CR2", "CR3"]
FEW = 20
"""Below this many clusters the result carries a warning."""


@dataclass(frozen=True, eq=False, repr=False)
class RobustResult(Printed):
    """Coefficients with cluster-robust tests.

    Attributes
    ----------
    kind : "CR0" … "CR3". cluster : what the clusters are. nclusters : their number.
    params, std_errors, tstats, dof, pvalues : Series by term; t tests with Satterthwaite's degrees of freedom.
    cov : DataFrame (p, p). notes : what a reader should know.
    fit : whose coefficients these are; a regression table takes its other rows from there.
    """

    kind: str
    cluster: str
    nclusters: int
    params: pd.Series
    std_errors: pd.Series
    tstats: pd.Series
    dof: pd.Series
    pvalues: pd.Series
    cov: pd.DataFrame
    notes: tuple[Note, ...]
    fit: "HLMResult"

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Give the intervals params ± t(dof)·std_errors, columns low and high."""
        share("level", level)
        half = stdtrit(np.minimum(self.dof, 1e10), (1 + level) / 2) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame, measure coef, with the kind of covariance as group."""
        ends = self.conf_int()
        return tidy_frame(
            {
                "measure": "coef",
                "group": self.kind,
                "term": term,
                "estimate": self.params[term],
                "se": self.std_errors[term],
                "df": self.dof[term],
                "p": self.pvalues[term],
                "low": ends.low[term],
                "high": ends.high[term],
            }
            for term in self.params.index
        )

    def inference_note(self, lang: str, labels: Mapping[str, str] | None = None) -> str:
        """Say method, covariance and degrees of freedom in half a sentence, for the note of a table."""
        method = say(f"journal.method_{self.fit.method}", lang)
        values = {"kind": self.kind, "clusters": f"{self.nclusters:,}"}
        group = (labels or {}).get(self.cluster, self.cluster)
        tests = say("journal.tests_robust", lang, group=group, **values)
        return say("journal.clause_joint", lang).join([method, tests])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        ends, rows = self.conf_int(), []
        for term in self.params.index:
            digits = decimals(self.std_errors[term])
            name = say("models.intercept", lang) if term == "Intercept" else str(term)
            four = (self.params[term], self.std_errors[term], ends.low[term], ends.high[term])
            estimate, se, low, high = (f"{value:.{digits}f}" for value in four)
            tests = (f"{self.dof[term]:.1f}", f"{self.tstats[term]:.2f}", pvalue(self.pvalues[term]))
            rows.append((name, estimate, se, *tests, low, high))
        keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
        head = ("", *(say(f"general.{key}", lang) for key in keys))
        title = say("models.robust_title", lang, kind=self.kind, cluster=self.cluster, number=f"{self.nclusters:,}")
        return Summary((Grid(title, head, tuple(rows), tuple(note.say(lang) for note in self.notes)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_robust(self, lang or language())


def robust(
    fit: "HLMResult", kind: Literal["CR0", "CR1", "CR2", "CR3"] = "CR2", cluster: str | None = None
) -> RobustResult:
    """Test the coefficients with a cluster-robust covariance and Satterthwaite's degrees of freedom for it.

    Parameters and errors are those of `covariance`. With few clusters the result carries a warning.
    """
    allowed("kind", kind, KINDS)
    name, codes = clusters_of(fit, cluster)
    cov, dof = _covariance(fit, kind, codes)
    terms = list(fit.params.index)
    se = pd.Series(np.sqrt(np.diag(cov)), terms, name="std_errors")
    t = (fit.params / se).rename("tstats")
    p = pd.Series(2 * stdtr(np.minimum(dof, 1e10), -np.abs(t.to_numpy())), terms, name="pvalues")
    number = int(codes.max()) + 1
    notes = [Note("models.note_robust_dof"), *few_notes(number)]
    frame = pd.DataFrame(cov, terms, terms)
    return RobustResult(
        kind, name, number, fit.params, se, t, pd.Series(dof, terms, name="dof"), p, frame, tuple(notes), fit
    )


def few_notes(number: int) -> list[Note]:
    """Warn where there are few clusters."""
    return [Note("models.note_few_clusters", {"number": str(number)})] if number < FEW else []


def covariance(
    fit: "HLMResult",
    kind: Literal["model", "kenward-roger", "CR0", "CR1", "CR2", "CR3"] = "CR2",
    cluster: str | None = None,
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
    allowed("kind", kind, ("model", "kenward-roger", *KINDS))
    terms = list(fit.params.index)
    if kind in KINDS:
        return pd.DataFrame(_covariance(fit, kind, clusters_of(fit, cluster)[1])[0], terms, terms)
    if cluster is not None:
        raise OptionError(f"cluster={cluster!r}: covariance {kind!r} has no clusters; take one of {', '.join(KINDS)}")
    inner = fit.optimum.profile.C if kind == "model" else adjust(fit.optimum).cov
    return pd.DataFrame(fit.sigma2 * fit.units.x @ inner @ fit.units.x.T, terms, terms)


def _covariance(fit: "HLMResult", kind: str, codes: Codes) -> tuple[Array, Array]:
    """Give covariance and degrees of freedom in the user's units."""
    optimum, x = fit.optimum, fit.units.x
    found = sandwich_of(optimum.blocks, optimum.factors, (optimum.profile.C, optimum.profile.beta), codes, kind, x)
    return fit.units.scale**2 * x @ found.cov @ x.T, found.dof


def clusters_of(fit: "HLMResult", cluster: str | None) -> tuple[str, Codes]:
    """Find the cluster of each lowest group."""
    levels = fit.optimum.blocks.levels
    top = levels[-1]
    if any(level.repeat > 1 for level in levels):
        raise FitError(
            "the groupings are crossed, so that no grouping splits the rows into independent clusters; take "
            "df='kenward-roger' or the parametric bootstrap, or put the crossed grouping into the fixed part"
        )
    if any(level.weights is not None for level in levels) or fit.cells.weight_sums is not None:
        raise FitError("a fit with sampling weights has cluster-robust standard errors already: see fit.cov")
    codes = np.arange(levels[0].slots)
    for level in levels[:-1]:
        codes = level.parent[codes]
    if cluster is None or cluster == top.name:
        return top.name, codes
    if cluster in (level.name for level in levels):
        raise OptionError(
            f"cluster={cluster!r} lies within {top.name!r}, whose effect its rows share: cluster by {top.name!r} or "
            "above"
        )
    return cluster, _of_factor(fit, cluster, codes)


def _of_factor(fit: "HLMResult", cluster: str, top: Codes) -> Codes:
    """Take the clusters from a categorical factor of the formula that is constant within the top groups."""
    name = fit.optimum.blocks.levels[-1].name
    factors = [f for f in fit.model.factors.values() if f.levels is not None and f.columns == (cluster,)]
    if not factors:
        raise OptionError(
            f"cluster={cluster!r} is neither a grouping of the model nor a categorical factor in its formula, such as "
            f"C({cluster}); cluster by {name!r}, or put {cluster!r} into the formula"
        )
    pieces = list(factors[0].pieces)
    low, high = (np.stack([fit.cells.extremes[piece][i] for piece in pieces]) for i in (0, 1))
    own = np.argmax(high, axis=0)
    lowest = np.empty(len(top), dtype=np.intp)
    lowest[fit.cells.groupings[fit.optimum.blocks.levels[0].name].codes] = own
    first = np.full(int(top.max()) + 1, -1, dtype=np.intp)
    first[top] = lowest
    if not (low == high).all() or not (first[top] == lowest).all():
        raise OptionError(f"cluster={cluster!r}: a group of {name!r} lies in several; clusters must hold whole groups")
    return np.unique(lowest, return_inverse=True)[1]
