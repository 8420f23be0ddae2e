"""Times on an axis, printed or not, and values as they are printed."""

import numpy as np
import pandas as pd

from povstats.errors import DataError
from povstats.viz.lettering import millimetres
from povstats.viz.sheet import checked
from povstats.viz.theme import TEXT_POINTS

# An unprinted time stands off from the printed ones by their usual step, or by this share of their span.
UNPRINTED_SHARE = 0.18
# Years from which every one is an entry of the axis, with a figure or without.
CLOSE_YEARS = 16
TICK_AIR_MM = 2.0


def trend_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the columns of a trend: group, time, value; segment, label and basis where they are there.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing, a time is neither number nor date, or an unprinted time has no label.
    """
    extra = [name for name in ("segment", "label", "basis") if name in frame.columns]
    taken = checked(frame, ["group", "time", "value", *extra], ["value"])
    on_axis(taken)
    return taken


def on_axis(rows: pd.DataFrame) -> pd.DataFrame:
    """Give every row its place on the axis of time.

    Printed times stand at their number; a date is the year and its elapsed part. Times missing stand where the
    order of their group's rows puts them. Where no time at all is printed, rows stand 0, 1, 2 … in their group.

    Returns
    -------
    DataFrame
        The rows, with x, unprinted (bool), tick (the printed time) and segment, ordered by x within each group.
    """
    out = rows.reset_index(drop=True)
    if "segment" not in out:
        out["segment"] = 0
    number = _numbers(out["time"])
    out["unprinted"] = number.isna()
    out["tick"] = _labels(out, number)
    out["x"] = _places(out, number)
    order = {group: at for at, group in enumerate(dict.fromkeys(out["group"]))}
    return out.sort_values(["x"], kind="stable").sort_values("group", key=lambda g: g.map(order), kind="stable")


def ticks(placed: pd.DataFrame, mm_per_unit: float) -> tuple[list[float], list[str]]:
    """Choose the times to be printed below the axis: the first, the last, unprinted ones, and others with room."""
    told = placed.drop_duplicates(["x", "tick"]).sort_values("x", kind="stable")
    at = told.groupby("x")["tick"].agg(" / ".join)
    if not told["unprinted"].any():
        at = _with_empty_years(at)
    firm = {at.index[0], at.index[-1], *told.loc[told["unprinted"], "x"]}
    wide = {x: max(millimetres(line, TEXT_POINTS) for line in text.split("\n")) for x, text in at.items()}
    half = {x: (width + TICK_AIR_MM) / 2 for x, width in wide.items()}
    kept: list[float] = []
    for x in [*sorted(firm), *(x for x in at.index if x not in firm)]:
        if all(abs(x - other) * mm_per_unit >= half[x] + half[other] for other in kept):
            kept.append(x)
    kept.sort()
    return kept, [at[x] for x in kept]


def printed(value: float, *, percent: bool) -> str:
    """Print a value with the digits it has, two after the point at most, and a per cent sign where it is a share.

    Longer values are computed ones: they come with a tenth of a per cent, or three digits.
    """
    shown, sign = (value * 100, "%") if percent else (value, "")
    for digits in range(3):
        if abs(round(shown, digits) - shown) <= 1e-9 * max(1.0, abs(shown)):
            return f"{shown:z,.{digits}f}{sign}"
    size = int(np.floor(np.log10(abs(shown))))
    return f"{shown:z,.{max(0, 1 - min(size, 0)) if percent else max(0, 2 - size)}f}{sign}"


def _numbers(time: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(time):
        return time.dt.year + (time.dt.day_of_year - 1) / 365.25
    number = pd.to_numeric(time, errors="coerce").astype(float)
    odd = (number.isna() & time.notna()) | number.abs().eq(np.inf)
    if odd.any():
        raise DataError(
            f"column 'time' has {time[odd].tolist()[:3]}, neither number nor date; leave the time of an unprinted "
            "year missing and give its words in column 'label'"
        )
    return number


def _labels(rows: pd.DataFrame, number: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(rows["time"]):
        plain = rows["time"].dt.strftime("%Y-%m-%d")
    else:
        plain = number.map(lambda year: f"{year:.10g}")
    told = rows["label"].where(rows["label"].notna(), plain) if "label" in rows else plain
    nameless = number.isna() & (rows["label"].isna() if "label" in rows else True)
    if nameless.any():
        raise DataError(f"{int(nameless.sum())} rows have no time and no label, first row {nameless.idxmax()}")
    return told.map(str)


def _places(rows: pd.DataFrame, number: pd.Series) -> pd.Series:
    known = np.unique(number.dropna())
    if not known.size:
        return rows.groupby("group", sort=False).cumcount().astype(float)
    steps = np.diff(known)
    step = max(float(np.median(steps)), UNPRINTED_SHARE * float(known[-1] - known[0])) if steps.size else 1.0
    places = number.copy()
    slots: dict[tuple[str, str], int] = {}
    for _, part in number.groupby(rows["group"], sort=False):
        before, after = part.ffill(), part.bfill()
        lost = part.index[part.isna()]
        # Those before the first printed time are counted back from it.
        for row in [*(row for row in lost[::-1] if np.isnan(before[row])), *lost]:
            if np.isnan(before[row]) or np.isnan(after[row]):
                side = "after" if np.isnan(after[row]) else "before"
                told = (side, rows["tick"][row])
                slot = slots.setdefault(told, 1 + sum(key[0] == side for key in slots))
                places[row] = known[-1] + step * slot if side == "after" else known[0] - step * slot
            else:
                beside = lost[(before[lost] == before[row]) & (after[lost] == after[row])]
                share = (1 + beside.get_loc(row)) / (1 + len(beside))
                places[row] = before[row] + share * (after[row] - before[row])
    return places


def _with_empty_years(at: pd.Series) -> pd.Series:
    """Add the years between the first and the last that have no figure, where they are few."""
    whole = all(float(x).is_integer() and text == f"{x:.0f}" for x, text in at.items())
    if not whole or at.index[-1] - at.index[0] > CLOSE_YEARS:
        return at
    years = np.arange(at.index[0], at.index[-1] + 1)
    return at.reindex(years).fillna(pd.Series([f"{year:.0f}" for year in years], index=years))
