"""Ratios between parts of the distribution: quantiles, and income shares of top and bottom."""

from typing import Literal

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sample, Sums
from povstats.engine.source import Table
from povstats.errors import OptionError, allowed, share
from povstats.poverty.density import CONSTANT, bandwidths, quantile_densities
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import without_line
from povstats.survey import Design

Cuts = Literal["kernel", "exact"]
CUTS: tuple[Cuts, ...] = ("kernel", "exact")
HIGH, LOW = "upper quantile", "lower quantile"
F_HIGH, F_LOW = "density at the upper quantile", "density at the lower quantile"
Y_HIGH, Y_LOW = "income density at the upper quantile", "income density at the lower quantile"


def quantile_ratio(
    table: Table,
    welfare: str,
    p: tuple[float, float] = (0.9, 0.1),
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Estimates:
    r"""Estimate the ratio of two quantiles.

    .. math:: R = q_{p_1} / q_{p_2}, \quad q_p = \min\{y : F(y) \ge p\}, \quad
        u_k(q_p) = -\frac{1[y_k \le q_p] - p}{N f(q_p)}

    with f a Gaussian kernel density.

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`.
    p : the shares of the population below the upper and the lower quantile.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.

    Returns
    -------
    Estimates
        Ratios with standard errors and 95 per cent t intervals; missing where the lower quantile is not above zero.

    Raises
    ------
    OptionError
        Where `p` is not two shares, the larger one first.
    DataError
        As `povstats.fgt`.

    Source
    ------
    Deville (1999), Survey Methodology 25, for the influence of a quantile.
    """
    if not isinstance(p, tuple | list) or len(p) != 2:
        raise OptionError(f"p={p!r} must be two shares, such as (0.9, 0.1)")
    for value in p:
        share("p", value, 0.9)
    if p[0] <= p[1]:
        raise OptionError(f"p={p!r} must name the upper share first, such as (0.9, 0.1)")
    asked = without_line(welfare, by, design, size)
    return estimated(table, asked, quantile_ratio_measure(float(p[0]), float(p[1])))


def share_ratio(
    table: Table,
    welfare: str,
    *,
    top: float = 0.2,
    bottom: float = 0.2,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    cuts: Cuts = "kernel",
) -> Estimates:
    r"""Estimate the ratio of the income of the top to that of the bottom, such as S80/S20.

    .. math:: R = \frac{S_1}{S_2} = \frac{\sum w_k y_k 1[y_k > q_{1 - t}]}{\sum w_k y_k 1[y_k \le q_b]}

    .. math:: u_k = \frac{y_k 1[y_k > q_{1-t}] - h(q_{1-t})\, u_k(q_{1-t})}{S_2}
        - R\, \frac{y_k 1[y_k \le q_b] + h(q_b)\, u_k(q_b)}{S_2}, \quad h(q) = \sum_k w_k y_k K_h(q - y_k)

    Rows are not divided at the cuts, so that with few rows top and bottom are not exactly as large as named.

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`.
    top, bottom : shares of the population, (0.2, 0.2) for the income quintile share ratio.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    cuts : how the cuts' uncertainty enters: "kernel" estimates h and the density f by kernels, as R's convey and
        vardpoor do; "exact" uses that h(q)/N f(q) is q, which needs no bandwidth.

    Returns
    -------
    Estimates
        Ratios with standard errors and 95 per cent t intervals; missing where the bottom's income is not above zero.

    Raises
    ------
    OptionError
        Where a share is not between 0 and 1, or they overlap.
    DataError
        As `povstats.fgt`.

    Source
    ------
    Eurostat (2004), Common cross-sectional EU indicators based on EU-SILC; Osier (2009), Survey Research Methods 3
    ("kernel"); Langel and Tillé (2011), Journal of Official Statistics 27 ("exact").
    """
    return estimated(table, *_checked_shares(welfare, top, bottom, by, design, size, cuts))


def palma(
    table: Table,
    welfare: str,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    cuts: Cuts = "kernel",
) -> Estimates:
    r"""Estimate the Palma ratio: the income of the top tenth over that of the bottom four tenths.

    .. math:: P = \sum w_k y_k 1[y_k > q_{0.9}] \Big/ \sum w_k y_k 1[y_k \le q_{0.4}]

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    cuts : as for `share_ratio`.

    Returns
    -------
    Estimates
        As `share_ratio`.

    Raises
    ------
    OptionError, DataError
        As `share_ratio`.

    Source
    ------
    Palma (2011), Development and Change 42; Cobham and Sumner (2013), Center for Global Development working paper 343.
    """
    asked, make = _checked_shares(welfare, 0.1, 0.4, by, design, size, cuts)
    return estimated(table, asked, lambda definition: _named(make(definition), "palma"))


def _named(measure: Measure, name: str) -> Measure:
    return Measure(name, measure.expressions, measure.finish, fixed=measure.fixed, unit=measure.unit)


def _checked_shares(
    welfare: str, top: float, bottom: float, by: str | None, design: Design | None, size: str | None, cuts: Cuts
) -> tuple[Definition, Maker]:
    allowed("cuts", cuts, CUTS)
    share("top", top, 0.2)
    share("bottom", bottom, 0.2)
    if top + bottom > 1:
        raise OptionError(f"top={top!r} and bottom={bottom!r} overlap; together they may be 1 at most")
    return without_line(welfare, by, design, size), share_ratio_measure(float(top), float(bottom), cuts)


def quantile_ratio_measure(high: float, low: float) -> Maker:
    """Write the ratio of two quantiles."""

    def first(sample: Sample) -> Sums:
        size = len(sample.layout.domains)
        upper, lower = sample.quantiles([np.full(size, high), np.full(size, low)])
        points = {HIGH: upper, LOW: lower}
        found = quantile_densities(sample, points)
        return {**points, F_HIGH: found[HIGH], F_LOW: found[LOW]}

    def finish(sums: Sums, known: Sums) -> Value:
        size, upper, lower = sums[WEIGHT], known[HIGH], known[LOW]
        value = np.where(lower > 0, upper / lower, np.nan)
        steep_high, steep_low = 1 / (size * known[F_HIGH] * lower), value / (size * known[F_LOW] * lower)
        gradient = {WEIGHT: high * steep_high - low * steep_low, "high": -steep_high, "low": steep_low}
        return Value(value, gradient)

    expressions = {"high": _below(HIGH), "low": _below(LOW)}
    parameters = {"upper": high, "lower": low}
    return lambda asked: Measure(
        "quantile_ratio", expressions, finish, fixed=first, unit="ratio", parameters=parameters
    )


def share_ratio_measure(top: float, bottom: float, cuts: Cuts) -> Maker:
    """Write the ratio of the income of top and bottom."""

    def first(sample: Sample) -> Sums:
        size = len(sample.layout.domains)
        upper, lower = sample.quantiles([np.full(size, 1 - top), np.full(size, bottom)])
        points = {HIGH: upper, LOW: lower}
        return points if cuts == "exact" else {**points, **_steepness(sample, points)}

    def finish(sums: Sums, known: Sums) -> Value:
        rich, poor = sums["rich"], sums["poor"]
        value = np.where(poor > 0, rich / poor, np.nan)
        at_high = known[HIGH] if cuts == "exact" else known[Y_HIGH] / known[F_HIGH]
        at_low = known[LOW] if cuts == "exact" else known[Y_LOW] / known[F_LOW]
        gradient = {
            WEIGHT: -((1 - top) * at_high + value * bottom * at_low) / poor,
            "rich": 1 / poor,
            "high": at_high / poor,
            "poor": -value / poor,
            "low": value * at_low / poor,
        }
        return Value(value, gradient)

    above = nw.when(welfare() > nw.col(HIGH)).then(welfare()).otherwise(nw.lit(0.0))
    under = nw.when(welfare() <= nw.col(LOW)).then(welfare()).otherwise(nw.lit(0.0))
    expressions = {"rich": above, "poor": under, "high": _below(HIGH), "low": _below(LOW)}
    parameters = {"top": top, "bottom": bottom}
    return lambda asked: Measure("share_ratio", expressions, finish, fixed=first, unit="ratio", parameters=parameters)


def _below(point: str) -> nw.Expr:
    return nw.when(welfare() <= nw.col(point)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _steepness(sample: Sample, points: Sums) -> Sums:
    """Give kernel densities of persons and of income at the cuts."""
    width = "bandwidth"
    known = sample.fixed({width: bandwidths(sample), **points})
    expressions: dict[str, nw.Expr] = {}
    for point, person, income in ((HIGH, F_HIGH, Y_HIGH), (LOW, F_LOW, Y_LOW)):
        away = (nw.col(point) - welfare()) / nw.col(width)
        near = (away * away * -0.5).exp() * CONSTANT / nw.col(width)
        expressions |= {person: near, income: near * welfare()}
    sums = known.evaluate(expressions).sums
    return {name: sums[name] for name in expressions}
