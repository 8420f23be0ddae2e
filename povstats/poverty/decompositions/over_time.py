"""What made a poverty measure change: growth and redistribution, or groups and moves between them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.forms import Sample, Sums
from povstats.engine.layout import Floats
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError
from povstats.poverty.decompositions.by_group import ALPHAS
from povstats.poverty.decompositions.group_totals import GroupTotals, group_totals, told
from povstats.poverty.density import BANDWIDTH, bandwidths, kernel
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.explained import asked_and_used
from povstats.poverty.inequality.location import mean
from povstats.poverty.measure import welfare
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

OTHER = "line at the other mean"
CELL = "povstats group at a date"
BETWEEN = "\u241f"
GROWTH = (
    "change",
    "growth_initial",
    "redistribution_initial",
    "residual_initial",
    "growth_final",
    "redistribution_final",
    "residual_final",
    "growth_shapley",
    "redistribution_shapley",
)
SECTOR = ("change", "within", "shift", "interaction")


@dataclass(frozen=True, eq=False, repr=False)
class Change(Printed):
    """A change of a poverty measure between two dates, in parts.

    Attributes
    ----------
    kind : "growth" (growth and redistribution) or "sector" (within groups, moves between them, both at once).
    measure : "headcount", "poverty_gap" or "poverty_severity". start, end : the dates.
    levels : estimate and se of the measure at both dates.
    parts : estimate and se by part; standard errors are missing where there are none.
    groups : of "sector", by group: estimate and se of its part within. line : the poverty line.
    totals : an estimate that holds definition and rows; None for grouped data.
    """

    kind: str
    measure: str
    start: str
    end: str
    levels: pd.DataFrame
    parts: pd.DataFrame
    groups: pd.DataFrame | None
    line: float
    totals: Estimates | None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: levels, parts, and parts by group."""
        rows = [
            {"measure": self.measure, "group": str(date), **row} for date, row in self.levels.to_dict("index").items()
        ]
        rows += [{"measure": self.kind, "term": str(name), **row} for name, row in self.parts.to_dict("index").items()]
        if self.groups is not None:
            rows += [
                {"measure": "within", "group": str(group), **row} for group, row in self.groups.to_dict("index").items()
            ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the parts in percentage points, in "zh" or "en"."""
        lang = lang or language()
        head = ("", say("decompose.head_points", lang), say("poverty.std_error", lang))
        rows = [(str(date), *_points(row)) for date, row in self.levels.to_dict("index").items()]
        parts = self.parts.to_dict("index")
        rows += [(say(f"decompose.part_{name}", lang), *_points(row)) for name, row in parts.items()]
        if self.groups is not None:
            for group, row in self.groups.to_dict("index").items():
                rows.append((say("decompose.part_group", lang, group=group), *_points(row)))
        title = say(f"decompose.title_{self.kind}", lang, measure=self._name(lang), start=self.start, end=self.end)
        return Summary((Grid(title, head, tuple(rows), (say(f"decompose.note_{self.kind}", lang),)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the parts are and how sure they are."""
        lang = lang or language()
        change = self.parts.loc["change", "estimate"]
        words = {"measure": self._name(lang), "start": self.start, "end": self.end, "change": f"{100 * change:+.2f}"}
        sentences = [say("decompose.changed", lang, **words), say(f"decompose.meaning_{self.kind}", lang)]
        if self.totals is None:
            sentences.append(say("decompose.no_errors", lang))
        else:
            sentences += asked_and_used(self.totals, lang)
        return say("poverty.sentence_joint", lang).join(sentences)

    def _name(self, lang: Lang) -> str:
        return say(f"decompose.name_{self.measure}", lang)


def _points(row: dict[Any, Any]) -> tuple[str, str]:
    return f"{100 * row['estimate']:.2f}", "—" if np.isnan(row["se"]) else f"{100 * row['se']:.2f}"


def two_dates(table: Table, period: tuple[str, Any, Any]) -> tuple[Any, str]:
    """Keep the rows of two dates, and give the column.

    Raises
    ------
    OptionError
        Where the period is not a column and two dates.
    DataError
        Where the column is not there.
    """
    if not isinstance(period, tuple | list) or len(period) != 3 or not isinstance(period[0], str):
        raise OptionError(f"period={period!r} must be a column and two of its dates, such as ('year', 1993, 1998)")
    column, start, end = period
    if start == end:
        raise OptionError(f"period={period!r} names one date twice")
    frame = open_lazily(table)
    if column not in frame.collect_schema().names():
        raise DataError(f"the table has no column {column!r}")
    return frame.filter((nw.col(column) == start) | (nw.col(column) == end)), column


def growth_and_redistribution(frame: Any, asked: Definition, period: tuple[str, Any, Any], measure: str) -> Change:
    """Take a change apart into growth and redistribution; see `povstats.decompose`."""
    alpha, line = ALPHAS[measure], float(asked.line or 0)
    table = frame.to_native()
    means = mean(table, asked.welfare, by=asked.by, design=asked.design, size=asked.size).estimate
    order = places(list(means.index), period)
    center = means.to_numpy(dtype=float)
    if not (center > 0).all():
        raise DataError(f"mean {asked.welfare!r} must be above zero at both dates to scale one to the other")
    other = np.array([line * center[i] / center[1 - i] for i in range(2)])

    def fixed(sample: Sample) -> Sums:
        found: dict[str, Floats] = {OTHER: other}
        return found | {BANDWIDTH: bandwidths(sample)} if alpha == 0 else found

    expressions = {
        "income": welfare(),
        "poor": _fgt(nw.lit(line), alpha),
        "moved": _fgt(nw.col(OTHER), alpha),
        "slope": kernel(nw.col(OTHER)) if alpha == 0 else _slope(nw.col(OTHER), alpha),
    }
    sums = group_totals(table, asked, expressions, fixed=fixed).part(order)
    slope = np.real(sums.values[4] / sums.values[0])
    values, matrix = sums.smooth(_parts_of_growth(line, other[order], slope))
    return _change("growth", measure, period, line, values, matrix, GROWTH, sums)


def _fgt(line: nw.Expr, alpha: int) -> nw.Expr:
    gap = nw.lit(1.0) if alpha == 0 else ((line - welfare()) / line) ** alpha
    return nw.when(welfare() < line).then(gap).otherwise(nw.lit(0.0))


def _slope(line: nw.Expr, alpha: int) -> nw.Expr:
    """Write the row's part of dP/dz."""
    rest = nw.lit(1.0) if alpha == 1 else ((line - welfare()) / line) ** (alpha - 1)
    return nw.when(welfare() < line).then(alpha * rest * welfare() / (line * line)).otherwise(nw.lit(0.0))


def _parts_of_growth(line: float, other: Floats, slope: Floats) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        size, income, poor, moved, _ = x
        center = income / size
        p = poor / size
        # The line at the other mean is estimated: it moves the measure by its slope.
        at = line * np.array([center[0] / center[1], center[1] / center[0]])
        scaled = moved / size + slope * (at - other)
        change = p[1] - p[0]
        growth = np.array([scaled[0] - p[0], p[1] - scaled[1]])
        spread = np.array([scaled[1] - p[0], p[1] - scaled[0]])
        rest = change - growth - spread
        parts = [change, growth[0], spread[0], rest[0], growth[1], spread[1], rest[1], growth.mean(), spread.mean()]
        return np.array([*p, *parts])

    return function


def by_sector(frame: Any, asked: Definition, period: tuple[str, Any, Any], measure: str) -> Change:
    """Take a change apart into changes within groups and moves between them; see `povstats.decompose`."""
    alpha, line, column = ALPHAS[measure], float(asked.line or 0), period[0]
    joined = nw.concat_str([nw.col(column).cast(nw.String), nw.col(str(asked.by)).cast(nw.String)], separator=BETWEEN)
    table = frame.with_columns(joined.alias(CELL)).to_native()
    sums = group_totals(table, replace(asked, by=CELL), {"poor": _fgt(nw.lit(line), alpha)})
    cells = [tuple(str(level).split(BETWEEN)) for level in sums.levels]
    groups = list(dict.fromkeys(group for _, group in cells))
    dates = [str(period[1]), str(period[2])]
    lacking = [f"{group} at {date}" for group in groups for date in dates if (date, group) not in cells]
    if lacking:
        raise DataError(f"no rows of {', '.join(lacking)}; every group must be there at both dates")
    sums = sums.part([cells.index((date, group)) for date in dates for group in groups])
    values, matrix = sums.smooth(_parts_of_sectors(len(groups)))
    made = _change("sector", measure, period, line, values, matrix, SECTOR, sums)
    first = 2 + len(SECTOR)
    return replace(made, groups=told(values[first:], matrix[first:, first:], groups))


def _parts_of_sectors(groups: int) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        size, poor = x.reshape(2, 2, groups)
        share, level = size / size.sum(axis=1, keepdims=True), poor / size
        whole = (share * level).sum(axis=1)
        within = share[0] * (level[1] - level[0])
        shift = ((share[1] - share[0]) * level[0]).sum()
        both = ((share[1] - share[0]) * (level[1] - level[0])).sum()
        return np.array([*whole, whole[1] - whole[0], within.sum(), shift, both, *within])

    return function


def places(levels: list[Any], period: tuple[str, Any, Any]) -> list[int]:
    """Find the two dates among the levels, first and last."""
    for date in period[1:]:
        if date not in levels:
            raise DataError(f"no rows of {period[0]}={date!r}; those asked for are {levels}")
    return [levels.index(date) for date in period[1:]]


def _change(
    kind: str,
    measure: str,
    period: tuple[str, Any, Any],
    line: float,
    values: Floats,
    matrix: Floats,
    names: tuple[str, ...],
    sums: GroupTotals,
) -> Change:
    dates = [str(period[1]), str(period[2])]
    levels = told(values[:2], matrix[:2, :2], dates)
    last = 2 + len(names)
    parts = told(values[2:last], matrix[2:last, 2:last], list(names))
    return Change(kind, measure, dates[0], dates[1], levels, parts, None, line, sums.estimates[0])
