"""Influence: what the estimates would be without each group, household or row, by exact deletion."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.engine.source import Table
from povstats.errors import FitError, OptionError, allowed, share
from povstats.models.inference.bootstrap import progress
from povstats.models.interpretation.diagnostics.deletion import Without, refits_without
from povstats.models.interpretation.diagnostics.influence_drawn import plot
from povstats.models.interpretation.diagnostics.influence_printed import paragraph, printed
from povstats.models.interpretation.diagnostics.units_deleted import group_units, grouping_of, row_units
from povstats.models.notes import Note
from povstats.models.weights import sampled
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class Influence(Printed):
    """Estimates without each unit, and how far they lie from those with it.

    Attributes
    ----------
    fit : the model. level : what was deleted. every : units in all; fewer are in the table after `top`.
    table : one row a unit, in the order of their labels. Columns: rows; cook; mdffits; covratio; displacement (of
        the log-likelihood); status, "converged", "boundary", or without numbers "not estimable" and "failed".
    params, std_errors, dof, pvalues : by unit and term, the coefficients without the unit.
    components : by unit and (group, effect), the variances without the unit; σ² under ("residual", "").
    reasons : why a unit has no numbers, by label.
    """

    fit: "HLMResult"
    level: str
    every: int
    table: pd.DataFrame
    params: pd.DataFrame
    std_errors: pd.DataFrame
    dof: pd.DataFrame
    pvalues: pd.DataFrame
    components: pd.DataFrame
    reasons: Mapping[Any, Note] = field(default_factory=dict)

    plot = plot

    @property
    def dfbeta(self) -> pd.DataFrame:
        """Change of each coefficient by the deletion: without the unit less with it, as lme4 signs it."""
        return self.params - self.fit.params

    @property
    def dfbetas(self) -> pd.DataFrame:
        """The same in standard errors of the fit without the unit, as lme4 and influence.ME have it."""
        return self.dfbeta / self.std_errors

    @property
    def threshold(self) -> float:
        """Cook's distances above 4 over the number of units are flagged."""
        return 4 / self.every

    @property
    def flagged(self) -> list[Any]:
        """Units whose Cook's distance lies above the threshold, the largest first; then those without an answer."""
        cook = self.table["cook"]
        large = cook[cook > self.threshold].sort_values(ascending=False, kind="stable")
        return [*large.index, *self.table.index[cook.isna()]]

    def carries(self, term: str, level: float = 0.05) -> pd.DataFrame:
        """List the units on which a coefficient's sign or significance hangs.

        Parameters
        ----------
        term : a coefficient, such as "trust:aid_funds".
        level : of the two-sided t test, with the fit's kind of degrees of freedom.

        Returns
        -------
        DataFrame
            By unit: estimate, se, df, p without it; sign and significance, whether they change; and lost, where the
            coefficient cannot be estimated without the unit. Empty where no single deletion matters so much.
        """
        allowed("term", term, tuple(self.params.columns))
        share("level", level, 0.05)
        columns = {"estimate": self.params, "se": self.std_errors, "df": self.dof, "p": self.pvalues}
        out = pd.DataFrame({name: frame[term] for name, frame in columns.items()})
        lost = out["estimate"].isna()
        out["sign"] = ~lost & (np.sign(out["estimate"]) != np.sign(self.fit.params[term]))
        out["significance"] = ~lost & ((out["p"] < level) != (self.fit.pvalues[term] < level))
        return out.assign(lost=lost)[out["sign"] | out["significance"] | lost]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: by unit cook, mdffits, covratio, displacement, then coef and dfbetas by term."""
        rows: list[dict[str, object]] = []
        for label, row in self.table.iterrows():
            unit = {"group": str(label)}
            rows += [{"measure": name, **unit, "estimate": row[name]} for name in self.table.columns[1:-1]]
            for term in self.params.columns:
                own = {"estimate": self.params.loc[label, term], "se": self.std_errors.loc[label, term]}
                tests = {"df": self.dof.loc[label, term], "p": self.pvalues.loc[label, term]}
                rows.append({"measure": "coef", **unit, "term": term, **own, **tests})
                share = (own["estimate"] - self.fit.params[term]) / own["se"]
                rows.append({"measure": "dfbetas", **unit, "term": term, "estimate": share})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en": what was done, the ten largest distances, the range of each coefficient."""
        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what was deleted, how influence is measured and what hangs on single units."""
        return paragraph(self, lang or language())


def influence(
    fit: "HLMResult", level: str | None = None, table: Table | None = None, *, top: int | None = None
) -> Influence:
    """Delete each group, household or row in turn and fit the model again to what is left, exactly.

    Groups come out of the cached cross-products; rows take a second pass over the table. Every refit is a full one:
    all variances are estimated anew from the fit's, by the same method and with the same degrees of freedom. With b
    the p coefficients of all rows, b₋ those without a unit, V and V₋ their covariances:

    - Cook's distance (b − b₋)'V⁻¹(b − b₋) / p, flagged above 4 / number of units;
    - MDFFITS, the same with V₋;
    - covariance ratio det(V₋) / det(V), above 1 where the unit adds precision;
    - displacement 2[ℓ(ψ̂) − ℓ(ψ̂₋)] of the log-likelihood of all rows, under "reml" the restricted one, which looks at
      the variances alone.

    Parameters
    ----------
    level : a grouping of the model, such as "village" or "county" (then with all their villages), the lowest one by
        default. Any other name means rows of the table: where the table has such a column, all rows of a value of it
        are a unit, as of "household"; otherwise every row is one.
    table : the table of the fit, for units that are no grouping of the model.
    top : for single rows, delete only so many: those with the largest Cook's distance at the fit's variances.

    Returns
    -------
    Influence
        `table`, one row a unit: cook, mdffits, covratio, displacement, status; `params`, `dfbetas`, … by unit and
        term; `flagged` units, and those that `carries(term)` a verdict.

    Raises
    ------
    OptionError
        Where the level is no grouping and there is no table.
    FitError
        Where there are sampling weights, or refits times lowest groups exceed 100 million (some minutes).
    DataError
        Where the table is not that of the fit.

    Notes
    -----
    What center(), scale(), poly(), within() and between() have learned stays as it was with all rows, as it does in
    other programs where such columns are computed before. One refit costs one to three milliseconds with some hundred
    groups and grows with their number. lme4's cooks.distance() is this one times (m − p) / m with m units.
    Source: Cook (1977), Technometrics 19; Snijders & Bosker (2012), Multilevel Analysis, eq. 10.8 and 10.9;
    Belsley, Kuh & Welsch (1980), Regression Diagnostics, section 2.1; Cook (1986), Journal of the Royal Statistical
    Society B 48, for the displacement; Van der Meer, Te Grotenhuis & Pelzer (2010), American Sociological Review 75,
    for 4 / number of units.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError(
            "with sampling weights a deletion changes the scaled weights of other rows: use bootstrap(kind='cluster') "
            "to see how the estimates hang on the clusters drawn, or fit without sampling_weights"
        )
    name = grouping_of(fit, level)
    if name is not None:
        if top is not None:
            raise OptionError(f"top={top!r} ranks single rows; the groups of {name!r} are all deleted: leave it out")
        count, units = group_units(fit, name)
        every = count
    elif table is None:
        raise OptionError(
            f"level={level!r} is not a grouping of this model ({', '.join(fit.model.groupings)}); to delete households "
            "or rows, give the table of the fit too: influence('household', table)"
        )
    else:
        every, units = row_units(fit, str(level), table, top)
        count = top or every
    found = []
    with progress(count, "influence") as tell:
        for one in refits_without(fit, units):
            found.append(one)
            tell(1)
    return _collected(fit, name or str(level), every, found)


def _collected(fit: "HLMResult", level: str, every: int, found: Iterable[Without]) -> Influence:
    """Put the refits into frames."""
    found = list(found)
    index = pd.Index([one.label for one in found], name=level)
    terms, groups = list(fit.params.index), fit.optimum.blocks.levels
    effects = [(one.name, effect) for one in groups for effect in fit.model.effects(one.name)]
    variances = pd.MultiIndex.from_tuples([*effects, ("residual", "")], names=["group", "term"])
    table = pd.DataFrame([_measures(fit, one) for one in found], index, ["cook", "mdffits", "covratio"])
    table.insert(0, "rows", [one.rows for one in found])
    table["displacement"] = [one.displacement for one in found]
    table["status"] = [one.status for one in found]
    return Influence(
        fit=fit,
        level=level,
        every=every,
        table=table,
        params=pd.DataFrame([one.params for one in found], index, terms),
        std_errors=pd.DataFrame([np.sqrt(np.diag(one.cov)) for one in found], index, terms),
        dof=pd.DataFrame([one.dof for one in found], index, terms),
        pvalues=pd.DataFrame([one.pvalues for one in found], index, terms),
        components=pd.DataFrame(np.array([one.components for one in found]), index, variances),
        reasons={one.label: one.reason for one in found if one.reason is not None},
    )


def _measures(fit: "HLMResult", one: Without) -> tuple[float, float, float]:
    """Give Cook's distance, MDFFITS and the covariance ratio."""
    if not np.isfinite(one.params).all():
        return (np.nan,) * 3
    V, move = fit.cov.to_numpy(), one.params - fit.params.to_numpy()
    # In standard errors, so that units of the predictors do not spoil the inverse.
    se = np.sqrt(np.diag(V))
    scaled, other = V / np.outer(se, se), one.cov / np.outer(se, se)
    distances = [_quadratic(cov, move / se) / len(move) for cov in (scaled, other)]
    ratio = float(np.exp(np.linalg.slogdet(other)[1] - np.linalg.slogdet(scaled)[1]))
    return distances[0], distances[1], ratio


def _quadratic(cov: Array, move: Array) -> float:
    return float(move @ np.linalg.solve(cov, move))
