"""Points of curves as measures: cumulated welfare, cumulated shortfalls, quantiles."""

from collections.abc import Callable, Sequence
from typing import Literal

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sample, Sums
from povstats.engine.source import Table
from povstats.errors import allowed, rising_shares
from povstats.poverty.curves.drawn_curve import Curve, Kind
from povstats.poverty.estimate import Definition
from povstats.poverty.estimation import Maker, estimated_together
from povstats.poverty.inequality.location import quantile_measure
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import defined, without_line
from povstats.survey import Design

POINT, LEFT = "quantile", "shortfall at the quantile"
USUAL = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""The shares of the population at which a curve is estimated unless others are named."""


def lorenz(
    table: Table,
    welfare: str,
    *,
    kind: Literal["lorenz", "generalised"] = "lorenz",
    points: Sequence[float] = USUAL,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Curve:
    r"""Estimate the Lorenz curve, or the generalised Lorenz curve, with errors by the design.

    .. math:: G(p) = \frac1N \Big\{ \sum_k w_k (y_k - q_p) 1[y_k \le q_p] + p N q_p \Big\}, \qquad L(p) = G(p) / \mu

    .. math:: u_k(G) = \frac1N \{ (y_k - q_p) 1[y_k \le q_p] + p q_p - G \}, \qquad
        u_k(L) = \frac{1}{N\mu} \{ (y_k - q_p) 1[y_k \le q_p] + p q_p - L y_k \}

    The ordinates lie on the line through the points of the sample: a row at the quantile is divided. The quantile's own
    uncertainty is in u without a density, since G is the minimum over q of the bracket.

    Parameters
    ----------
    table, welfare, by, design, size : as for `povstats.gini`.
    kind : "lorenz", or "generalised", the cumulated welfare a head, in the unit of welfare.
    points : shares p of the population, rising, between 0 and 1.

    Returns
    -------
    Curve
        Ordinates with standard errors and 95 per cent t intervals by group and share.

    Raises
    ------
    OptionError
        Where the points do not rise between 0 and 1 or `kind` is unknown.
    DataError
        As `povstats.fgt`; where mean welfare is not above zero, ordinates of "lorenz" are missing.

    Source
    ------
    Lorenz (1905); Shorrocks (1983), Economica 50; Beach and Davidson (1983), Review of Economic Studies 50; Binder and
    Kovačević (1995), Survey Methodology 21, for the errors.
    """
    allowed("kind", kind, ("lorenz", "generalised"))
    asked = without_line(welfare, by, design, size)
    return _curve(
        table, asked, kind, rising_shares("points", points), lambda p: cumulated_measure(p, over_mean=kind == "lorenz")
    )


def tip_curve(
    table: Table,
    welfare: str,
    line: Line,
    *,
    points: Sequence[float] = USUAL,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Curve:
    r"""Estimate the curve of the three I's of poverty: shortfalls cumulated from the poorest up.

    .. math:: T(p) = \frac1N \Big\{ \sum_k w_k (g_k - g(q_p)) 1[y_k \le q_p] + p N g(q_p) \Big\}, \qquad
        g(y) = \max\{ (z - y) / z, 0 \}

    It is flat from the headcount on (incidence), ends at the poverty gap (intensity), and bends with the inequality
    among the poor. A curve that lies above another has more poverty by every measure of Jenkins and Lambert's class, at
    this line and every lower one.

    Parameters
    ----------
    table, welfare, line, by, design, size : as for `povstats.fgt`; a line that is estimated is taken as known here.
    points : as for `lorenz`.

    Returns
    -------
    Curve
        Ordinates by group and share of the population.

    Raises
    ------
    OptionError, DataError
        As `lorenz` and `povstats.fgt`.

    Source
    ------
    Jenkins and Lambert (1997), Oxford Economic Papers 49.
    """
    asked = defined(welfare, float(line), by, design, "<", size)
    return _curve(table, asked, "tip", points, tip_measure)


def pens_parade(
    table: Table,
    welfare: str,
    *,
    points: Sequence[float] = USUAL,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Curve:
    r"""Estimate Pen's parade: the quantile function, with the density's errors.

    .. math:: q_p = \min\{y : F(y) \ge p\}, \qquad u_k = -\frac{1[y_k \le q_p] - p}{N f(q_p)}

    Parameters
    ----------
    table, welfare, by, design, size : as for `povstats.gini`. points : as for `lorenz`.

    Returns
    -------
    Curve
        Quantiles by group and share, in the unit of welfare.

    Raises
    ------
    OptionError, DataError
        As `lorenz`.

    Source
    ------
    Pen (1971), Income Distribution; Deville (1999), Survey Methodology 25.
    """
    return _curve(table, without_line(welfare, by, design, size), "parade", points, quantile_measure)


def _curve(
    table: Table, asked: Definition, kind: Kind, points: Sequence[float], make: Callable[[float], Maker]
) -> Curve:
    shares = rising_shares("points", points)
    return Curve(kind, shares, tuple(estimated_together(table, asked, [make(p) for p in shares])))


def cumulated_measure(p: float, *, over_mean: bool) -> Maker:
    """Write the ordinate of the Lorenz curve, or of the generalised one."""

    def finish(sums: Sums, known: Sums) -> Value:
        size, whole = sums[WEIGHT], sums["welfare"]
        total = sums["below"] + p * known[POINT] * size
        if not over_mean:
            value = total / size
            return Value(value, {WEIGHT: (p * known[POINT] - value) / size, "below": 1 / size})
        value = np.where(whole > 0, total / whole, np.nan)
        return Value(value, {WEIGHT: p * known[POINT] / whole, "below": 1 / whole, "welfare": -value / whole})

    below = nw.when(welfare() <= nw.col(POINT)).then(welfare() - nw.col(POINT)).otherwise(nw.lit(0.0))
    name = "lorenz" if over_mean else "generalised_lorenz"
    return lambda asked: Measure(
        name,
        {"below": below, "welfare": welfare()},
        finish,
        fixed=lambda sample: {POINT: _quantile(sample, p)},
        unit="share" if over_mean else "welfare",
        parameters={"p": p},
    )


def tip_measure(p: float) -> Maker:
    """Write the ordinate of the TIP curve."""

    def make(asked: Definition) -> Measure:
        assert asked.line is not None
        line = float(asked.line)

        def first(sample: Sample) -> Sums:
            point = _quantile(sample, p)
            return {POINT: point, LEFT: np.maximum(line - point, 0.0) / line}

        def finish(sums: Sums, known: Sums) -> Value:
            size = sums[WEIGHT]
            value = (sums["below"] + p * known[LEFT] * size) / size
            return Value(value, {WEIGHT: (p * known[LEFT] - value) / size, "below": 1 / size})

        gap = nw.when(welfare() < line).then((nw.lit(line) - welfare()) / line).otherwise(nw.lit(0.0))
        below = nw.when(welfare() <= nw.col(POINT)).then(gap - nw.col(LEFT)).otherwise(nw.lit(0.0))
        return Measure("tip", {"below": below}, finish, fixed=first, unit="share", parameters={"p": p})

    return make


def _quantile(sample: Sample, p: float) -> np.ndarray:
    return np.asarray(sample.quantiles([np.full(len(sample.layout.domains), p)], "lower")[0])
