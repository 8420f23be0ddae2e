"""A sample in memory: its rows as arrays beside a frame, evaluated, ordered and summed by domain and PSU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.forms import NOTHING, WEIGHT, WELFARE, Expressions, Forms, Sums
from povstats.engine.layout import Codes, Floats, Layout, add_up
from povstats.engine.order import (
    BEFORE,
    EVERYONE,
    LEVEL,
    OWN,
    ROW_INCOME,
    ROW_RANK,
    at_level,
    ends_of,
    quantiles,
    running,
    sort_welfare,
    strictly_below,
    tie_starts,
)

DENSE = 4
"""Cells are looked up in a table where that has no more than so many times the rows."""


@dataclass(frozen=True, eq=False)
class ArraySample:
    """Kept rows in memory (the protocol is `engine.forms.Sample`).

    Parameters
    ----------
    layout : domains, strata and PSUs of the whole sample.
    frame : WELFARE and further columns of the kept rows, n of them.
    weight, domain, psu : shape (n,).
    alternatives : replicate weights by name, shape (n,) each.
    rising : whether the rows lie by domain, and within it by welfare.
    """

    layout: Layout
    frame: nw.DataFrame[Any]
    weight: Floats
    domain: Codes
    psu: Codes
    alternatives: Mapping[str, Floats]
    rising: bool = False

    def evaluate(
        self, expressions: Expressions, among: nw.Expr | None = None, everywhere: Expressions = NOTHING
    ) -> "ArrayEvaluated":
        """Evaluate row expressions; rows that are not `among` count nothing, but in those that count `everywhere`."""
        with np.errstate(all="ignore"):  # rows that are not among may have no logarithm
            # The literal keeps the frame's height where every expression is a constant.
            columns = {name: e.cast(nw.Float64).alias(name) for name, e in (*expressions.items(), *everywhere.items())}
            asked = {} if among is None else {"row is among": among.alias("row is among")}
            found = self.frame.select(nw.lit(0.0).alias("zero"), **columns, **asked)
        inside = None if among is None else found["row is among"].to_numpy().astype(bool)
        values = {name: np.asarray(found[name].to_numpy(), dtype=float) for name in columns}
        if inside is not None:
            values |= {name: np.where(inside, values[name], 0.0) for name in expressions}
        return ArrayEvaluated(self, values, inside)

    def quantiles(self, shares: Sequence[Floats], rule: str = "lower") -> list[Floats]:
        """Find weighted quantiles by domain."""
        lying = self.sorted
        return quantiles(lying.welfare, lying.weight, lying.ends, shares, rule)

    def ordered(self, cumulated: Expressions) -> "ArraySample":
        """Add BEFORE, LEVEL, EVERYONE and the cumulated expressions; each may use those before it."""
        lying = self.sorted
        starts = tie_starts(lying.welfare, lying.ends)
        whole = add_up(lying.domain, lying.weight, len(self.layout.domains))
        made = lying._with(
            {
                BEFORE: strictly_below(lying.weight, lying.ends, starts),
                LEVEL: at_level(lying.weight, starts),
                EVERYONE: whole[lying.domain],
            }
        )
        for name, expression in cumulated.items():
            values = made.evaluate({name: expression}).weighted(name)
            made = made._with({name: strictly_below(values, lying.ends, starts)})
        return made

    def row_order(self) -> "ArraySample":
        """Add ROW_RANK, ROW_INCOME and OWN."""
        lying = self.sorted
        income = running(lying.weight * lying.welfare, lying.ends)
        return lying._with({ROW_RANK: running(lying.weight, lying.ends), ROW_INCOME: income, OWN: lying.weight})

    def fixed(self, columns: Sums) -> "ArraySample":
        """Add columns that are constant within domains."""
        return self._with({name: np.asarray(values, dtype=float)[self.domain] for name, values in columns.items()})

    def reweighted(self, factors: Any) -> "ArraySample":
        """Take a replicate's weights by name, or multiply the weights of every PSU by a factor, shape (P,)."""
        rows: ArraySample = self.__dict__.get("sorted", self)  # sorted once, sorted for all replicates
        weight = rows.alternatives[factors] if isinstance(factors, str) else rows.weight * factors[rows.psu]
        return replace(rows, weight=weight, alternatives={})

    @property
    def welfare(self) -> Floats:
        """Welfare of the rows."""
        return np.asarray(self.frame[WELFARE].to_numpy(), dtype=float)

    @cached_property
    def ends(self) -> Codes:
        """Where each domain starts, and the end; for rows that lie by domain."""
        return ends_of(self.domain, len(self.layout.domains))

    @cached_property
    def sorted(self) -> "ArraySample":
        """The same rows, by domain and within it by welfare."""
        if self.rising:
            return self
        order = sort_welfare(self.domain, self.welfare, len(self.layout.domains))
        fresh = {name: np.asarray(self.frame[name].to_numpy())[order] for name in self.frame.columns}
        return replace(
            self,
            frame=_frame(fresh, self.frame.implementation),
            weight=self.weight[order],
            domain=self.domain[order],
            psu=self.psu[order],
            alternatives={name: values[order] for name, values in self.alternatives.items()},
            rising=True,
        )

    @cached_property
    def cells(self) -> tuple[Codes, Codes, Codes]:
        """Each row's cell, and each cell's domain and PSU; cells are ordered by both."""
        psus = max(len(self.layout.stratum), 1)
        key = self.domain * psus + self.psu
        size = psus * len(self.layout.domains)
        if size <= max(DENSE * len(key), 1 << 16):
            there = np.zeros(size, dtype=bool)
            there[key] = True
            cell, found = (np.cumsum(there) - 1)[key], np.flatnonzero(there)
        else:
            cell, found = pd.factorize(key, sort=True)
        domain, psu = np.divmod(found, psus)
        return cell, domain, psu

    def _with(self, columns: Mapping[str, Floats]) -> "ArraySample":
        fresh = [nw.new_series(name, values, backend=self.frame.implementation) for name, values in columns.items()]
        return replace(self, frame=self.frame.with_columns(*fresh))


@dataclass(frozen=True, eq=False)
class ArrayEvaluated:
    """Expressions of rows in memory (the protocol is `engine.forms.Evaluated`).

    Parameters
    ----------
    sample : the rows.
    values : by expression, shape (n,), zero where a row is not among.
    among : shape (n,); None where all rows are.
    """

    sample: ArraySample
    values: Mapping[str, Floats]
    among: Any

    @cached_property
    def sums(self) -> Sums:
        """Weighted sums by name and domain."""
        return {name: self._by_domain(self.weighted(name)) for name in (WEIGHT, *self.values)}

    @cached_property
    def rows(self) -> Codes:
        """Rows of each domain."""
        domain, size = self.sample.domain, len(self.sample.layout.domains)
        return np.bincount(domain if self.among is None else domain[self.among], minlength=size)

    def weighted(self, name: str) -> Floats:
        """Give an expression times the weight; WEIGHT is the weight itself, zero where a row is not among."""
        if name in self.values:
            return self.sample.weight * self.values[name]
        return self.sample.weight if self.among is None else np.where(self.among, self.sample.weight, 0.0)

    def forms(self, gradients: Sequence[Sums]) -> Forms:
        """Combine the expressions linearly and add up by cell."""
        cell, domain, psu = self.sample.cells
        layout, size = self.sample.layout, len(domain)
        mass = add_up(cell, self.weighted(WEIGHT), size)
        z = [add_up(cell, self._combined(gradient), size) for gradient in gradients]
        held = (mass > 0).astype(np.intp)
        return Forms(layout, domain, layout.stratum[psu], psu, held, mass, np.column_stack(z))

    def _combined(self, gradient: Sums) -> Floats:
        """Give w Σ_i g_i e_i of every row.

        Term by term and not as a matrix product, whose fused steps leave 1e-17 where all or none are poor.
        """
        total = self._factor(gradient.get(WEIGHT, np.zeros(1)))
        if self.among is not None:
            total = np.where(self.among, total, 0.0)
        for name, factor in gradient.items():
            if name != WEIGHT:
                total = total + self._factor(factor) * self.values[name]
        return np.asarray(self.sample.weight * total)

    def _factor(self, factor: Floats) -> Any:
        whole = np.broadcast_to(np.asarray(factor, dtype=float), (len(self.sample.layout.domains),))
        return whole[0] if len(whole) == 1 else whole[self.sample.domain]

    def _by_domain(self, values: Floats) -> Floats:
        size = len(self.sample.layout.domains)
        return np.array([values.sum()]) if size == 1 else add_up(self.sample.domain, values, size)


def _frame(columns: Mapping[str, Any], implementation: Any) -> nw.DataFrame[Any]:
    """Make a frame of the kind of the caller's."""
    return nw.from_dict({n: nw.new_series(n, v, backend=implementation) for n, v in columns.items()})
