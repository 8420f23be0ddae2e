"""Who is missed, who is wrongly in, and where the benefits go: the verb and its measures."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine.columns import absent
from povstats.engine.forms import WEIGHT, Sums
from povstats.engine.panels import Frame
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError
from povstats.poverty.estimate import Definition
from povstats.poverty.estimation import Maker, estimated_together
from povstats.poverty.lines.stated import Line
from povstats.poverty.measure import Measure, Unit, Value, other, welfare
from povstats.poverty.poor import checked_design, defined, is_poor, without_line
from povstats.survey import Design
from povstats.targeting.flags import counted, kept_columns, known, opened, require_flags
from povstats.targeting.selected import Targeting

POOR, BENEFIT = "povstats poor", "povstats benefit"
PART = "benefit"


def targeting_errors(
    table: Table,
    benefit: str,
    *,
    welfare: str | None = None,
    line: Line | None = None,
    poor: str = "<",
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Targeting:
    r"""Estimate how well a programme or a register reaches the poor.

    With P the poor, S the selected (benefit above 0), b the benefit and sums weighted,

    .. math:: EE = \frac{|P \setminus S|}{|P|}, \quad IE = \frac{|S \setminus P|}{|S|}, \quad
        C = \frac{|S|}{N}, \quad B = \frac{\sum_P b}{\sum b}, \quad CGH = \frac{B}{|P| / N}, \quad
        F_1 = \frac{2 |P \cap S|}{|P| + |S|}

    exclusion error (undercoverage), inclusion error (leakage among the selected), coverage of all, share of the
    benefits that the poor have (one minus it is the leakage of money), the index of Coady, Grosh and Hoddinott (1 where
    the poor have their share of the population, above 1 where they have more), and the harmonic mean of 1 − EE and
    1 − IE.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, a path to a .csv or .parquet file, a DuckDB relation or a polars
        LazyFrame; not changed.
    benefit : column of what a row gets, from 0: an amount per row, or 1 for selected and 0 for not; complete. With
        `size` it is the amount a person.
    welfare, line : column of income or consumption, and the poverty line that says who is truly poor. The poorest 40 %
        are had with the 40 % quantile as the line.
    poor : "<" or "<=" with `welfare` and `line`; in place of them the name of a column of 1 (truly poor) and 0.
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None is a simple random sample of rows.
    size : column of the persons of a row's household.

    Returns
    -------
    Targeting
        The six measures with standard errors and 95 per cent intervals (logit for shares).

    Raises
    ------
    OptionError
        Where it is not said who is poor, or said twice.
    DataError
        Where a column is not there or cannot be used, with its rows; as `povstats.fgt`.

    Source
    ------
    Cornia and Stewart (1993), European Journal of Development Research 5, on the two errors; Coady, Grosh and Hoddinott
    (2004), Targeting of Transfers in Developing Countries, chapter 2; Grosh et al. (2022), Revisiting Targeting in
    Social Assistance, chapter 7.
    """
    frame, schema = opened(table)
    by_line = welfare is not None or line is not None
    if by_line and (welfare is None or line is None):
        raise OptionError("welfare and line belong together: the column, and the line below which a row is poor")
    if by_line == (poor not in ("<", "<=")):
        raise OptionError(
            f"poor={poor!r}: say who is poor by welfare='income' and line=2300, or by poor='a column of 1 and 0'"
        )
    known(schema, "benefit", benefit)
    refuse_amounts(frame, schema, benefit)
    drawn = checked_design(design)
    made = {BENEFIT: nw.col(benefit).cast(nw.Float64)}
    if by_line:
        assert welfare is not None
        assert line is not None
        asked = defined(welfare, float(line), by, drawn, "<" if poor == "<" else "<=", size)
        asked = replace(asked, origin=line if hasattr(line, "describe") else None)
        _refuse_estimated(line)
    else:
        require_flags(frame, schema, (known(schema, "poor", poor),), complete=True)
        made[POOR] = nw.col(poor).cast(nw.Float64)
        asked = without_line(POOR, by, drawn, size)
    asked = replace(asked, others=((PART, BENEFIT),))
    names = [name for name in kept_columns(drawn, by, size, welfare) if name in schema]
    lost = [name for name in kept_columns(drawn, by, size, welfare) if name not in schema]
    if lost:
        known(schema, "by, design, size or welfare", lost[0])
    ready = frame.select(*(nw.col(name) for name in names), **made).to_native()
    found = estimated_together(ready, asked, list(MAKERS.values()))
    return Targeting(dict(zip(MAKERS, found, strict=True)), benefit, None if by_line else poor)


def refuse_amounts(frame: Frame, schema: Mapping[str, Any], benefit: str) -> None:
    """Refuse benefits that are missing or negative.

    Raises
    ------
    DataError
        With the number of rows.
    """
    found = counted(frame, {"gone": absent(schema, benefit), "low": nw.col(benefit).cast(nw.Float64) < 0.0})
    if found["gone"]:
        raise DataError(
            f"column {benefit!r} (benefit) is missing in {found['gone']} rows; write 0 where a row gets nothing, and "
            "leave out rows of which it is not known"
        )
    if found["low"]:
        raise DataError(f"column {benefit!r} (benefit) is negative in {found['low']} rows; a benefit is 0 or more")


def _refuse_estimated(line: object) -> None:
    from povstats.poverty.lines.estimated import EstimatedLine

    if isinstance(line, EstimatedLine):
        raise OptionError("these measures take the line as known: give float(line), and say that it was estimated")


def poor_rows(asked: Definition) -> nw.Expr:
    """Write 1 for the poor, by the line or by their own column."""
    if asked.line is None:
        return welfare()
    return nw.when(is_poor(asked)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def quotient(sums: Sums, above: str, below: str, factor: Any = 1.0) -> Value:
    r"""Give c T_1 / T_2 with its influence c (e_1 − θ/c e_2) / T_2; missing where T_2 is zero."""
    value = np.where(sums[below] > 0, factor * sums[above] / sums[below], np.nan)
    return Value(value, {above: factor / sums[below], below: -value / sums[below]})


def _ratio(
    name: str, above: Callable[[nw.Expr, nw.Expr], nw.Expr], below: Callable[[nw.Expr, nw.Expr], nw.Expr]
) -> Maker:
    """Write a ratio of two sums of expressions in poor (0, 1) and the benefit."""

    def make(asked: Definition) -> Measure:
        parts = poor_rows(asked), other(PART)
        expressions = {"above": above(*parts), "below": below(*parts)}
        return Measure(
            name, expressions, lambda sums, _: quotient(sums, "above", "below"), interval="logit", unit="share"
        )

    return make


def _selected(benefit: nw.Expr) -> nw.Expr:
    return nw.when(benefit > 0.0).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _advantage(asked: Definition) -> Measure:
    """Write the index of Coady, Grosh and Hoddinott."""
    poor, benefit = poor_rows(asked), other(PART)

    def finish(sums: Sums, known: Sums) -> Value:
        size, heads, theirs, all_of_it = sums[WEIGHT], sums["poor"], sums["theirs"], sums["benefit"]
        value = np.where((heads > 0) & (all_of_it > 0), theirs * size / (all_of_it * heads), np.nan)
        gradient = {
            "theirs": size / (all_of_it * heads),
            WEIGHT: value / size,
            "benefit": -value / all_of_it,
            "poor": -value / heads,
        }
        return Value(value, gradient)

    unit: Unit = "ratio"
    return Measure("cgh", {"poor": poor, "theirs": poor * benefit, "benefit": benefit}, finish, unit=unit)


MAKERS: dict[str, Maker] = {
    "exclusion_error": _ratio("exclusion_error", lambda p, b: p * (1.0 - _selected(b)), lambda p, b: p),
    "inclusion_error": _ratio("inclusion_error", lambda p, b: (1.0 - p) * _selected(b), lambda p, b: _selected(b)),
    "coverage": _ratio("coverage", lambda p, b: _selected(b), lambda p, b: p * 0.0 + 1.0),
    "poor_share": _ratio("poor_share", lambda p, b: p * b, lambda p, b: b),
    "cgh": _advantage,
    "f1": _ratio("f1", lambda p, b: 2.0 * p * _selected(b), lambda p, b: p + _selected(b)),
}
