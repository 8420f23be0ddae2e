r"""Sen and Sen–Shorrocks–Thon: shortfalls weighted by the rank of the poor.

With :math:`r_k = \sum_j w_j (1[y_j < y_k] + \tfrac12 1[y_j = y_k])` the weight of those poorer than k, ties by half,
and :math:`c_k` the same sum of :math:`w_j y_j`, the sum :math:`A = \sum_k w_k a_k r_k` over the poor has the derivative
:math:`\partial A / \partial w_k = a_k r_k + \sum_j w_j a_j (1[y_j > y_k] + \tfrac12 1[y_j = y_k])`.
"""

import narwhals as nw

from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.order import BEFORE, LEVEL
from povstats.engine.source import Table
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import estimated
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Value, welfare
from povstats.poverty.poor import DENSITY, Poor, among_poor, defined, density_terms, is_poor, needs_density, shortfall
from povstats.survey import Design

INCOME_BEFORE = "income before"


def sen(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the Sen index: headcount, gap and the inequality among the poor in one number.

    .. math:: S = H \{ I + (1 - I) G_p \}

    with H the headcount, I the mean shortfall of the poor, and G_p the Gini coefficient of welfare among the poor
    alone. It is the form of Sen for many poor; his finite form multiplies G_p by q/(q + 1), q the number of poor. The
    Gini coefficient of the whole population in its place, as some programs have it, is another number.

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
        Index numbers with standard errors and 95 per cent t intervals; 0 where nobody is poor.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Sen (1976), Econometrica 44, equation 19 with q large.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), sen_measure)


def sst(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Estimates:
    r"""Estimate the Sen–Shorrocks–Thon index: the gap, raised by the inequality of shortfalls in the whole population.

    .. math:: SST = PG\, (1 + G_x) = 2 \int_0^1 (1 - p)\, x(p)\, dp

    with PG the poverty gap and G_x the Gini coefficient of the shortfalls x of all, the non-poor counting zero; x(p) is
    the shortfall at the p-th quantile of welfare. It falls when a poor household's welfare rises, and has no jump at
    the line.

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption y, as for `fgt`.
    line : the poverty line z > 0, in the unit of `welfare`: a number, or a line from `relative_line`.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" or "<="; a row on the line has no shortfall, so the number is the same.
    size : column of the persons of a row's household, as for `fgt`.

    Returns
    -------
    Estimates
        Index numbers with standard errors and 95 per cent t intervals; 0 where nobody is poor.

    Raises
    ------
    OptionError, DataError
        As `fgt`.

    Source
    ------
    Shorrocks (1995), Econometrica 63; Osberg and Xu (2000), Review of Income and Wealth 46, for the decomposition.
    """
    return estimated(table, defined(welfare, line, by, design, poor, size), sst_measure)


def sen_measure(asked: Definition) -> Measure:
    r"""Write the Sen index.

    .. math:: S = PG + \frac{2A/q - T}{N z}, \quad A = \sum w y r, \; T = \sum w y, \; q = \sum w \text{ over the poor}
    """
    assert asked.line is not None
    z = asked.line
    density, fixed = density_terms(asked)
    rank = nw.col(BEFORE) + nw.col(LEVEL) * 0.5
    upto = nw.col(INCOME_BEFORE) + nw.col(LEVEL) * welfare() * 0.5
    expressions = {
        "poor": among_poor(asked, nw.lit(1.0)),
        "gap": among_poor(asked, shortfall(asked)),
        "income": among_poor(asked, welfare()),
        "ranked": among_poor(asked, welfare() * rank),
        "upto": among_poor(asked, upto),
        **density,
    }

    def finish(sums: Sums, known: Sums) -> Value:
        size, q, income, ranked = sums[WEIGHT], sums["poor"], sums["income"], sums["ranked"]
        safe = q + (q == 0)
        value = (sums["gap"] + (2 * ranked / safe - income) / z) / size
        gradient = {
            WEIGHT: -value / size,
            "gap": 1 / size,
            # The income of the poor above k is all of theirs less what lies below k.
            "poor": (2 * income / safe - 2 * ranked / safe**2) / (z * size),
            "ranked": 2 / (safe * z * size),
            "upto": -2 / (safe * z * size),
            "income": -1 / (z * size),
        }
        if DENSITY not in sums:
            return Value(value, gradient)
        f = sums[DENSITY] / size
        slope = income / z**2 / size - (2 * ranked / safe - income) / (z**2 * size)
        return Value(value, gradient, slope + f * (1 - 2 * ranked / (safe**2 * z)))

    return Measure("sen", expressions, finish, {INCOME_BEFORE: welfare()}, fixed)


def sst_measure(asked: Definition) -> Measure:
    r"""Write the Sen–Shorrocks–Thon index.

    .. math:: SST = 2\, PG - \frac{2}{N^2} \sum_k w_k x_k r_k
    """
    assert asked.line is not None
    z = asked.line
    rank = nw.col(BEFORE) + nw.col(LEVEL) * 0.5
    upto = nw.col(INCOME_BEFORE) + nw.col(LEVEL) * welfare() * 0.5
    poor = is_poor(asked)
    gap_upto = (rank * z - upto) / z
    expressions = {
        "gap": among_poor(asked, shortfall(asked)),
        "ranked": among_poor(asked, shortfall(asked) * rank),
        "poor": nw.when(poor).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        "upto": among_poor(asked, gap_upto),
    }
    if needs_density(asked):
        expressions["slope"] = among_poor(asked, welfare() / z**2)
        expressions["ranked slope"] = among_poor(asked, welfare() / z**2 * rank)

    def finish(sums: Sums, known: Sums) -> Value:
        size, gap, ranked = sums[WEIGHT], sums["gap"], sums["ranked"]
        value = 2 * gap / size - 2 * ranked / size**2
        gradient = {
            WEIGHT: -2 * gap / size**2 + 4 * ranked / size**3,
            "gap": 2 / size,
            "ranked": -2 / size**2,
            "poor": -2 * gap / size**2,
            "upto": 2 / size**2,
        }
        if "slope" not in sums:
            return Value(value, gradient)
        return Value(value, gradient, 2 * sums["slope"] / size - 2 * sums["ranked slope"] / size**2)

    return Measure("sst", expressions, finish, {INCOME_BEFORE: welfare()})
