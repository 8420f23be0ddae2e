"""fit_within: the fixed-effects model, every group with an intercept of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr

from povstats.engine import open_lazily
from povstats.engine.cells import Array, Cells
from povstats.engine.source import Table
from povstats.errors import DataError, FitError, FormulaError, allowed
from povstats.models.advice_outcome import raw_outcome, refuse_leave_one_out
from povstats.models.assemble import reduce_rows
from povstats.models.design import Column
from povstats.models.formula import Formula, RandomTerm, parse
from povstats.models.model import Model, compile_model, needed_columns
from povstats.models.notes import Note
from povstats.models.rows import Account, complete
from povstats.models.within_moments import Least, about_means, absorbed, least_squares, whole
from povstats.models.within_result import FTest, WithinResult

Cov = Literal["CR1", "classical"]
FEW = 20
"""Clusters below which a note says that clustered standard errors are too small."""
TOLD = 8
"""Names that a note lists before it counts the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A table reduced for a model over one grouping.

    Attributes
    ----------
    model, cells, rows : what is fitted, on which rows.
    by : the grouping columns. clusters : each group's cluster, shape (G,).
    """

    model: Model
    cells: Cells
    rows: Account
    by: tuple[str, ...]
    clusters: NDArray[np.intp]

    @property
    def group(self) -> str:
        """The grouping as it is printed."""
        return ":".join(self.by)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of X that vary within groups."""
        return tuple(column for column in self.model.fixed if not absorbed(self.cells, column.pieces))

    @property
    def outer(self) -> tuple[Column, ...]:
        """The columns of X that are constant within groups, without the intercept."""
        return tuple(c for c in self.model.fixed if c.pieces and absorbed(self.cells, c.pieces))


def fit_within(
    formula: str,
    table: Table,
    *,
    group: str | Sequence[str],
    cov: Cov = "CR1",
    cluster: str | Sequence[str] | None = None,
) -> WithinResult:
    """Fit the fixed-effects (within) model y = Xβ + α_g + e by least squares on deviations from the groups' means.

    Parameters
    ----------
    formula : outcome and predictors in fit_hlm's grammar, without random terms. Columns that are constant within
        groups are absorbed by the α and left out with a note; their interactions with household columns stay.
    table : what fit_hlm takes. Rows with a missing value in a needed column are left out and counted.
    group : the grouping column; several are crossed, as in ("county", "village").
    cov : "CR1", robust to any dependence within clusters, or "classical", σ²(X'X)⁻¹.
    cluster : the clusters of "CR1", a column that groups lie within, such as county; without it the groups.

    Returns
    -------
    WithinResult
        Coefficients of what varies within groups, their tests, and the F test that all α are equal.

    Raises
    ------
    FormulaError, DataError
        As fit_hlm; where groups lie in several clusters.
    FitError
        Where nothing varies within the groups, columns are collinear within them, or rows are too few.

    Notes
    -----
    "CR1" is G/(G−1)·(N−1)/(N−K−1)·(X'X)⁻¹ Σ u_g u_g' (X'X)⁻¹ with u_g = X_g'e_g over G clusters and K coefficients,
    and t tests have G − 1 degrees of freedom: Stata's `xtreg, fe vce(cluster)`; linearmodels gives the same with a
    constant among the regressors and group_debias=True. The α are not counted in K because they are nested in the
    clusters. "classical" has N − G − K degrees of freedom.

    Source: Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, section 10.5; Liang & Zeger
    (1986), Biometrika 73; Cameron & Miller (2015), Journal of Human Resources 50, section III.B.
    """
    allowed("cov", cov, ("CR1", "classical"))
    parsed = parse(formula)
    if parsed.random:
        raise FormulaError(
            f"{formula!r} has the random term {parsed.random[0].text}; the within model takes the effects of `group` "
            "as fixed: leave the term out, or use fit_hlm"
        )
    upper = [_names(cluster)] if cluster is not None else []
    return within_of(reduce(parsed, table, [_names(group), *upper]), cov)


def reduce(formula: Formula, table: Table, by: Sequence[tuple[str, ...]]) -> Reduced:
    """Reduce a table to its cells.

    Parameters
    ----------
    formula : the parsed text; of its random terms those over the grouping are read.
    by : the grouping, and where there are clusters above it, theirs.
    """
    fixed = formula.fixed if () in formula.fixed else ((), *formula.fixed)
    by = list(dict.fromkeys(by))
    own = [bar for bar in formula.random if bar.group == by[0]]
    rest = by[1:] if own else by
    bars = (*own, *(RandomTerm(f"(1 | {':'.join(names)})", ((),), names, True) for names in rest))
    plain = replace(formula, fixed=fixed, random=bars)
    used, account = complete(open_lazily(table), needed_columns(plain))
    model = compile_model(plain, used)
    cells = reduce_rows(used, model.pieces | raw_outcome(model, used), model, None)
    refuse_leave_one_out(model, cells)
    groups = cells.groupings[":".join(by[0])]
    if len(groups.labels) < len(cells.labels):
        raise DataError(
            f"some groups of {':'.join(by[0])!r} lie in several of {':'.join(by[-1])!r}; clusters must hold whole "
            f"groups. Where {':'.join(by[0])!r} is numbered anew in each, give both columns as the group"
        )
    return Reduced(model, cells, account, by[0], cells.groupings[":".join(by[-1])].codes)


def within_of(data: Reduced, cov: Cov) -> WithinResult:
    """Fit the within model to a reduced table."""
    cells, names = data.cells, [column.name for column in data.columns]
    N, G, K = cells.nobs, len(cells.labels), len(names)
    _estimable(data)
    inner = about_means(cells, [column.pieces for column in data.columns], data.model.response)
    least = least_squares(inner.by_group.sum(axis=0), names, f"within the groups of {data.group!r}")
    sigma2 = least.rss / (N - G - K)
    clusters = int(data.clusters.max()) + 1
    if cov == "classical":
        spread, dof = sigma2 * least.inverse, float(N - G - K)
    else:
        if clusters < 2:
            raise FitError("there is one cluster only; take cov='classical', or clusters below it")
        factor = clusters / (clusters - 1) * (N - 1) / (N - K - 1)
        spread, dof = factor * sandwich(inner.by_group, least, data.clusters), clusters - 1.0
    back = np.linalg.inv(inner.basis)
    beta, spread = back @ least.beta, back @ spread @ back.T
    se = np.sqrt(np.diag(spread))
    t = np.divide(beta, se, out=np.full(K, np.nan), where=se > 0)
    series = {
        "params": beta,
        "std_errors": se,
        "tstats": t,
        "dof": np.full(K, dof),
        "pvalues": 2 * stdtr(dof, -np.abs(t)),
    }
    return WithinResult(
        formula=data.model.formula.text,
        group=data.group,
        cov_type=cov,
        **{name: pd.Series(values, names, name=name) for name, values in series.items()},
        cov=pd.DataFrame(spread, names, names),
        nobs=N,
        ngroups={data.group: G},
        nclusters=clusters,
        rsquared=1 - least.rss / least.tss,
        sigma2=sigma2,
        effects_test=_equal_effects(data, least, sigma2),
        notes=_notes(data, cov, clusters),
        rows=data.rows,
        model=data.model,
    )


def sandwich(by_group: Array, least: Least, clusters: NDArray[np.intp]) -> Array:
    """(X'X)⁻¹ Σ u_c u_c' (X'X)⁻¹, with u_c = X_c'e_c summed over the groups of cluster c."""
    scores = by_group[:, :-1] @ np.append(-least.beta, 1.0)
    summed = np.zeros((int(clusters.max()) + 1, scores.shape[1]))
    np.add.at(summed, clusters, scores)
    half = summed @ least.inverse
    meat: Array = half.T @ half
    return meat


def _names(group: str | Sequence[str]) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else tuple(group)


def _estimable(data: Reduced) -> None:
    N, G, K = data.cells.nobs, len(data.cells.labels), len(data.columns)
    if G < 2:
        raise FitError(f"{data.group!r} has one group only; the within model needs several")
    if data.model.response in data.cells.village:
        raise FitError(f"the outcome is the same for all rows of a group of {data.group!r}; nothing varies within")
    if not K:
        raise FitError(
            f"no predictor varies within the groups of {data.group!r}: their effects absorb all. Keep a household "
            "column in the formula, or interactions of one with the groups' columns"
        )
    if N <= G + K:
        raise FitError(f"{N} rows are too few for {G} groups and {K} coefficients; use a coarser grouping")


def _equal_effects(data: Reduced, least: Least, sigma2: float) -> FTest:
    """F test of equal α: the same household columns with one intercept against one a group."""
    cells, names = data.cells, ["Intercept", *(column.name for column in data.columns)]
    pooled = whole(cells, [(), *(column.pieces for column in data.columns)], data.model.response)
    groups, dof = len(cells.labels), cells.nobs - len(cells.labels) - len(data.columns)
    statistic = (least_squares(pooled.by_group.sum(axis=0), names).rss - least.rss) / (groups - 1) / sigma2
    return FTest(statistic, groups - 1.0, float(dof), float(fdtrc(groups - 1, dof, max(statistic, 0.0))))


def _notes(data: Reduced, cov: Cov, clusters: int) -> tuple[Note, ...]:
    notes = [Note("models.note_fullwidth", {"signs": signs}) for signs in data.model.formula.notes]
    gone = [column.name for column in data.outer]
    if gone:
        more = f" … ({len(gone)})" if len(gone) > TOLD else ""
        notes.append(Note("models.within_absorbed", {"names": ", ".join(gone[:TOLD]) + more, "group": data.group}))
    single = int((data.cells.counts == 1).sum())
    if single:
        notes.append(Note("models.within_single", {"count": f"{single:,}", "group": data.group}))
    if cov == "CR1" and clusters < FEW:
        notes.append(Note("models.within_few", {"count": str(clusters)}))
    return tuple(notes)
