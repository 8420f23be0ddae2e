r"""Gini and its extensions: incomes weighted by rank.

Ranks are shares of weight strictly below a row plus, for Gini, half of the weight at the row's own welfare. So the
numbers do not change when weights are scaled, rows are repeated, or equal incomes change their places.
"""

from typing import Literal

import narwhals as nw

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.order import BEFORE, EVERYONE, LEVEL, OWN, ROW_INCOME, ROW_RANK, TOUCH
from povstats.engine.source import Table
from povstats.errors import OptionError, allowed, finite
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import without_line
from povstats.survey import Design

Ranks = Literal["middle", "upper"]
RANKS: tuple[Ranks, ...] = ("middle", "upper")
INCOME_BEFORE, STEPS = "income before", "steps below"


def gini(
    table: Table,
    welfare: str,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    ranks: Ranks = "middle",
) -> Estimates:
    r"""Estimate the Gini coefficient.

    .. math:: G = \frac{2A}{N T} - 1, \quad A = \sum_k w_k y_k r_k, \quad
        r_k = \sum_j w_j (1[y_j < y_k] + \tfrac12 1[y_j = y_k]), \quad T = \sum_k w_k y_k

    .. math:: u_k = \frac{2}{N T} \Big( y_k r_k + \sum_j w_j y_j (1[y_j > y_k] + \tfrac12 1[y_j = y_k]) \Big)
        - (G + 1) \Big( \frac{1}{N} + \frac{y_k}{T} \Big)

    It is twice the area between the Lorenz curve, drawn straight between its points, and the diagonal; there is no
    correction for small samples.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, a path to a .csv or .parquet file, a DuckDB relation or a polars
        LazyFrame; not changed.
    welfare : column of income or consumption y, per person where persons are counted. Missing rows are dropped and
        counted. Zero and negative values stay and are counted: with negative values G can pass 1.
    by : column of the groups to estimate apart. A group keeps all PSUs of the sample in its variance.
    design : how the sample was drawn: weights w, strata, PSUs, or replicates; None is a simple random sample of rows.
    size : column of the persons of a row's household, as for `povstats.fgt`.
    ranks : "middle" is the formula above. "upper" is that of R's convey and vardpoor: 2R_k − 1 in place of 2r_k, R_k
        the weight up to and with the row; it changes when weights are scaled, and its ties follow the order of the
        rows, so that it needs a table in memory. It is there for comparison.

    Returns
    -------
    Estimates
        Numbers from 0 with standard errors and 95 per cent t intervals.

    Raises
    ------
    OptionError
        Where `ranks` is unknown.
    DataError
        As `povstats.fgt`; where "upper" is asked of a lazy table.

    Source
    ------
    Lerman and Yitzhaki (1989), Journal of Econometrics 42, for ranks with weights; Binder and Kovacevic (1995), Survey
    Methodology 21, for the influence.
    """
    allowed("ranks", ranks, RANKS)
    make = gini_measure if ranks == "middle" else _upper_gini
    return estimated(table, without_line(welfare, by, design, size), make)


def s_gini(
    table: Table,
    welfare: str,
    nu: float = 2,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Estimates:
    r"""Estimate the extended Gini coefficient, in which ν says how much the low end of the distribution counts.

    .. math:: G_\nu = 1 - \frac{W}{\mu}, \quad
        W = \sum_{(k)} y_{(k)} \{ (1 - p_{k-1})^\nu - (1 - p_k)^\nu \}, \quad
        u_k(W) = \frac{1}{N} \Big\{ \nu \int_0^{y_k} (1 - F(t^-))^{\nu - 1} dt - \nu W \Big\}

    with p_k the share of weight up to and with the k-th welfare. ν = 2 is the Gini coefficient; as ν grows W tends to
    the lowest income.

    Parameters
    ----------
    table : as for `gini`.
    welfare : column of income or consumption y, as for `gini`.
    nu : ν, above 1.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    size : column of the persons of a row's household.

    Returns
    -------
    Estimates
        Numbers from 0 with standard errors and 95 per cent t intervals.

    Raises
    ------
    OptionError
        Where ν is no number above 1.
    DataError
        As `povstats.fgt`.

    Source
    ------
    Donaldson and Weymark (1980), Journal of Economic Theory 22; Yitzhaki (1983), International Economic Review 24.
    """
    if not finite(nu) or nu <= 1:
        raise OptionError(f"nu={nu!r} must be a number above 1; 2 is the Gini coefficient")
    return estimated(table, without_line(welfare, by, design, size), s_gini_measure(float(nu)))


def gini_measure(asked: Definition) -> Measure:
    """Write the Gini coefficient."""
    half = nw.col(LEVEL) * 0.5
    expressions = {
        "income": welfare(),
        "ranked": welfare() * (nw.col(BEFORE) + half),
        "upto": nw.col(INCOME_BEFORE) + half * welfare(),
    }

    def finish(sums: Sums, known: Sums) -> Value:
        size, income, ranked = sums[WEIGHT], sums["income"], sums["ranked"]
        value = 2 * ranked / (size * income) - 1
        gradient = {
            # What lies above k is all income less what lies up to k.
            WEIGHT: 2 / size - (value + 1) / size,
            "ranked": 2 / (size * income),
            "upto": -2 / (size * income),
            "income": -(value + 1) / income,
        }
        return Value(value, gradient)

    return Measure("gini", expressions, finish, {INCOME_BEFORE: welfare()}, unit="index")


def _upper_gini(asked: Definition) -> Measure:
    """Write convey's Gini coefficient, which needs the place of each row among equal ones."""
    rank, upto, own = nw.col(ROW_RANK), nw.col(ROW_INCOME), nw.col(OWN)
    expressions = {
        "income": welfare(),
        "ranked": welfare() * (2 * rank - 1),
        "influence": 2 * (welfare() * (rank + own) - upto) - welfare(),
    }

    def finish(sums: Sums, known: Sums) -> Value:
        size, income = sums[WEIGHT], sums["income"]
        value = sums["ranked"] / (size * income) - 1
        gradient = {
            WEIGHT: 2 / size - (value + 1) / size,
            "influence": 1 / (size * income),
            "income": -(value + 1) / income,
        }
        return Value(value, gradient)

    return Measure("gini", expressions, finish, by_row=True, parameters={"upper ranks": 1.0})


def s_gini_measure(nu: float) -> Maker:
    """Write the extended Gini coefficient of a ν."""
    above = nw.lit(1.0) - nw.col(BEFORE) / nw.col(EVERYONE)
    beyond = (nw.col(EVERYONE) - nw.col(BEFORE) - nw.col(LEVEL)) / nw.col(EVERYONE)
    # Nothing is above the highest: a low power would make much of what rounding leaves there.
    beyond = nw.when(beyond > TOUCH).then(beyond).otherwise(nw.lit(0.0))
    each = welfare() / nw.col(LEVEL)
    # A row's part of what its level adds to W.
    part = each * (above**nu - beyond**nu)
    # ν∫(1 − F)^(ν−1) up to y by parts: y times the last value, and the falls of it at the levels below.
    fall = each * (above ** (nu - 1) - beyond ** (nu - 1))
    expressions = {
        "income": welfare(),
        "welfare": nw.when(nw.col(LEVEL) > 0).then(part).otherwise(nw.lit(0.0)),
        "integral": welfare() * above ** (nu - 1) + nw.col(STEPS),
    }

    def finish(sums: Sums, known: Sums) -> Value:
        size, income, total = sums[WEIGHT], sums["income"], sums["welfare"]
        ratio = total * size / income
        # G = 1 − W N / T; ∂W/∂w = (ν integral − ν W)/N, and W is `total`.
        gradient = {
            WEIGHT: nu * total / income - total / income,
            "integral": -nu / income,
            "income": ratio / income,
        }
        return Value(1 - ratio, gradient)

    def make(asked: Definition) -> Measure:
        steps = nw.when(nw.col(LEVEL) > 0).then(fall).otherwise(nw.lit(0.0))
        return Measure("s_gini", expressions, finish, {STEPS: steps}, parameters={"nu": nu})

    return make
