"""ps.panel_from_registry(): what happened to each household, proven and laid out by year."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.columns import absent
from povstats.engine.panels import NONE, Frame, collected, in_pandas, joined, opened, totals
from povstats.engine.source import Table
from povstats.errors import DataError
from povstats.printing import Grid, Printed, Summary
from povstats.registry.histories import (
    ENDED,
    KNOWN,
    LISTED,
    changes_of,
    linked,
    opened_events,
    refuse_order,
    spans,
)
from povstats.words import Lang, language, say


@dataclass(frozen=True, eq=False, repr=False)
class RegistryPanel(Printed):
    """A panel of households by year.

    Attributes
    ----------
    table : one row a household and year from its identification to its end: household, year, poor (1 on the list) and,
        where checks of exits were given, check; a lazy table stays lazy, in memory it is a pandas frame. It enters the
        verbs of dynamics with `poor="poor"`.
    counts : households, events, rows, households that split from another, and those that died out, moved or merged.
    first, last : years.
    """

    table: Any
    counts: dict[str, int]
    first: int
    last: int

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the counts."""
        return tidy_frame([{"measure": name, "estimate": value} for name, value in self.counts.items()])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the counts, in "zh" or "en"."""
        lang = lang or language()
        rows = tuple((say(f"ledger.count_{name}", lang), f"{value:,}") for name, value in self.counts.items())
        return Summary((Grid(say("ledger.panel", lang, first=self.first, last=self.last), (), rows, words=1),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what a row is, and when a household begins and ends."""
        lang = lang or language()
        words = {name: f"{value:,}" for name, value in self.counts.items()}
        return say("ledger.panel_told", lang, first=self.first, last=self.last, **words)


def panel_from_registry(
    events: Table,
    *,
    household: str,
    year: str,
    event: str,
    other: str | None = None,
    check: str | None = None,
    until: int | None = None,
) -> RegistryPanel:
    """Lay events out as a panel of households by year, once their order is proven.

    A household is on the list from the year it is identified, or returns, to the year before it exits or is removed; it
    stays in the panel as not poor after an exit, and leaves it when it is removed (it was never poor), dies out, moves
    or merges into another. A household that splits from another begins in that year in the state of the other: on the
    list, or as one that has left it; the other's earlier years stay with the other. Natural changes move persons, not
    households, and are not looked at.

    Parameters
    ----------
    events : one row an event, any table. household, year, event : columns; year is a whole number, and a household has
        at most one change of state a year.
    other : column of the household that a "split" household comes from, or that a "merged" one goes into; missing in
        other rows.
    check : column in which the row of an exit says whether it was wrong: 1 or 0, missing where it was not checked. It
        goes into the panel, for `povstats.return_rate(definition="wrong_exit", check="check")`.
    until : last year of the panel, where it should end before or after the last event.

    Returns
    -------
    RegistryPanel
        The panel, with every year from the first event on.

    Raises
    ------
    OptionError
        Where households split or merge and `other` is not named.
    DataError
        Where an event is unknown, a household has two changes in a year, or an event cannot follow the one before: a
        return without an exit, an exit of one who is not on the list, anything after an end; where a household splits
        from, or merges into, one that is not in the registry in that year, splits in the year in which the other exits
        or returns, or merges into one of another state; where a check is neither 1 nor 0.
    """
    frame = opened_events(events, {"household": household, "year": year, "event": event}, "panel_from_registry")
    ends = collected(frame.select(low=nw.col("year").min(), high=nw.col("year").max())).iloc[0]
    if ends["low"] != ends["low"]:
        raise DataError("there are no events")
    first, last = int(ends["low"]), int(ends["high"]) if until is None else int(until)
    changes = changes_of(frame, linked(events, household, year, event, other) if other else None)
    refuse_order(changes)
    on = spans(changes, last).filter(nw.col("state") < KNOWN)
    # One pass a year and no table of years: a lazy table could not be joined to one of another engine.
    parts: Any = [
        on.filter((nw.col("start") <= at) & (nw.col("end") >= at)).select(
            "household", year=nw.lit(at), poor=(nw.col("state") < LISTED).cast(nw.Int64)
        )
        for at in range(first, last + 1)
    ]
    table: Any = nw.concat(parts, how="vertical")
    if check is not None:
        table = joined(table, _checks(events, household, year, event, check), ["household", "year"], "left")
    is_split = nw.col("state").is_in([2, 4]).cast(nw.Int64)
    new = (nw.col("previous year") == NONE).cast(nw.Int64)
    sums = {"households": new, "ended": (nw.col("state") >= ENDED).cast(nw.Int64), "split": is_split}
    found = totals(changes, [], sums).iloc[0]
    counts = {
        "households": int(found["households"]),
        "events": int(found["rows"]),
        "rows": int(totals(table, [], {})["rows"].iloc[0]),
        "split": int(found["split"]),
        "ended": int(found["ended"]),
    }
    return RegistryPanel(table.to_native(), counts, first, last)


def _checks(events: Table, household: str, year: str, event: str, check: str) -> Frame:
    """Give the checks of exits, by household and year."""
    asked = opened(events, [household, year, event, check])
    kind = asked.collect_schema()[check]
    if not kind.is_numeric() and kind != nw.Boolean:
        raise DataError(f"column {check!r} (check) must hold 1, 0 or missing; it is {kind}")
    value = nw.col(check).cast(nw.Float64)
    rows = asked.filter(nw.col(event) == "exited").select(
        household=nw.col(household), year=nw.col(year).cast(nw.Int64), check=value
    )
    odd = (~nw.col("check").is_in([0.0, 1.0]) & ~absent(rows.collect_schema(), "check")).cast(nw.Int64)
    bad = int(totals(rows, [], {"odd": odd})["odd"].iloc[0])
    if bad:
        raise DataError(f"column {check!r} (check) is neither 1 nor 0 in {bad} rows of exits")
    return in_pandas(rows)
