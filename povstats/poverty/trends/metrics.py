"""What follows from two points of a series: pace, compound rate, years to zero, half-life."""

import math

import numpy as np
import pandas as pd

RATES = (
    "years",
    "first",
    "last",
    "change",
    "change_per_year",
    "annual_rate",
    "relative_fall",
    "years_to_zero",
    "half_life",
    "exits_per_year",
)
# Only these are meant to reach zero.
FALLING = ("share", "count")


def quantities(table: pd.DataFrame, measure: str) -> dict[str, str]:
    """Give the quantities that a table holds, with their columns: the measure first."""
    found = {measure: "value"}
    for quantity, column in (("count", "numerator"), ("population", "population")):
        if table[column].notna().any():
            found[quantity] = column
    return found


def segment_metrics(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Compute the metrics of every group, segment and quantity, from the segment's first row to its last.

    Parameters
    ----------
    table : as `Trend.table`.
    measure : what its column value is.

    Returns
    -------
    DataFrame
        Columns group, segment, basis, quantity, start, end, those of `between`, and reason.
    """
    rows = []
    for (group, segment), part in table.groupby(["group", "segment"], sort=False):
        for quantity, column in quantities(table, measure).items():
            known = part[part[column].notna()]
            if len(known):
                first, last = known.iloc[0], known.iloc[-1]
                head = {"group": group, "segment": segment, "basis": first["basis"]}
                rows.append(head | between(first, last, quantity, column))
    return pd.DataFrame(rows)


def between(start: pd.Series, end: pd.Series, quantity: str, column: str) -> dict[str, object]:
    r"""Compare two rows of a series.

    With values :math:`v_0, v_1` and :math:`n` years between them:

    .. math::
        \text{change} = v_1 - v_0, \quad \text{change per year} = (v_1 - v_0) / n, \quad
        \text{annual rate} = (v_1 / v_0)^{1/n} - 1, \quad \text{relative fall} = 1 - v_1 / v_0,

        \text{years to zero} = v_1 n / (v_0 - v_1), \quad \text{half-life} = n \ln 2 / \ln (v_0 / v_1), \quad
        \text{exits per year} = (v_0 - v_1) / n

    Parameters
    ----------
    start, end : rows of `Trend.table`.
    quantity : "share", "count", "amount" or "population". Years to zero and half-life are of shares and counts,
        exits per year (net of those who become poor) of counts only.
    column : the column that holds it.

    Returns
    -------
    dict
        quantity, start and end (labels), the metrics, and `reason`, the codes of why some are missing: "one_point",
        "no_time" (a time is not printed), "zero_start", "zero_end" (no rate reaches zero), "not_falling".

    Source
    ------
    Linear and geometric change. Ravallion (2013), World Bank Research Observer 28, projects headcounts to zero along
    a line.
    """
    first, last, years = float(start[column]), float(end[column]), float(end["time"] - start["time"])
    labels: dict[str, object] = {"quantity": quantity, "start": start["label"], "end": end["label"]}
    numbers = dict.fromkeys(RATES, math.nan) | {"first": first, "last": last, "years": years}
    if start.name == end.name:
        return labels | numbers | {"years": 0.0, "reason": "one_point"}
    change = last - first
    numbers |= {"change": change, "change_per_year": change / years}
    if first > 0:
        numbers["relative_fall"] = -change / first
    if first > 0 and last > 0:
        numbers["annual_rate"] = _rate(math.log(last / first) / years)
    if quantity in FALLING and change < 0:
        numbers["years_to_zero"] = -last * years / change
        numbers["half_life"] = years * math.log(2) / math.log(first / last) if last > 0 else math.nan
    if quantity == "count":
        numbers["exits_per_year"] = -change / years
    return labels | numbers | {"reason": ", ".join(_reasons(quantity, first, last, years))}


def _rate(slope: float) -> float:
    # Two dates some days apart can give a rate beyond the largest double: infinite, not an error.
    with np.errstate(over="ignore"):
        return float(np.expm1(slope))


def _reasons(quantity: str, first: float, last: float, years: float) -> list[str]:
    met = {
        "no_time": math.isnan(years),
        "zero_start": first == 0,
        "zero_end": last == 0 and first > 0,
        "not_falling": quantity in FALLING and last >= first,
    }
    return [reason for reason, holds in met.items() if holds]
