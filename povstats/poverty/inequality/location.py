"""Mean, quantiles and median of welfare: what lines are made of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.forms import WEIGHT, Sample, Sums
from povstats.engine.layout import Floats
from povstats.engine.order import RULES
from povstats.engine.source import Table
from povstats.errors import allowed, share
from povstats.poverty.density import quantile_densities
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated, one_estimate
from povstats.poverty.measure import Measure, Value, ratio_value, welfare
from povstats.poverty.poor import without_line
from povstats.poverty.row_counts import Rows
from povstats.poverty.rows import checked_rows
from povstats.poverty.variance import quantile_of_t
from povstats.survey import Design

Rule = Literal["lower", "middle", "upper"]
POINT, STEEP = "quantile", "density at the quantile"


def mean(
    table: Table, welfare: str, *, by: str | None = None, design: Design | None = None, size: str | None = None
) -> Estimates:
    r"""Estimate mean welfare.

    .. math:: \mu = \sum_k w_k y_k / N, \quad u_k = (y_k - \mu) / N

    Parameters
    ----------
    table, welfare, by, design, size : as for `povstats.gini`.

    Returns
    -------
    Estimates
        In the unit of welfare.

    Raises
    ------
    DataError
        As `povstats.fgt`.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.7.
    """
    return estimated(table, without_line(welfare, by, design, size), mean_measure)


def quantile(
    table: Table,
    welfare: str,
    p: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    rule: Rule = "lower",
) -> Estimates:
    r"""Estimate a quantile of welfare, with Woodruff's interval.

    .. math:: q_p = \min\{y : F(y) \ge p\}

    The interval's ends are the quantiles at the ends of the t interval of F(q); the standard error is the interval's
    length over twice the quantile of t. Covariances and differences use linearisation with a kernel density.

    Parameters
    ----------
    table, welfare, by, design, size : as for `povstats.gini`.
    p : the share of the population at or below.
    rule : which value it is where the weights reach p exactly at a row: "lower" that row's, as convey and R's survey
        have it, "upper" the next one, as laeken has it, "middle" the mean of the two.

    Returns
    -------
    Estimates
        In the unit of welfare.

    Raises
    ------
    OptionError
        Where p is not between 0 and 1 or `rule` is unknown.
    DataError
        As `povstats.fgt`.

    Source
    ------
    Woodruff (1952), Journal of the American Statistical Association 47; `svyquantile` of R's survey package.
    """
    share("p", p, 0.5)
    allowed("rule", rule, RULES)
    asked = without_line(welfare, by, design, size)
    rows = checked_rows(table, asked)
    found = one_estimate(rows, asked, quantile_measure(float(p), rule))
    return found if asked.design.route != "linearised" else _woodruff(rows, asked, found, rule)


def median(
    table: Table,
    welfare: str,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    rule: Rule = "lower",
) -> Estimates:
    """Estimate median welfare: `quantile` with p = 0.5.

    Parameters
    ----------
    table, welfare, by, design, size, rule : as for `quantile`.

    Returns
    -------
    Estimates
        In the unit of welfare.

    Raises
    ------
    OptionError, DataError
        As `quantile`.

    Source
    ------
    Woodruff (1952), Journal of the American Statistical Association 47.
    """
    return replace(quantile(table, welfare, 0.5, by=by, design=design, size=size, rule=rule), measure="median")


def mean_measure(asked: Definition) -> Measure:
    """Write mean welfare."""
    return Measure("mean", {"income": welfare()}, lambda sums, known: ratio_value(sums, "income"), unit="welfare")


def quantile_measure(p: float, rule: Rule = "lower") -> Maker:
    """Write a quantile, with the linearised influence."""

    def first(sample: Sample) -> Sums:
        points = {POINT: sample.quantiles([np.full(len(sample.layout.domains), p)], rule)[0]}
        return {**points, STEEP: quantile_densities(sample, points)[POINT]}

    def finish(sums: Sums, known: Sums) -> Value:
        steep = 1 / (sums[WEIGHT] * known[STEEP])
        return Value(known[POINT], {WEIGHT: p * steep, "below": -steep})

    below = nw.when(welfare() <= nw.col(POINT)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    parameters: Mapping[str, float] = {"p": p}
    return lambda asked: Measure(
        "quantile", {"below": below}, finish, fixed=first, unit="welfare", parameters=parameters
    )


def _woodruff(rows: Rows, asked: Definition, found: Estimates, rule: Rule) -> Estimates:
    """Put Woodruff's interval in place of the linearised one."""
    point = found.estimate.to_numpy(dtype=float)

    def below(definition: Definition) -> Measure:
        value = nw.when(welfare() <= nw.col(POINT)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        return Measure(
            "share", {"below": value}, lambda s, k: ratio_value(s, "below"), fixed=lambda sample: {POINT: point}
        )

    cover = one_estimate(rows, asked, below)
    at, se, df = (getattr(cover, name).to_numpy(dtype=float) for name in ("estimate", "se", "df"))
    t = np.array([quantile_of_t(d) if d >= 1 else np.nan for d in df])
    low, high = (np.clip(np.nan_to_num(at + sign * t * se), 0, 1) for sign in (-1, 1))
    ends = rows.sample.quantiles([low, high], rule)
    good = np.isfinite(t * se)
    low, high = (np.where(good, end, np.nan) for end in ends)
    made: dict[str, Floats] = {"low": low, "high": high, "se": (high - low) / (2 * t)}
    index = found.estimate.index
    series = {name: pd.Series(values, index=index, name=name) for name, values in made.items()}
    reason = found.reason.where(~(good & found.reason.isin(["edge", "no_spread"]).to_numpy()), "")
    return replace(found, **series, reason=reason, interval="woodruff")
