"""From a table and a measure to Estimates: check the rows, sum, take the variance by the design's route, pack."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from povstats.engine.forms import WEIGHT, Evaluated, Forms, Sample, Sums
from povstats.engine.layout import Floats, add_up
from povstats.errors import DataError
from povstats.poverty.estimate import Definition, Estimates, RowCount
from povstats.poverty.influence import Influence, replicate_covariance
from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.measure import Measure, Value
from povstats.poverty.row_counts import REPLICATE, Rows, leave_out
from povstats.poverty.rows import checked_rows
from povstats.poverty.variance import Reason, Sampling, degrees, interval, variances

Maker = Callable[[Definition], Measure]
"""Writes a measure for what was asked; a replicate asks for it again with a line of its own."""


@dataclass(frozen=True, eq=False)
class Found:
    """A measure evaluated on a sample.

    Parameters
    ----------
    measure, value : what was measured, and its value in every domain.
    evaluated : the expressions, and those of the line. rows : of every domain. mass : sum of weights of every domain.
    """

    measure: Measure
    value: Value
    evaluated: Evaluated
    mass: Floats


def estimated(table: Any, asked: Definition, make: Maker) -> Estimates:
    """Estimate one measure; as `estimated_together`."""
    return estimated_together(table, asked, [make])[0]


def estimated_together(table: Any, asked: Definition, makers: Sequence[Maker]) -> list[Estimates]:
    """Estimate measures on one table, whose rows are checked once.

    Parameters
    ----------
    table : what `povstats.engine.open_lazily` opens.
    asked : columns, line and design.
    makers : the measures.

    Raises
    ------
    DataError
        As `checked_rows`; where a measure is not defined for some welfare, or a stratum has a single PSU and the design
        says "fail".
    OptionError
        Where an estimated line does not belong to the table.
    """
    rows = checked_rows(table, asked)
    return [one_estimate(rows, asked, make) for make in makers]


def one_estimate(rows: Rows, asked: Definition, make: Maker) -> Estimates:
    """Estimate a measure on checked rows."""
    found, count = evaluate(rows, asked, make)
    design, layout = asked.design, rows.sample.layout
    sampling = Sampling(design.lonely, rows.drawn)
    forms = None
    if design.route in ("linearised", "bootstrap"):
        forms = _forms(found, asked)
    if design.route == "linearised":
        assert forms is not None
        influence = _linearised(found, forms, asked, sampling)
        spread = variances(forms, influence.by_line, sampling)
        spread = spread if influence.outside is None else spread + influence.outside**2
    elif design.route == "census":
        influence, spread = Influence(layout, sampling), np.zeros(len(layout.domains))
    else:
        influence = Influence(
            layout, sampling, replicates=_replicates(rows, asked, make, found), weights=design.replicates
        )
        assert influence.replicates is not None
        spread = np.diag(replicate_covariance(influence.weights, influence.replicates, found.value.value))
    return _packed(rows, asked, found, count, forms, np.sqrt(np.maximum(spread, 0.0)), influence)


def evaluate(rows: Rows, asked: Definition, make: Maker) -> tuple[Found, RowCount]:
    """Evaluate a measure on checked rows, without a variance."""
    measure = make(asked)
    count, among = leave_out(rows.count, asked, measure.sign)
    line = _line(asked)
    everywhere = {} if line is None else line.expressions
    sample, fixed = _prepared(rows.sample, measure)
    evaluated = sample.evaluate(measure.expressions, among, everywhere)
    sums = evaluated.sums
    if line is not None:
        line.refuse_others(sums, asked)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        value = _clean(measure.finish(sums, fixed))
    return Found(measure, value, evaluated, sums[WEIGHT]), count


def _prepared(sample: Sample, measure: Measure) -> tuple[Sample, Sums]:
    """Add the columns that the measure needs."""
    fixed: Sums = {} if measure.fixed is None else measure.fixed(sample)
    made = sample.fixed(fixed) if fixed else sample
    if measure.by_row:
        made = made.row_order()
    return (made if measure.cumulated is None else made.ordered(measure.cumulated, measure.levelled)), fixed


def _clean(value: Value) -> Value:
    """Take influence away where there is no value, such as in a group without rows."""
    there = np.isfinite(value.value)
    gradient = {name: np.where(there, factor, 0.0) for name, factor in value.gradient.items()}
    by_line = None if value.by_line is None else np.where(there, value.by_line, 0.0)
    return replace(value, gradient=gradient, by_line=by_line)


def _line(asked: Definition) -> EstimatedLine | None:
    """Give the line where it was estimated from the same sample."""
    origin = asked.origin
    return origin if isinstance(origin, EstimatedLine) and not origin.independent else None


def _forms(found: Found, asked: Definition) -> Forms:
    """Combine the influence function, and the line's."""
    line = _line(asked)
    gradients: list[Sums] = [found.value.gradient]
    if line is not None:
        gradients.append({name: np.array([factor]) for name, factor in line.gradient.items()})
    return found.evaluated.forms(gradients)


def _linearised(found: Found, forms: Forms, asked: Definition, sampling: Sampling) -> Influence:
    """Keep the influence, with what an estimated line adds."""
    by_line, origin = found.value.by_line, asked.origin
    whole = Influence(forms.layout, sampling, forms, mean=found.value.mean)
    if not isinstance(origin, EstimatedLine):
        return whole
    if by_line is None:
        raise DataError(f"{found.measure.name} has no derivative by the line; give float(line) to take it as known")
    if origin.independent:
        return replace(whole, outside=by_line * origin.se)
    return replace(whole, by_line=by_line)


def _replicates(rows: Rows, asked: Definition, make: Maker, found: Found) -> Floats:
    """Estimate again with every replicate's weights, and the line's own replicate."""
    design, origin, layout = asked.design, asked.origin, rows.sample.layout
    factors: list[Any]
    if design.replicates is not None:
        factors = [REPLICATE.format(i) for i in range(len(design.replicates.columns))]
    else:
        assert design.resampling is not None
        if len(layout.stratum) != layout.psus:
            raise DataError("the bootstrap of single rows needs the table in memory; name a psu column, or collect it")
        factors = list(design.resampling.factors(layout.stratum, layout.stratum_psus))
        if not isinstance(origin, EstimatedLine) and _of_sums(found.measure):
            return _from_sums(found, factors)
    values = []
    for r, factor in enumerate(factors):
        own = asked
        if isinstance(origin, EstimatedLine):
            own = replace(asked, line=origin.replicate(r), origin=None)
        sample = replace(rows, sample=rows.sample.reweighted(factor))
        values.append(evaluate(sample, own, make)[0].value.value)
    return np.array(values)


def _of_sums(measure: Measure) -> bool:
    """Tell whether a measure needs nothing but sums of its rows."""
    return measure.fixed is None and measure.cumulated is None and not measure.by_row


def _from_sums(found: Found, factors: Sequence[Floats]) -> Floats:
    """Estimate replicates from the sums of PSUs: no row is touched again."""
    names = (WEIGHT, *found.measure.expressions)
    parts = found.evaluated.forms([{name: np.ones(1)} for name in names])
    size, values = len(parts.layout.domains), []
    for factor in factors:
        own = factor[parts.psu]
        sums = {name: add_up(parts.domain, parts.z[:, i] * own, size) for i, name in enumerate(names)}
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            values.append(found.measure.finish(sums, {}).value)
    return np.array(values)


def _packed(
    rows: Rows, asked: Definition, found: Found, count: RowCount, forms: Forms | None, se: Floats, influence: Influence
) -> Estimates:
    """Put the estimates of all domains into one result."""
    measure, layout, design = found.measure, rows.sample.layout, asked.design
    value = np.asarray(found.value.value, dtype=float)
    size = len(layout.domains)
    df, psus = (np.full(size, np.nan), np.full(size, 2)) if forms is None else degrees(forms)
    if design.replicates is not None:
        df = np.full(size, float(design.replicates.degrees))
    census = design.route == "census"
    index = pd.Index([""] if asked.by is None else list(layout.domains), name=asked.by)
    cells = [_cell(measure, value[d], se[d], df[d], int(psus[d]), float(found.mass[d]), census) for d in range(size)]
    columns = list(zip(*cells, strict=True))
    made = {
        name: pd.Series(list(column), index=index, name=name)
        for name, column in zip(("estimate", "se", "df", "low", "high", "reason"), columns, strict=True)
    }
    return Estimates(
        measure=measure.name,
        **made,
        n=pd.Series(found.evaluated.rows.tolist(), index=index, name="n"),
        population=pd.Series(found.mass, index=index, name="population"),
        interval="none" if census else measure.interval,
        definition=asked,
        rows=count,
        psus=layout.psus,
        strata=len(layout.strata),
        unit=measure.unit,
        parameters=measure.parameters,
        influence=influence,
    )


def _cell(
    measure: Measure, value: float, se: float, df: float, psus: int, mass: float, census: bool
) -> tuple[float, float, float, float, float, Reason]:
    """Give one domain's estimate, standard error, degrees of freedom, interval, and why something is missing."""
    nan = float("nan")
    if not mass > 0:
        return nan, nan, nan, nan, nan, "empty"
    if not np.isfinite(value):
        return nan, nan, df, nan, nan, "not_defined"
    if census:
        return value, 0.0, nan, value, value, ""
    if psus < 2:
        return value, nan, df, nan, nan, "one_psu"
    if df < 1:
        return value, se, df, nan, nan, "no_df"
    low, high, reason = interval(measure.interval, value, se, df)
    return value, se, df, low, high, reason
