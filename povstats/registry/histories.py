"""What happened to each household of a registry, in order: its changes of state, with splits and merges resolved."""

from collections.abc import Mapping

import narwhals as nw

from povstats.contracts.registry_events import EVENTS
from povstats.engine.panels import NONE, Frame, collected, in_order, in_pandas, joined, opened, refuse_missing, totals
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError

SPLIT, MERGED = 9, 8
STATES = {
    "identified": 0, "returned": 1, "split": SPLIT, "exited": 3, "removed": 5, "died": 6, "moved": 7, "merged": MERGED,
}  # fmt: skip
"""The state after a change; a split becomes 2 where the household came from one on the list, 4 where that had left."""
WORDS = {at: name for name, at in STATES.items()} | {NONE: "nothing", 2: "split", 4: "split (off the list)"}
LISTED, KNOWN, ENDED = 3, 5, 6
"""On the list: states below 3; in the registry: below 5, with those that left poverty; ended: 6 and above."""
AFTER = {NONE: (0, 2, 4), 0: (3, 5, 6, 7, 8), 3: (1, 6, 7, 8), 5: (0,), 6: (), 7: (), 8: ()}
AFTER |= {1: AFTER[0], 2: AFTER[0], 4: AFTER[3]}
"""Which change may follow which: none before, then identified; a return needs an exit; nothing follows an end."""
FOREVER = 9999
SHOWN = 5


def opened_events(events: Table, columns: Mapping[str, str | None], where: str) -> Frame:
    """Open an event table under our names, complete in its columns and with known events alone.

    Parameters
    ----------
    events : one row an event, any table. columns : by our name the caller's; None where it was not given.
    where : the verb, for its messages.

    Raises
    ------
    DataError
        Where a column is not there or missing in rows, an event is unknown, or a year is no whole number.
    """
    given = {name: column for name, column in columns.items() if column is not None}
    frame = opened(events, list(given.values()))
    refuse_missing(frame, list(given.values()), where)
    event = given["event"]
    known = nw.col(event).is_in(list(EVENTS))
    odd = collected(frame.filter(~known).select(event).unique().head(SHOWN + 1))[event].tolist()
    if odd:
        raise DataError(f"column {event!r} has events that are not known: {odd[:SHOWN]}; they are {list(EVENTS)}")
    kinds = frame.collect_schema()
    if not kinds[given["year"]].is_numeric():
        raise DataError(f"column {given['year']!r} is {kinds[given['year']]}; years are whole numbers, such as 2014")
    year = nw.col(given["year"]).cast(nw.Float64)
    broken = {"broken": (year != year.round(0)).cast(nw.Int64)}
    count = int(totals(frame, [], broken)["broken"].iloc[0])
    if count:
        raise DataError(f"column {given['year']!r} is no whole number in {count} rows; years are, such as 2014")
    named = {name: nw.col(column) for name, column in given.items()}
    return in_pandas(frame.select(**named).with_columns(nw.col("year").cast(nw.Int64)))


def changes_of(events: Frame, links: Frame | None) -> Frame:
    """Order the changes of state, with "previous state" and "next year"; further columns are kept.

    Parameters
    ----------
    events : of `opened_events`. links : of splits and merges; see `linked`.

    Raises
    ------
    OptionError
        Where there are splits or merges and no links.
    DataError
        Where a household has two changes in a year, or a split or merge goes with a household that is not there.
    """
    code = nw.lit(NONE)
    for name, at in STATES.items():
        code = nw.when(nw.col("event") == name).then(nw.lit(at)).otherwise(code)
    changes = _ordered(events.with_columns(state=code).filter(nw.col("state") != NONE))
    joint = int(totals(changes, [], {"joint": nw.col("state").is_in([SPLIT, MERGED]).cast(nw.Int64)})["joint"].iloc[0])
    if not joint:
        return changes
    if links is None:
        raise OptionError(f"{joint} events are splits or merges; name the column of the other household: other=...")
    changes = _resolved(changes, links)
    _refuse_merges(changes, links)
    return changes


def _ordered(told: Frame) -> Frame:
    return in_order(told, "household", "year", ["year", "state"])


def linked(events: Table, household: str, year: str, event: str, other: str) -> Frame:
    """Give the rows of splits and merges: household, year, event, other.

    Raises
    ------
    DataError
        Where the other household is missing in one of them.
    """
    frame = opened(events, [household, year, event, other])
    joint = frame.filter(nw.col(event).is_in(["split", "merged"]))
    refuse_missing(joint, [other], "a split or a merge")
    kind = frame.collect_schema()[household]
    made = joint.select(
        household=nw.col(household),
        year=nw.col(year).cast(nw.Int64),
        event=nw.col(event),
        other=nw.col(other).cast(kind),
    )
    return in_pandas(made)


def spans(changes: Frame, last: int = FOREVER) -> Frame:
    """Turn changes into spans of a state: household, state, start, end."""
    return changes.select(
        "household",
        "state",
        start=nw.col("year"),
        end=nw.when(nw.col("next year") == NONE).then(nw.lit(last)).otherwise(nw.col("next year") - 1),
    )


def _beside(links: Frame, changes: Frame) -> Frame:
    """Put the state of the other household, in that year, beside each split or merge."""
    held = spans(changes).select(other=nw.col("household"), there=nw.col("state"), start="start", end="end")
    beside = joined(links, held, "other", "inner")
    return beside.filter((nw.col("start") <= nw.col("year")) & (nw.col("end") >= nw.col("year")))


def _resolved(changes: Frame, links: Frame) -> Frame:
    """Give each split household the state of the one it came from; one that came from another split waits its turn."""
    splits = links.filter(nw.col("event") == "split")
    columns = [name for name in changes.collect_schema().names() if not name.startswith(("previous ", "next "))]
    columns = [name for name in columns if name != "unit code"]
    left = -1
    while True:
        open_ones = changes.filter(nw.col("state") == SPLIT)
        count = int(totals(open_ones, [], {})["rows"].iloc[0])
        if not count:
            return changes
        if count == left:
            some = collected(open_ones.select("household", "year").head(SHOWN))
            who = "; ".join(f"{row['household']} {row['year']}" for _, row in some.iterrows())
            raise DataError(
                f"{count} households split from one that was not in the registry in that year: {who}; "
                "enter the other household's events, or write the new one as identified"
            )
        left = count
        found = _beside(splits, changes).filter(nw.col("there") < KNOWN)
        _refuse_same_year(found)
        state = nw.when(nw.col("there") < LISTED).then(nw.lit(2)).otherwise(nw.lit(4))
        found = found.select("household", "year", inherits=state)
        told = joined(changes.select(*columns), found, ["household", "year"], "left")
        taken = (nw.col("state") == SPLIT) & ~nw.col("inherits").is_null()
        state = nw.when(taken).then(nw.col("inherits")).otherwise(nw.col("state")).cast(nw.Int64)
        changes = _ordered(told.with_columns(state=state).select(*columns))


def _refuse_same_year(found: Frame) -> None:
    """Refuse a split in the year in which the other household exits or returns: the persons' order would be a guess."""
    both = found.filter(
        (nw.col("start") == nw.col("year")) & nw.col("there").is_in([STATES["exited"], STATES["returned"]])
    )
    some = collected(both.select("household", "year"))
    if len(some):
        told = "; ".join(f"{row['household']} {row['year']}" for _, row in some.head(SHOWN).iterrows())
        raise DataError(
            f"{len(some)} households split in the year in which the one they came from exits or returns: {told}; write "
            "the split in the year before or after, so that it is known who exited or returned"
        )


def _refuse_merges(changes: Frame, links: Frame) -> None:
    """Refuse a merge into a household that is not there, or on the list where the merging one is not, or vice versa."""
    merges = links.filter(nw.col("event") == "merged")
    before = changes.filter(nw.col("state") == MERGED).select("household", "year", was="previous state")
    beside = joined(
        before, _beside(merges, changes).select("household", "year", "there"), ["household", "year"], "left"
    )
    alike = (nw.col("was") < LISTED) == (nw.col("there") < LISTED)
    wrong = beside.filter(nw.col("there").is_null() | (nw.col("there") >= KNOWN) | ~alike)
    found = collected(wrong.select("household", "year"))
    if len(found):
        told = "; ".join(f"{row['household']} {row['year']}" for _, row in found.head(SHOWN).iterrows())
        raise DataError(
            f"{len(found)} households merge into one that is not in the registry in that year, or of which one is on "
            f"the list and the other is not: {told}; write the exit or the return first"
        )


def refuse_order(changes: Frame) -> None:
    """Refuse changes that cannot follow the one before.

    Raises
    ------
    DataError
        With households, years and both changes.
    """
    good = nw.lit(False)
    for before, after in AFTER.items():
        if after:
            good = good | ((nw.col("previous state") == before) & nw.col("state").is_in(list(after)))
    bad = changes.filter(~good).select("household", "year", "state", "previous state")
    count = int(totals(bad, [], {})["rows"].iloc[0])
    if not count:
        return
    some = [
        f"{row['household']} {row['year']}: {WORDS[row['state']]} after {WORDS[row['previous state']]}"
        for _, row in collected(bad.head(SHOWN)).iterrows()
    ]
    raise DataError(f"{count} events cannot follow the one before: {'; '.join(some)}{' …' if count > SHOWN else ''}")
