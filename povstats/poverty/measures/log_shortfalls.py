"""Watts: the mean of the logarithm of line over welfare."""

from dataclasses import replace

import narwhals as nw

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.source import Table
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import estimated
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, ratio_value, welfare
from povstats.poverty.poor import Nonpositive, Poor, among_poor, defined, needs_density
from povstats.survey import Design


def watts(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
    nonpositive: Nonpositive = "fail",
) -> Estimates:
    r"""Estimate the Watts index: the mean of log(z / y) over the population, the non-poor counting zero.

    .. math:: W = \frac{1}{N} \sum_k w_k s_k \log\frac{z}{y_k} 1[y_k < z], \quad
        u_k = \frac{1}{N} \Big\{ \log\frac{z}{y_k} 1[y_k < z] - W \Big\} + \frac{H}{z} u_k(z)

    The last term is there where the line is estimated; H is the headcount. W divided by a growth rate of all incomes is
    the average time to leave poverty.

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption y, as for `fgt`; above zero.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" or "<=", as in `headcount`; a row on the line counts zero either way.
    size : column of the persons of a row's household, as for `fgt`.
    nonpositive : "fail" refuses zero and negative welfare, which has no logarithm; "drop" measures the other rows alone
        and says so.

    Returns
    -------
    Estimates
        Index numbers from 0 with standard errors and 95 per cent t intervals.

    Raises
    ------
    OptionError, DataError
        As `fgt`; where welfare is not above zero and `nonpositive` is "fail".

    Source
    ------
    Watts (1968), An economic definition of poverty; Zheng (1993), Economics Letters 42; Morduch (1998), Economics
    Letters 59, on the time of exit.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size, nonpositive), watts_measure)


def watts_measure(asked: Definition) -> Measure:
    """Write the Watts index."""
    assert asked.line is not None
    expressions = {"poor": among_poor(asked, (nw.lit(asked.line) / welfare()).log())}
    if needs_density(asked):
        expressions["slope"] = among_poor(asked, nw.lit(1 / asked.line))

    def finish(sums: Sums, known: Sums) -> Value:
        made = ratio_value(sums, "poor")
        return replace(made, by_line=sums["slope"] / sums[WEIGHT] if "slope" in sums else None)

    return Measure("watts", expressions, finish, sign="positive")
