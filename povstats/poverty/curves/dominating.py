"""ps.dominance(): whether one group has less poverty than another at every line of a range."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.layout import Floats
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.estimation import Maker, estimated_together
from povstats.poverty.influence import covariances
from povstats.poverty.measure import Measure, ratio_value, welfare
from povstats.poverty.poor import without_line
from povstats.printing import Grid, Printed, Summary
from povstats.survey import Design
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

LEVEL = 0.05
LINES = 25
"""Lines of the grid; more would be nearly the same numbers again."""
DRAWS = 9_999
SEED = 1978
Verdict = Literal["first", "second", "not_against_first", "not_against_second", "cross", "undecided"]


@dataclass(frozen=True, eq=False, repr=False)
class Dominance(Printed):
    """Two groups along a range of lines.

    Attributes
    ----------
    first, second : the groups. order : 1 headcounts, 2 poverty gaps.
    table : by line: first, second, difference (first minus second), se, t; lines at which either has no spread are
        left out.
    verdict : "first" or "second" where dominance is shown; "not_against_first" or "not_against_second" where dominance
        of the other is refuted and its own is not; "cross" where both are refuted; else "undecided".
    shown : p-values of the null of non-dominance, of the first and of the second.
    refuted : p-values of the null of dominance, of the first and of the second.
    crossings : lines at which the estimated curves cross. df : degrees of freedom. definition : what was asked.
    """

    first: str
    second: str
    order: Literal[1, 2]
    table: pd.DataFrame
    verdict: Verdict
    shown: tuple[float, float]
    refuted: tuple[float, float]
    crossings: tuple[float, ...]
    df: float
    definition: Definition

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the difference at each line, and the four tests."""
        rows: list[dict[str, object]] = [
            {
                "measure": "difference",
                "group": f"{self.first} - {self.second}",
                "term": f"line={line:g}",
                "estimate": row["difference"],
                "se": row["se"],
                "df": self.df,
            }
            for line, row in self.table.iterrows()
        ]
        for name, values in (("non-dominance", self.shown), ("dominance", self.refuted)):
            rows += [
                {"measure": f"null of {name}", "group": group, "p": p}
                for group, p in zip((self.first, self.second), values, strict=True)
            ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the verdict with its tests, in "zh" or "en"."""
        lang = lang or language()
        head = ("", say("curves.head_shown", lang), say("curves.head_refuted", lang))
        rows = tuple(
            (say("curves.less_poverty", lang, group=group), f"{shown:.3f}", f"{refuted:.3f}")
            for group, shown, refuted in zip((self.first, self.second), self.shown, self.refuted, strict=True)
        )
        notes = (say("curves.verdict", lang, verdict=self._verdict(lang)), self._crossed(lang), self._range(lang))
        return Summary((Grid(say(f"curves.dominance_{self.order}", lang), head, rows, tuple(filter(None, notes))),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what was tested, against what, and what it shows."""
        lang = lang or language()
        sentences = [
            say(f"curves.tested_{self.order}", lang, first=self.first, second=self.second),
            self._range(lang),
            say("curves.nulls", lang, n=len(self.table), draws=f"{DRAWS:,}"),
            say("curves.verdict", lang, verdict=self._verdict(lang)),
            self._crossed(lang),
            say("poverty.design", lang, design=self.definition.design.describe(lang)),
        ]
        return say("poverty.sentence_joint", lang).join(filter(None, sentences))

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        unit: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the difference over the lines with pointwise 95 per cent intervals.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. unit : of welfare. labels : names of the groups.
        """
        from povstats.poverty.variance import quantile_of_t
        from povstats.viz import charts

        lang, own = lang or language(), labels or {}
        first, second = own.get(self.first, self.first), own.get(self.second, self.second)
        half = quantile_of_t(self.df) * self.table["se"]
        frame = pd.DataFrame({"panel": "", "group": "", "x": self.table.index, "estimate": self.table["difference"]})
        frame = frame.assign(low=frame["estimate"] - half, high=frame["estimate"] + half)
        return charts.curve_panels(
            frame,
            x_label=say("curves.axis_line", lang, unit=unit or self.definition.welfare),
            shape="band",
            marks=[charts.Mark("y", 0.0)],
            percent=True,
            lang=lang,
            title=title or say("curves.dominance_title", lang, first=first, second=second),
            unit=say(f"curves.unit_order_{self.order}", lang),
            source=source or "povstats",
        )

    def _verdict(self, lang: Lang) -> str:
        return say(f"curves.verdict_{self.verdict}", lang, first=self.first, second=self.second)

    def _range(self, lang: Lang) -> str:
        low, high = float(self.table.index[0]), float(self.table.index[-1])
        return say("curves.range", lang, low=f"{low:,.6g}", high=f"{high:,.6g}", n=len(self.table))

    def _crossed(self, lang: Lang) -> str:
        if not self.crossings:
            return ""
        return say("curves.crossed", lang, lines=", ".join(f"{line:,.6g}" for line in self.crossings))


def dominance(
    table: Table,
    welfare: str,
    *,
    by: str,
    between: tuple[Any, Any],
    lines: tuple[float, float],
    order: Literal[1, 2] = 1,
    design: Design | None = None,
    size: str | None = None,
) -> Dominance:
    r"""Compare poverty in two groups at every line of a range.

    .. math:: D_1(z) = \frac1N \sum_k w_k 1[y_k < z], \qquad D_2(z) = \frac1N \sum_k w_k (z - y_k)_+ / z, \qquad
        d(z) = D^A(z) - D^B(z)

    A has less poverty than B at every line of the range, by every measure of the order's class, where d < 0 throughout.
    Two nulls are tested, since neither answer follows from not rejecting the other:

    - non-dominance (d ≥ 0 somewhere): rejected where the largest t of d is below −t(0.95); its p-value is the largest
      of the one-sided ones, an intersection–union test.
    - dominance (d ≤ 0 everywhere): rejected where the largest t is above what a centred normal process with the
      estimated covariance of the curve reaches in 5 per cent of 9,999 draws, its least favourable case.

    Parameters
    ----------
    table, welfare, design, size : as for `povstats.fgt`. Two surveys are stacked into one table, with the survey as
        `by` and PSUs that do not share their names.
    by : column of the groups. between : the two of them, A and B.
    lines : ends of the range of lines, in the unit of welfare; 25 lines are tested.
    order : 1 compares headcounts (every FGT measure), 2 poverty gaps (those from the gap on).

    Returns
    -------
    Dominance
        The curve of differences, the four p-values, a verdict and where the curves cross.

    Raises
    ------
    OptionError
        Where the range, the order or a group is not as described.
    DataError
        As `povstats.fgt`; where fewer than three lines have poor and non-poor in both groups.

    Source
    ------
    Atkinson (1987), Econometrica 55; Kaur, Prakasa Rao and Singh (1994), Econometric Theory 10; Barrett and Donald
    (2003), Econometrica 71; Davidson and Duclos (2000), Econometrica 68, for the covariance.
    """
    if order not in (1, 2):
        raise OptionError(f"order={order!r} is not 1 or 2")
    low, high = _range(lines)
    asked = without_line(welfare, by, design, size)
    grid = np.linspace(low, high, LINES)
    found = estimated_together(table, asked, [_deprivation(float(line), order) for line in grid])
    at = _places(found[0], between)
    return _judged(grid, found, at, order)


def _range(lines: object) -> tuple[float, float]:
    if not isinstance(lines, tuple | list) or len(lines) != 2 or not all(finite(end) for end in lines):
        raise OptionError(f"lines={lines!r} must be the two ends of a range, such as (1000, 3000)")
    low, high = (float(end) for end in lines)
    if not 0 < low < high:
        raise OptionError(f"lines={lines!r} must begin above 0 and rise")
    return low, high


def _deprivation(line: float, order: int) -> Maker:
    gap = nw.lit(1.0) if order == 1 else (nw.lit(line) - welfare()) / line
    poor = nw.when(welfare() < line).then(gap).otherwise(nw.lit(0.0))
    return lambda asked: Measure("deprivation", {"poor": poor}, lambda sums, known: ratio_value(sums, "poor"))


def _places(found: Estimates, between: tuple[Any, Any]) -> tuple[int, int]:
    levels = list(found.estimate.index)
    if not isinstance(between, tuple | list) or len(between) != 2 or between[0] == between[1]:
        raise OptionError(f"between={between!r} must name two groups")
    for group in between:
        if group not in levels:
            raise OptionError(f"{group!r} is no group of {found.definition.by!r}, which has {levels[:12]}")
    return levels.index(between[0]), levels.index(between[1])


def _judged(grid: Floats, found: list[Estimates], at: tuple[int, int], order: Literal[1, 2]) -> Dominance:
    first, second = (np.array([float(one.estimate.iloc[i]) for one in found]) for i in at)
    matrix = _covariance(found, at)
    spread = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    held = (spread > 0) & (first > 0) & (second > 0)
    if held.sum() < 3:
        raise DataError(f"at {int(held.sum())} of {len(grid)} lines both groups have poor; name a range with more")
    matrix, spread = matrix[np.ix_(held, held)], spread[held]
    difference = (first - second)[held]
    t = difference / spread
    df = float(min(found[0].df.iloc[i] for i in at))
    shown, refuted = _tests(t, matrix / np.outer(spread, spread), df)
    table = pd.DataFrame(
        {"first": first[held], "second": second[held], "difference": difference, "se": spread, "t": t},
        index=pd.Index(grid[held], name="line"),
    )
    levels = found[0].estimate.index
    return Dominance(
        str(levels[at[0]]),
        str(levels[at[1]]),
        order,
        table,
        _verdict(shown, refuted),
        shown,
        refuted,
        _crossings(grid[held], difference),
        df,
        found[0].definition,
    )


def _covariance(found: list[Estimates], at: tuple[int, int]) -> Floats:
    """Give the covariance of the differences at all lines."""
    a, b = at
    pairs = [(a, a), (a, b), (b, a), (b, b)]
    matrix = np.empty((len(found), len(found)))
    for i, j in combinations_with_replacement(range(len(found)), 2):
        parts = covariances(found[i], found[j], pairs)
        matrix[i, j] = matrix[j, i] = parts[0] - parts[1] - parts[2] + parts[3]
    return matrix


def _tests(t: Floats, correlation: Floats, df: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give p-values of non-dominance and of dominance, of either group."""
    from scipy.special import stdtr

    shown = (float(stdtr(df, t.max())), float(stdtr(df, (-t).max())))
    # Draws by the roots of the correlation's eigenvalues: neighbouring lines are nearly collinear.
    values, vectors = np.linalg.eigh(correlation)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    drawn = np.random.default_rng(SEED).standard_normal((DRAWS, len(t))) @ root
    refuted = tuple(float((1 + (drawn.max(axis=1) >= top).sum()) / (DRAWS + 1)) for top in (t.max(), (-t).max()))
    return shown, (refuted[0], refuted[1])


def _verdict(shown: tuple[float, float], refuted: tuple[float, float]) -> Verdict:
    if shown[0] < LEVEL:
        return "first"
    if shown[1] < LEVEL:
        return "second"
    if refuted[0] < LEVEL and refuted[1] < LEVEL:
        return "cross"
    if refuted[1] < LEVEL:
        return "not_against_first"
    return "not_against_second" if refuted[0] < LEVEL else "undecided"


def _crossings(grid: Floats, difference: Floats) -> tuple[float, ...]:
    sign = np.sign(difference)
    at = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    share = difference[at] / (difference[at] - difference[at + 1])
    return tuple(float(x) for x in grid[at] + share * (grid[at + 1] - grid[at]))
