"""Tests of several coefficients at once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import FitError, OptionError, allowed
from povstats.models.inference.df import satterthwaite
from povstats.models.inference.hotelling import hotelling
from povstats.models.inference.kenward_roger import adjust, joint
from povstats.models.inference.robust import KINDS, pieces_of
from povstats.models.inference.robust_result import clusters_of, few_notes
from povstats.models.interpretation.paragraphs.explained_inference import explain_joint
from povstats.models.notes import Note
from povstats.models.summary import pvalue
from povstats.models.weights import sampled
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

JointMethod = Literal["satterthwaite", "kenward-roger", "CR0", "CR1", "CR2", "CR3"]


@dataclass(frozen=True, eq=False, repr=False)
class JointTest(Printed):
    """An F test that several coefficients are zero.

    Attributes
    ----------
    terms : the coefficients. method : "satterthwaite", "kenward-roger", or "CR0" … "CR3".
    statistic : F, already multiplied by `scaling`, which is 1 under "satterthwaite".
    ndf, ddf : numerator and denominator degrees of freedom. pvalue : its p.
    notes : what a reader should know. fit : the model; None for a test over imputations.
    """

    terms: tuple[str, ...]
    method: str
    statistic: float
    ndf: int
    ddf: float
    pvalue: float
    scaling: float
    notes: tuple[Note, ...]
    fit: "HLMResult | None" = None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure f_test, the coefficients as term, ddf as df."""
        row = {"measure": "f_test", "group": self.method, "term": ", ".join(self.terms), "estimate": self.statistic}
        return tidy_frame([row | {"df": self.ddf, "p": self.pvalue}])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        numbers = (f"{self.statistic:.3f}", str(self.ndf), f"{self.ddf:.1f}", pvalue(self.pvalue))
        head = ("", *(say(f"models.joint_{key}", lang) for key in ("f", "ndf", "ddf")), say("general.pvalue", lang))
        title = say("models.joint_title", lang)
        notes = tuple(note.say(lang) for note in self.notes)
        return Summary((Grid(title, head, ((", ".join(self.terms), *numbers),), notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_joint(self, lang or language())


def joint_test(
    fit: "HLMResult",
    terms: str | Sequence[str],
    method: Literal["satterthwaite", "kenward-roger", "CR0", "CR1", "CR2", "CR3"] = "satterthwaite",
    cluster: str | None = None,
) -> JointTest:
    """Test by F that several coefficients are zero together.

    Satterthwaite: with l_i the q orthogonal contrasts in which Lβ̂ is uncorrelated and ν_i their degrees of freedom,
    F = mean t_i² has 2E/(E − q) denominator degrees of freedom, E = Σ ν_i/(ν_i − 2).

    Parameters
    ----------
    terms : names of coefficients, or of terms for all their columns, such as ["education", "C(county)"].
    method : "satterthwaite", "kenward-roger", or "CR0" to "CR3", the last with Hotelling's T² for few clusters.
    cluster : of the cluster-robust methods, as in `covariance`.

    Notes
    -----
    Source: Fai & Cornelius (1996), Journal of Statistical Computation and Simulation 54, as in lmerTest (Kuznetsova,
    Brockhoff & Christensen 2017, section 3); Kenward & Roger (1997); Pustejovsky & Tipton (2018) for CR.
    """
    allowed("method", method, get_args(JointMethod))
    if cluster is not None and method not in KINDS:
        raise OptionError(f"cluster={cluster!r}: method {method!r} has no clusters; take one of {', '.join(KINDS)}")
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError("the F tests are those of a likelihood; a fit with sampling weights has none")
    names = named_terms(list(fit.params.index), listed(terms))
    L = np.eye(len(fit.params))[[list(fit.params.index).index(name) for name in names]] @ fit.units.x
    # A constant may have been moved from y into the intercept: what Lβ is in the user's units decides.
    value = fit.params[list(names)].to_numpy() / fit.units.scale
    notes: list[Note] = []
    if method in KINDS:
        (F, ndf, ddf, scaling), notes = _robust(fit, L, value, method, cluster)
    elif method == "kenward-roger":
        adjusted, sigma2 = adjust(fit.optimum), fit.optimum.profile.rss / fit.optimum.profile.dof
        F, ndf, ddf, scaling = joint(adjusted, L, value, sigma2)
    else:
        F, ndf, ddf, scaling = *_satterthwaite(fit, L, value), 1.0
    notes = notes or [Note(f"models.joint_{method}")]
    return JointTest(names, method, F, ndf, ddf, float(fdtrc(ndf, min(ddf, 1e10), F)), scaling, tuple(notes), fit)


def _robust(
    fit: "HLMResult", L: Array, value: Array, kind: str, cluster: str | None
) -> tuple[tuple[float, int, float, float], list[Note]]:
    """Test with a cluster-robust covariance, and say which."""
    at, (name, codes) = fit.optimum.profile, clusters_of(fit, cluster)
    found = pieces_of(fit.optimum.blocks, fit.optimum.factors, (at.C, at.beta), codes, kind, L)
    number = len(found.h)
    notes = [Note("models.joint_robust", {"kind": kind, "cluster": name, "number": f"{number:,}"})]
    return hotelling(found, at.C, L, value), notes + few_notes(number)


def _satterthwaite(fit: "HLMResult", L: Array, value: Array) -> tuple[float, int, float]:
    at = fit.optimum.profile
    spread, vectors = np.linalg.eigh(at.rss / at.dof * L @ at.C @ L.T)
    if spread[0] <= 1e-12 * spread[-1]:
        raise FitError("the coefficients tested are not independent of each other")
    dof = satterthwaite(fit.optimum, vectors.T @ L)
    F, q = float(((vectors.T @ value) ** 2 / spread).mean()), len(L)
    if q == 1 or np.ptp(dof) < 1e-8 * dof[0]:
        return F, q, float(dof.mean())
    if (dof <= 2).any():
        return F, q, 2.0
    E = float((dof / (dof - 2)).sum())
    return F, q, 2 * E / (E - q)


def listed(terms: str | Sequence[str]) -> list[str]:
    """List names that were given as one or as several."""
    if isinstance(terms, str):
        return [terms]
    found = list(terms) if isinstance(terms, Iterable) else [terms]
    if not all(isinstance(term, str) for term in found):
        raise OptionError(f"terms={terms!r} must be the name of a coefficient, or a list of names")
    return found


def named_terms(coefficients: Sequence[str], terms: Sequence[str]) -> tuple[str, ...]:
    """Turn names of coefficients and terms into names of coefficients.

    Parameters
    ----------
    coefficients : the model's. terms : coefficients, or terms for all their columns, such as "C(county)".
    """
    known: dict[str, list[str]] = {}
    for name in coefficients:
        known.setdefault(_plain(name), []).append(name)
    found: list[str] = []
    spelled = {re.sub(r"\s", "", name): name for name in [*known, *coefficients]}
    for given in terms:
        term = given if given in coefficients else spelled.get(re.sub(r"\s", "", given), given)
        columns = [term] if term in coefficients else known.get(_plain(term))
        if columns is None:
            raise OptionError(f"{given!r} is no coefficient or term of this model; it has {', '.join(coefficients)}")
        found += columns
    if not found:
        raise OptionError("terms is empty: name the coefficients to test")
    return tuple(dict.fromkeys(found))


def _plain(name: str) -> str:
    """Take the levels out of a name and sort its factors: b[T.x]:a is a:b."""
    return ":".join(sorted(re.sub(r"\[[^\]]*\]", "", part) for part in name.split(":")))
