"""The columns that a recipe makes: sources put together, then logarithm, unit and divisor."""

from dataclasses import dataclass, field
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.contracts import Contract
from povstats.errors import DataError
from povstats.reading.recipe_cells import cells
from povstats.reading.recipe_join import Bridge
from povstats.reading.recipe_keys import joined, key_parts
from povstats.reading.recipe_levels import as_text
from povstats.reading.recipe_open import Tables
from povstats.reading.recipe_parts import HouseholdSize, Logged, Source, Target
from povstats.reading.recipe_report import Step, Told
from povstats.reading.recipe_units import factor

NUMBERS = ("number", "integer")
MONTHS = 12


@dataclass(eq=False)
class Bench:
    """Where the columns are made: the opened tables, the way to the villages, and the steps so far."""

    tables: Tables
    bridge: Bridge | None
    contract: Contract
    size: pd.Series | None = None
    steps: list[Step] = field(default_factory=list)

    def kind(self, name: str) -> str:
        """Give the kind that the contract asks for, "" where it has no such column."""
        return next((str(column.kind) for column in self.contract.columns if column.name == name), "")

    def take(self, source: Source, column: str, *, numeric: bool) -> pd.Series:
        """Make a source's values, one a household."""
        values, told = cells(source, self.tables[source.table], column, numeric=numeric)
        self.steps += told
        return self.spread(values, source)

    def spread(self, values: pd.Series, source: Source) -> pd.Series:
        """Give each household the value of its village where the source is the village table."""
        return self.bridge.spread(values) if source.table == "village" and self.bridge is not None else values

    def rows(self, met: NDArray[np.bool_]) -> str:
        """Name the first of some rows of the household table."""
        return self.tables["household"].positions(np.flatnonzero(met))

    def note(self, kind: str, target: Target, **said: Unpack[Told]) -> None:
        """Keep a step."""
        source = " + ".join(one.column for one in target.sources)
        rows = len(self.tables["household"].frame)
        self.steps.append(Step(kind=kind, column=target.name, source=source, rows=rows, **said))


def make_column(bench: Bench, target: Target, keys: frozenset[str]) -> pd.Series:
    """Make one column.

    Parameters
    ----------
    keys : columns that name households, villages and so on: they are text, complete, and free of doubtful twins.
    """
    kind = bench.kind(target.name)
    if target.how == "constant":
        bench.note("constant", target, facts={"value": as_text(target.constant or 0)})
        return pd.Series([target.constant] * len(bench.tables["household"].frame))
    if target.how == "key" or (target.name in keys and kind == "text"):
        return _key(bench, target)
    worked = target.logged is not None or target.unit is not None or target.per_head is not None
    if target.how in ("sum", "mean"):
        values = _items(bench, target)
    else:
        before = len(bench.steps)
        values = bench.take(target.sources[0], target.name, numeric=kind in NUMBERS or worked)
        if len(bench.steps) == before and not worked:
            bench.note("taken", target)
    if target.logged is not None:
        values = _level(bench, target, values, target.logged)
    if target.unit is not None:
        values = _in_unit(bench, target, values, *target.unit)
    if target.per_head is not None:
        values = _per_head(bench, target, values)
    if kind == "text" and values.dtype != object:
        made = [None if pd.isna(value) else as_text(value) for value in values.tolist()]
        bench.note("text", target, changed=sum(value is not None for value in made))
        values = pd.Series(made, dtype=object)
    return values


def _key(bench: Bench, target: Target) -> pd.Series:
    """Make a key of one or several columns."""
    parts = []
    for source in target.sources:
        opened = bench.tables[source.table]
        (part,), told = key_parts([source], opened, target.name, alone=len(target.sources) == 1)
        parts.append(bench.spread(part, source))
        bench.steps += told
    made = joined(parts)
    gone = made.isna().to_numpy()
    if gone.any():
        raise DataError(
            f"column {target.name!r} is a key from the village table, and {int(gone.sum())} households have no village "
            f"there (rows from 0: {bench.rows(gone)}); take it from the household table, or drop these households"
        )
    bench.note(
        "key" if len(parts) > 1 else "id", target, facts={"n": f"{made.nunique():,}"}, examples=tuple(made.unique()[:3])
    )
    return made


def _items(bench: Bench, target: Target) -> pd.Series:
    """Add several items up, or take their mean."""
    parts = [bench.take(source, target.name, numeric=True).astype(float) for source in target.sources]
    table = np.column_stack([part.to_numpy() for part in parts])
    there = (~np.isnan(table)).sum(axis=1)
    least = target.answered or len(parts)
    total = np.nansum(table, axis=1)
    if target.how == "mean" or target.unanswered == "prorate":
        mean = np.divide(total, there, out=np.full(len(table), np.nan), where=there > 0)
        total = mean * (len(parts) if target.how == "sum" else 1)
    total[there < least] = np.nan
    some = (there < len(parts)) & (there >= least)
    rule = f"{target.how}_{target.unanswered}" if target.unanswered else target.how
    facts = {"items": len(parts), "least": least, "filled": f"{int(some.sum()):,}"}
    bench.note(rule, target, missing=int((there < least).sum()), facts=facts)
    return pd.Series(total)


def _level(bench: Bench, target: Target, values: pd.Series, logged: Logged) -> pd.Series:
    """Bring a logarithm back to the level."""
    facts = {"base": "recipe.base_e" if logged.base == "natural" else str(logged.base), "plus": f"{logged.plus:g}"}
    if logged.kept:
        bench.note("logged_kept", target, facts=facts)
        return values
    stored = values.to_numpy(dtype=float)
    with np.errstate(over="ignore"):
        made = (np.exp(stored) if logged.base == "natural" else np.power(float(logged.base), stored)) - logged.plus
    off = np.isinf(made)
    if off.any():
        raise DataError(
            f"column {target.name!r}: {int(off.sum())} values are too large to be logarithms, such as "
            f"{stored[off][0]:g} (rows from 0: {bench.rows(off)}); take logged out, or name missing codes"
        )
    low = made < 0
    if low.any():
        raise DataError(
            f"column {target.name!r}: {int(low.sum())} values come out below 0 once plus = {logged.plus:g} is taken "
            f"away (rows from 0: {bench.rows(low)}); check plus"
        )
    examples = _pairs(stored, made)
    bench.note(
        "exponentiated_plus" if logged.plus else "exponentiated",
        target,
        changed=_known(made),
        facts=facts,
        examples=examples,
    )
    return pd.Series(made)


def _in_unit(bench: Bench, target: Target, values: pd.Series, start: str, end: str) -> pd.Series:
    """Turn one unit into another."""
    ratio = factor(start, end)
    facts = {"start": f"recipe.unit_{start}", "end": f"recipe.unit_{end}", "factor": str(ratio)}
    if ratio == 1:
        bench.note("unit_kept", target, facts=facts)
        return values
    stored = values.to_numpy(dtype=float)
    made = stored * ratio.numerator / ratio.denominator
    bench.note("unit", target, changed=_known(made), facts=facts, examples=_pairs(stored, made))
    return pd.Series(made)


def _per_head(bench: Bench, target: Target, values: pd.Series) -> pd.Series:
    """Divide a total by the number of persons."""
    asked = target.per_head
    if asked is None or asked.how == "already":
        bench.note("per_head_already", target)
        return values
    facts: dict[str, object] = {}
    if asked.source is not None:
        heads = bench.take(asked.source, target.name, numeric=True)
        facts = {"by": asked.source.column, "definition": f"recipe.definition_{asked.definition}"}
    elif bench.size is not None:
        heads = bench.size
    else:
        raise DataError(f"column {target.name!r}: per_head: yes needs the section household_size")
    persons, stored = heads.to_numpy(dtype=float), values.to_numpy(dtype=float)
    none = persons <= 0
    if none.any():
        raise DataError(
            f"column {target.name!r}: the number of persons is 0 or below in {int(none.sum())} rows (from 0: "
            f"{bench.rows(none)}); leave these rows out with keep, or name the code under missing"
        )
    made = stored / persons
    lost = int((np.isnan(made) & ~np.isnan(stored)).sum())
    kind = "per_head" if asked.source is None else "per_head_by"
    bench.note(kind, target, changed=_known(made), missing=lost, facts=facts, examples=_pairs(stored, made))
    return pd.Series(made)


def household_size(bench: Bench, size: HouseholdSize) -> pd.Series:
    """Count who is in a household, by the stated definition.

    Raises
    ------
    DataError
        Where a size is negative, migrants are more than the members that count them, their months at home more than
        twelve each, or nobody is left in a household.
    """
    target = Target(name="household_size", own=False, how="one", sources=(size.source,))
    persons = bench.take(size.source, target.name, numeric=True).to_numpy(dtype=float)
    base = persons
    below = persons < 0
    if below.any():  # zero: missing says nothing of a code such as -8
        raise DataError(
            f"household_size: {size.source.column!r} is below 0 in {int(below.sum())} rows (from 0: "
            f"{bench.rows(below)}), such as {persons[below][0]:g}; name the code under missing"
        )

    def less(off: NDArray[np.bool_], what: str) -> None:
        if off.any():
            raise DataError(
                f"household_size: {what} in {int(off.sum())} rows (from 0: {bench.rows(off)}); check both columns"
            )

    if size.migrants is not None:
        away = bench.take(size.migrants, target.name, numeric=True).to_numpy(dtype=float)
        less(away < 0, "the number of migrants is below 0")
        stay = persons - away if size.counted else persons
        less(stay < 0, f"{size.migrants.column!r} is above {size.source.column!r}, which counts the migrants,")
        persons = persons + away if size.in_divisor == "yes" else stay
        if size.months is not None:
            months = bench.take(size.months, target.name, numeric=True).to_numpy(dtype=float)
            less((months < 0) | (months > MONTHS * away), f"{size.months.column!r} is below 0 or above 12 a migrant")
            persons = stay + months / MONTHS
    none = persons <= 0
    if none.any() and size.zero == "refuse":
        raise DataError(
            f"household_size: nobody is left in {int(none.sum())} households (rows from 0: {bench.rows(none)}); leave "
            "them out with keep, or say zero: missing"
        )
    made = np.where(none, np.nan, persons)
    facts = {
        "definition": f"recipe.definition_{size.definition}",
        "counted": f"recipe.counted_{'yes' if size.counted else 'no'}",
        "divisor": f"recipe.divisor_{size.in_divisor}",
        "away": " + ".join(one.column for one in (size.migrants, size.months) if one is not None) or "recipe.no_column",
    }
    moved = int(((made != base) & ~np.isnan(made)).sum())
    bench.note("size", target, changed=moved, missing=int(none.sum()), facts=facts, examples=_pairs(base, made))
    return pd.Series(made)


def _known(values: NDArray[np.float64]) -> int:
    return int((~np.isnan(values)).sum())


def _pairs(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[str, ...]:
    """Show the first changes."""
    moved = np.flatnonzero((before != after) & ~np.isnan(before))[:3]
    return tuple(f"{before[row]:.10g} → {after[row]:.8g}" for row in moved)
