"""A measure, written once: what to sum over rows, how sums become a value; and how it is estimated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from povstats.engine.totals import Totals, totals
from povstats.poverty.estimate import Definition, Estimates, RowCount
from povstats.poverty.rows import checked_rows
from povstats.poverty.variance import Finish, Interval, Linearised, interval, linearise


@dataclass(frozen=True)
class Measure:
    """A statistic of the welfare of a population.

    Parameters
    ----------
    name : its word in results and in words.toml.
    expressions : what to sum with weights, by name; row expressions in the column "welfare".
    finish : from the sums (weight first, then the expressions in order) to value and gradient.
    interval : the scale of its interval.
    """

    name: Literal["headcount", "poverty_gap"]
    expressions: Mapping[str, nw.Expr]
    finish: Finish
    interval: Interval


def measured(table: Any, asked: Definition, measure: Measure) -> Estimates:
    """Estimate a measure on a table: check the rows, sum them by PSU, linearise, pack.

    Parameters
    ----------
    table : what `povstats.engine.open_table` opens.
    asked : columns, line and design.
    measure : what to estimate.

    Raises
    ------
    DataError
        As `checked_rows` and `linearise`.
    """
    rows = checked_rows(table, asked)
    sums = totals(
        rows.frame,
        measure.expressions,
        weight="weight",
        keep="kept",
        by=rows.column("by"),
        strata=rows.column("stratum"),
        psu=rows.column("psu"),
    )
    found = linearise(sums, measure.finish, asked.design.lonely)
    return _packed(measure, asked, rows.count, sums, found)


def _packed(measure: Measure, asked: Definition, count: RowCount, sums: Totals, found: list[Linearised]) -> Estimates:
    """Put the estimates of all domains into one result."""
    ends = [interval(measure.interval, one) for one in found]
    index = pd.Index([""] if asked.by is None else list(sums.domains), name=asked.by)

    def series(name: str, values: list[Any]) -> pd.Series:
        return pd.Series(values, index=index, name=name)

    return Estimates(
        measure=measure.name,
        estimate=series("estimate", [one.value for one in found]),
        se=series("se", [one.se for one in found]),
        df=series("df", [one.df for one in found]),
        low=series("low", [low for low, _, _ in ends]),
        high=series("high", [high for _, high, _ in ends]),
        n=series("n", [one.rows for one in found]),
        population=series("population", [one.weight for one in found]),
        reason=series("reason", [reason for _, _, reason in ends]),
        interval=measure.interval,
        definition=asked,
        rows=count,
        psus=int(sums.stratum_psus.sum()),
        strata=len(sums.strata),
    )
