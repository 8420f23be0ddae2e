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
NOISE = 1e-14
"""A combination of sums below this part of its terms is what rounding leaves of zero."""


@dataclass(frozen=True, eq=False)
class Places:
    """Which domain and cell each row is in; a cell is a domain's rows in one PSU, and cells are ordered by both.

    Parameters
    ----------
    domain : shape (n,). cell : shape (n,); None where every row is a PSU and so a cell.
    cell_domain, cell_psu : of every cell.
    """

    domain: Codes
    cell: Codes | None
    cell_domain: Codes
    cell_psu: Codes

    def cell_sums(self, values: Floats) -> Floats:
        """Add up values of the rows by cell."""
        return values if self.cell is None else add_up(self.cell, values, len(self.cell_psu))

    def taken(self, order: Codes, sizes: Codes) -> "Places":
        """Put the rows into an order by domain, of which `sizes` says how many rows each has."""
        domain = np.repeat(np.arange(len(sizes), dtype=np.intp), sizes)
        if self.cell is None:
            return Places(domain, None, domain, self.cell_psu.take(order))
        return replace(self, domain=domain, cell=self.cell.take(order))


def find_places(layout: Layout, domain: Codes, psu: Codes) -> Places:
    """Find the cells of rows by domain and PSU."""
    if layout.names is None:
        return Places(domain, None, domain, psu)
    psus = max(len(layout.stratum), 1)
    key = domain * psus + psu
    size = psus * len(layout.domains)
    if size <= max(DENSE * len(key), 1 << 16):
        there = np.zeros(size, dtype=bool)
        there[key] = True
        cell, found = (np.cumsum(there) - 1).take(key), np.flatnonzero(there)
    else:
        cell, found = pd.factorize(key, sort=True)
    return Places(domain, cell, *np.divmod(found, psus))


@dataclass(frozen=True, eq=False)
class ArraySample:
    """Kept rows in memory (the protocol is `engine.forms.Sample`).

    Parameters
    ----------
    layout : domains, strata and PSUs of the whole sample.
    frame : WELFARE and further columns of the kept rows, n of them.
    weight : shape (n,).
    places : domain and cell of each row.
    alternatives : replicate weights by name, shape (n,) each.
    rising : whether the rows lie by domain, and within it by welfare.
    """

    layout: Layout
    frame: nw.DataFrame[Any]
    weight: Floats
    places: Places
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

    def ordered(self, cumulated: Expressions, levelled: Expressions = NOTHING) -> "ArraySample":
        """Add BEFORE, LEVEL, EVERYONE, sums by level and the cumulated expressions; each may use those before it."""
        lying = self.sorted
        starts = tie_starts(lying.welfare, lying.ends)
        whole = np.array([part.sum() for part in np.split(lying.weight, lying.ends[1:-1])])
        made = lying._with(
            {
                BEFORE: strictly_below(lying.weight, lying.ends, starts),
                LEVEL: at_level(lying.weight, starts),
                EVERYONE: np.repeat(whole, np.diff(lying.ends)),
            }
        )
        if levelled:
            found = lying.evaluate(levelled)
            made = made._with({name: at_level(found.weighted(name), starts) for name in levelled})
        for name, expression in cumulated.items():
            values = made.evaluate({name: expression}).weighted(name)
            made = made._with({name: strictly_below(values, lying.ends, starts)})
        return made

    def row_order(self) -> "ArraySample":
        """Add ROW_RANK, ROW_INCOME and OWN."""
        lying = self._sorted(stable=True)
        income = running(lying.weight * lying.welfare, lying.ends)
        return lying._with({ROW_RANK: running(lying.weight, lying.ends), ROW_INCOME: income, OWN: lying.weight})

    def fixed(self, columns: Sums) -> "ArraySample":
        """Add columns that are constant within domains."""
        return self._with(
            {name: np.asarray(values, dtype=float)[self.places.domain] for name, values in columns.items()}
        )

    def reweighted(self, factors: Any) -> "ArraySample":
        """Take a replicate's weights by name, or multiply the weights of every PSU by a factor, shape (P,)."""
        rows: ArraySample = self.__dict__.get("sorted", self)  # sorted once, sorted for all replicates
        if isinstance(factors, str):
            return replace(rows, weight=rows.alternatives[factors], alternatives={})
        by_cell, cell = factors[rows.places.cell_psu], rows.places.cell
        return replace(rows, weight=rows.weight * (by_cell if cell is None else by_cell[cell]), alternatives={})

    @property
    def welfare(self) -> Floats:
        """Welfare of the rows."""
        return np.asarray(self.frame[WELFARE].to_numpy(), dtype=float)

    @cached_property
    def ends(self) -> Codes:
        """Where each domain starts, and the end; for rows that lie by domain."""
        return ends_of(self.places.domain, len(self.layout.domains))

    @cached_property
    def sizes(self) -> Codes:
        """Rows of every domain."""
        return np.bincount(self.places.domain, minlength=len(self.layout.domains))

    @cached_property
    def cell_weights(self) -> Floats:
        """Sum of weights of every cell."""
        return self.places.cell_sums(self.weight)

    @cached_property
    def sorted(self) -> "ArraySample":
        """The same rows, by domain and within it by welfare."""
        return self if self.rising else self._sorted()

    def _sorted(self, *, stable: bool = False) -> "ArraySample":
        order = sort_welfare(self.places.domain, self.welfare, len(self.layout.domains), stable=stable)
        fresh = {name: np.asarray(self.frame[name].to_numpy()).take(order) for name in self.frame.columns}
        return replace(
            self,
            frame=_frame(fresh, self.frame.implementation),
            weight=self.weight.take(order),
            places=self.places.taken(order, self.sizes),
            alternatives={name: values.take(order) for name, values in self.alternatives.items()},
            rising=True,
        )

    def _with(self, columns: Mapping[str, Floats]) -> "ArraySample":
        fresh = [nw.new_series(name, values, backend=self.frame.implementation) for name, values in columns.items()]
        made = replace(self, frame=self.frame.with_columns(*fresh))
        # What the weights and places alone decide stays known.
        made.__dict__.update(
            {name: self.__dict__[name] for name in ("ends", "sizes", "cell_weights") if name in self.__dict__}
        )
        return made


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
        domain, size = self.sample.places.cell_domain, len(self.sample.layout.domains)
        return {
            name: np.array([values.sum()]) if size == 1 else add_up(domain, values, size)
            for name, values in self._cells.items()
        }

    @cached_property
    def rows(self) -> Codes:
        """Rows of each domain."""
        if self.among is None:
            return self.sample.sizes
        return np.bincount(self.sample.places.domain[self.among], minlength=len(self.sample.layout.domains))

    def weighted(self, name: str) -> Floats:
        """Give an expression times the weight; WEIGHT is the weight itself, zero where a row is not among."""
        if name in self.values:
            return self.sample.weight * self.values[name]
        return self.sample.weight if self.among is None else np.where(self.among, self.sample.weight, 0.0)

    def forms(self, gradients: Sequence[Sums]) -> Forms:
        """Combine the sums of the cells linearly."""
        layout, places = self.sample.layout, self.sample.places
        mass, z = self._cells[WEIGHT], np.column_stack([self._combined(gradient) for gradient in gradients])
        domain, psu = places.cell_domain, places.cell_psu
        if places.cell is None and not self.sample.rising:  # rows as they come are not ordered by domain
            order = np.argsort(domain, kind="stable")
            domain, psu, mass, z = domain.take(order), psu.take(order), mass.take(order), z.take(order, axis=0)
        return Forms(layout, domain, layout.stratum[psu], psu, (mass > 0).astype(np.intp), mass, z)

    @cached_property
    def _cells(self) -> Sums:
        """Sum the weighted expressions by cell."""
        places = self.sample.places
        found = {name: places.cell_sums(self.weighted(name)) for name in self.values}
        known = self.sample.cell_weights if self.among is None else places.cell_sums(self.weighted(WEIGHT))
        return {WEIGHT: known, **found}

    def _combined(self, gradient: Sums) -> Floats:
        """Give Σ_i g_i S_i of every cell; a sum of terms that cancel is zero."""
        domain, size = self.sample.places.cell_domain, len(self.sample.layout.domains)
        total, terms = np.zeros(len(domain)), np.zeros(len(domain))
        for name, factor in gradient.items():
            whole = np.broadcast_to(np.asarray(factor, dtype=float), (size,))
            term = (whole[0] if size == 1 else whole[domain]) * self._cells[name]
            total = total + term
            terms = np.maximum(terms, np.abs(term))
        return np.where(np.abs(total) <= NOISE * terms, 0.0, total)


def _frame(columns: Mapping[str, Any], implementation: Any) -> nw.DataFrame[Any]:
    """Make a frame of the kind of the caller's."""
    return nw.from_dict({n: nw.new_series(n, v, backend=implementation) for n, v in columns.items()})
