"""A sample in an engine: its rows stay there, and one row a domain and PSU comes into memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine.forms import NOTHING, WEIGHT, Expressions, Forms, Sums
from povstats.engine.layout import BY, PSU, STRATUM, Codes, Floats, Layout, add_up, lay_out
from povstats.engine.lazy_order import add_order, lazy_quantiles
from povstats.engine.lookup import attach
from povstats.errors import EngineError

MASS = "weight of the unit"


@dataclass(frozen=True, eq=False)
class LazySample:
    """Kept rows in an engine (the protocol is `engine.forms.Sample`).

    Parameters
    ----------
    layout : domains, strata and PSUs of the whole sample.
    frame : WELFARE, WEIGHT, BY, STRATUM, PSU of the kept rows and further columns. What is not divided has the level 0.
    units : BY, STRATUM and PSU of all rows, a row for each combination, with their codes "domain" and "unit".
    rows_are_psus : whether every row is a PSU.
    """

    layout: Layout
    frame: nw.LazyFrame[Any]
    units: "Units"
    rows_are_psus: bool

    def evaluate(
        self, expressions: Expressions, among: nw.Expr | None = None, everywhere: Expressions = NOTHING
    ) -> "LazyEvaluated":
        """Evaluate and add up row expressions by domain and PSU: one query."""
        return LazyEvaluated(self, {**expressions, **everywhere}, among, frozenset(everywhere))

    def quantiles(self, shares: Sequence[Floats], rule: str = "lower") -> list[Floats]:
        """Find weighted quantiles by domain."""
        found = lazy_quantiles(self.frame, self.units.domains, shares, rule)
        place = _places(found[BY].to_list(), self.units.domains[BY].to_list())
        columns = []
        for i in range(len(shares)):
            column = np.full(len(self.layout.domains), np.nan)
            column[place] = found[f"q {i}"].to_numpy()
            columns.append(column)
        return columns

    def ordered(self, cumulated: Expressions, levelled: Expressions = NOTHING) -> "LazySample":
        """Add BEFORE, LEVEL, EVERYONE, sums by level and the cumulated expressions; each may use those before it."""
        return replace(self, frame=add_order(self.frame, cumulated, levelled))

    def row_order(self) -> "LazySample":
        """Refuse: a table in an engine has no order of rows."""
        raise EngineError(
            'rows of a lazy table have no order, so ranks="upper" has no answer; take "middle", or collect the table'
        )

    def fixed(self, columns: Sums) -> "LazySample":
        """Add columns that are constant within domains."""
        return replace(self, frame=attach(self.frame, [BY], self.units.domains, columns))

    def reweighted(self, factors: Any) -> "LazySample":
        """Take a replicate's weights by name, or multiply the weights of every PSU by a factor, shape (P,)."""
        if isinstance(factors, str):
            return replace(self, frame=self.frame.with_columns(nw.col(factors).alias(WEIGHT)))
        column = "factor of the unit"
        frame = attach(self.frame, [STRATUM, PSU], self.units.psus, {column: factors})
        weighted = frame.with_columns((nw.col(WEIGHT) * nw.col(column)).alias(WEIGHT))
        return replace(self, frame=weighted.drop(column))


@dataclass(frozen=True, eq=False)
class LazyEvaluated:
    """Expressions of rows in an engine (the protocol is `engine.forms.Evaluated`)."""

    sample: LazySample
    expressions: Expressions
    among: nw.Expr | None
    everywhere: frozenset[str]

    @property
    def sums(self) -> Sums:
        """Weighted sums by name and domain."""
        size = len(self.sample.layout.domains)
        domain = self._place[0]
        return {
            name: add_up(domain, self._cells[f"sum {i}"], size) for i, name in enumerate((WEIGHT, *self.expressions))
        }

    @property
    def rows(self) -> Codes:
        """Rows of each domain."""
        size = len(self.sample.layout.domains)
        return add_up(self._place[0], self._cells["rows"], size).astype(np.intp)

    def forms(self, gradients: Sequence[Sums]) -> Forms:
        """Combine the sums of the cells linearly."""
        domain, unit = self._place
        layout = self.sample.layout
        names = (WEIGHT, *self.expressions)
        sums = np.column_stack([self._cells[f"sum {i}"] for i in range(len(names))])
        factors = np.stack([self._factors(gradient, names, domain) for gradient in gradients], axis=2)
        z = np.zeros((len(sums), len(gradients)))
        for i in range(len(names)):
            z += sums[:, i, None] * factors[:, i]
        held, mass = self._cells["held"].astype(np.intp), sums[:, 0]
        if not self.sample.rows_are_psus:
            return Forms(layout, domain, layout.stratum[unit], unit, held, mass, z)
        products = np.empty((len(sums), len(names), len(names)))
        for i, j in combinations_with_replacement(range(len(names)), 2):
            products[:, i, j] = products[:, j, i] = self._cells[f"product {i} {j}"]
        squares = np.einsum("cim,cij,cjn->cmn", factors, products, factors)
        return Forms(layout, domain, unit, None, held, mass, z, squares)

    def _factors(self, gradient: Sums, names: tuple[str, ...], domain: Codes) -> Floats:
        """Give each cell's factor of each expression, zero for one that the form does not have."""
        whole = (len(self.sample.layout.domains),)
        return np.column_stack([np.broadcast_to(gradient.get(name, 0.0), whole)[domain] for name in names])

    @cached_property
    def _cells(self) -> Mapping[str, Floats]:
        """Collect the sums of the cells, sorted by domain and unit."""
        table = self._table
        order = np.lexsort(self._codes[::-1])
        names = [name for name in table.columns if name not in (BY, STRATUM, PSU)]
        return {name: np.asarray(table[name].to_numpy(), dtype=float)[order] for name in names}

    @cached_property
    def _place(self) -> tuple[Codes, Codes]:
        """Give each cell's domain, and its PSU, or stratum where every row is a PSU."""
        domain, unit = self._codes
        order = np.lexsort((unit, domain))
        return domain[order], unit[order]

    @cached_property
    def _codes(self) -> tuple[Codes, Codes]:
        units, table = self.sample.units, self._table
        domain = _places(table[BY].to_list(), units.domains[BY].to_list())
        keys = units.strata if self.sample.rows_are_psus else units.psus
        own = _keys(table, keys.columns)
        return domain, _places(own, _keys(keys, keys.columns))

    @cached_property
    def _table(self) -> nw.DataFrame[Any]:
        """Ask the engine."""
        by = [BY, STRATUM] if self.sample.rows_are_psus else [BY, STRATUM, PSU]
        inside = nw.lit(True) if self.among is None else self.among
        columns = {WEIGHT: nw.lit(1.0), **{name: e.cast(nw.Float64) for name, e in self.expressions.items()}}
        parts = {}
        for i, (name, expression) in enumerate(columns.items()):
            value = nw.col(WEIGHT) * expression
            masked = self.among is not None and name not in self.everywhere
            parts[f"part {i}"] = nw.when(inside).then(value).otherwise(nw.lit(0.0)) if masked else value
        made = self.sample.frame.select(*by, **parts, inside=inside.cast(nw.Int64))
        asked = {f"sum {i}": nw.col(part).sum() for i, part in enumerate(parts)}
        asked["rows"] = nw.col("inside").sum()
        positive = (nw.col("part 0") > 0).cast(nw.Int64)
        asked["held"] = positive.sum() if self.sample.rows_are_psus else positive.max()
        if self.sample.rows_are_psus:
            for i, j in combinations_with_replacement(range(len(parts)), 2):
                asked[f"product {i} {j}"] = (nw.col(f"part {i}") * nw.col(f"part {j}")).sum()
        return made.group_by(*by).agg(**asked).collect()


@dataclass(frozen=True, eq=False)
class Units:
    """The labels of a lazy sample as the engine writes them, in the order of the layout's codes.

    Parameters
    ----------
    domains : column BY. strata : column STRATUM. psus : columns STRATUM and PSU.
    """

    domains: nw.DataFrame[Any]
    strata: nw.DataFrame[Any]
    psus: nw.DataFrame[Any]


def lazy_sample(frame: nw.LazyFrame[Any], kept: nw.Expr, *, by: bool, strata: bool, psu: bool) -> LazySample:
    """Ask an engine for domains, strata and PSUs of all rows, and keep those that are `kept`.

    Parameters
    ----------
    frame : WELFARE, WEIGHT, and BY, STRATUM, PSU where `by`, `strata`, `psu` say so, complete; perhaps more. Without
        `psu` every row is a PSU.
    kept : which rows enter sums.
    """
    missing = [name for name, there in ((BY, by), (STRATUM, strata)) if not there]
    whole = frame.with_columns(*(nw.lit(0).alias(name) for name in missing)) if missing else frame
    keys = [BY, STRATUM, PSU] if psu else [BY, STRATUM]
    table = whole.group_by(*keys).agg(nw.col(WEIGHT).sum().alias(MASS), nw.len().alias("rows")).collect()
    mass = np.asarray(table[MASS].to_numpy(), dtype=float)
    layout, domain, unit = lay_out(table, mass, by=by, strata=strata, psu=psu)
    if not psu:
        counts = np.bincount(layout.stratum, table["rows"].to_numpy(), minlength=len(layout.strata))
        units = Units(_first(table, domain, [BY]), _first(table, layout.stratum, [STRATUM]), table.head(0))
        none = np.zeros(0)
        layout = replace(layout, stratum=none.astype(np.intp), stratum_psus=counts.astype(np.intp), mass=none)
    else:
        units = Units(_first(table, domain, [BY]), table.head(0), _first(table, unit, [STRATUM, PSU]))
    return LazySample(layout, whole.filter(kept), units, not psu)


def _first(table: nw.DataFrame[Any], code: Codes, columns: list[str]) -> nw.DataFrame[Any]:
    """Give the labels of codes, in their order."""
    _, first = np.unique(code, return_index=True)
    found: nw.DataFrame[Any] = table.select(*columns)[first.tolist()]
    return found


def _keys(table: nw.DataFrame[Any], columns: Sequence[str]) -> list[Any]:
    lists = [table[column].to_list() for column in columns]
    return lists[0] if len(lists) == 1 else list(zip(*lists, strict=True))


def _places(asked: list[Any], labels: list[Any]) -> Codes:
    known = {label: place for place, label in enumerate(labels)}
    return np.array([known[label] for label in asked], dtype=np.intp)
