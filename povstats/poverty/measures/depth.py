"""The poor alone: their mean shortfall, their median, and its distance from the line."""

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sample, Sums
from povstats.engine.source import Table
from povstats.poverty.density import BANDWIDTH, bandwidths, quantile_densities
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import estimated
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import (
    DENSITY,
    Poor,
    among_poor,
    defined,
    density_terms,
    is_poor,
    needs_density,
    shortfall,
)
from povstats.survey import Design

MEDIAN, AT_MEDIAN = "median of the poor", "density at the median of the poor"


def income_gap(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the mean shortfall of the poor as a share of the line.

    .. math:: I = \frac{\sum w_k s_k (z - y_k)/z \, 1[y_k < z]}{\sum w_k s_k 1[y_k < z]} = PG / H

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Shares (0–1); missing where nobody is poor.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Sen (1976), Econometrica 44, equation 3. It rises when a household just below the line leaves poverty: read it with
    the headcount.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), income_gap_measure)


def poor_median(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the median welfare of the poor.

    .. math:: m = \min\{y : F(y) \ge H/2\}, \quad
        u_k(m) = \frac{1}{f(m)} \Big\{ \frac{u_k(H)}{2} - \frac{1[y_k \le m] - H/2}{N} \Big\}

    with F the distribution of all, H the headcount and f a Gaussian kernel density.

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        In the unit of welfare; missing where nobody is poor.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Osier (2009), Survey Research Methods 3.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), poor_median_measure)


def median_gap(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the relative median poverty gap: how far the median of the poor lies below the line.

    .. math:: RMPG = (z - m) / z

    with m the median welfare of the poor (see `poor_median`).

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Shares of the line (0–1); missing where nobody is poor.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Eurostat (2004), Common cross-sectional EU indicators based on EU-SILC; Osier (2009), Survey Research Methods 3.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), median_gap_measure)


def income_gap_measure(asked: Definition) -> Measure:
    """Write the mean shortfall of the poor."""
    assert asked.line is not None
    z = asked.line
    density, fixed = density_terms(asked)
    expressions = {"poor": among_poor(asked, nw.lit(1.0)), "gap": among_poor(asked, shortfall(asked)), **density}
    if needs_density(asked):
        expressions["slope"] = among_poor(asked, welfare() / z**2)

    def finish(sums: Sums, known: Sums) -> Value:
        value = sums["gap"] / sums["poor"]
        gradient = {WEIGHT: np.zeros(1), "gap": 1 / sums["poor"], "poor": -value / sums["poor"]}
        slope = (sums["slope"] - value * sums[DENSITY]) / sums["poor"] if "slope" in sums else None
        return Value(value, gradient, slope)

    return Measure("income_gap", expressions, finish, fixed=fixed, unit="share")


def poor_median_measure(asked: Definition) -> Measure:
    """Write the median of the poor."""
    density, _ = density_terms(asked)
    expressions = {
        "poor": among_poor(asked, nw.lit(1.0)),
        "below": nw.when(welfare() <= nw.col(MEDIAN)).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        **density,
    }

    def finish(sums: Sums, known: Sums) -> Value:
        size = sums[WEIGHT]
        value = np.where(sums["poor"] > 0, known[MEDIAN], np.nan)
        steep = 1 / (size * known[AT_MEDIAN])
        # The influence of H/2 has the same constant -H/2N as the other part has: they cancel.
        gradient = {WEIGHT: np.zeros(1), "poor": 0.5 * steep, "below": -steep}
        slope = 0.5 * sums[DENSITY] / size / known[AT_MEDIAN] if DENSITY in sums else None
        return Value(value, gradient, slope)

    return Measure("poor_median", expressions, finish, fixed=lambda sample: _medians(sample, asked), unit="welfare")


def median_gap_measure(asked: Definition) -> Measure:
    """Write the gap of the median of the poor."""
    assert asked.line is not None
    z = asked.line
    median = poor_median_measure(asked)

    def finish(sums: Sums, known: Sums) -> Value:
        made = median.finish(sums, known)
        gradient = {name: -factor / z for name, factor in made.gradient.items()}
        slope = None if made.by_line is None else made.value / z**2 - made.by_line / z
        return Value(1 - made.value / z, gradient, slope)

    return Measure("median_gap", median.expressions, finish, fixed=median.fixed, unit="share")


def _medians(sample: Sample, asked: Definition) -> Sums:
    """Find the medians of the poor, the densities there, and the bandwidths."""
    sums = sample.evaluate({"poor": nw.when(is_poor(asked)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))}).sums
    with np.errstate(invalid="ignore", divide="ignore"):
        halves = np.nan_to_num(0.5 * sums["poor"] / sums[WEIGHT])
    medians = {MEDIAN: sample.quantiles([halves])[0]}
    return {**medians, AT_MEDIAN: quantile_densities(sample, medians)[MEDIAN], BANDWIDTH: bandwidths(sample)}
