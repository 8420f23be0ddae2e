"""Rows of deprivations as an estimate takes them: a whole score, the flags, and the measures of both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from povstats.engine.columns import absent
from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.layout import Levels
from povstats.engine.panels import totals
from povstats.engine.source import Table
from povstats.errors import DataError
from povstats.poverty.estimate import Definition
from povstats.poverty.estimation import Maker
from povstats.poverty.measure import Measure, Unit, Value, other, ratio_value, welfare
from povstats.poverty.poor import checked_design, without_line
from povstats.survey import Design
from povstats.targeting.deprivation.exact import Weights
from povstats.targeting.flags import kept_columns, known, opened, plain, require_flags
from povstats.targeting.selection_errors import quotient

SCORE, FLAG, MEMBER = "povstats score", "povstats flag {}", "povstats group {}"


@dataclass(frozen=True, eq=False)
class Deprived:
    """A table of deprivations, ready to be measured.

    Attributes
    ----------
    table : native frame with SCORE (missing where a flag is), flags, members of groups and the design's columns.
    asked : of the whole; `by` is left out.
    groups : levels of `by`, and by what column, or none.
    missing : rows without a value by indicator.
    """

    table: Any
    asked: Definition
    by: str | None
    groups: Levels
    missing: Mapping[str, int]


def prepared(table: Table, found: Weights, by: str | None, design: Design | None, size: str | None) -> Deprived:
    """Check the flags, and score the rows.

    Raises
    ------
    DataError
        Where a column is not there, or is neither 0 nor 1 nor missing.
    """
    frame, schema = opened(table)
    names = [known(schema, "indicators", name) for name in found.parts]
    counts = require_flags(frame, schema, names, complete=False)
    drawn = checked_design(design)
    columns = kept_columns(drawn, by, size)
    for name in columns:
        if name not in schema:
            known(schema, "by, design or size", name)
    any_gone = absent(schema, names[0])
    score = plain(schema, names[0]) * float(found.parts[names[0]])
    for name in names[1:]:
        any_gone = any_gone | absent(schema, name)
        score = score + plain(schema, name) * float(found.parts[name])
    groups = _groups(frame.select(by), by) if by is not None else ()
    made = frame.select(
        *columns,
        nw.when(~any_gone).then(score).alias(SCORE),
        *(plain(schema, name).alias(FLAG.format(i)) for i, name in enumerate(names)),
        *(
            nw.when(nw.col(str(by)) == level).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).alias(MEMBER.format(i))
            for i, level in enumerate(groups)
        ),
    )
    others = [(f"flag {i}", FLAG.format(i)) for i in range(len(names))]
    others += [(f"group {i}", MEMBER.format(i)) for i in range(len(groups))]
    asked = replace(without_line(SCORE, None, drawn, size), others=tuple(others))
    return Deprived(made.to_native(), asked, by, groups, {name: counts[name] for name in names})


def _groups(frame: Any, by: str) -> Levels:
    levels = totals(frame, [by], {})[by].tolist()
    if any(level is None or level != level for level in levels):
        raise DataError(f"column {by!r} (by) is missing in some rows; fill it in, or leave these rows out")
    return tuple(levels)


def poor(cut: int) -> nw.Expr:
    """Write 1 for rows whose whole score reaches the whole cut-off."""
    return nw.when(welfare() >= float(cut)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def adjusted(cut: int, whole: int) -> Maker:
    """Write M0, the adjusted headcount ratio: the mean of the scores of the poor."""
    return _mean("adjusted_headcount", poor(cut) * welfare() * (1.0 / whole), "index")


def multidimensional(cut: int) -> Maker:
    """Write H, the share of the multidimensionally poor."""
    return _mean("multidimensional_headcount", poor(cut), "share")


def intensity(cut: int, whole: int) -> Maker:
    """Write A, the mean score of the poor: M0 / H."""
    return _ratio("intensity", poor(cut) * welfare(), poor(cut), 1.0 / whole)


def uncensored(place: int) -> Maker:
    """Write the share of the persons deprived in an indicator."""
    return _mean("uncensored_headcount", other(f"flag {place}"), "share")


def censored(place: int, cut: int) -> Maker:
    """Write the share of the persons who are poor and deprived in an indicator."""
    return _mean("censored_headcount", other(f"flag {place}") * poor(cut), "share")


def contribution(place: int, cut: int, part: int) -> Maker:
    """Write an indicator's share of M0: its weight times its censored headcount over M0."""
    return _ratio("contribution", other(f"flag {place}") * poor(cut), poor(cut) * welfare(), float(part))


def group_contribution(place: int, cut: int) -> Maker:
    """Write a group's share of M0: its share of the persons times its M0 over that of all."""
    mass = poor(cut) * welfare()
    return _ratio("group_contribution", other(f"group {place}") * mass, mass, 1.0)


def group_share(place: int) -> Maker:
    """Write a group's share of the persons."""
    return _mean("group_share", other(f"group {place}"), "share")


def only_by_union(cut: int) -> Maker:
    """Write the share of those with some deprivation whose score does not reach the cut-off."""
    some = nw.when(welfare() >= 1.0).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    return _mean("only_by_union", some - poor(cut), "share")


def _mean(name: str, expression: nw.Expr, unit: Unit) -> Maker:
    def finish(sums: Sums, known: Sums) -> Value:
        return ratio_value(sums, "value")

    return lambda asked: Measure(name, {"value": expression}, finish, interval="logit", unit=unit)


def _ratio(name: str, above: nw.Expr, below: nw.Expr, factor: float) -> Maker:
    def finish(sums: Sums, known: Sums) -> Value:
        made = quotient(sums, "above", "below", factor)
        return replace(made, gradient={**made.gradient, WEIGHT: sums["above"] * 0.0})

    return lambda asked: Measure(name, {"above": above, "below": below}, finish, interval="logit", unit="share")
