"""aid_incidence: who gets the benefits, from the poorest to the richest."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import narwhals as nw

from povstats.engine.source import Table
from povstats.errors import OptionError, share, whole
from povstats.poverty.estimation import estimated_together
from povstats.poverty.poor import checked_design, without_line
from povstats.survey import Design
from povstats.targeting.concentration import (
    PART,
    advantage_measure,
    concentration_measure,
    cumulated_measure,
    kakwani_measure,
    shares_measures,
)
from povstats.targeting.flags import kept_columns, known, opened
from povstats.targeting.incidence_result import Incidence
from povstats.targeting.selection_errors import BENEFIT, refuse_amounts

POINTS = tuple(round(0.05 * i, 2) for i in range(1, 20))
BOTTOM = (0.2, 0.4)


def aid_incidence(
    table: Table,
    benefit: str,
    welfare: str,
    *,
    quantiles: int = 5,
    bottom: Sequence[float] = BOTTOM,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Incidence:
    r"""Estimate who gets the benefits of a programme, from the poorest to the richest.

    .. math:: C = \frac{2}{N B} \sum_k w_k b_k r_k - 1, \qquad K = C - G, \qquad CGH_q = L_b(q) / q

    with r the rank by welfare (the middle of equal ones), B all benefits, G the Gini coefficient of welfare and L_b(q)
    the share of benefits of the poorest q. C is below zero where benefits are pro-poor in absolute terms; K below zero
    where they are distributed more equally than welfare.

    Parameters
    ----------
    table : as for `povstats.targeting_errors`.
    benefit : column of what a row gets, from 0; with `size` the amount a person.
    welfare : column of income or consumption, before the benefit or after: say which. Missing rows are dropped.
    quantiles : parts of the population of equal size, 2 to 20.
    bottom : shares q for which the index of Coady, Grosh and Hoddinott is given.
    by : column of the groups to estimate apart; ranks are within the group.
    design : how the sample was drawn. size : column of the persons of a row's household.

    Returns
    -------
    Incidence
        Shares of the benefits by quantile, the concentration curve, C, K and CGH, all with standard errors.

    Raises
    ------
    OptionError
        Where `quantiles` or `bottom` is out of range.
    DataError
        As `povstats.targeting_errors`.

    Source
    ------
    Kakwani, Wagstaff and van Doorslaer (1997), Journal of Econometrics 77; Kakwani (1977), Economic Journal 87; Coady,
    Grosh and Hoddinott (2004); the influence is that of `povstats.gini` with benefits in place of incomes.
    """
    whole("quantiles", quantiles)
    if not 2 <= quantiles <= 20:
        raise OptionError(f"quantiles={quantiles!r} must be a whole number from 2 to 20, such as 5")
    for q in bottom:
        share("bottom", q, 0.4)
    if any(b <= a for a, b in pairwise(bottom)):
        raise OptionError(f"bottom={bottom!r} must rise, such as (0.2, 0.4)")
    frame, schema = opened(table)
    refuse_amounts(frame, schema, known(schema, "benefit", benefit))
    drawn = checked_design(design)
    asked = replace(without_line(welfare, by, drawn, size), others=((PART, BENEFIT),))
    columns = kept_columns(drawn, by, size, welfare)
    for name in columns:
        if name not in schema:
            known(schema, "welfare, by, design or size", name)
    amounts = nw.col(benefit).cast(nw.Float64).alias(BENEFIT)
    ready = frame.select(*(nw.col(name) for name in columns), amounts).to_native()
    parts = shares_measures([i / int(quantiles) for i in range(1, int(quantiles))])
    makers = [concentration_measure, kakwani_measure, *(advantage_measure(float(q)) for q in bottom)]
    curve = [cumulated_measure(p) for p in POINTS]
    found = estimated_together(ready, asked, [*makers, *parts, *curve])
    first, second = len(makers), len(makers) + len(parts)
    return Incidence(
        indices=tuple(found[:first]), shares=tuple(found[first:second]), curve=tuple(found[second:]), benefit=benefit
    )
