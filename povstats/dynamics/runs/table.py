"""From a history to its spells."""

from typing import Any, Unpack

import narwhals as nw
import pandas as pd

from povstats.dynamics.asked import Columns, asked_of
from povstats.dynamics.histories import History, codes, open_history
from povstats.dynamics.runs.result import LEFT, RIGHT, Spells


def spells(panel: Any, *, by: str | None = None, since: str | None = None, **columns: Unpack[Columns]) -> Spells:
    """List the spells of a panel: every unbroken run of waves in which a unit is poor, or is not.

    A wave in which a unit is not seen breaks its spell in two: the first is censored there, the second begins late.

    Parameters
    ----------
    panel : what `povstats.transitions` takes.
    by : column of the groups, as in the first row of a spell.
    since : column of the wave in which the state began in which a unit is first seen; see `povstats.survival`.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`.

    Returns
    -------
    Spells
        `table` has one row a spell, a frame of the kind that was handed over; lazy where the panel is lazy.

    Raises
    ------
    OptionError, DataError
        As `povstats.transitions`.

    Source
    ------
    Jenkins (2005), Survival Analysis, chapters 1 and 2, for censoring and late entry.
    """
    history = open_history(panel, asked_of(columns, by=by, since=since))
    runs = history.runs()
    return Spells(_named(runs, since is not None).to_native(), _counts(history, runs), history.asked, history.account)


def _named(runs: Any, since: bool) -> Any:
    """Write the codes out: who is poor, how a spell begins and ends, what is censored."""
    left, right, age = nw.col(codes.LEFT), nw.col(codes.RIGHT), nw.col(codes.AGE)
    own = {
        "poor": nw.col(codes.STATE) >= codes.POOR,
        "begins": _word(left, LEFT),
        "ends": _word(right, RIGHT),
        "left_censored": left != codes.SEEN,
        "right_censored": right != codes.ENDED,
        "returned": nw.col(codes.STATE) == codes.BACK,
    }
    told = {"age_at_entry": nw.when(age >= 1).then(age)} if since else {}
    first = (codes.UNIT, codes.GROUP, codes.RUN)
    return runs.with_columns(**own, **told).select(*first, "poor", "start", "end", "length", "begins", "ends",
                                                   "left_censored", "right_censored", "returned", *told,
                                                   codes.WEIGHT)  # fmt: skip


def _word(code: nw.Expr, words: dict[int, str]) -> nw.Expr:
    """Write a code as its word."""
    *others, (_, last) = words.items()
    found = nw.lit(last)
    for number, word in reversed(others):
        found = nw.when(code == number).then(nw.lit(word)).otherwise(found)
    return found


def _counts(history: History, runs: Any) -> pd.DataFrame:
    """Count spells and their waves by group, state, beginning and end: all that is printed."""
    keys = [codes.GROUP, "poor", codes.LEFT, codes.RIGHT, "back", "length"]
    flags = {"poor": nw.col(codes.STATE) >= codes.POOR, "back": nw.col(codes.STATE) == codes.BACK}
    found = runs.with_columns(**{name: flag.cast(nw.Int64) for name, flag in flags.items()})
    found = found.group_by(*keys).agg(spells=nw.len(), weight=nw.col(codes.WEIGHT).sum())
    table = found.collect().to_pandas() if isinstance(found, nw.LazyFrame) else found.to_pandas()
    table = table.astype({name: int for name in (*keys[1:], "spells")}).sort_values(keys, ignore_index=True)
    return pd.DataFrame(
        {
            "group": table[codes.GROUP].astype(str), "poor": table["poor"] == 1, "length": table["length"],
            "begins": table[codes.LEFT].map(LEFT), "ends": table[codes.RIGHT].map(RIGHT),
            "returned": table["back"] == 1, "spells": table["spells"], "weight": table["weight"],
        }
    )  # fmt: skip
