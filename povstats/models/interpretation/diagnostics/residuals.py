"""Residuals by level: of the rows, and the predicted effects of the groups, each in units of its own spread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import ndtri

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.engine.source import Table
from povstats.models.interpretation.diagnostics.residuals_drawn import plot
from povstats.models.interpretation.diagnostics.residuals_printed import paragraph, printed
from povstats.models.interpretation.diagnostics.table_rows import read_rows
from povstats.models.interpretation.prediction.joint_effects import by_level, learn, row_shares
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

EXACT = 1e-8
"""A row that keeps less than this share of its variance in its residual is reproduced by the model."""
NOTHING = 1e-8
"""Variances of predicted effects below this share of the residual variance (in unit scale) say nothing."""


@dataclass(frozen=True, eq=False, repr=False)
class Residuals(Printed):
    """Residuals of the rows and standardised effects of the groups.

    Attributes
    ----------
    fit : the model.
    frame : one row for each row used, under its label in the table. Columns: the groups; fitted_marginal Xβ̂ and
        fitted Xβ̂ + Zb̂; residual_marginal y − Xβ̂ and residual y − Xβ̂ − Zb̂; leverage; standardised, the residual
        by its own standard deviation σ√(1 − leverage), missing where the model reproduces the row; score, the normal
        score of its rank.
    levels : by grouping, one row a group: each effect b̂, std(effect) by its diagnostic standard deviation √Var(b̂),
        score(effect), the normal score of its rank; and mahalanobis, b̂'Var(b̂)⁻¹b̂, a χ²(df) under the model.
    moments : index (group, term), the rows under ("residual", ""); columns n, sd, skewness, kurtosis (excess over
        the normal distribution's), low and high, of the standardised values.
    """

    fit: "HLMResult"
    frame: pd.DataFrame
    levels: Mapping[str, pd.DataFrame]
    moments: pd.DataFrame = field(repr=False)

    plot = plot

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures sd, skewness, kurtosis, low and high of the standardised values."""
        return tidy_frame(
            {"measure": measure, "group": group, "term": term, "estimate": row[measure]}
            for (group, term), row in self.moments.iterrows()
            for measure in ("sd", "skewness", "kurtosis", "low", "high")
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what the residuals are and how they lie, in "zh" or "en"."""
        return paragraph(self, lang or language())


def residuals(fit: "HLMResult", table: Table) -> Residuals:
    """Give residuals of the rows and of every grouping.

    With V = ZTZ' + I in units of σ² and Q = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹, the conditional residual is ê = Qy with
    variance σ²Q, and q_ii = 1 − ∂ŷ_i/∂y_i: one less the row's leverage on its own fitted value. It is standardised as
    ê_i / (σ̂√q_ii). A predicted effect is standardised by its diagnostic variance, that of b̂ over outcomes,
    Var(b̂) = σ²T − Var(b̂ − b), and not by the comparative one, Var(b̂ − b), of the caterpillar chart. The parameters
    of T and σ² count as known. With precision weights w, σ² is σ²/w_i.

    Parameters
    ----------
    table : the table that the model was fitted to (a fit keeps no rows), in memory or a file. Rows with missing
        values are left out, as in the fit.

    Returns
    -------
    Residuals
        `frame`, one row for each row used; `levels`, the effects of each grouping; `plot()` draws both.

    Raises
    ------
    DataError
        Where the table has other rows, groups or values than the fit.
    FitError
        Where the fit has sampling weights.

    Notes
    -----
    Source: Nobre & Singer (2007), Biometrical Journal 49, sections 3 and 4, for the residuals (the matrix Q and the
    standardisation by its diagonal); Snijders & Berkhof (2008), in de Leeuw & Meijer (eds.), Handbook of Multilevel
    Analysis, section 3.3, for diagnostic variances and the distance of a group; Blom (1958) for the normal scores,
    Φ⁻¹((rank − 3/8) / (n + 1/4)).
    """
    rows = read_rows(fit, table)
    shares, scale = row_shares(fit.optimum, rows), fit.units.scale
    sigma = float(np.sqrt(fit.sigma2))
    marginal = scale * (rows.y - rows.X @ fit.optimum.profile.beta) / rows.root
    residual = scale * shares.residual / rows.root
    known = shares.free > EXACT
    spread = np.sqrt(np.where(known, shares.free, 1.0))
    standardised = np.where(known, scale * shares.residual / (sigma * spread), np.nan)
    frame = rows.groups.assign(
        fitted_marginal=rows.outcome - marginal,
        fitted=rows.outcome - residual,
        residual_marginal=marginal,
        residual=residual,
        leverage=1 - shares.free,
        standardised=standardised,
        score=normal_scores(standardised),
    )
    levels = _levels(fit)
    return Residuals(fit, frame, levels, _moments(fit, standardised, levels))


def normal_scores(values: Array) -> Array:
    """Give Φ⁻¹((rank − 3/8) / (n + 1/4)) among the known values; missing ones have none."""
    rank = stats.rankdata(values, nan_policy="omit")
    scores: Array = ndtri((rank - 0.375) / (np.isfinite(values).sum() + 0.25))
    return scores


def _levels(fit: "HLMResult") -> dict[str, pd.DataFrame]:
    """Give the effects of each grouping with their diagnostic variances."""
    optimum, units = fit.optimum, fit.units
    at, sigma2 = optimum.profile, optimum.profile.rss / optimum.profile.dof
    v, out = np.append(-at.beta, 1.0), {}
    parts = by_level(optimum.blocks, learn(optimum.blocks, optimum.covs))
    for level, T, z, (B, P) in zip(optimum.blocks.levels, optimum.covs, units.z, parts, strict=True):
        b, Bx = B @ v, B[:, :, :-1]
        D = T - P - Bx @ at.C @ np.swapaxes(Bx, 1, 2)
        spread = np.einsum("ij,gjk,ik->gi", z, D, z, optimize=True)
        # An effect whose own variance is estimated as zero is zero in every group: there is no spread to divide by.
        known = spread > NOTHING * np.diag(z @ z.T)
        sd = np.sqrt(fit.sigma2 * np.where(known, spread, 1.0))
        effects = units.scale * b @ z.T
        columns: dict[str, Array] = {}
        for j, name in enumerate(fit.model.effects(level.name)):
            own = np.where(known[:, j], effects[:, j] / sd[:, j], np.nan)
            columns |= {name: effects[:, j], f"std({name})": own, f"score({name})": normal_scores(own)}
        columns["mahalanobis"], columns["df"] = _distance(b, D, sigma2)
        out[level.name] = pd.DataFrame(columns, pd.Index(level.labels, name=level.name))
    return out


def _distance(b: Array, D: Array, sigma2: float) -> tuple[Array, Array]:
    """Give b'D⁺b / σ² and the rank of D; missing where D says nothing."""
    values, vectors = np.linalg.eigh(D)
    known = values > NOTHING
    turned = np.einsum("gji,gj->gi", vectors, b)
    terms = np.divide(turned**2, sigma2 * values, out=np.zeros_like(turned), where=known)
    rank = known.sum(axis=1)
    return np.where(rank > 0, terms.sum(axis=1), np.nan), rank


def _moments(fit: "HLMResult", rows: Array, levels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Describe the standardised values of the rows and of each effect."""
    found = {("residual", ""): rows}
    for name, frame in levels.items():
        found |= {(name, effect): frame[f"std({effect})"].to_numpy() for effect in fit.model.effects(name)}
    lines = []
    for values in found.values():
        own = values[np.isfinite(values)]
        # Moments of fewer than four values, or of equal ones, describe nothing.
        plain = len(own) > 3 and float(np.ptp(own)) > 0
        shape = (float(own.std(ddof=1)), float(stats.skew(own)), float(stats.kurtosis(own))) if plain else (np.nan,) * 3
        ends = (own.min(), own.max()) if len(own) else (np.nan, np.nan)
        lines.append((len(own), *shape, *ends))
    index = pd.MultiIndex.from_tuples(list(found), names=["group", "term"])
    return pd.DataFrame(lines, index, ["n", "sd", "skewness", "kurtosis", "low", "high"])
