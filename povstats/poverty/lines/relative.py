"""relative_line: a share of the median or mean of the sample."""

from typing import Literal

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, WELFARE
from povstats.engine.order import RULES
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, allowed, finite
from povstats.poverty.density import quantile_densities
from povstats.poverty.estimate import Estimates
from povstats.poverty.estimation import one_estimate
from povstats.poverty.inequality.location import POINT, Rule, mean_measure, quantile_measure
from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.poor import without_line
from povstats.poverty.row_counts import Rows
from povstats.poverty.rows import checked_rows
from povstats.survey import Design

Of = Literal["median", "mean"]
OF: tuple[Of, ...] = ("median", "mean")
ONE, VALUE = "line: one", "line: value"


def relative_line(
    table: Table,
    welfare: str,
    share: float = 0.6,
    of: Of = "median",
    *,
    design: Design | None = None,
    size: str | None = None,
    rule: Rule = "lower",
) -> EstimatedLine:
    r"""Estimate a relative poverty line: a share of the median or mean of all rows.

    .. math:: z = a\, m, \quad u_k(z) = -\frac{a}{N f(m)} \Big( 1[y_k \le m] - \tfrac12 \Big) \quad \text{(median)},
        \qquad u_k(z) = \frac{a}{N} (y_k - \mu) \quad \text{(mean)}

    Handed to a measure, the line enters its standard error by way of these: the density of welfare is taken at the
    line, in the group that is measured, by the Gaussian kernel with bandwidth sN^(-1/5). The line's own standard error
    is the linearised one.

    Parameters
    ----------
    table : the whole sample, as for `povstats.fgt`; not the group that is measured.
    welfare : column of income or consumption.
    share : a, above 0.
    of : "median" or "mean".
    design : how the sample was drawn; the measure must be asked with the same.
    size : column of the persons of a row's household; the measure must be asked with the same. A median of households
        without it is another line than that of persons.
    rule : which value the median is where the weights reach one half exactly at a row; see `povstats.poverty.quantile`.

    Returns
    -------
    EstimatedLine
        The line; `float(line)` is the plain number, known without error, and `line.from_another_sample()` the line of
        an independent sample.

    Raises
    ------
    OptionError
        Where an option is not on its list.
    DataError
        As `povstats.fgt`; where the line is not above zero.

    Source
    ------
    Deville (1999), Survey Methodology 25; Osier (2009), Survey Research Methods 3.
    """
    allowed("of", of, OF)
    allowed("rule", rule, RULES)
    if not finite(share) or share <= 0:
        raise OptionError(f"share={share!r} must be a number above 0, such as 0.6")
    asked = without_line(welfare, None, design, size)
    rows = checked_rows(table, asked)
    statistic = one_estimate(rows, asked, mean_measure if of == "mean" else quantile_measure(0.5, rule))
    value = share * float(statistic.estimate.iloc[0])
    if not value > 0:
        raise DataError(f"the {of} of {welfare!r} is {value / share:g}, and a poverty line must be above 0")
    return _line(rows, statistic, float(share), of)


def _line(rows: Rows, statistic: Estimates, share: float, of: Of) -> EstimatedLine:
    """Write the line's influence function."""
    center = float(statistic.estimate.iloc[0])
    size, density = float(statistic.population.iloc[0]), float("nan")
    if of == "mean":
        expressions = {ONE: nw.lit(1.0), VALUE: nw.col(WELFARE)}
        gradient = {ONE: -share * center / size, VALUE: share / size}
    else:
        density = float(quantile_densities(rows.sample, {POINT: np.array([center])})[POINT][0])
        below = nw.when(nw.col(WELFARE) <= center).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        expressions = {ONE: nw.lit(1.0), VALUE: below}
        gradient = {ONE: share * 0.5 / (size * density), VALUE: -share / (size * density)}
    sums = rows.sample.evaluate(expressions).sums
    influence = statistic.influence
    replicates = None if influence is None or influence.replicates is None else share * influence.replicates[:, 0]
    return EstimatedLine(
        value=share * center,
        share=share,
        of=of,
        statistic=statistic,
        expressions=expressions,
        gradient=gradient,
        sums={name: float(sums[name].sum()) for name in (WEIGHT, *expressions) if name != WEIGHT},
        se=share * float(statistic.se.iloc[0]),
        density=density,
        replicates=replicates,
    )
