"""Weights added up by cluster and code, and ratios of such sums with their linearised variance."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from povstats.engine.groups import order_of
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
        if self.lonely == "fail":
            refuse_lonely(self.psus)
        if len(self.psus) == 1 and self.psus[0] > 1:
            # One stratum, often of millions of units: two passes in place of a dozen.
            m = float(self.psus[0])
            about = float((z * z).sum()) - float(z.sum()) ** 2 / m
            return max(about * m / (m - 1), 0.0)
        sampling = Sampling(self.lonely, np.zeros(len(self.psus)))
        return max(covariance(z, z, self.stratum, self.psus, sampling), 0.0)

    def degrees(self, held: Codes) -> int:
        """Give clusters minus strata among those held."""
        strata = 1 if len(self.psus) == 1 else len(np.unique(self.stratum[held]))
        return len(held) - strata


def refuse_lonely(psus: Codes) -> None:
    """Refuse strata with a single PSU.

    Parameters
    ----------
    psus : PSUs of every stratum, shape (H,).
    """
    alone = int((psus == 1).sum())
    if alone:
        raise DataError(
            f"{alone} strata have a single PSU, which leaves no variance to estimate; join each to a similar one, or "
            'choose Design(lonely="certainty") or Design(lonely="center")'
        )


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

    @cached_property
    def _sorted(self) -> tuple[Codes, Codes, Floats | None]:
        """Give where each item's parts begin, and clusters and weights in the order of items."""
        order = order_of(self.item, len(self.items))
        ends = np.concatenate([[0], np.cumsum(np.bincount(self.item, minlength=len(self.items)))])
        return ends, self.cluster.take(order), None if self.weight is None else self.weight.take(order)

    def _parts(self, item: int) -> tuple[Codes, Floats | None]:
        """Give clusters and weights of an item's parts."""
        ends, cluster, weight = self._sorted
        here = slice(ends[item], ends[item + 1])
        return cluster[here], None if weight is None else weight[here]

    def form(self, factors: Floats) -> Floats:
        """Give Σ w g over the parts of every cluster, shape (C,)."""
        total = np.zeros(len(self.clusters.stratum))
        for item in np.flatnonzero(factors).tolist():
            cluster, weight = self._parts(item)
            total += factors[item] * np.bincount(cluster, weight, minlength=len(total))
        return total

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
        for item in np.flatnonzero(held).tolist():
            there[self._parts(item)[0]] = True
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
