"""ps.decompose(): one verb, by groups, by dates, or by both."""

from typing import Any, Literal, overload

from povstats.engine.source import Table
from povstats.errors import OptionError, allowed
from povstats.poverty.decompositions.by_group import ALPHAS, POWERS, Decomposition, by_group
from povstats.poverty.decompositions.over_time import Change, by_sector, growth_and_redistribution, two_dates
from povstats.poverty.lines.stated import Line
from povstats.poverty.poor import defined, without_line
from povstats.survey import Design

Measured = Literal["headcount", "poverty_gap", "poverty_severity", "mld", "theil", "generalized_entropy_2"]
MEASURES: tuple[Measured, ...] = (
    "headcount",
    "poverty_gap",
    "poverty_severity",
    "mld",
    "theil",
    "generalized_entropy_2",
)


@overload
def decompose(
    table: Table,
    welfare: str,
    line: Line | None = ...,
    *,
    by: str,
    period: None = ...,
    measure: Measured = ...,
    design: Design | None = ...,
    size: str | None = ...,
) -> Decomposition: ...


@overload
def decompose(
    table: Table,
    welfare: str,
    line: Line,
    *,
    by: str | None = ...,
    period: tuple[str, Any, Any],
    measure: Measured = ...,
    design: Design | None = ...,
    size: str | None = ...,
) -> Change: ...


def decompose(
    table: Table,
    welfare: str,
    line: Line | None = None,
    *,
    by: str | None = None,
    period: tuple[str, Any, Any] | None = None,
    measure: Measured = "headcount",
    design: Design | None = None,
    size: str | None = None,
) -> Decomposition | Change:
    r"""Take a measure, or its change, apart: by group, into growth and redistribution, or into groups and moves.

    By group (`by` alone):

    .. math:: P = \sum_g \frac{N_g}{N} P_g, \qquad
        GE_c = \sum_g \frac{N_g}{N} \Big(\frac{\mu_g}{\mu}\Big)^c GE_{c,g} + GE_c(\mu_1, \dots, \mu_G)

    Between two dates (`period` alone), with P(μ, L) the measure of a distribution L scaled to the mean μ:

    .. math:: \Delta P = [P(\mu_1, L_0) - P(\mu_0, L_0)] + [P(\mu_0, L_1) - P(\mu_0, L_0)] + R

    growth, redistribution and residual with the first date as base; the last date as base exchanges 0 and 1 in the
    bracketed distributions and means; the Shapley value is the mean of both and leaves no residual.

    Between two dates by group (both), with s the groups' shares of the population:

    .. math:: \Delta P = \sum_g s_{g0} \Delta P_g + \sum_g P_{g0} \Delta s_g + \sum_g \Delta s_g \Delta P_g

    Standard errors linearise all totals over the PSUs of the design, those of both dates and their covariance; the
    line at the other date's mean is estimated, and enters by the density at it (headcount) or the slope of the measure.

    Parameters
    ----------
    table, welfare, line, design, size : as for `povstats.fgt`. Dates are stacked; welfare must be at the same prices.
        Two surveys have PSUs (and strata) of different names, a panel has the same.
    by : column of the groups. period : the column of the dates, and the first and last of them.
    measure : a poverty measure, with a line; or, by group alone, "mld", "theil" or "generalized_entropy_2".

    Returns
    -------
    Decomposition or Change
        Parts with standard errors; they add up.

    Raises
    ------
    OptionError
        Where neither groups nor dates are named, or line and measure do not go together.
    DataError
        As `povstats.fgt`; where a date or a group at a date has no rows, or a mean is not above zero.

    Source
    ------
    Foster, Greer and Thorbecke (1984), Econometrica 52; Shorrocks (1980), Econometrica 48; Datt and Ravallion (1992),
    Journal of Development Economics 38; Shorrocks (2013), Journal of Economic Inequality 11; Ravallion and Huppi
    (1991), World Bank Economic Review 5.
    """
    allowed("measure", measure, MEASURES)
    if by is None and period is None:
        raise OptionError("decompose needs by=... (groups), period=(column, first, last), or both")
    if measure in POWERS:
        if line is not None or period is not None or by is None:
            raise OptionError(f"measure={measure!r} has no line, and is taken apart by group alone")
        return by_group(table, without_line(welfare, by, design, size), measure)
    if line is None:
        raise OptionError(f"measure={measure!r} needs a line: one of {', '.join(ALPHAS)} counts the poor below it")
    if period is None:
        return by_group(table, defined(welfare, float(line), by, design, "<", size), measure)
    frame, column = two_dates(table, period)
    asked = defined(welfare, float(line), by or column, design, "<", size)
    split = growth_and_redistribution if by is None else by_sector
    return split(frame, asked, period, measure)
