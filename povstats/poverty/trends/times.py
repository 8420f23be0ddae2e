"""When a row is: years, dates, and times that a document does not print."""

import math
import re
from datetime import date
from numbers import Real
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from povstats.errors import DataError
from povstats.survey import require_column

Clock = Literal["year", "date", ""]
FIRST, LAST = 1000, 2999
YEAR = re.compile(r"(\d{4})年?")
DAY = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
REMEDY = (
    "write a year as 2014, a date as 2014-06-30 or a date column, and a time that is not printed in words without "
    "a year ('now', '20XX')"
)


def moments(frame: nw.DataFrame[Any], column: str) -> tuple[list[float], list[str], Clock]:
    """Read a column of times.

    Parameters
    ----------
    frame : the opened table.
    column : years as numbers or text, dates as dates or text (2014-06, 2014-06-30), or words for a time that is
        not printed; missing is not printed either.

    Returns
    -------
    times : list of float
        Years with their fraction (30 June 2014 is 2014.493); NaN where not printed.
    labels : list of str
        As printed; "" where missing.
    clock : "year", "date", or "" where no time is printed.

    Raises
    ------
    DataError
        Where there is no such column, a value is no time, or years and dates are mixed.
    """
    require_column(frame, "time", column)
    read = []
    for row, value in enumerate(frame[column].to_list()):
        found = moment(value)
        if found is None:
            raise DataError(f"column {column!r} (time) holds {value!r} (row {row}, from 0); {REMEDY}")
        read.append(found)
    clocks = sorted({clock for _, _, clock in read} - {""})
    if len(clocks) > 1:
        raise DataError(f"column {column!r} (time) mixes years and dates; write all as dates, or all as years")
    clock: Clock = "date" if clocks == ["date"] else "year" if clocks else ""
    return [time for time, _, _ in read], [label for _, label, _ in read], clock


def moment(value: object) -> tuple[float, str, Clock] | None:
    """Read one time as (years, label, clock); None where it is no time."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return math.nan, "", ""
    if isinstance(value, str):
        return _text(value.strip())
    if isinstance(value, date):
        return _day(value.year, value.month, value.day, f"{value:%Y-%m-%d}")
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    year = float(value)
    return (year, f"{year:.10g}", "year") if FIRST <= year < LAST + 1 else None


def _text(words: str) -> tuple[float, str, Clock] | None:
    """Read a time out of text; words that hold a year without being one are refused, not guessed at."""
    if year := YEAR.fullmatch(words):
        return (float(year[1]), words, "year") if FIRST <= int(year[1]) <= LAST else None
    if day := DAY.fullmatch(words):
        return _day(int(day[1]), int(day[2]), int(day[3] or 1), words)
    return None if re.search(r"\d{4}", words) else (math.nan, words, "")


def _day(year: int, month: int, day: int, label: str) -> tuple[float, str, Clock] | None:
    try:
        here = date(year, month, day)
    except ValueError:
        return None
    start = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - start).days
    return (year + (here - start).days / length, label, "date") if FIRST <= year <= LAST else None
