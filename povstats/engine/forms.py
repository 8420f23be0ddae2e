"""What an estimate asks of a sample, and linear forms of its rows by PSU: all that a linearised variance needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, Self

import narwhals as nw

from povstats.engine.layout import Codes, Floats, Layout

WELFARE, WEIGHT = "welfare", "weight"
"""The names under which every sample has these columns; WEIGHT in sums is the expression 1, the sum of weights."""

OTHER = "other {}"
"""The name of a further column that a definition asks for, by the part it plays."""

Expressions = Mapping[str, nw.Expr]
NOTHING: Expressions = MappingProxyType({})
Sums = Mapping[str, Floats]
"""By name a number a domain, shape (D,)."""


@dataclass(frozen=True, eq=False)
class Forms:
    """Linear forms z = Σ w Σ_i g_i e_i over the cells of a sample, a cell being the rows of one domain in one PSU.

    Where rows are PSUs and stay in the engine, a cell is the rows of one domain in one stratum.

    Parameters
    ----------
    layout : the whole sample.
    domain, stratum : of each cell, shape (c,); cells are ordered by domain.
    psu : of each cell; None where a cell has many.
    held : PSUs of the cell with rows of positive weight, shape (c,).
    mass : weight of the cell's rows, shape (c,).
    z : shape (c, m), m forms.
    products : Σ z z' over the PSUs of the cell, shape (c, m, m), where a cell has many; else None.
    """

    layout: Layout
    domain: Codes
    stratum: Codes
    psu: Codes | None
    held: Codes
    mass: Floats
    z: Floats
    products: Floats | None = None


class Evaluated(Protocol):
    """Expressions of a sample's rows, evaluated and weighted."""

    @property
    def sums(self) -> Sums:
        """Weighted sums by name and domain; WEIGHT is the sum of weights."""

    @property
    def rows(self) -> Codes:
        """Rows of each domain, shape (D,)."""

    def forms(self, gradients: Sequence[Sums]) -> Forms:
        """Combine the expressions linearly: a form for each mapping from an expression's name to its factors."""


class Sample(Protocol):
    """The kept rows of a checked table, in memory or in an engine, with the same answers."""

    @property
    def layout(self) -> Layout:
        """Domains, strata and PSUs of the whole sample."""

    def evaluate(
        self, expressions: Expressions, among: nw.Expr | None = None, everywhere: Expressions = NOTHING
    ) -> Evaluated:
        """Evaluate row expressions in WELFARE and further columns.

        Rows that are not `among` count nothing, but in the expressions that count `everywhere`.
        """

    def quantiles(self, shares: Sequence[Floats], rule: str = "lower") -> list[Floats]:
        """Find by domain the smallest welfare up to which a share of the weight lies; see engine.order."""

    def ordered(self, cumulated: Expressions, levelled: Expressions = NOTHING) -> Self:
        """Add what needs order: by name Σ w e over rows of equal welfare, and what is cumulated; see engine.order."""

    def row_order(self) -> Self:
        """Add ROW_RANK, ROW_INCOME and OWN; see engine.order. Refused where rows have no order."""

    def fixed(self, columns: Sums) -> Self:
        """Add columns that are constant within domains."""

    def reweighted(self, factors: Any) -> Self:
        """Give the rows other weights: a replicate's."""
