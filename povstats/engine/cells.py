"""What is kept of a table for a multilevel model: cross-moments by group, and the groups' own values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = tuple[str, ...]
"""A product of pieces (evaluated columns); () is the constant 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """One way of grouping the rows.

    Attributes
    ----------
    columns : the table's columns, crossed where there are several.
    labels : the L groups in sorted order; of several columns, their texts joined by ":".
    codes : shape (G,), the group of each cell.
    """

    columns: tuple[str, ...]
    labels: tuple[Any, ...]
    codes: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Sufficient statistics of the rows, by cell: one combination of all groupings that occurs.

    Where one grouping alone tells the cells apart, as the lowest of nested ones does, the cells are its groups.

    Pieces that are constant within every group (a village's aid funds) need no row work: they are kept as one value
    a group. All others enter as cross-moments of their products. Every piece is shifted before anything is squared,
    so that a mean of a million with a spread of six loses no digit.

    Attributes
    ----------
    by : the groupings' names. groupings : the groupings by name.
    labels : the G cells, in sorted order.
    counts : shape (G,), rows by cell.
    household : the k products kept as moments; the first is () and every product's parts are there too.
    moments : shape (G, k, k), Σ over the group's rows of m_i m_j, where m is the product of shifted pieces.
    village : the m pieces that are constant within groups.
    values : shape (G, m), their shifted values.
    shift : what was taken off each piece.
    extremes : each piece's smallest and largest value by cell, shape (2, G), unshifted.
    totals : Σx by cell, weighted, of the pieces that are in no product; not shifted.
    weight_sums, weight_squares : shape (G,), Σw and Σw² by cell, or None where rows have no weight.
    log_weights : Σ log w over the rows.
    """

    by: tuple[str, ...]
    groupings: Mapping[str, Grouping]
    labels: tuple[Any, ...]
    counts: Array
    household: tuple[Product, ...]
    moments: Array
    village: tuple[str, ...]
    values: Array
    shift: Mapping[str, float]
    extremes: Mapping[str, Array]
    totals: Mapping[str, Array] = field(default_factory=dict)
    weight_sums: Array | None = None
    weight_squares: Array | None = None
    log_weights: float = 0.0

    @property
    def nobs(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    def sums(self, piece: str) -> tuple[Array, Array]:
        """Give Σx and Σx² of a shifted piece by cell, weighted where rows have weights."""
        if piece in self.village:
            value, count = self.values[:, self.village.index(piece)], self.moments[:, 0, 0]
            return count * value, count * value**2
        i = self.household.index((piece,))
        return self.moments[:, 0, i], self.moments[:, i, i]

    def fingerprint(self) -> str:
        """Give a short hash of the statistics: the same data and model give the same one on one machine."""
        digest = hashlib.sha256(repr((self.by, self.labels, self.household, self.village)).encode())
        codes = [grouping.codes.astype(np.int64) for grouping in self.groupings.values()]
        for array in (self.counts, self.moments, self.values, np.array(list(self.shift.values())), *codes):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]
