"""ps.registry_flows(): from events to the flows of the ledger, by place and year, in households and persons."""

import narwhals as nw
import pandas as pd

from povstats.engine.panels import Frame, joined, totals
from povstats.engine.source import Table
from povstats.errors import DataError
from povstats.registry.balance import FLOWS, INFLOWS, OUTFLOWS
from povstats.registry.histories import KNOWN, LISTED, MERGED, changes_of, linked, opened_events, spans

ENDS = ("died", "moved", "merged")
SPLIT_LISTED = 2


def registry_flows(
    events: Table,
    *,
    household: str,
    year: str,
    event: str,
    persons: str,
    place: str | None = None,
    other: str | None = None,
) -> pd.DataFrame:
    """Add up events to the accounts of `povstats.ledger`, in households and persons, by place and year.

    The stock is the list of the poor. Households enter it where they are identified, return or split from one on the
    list, and leave it where they exit, are removed, die out, move or merge; natural changes change persons alone. What
    happens to a household between its exit and its return (a birth, a death, a move) does not touch the list. A split
    and a merge move persons within a place: they change the households alone. Closing is opening and flows; the first
    opening of a place is zero.

    Parameters
    ----------
    events : one row an event, any table. household, year, event, persons : columns; persons are those whom it concerns.
        place : column of the place; a household has one. other : see `povstats.panel_from_registry`.

    Returns
    -------
    pandas.DataFrame
        Columns place, year, unit, opening, the flows, closing.

    Raises
    ------
    OptionError
        Where households split or merge and `other` is not named.
    DataError
        Where a column is not there or missing in rows, an event is unknown, persons are below zero, a household has two
        changes of state in a year, or a split or merge goes with a household that is not there or of another place.
        Changes that cannot follow each other are counted as they stand: `povstats.panel_from_registry` refuses them.
    """
    columns = {"household": household, "year": year, "event": event, "persons": persons, "place": place}
    frame = opened_events(events, columns, "registry_flows")
    frame = frame.with_columns(persons=nw.col("persons").cast(nw.Float64))
    below = int(totals(frame, [], {"below": (nw.col("persons") < 0).cast(nw.Int64)})["below"].iloc[0])
    if below:
        raise DataError(f"column {persons!r} is below zero in {below} rows")
    links = linked(events, household, year, event, other) if other else None
    changes = changes_of(frame, links)
    if place is not None:
        _one_place(frame, changes, links)
    return _accounts(_counted(frame, changes, [*(["place"] if place else []), "year"]), place is not None)


def _counted(frame: Frame, changes: Frame, keys: list[str]) -> pd.DataFrame:
    """Add up by place and year: changes of state, and natural changes but those of households off the list."""
    word, many = nw.col("event"), nw.col("persons")
    off = nw.col("previous state").is_in(list(range(LISTED, KNOWN + 1)))
    one = {name: word == name for name in ("identified", "returned", "exited", "removed")}
    ends = word.is_in(list(ENDS)) & ~off
    sums = {f"persons {name}": _if(here, many) for name, here in one.items()}
    sums |= {f"households {name}": _if(here) for name, here in one.items()}
    sums["households natural_increase"] = _if(nw.col("state") == SPLIT_LISTED)
    sums["households natural_decrease"] = _if(ends)
    sums["persons natural_decrease"] = _if(ends & (nw.col("state") != MERGED), many)
    born = frame.filter(word.is_in(["natural_increase", "natural_decrease"]))
    natural = {f"persons {name}": _if(word == name, many) for name in ("natural_increase", "natural_decrease")}
    left = spans(changes).filter(nw.col("state").is_in(list(range(LISTED, KNOWN + 1))))
    # A change in the year of the exit itself still concerns the list; one in the year of the return does again.
    aside = joined(born, left.select("household", "start", "end"), "household", "inner")
    aside = aside.filter((nw.col("year") > nw.col("start")) & (nw.col("year") <= nw.col("end")))
    made = totals(changes, keys, sums).set_index(keys)
    made = made.add(totals(born, keys, natural).set_index(keys), fill_value=0.0)
    taken = totals(aside, keys, natural).set_index(keys)
    return made.sub(taken.drop(columns="rows"), fill_value=0.0).fillna(0.0).reset_index()


def _if(here: nw.Expr, value: nw.Expr | None = None) -> nw.Expr:
    return nw.when(here).then(nw.lit(1.0) if value is None else value).otherwise(nw.lit(0.0))


def _one_place(frame: Frame, changes: Frame, links: Frame | None) -> None:
    """Refuse a household of two places, and a split or merge across them, which no account would hold."""
    homes = frame.select("household", "place").unique()
    twice = homes.group_by("household").agg(nw.len().alias("places")).filter(nw.col("places") > 1)
    count = int(totals(twice, [], {})["rows"].iloc[0])
    if count:
        raise DataError(f"{count} households have more than one place; write the move as 'moved' and a new household")
    if links is None:
        return
    there = homes.select(other=nw.col("household"), there=nw.col("place"))
    both = joined(joined(links, homes, "household", "inner"), there, "other", "inner")
    count = int(totals(both.filter(nw.col("place") != nw.col("there")), [], {})["rows"].iloc[0])
    if count:
        raise DataError(f"{count} households split from or merge into one of another place; write 'moved' first")


def _accounts(found: pd.DataFrame, placed: bool) -> pd.DataFrame:
    """Carry the stocks from year to year, in each place and unit."""
    rows = []
    for name, part in found.groupby("place") if placed else [("", found)]:
        years = part.sort_values("year").to_dict("records")
        for unit in ("households", "persons"):
            stock = 0.0
            for row in years:
                flows = {flow: float(row.get(f"{unit} {flow}", 0.0)) for flow in FLOWS}
                moved = sum(flows[flow] for flow in INFLOWS) - sum(flows[flow] for flow in OUTFLOWS)
                ends = {"opening": stock, "closing": stock + moved}
                rows.append({"place": name, "year": int(row["year"]), "unit": unit, **ends, **flows})
                stock += moved
    return pd.DataFrame(rows)
