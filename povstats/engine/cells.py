"""What is kept of a table for a multilevel model: cross-moments by group, and the groups' own values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = tuple[str, ...]
"""A product of pieces (evaluated columns); () is the constant 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Sufficient statistics of the rows, by lowest group.

    Pieces that are constant within every group (a village's aid funds) need no row work: they are kept as one value
    a group. All others enter as cross-moments of their products. Every piece is shifted before anything is squared,
    so that a mean of a million with a spread of six loses no digit.

    Attributes
    ----------
    by : the grouping columns.
    labels : the G groups, in sorted order.
    counts : shape (G,), rows by group.
    household : the k products kept as moments; the first is () and every product's parts are there too.
    moments : shape (G, k, k), Σ over the group's rows of m_i m_j, where m is the product of shifted pieces.
    village : the m pieces that are constant within groups.
    values : shape (G, m), their shifted values.
    shift : what was taken off each piece.
    extremes : each piece's smallest and largest value by group, shape (2, G), unshifted.
    """

    by: tuple[str, ...]
    labels: tuple[Any, ...]
    counts: Array
    household: tuple[Product, ...]
    moments: Array
    village: tuple[str, ...]
    values: Array
    shift: Mapping[str, float]
    extremes: Mapping[str, Array]

    @property
    def nobs(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    def fingerprint(self) -> str:
        """Give a short hash of the statistics: the same data and model give the same one on one machine."""
        digest = hashlib.sha256(repr((self.by, self.labels, self.household, self.village)).encode())
        for array in (self.counts, self.moments, self.values, np.array(list(self.shift.values()))):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]
