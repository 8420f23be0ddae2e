"""ps.monitor(): who is watched against a return to poverty, and how early and how well the warning was."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, refuse_missing, totals
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

CLASSES = ("poor", "unstable_exit", "marginal", "sudden", "safe")
"""Below the line; exited and below the monitoring line; others below it; above it but for rigid spending; the rest."""


@dataclass(frozen=True, eq=False, repr=False)
class Monitored(Printed):
    """Households by class of monitoring.

    Attributes
    ----------
    table : the caller's table with "class"; a lazy one stays lazy.
    counts : by class: households, persons, share of households, and where the next wave was given, fell (households
        that were below the line then) and rate (of the class).
    line, multiple : the poverty line, and the monitoring line over it.
    sensitivity, precision : of those who fell (poor now left out), the share that was watched; of those watched, the
        share that fell; missing without a next wave.
    """

    table: Any
    counts: pd.DataFrame
    line: float
    multiple: float
    sensitivity: float
    precision: float

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: counts by class, sensitivity and precision."""
        rows: list[dict[str, object]] = [
            {"measure": str(what), "group": str(name), "estimate": value}
            for name, row in self.counts.iterrows()
            for what, value in row.items()
        ]
        rows += [{"measure": name, "estimate": getattr(self, name)} for name in ("sensitivity", "precision")]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the classes, in "zh" or "en"."""
        lang = lang or language()
        keys = [key for key in ("households", "persons", "share", "fell", "rate") if key in self.counts]
        head = ("", *(say(f"rules.head_{key}", lang) for key in keys))
        rows = tuple(
            (say(f"rules.class_{name}", lang), *(_cell(key, float(row[key])) for key in keys))
            for name, row in self.counts.iterrows()
        )
        title = say("rules.monitor_title", lang, line=f"{self.line:,.0f}", multiple=f"{self.multiple:g}")
        return Summary((Grid(title, head, rows, (self._warned(lang),) if self.precision == self.precision else ()),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say who is in which class, and how well the list warned."""
        lang = lang or language()
        told = say("rules.monitor_told", lang, line=f"{self.line:,.0f}", multiple=f"{self.multiple:g}")
        return told + (self._warned(lang) if self.precision == self.precision else "")

    def _warned(self, lang: Lang) -> str:
        words = {"sensitivity": f"{100 * self.sensitivity:.1f}", "precision": f"{100 * self.precision:.1f}"}
        return say("rules.warned", lang, **words)


def _cell(key: str, value: float) -> str:
    if value != value:
        return "—"
    return f"{100 * value:.1f}" if key in ("share", "rate") else f"{value:,.0f}"


def monitor(
    table: Table,
    *,
    income: str,
    line: float,
    multiple: float,
    exited: str,
    spending: str | None = None,
    persons: str | None = None,
    after: str | None = None,
) -> Monitored:
    r"""Sort households into the classes of monitoring (脱贫不稳定户, 边缘易致贫户, 突发严重困难户).

    With the line z, the monitoring line m z and rigid spending s a head: poor y < z; unstable exit z ≤ y < m z and
    exited; marginal z ≤ y < m z and never on the register; sudden hardship y ≥ m z and y − s < m z; safe, the rest.

    Parameters
    ----------
    table : one row a household, any table. income : column of income a head. line : z.
    multiple : m, above 1. There is no usual value: the line is local and set each year.
    exited : column of 1 (left the register) and 0 (never on it). spending : column of rigid spending a head.
    persons : column of persons. after : column of income a head in the next wave, missing where it was not seen: the
        list is then held against what happened.

    Returns
    -------
    Monitored
        Classes with counts; how many of each fell; sensitivity and precision of the list.

    Raises
    ------
    OptionError
        Where the line is not above 0 or the multiple not above 1.
    DataError
        Where a column is not there or missing in rows (but `after`), or `exited` is neither 0 nor 1.

    Source
    ------
    The three groups of the State Council's guidance of March 2020 on a mechanism of monitoring and help.
    """
    if not finite(line) or line <= 0:
        raise OptionError(f"line={line!r} must be above 0")
    if not finite(multiple) or multiple <= 1:
        raise OptionError(f"multiple={multiple!r} must be above 1: the monitoring line over the poverty line")
    needed = [name for name in (income, exited, spending, persons) if name]
    refuse_missing(opened(table, needed), needed, "monitor")
    odd = {"odd": ((nw.col(exited) != 0) & (nw.col(exited) != 1)).cast(nw.Int64)}
    bad = int(totals(opened(table, needed), [], odd)["odd"].iloc[0])
    if bad:
        raise DataError(f"column {exited!r} (exited) is neither 0 nor 1 in {bad} rows")
    y, high = nw.col(income).cast(nw.Float64), multiple * line
    left = y - nw.col(spending).cast(nw.Float64) if spending else y
    above = nw.when(left < high).then(nw.lit("sudden")).otherwise(nw.lit("safe"))
    between = nw.when(nw.col(exited) == 1).then(nw.lit("unstable_exit")).otherwise(nw.lit("marginal"))
    found = nw.when(y < line).then(nw.lit("poor")).otherwise(nw.when(y < high).then(between).otherwise(above))
    made: Any = open_lazily(table).with_columns(found.alias("class"))
    return _told(made, line, multiple, persons, after)


def _told(made: Any, line: float, multiple: float, persons: str | None, after: str | None) -> Monitored:
    sums = {"persons": nw.col(persons).cast(nw.Float64)} if persons else {}
    if after:
        then = nw.col(after).cast(nw.Float64)
        sums |= {
            "seen": (~then.is_null()).cast(nw.Int64),
            "fell": nw.when(then.is_null()).then(nw.lit(0)).otherwise((then < line).cast(nw.Int64)),
        }
    counts = totals(made, ["class"], sums).set_index("class").reindex(list(CLASSES)).fillna(0.0)
    counts = counts.rename(columns={"rows": "households"})
    counts["share"] = counts["households"] / counts["households"].sum()
    sensitivity = precision = float("nan")
    if after:
        seen = counts.pop("seen")
        counts["rate"] = (counts["fell"] / seen).where(seen > 0)
        watched, others = list(CLASSES[1:4]), list(CLASSES[1:])
        fell = float(counts.loc[others, "fell"].sum())
        caught, listed = float(counts.loc[watched, "fell"].sum()), float(seen[watched].sum())
        sensitivity = caught / fell if fell else float("nan")
        precision = caught / listed if listed else float("nan")
    order = [name for name in ("households", "persons", "share", "fell", "rate") if name in counts]
    return Monitored(made.to_native(), counts[order], float(line), float(multiple), sensitivity, precision)
