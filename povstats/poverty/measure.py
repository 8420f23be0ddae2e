"""A measure, written once: what to sum over rows, and how sums become a value and its influence function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import narwhals as nw

from povstats.engine.forms import OTHER, WEIGHT, WELFARE, Expressions, Sample, Sums
from povstats.engine.layout import Floats

Interval = Literal["logit", "wald", "woodruff"]
Unit = Literal["share", "index", "ratio", "welfare"]
"""How a value prints: in per cent, as a decimal, as a ratio, in the unit of welfare."""
Sign = Literal["any", "nonnegative", "positive"]


@dataclass(frozen=True, eq=False)
class Value:
    r"""A measure's value in every domain, with its influence function.

    Parameters
    ----------
    value : θ, shape (D,).
    gradient : by expression the factor g_i, shape (D,), of the row's influence
        :math:`u_k = \partial\theta/\partial w_k = \sum_i g_i e_i(y_k)`; WEIGHT is the factor of the expression 1.
    by_line : dθ/dz, the derivative by the poverty line, shape (D,); None where there is none.
    mean : whether the value is a weighted mean, so that u_k = (e_k − θ) / N.
    """

    value: Floats
    gradient: Sums
    by_line: Floats | None = None
    mean: bool = False


Finish = Callable[[Sums, Sums], Value]
"""From the weighted sums of the expressions (WEIGHT: the sum of weights) and the fixed numbers, both by domain."""


Fixed = Callable[[Sample], Sums]
"""From a sample to numbers by domain that expressions need first."""


@dataclass(frozen=True, eq=False)
class Measure:
    """A statistic of the welfare of a population.

    Parameters
    ----------
    name : its word in results and in words.toml.
    expressions : what to sum with weights, by name: row expressions in WELFARE, in what `cumulated` adds, and in the
        columns that `fixed` gives. The influence function is a combination of these and of the constant 1.
    finish : from sums to value and influence.
    cumulated : what is added up over the rows of lower welfare, by name (see `engine.order`); None where the measure
        needs no order.
    fixed : numbers by domain that the expressions need first, such as a quantile; they become columns.
    levelled : what is added up over the rows of equal welfare, by name; what is cumulated may use it.
    by_row : whether it needs the place of each row among rows of equal welfare (see `engine.order`).
    sign : welfare that the measure can take.
    interval : the scale of its interval.
    unit : how it prints.
    parameters : what distinguishes it from others of its name, by name.
    """

    name: str
    expressions: Expressions
    finish: Finish
    cumulated: Expressions | None = None
    fixed: Fixed | None = None
    levelled: Expressions = field(default_factory=dict)
    by_row: bool = False
    sign: Sign = "any"
    interval: Interval = "wald"
    unit: Unit = "index"
    parameters: Mapping[str, float] = field(default_factory=dict)


def welfare() -> nw.Expr:
    """Write the row's welfare."""
    return nw.col(WELFARE)


def other(part: str) -> nw.Expr:
    """Write the row's number in a further column of the definition."""
    return nw.col(OTHER.format(part))


def ratio_value(sums: Sums, numerator: str, factor: float = 1.0) -> Value:
    r"""Give the mean of an expression.

    .. math:: \theta = c\, T_1 / N, \quad u_k = (c\, e_k - \theta) / N
    """
    size = sums[WEIGHT]
    value = factor * sums[numerator] / size
    return Value(value, {WEIGHT: -value / size, numerator: factor / size}, mean=True)
