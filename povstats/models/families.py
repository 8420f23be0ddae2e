"""One question asked of many models: p-values that allow for the number of questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import OptionError, share
from povstats.models.inference.joint import listed
from povstats.models.interpretation.paragraphs.explained_tests import explain_family
from povstats.models.summary import decimals, pvalue
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class Family(Printed):
    """Tests of one family.

    Attributes
    ----------
    table : index (model, term); columns estimate, se, df, p, p_holm, p_fdr.
    level : at which `rejected` decides. fits : the models by name.
    """

    table: pd.DataFrame
    level: float
    fits: "Mapping[str, HLMResult]"

    @property
    def rejected(self) -> pd.DataFrame:
        """Tell which hypotheses fall at `level`: columns single, holm, fdr."""
        found = {"single": self.table.p, "holm": self.table.p_holm, "fdr": self.table.p_fdr}
        return pd.DataFrame({name: p <= self.level for name, p in found.items()})

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure coef with the single p, then p_holm and p_fdr as estimates."""
        rows: list[dict[str, object]] = []
        for (model, term), row in zip(self.table.index, self.table.itertuples(), strict=True):
            key = {"group": model, "term": term}
            rows.append({"measure": "coef", **key, "estimate": row.estimate, "se": row.se, "df": row.df, "p": row.p})
            rows.append({"measure": "p_holm", **key, "estimate": row.p_holm})
            rows.append({"measure": "p_fdr", **key, "estimate": row.p_fdr})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang, rows = lang or language(), []
        for (model, term), row in zip(self.table.index, self.table.itertuples(), strict=True):
            digits = decimals(row.se)
            numbers = (
                f"{row.estimate:.{digits}f}",
                f"{row.se:.{digits}f}",
                "∞" if np.isinf(row.df) else f"{row.df:.1f}",
            )
            rows.append((model, term, *numbers, pvalue(row.p), pvalue(row.p_holm), pvalue(row.p_fdr)))
        head = ("", "", *(say(f"general.{key}", lang) for key in ("estimate", "std_error", "dof", "pvalue")))
        head += (say("models.p_holm", lang), say("models.p_fdr", lang))
        note = say("models.note_family", lang, number=str(len(self.table)))
        return Summary((Grid(say("models.family_title", lang), head, tuple(rows), (note,), words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_family(self, lang or language())


def family(
    fits: "Mapping[str, HLMResult] | Sequence[HLMResult]", terms: str | Sequence[str], *, level: float = 0.05
) -> Family:
    """Adjust the p-values of the same question asked of several models.

    Holm: with p in ascending order, p_holm(i) = max_{j ≤ i} min(1, (m − j + 1) p(j)) keeps the chance of any false
    rejection below the level whatever the dependence. False discovery rate (Benjamini & Hochberg): p_fdr(i) =
    min_{j ≥ i} min(1, m p(j) / j) keeps the expected share of false ones among the rejected.

    Parameters
    ----------
    fits : the models by name, or in a list (then they are named by their formulas).
    terms : the coefficients that make the family, in every model that has them; each must be in one at least.
    level : at which `rejected` decides.

    Raises
    ------
    OptionError
        Where there is no model, two in a list have the same formula, a term is in none, or the level is not between 0
        and 1.

    Notes
    -----
    Source: Holm (1979), Scandinavian Journal of Statistics 6; Benjamini & Hochberg (1995), Journal of the Royal
    Statistical Society B 57.
    """
    share("level", level, 0.05)
    named = dict(fits) if isinstance(fits, Mapping) else {fit.formula: fit for fit in fits}
    if len(named) < len(fits):
        raise OptionError("some models have the same formula; name them: family({'men': fit1, 'women': fit2}, …)")
    wanted = listed(terms)
    lost = [term for term in wanted if not any(term in fit.params.index for fit in named.values())]
    if not named or lost or not wanted:
        raise OptionError(f"no model has the coefficient {', '.join(map(repr, lost)) or '(none named)'}")
    keys = [(name, term) for name, fit in named.items() for term in wanted if term in fit.params.index]
    rows = [
        (named[name].params[t], named[name].std_errors[t], named[name].dof[t], named[name].pvalues[t])
        for name, t in keys
    ]
    index = pd.MultiIndex.from_tuples(keys, names=["model", "term"])
    table = pd.DataFrame(rows, index, ["estimate", "se", "df", "p"])
    p = table.p.to_numpy()
    return Family(table.assign(p_holm=_holm(p), p_fdr=false_discovery_control(p, method="bh")), level, named)


def _holm(p: Array) -> Array:
    order, m = np.argsort(p), len(p)
    out = np.empty(m)
    out[order] = np.minimum(np.maximum.accumulate(p[order] * (m - np.arange(m))), 1.0)
    return out
