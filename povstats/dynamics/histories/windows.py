"""The codes of a history by windows over units, in an engine."""

from typing import Any

import narwhals as nw

from povstats.dynamics.histories import codes

Lazy = nw.LazyFrame[Any]


def by_windows(frame: Lazy, waves: int, spacing: float | None, *, since: bool) -> Lazy:
    """Add the codes of `histories.codes` to rows.

    Parameters
    ----------
    frame : UNIT, WAVE (from 0), "poor" (1, 0); with `since` also "since" and "number", the wave as it is printed.
    waves : how many there are. spacing : distance from one to the next. since : whether beginnings are known.
    """
    made = _neighbours(frame)
    made = made.with_columns(**_flags(waves))
    made = made.with_columns(**_states(waves), run=nw.col("start").cast(nw.Int64))
    made = made.with_columns(_unit(nw.col(codes.RUN).cum_sum()).alias(codes.RUN))
    return _ages(made, spacing, since=since)


def _unit(expression: nw.Expr) -> nw.Expr:
    return expression.over(codes.UNIT, order_by=codes.WAVE)


def _neighbours(frame: Lazy) -> Lazy:
    """Add the wave and state of the rows before and after, and how often the unit was poor before."""
    poor, wave = nw.col("poor"), nw.col(codes.WAVE)
    made = frame.with_columns(
        _unit(wave.shift(1)).fill_null(-9).alias("wave before"),
        _unit(poor.shift(1)).fill_null(-9).alias("poor before"),
        _unit(wave.shift(-1)).fill_null(-9).alias("wave after"),
        _unit(poor.shift(-1)).fill_null(-9).alias("poor after"),
        _unit(poor.cum_sum()).alias("ever"),
    )
    return made.with_columns((nw.col("ever") - poor).alias("ever"))


def _flags(waves: int) -> dict[str, nw.Expr]:
    wave, before = nw.col(codes.WAVE), nw.col("wave before")
    first, last = before == -9, nw.col("wave after") == -9
    follows = before == wave - 1
    # A unit's first row has no wave −1 before it, so nothing follows there.
    follows = follows & ~first
    return {
        "is first": first.cast(nw.Int64),
        "is late": (first & (wave > 0)).cast(nw.Int64),
        "is lost": (last & (wave < waves - 1)).cast(nw.Int64),
        "after gap": (~first & ~follows).cast(nw.Int64),
        "follows": follows,
        "start": ~follows | (nw.col("poor") != nw.col("poor before")),
    }


def _states(waves: int) -> dict[str, nw.Expr]:
    """Write STATE, NEXT, and how the row's run begins and ends, said at its ends alone."""
    poor, ever, wave = nw.col("poor") == 1, nw.col("ever") > 0, nw.col(codes.WAVE)
    back = nw.col("follows") & (nw.col("poor before") == 0) & ever
    state = nw.when(poor & back).then(nw.lit(codes.BACK)).otherwise(
        nw.when(poor).then(nw.lit(codes.POOR)).otherwise(
            nw.when(ever).then(nw.lit(codes.AFTER_EXIT)).otherwise(nw.lit(codes.NEVER))
        )
    )  # fmt: skip
    there = nw.col("wave after") == wave + 1
    following = nw.when(wave == waves - 1).then(nw.lit(codes.LAST)).otherwise(
        nw.when(there).then(nw.col("poor after")).otherwise(nw.lit(codes.UNSEEN))
    )  # fmt: skip
    left = nw.when(nw.col("after gap") == 1).then(nw.lit(codes.GAP)).otherwise(
        nw.when(nw.col("is late") == 1).then(nw.lit(codes.LATE)).otherwise(
            nw.when(nw.col("is first") == 1).then(nw.lit(codes.FIRST)).otherwise(nw.lit(codes.SEEN))
        )
    )  # fmt: skip
    last = nw.col("wave after") == -9
    right = nw.when(wave == waves - 1).then(nw.lit(codes.OPEN)).otherwise(
        nw.when(last).then(nw.lit(codes.LOST)).otherwise(
            nw.when(there).then(nw.lit(codes.ENDED)).otherwise(nw.lit(codes.GAP))
        )
    )  # fmt: skip
    ends = last | ~there | (nw.col("poor after") != nw.col("poor"))
    return {
        codes.STATE: state,
        codes.NEXT: following,
        "own left": nw.when(nw.col("start")).then(left),
        codes.RIGHT: nw.when(ends).then(right),
    }


def _ages(made: Lazy, spacing: float | None, *, since: bool) -> Lazy:
    """Add LEFT to every row of a run, and AGE."""
    run = [codes.UNIT, codes.RUN]
    made = made.with_columns(
        nw.col("own left").max().over(*run).alias(codes.LEFT),
        nw.col(codes.WAVE).min().over(*run).alias("wave of the start"),
    )
    place = nw.col(codes.WAVE) - nw.col("wave of the start") + 1
    seen = nw.col(codes.LEFT) == codes.SEEN
    if not since:
        return made.with_columns(nw.when(seen).then(place).otherwise(nw.lit(0)).alias(codes.AGE))
    began = (nw.col("number") - nw.col("since")) / nw.lit(spacing or 1.0)
    gone = nw.col("since").is_null() | nw.col("since").is_nan()
    early = nw.when(nw.col("start") & ~seen & ~gone).then(began)
    made = made.with_columns(early.alias("early"))
    made = made.with_columns(nw.col("early").max().over(*run).alias("early"))
    known = nw.col("early").is_null()
    late = nw.when(known).then(nw.lit(0)).otherwise(place + nw.col("early").round(0).cast(nw.Int64))
    return made.with_columns(nw.when(seen).then(place).otherwise(late).alias(codes.AGE))
