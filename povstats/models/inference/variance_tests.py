"""Likelihood-ratio tests of each random effect's variance."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from povstats.contracts import tidy_frame
from povstats.errors import FitError
from povstats.models.assemble import assemble
from povstats.models.inference.boundary import exact_ratios
from povstats.models.inference.random_source import generator_of
from povstats.models.inference.simulated_ratio import Side, simulated
from povstats.models.interpretation.paragraphs.explained_tests import explain_variances
from povstats.models.likelihood import Profile, conclude
from povstats.models.model import RandomSet
from povstats.models.optimum import optimise
from povstats.models.standard import standardise
from povstats.models.summary import pvalue
from povstats.models.units import units
from povstats.models.weights import sampled
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class VarianceTests(Printed):
    """What the model loses with each random effect.

    Attributes
    ----------
    table : index (group, term); columns chi2, df (parameters that go with the effect: its variance and its covariances
        in the set), p (of the mixture on the boundary, or simulated), p_chi2 (of the plain χ², too large).
    reference : the mixtures, or "simulated + " and the number of draws. method : "reml" or "ml".
    fit : the model with all its effects.
    """

    table: pd.DataFrame
    reference: tuple[str, ...]
    method: str
    fit: "HLMResult"

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame, measure variance_lrt."""
        return tidy_frame(
            {"measure": "variance_lrt", "group": key[0], "term": key[1], "estimate": row.chi2, "df": row.df, "p": row.p}
            for key, row in zip(self.table.index, self.table.itertuples(), strict=True)
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang, rows = lang or language(), []
        for key, row, named in zip(self.table.index, self.table.itertuples(), self.reference, strict=True):
            term = say("models.intercept", lang) if key[1] == "Intercept" else key[1]
            drawn = named.removeprefix("simulated + ")
            shown = named if drawn == named else say("models.simulated", lang, number=drawn)
            rows.append((key[0], term, f"{row.chi2:.3f}", f"{row.df:.0f}", pvalue(row.p), pvalue(row.p_chi2), shown))
        keys = ("models.chi2", "general.dof", "general.pvalue", "models.p_chi2", "models.mixture")
        head = ("", "", *(say(name, lang) for name in keys))
        kind = "_simulated" * any(named.startswith("simulated") for named in self.reference)
        note = say(f"models.note_variance_tests{kind}", lang)
        return Summary((Grid(say("models.variance_tests_title", lang), head, tuple(rows), (note,), words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_variances(self, lang or language())


def variance_tests(fit: "HLMResult", simulate: int = 0, rng: np.random.Generator | int = 1) -> VarianceTests:
    """Test each random effect by leaving it out.

    An effect of a correlated set of q takes its variance and q − 1 covariances with it. Its variance is zero, on the
    boundary, where it is not needed: the statistic follows ½χ²(q − 1) + ½χ²(q) when groups are many. With few, p is
    conservative, and better simulated: from the exact distribution where the effect is the model's only one, else
    by outcomes drawn from the fit without it.

    Parameters
    ----------
    fit : the model. simulate : draws, such as 10000 for the exact distribution; 0 for the mixture.
    rng : a generator or a seed.

    Raises
    ------
    FitError
        Where the fit has sampling weights.

    Notes
    -----
    Source: Stram & Lee (1994), Biometrics 50; Crainiceanu & Ruppert (2004), JRSS B 66, for the exact distribution;
    lmerTest's ranova() leaves effects out in the same way.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError("a pseudo-likelihood has no likelihood-ratio tests; with sampling weights take the bootstrap")
    rows, index, reference, generator = [], [], [], generator_of(rng)
    for place, one in enumerate(fit.model.random):
        for column in one.columns:
            left = tuple(c for c in one.columns if c is not column)
            sets = [*fit.model.random]
            sets[place : place + 1] = [replace(one, columns=left)] if left else []
            loglik, small = _without(fit, tuple(sets))
            chi2, q = max(2 * (fit.loglik - loglik), 0.0), len(one.columns)
            chi2 = 0.0 if chi2 < 1e-9 * (1 + abs(fit.loglik)) else chi2
            plain = float(chdtrc(q, chi2))
            below = float(chdtrc(q - 1, chi2)) if q > 1 else float(chi2 == 0)
            p, named = (below + plain) / 2, f"0.5 χ²({q - 1}) + 0.5 χ²({q})"
            if simulate:
                p, named = _simulated(fit, small, chi2, simulate, generator)
            rows.append((chi2, q, p, plain))
            index.append((one.group, column.name))
            reference.append(named)
    keys = pd.MultiIndex.from_tuples(index, names=["group", "term"])
    table = pd.DataFrame(rows, keys, ["chi2", "df", "p", "p_chi2"])
    return VarianceTests(table, tuple(reference), fit.method, fit)


def _simulated(
    fit: "HLMResult", small: Side | None, chi2: float, n: int, rng: np.random.Generator
) -> tuple[float, str]:
    if small is None:
        found = exact_ratios(fit.optimum, n, rng)
        return float((1 + (found >= chi2).sum()) / (1 + n)), f"simulated + {n}"
    p, kept = simulated(small, fit, fit.optimum, chi2, n, rng)
    return p, f"simulated + {kept}"


def _without(fit: "HLMResult", random: tuple[RandomSet, ...]) -> tuple[float, Side | None]:
    """Fit the model with fewer random effects, from the same cells; give its log-likelihood too."""
    names, reml = [column.name for column in fit.model.fixed], fit.method == "reml"
    blocks, back, side = fit.optimum.blocks, fit.units, None
    at: Profile | None = None
    if not random:
        at = conclude(blocks.total, 0.0, blocks.size, reml)
        assert at is not None  # least squares exist where the mixed model does
    else:
        model = replace(fit.model, random=random)
        standard = standardise(assemble(model, fit.cells), names)
        side = Side(model, units(standard, names), optimise(standard.blocks, reml))
        at, back = side.optimum.profile, side.units
    return back.loglik(at.value, at.dof, reml) + fit.cells.log_weights / 2, side
