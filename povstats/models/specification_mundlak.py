"""Mundlak's terms: group means of the household columns in the random-effects model, tested to be zero."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import narwhals as nw
import numpy as np
import pandas as pd
from scipy.special import fdtrc

from povstats.engine.cells import Array
from povstats.engine.columns import as_expression
from povstats.models.design import columns
from povstats.models.notes import Note
from povstats.models.result import HLMResult
from povstats.models.specification_robust import Robust, cr2
from povstats.models.specification_tested import Tested
from povstats.models.terms import Frame
from povstats.models.within import Reduced
from povstats.models.within_moments import crossed, dependence, least_squares, loads, outcome, whole

FEWEST = 4.0
"""Degrees of freedom below which the approximation behind the robust test does not hold (Tipton 2015)."""
FLAT = 1e-8
"""Means that vary less than this share of the column's spread are the same in all groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """The group means that can stand in the model.

    Attributes
    ----------
    names : household columns whose means say something of their own; values : shape (G, m), about their mean.
    dropped : household columns whose means do not vary, or are a combination of what stands before them.
    between : how many columns vary between groups only: intercept, group-level columns, means.
    """

    names: tuple[str, ...]
    values: Array
    dropped: tuple[str, ...]
    between: int


@dataclass(frozen=True, slots=True, eq=False)
class Mundlak:
    """Both forms of the test, the terms they are about, and the model that holds them."""

    robust: Tested
    classical: Tested
    terms: pd.DataFrame
    dropped: tuple[str, ...]
    fit: HLMResult | None


def mundlak(
    data: Reduced, used: Frame, refit: Callable[[Frame, tuple[str, ...]], HLMResult], barred: Note | None = None
) -> Mundlak:
    """Test that the groups' effects do not depend on the means of the household columns.

    The model is y = Xβ + X̄γ + Zb + e with X̄ the group means; γ = 0 is what random effects assume. "mundlak" is the
    cluster-robust test (CR2, with its own degrees of freedom; see cr2) around generalised least squares with the fitted
    variances of the grouping. "mundlak_classical" sets γ̂'V⁻¹γ̂/m, with the model's own V, against F(m, G − k), k
    columns varying between groups only.

    Parameters
    ----------
    data : the table, reduced. used : the same rows.
    refit : fits the random-effects model to a table with the named columns added to the formula.
    barred : why there is nothing to test, where that is known.

    Notes
    -----
    Source: Mundlak (1978), Econometrica 46; Arellano (1993), Journal of Econometrics 59; Wooldridge (2010), section
    10.7.3.
    """
    means, found_why = group_means(data)
    why = barred or found_why
    if why is not None:
        return Mundlak(
            Tested("mundlak", reason=why), Tested("mundlak_classical", reason=why), _empty(), means.dropped, None
        )
    frame, added = _with_means(data, used, means.names)
    fit = refit(frame, added)
    dof = float(len(data.cells.labels) - means.between)
    V = fit.cov.loc[list(added), list(added)].to_numpy()
    gamma = fit.params[list(added)].to_numpy()
    statistic = float(gamma @ np.linalg.solve(V, gamma)) / len(gamma)
    classical = _tested("mundlak_classical", statistic, float(len(gamma)), dof)
    found = _robust(data, means, fit)
    clusters = Note("models.spec_few_clusters", {"count": str(int(data.clusters.max()) + 1)})
    tested = (
        Tested("mundlak", reason=clusters)
        if found.df2 < FEWEST
        else _tested("mundlak", found.statistic, found.df, found.df2)
    )
    terms = {"estimate": found.b, "se_robust": np.sqrt(np.diag(found.cov)), "se_model": np.sqrt(np.diag(V))}
    return Mundlak(tested, classical, pd.DataFrame(terms, list(added)), means.dropped, fit)


def group_means(data: Reduced) -> tuple[Means, Note | None]:
    """Choose the means that say something of their own, or tell why nothing can be tested."""
    outer, inner = data.outer, data.columns
    rows = whole(data.cells, [(), *(column.pieces for column in (*outer, *inner))], data.model.response)
    count, p = rows.by_group[:, 0, 0], rows.by_group.shape[1] - 1
    mean = rows.by_group[:, 0] / count[:, None]
    between = np.column_stack([mean[:, :p] @ rows.basis, mean[:, p]])
    between -= count @ between / count.sum()
    total = rows.by_group.sum(axis=0)
    spread = np.sqrt(np.append(np.diag(rows.basis.T @ total[:p, :p] @ rows.basis), total[p, p]))
    weighted = between * np.sqrt(count)[:, None]
    length = np.sqrt((weighted**2).sum(axis=0))
    unit = weighted / np.where(length > 0, length, 1.0)
    names = ["Intercept", *(column.name for column in (*outer, *inner))]
    kept = list(range(1, 1 + len(outer)))
    dropped: list[int] = []
    mark = _told(unit, [*kept, p], names) if len(kept) + 1 < len(count) else ()
    for j in range(1 + len(outer), p):
        known = not length[j] > FLAT * spread[j] or _told(unit, [*kept, j], names)
        (dropped if known else kept).append(j)
    chosen = kept[len(outer) :]
    found = Means(tuple(names[j] for j in chosen), between[:, chosen], tuple(names[j] for j in dropped), 1 + len(kept))
    if mark:
        return found, Note("models.spec_outcome", {"names": ", ".join(mark), "group": data.group})
    if not chosen:
        return found, Note("models.spec_no_means", {"names": ", ".join(found.dropped), "group": data.group})
    if len(count) <= found.between:
        return found, Note("models.spec_few_groups", {"groups": str(len(count)), "columns": str(found.between)})
    return found, None


def _told(unit: Array, chosen: list[int], names: list[str]) -> tuple[str, ...]:
    part = unit[:, chosen]
    return dependence(part.T @ part, [names[j] for j in chosen[:-1]]) if len(chosen) > 1 else ()


def _with_means(data: Reduced, used: Frame, names: tuple[str, ...]) -> tuple[Frame, tuple[str, ...]]:
    """Add the group means as columns, under names that the table does not have."""
    pieces = data.model.pieces
    added = []
    for column in data.columns:
        if column.name not in names:
            continue
        name = f"mean({column.name})"
        while name in used.columns:
            name += "_"
        product = prod((as_expression(pieces[piece]) for piece in column.pieces), start=nw.lit(1.0))
        used = used.with_columns(product.alias(name)).with_columns(nw.col(name).mean().over(*data.by))
        added.append(name)
    return used, tuple(added)


def _robust(data: Reduced, means: Means, fit: HLMResult) -> Robust:
    """GLS with the fitted variances of the grouping; the terms under CR2."""
    cells, model = data.cells, data.model
    bars = [bar for bar in model.formula.random if ":".join(bar.group) == data.group]
    effects = [column for bar in bars for column in columns(bar.terms, model.factors)]
    names = [column.name for column in effects]
    fixed = [column for column in model.fixed if not column.pieces] + [*data.outer, *data.columns]
    z, z_basis = loads(cells, [column.pieces for column in effects], absorbing=False)
    x, _ = loads(cells, [column.pieces for column in fixed], absorbing=False)
    m = np.zeros((len(cells.labels), len(cells.household), len(means.names)))
    m[:, 0] = means.values
    full = crossed(cells, np.concatenate([z, x, m, outcome(cells, model.response)], axis=2))
    values, vectors = np.linalg.eigh(fit.random_cov[data.group].loc[names, names].to_numpy() / fit.sigma2)
    root = z_basis @ (vectors * np.sqrt(np.maximum(values, 0.0)))
    q = len(names)
    A = np.eye(q) + root.T @ full[:, :q, :q] @ root
    R = root.T @ full[:, :q, q:]
    projected = full[:, q:, q:] - np.swapaxes(R, 1, 2) @ np.linalg.solve(A, R)
    every = [*(column.name for column in fixed), *(f"mean({name})" for name in means.names)]
    least = least_squares(projected.sum(axis=0), every)
    return cr2(projected, least, data.clusters, len(means.names))


def _tested(key: str, statistic: float, df: float, df2: float) -> Tested:
    shown = f"{df2:.0f}" if abs(df2 - round(df2)) < 1e-9 else f"{df2:.1f}"
    return Tested(key, statistic, df, df2, float(fdtrc(df, df2, max(statistic, 0.0))), f"F({df:.0f}, {shown})")


def _empty() -> pd.DataFrame:
    return pd.DataFrame({"estimate": [], "se_robust": [], "se_model": []}, dtype=float)


__all__ = ["Mundlak", "mundlak"]
