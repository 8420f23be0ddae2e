"""A number followed over time: incidence, counts, and what their pace implies."""

from collections.abc import Sequence
from typing import Any

from povstats.errors import OptionError
from povstats.poverty.trends.metrics import segment_metrics
from povstats.poverty.trends.result import Trend
from povstats.poverty.trends.rows import Asked, Measure, series_rows


def trend(
    table: Any,
    *,
    time: str,
    value: str | None = None,
    numerator: str | None = None,
    denominator: str | None = None,
    by: str | None = None,
    breaks: str | Sequence[str] | None = None,
    measure: Measure | None = None,
) -> Trend:
    r"""Follow a share, a count or an amount over time, with its pace, its half-life and its breaks of definition.

    .. math:: \text{annual rate} = (v_1 / v_0)^{1/n} - 1, \qquad
        \text{implied population} = \text{count} / \text{share}

    The other metrics are defined in `povstats.poverty.trends.metrics.between`. All are computed within segments: a
    change of line, denominator or source begins a new one.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file; one row a group and time;
        not changed.
    time : column of years (numbers or text) or dates. Missing times and words without a year ("now", "20XX") are times
        that are not printed: the row keeps its place and counts in total change, not in rates per year. Rows are
        sorted by time, unless a group has an unprinted time: its rows must then come in order of time.
    value : column of the series, no value missing or negative.
    numerator : column of a count. Alone it is the series; with `denominator` it makes the share; with `value`, then a
        share, it implies the population. A count may be missing beside a share.
    denominator : column of the population, above 0 and not below the numerator.
    by : column of the groups (places, parts); None for one series.
    breaks : column or columns that say what a value rests on (poverty line, registered or resident population,
        source); complete. A change from one time to the next within a group is a break.
    measure : what `value` is: "share" (0–1), "count" (persons, households), "amount" (money and the like). Where None,
        values up to 1 are shares and a largest value above 100 makes counts (no percentage is so high; amounts must be
        named); in between it is refused, as it may be a percentage.

    Returns
    -------
    Trend
        The ordered table, the metrics of each segment, `growth`, `plot`.

    Raises
    ------
    OptionError
        Where the columns named do not go together, or `measure` is unknown or contradicts them.
    DataError
        Where a column is not there; a value is missing, negative or infinite; a share is above 1; a value may be a
        percentage; a time is unreadable, repeated or out of order.

    Source
    ------
    Linear and geometric change; Ravallion (2013), World Bank Research Observer 28, projects headcounts to zero along
    a line.
    """
    named = [] if breaks is None else [breaks] if isinstance(breaks, str) else list(breaks)
    if len(set(named)) < len(named):
        raise OptionError(f"breaks={named!r} names a column twice")
    asked = Asked(time, value, numerator, denominator, by, tuple(named), measure)
    rows, found, clock = series_rows(table, asked)
    return Trend(found, rows, segment_metrics(rows, found), asked, clock)
