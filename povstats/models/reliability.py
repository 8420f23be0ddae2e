"""Reliability of random coefficients and chi-squares of their variances, as the program HLM prints them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from povstats.contracts import tidy_frame
from povstats.models.constancy import constant_within
from povstats.models.interpretation.paragraphs.explained_shares import explain_reliability
from povstats.models.levels import paths
from povstats.models.recursion import Jets, lift
from povstats.models.summary import pvalue
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

SAME = 1e-10
"""Smallest eigenvalue of a group's Z'V⁻¹Z, as a share of the average one, at which its coefficients are still known."""


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Printed):
    """How much of the spread of the groups' own coefficients is real.

    Attributes
    ----------
    table : index (group, term); columns reliability, chi2, df, p, groups (those whose own coefficients exist), of.
    fit : the model.
    """

    table: pd.DataFrame
    fit: "HLMResult"

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures reliability and variance_chi2."""
        rows: list[dict[str, object]] = []
        for (group, term), row in zip(self.table.index, self.table.itertuples(), strict=True):
            key = {"group": group, "term": term}
            rows.append({"measure": "reliability", **key, "estimate": row.reliability})
            rows.append({"measure": "variance_chi2", **key, "estimate": row.chi2, "df": row.df, "p": row.p})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang, rows = lang or language(), []
        for (group, term), row in zip(self.table.index, self.table.itertuples(), strict=True):
            name = say("models.intercept", lang) if term == "Intercept" else str(term)
            numbers = (f"{row.reliability:.3f}", f"{row.chi2:.2f}", f"{row.df:.0f}", pvalue(row.p))
            rows.append((group, name, *numbers, f"{row.groups:,} / {row.of:,}"))
        keys = ("reliability", "chi2")
        head = ("", "", *(say(f"models.{key}", lang) for key in keys), say("general.dof", lang))
        head += (say("general.pvalue", lang), say("models.ngroups", lang))
        note = say("models.note_reliability", lang)
        return Summary((Grid(say("models.reliability_title", lang), head, tuple(rows), (note,), words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_reliability(self, lang or language())


def reliability(fit: "HLMResult") -> Reliability:
    """Work out reliabilities and chi-squares.

    With W_j = Z_j'V⁻¹Z_j (V holds the residual and the levels below), a group's own coefficients are
    b̂_j = W_j⁻¹Z_j'V⁻¹(y − Xβ), their error covariance is v_j = σ²W_j⁻¹, the reliability of coefficient q is the
    average of τ_qq / (τ_qq + v_qqj) and the chi-square Σ_j b̂_qj² / v_qqj, over the groups in which W_j can be
    inverted; its degrees of freedom are their number less that of the coefficients that describe the effect: itself
    and its products with group-level predictors.

    Notes
    -----
    Source: Raudenbush & Bryk (2002), Hierarchical Linear Models, eq. 3.58 and 3.103; the sum there is over residuals
    from the level-2 regression, here from the fixed part of the whole model.
    """
    optimum, units = fit.optimum, fit.units
    blocks, v = optimum.blocks, np.append(-optimum.profile.beta, 1.0)
    now = Jets(blocks.full, np.zeros((0, 1, 1, 1)), None, 0.0, np.zeros(0), None)
    rows, index = [], []
    for i, (level, path) in enumerate(zip(blocks.levels, paths(blocks.levels), strict=True)):
        if level.repeat > 1:
            break  # crossed groups have no coefficients of their own
        q, z = level.q, units.z[i]
        W, right = now.F[:, :q, :q], now.F[:, :q, -blocks.p - 1 :] @ v
        values = np.linalg.eigvalsh(W)
        known = values[:, 0] > SAME * values.mean()
        inverse = np.linalg.inv(W[known])
        error = fit.sigma2 * np.einsum("ij,gjk,ik->gi", z, inverse, z, optimize=True)
        own = units.scale * (inverse @ right[known][:, :, None])[:, :, 0] @ z.T
        tau = np.diag(fit.random_cov[level.name])
        for j, term in enumerate(fit.model.effects(level.name)):
            chi2 = float((own[:, j] ** 2 / error[:, j]).sum())
            df = int(known.sum()) - _described(fit, level.name, j)
            share = float((tau[j] / (tau[j] + error[:, j])).mean()) if known.any() else np.nan
            p = float(chdtrc(df, chi2)) if df > 0 else np.nan
            rows.append((share, chi2, df, p, int(known.sum()), level.slots))
            index.append((level.name, term))
        groups = blocks.levels[i + 1].slots if i + 1 < len(blocks.levels) else 1
        now = lift(now, level, optimum.factors[i], None, (path, groups))
    columns = ["reliability", "chi2", "df", "p", "groups", "of"]
    keys = pd.MultiIndex.from_tuples(index, names=["group", "term"])
    return Reliability(pd.DataFrame(rows, keys, columns), fit)


def _described(fit: "HLMResult", group: str, place: int) -> int:
    """Count the coefficients that describe an effect: columns that are it times what is constant within groups."""

    def household(pieces: tuple[str, ...]) -> list[str]:
        return sorted(piece for piece in pieces if not constant_within(fit.cells, piece, group))

    effect = [column for columns in fit.model.sets(group) for column in columns][place]
    return sum(household(column.pieces) == household(effect.pieces) for column in fit.model.fixed)
