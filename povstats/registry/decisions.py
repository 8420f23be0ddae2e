"""ps.apply_rules(): who may leave the register by a text's conditions, who may not and why, who cannot be decided."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, totals
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError
from povstats.printing import Grid, Printed, Summary
from povstats.registry.conditions import Condition, RuleSet
from povstats.words import Lang, language, say

UNKNOWN = -1
DECISIONS = ("exits", "stays", "undecided")


@dataclass(frozen=True, eq=False, repr=False)
class Decisions(Printed):
    """What a text's conditions decide.

    Attributes
    ----------
    table : the caller's table with "decision" ("exits", "stays", "undecided"), "failed" and "unknown" (ids of
        conditions, joined by ";"); a lazy one stays lazy.
    counts : households by decision. conditions : by id, households that meet it, fail it, and of which it is unknown.
    rules : the text. rows : households.
    """

    table: Any
    counts: pd.Series
    conditions: pd.DataFrame
    rules: RuleSet
    rows: int

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: counts by decision, and by condition."""
        rows: list[dict[str, object]] = [
            {"measure": "households", "group": str(name), "estimate": n} for name, n in self.counts.items()
        ]
        for id, row in self.conditions.iterrows():
            rows += [{"measure": str(what), "group": str(id), "estimate": n} for what, n in row.items()]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print decisions and conditions, in "zh" or "en"."""
        lang = lang or language()
        head = ("", *(say(f"rules.head_{key}", lang) for key in ("met", "failed", "unknown")))
        words = {one.id: one.word(lang) for one in self.rules.conditions}
        rows = tuple((words[str(id)], *(f"{n:,}" for n in row)) for id, row in self.conditions.iterrows())
        told = {name: f"{self.counts[name]:,}" for name in DECISIONS}
        title = say("rules.title", lang, rules=self.rules.word(lang))
        return Summary((Grid(title, head, rows, (say("rules.counts", lang, **told),)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say by which text, and what decides."""
        lang = lang or language()
        told = {name: f"{self.counts[name]:,}" for name in DECISIONS}
        words = {"section": self.rules.section, "quote": self.rules.quote, "n": f"{self.rows:,}"}
        return say("rules.told", lang, **words) + say("rules.counts", lang, **told)


def apply_rules(table: Table, rules: RuleSet, *, income: str | None = None, line: float | None = None) -> Decisions:
    """Decide for every household whether it may leave the register.

    All conditions must hold (the union of deprivations bars the exit). One that fails decides: the household stays.
    Where none fails and one is missing, or the text names it without listing it and the table has no column for it,
    nothing is decided.

    Parameters
    ----------
    table : one row a household, any table; each condition "yes" has a column of its id with 1, 0 or a missing value.
    rules : of `povstats.rule_set`. income, line : column of income a head, and the line that it must be above.

    Returns
    -------
    Decisions
        The table with decision and reasons, and counts.

    Raises
    ------
    OptionError
        Where the text asks for an income above the line and either is not given.
    DataError
        Where a listed condition has no column, or a column has a value that is neither 0 nor 1.
    """
    needs_line = any(one.kind == "above_line" for one in rules.conditions)
    if needs_line and (income is None or line is None or not line > 0):
        raise OptionError(f"{rules.name!r} asks for an income above the line: give income=column and line=number")
    frame = open_lazily(table)
    names = frame.collect_schema().names()
    listed = [one.id for one in rules.conditions if one.kind == "yes" and one.status == "listed"]
    lacking = [id for id in listed if id not in names]
    if lacking:
        raise DataError(f"{rules.name!r} needs the columns {lacking}, with 1, 0 or a missing value")
    used = [one for one in rules.conditions if one.kind == "above_line" or one.id in names]
    held = [str(income) if one.kind == "above_line" else one.id for one in used]
    _refuse_other_values(opened(table, held), [one.id for one in used if one.kind == "yes"])
    marks = {one: _met(one, income, line) if one in used else nw.lit(UNKNOWN) for one in rules.conditions}
    made: Any = frame.with_columns(**{f"rule {one.id}": mark for one, mark in marks.items()})
    columns = {one.id: nw.col(f"rule {one.id}") for one in rules.conditions}
    fails, gone = nw.lit(0), nw.lit(0)
    for column in columns.values():
        fails = fails + nw.when(column == 0).then(nw.lit(1)).otherwise(nw.lit(0))
        gone = gone + nw.when(column == UNKNOWN).then(nw.lit(1)).otherwise(nw.lit(0))
    made = made.with_columns(fails=fails, gone=gone)
    open_or_out = nw.when(nw.col("gone") > 0).then(nw.lit("undecided")).otherwise(nw.lit("exits"))
    decided = nw.when(nw.col("fails") > 0).then(nw.lit("stays")).otherwise(open_or_out)
    made = made.with_columns(decision=decided, failed=_joined(columns, "failed"), unknown=_joined(columns, "unknown"))
    counts, conditions, rows = _counted(made, columns)
    drop = ["fails", "gone", *(f"rule {id}" for id in columns)]
    return Decisions(made.drop(*drop).to_native(), counts, conditions, rules, rows)


def _met(one: Condition, income: str | None, line: float | None) -> nw.Expr:
    """Write 1 where a condition holds, 0 where it fails, UNKNOWN where its value is missing."""
    value = nw.col(one.id if one.kind == "yes" else str(income)).cast(nw.Float64)
    holds = value == 1 if one.kind == "yes" else value > float(line or 0)
    marked = nw.when(holds).then(nw.lit(1)).otherwise(nw.lit(0))
    return nw.when(value.is_null() | value.is_nan()).then(nw.lit(UNKNOWN)).otherwise(marked)


def _refuse_other_values(frame: Any, columns: list[str]) -> None:
    odd = {}
    for name in columns:
        value = nw.col(name).cast(nw.Float64)
        known = ~(value.is_null() | value.is_nan())
        odd[name] = nw.when(known & (value != 0) & (value != 1)).then(nw.lit(1)).otherwise(nw.lit(0))
    if not odd:
        return
    found = totals(frame, [], odd).iloc[0]
    bad = {name: int(found[name]) for name in columns if found[name] > 0}
    if bad:
        told = ", ".join(f"{name!r} in {n} rows" for name, n in bad.items())
        raise DataError(f"conditions are 1, 0 or missing; other values: {told}")


def _joined(columns: dict[str, nw.Expr], what: str) -> nw.Expr:
    parts = []
    for id, column in columns.items():
        here = column == 0 if what == "failed" else (column == UNKNOWN)
        parts.append(nw.when(here).then(nw.lit(f"{id};")).otherwise(nw.lit("")))
    return nw.concat_str(parts)


def _counted(made: Any, columns: dict[str, nw.Expr]) -> tuple[pd.Series, pd.DataFrame, int]:
    asked = {name: (nw.col("decision") == name).cast(nw.Int64) for name in DECISIONS}
    for at, column in enumerate(columns.values()):
        asked |= {
            f"met{at}": (column == 1).cast(nw.Int64),
            f"failed{at}": (column == 0).cast(nw.Int64),
            f"unknown{at}": (column == UNKNOWN).cast(nw.Int64),
        }
    found = totals(made, [], asked).iloc[0]
    counts = pd.Series({name: int(found[name]) for name in DECISIONS})
    table = pd.DataFrame(
        [[int(found[f"{what}{at}"]) for what in ("met", "failed", "unknown")] for at in range(len(columns))],
        index=pd.Index(list(columns), name="condition"),
        columns=["met", "failed", "unknown"],
    )
    return counts, table, int(found["rows"])
