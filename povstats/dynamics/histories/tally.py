"""Weights added up by cluster and code, and ratios of such sums with their linearised variance."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from povstats.engine.layout import Codes, Floats, add_up
from povstats.errors import DataError
from povstats.poverty.variance import Reason, Sampling, covariance, interval
from povstats.survey import Lonely

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of a panel.

    Parameters
    ----------
    stratum : of every cluster, shape (C,). psus : clusters of every stratum, shape (H,).
    lonely : what a stratum with a single cluster does. census : whether there is no sampling error at all.
    """

    stratum: Codes
    psus: Codes
    lonely: Lonely
    census: bool

    def variance(self, z: Floats) -> float:
        """Give the variance of the total of z, shape (C,).

        Raises
        ------
        DataError
            Where a stratum has a single cluster and `lonely` is "fail".
        """
        if self.lonely == "fail" and (self.psus == 1).any():
            raise DataError(
                f"{int((self.psus == 1).sum())} strata have a single PSU, which leaves no variance to estimate; join "
                'each to a similar one, or choose Design(lonely="certainty") or Design(lonely="center")'
            )
        sampling = Sampling(self.lonely, np.zeros(len(self.psus)))
        return max(covariance(z, z, self.stratum, self.psus, sampling), 0.0)

    def degrees(self, held: Codes) -> int:
        """Give clusters minus strata among those held."""
        return len(held) - len(np.unique(self.stratum[held]))


@dataclass(frozen=True)
class Ratio:
    """A ratio of weighted counts.

    Attributes
    ----------
    estimate, se, df, low, high : with a logit interval. reason : why one is missing; as in `povstats.headcount`.
    events, n : rows in the numerator and in the denominator. numerator, denominator : their weights.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    reason: Reason
    events: int
    n: int
    numerator: float
    denominator: float


@dataclass(frozen=True, eq=False)
class Tally:
    """Weighted counts of codes by cluster.

    Parameters
    ----------
    names : what the columns of `items` are.
    items : the different combinations of codes, shape (m, names).
    cluster, item : of every part, shape (k,). weight : its weight; None where every part counts once. count : its rows;
        None where it is one each.
    clusters : of the whole panel.
    """

    names: tuple[str, ...]
    items: Codes
    cluster: Codes
    item: Codes
    weight: Floats | None
    count: Floats | None
    clusters: Clusters

    def column(self, name: str) -> Codes:
        """Give the codes of the items under a name, shape (m,)."""
        return np.asarray(self.items[:, self.names.index(name)])

    @cached_property
    def weights(self) -> Floats:
        """Total weight of every item."""
        if self.weight is None:
            return self.counts
        return add_up(self.item, self.weight, len(self.items))

    @cached_property
    def counts(self) -> Floats:
        """Rows of every item."""
        if self.count is None:
            return np.bincount(self.item, minlength=len(self.items)).astype(float)
        return add_up(self.item, self.count, len(self.items))

    def form(self, factors: Floats) -> Floats:
        """Give Σ w g over the parts of every cluster, shape (C,)."""
        values = factors.take(self.item)
        if self.weight is not None:
            values *= self.weight
        return add_up(self.cluster, values, len(self.clusters.stratum))

    def ratio(self, top: Bools, bottom: Bools, scale: Literal["logit", "wald"] = "logit") -> Ratio:
        r"""Give a ratio of weights with its standard error.

        .. math:: \hat R = \frac{\sum_k w_k 1[k \in A]}{\sum_k w_k 1[k \in B]}, \qquad
            z_c = \sum_{k \in c} w_k (1[k \in A] - \hat R\, 1[k \in B]) / \hat D

        Parameters
        ----------
        top, bottom : which items are in A and in B, shape (m,); A need not lie within B.
        """
        above, below = float(self.weights[top].sum()), float(self.weights[bottom].sum())
        events, n = round(self.counts[top].sum()), round(self.counts[bottom].sum())
        nan = float("nan")
        if not below > 0:
            return Ratio(nan, nan, nan, nan, nan, "empty", events, n, above, below)
        value = above / below
        if self.clusters.census:
            return Ratio(value, 0.0, nan, value, value, "", events, n, above, below)
        se, df = self.spread((top - value * bottom) / below, bottom)
        if df < 1:
            return Ratio(value, nan, df, nan, nan, "no_df", events, n, above, below)
        low, high, reason = interval(scale, value, se, df)
        return Ratio(value, se, df, low, high, reason, events, n, above, below)

    def spread(self, factors: Floats, held: Bools) -> tuple[float, int]:
        """Give the standard error of Σ w g, and its degrees of freedom from the clusters with rows held."""
        there = np.zeros(len(self.clusters.stratum), dtype=bool)
        there[self.cluster[held.take(self.item)]] = True
        df = self.clusters.degrees(np.flatnonzero(there))
        return float(np.sqrt(self.clusters.variance(self.form(factors)))) if df >= 1 else float("nan"), df


def coded(columns: Sequence[NDArray[Any]]) -> tuple[Codes, NDArray[Any]]:
    """Give the different combinations of small whole numbers, shape (m, columns), and each row's place among them."""
    parts = [column.view(np.int8) if column.dtype == bool else column for column in columns]
    sizes = [int(column.max(initial=0)) + 1 for column in parts]
    narrow = np.prod(sizes, dtype=float) < 2**31
    code: NDArray[Any] = np.zeros(len(parts[0]), dtype=np.int32 if narrow else np.int64)
    for column, size in zip(parts, sizes, strict=True):
        code *= size
        code += column.astype(code.dtype, copy=False)
    whole = int(np.prod(sizes))
    if whole <= max(1 << 16, 4 * len(code)):
        there = np.zeros(whole, dtype=bool)
        there[code] = True
        found, place = np.flatnonzero(there), np.cumsum(there) - 1
        item = place.astype(np.int32).take(code)
    else:
        found, inverse = np.unique(code, return_inverse=True)
        item = inverse.astype(np.int32)
    items = np.column_stack(np.unravel_index(found, sizes)) if len(found) else np.zeros((0, len(sizes)), dtype=np.intp)
    return np.asarray(items, dtype=np.intp), item
