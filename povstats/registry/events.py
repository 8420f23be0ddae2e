"""From events to accounts and to a panel: what happened to each household, checked and laid out by year."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.contracts.registry_events import EVENTS
from povstats.engine.panels import NONE, Frame, collected, in_order, opened, refuse_missing, totals
from povstats.engine.source import Table
from povstats.errors import DataError
from povstats.printing import Grid, Printed, Summary
from povstats.registry.balance import FLOWS, INFLOWS, OUTFLOWS
from povstats.words import Lang, language, say

STATES = {"identified": 0, "returned": 1, "exited": 2, "removed": 3, "died": 4, "moved": 5}
AFTER = {NONE: (0,), 0: (2, 3, 4, 5), 1: (2, 3, 4, 5), 2: (1, 4, 5), 3: (0,), 4: (), 5: ()}
"""Which event may follow which: none before, then identified; a return needs an exit; nothing follows a death."""
SHOWN = 5


def registry_flows(
    events: Table, *, household: str, year: str, event: str, persons: str, place: str | None = None
) -> pd.DataFrame:
    """Add up events to the accounts of `povstats.ledger`, in households and persons, by place and year.

    Households count where they are identified, return, exit, are removed, die out or move; natural increase and
    decrease change persons alone. Closing is opening and flows; the first opening of a place is zero.

    Parameters
    ----------
    events : one row an event, any table. household, year, event, persons : columns; persons are those whom it concerns.
        place : column of the place; a household has one.

    Returns
    -------
    pandas.DataFrame
        Columns place, year, unit, opening, the flows, closing.

    Raises
    ------
    DataError
        Where a column is not there or missing in rows, an event is unknown, or persons are below zero.
    """
    columns = [household, year, event, persons, *([place] if place else [])]
    frame = opened(events, columns)
    refuse_missing(frame, columns, "registry_flows")
    _refuse_unknown(frame, event)
    keys = [*([place] if place else []), year]
    word, many = nw.col(event), nw.col(persons).cast(nw.Float64)
    sums = {"below": (many < 0).cast(nw.Float64)}
    for name in FLOWS:
        here = word == name
        if name == "natural_decrease":
            here = here | (word == "died") | (word == "moved")
        sums[f"persons {name}"] = nw.when(here).then(many).otherwise(nw.lit(0.0))
        counted = here if name not in ("natural_increase", "natural_decrease") else (word == "died") | (word == "moved")
        whole = nw.lit(0.0) if name == "natural_increase" else nw.when(counted).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        sums[f"households {name}"] = whole
    found = totals(frame, keys, sums)
    if found["below"].sum():
        raise DataError(f"column {persons!r} is below zero in {int(found['below'].sum())} rows")
    rows = []
    for name, part in found.groupby(place) if place else [("", found)]:
        years = part.sort_values(year).to_dict("records")
        for unit in ("households", "persons"):
            stock = 0.0
            for row in years:
                flows = {flow: float(row[f"{unit} {flow}"]) for flow in FLOWS}
                moved = sum(flows[flow] for flow in INFLOWS) - sum(flows[flow] for flow in OUTFLOWS)
                ends = {"opening": stock, "closing": stock + moved}
                rows.append({"place": name, "year": row[year], "unit": unit, **ends, **flows})
                stock += moved
    return pd.DataFrame(rows)


def _refuse_unknown(frame: Frame, event: str) -> None:
    known = nw.col(event).is_in(list(EVENTS))
    odd = collected(frame.filter(~known).select(event).unique().head(SHOWN + 1))[event].tolist()
    if odd:
        raise DataError(f"column {event!r} has events that are not known: {odd[:SHOWN]}; they are {list(EVENTS)}")


@dataclass(frozen=True, eq=False, repr=False)
class RegistryPanel(Printed):
    """A panel of households by year.

    Attributes
    ----------
    table : one row a household and year from its identification to its end: household, year, poor (1 on the list); a
        lazy table stays lazy, in memory it is a pandas frame. It enters the verbs of dynamics with `poor="poor"`.
    counts : households, events, rows, and households that died out or moved.
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
    events: Table, *, household: str, year: str, event: str, until: int | None = None
) -> RegistryPanel:
    """Lay events out as a panel of households by year, once their order is proven.

    A household is on the list from the year it is identified, or returns, to the year before it exits or is removed; it
    stays in the panel as not poor after an exit, and leaves it when it is removed (it was never poor), dies out or
    moves. Natural changes move persons, not households, and are not looked at.

    Parameters
    ----------
    events : one row an event, any table. household, year, event : columns; year is a whole number, and a household has
        at most one change of state a year.
    until : last year of the panel, where it should end before or after the last event.

    Returns
    -------
    RegistryPanel
        The panel, with every year from the first event on.

    Raises
    ------
    DataError
        Where an event is unknown, a household has two changes in a year, or an event cannot follow the one before: a
        return without an exit, an exit of one who is not on the list, anything after a death or a move.
    """
    columns = [household, year, event]
    frame = opened(events, columns)
    refuse_missing(frame, columns, "panel_from_registry")
    _refuse_unknown(frame, event)
    code = nw.lit(NONE)
    for name, at in STATES.items():
        code = nw.when(nw.col(event) == name).then(nw.lit(at)).otherwise(code)
    ends = collected(frame.select(low=nw.col(year).cast(nw.Int64).min(), high=nw.col(year).cast(nw.Int64).max())).iloc[
        0
    ]
    first, last = int(ends["low"]), int(ends["high"]) if until is None else int(until)
    told = frame.select(household=nw.col(household), year=nw.col(year).cast(nw.Int64), state=code)
    changes = in_order(told.filter(nw.col("state") != NONE), "household", "year", ["year", "state"])
    _refuse_order(changes)
    held = changes.select(
        "household",
        "state",
        start=nw.col("year"),
        end=nw.when(nw.col("next year") == NONE).then(nw.lit(last)).otherwise(nw.col("next year") - 1),
    )
    on = held.filter(nw.col("state") < 3)
    # One pass a year and no table of years: a lazy table could not be joined to one of another engine.
    parts: Any = [
        on.filter((nw.col("start") <= at) & (nw.col("end") >= at)).select(
            "household", year=nw.lit(at), poor=(nw.col("state") < 2).cast(nw.Int64)
        )
        for at in range(first, last + 1)
    ]
    table: Any = nw.concat(parts, how="vertical")
    ended = (nw.col("state") >= 4).cast(nw.Int64)
    new = (nw.col("previous year") == NONE).cast(nw.Int64)
    found = totals(changes, [], {"households": new, "ended": ended}).iloc[0]
    counts = {
        "households": int(found["households"]),
        "events": int(found["rows"]),
        "rows": int(totals(table, [], {})["rows"].iloc[0]),
        "ended": int(found["ended"]),
    }
    return RegistryPanel(table.to_native(), counts, first, last)


def _refuse_order(changes: Frame) -> None:
    """Refuse events that cannot follow the one before."""
    good = nw.lit(False)
    for before, after in AFTER.items():
        if after:
            good = good | ((nw.col("previous state") == before) & nw.col("state").is_in(list(after)))
    bad = changes.filter(~good).select("household", "year", "state", "previous state")
    count = int(totals(bad, [], {})["rows"].iloc[0])
    if not count:
        return
    words = {at: name for name, at in STATES.items()} | {NONE: "nothing"}
    some = [
        f"{row['household']} {row['year']}: {words[row['state']]} after {words[row['previous state']]}"
        for _, row in collected(bad.head(SHOWN)).iterrows()
    ]
    raise DataError(f"{count} events cannot follow the one before: {'; '.join(some)}{' …' if count > SHOWN else ''}")
