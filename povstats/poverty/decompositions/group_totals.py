"""Weighted totals of row expressions by group, with their joint covariance, and smooth functions of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from povstats.engine.forms import WEIGHT, Expressions, Sums
from povstats.engine.layout import Floats
from povstats.engine.source import Table
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated_together
from povstats.poverty.influence import covariances
from povstats.poverty.measure import Fixed, Measure, Sign, Value

STEP = 1e-30
"""A step along the imaginary axis: no difference is formed, so it may be as small as one likes."""
SIZE = "size"


@dataclass(frozen=True, eq=False)
class GroupTotals:
    """Totals by group.

    Parameters
    ----------
    levels : the groups. names : of the totals, the weights' "size" first. values : shape (K, G).
    matrix : covariance of the totals in the order of `values.ravel()`. df : degrees of freedom of all groups together.
    estimates : the totals as estimates; the first has the definition and the rows.
    """

    levels: tuple[Any, ...]
    names: tuple[str, ...]
    values: Floats
    matrix: Floats
    df: float
    estimates: tuple[Estimates, ...]

    def part(self, places: list[int]) -> "GroupTotals":
        """Keep some groups, in an order."""
        groups = len(self.levels)
        flat = [k * groups + g for k in range(len(self.names)) for g in places]
        matrix = self.matrix[np.ix_(flat, flat)]
        levels = tuple(self.levels[g] for g in places)
        return GroupTotals(levels, self.names, self.values[:, places], matrix, self.df, self.estimates)

    def smooth(self, function: Callable[[Any], Any]) -> tuple[Floats, Floats]:
        r"""Give a function of the totals and its covariance J V J', with J by complex steps.

        .. math:: \partial h / \partial x_i = \operatorname{Im} h(x + i \epsilon e_i) / \epsilon

        Parameters
        ----------
        function : from totals of shape (K, G) to numbers of shape (m,), by operations that know complex numbers.

        Source
        ------
        Squire and Trapp (1998), SIAM Review 40.
        """
        shape = self.values.shape
        # Totals differ by many powers of ten: a step relative to each keeps the products in range.
        jacobian = []
        for at in range(self.values.size):
            moved = self.values.astype(complex).ravel()
            moved[at] += 1j * STEP
            jacobian.append(np.imag(function(moved.reshape(shape))) / STEP)
        found = np.array(jacobian).T
        return np.real(function(self.values.astype(complex))), found @ self.matrix @ found.T


def group_totals(
    table: Table, asked: Definition, expressions: Expressions, *, fixed: Fixed | None = None, sign: Sign = "any"
) -> GroupTotals:
    """Add up expressions by group of `asked.by`, with the covariance of all totals by the design.

    Parameters
    ----------
    table, asked : as for `estimated`. expressions : by name. fixed, sign : as in `Measure`.

    Raises
    ------
    DataError
        As `povstats.fgt`; where rows are PSUs and stayed in an engine.
    """
    makers = [_total(None, fixed, sign), *(_total((name, e), fixed, sign) for name, e in expressions.items())]
    found = estimated_together(table, asked, makers)
    levels = tuple(found[0].estimate.index)
    groups = len(levels)
    values = np.array([one.estimate.to_numpy(dtype=float) for one in found])
    matrix = np.empty((values.size, values.size))
    pairs = [(i, j) for i in range(groups) for j in range(groups)]
    for k, left in enumerate(found):
        for m in range(k, len(found)):
            block = covariances(left, found[m], pairs).reshape(groups, groups)
            matrix[k * groups : (k + 1) * groups, m * groups : (m + 1) * groups] = block
            matrix[m * groups : (m + 1) * groups, k * groups : (k + 1) * groups] = block.T
    df = float(found[0].psus - found[0].strata)
    return GroupTotals(levels, (SIZE, *expressions), values, matrix, df, tuple(found))


def _total(named: tuple[str, Any] | None, fixed: Fixed | None, sign: Sign) -> Maker:
    def finish(sums: Sums, known: Sums) -> Value:
        name = WEIGHT if named is None else named[0]
        return Value(np.asarray(sums[name], dtype=float), {name: np.ones_like(sums[name])})

    expressions = {} if named is None else {named[0]: named[1]}
    return lambda asked: Measure("total", expressions, finish, fixed=fixed, sign=sign, unit="welfare")


def told(values: Floats, matrix: Floats, names: list[Any]) -> pd.DataFrame:
    """Put numbers and standard errors into a frame: columns estimate and se."""
    spread = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    return pd.DataFrame({"estimate": values, "se": spread}, index=pd.Index(names))
