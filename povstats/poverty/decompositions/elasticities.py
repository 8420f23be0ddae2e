"""ps.growth_elasticity(): by how many per cent poverty moves when everybody's welfare grows by one."""

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.poverty.density import BANDWIDTH, bandwidths, kernel
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import estimated
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import among_poor, defined, shortfall
from povstats.survey import Design


def growth_elasticity(
    table: Table,
    welfare: str,
    line: Line,
    alpha: int = 0,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Estimates:
    r"""Estimate the elasticity of a poverty measure to growth that leaves inequality as it is.

    .. math:: \eta_0 = -\frac{z f(z)}{H}, \qquad \eta_\alpha = -\frac{\alpha (P_{\alpha-1} - P_\alpha)}{P_\alpha}
        = -\frac{\alpha \sum_k w_k ((z - y_k)/z)^{\alpha-1} (y_k/z) 1[y_k<z]}{\sum_k w_k ((z - y_k)/z)^\alpha 1[y_k<z]}

    f is a Gaussian kernel density, of which the bandwidth is taken as given and the smoothing bias as small.

    Parameters
    ----------
    table, welfare, line, by, design, size : as for `povstats.fgt`; an estimated line is taken as known.
    alpha : 0 for the headcount, or a whole number.

    Returns
    -------
    Estimates
        Elasticities, negative where poverty falls with growth; missing where there are no poor.

    Raises
    ------
    OptionError
        Where alpha is no whole number from 0.
    DataError
        As `povstats.fgt`.

    Source
    ------
    Kakwani (1993), Review of Income and Wealth 39, equations 8 and 12.
    """
    if isinstance(alpha, bool) or not isinstance(alpha, int) or alpha < 0:
        raise OptionError(f"alpha={alpha!r} must be a whole number from 0")
    asked = defined(welfare, float(line), by, design, "<", size)
    return estimated(table, asked, lambda definition: _measure(definition, alpha))


def _measure(asked: Definition, alpha: int) -> Measure:
    assert asked.line is not None
    line = float(asked.line)
    if alpha == 0:
        steep, poor = kernel(line) * line, among_poor(asked, nw.lit(1.0))
    else:
        rest = nw.lit(1.0) if alpha == 1 else shortfall(asked) ** (alpha - 1)
        steep, poor = among_poor(asked, alpha * rest * welfare() / line), among_poor(asked, shortfall(asked) ** alpha)

    def finish(sums: Sums, known: Sums) -> Value:
        value = np.where(sums["poor"] > 0, -sums["steep"] / sums["poor"], np.nan)
        return Value(value, {"steep": -1 / sums["poor"], "poor": -value / sums["poor"], WEIGHT: 0 * value})

    return Measure(
        "growth_elasticity",
        {"steep": steep, "poor": poor},
        finish,
        fixed=(lambda sample: {BANDWIDTH: bandwidths(sample)}) if alpha == 0 else None,
        unit="ratio",
        parameters={"alpha": float(alpha)},
    )
