"""The rows of a series: which columns, whether a share or a count, in what order, and where the definition breaks."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.errors import DataError, OptionError, allowed
from povstats.poverty.trends.times import Clock, moments
from povstats.survey import require_column, require_complete, require_number

Measure = Literal["share", "count", "amount"]
MEASURES: tuple[Measure, ...] = ("share", "count", "amount")
PERCENT = 100.0


@dataclass(frozen=True)
class Asked:
    """Which columns make a series.

    Parameters
    ----------
    time, value, numerator, denominator, by : columns; None for those not named.
    breaks : columns whose change within a group is a break of definition.
    measure : what the caller says `value` is; None where the values are to tell.
    """

    time: str
    value: str | None
    numerator: str | None
    denominator: str | None
    by: str | None
    breaks: tuple[str, ...]
    measure: Measure | None

    def __post_init__(self) -> None:
        """Refuse columns that do not go together."""
        if self.measure is not None:
            allowed("measure", self.measure, MEASURES)
        named = (self.value is not None, self.numerator is not None, self.denominator is not None)
        if named not in {(True, False, False), (False, True, False), (False, True, True), (True, True, False)}:
            raise OptionError(
                "give value=, or numerator= (a count), or numerator= and denominator= (a share is computed), or value= "
                "(a share) and numerator= (its count; the population is then implied)"
            )
        implied = {(False, True, False): "count", (False, True, True): "share", (True, True, False): "share"}.get(named)
        if implied is not None and self.measure not in (None, implied):
            raise OptionError(f"measure={self.measure!r}, but these columns make a {implied}; leave measure out")

    @property
    def name(self) -> str:
        """The words for what is followed: its column, or numerator / denominator."""
        if self.value is not None:
            return self.value
        return str(self.numerator) + (f" / {self.denominator}" if self.denominator is not None else "")


def series_rows(table: Any, asked: Asked) -> tuple[pd.DataFrame, Measure, Clock]:
    """Bring the rows under fixed names, ordered within groups and cut at breaks.

    Returns
    -------
    table : DataFrame
        Columns group, time, label, value, numerator, denominator, population, segment, basis, changed.
    measure : what `value` is.
    clock : whether times are years or dates.
    """
    frame = open_table(table)
    if len(frame) == 0:
        raise DataError("the table has no rows, so there is no series; check the filters applied to it")
    rows = pd.DataFrame({"row": np.arange(len(frame)), "group": _groups(frame, asked)})
    rows["time"], rows["label"], clock = moments(frame, asked.time)
    measure = _quantities(frame, asked, rows)
    for column in asked.breaks:
        rows[f"basis {column}"] = [plain(level) for level in _complete(frame, "breaks", column)]
    groups = [_ordered(part, asked) for _, part in rows.groupby("group", sort=False)]
    ordered = pd.concat([_cut(part, asked) for part in groups], ignore_index=True)
    columns = ["group", "time", "label", "value", "numerator", "denominator", "population"]
    return ordered[[*columns, "segment", "basis", "changed"]], measure, clock


def plain(value: object) -> str:
    """Write a level as a reader would: 2300, not 2300.0."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _groups(frame: nw.DataFrame[Any], asked: Asked) -> list[str]:
    if asked.by is None:
        return [""] * len(frame)
    return [plain(level) for level in _complete(frame, "by", asked.by)]


def _complete(frame: nw.DataFrame[Any], role: str, column: str) -> list[object]:
    return frame[require_complete(frame, role, require_column(frame, role, column))].to_list()


def _quantities(frame: nw.DataFrame[Any], asked: Asked, rows: pd.DataFrame) -> Measure:
    """Add value, numerator, denominator and population to the rows, and tell what the value is."""
    for role in ("value", "numerator", "denominator"):
        column = getattr(asked, role)
        rows[role] = np.nan
        if column is not None:
            # Beside a share a count may be missing: documents often print one without the other.
            optional = role == "numerator" and asked.value is not None
            rows[role] = _numbers(frame, role, column, optional=optional)
    rows["population"] = rows["denominator"]
    if asked.value is not None:
        measure: Measure = "share" if asked.numerator is not None else _measure(rows["value"], asked)
        if measure == "share":
            _refuse(rows["value"] > 1, rows["value"], asked.value, "is above 1", "give shares as 0–1: divide by 100")
        rows["population"] = rows["numerator"] / rows["value"].where(rows["value"] > 0)
        return measure
    if asked.denominator is None:
        rows["value"], rows["numerator"] = rows["numerator"], np.nan
        return "count"
    _refuse(rows["denominator"] == 0, rows["denominator"], asked.denominator, "is zero", "leave these rows out")
    above = rows["numerator"] > rows["denominator"]
    _refuse(above, rows["numerator"], str(asked.numerator), f"is above {asked.denominator!r}", "check both columns")
    rows["value"] = rows["numerator"] / rows["denominator"]
    return "share"


def _numbers(frame: nw.DataFrame[Any], role: str, column: str, *, optional: bool) -> pd.Series:
    name = require_number(frame, role, column)
    if not optional:
        require_complete(frame, role, name)
    values = pd.Series(frame[name].cast(nw.Float64).to_numpy(), dtype=float)
    _refuse(values < 0, values, name, "is below 0", "a level cannot be negative; check for changes among the levels")
    return values


def _measure(values: pd.Series, asked: Asked) -> Measure:
    """Tell a share from a count by the largest value, or refuse where it could be either."""
    if asked.measure is not None:
        return asked.measure
    largest = float(values.max())
    if largest <= 1:
        return "share"
    if largest > PERCENT:
        return "count"
    raise DataError(
        f"column {asked.value!r} (value) runs up to {largest:.10g}, which may be a percentage or a small count; divide "
        "percentages by 100, or say measure='count' (persons, households) or measure='amount' (money)"
    )


def _refuse(bad: pd.Series, values: pd.Series, column: str, what: str, remedy: str) -> None:
    if bad.any():
        shown = ", ".join(f"{row}: {values[row]:.10g}" for row in np.flatnonzero(bad)[:5])
        raise DataError(f"column {column!r} {what} in {int(bad.sum())} rows (from 0: {shown}); {remedy}")


def _ordered(part: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Sort a group by time; where a time is not printed the order given must already be that of time."""
    where = f" of group {part['group'].iloc[0]!r}" if asked.by is not None else ""
    known = part[part["time"].notna()]
    twice = known[known.duplicated("time", keep=False)].sort_values("time")
    if len(twice):
        shown = ", ".join(f"{row}: {label}" for row, label in zip(twice["row"], twice["label"], strict=True))
        raise DataError(
            f"column {asked.time!r} (time){where} repeats a time (rows from 0: {shown}); keep one row a time, or name "
            "the column that tells these rows apart with by="
        )
    if len(known) == len(part):
        return part.sort_values("time")
    if not known["time"].is_monotonic_increasing:
        raise DataError(
            f"column {asked.time!r} (time){where} has unprinted times, so the rows are taken in the order given, but "
            f"{', '.join(part['label'])} is not in order of time; sort the rows, "
            "with the unprinted ones in their place"
        )
    return part


def _cut(part: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Cut a group into segments, and say at each one's first row what changed."""
    columns = [f"basis {column}" for column in asked.breaks]
    told = part[columns].to_numpy(dtype=object).reshape(len(part), len(columns))
    changed = [""]
    for before, after in pairwise(told):
        pairs = zip(asked.breaks, before, after, strict=True)
        changed.append("; ".join(f"{name}: {old} → {new}" for name, old, new in pairs if old != new))
    segment = 1 + np.cumsum([change != "" for change in changed])
    return part.assign(segment=segment, basis=[" · ".join(levels) for levels in told], changed=changed)
