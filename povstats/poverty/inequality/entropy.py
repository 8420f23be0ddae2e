"""Generalized entropy with Theil and the mean log deviation, and Atkinson: functions of means of powers and logarithms.

Welfare must be above zero where a logarithm or a negative power is taken, and must not be negative anywhere: what else
there is gets refused, or left out where the caller says so.
"""

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.source import Table
from povstats.errors import OptionError, finite
from povstats.poverty.estimate import Estimates
from povstats.poverty.estimation import Maker, estimated
from povstats.poverty.measure import Measure, Sign, Value, welfare
from povstats.poverty.poor import Nonpositive, without_line
from povstats.survey import Design


def generalized_entropy(
    table: Table,
    welfare: str,
    alpha: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    nonpositive: Nonpositive = "fail",
) -> Estimates:
    r"""Estimate an index of generalized entropy.

    .. math::
        GE_\alpha = \frac{1}{\alpha(\alpha - 1)} \Big\{ \frac{1}{N} \sum_k w_k \Big(\frac{y_k}{\mu}\Big)^\alpha - 1
        \Big\}, \quad GE_1 = \frac{1}{N} \sum_k w_k \frac{y_k}{\mu} \log\frac{y_k}{\mu}, \quad
        GE_0 = \frac{1}{N} \sum_k w_k \log\frac{\mu}{y_k}

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`; above zero where α ≤ 0, from zero where α > 0.
    alpha : weight of differences at the top; 0 is the mean log deviation, 1 Theil's index, 2 half the squared
        coefficient of variation.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    nonpositive : "fail" refuses welfare that the index cannot take; "drop" measures the rows above zero alone and says
        so.

    Returns
    -------
    Estimates
        Numbers from 0 with standard errors and 95 per cent t intervals.

    Raises
    ------
    OptionError
        Where α is no number.
    DataError
        As `povstats.fgt`; where welfare is zero or negative and `nonpositive` is "fail".

    Source
    ------
    Cowell (1980), Review of Economic Studies 47; Biewen and Jenkins (2006), Oxford Bulletin of Economics and Statistics
    68, for standard errors by the design.
    """
    if not finite(alpha):
        raise OptionError(f"alpha={alpha!r} must be a number, such as 0, 1 or 2")
    return estimated(table, without_line(welfare, by, design, size, nonpositive), entropy_measure(float(alpha)))


def theil(
    table: Table,
    welfare: str,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    nonpositive: Nonpositive = "fail",
) -> Estimates:
    r"""Estimate Theil's index, generalized entropy with α = 1.

    .. math:: T = \frac{1}{N} \sum_k w_k \frac{y_k}{\mu} \log\frac{y_k}{\mu}

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`; from zero, where y log y is 0.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    nonpositive : "fail" refuses negative welfare; "drop" measures the rows above zero alone and says so.

    Returns
    -------
    Estimates
        As `generalized_entropy`.

    Raises
    ------
    DataError
        As `generalized_entropy`.

    Source
    ------
    Theil (1967), Economics and Information Theory, chapter 4.
    """
    return estimated(table, without_line(welfare, by, design, size, nonpositive), entropy_measure(1.0))


def mld(
    table: Table,
    welfare: str,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    nonpositive: Nonpositive = "fail",
) -> Estimates:
    r"""Estimate the mean log deviation, generalized entropy with α = 0.

    .. math:: L = \frac{1}{N} \sum_k w_k \log\frac{\mu}{y_k}

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`; above zero.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    nonpositive : "fail" refuses zero and negative welfare; "drop" measures the rows above zero alone and says so.

    Returns
    -------
    Estimates
        As `generalized_entropy`.

    Raises
    ------
    DataError
        As `generalized_entropy`.

    Source
    ------
    Theil (1967), Economics and Information Theory, chapter 4; Shorrocks (1980), Econometrica 48, for its decomposition.
    """
    return estimated(table, without_line(welfare, by, design, size, nonpositive), entropy_measure(0.0))


def atkinson(
    table: Table,
    welfare: str,
    epsilon: float,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    nonpositive: Nonpositive = "fail",
) -> Estimates:
    r"""Estimate Atkinson's index: the share of income that equality would be worth.

    .. math::
        A_\epsilon = 1 - \frac{1}{\mu} \Big\{ \frac{1}{N} \sum_k w_k y_k^{1 - \epsilon} \Big\}^{1/(1 - \epsilon)}, \quad
        A_1 = 1 - \frac{1}{\mu} \exp\Big\{ \frac{1}{N} \sum_k w_k \log y_k \Big\}

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`; above zero where ε ≥ 1, from zero where ε < 1.
    epsilon : aversion to inequality ε, above 0.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.
    nonpositive : "fail" refuses welfare that the index cannot take; "drop" measures the rows above zero alone and says
        so.

    Returns
    -------
    Estimates
        Numbers from 0 to 1 with standard errors and 95 per cent t intervals.

    Raises
    ------
    OptionError
        Where ε is no number above 0.
    DataError
        As `generalized_entropy`.

    Source
    ------
    Atkinson (1970), Journal of Economic Theory 2.
    """
    if not finite(epsilon) or epsilon <= 0:
        raise OptionError(f"epsilon={epsilon!r} must be a number above 0, such as 0.5, 1 or 2")
    return estimated(table, without_line(welfare, by, design, size, nonpositive), atkinson_measure(float(epsilon)))


def entropy_measure(alpha: float) -> Maker:
    """Write generalized entropy of an α."""
    if alpha == 0:
        return lambda asked: Measure("mld", {"income": welfare(), "log": welfare().log()}, _mld, sign="positive")
    if alpha == 1:
        positive = nw.when(welfare() > 0).then(welfare() * welfare().log()).otherwise(nw.lit(0.0))
        return lambda asked: Measure("theil", {"income": welfare(), "log": positive}, _theil, sign="nonnegative")

    def finish(sums: Sums, known: Sums) -> Value:
        size, income, power = sums[WEIGHT], sums["income"], sums["power"]
        scale = 1 / (alpha * (alpha - 1))
        moment = power / size * (size / income) ** alpha
        gradient = {
            WEIGHT: scale * (alpha - 1) * moment / size,
            "power": scale * moment / power,
            "income": -scale * alpha * moment / income,
        }
        return Value(scale * (moment - 1), gradient)

    sign: Sign = "nonnegative" if alpha > 0 else "positive"
    expressions = {"income": welfare(), "power": welfare() ** alpha}
    return lambda asked: Measure("generalized_entropy", expressions, finish, sign=sign, parameters={"alpha": alpha})


def _mld(sums: Sums, known: Sums) -> Value:
    size, income, log = sums[WEIGHT], sums["income"], sums["log"]
    value = np.log(income / size) - log / size
    return Value(value, {WEIGHT: (log / size - 1) / size, "income": 1 / income, "log": -1 / size})


def _theil(sums: Sums, known: Sums) -> Value:
    size, income, log = sums[WEIGHT], sums["income"], sums["log"]
    value = log / income - np.log(income / size)
    return Value(value, {WEIGHT: 1 / size, "log": 1 / income, "income": -(log / income + 1) / income})


def atkinson_measure(epsilon: float) -> Maker:
    """Write Atkinson's index of an ε."""
    if epsilon == 1:
        logs = {"income": welfare(), "log": welfare().log()}
        return lambda asked: Measure("atkinson", logs, _atkinson_one, sign="positive", parameters={"epsilon": 1.0})
    power = 1 - epsilon

    def finish(sums: Sums, known: Sums) -> Value:
        size, income, total = sums[WEIGHT], sums["income"], sums["power"]
        equal = (total / size) ** (1 / power) * size / income
        gradient = {
            WEIGHT: -equal * (1 - 1 / power) / size,
            "power": -equal / (power * total),
            "income": equal / income,
        }
        return Value(1 - equal, gradient)

    sign: Sign = "nonnegative" if epsilon < 1 else "positive"
    expressions = {"income": welfare(), "power": welfare() ** power}
    return lambda asked: Measure("atkinson", expressions, finish, sign=sign, parameters={"epsilon": epsilon})


def _atkinson_one(sums: Sums, known: Sums) -> Value:
    size, income, log = sums[WEIGHT], sums["income"], sums["log"]
    equal = np.exp(log / size) * size / income
    gradient = {WEIGHT: equal * (log / size - 1) / size, "log": -equal / size, "income": equal / income}
    return Value(1 - equal, gradient)
