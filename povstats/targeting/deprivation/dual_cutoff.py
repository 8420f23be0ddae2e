"""alkire_foster: the verb."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from povstats.engine.source import Table
from povstats.poverty.estimation import estimated_together
from povstats.survey import Design
from povstats.targeting.deprivation import scores
from povstats.targeting.deprivation.exact import Number, cutoff, weights
from povstats.targeting.deprivation.result import AlkireFoster, Asked

SWEEP = tuple(Fraction(i, 10) for i in range(1, 11))


def alkire_foster(
    table: Table,
    indicators: Mapping[str, Number],
    k: Number,
    *,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
    sweep: Sequence[Number] | None = None,
) -> AlkireFoster:
    r"""Estimate multidimensional poverty by Alkire and Foster's dual cut-off.

    With flags g_ij of deprivation, weights w_j that sum to 1 and scores c_i = Σ_j w_j g_ij,

    .. math:: H = \overline{1[c_i \ge k]}, \quad A = \frac{\overline{c_i 1[c_i \ge k]}}{H}, \quad
        M_0 = \overline{c_i 1[c_i \ge k]} = H A, \quad
        h_j(k) = \overline{g_{ij} 1[c_i \ge k]}, \quad \phi_j = \frac{w_j h_j(k)}{M_0}

    Weights and cut-offs are fractions and a score is a whole number of parts, so that k = 1 holds a row with all
    deprivations, whatever the sum of its decimals is.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, a path to a .csv or .parquet file, a DuckDB relation or a polars
        LazyFrame; not changed.
    indicators : by column of deprivation (1 deprived, 0 not) its weight: fractions ('1/3') or decimals that sum to 1,
        or whole numbers. Rows without one of them are left out, and told by indicator.
    k : share of weighted deprivations from which a row is poor, above 0 and up to 1. At the smallest weight or below
        it is the union of deprivations, at 1 their intersection.
    by : column of groups, for measures by group and their contributions to M0.
    design : how the sample was drawn; None is a simple random sample of rows.
    size : column of the persons of a row's household.
    sweep : other cut-offs at which H, A and M0 are given; None takes every score that a row can have, between which
        nothing changes, or tenths where these are more than 24.

    Returns
    -------
    AlkireFoster
        H, A and M0, uncensored and censored headcounts, contributions by indicator and group, and the sweep, with
        standard errors by the design and logit intervals.

    Raises
    ------
    OptionError
        Where weights do not sum to 1 or k is out of range.
    DataError
        Where a column is not there, or is neither 0 nor 1 nor missing; as `povstats.fgt`.

    Source
    ------
    Alkire and Foster (2011), Journal of Public Economics 95; Alkire et al. (2015), Multidimensional Poverty Measurement
    and Analysis, chapters 5 and 8.
    """
    found, edge = weights(indicators), cutoff(k)
    steps = [cutoff(step) for step in (sweep if sweep is not None else found.scores() or SWEEP)]
    ready = scores.prepared(table, found, by, design, size)
    cut, names = found.cutoff(edge), list(found.parts)
    main = [scores.multidimensional(cut), scores.intensity(cut, found.whole), scores.adjusted(cut, found.whole)]
    places = range(len(names))
    makers = [*main, *(scores.uncensored(j) for j in places), *(scores.censored(j, cut) for j in places)]
    makers += [scores.contribution(j, cut, found.parts[name]) for j, name in enumerate(names)]
    for step in steps:
        at = found.cutoff(step)
        makers += [scores.multidimensional(at), scores.intensity(at, found.whole), scores.adjusted(at, found.whole)]
    groups = range(len(ready.groups))
    makers += [scores.group_share(g) for g in groups] + [scores.group_contribution(g, cut) for g in groups]
    made = iter(estimated_together(ready.table, ready.asked, makers))
    whole = {name: next(made) for name in ("headcount", "intensity", "m0")}
    by_indicator = {kind: {name: next(made) for name in names} for kind in ("uncensored", "censored", "contribution")}
    swept = {step: {name: next(made) for name in ("headcount", "intensity", "m0")} for step in steps}
    parts = {kind: {level: next(made) for level in ready.groups} for kind in ("share", "contribution")}
    apart = None
    if by is not None:
        own = estimated_together(ready.table, replace(ready.asked, by=by), main)
        apart = dict(zip(("headcount", "intensity", "m0"), own, strict=True))
    asked = Asked(found, edge, by, ready.missing)
    return AlkireFoster(whole, by_indicator, swept, apart, parts, asked)
