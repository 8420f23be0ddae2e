"""Linear combinations of the coefficients: their rows, and their tests by the fit's own degrees of freedom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from povstats.engine.cells import Array
from povstats.errors import share
from povstats.models.design import Column
from povstats.models.inference.df import satterthwaite
from povstats.models.inference.kenward_roger import adjust, single_dof
from povstats.models.levels import paths
from povstats.models.likelihood import slopes

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

LARGE = 1e10
"""Degrees of freedom at which Student's t is the normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Precision:
    """How precisely combinations l'β are known.

    Attributes
    ----------
    params : shape (p,). cov : shape (p, p), the fit's covariance of them.
    dof : from rows l, shape (n, p), to degrees of freedom, shape (n,).
    """

    params: Array
    cov: Array
    dof: Callable[[Array], Array]

    def estimates(self, rows: Array) -> tuple[Array, Array, Array]:
        """Give estimates l'β, standard errors and degrees of freedom, shape (n,) each."""
        variance = np.einsum("ni,ij,nj->n", rows, self.cov, rows)
        return rows @ self.params, np.sqrt(np.maximum(variance, 0.0)), self.dof(rows)


def precision(fit: "HLMResult") -> Precision:
    """Prepare the tests of combinations as the fit tests its coefficients; the costly part is done once."""
    basis, optimum = fit.units.x, fit.optimum
    if fit.df_method == "kenward-roger":
        adjusted = adjust(optimum)

        def dof(rows: Array) -> Array:
            return single_dof(adjusted, rows @ basis)

    elif fit.df_method == "satterthwaite":
        found = slopes(optimum.blocks, optimum.profile, optimum.factors, optimum.entries)

        def dof(rows: Array) -> Array:
            return satterthwaite(optimum, rows @ basis, found)

    else:

        def dof(rows: Array) -> Array:
            return np.full(len(rows), np.inf)

    return Precision(fit.params.to_numpy(dtype=float), fit.cov.to_numpy(dtype=float), dof)


def tested(known: Precision, rows: Array, level: float) -> pd.DataFrame:
    """Test combinations against zero.

    Parameters
    ----------
    known : of the fit. rows : shape (n, p). level : of the intervals.

    Returns
    -------
    DataFrame
        Columns estimate, se, df, t, p, low, high.
    """
    check_level(level)
    estimate, se, dof = known.estimates(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimate / se
    half = stdtrit(np.minimum(dof, LARGE), (1 + level) / 2) * se
    columns = {"estimate": estimate, "se": se, "df": dof, "t": t, "p": two_sided(t, dof)}
    return pd.DataFrame(columns | {"low": estimate - half, "high": estimate + half})


def two_sided(t: Array, dof: Array) -> Array:
    """Give two-sided p-values, from the lower tail, which keeps its digits."""
    p: Array = 2 * stdtr(np.minimum(dof, LARGE), -np.abs(t))
    return p


def check_level(level: float) -> None:
    """Refuse a level that is no share."""
    share("level", level)


def derivative_rows(
    columns: Sequence[Column], moves: Mapping[str, float | Array], values: Mapping[str, Array], size: int
) -> Array:
    """Differentiate columns that are products of pieces: Σ over the moving pieces of dm · Π of the others.

    Parameters
    ----------
    columns : of X. moves : derivative of each moving piece. values : of all pieces, shape (size,) each.

    Returns
    -------
    Array
        Shape (size, columns).
    """
    out = np.zeros((size, len(columns)))
    for j, column in enumerate(columns):
        for k, piece in enumerate(column.pieces):
            if piece in moves:
                rest = [values[other] for other in (*column.pieces[:k], *column.pieces[k + 1 :])]
                out[:, j] += moves[piece] * prod(rest, start=np.ones(size))
    return out


def means(fit: "HLMResult") -> dict[str, float]:
    """Give the mean of every piece of the right side over the rows used, weighted where the fit is."""
    cells = fit.cells
    weight = paths(fit.optimum.blocks.levels)[0][cells.groupings[fit.optimum.blocks.levels[0].name].codes]
    rows = float(weight @ cells.moments[:, 0, 0])
    return {name: float(weight @ total) / rows for name, total in _totals(fit).items()}


def group_means(fit: "HLMResult") -> dict[str, Array]:
    """Give the mean of every piece of the right side by lowest group, shape (groups,)."""
    level = fit.optimum.blocks.levels[0]
    codes, counts = fit.cells.groupings[level.name].codes, fit.cells.moments[:, 0, 0]
    size = len(level.labels)
    rows = np.bincount(codes, counts, size)
    return {name: np.bincount(codes, total, size) / rows for name, total in _totals(fit).items()}


def group_rows(fit: "HLMResult") -> Array:
    """Give the number of rows of each lowest group."""
    level = fit.optimum.blocks.levels[0]
    codes = fit.cells.groupings[level.name].codes
    return np.bincount(codes, fit.cells.counts, len(level.labels)).astype(float)


def _totals(fit: "HLMResult") -> dict[str, Array]:
    """Sum every piece but the outcome by cell."""
    cells = fit.cells
    out: dict[str, Array] = {}
    for text, factor in fit.model.factors.items():
        for piece in factor.pieces if text != fit.model.formula.response else ():
            if piece in cells.totals:
                out[piece] = cells.totals[piece]
            else:
                out[piece] = cells.sums(piece)[0] + cells.shift[piece] * cells.moments[:, 0, 0]
    return out
