"""Likelihood-ratio tests of each random effect's variance."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
from scipy.special import chdtrc

from povstats.contracts import tidy_frame
from povstats.errors import FitError
from povstats.models.fit import assemble
from povstats.models.likelihood import conclude
from povstats.models.model import RandomSet
from povstats.models.optimum import optimise
from povstats.models.standard import standardise
from povstats.models.summary import pvalue
from povstats.models.units import units
from povstats.models.weights import sampled
from povstats.printing import Grid, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class VarianceTests:
    """What the model loses with each random effect.

    Attributes
    ----------
    table : index (group, term); columns chi2, df (parameters that go with the effect: its variance and its covariances
        in the set), p (of the mixture on the boundary), p_chi2 (of the plain χ², too large).
    reference : the mixtures. method : "reml" or "ml".
    """

    table: pd.DataFrame
    reference: tuple[str, ...]
    method: str

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
            rows.append((key[0], term, f"{row.chi2:.3f}", f"{row.df:.0f}", pvalue(row.p), pvalue(row.p_chi2), named))
        keys = ("models.chi2", "general.dof", "general.pvalue", "models.p_chi2", "models.mixture")
        head = ("", "", *(say(name, lang) for name in keys))
        note = say("models.note_variance_tests", lang)
        return Summary((Grid(say("models.variance_tests_title", lang), head, tuple(rows), (note,), words=2),))

    def __repr__(self) -> str:
        """Print in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print in a notebook."""
        return self.summary()._repr_html_()


def variance_tests(fit: "HLMResult") -> VarianceTests:
    """Test each random effect by leaving it out.

    An effect of a correlated set of q takes its variance and q − 1 covariances with it. Its variance is zero, on the
    boundary, where it is not needed: the statistic follows ½χ²(q − 1) + ½χ²(q).

    Parameters
    ----------
    fit : the model.

    Raises
    ------
    FitError
        Where the fit has sampling weights.

    Notes
    -----
    Source: Stram & Lee (1994), Biometrics 50; lmerTest's ranova() leaves effects out in the same way.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError("a pseudo-likelihood has no likelihood-ratio tests; with sampling weights take the bootstrap")
    rows, index, reference = [], [], []
    for place, one in enumerate(fit.model.random):
        for column in one.columns:
            left = tuple(c for c in one.columns if c is not column)
            sets = [*fit.model.random]
            sets[place : place + 1] = [replace(one, columns=left)] if left else []
            loglik = _without(fit, tuple(sets))
            chi2, q = max(2 * (fit.loglik - loglik), 0.0), len(one.columns)
            chi2 = 0.0 if chi2 < 1e-9 * (1 + abs(fit.loglik)) else chi2
            plain = float(chdtrc(q, chi2))
            below = float(chdtrc(q - 1, chi2)) if q > 1 else float(chi2 == 0)
            rows.append((chi2, q, (below + plain) / 2, plain))
            index.append((one.group, column.name))
            reference.append(f"0.5 χ²({q - 1}) + 0.5 χ²({q})")
    keys = pd.MultiIndex.from_tuples(index, names=["group", "term"])
    table = pd.DataFrame(rows, keys, ["chi2", "df", "p", "p_chi2"])
    return VarianceTests(table, tuple(reference), fit.method)


def _without(fit: "HLMResult", random: tuple[RandomSet, ...]) -> float:
    """Give the log-likelihood of the model with fewer random effects, from the same cells."""
    names, reml = [column.name for column in fit.model.fixed], fit.method == "reml"
    if not random:
        blocks, back = fit.optimum.blocks, fit.units
        at = conclude(blocks.total, 0.0, blocks.size, reml)
        assert at is not None  # least squares exist where the mixed model does
    else:
        standard = standardise(assemble(replace(fit.model, random=random), fit.cells), names)
        at, back = optimise(standard.blocks, reml).profile, units(standard, names)
    return back.loglik(at.value, at.dof, reml) + fit.cells.log_weights / 2
