"""ps.compare_registers(): what a look-back changed between two versions of a register."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import in_pandas, opened, refuse_missing, totals
from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

KINDS = ("kept", "added", "removed", "changed", "duplicates_old", "duplicates_new")


@dataclass(frozen=True, eq=False, repr=False)
class Compared(Printed):
    """Two versions of a register side by side.

    Attributes
    ----------
    counts : rows of each kind: kept (in both and alike), added, removed, changed, keys that occur more than once in the
        old and in the new one; `persons` where their column was named.
    columns : by compared column, in how many kept keys it changed.
    added, removed, changed, duplicates_old, duplicates_new : the rows, lazy where the versions are; `changed` has both
        values of every column.
    keys : columns that name a household.
    """

    counts: pd.DataFrame
    columns: pd.Series
    added: Any
    removed: Any
    changed: Any
    duplicates_old: Any
    duplicates_new: Any
    keys: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: counts of each kind, and changes by column."""
        rows: list[dict[str, object]] = [
            {"measure": str(kind), "term": str(unit), "estimate": value}
            for kind, row in self.counts.iterrows()
            for unit, value in row.items()
        ]
        rows += [{"measure": "changed", "group": str(name), "estimate": n} for name, n in self.columns.items()]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the counts, in "zh" or "en"."""
        lang = lang or language()
        head = ("", *(say(f"ledger.unit_{unit}", lang) for unit in self.counts.columns))
        rows = tuple(
            (say(f"ledger.kind_{kind}", lang), *("—" if v != v else f"{v:,.0f}" for v in row))
            for kind, row in self.counts.iterrows()
        )
        notes = tuple(say("ledger.column", lang, column=name, n=f"{n:,}") for name, n in self.columns.items() if n)
        return Summary((Grid(say("ledger.compared", lang), head, rows, notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what was compared by what."""
        lang = lang or language()
        counts = {kind: f"{self.counts.iloc[at, 0]:,.0f}" for at, kind in enumerate(KINDS)}
        return say("ledger.compared_told", lang, **counts)


def compare_registers(
    old: Table, new: Table, *, keys: Sequence[str], columns: Sequence[str] = (), persons: str | None = None
) -> Compared:
    """Compare two versions of a register by key: added, removed, changed, duplicates.

    Parameters
    ----------
    old, new : the versions, any tables of one engine. keys : columns that name a household.
    columns : columns to compare in the keys that both have; two missing values are alike.
    persons : column of a household's persons, to count them, too.

    Returns
    -------
    Compared
        Counts of households (and persons), changes by column, and the rows. Keys that occur more than once are counted
        as duplicates and left out of the comparison.

    Raises
    ------
    OptionError
        Where no key is named, or the versions are of two engines.
    DataError
        Where a column is not there, or a key is missing in rows.
    """
    if not keys:
        raise OptionError("compare_registers needs keys=[...], the columns that name a household")
    held = list(dict.fromkeys([*keys, *columns, *([persons] if persons else [])]))
    frames: list[Any] = [in_pandas(opened(table, held)) for table in (old, new)]
    if len({type(frame) for frame in frames}) > 1:
        raise OptionError("both registers must be in memory, or both in one engine")
    for frame in frames:
        refuse_missing(frame, list(keys), "compare_registers")
    names = list(keys)
    (first, twice_old), (last, twice_new) = (_once(frame, names) for frame in frames)
    added, removed = last.join(first, on=names, how="anti"), first.join(last, on=names, how="anti")
    both = first.join(last, on=names, how="inner", suffix=" (new)")
    differs = {name: _differs(name) for name in columns}
    marked = both.with_columns(**{f"{name} changed": one.cast(nw.Int64) for name, one in differs.items()})
    some = nw.lit(0)
    for name in columns:
        some = some + nw.col(f"{name} changed")
    changed, alike = marked.filter(some > 0), marked.filter(some == 0)
    parts = (alike, added, removed, changed, twice_old, twice_new)
    count_of = f"{persons} (new)" if persons else None
    sizes = (count_of, persons, persons, count_of, persons, persons)
    counted = [_count(part, column) for part, column in zip(parts, sizes, strict=True)]
    counts = pd.DataFrame(counted, index=pd.Index(KINDS), columns=["households", "persons"])
    by_column = totals(marked, [], {name: nw.col(f"{name} changed") for name in columns}).iloc[0] if columns else {}
    return Compared(
        counts if persons else counts[["households"]],
        pd.Series({name: int(by_column[name]) for name in columns}, dtype=int),
        added.to_native(),
        removed.to_native(),
        changed.to_native(),
        twice_old.to_native(),
        twice_new.to_native(),
        tuple(keys),
    )


def _once(frame: Any, keys: list[str]) -> tuple[Any, Any]:
    """Part the rows whose key occurs once from the others."""
    many = frame.group_by(*keys).agg(nw.len().alias("times")).filter(nw.col("times") > 1).select(*keys)
    return frame.join(many, on=keys, how="anti"), frame.join(many, on=keys, how="semi")


def _differs(name: str) -> nw.Expr:
    before, after = nw.col(name), nw.col(f"{name} (new)")
    gone = before.is_null() & after.is_null()
    one = (before.is_null() & ~after.is_null()) | (~before.is_null() & after.is_null())
    return (one | (before != after)).fill_null(False) & ~gone


def _count(frame: Any, persons: str | None) -> tuple[int, float]:
    found = totals(frame, [], {"persons": nw.col(persons).cast(nw.Float64)} if persons else {}).iloc[0]
    return int(found["rows"]), float(found["persons"]) if persons else float("nan")
