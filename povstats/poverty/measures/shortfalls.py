"""Headcount, gap, severity, and any measure of Foster, Greer and Thorbecke: means of powers of the shortfall."""

from dataclasses import replace

import narwhals as nw

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.source import Table
from povstats.errors import OptionError, finite
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, ratio_value, welfare
from povstats.poverty.poor import DENSITY, Poor, among_poor, defined, density_terms, needs_density, shortfall
from povstats.survey import Design

NAMES = {0.0: "headcount", 1.0: "poverty_gap", 2.0: "poverty_severity"}


def fgt(
    table: Table,
    welfare: str,
    line: Line,
    alpha: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate a poverty measure of Foster, Greer and Thorbecke.

    .. math::
        P_\alpha = \frac{1}{N} \sum_k w_k s_k \Big(\frac{z - y_k}{z}\Big)^\alpha 1[y_k < z], \quad N = \sum_k w_k s_k

    .. math::
        u_k = \frac{1}{N} \Big\{ \Big(\frac{z - y_k}{z}\Big)^\alpha 1[y_k < z] - P_\alpha \Big\}
            + \frac{dP_\alpha}{dz} u_k(z), \qquad \frac{dP_0}{dz} = f(z), \quad
        \frac{dP_\alpha}{dz} = \frac{\alpha}{N} \sum_k w_k s_k \Big(\frac{z - y_k}{z}\Big)^{\alpha - 1}
            \frac{y_k}{z^2} 1[y_k < z]

    The last term of the influence is there where the line is estimated; f is the density of welfare at the line.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, a path to a .csv or .parquet file, a DuckDB relation or a polars
        LazyFrame; not changed.
    welfare : column of income or consumption y, per person where persons are counted. Missing rows are dropped and
        counted; zero and negative values stay (they are poor, a negative value's shortfall is above 1) and are counted.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`, which then
        enters the standard error.
    alpha : weight of the depth of poverty, from 0: 0 counts the poor, 1 averages shortfalls, 2 their squares.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : how the sample was drawn: weights w, strata, PSUs, or replicates; None is a simple random sample of rows.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons s of a row's household, so that `weights` × `size` counts persons where rows
        and weights are of households. None where a row is a person, or `weights` counts persons already.

    Returns
    -------
    Estimates
        Shares (0–1) with standard errors and 95 per cent intervals, on the logit scale for the headcount.

    Raises
    ------
    OptionError
        Where the line is no positive number, `alpha` is negative or `poor` is unknown.
    DataError
        Where a column cannot be used (see `povstats.survey`), or a stratum has a single PSU and the design
        says "fail".

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52; the influence of an estimated line: Deville (1999), Survey
    Methodology 25, and Berger and Skinner (2003), Applied Statistics 52.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), fgt_measure(alpha))


def headcount(
    table: Table,
    welfare: str,
    line: Line,
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
    table : as for `fgt`, of which this is α = 0.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons s of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Shares (0–1) with standard errors and 95 per cent logit intervals.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52, with α = 0.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), fgt_measure(0))


def poverty_gap(
    table: Table,
    welfare: str,
    line: Line,
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
    table : as for `fgt`, of which this is α = 1.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" or "<=", as in `headcount`; a row on the line has no gap, so the number is the same.
    size : column of the persons s of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Shares of the line (0–1) with standard errors and 95 per cent t intervals, not clipped.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52, with α = 1.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), fgt_measure(1))


def poverty_severity(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the mean squared shortfall from a poverty line, which weighs the poorest most.

    .. math:: P_2 = \sum_k w_k s_k \Big(\frac{z - y_k}{z}\Big)^2 1[y_k < z] \Big/ \sum_k w_k s_k

    Parameters
    ----------
    table : as for `fgt`, of which this is α = 2.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" or "<=", as in `headcount`; a row on the line has no shortfall, so the number is the same.
    size : column of the persons s of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Numbers from 0 to 1 with standard errors and 95 per cent t intervals, not clipped.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52, with α = 2.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), fgt_measure(2))


def fgt_measure(alpha: float) -> Maker:
    """Write the measure of a power α.

    Raises
    ------
    OptionError
        Where α is no number from 0.
    """
    if not finite(alpha) or alpha < 0:
        raise OptionError(f"alpha={alpha!r} must be a number from 0, such as 0, 1 or 2")
    power = float(alpha)
    return lambda asked: _counted(asked) if power == 0 else _powered(asked, power)


def _counted(asked: Definition) -> Measure:
    """Write α = 0, whose derivative by the line is the density."""
    density, fixed = density_terms(asked)

    def finish(sums: Sums, known: Sums) -> Value:
        made = ratio_value(sums, "poor")
        slope = sums[DENSITY] / sums[WEIGHT] if DENSITY in sums else None
        return replace(made, by_line=slope)

    return Measure(
        "headcount",
        {"poor": among_poor(asked, nw.lit(1.0)), **density},
        finish,
        fixed=fixed,
        interval="logit",
        unit="share",
    )


def _powered(asked: Definition, alpha: float) -> Measure:
    """Write α > 0, whose derivative by the line is a mean as well."""
    depth = shortfall(asked)
    expressions = {"poor": among_poor(asked, depth if alpha == 1 else depth**alpha)}
    if needs_density(asked):
        assert asked.line is not None
        factor = welfare() * (alpha / asked.line**2)
        expressions["slope"] = among_poor(asked, factor if alpha == 1 else depth ** (alpha - 1) * factor)

    def finish(sums: Sums, known: Sums) -> Value:
        made = ratio_value(sums, "poor")
        return replace(made, by_line=sums["slope"] / sums[WEIGHT] if "slope" in sums else None)

    name = NAMES.get(alpha, "fgt")
    parameters = {} if name != "fgt" else {"alpha": alpha}
    return Measure(name, expressions, finish, unit="share" if alpha == 1 else "index", parameters=parameters)
