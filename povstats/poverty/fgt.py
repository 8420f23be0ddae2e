"""Who is poor and how far below the line: the measures of Foster, Greer and Thorbecke at a fixed line."""

import math
from numbers import Real
from typing import Any, Literal

import narwhals as nw

from povstats.errors import OptionError, allowed
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.measure import Measure, measured
from povstats.poverty.variance import ratio
from povstats.survey import Design

Poor = Literal["<", "<="]
POOR: tuple[Poor, ...] = ("<", "<=")


def headcount(
    table: Any,
    welfare: str,
    line: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the share of the population below a poverty line.

    .. math:: H = \sum_k w_k s_k 1[y_k < z] \Big/ \sum_k w_k s_k

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file; not changed.
    welfare : column of income or consumption y, per person where persons are counted. Missing rows are
        dropped and counted; zero and negative values stay (they are poor) and are counted.
    line : the poverty line z > 0, in the unit of `welfare`.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : weights w, strata and PSUs; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons s of a row's household, so that `weights` × `size` counts persons where rows
        and weights are of households. None where a row is a person, or `weights` counts persons already.

    Returns
    -------
    Estimates
        Shares (0–1) with linearised standard errors and 95 per cent logit intervals.

    Raises
    ------
    OptionError
        Where the line is no positive number or `poor` is unknown.
    DataError
        Where a column cannot be used (see `povstats.survey`), or a stratum has a single PSU and the design
        says "fail".

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52, with α = 0.
    """
    asked = _definition(welfare, line, by, design, poor, size)
    return measured(table, asked, _fgt("headcount", _poor(asked)))


def poverty_gap(
    table: Any,
    welfare: str,
    line: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the mean shortfall from a poverty line as a share of the line, the non-poor counting zero.

    .. math:: PG = \sum_k w_k s_k \frac{z - y_k}{z} 1[y_k < z] \Big/ \sum_k w_k s_k

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file; not changed.
    welfare : column of income or consumption y, per person where persons are counted. Missing rows are
        dropped and counted; zero and negative values stay and are counted: a negative value's gap is above 1.
    line : the poverty line z > 0, in the unit of `welfare`.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : weights w, strata and PSUs; None takes the rows for a simple random sample.
    poor : "<" or "<=", as in `headcount`; a row on the line has no gap, so the number is the same.
    size : column of the persons s of a row's household, as in `headcount`.

    Returns
    -------
    Estimates
        Shares of the line (0–1) with linearised standard errors and 95 per cent t intervals, not clipped.

    Raises
    ------
    OptionError
        Where the line is no positive number or `poor` is unknown.
    DataError
        Where a column cannot be used (see `povstats.survey`), or a stratum has a single PSU and the design
        says "fail".

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52, with α = 1.
    """
    asked = _definition(welfare, line, by, design, poor, size)
    gap = (nw.lit(asked.line) - nw.col("welfare")) / asked.line
    return measured(table, asked, _fgt("poverty_gap", nw.when(_poor(asked)).then(gap).otherwise(nw.lit(0.0))))


def _definition(welfare: str, line: object, by: str | None, design: object, poor: Poor, size: str | None) -> Definition:
    """Check the line and the options, and put what was asked into one object."""
    if isinstance(line, bool) or not isinstance(line, Real) or not math.isfinite(line) or line <= 0:
        raise OptionError(f"line={line!r} must be one number above 0, in the unit of {welfare!r}")
    allowed("poor", poor, POOR)
    drawn = Design() if design is None else design
    if not isinstance(drawn, Design):
        raise OptionError(f"design must be a povstats.Design, not a {type(design).__name__}")
    return Definition(welfare, float(line), poor, by, size, drawn)


def _poor(asked: Definition) -> nw.Expr:
    """Write who is poor, the one place where the boundary is decided."""
    welfare = nw.col("welfare")
    return welfare < asked.line if asked.poor == "<" else welfare <= asked.line


def _fgt(name: Literal["headcount", "poverty_gap"], share: nw.Expr) -> Measure:
    """Make the measure that averages `share` over the population."""
    return Measure(name, {"share": share}, ratio, "logit" if name == "headcount" else "wald")
