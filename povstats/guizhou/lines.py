"""A poverty line that is not printed: the headcount over a range of lines, and the line that the poor imply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import OptionError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import relabelled, small, titles
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.poverty import headcount
from povstats.survey import Design
from povstats.tables import Table
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

SPAN, COUNT = (0.4, 1.6), 49
"""Lines from and to, as multiples of the median outcome; how many."""
SHOWN = 7
PRINTED = (1977.0, 890.0, 2428.0)
"""Mean consumption of all, of the poor and of the others, as the study prints it, in yuan."""
HOUSEHOLDS = 440


@dataclass(frozen=True)
class DerivedShare:
    """A share of poor that follows from three means. `low`, `high` : under rounding of the means. `poor` : of `n`."""

    share: float
    low: float
    high: float
    poor: int
    n: int


@dataclass(frozen=True, eq=False, repr=False)
class HeadcountLines(Tabled):
    """The headcount over poverty lines.

    Attributes
    ----------
    curve : columns line, estimate, low, high (shares), by the survey's villages as clusters. marked : the share of the
        table's own poor; None where they are not known. implied : the lines, above and up to, at which exactly these
        households are poor; None where no line makes them so. design : in words of `Design.describe`.
    """

    curve: pd.DataFrame
    marked: float | None
    implied: tuple[float, float] | None
    design: Design
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: headcount by line, the share of the marked poor, and the implied line's range."""
        rows: list[dict[str, object]] = [
            {
                "measure": "headcount",
                "term": f"{row.line:.6g}",
                "estimate": row.estimate,
                "low": row.low,
                "high": row.high,
            }
            for row in self.curve.itertuples()
        ]
        if self.marked is not None:
            rows.append({"measure": "marked", "estimate": self.marked})
        if self.implied is not None:
            rows.append({"measure": "implied_line", "low": self.implied[0], "high": self.implied[1]})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give some of the lines."""
        lang = lang or language()
        rows = self.curve.iloc[np.unique(np.linspace(0, len(self.curve) - 1, SHOWN).round().astype(int))]
        cells = [[f"{row.estimate:.1%}", f"[{row.low:.1%}, {row.high:.1%}]"] for row in rows.itertuples()]
        heads = [say(f"limits.head_{key}", lang) for key in ("headcount", "interval")]
        index = pd.Index([f"{line:,.0f}" for line in rows["line"]])
        return made(self.analysis, pd.DataFrame(cells, index, heads, dtype=object), "lines", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the headcount over the lines with its interval, the marked poor and the line that they imply.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        plan, marks = self.analysis.plan, []
        names = titles(relabelled(self.analysis, labels), lang)
        if self.marked is not None:
            marks.append(charts.Mark("y", self.marked, say("limits.mark_share", lang, share=f"{self.marked:.1%}")))
        if self.implied is not None:
            line = f"{np.mean(self.implied):,.0f}"
            marks.append(charts.Mark("x", float(np.mean(self.implied)), say("limits.mark_line", lang, line=line)))
        frame = self.curve.rename(columns={"line": "x"}).assign(panel="", group="")
        return charts.curve_panels(
            frame[["panel", "group", "x", "estimate", "low", "high"]],
            x_label=say("limits.axis_line", lang, outcome=small(names.get(plan.outcome, plan.outcome), lang)),
            shape="band",
            marks=marks,
            percent=True,
            lang=lang,
            title=heading(plan, lang, "lines", title),
            unit="",
            source=foot(plan, lang, say("limits.source_lines", lang), source),
            notes=[*self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say how fast the headcount moves with the line, and which line the marked poor imply."""
        lang = lang or language()
        half = [
            float(np.interp(self._middle() * (1 + step), self.curve["line"], self.curve["estimate"]))
            for step in (-0.1, 0.1)
        ]
        words = {"low": f"{half[0]:.1%}", "high": f"{half[1]:.1%}", "line": f"{self._middle():,.0f}"}
        return paragraph([*self._notes(lang), say("limits.explain_lines", lang, **words)], lang)

    def _middle(self) -> float:
        return float(np.mean(self.implied)) if self.implied is not None else float(self.curve["line"].median())

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("limits.note_lines", lang, design=self.design.describe(lang))]
        if self.implied is not None and self.marked is not None:
            ends = {"low": f"{self.implied[0]:,.1f}", "high": f"{self.implied[1]:,.1f}"}
            notes.append(say("limits.note_implied", lang, share=f"{self.marked:.1%}", **ends))
        elif self.marked is not None:
            notes.append(say("limits.note_no_implied", lang))
        if self.analysis.plan.data == "synthetic":
            told = derived_share(*PRINTED, n=HOUSEHOLDS)
            shares = {"share": f"{told.share:.1%}", "low": f"{100 * told.low:.2f}", "high": f"{100 * told.high:.2f}"}
            notes.append(say("limits.note_derived", lang, poor=told.poor, n=told.n, **shares))
        return notes


def headcount_lines(analysis: Analysis, lines: Sequence[float] = (), weights: str | None = "weight") -> HeadcountLines:
    """Estimate the headcount over a range of lines, clustered by village and, where they can be, in strata of counties.

    Parameters
    ----------
    lines : poverty lines in money; by default 49 from 40% to 160% of the median.
    weights : the column of weights, where the table has it.

    Raises
    ------
    OptionError
        Where a line is not above zero.

    Notes
    -----
    Households at or above a line are not poor. The intervals are for one line at a time, and know nothing of the choice
    of the line. Source: Deaton (1997), The Analysis of Household Surveys, section 3.1, on lines and headcounts.
    """
    plan, table = analysis.plan, analysis.table.dropna(subset=[analysis.plan.outcome, analysis.plan.group])
    if any(not line > 0 for line in lines):
        raise OptionError(f"lines={list(lines)!r} must be amounts above zero")
    middle = float(table[plan.outcome].median())
    asked = sorted(float(line) for line in lines) or list(np.linspace(SPAN[0] * middle, SPAN[1] * middle, COUNT))
    weighted = weights if weights in table.columns else None
    design = Design(weights=weighted, psu=plan.group, strata=_strata(analysis, table))
    found = []
    for line in asked:
        one = headcount(table, plan.outcome, line, design=design)
        found.append((line, float(one.estimate.iloc[0]), float(one.low.iloc[0]), float(one.high.iloc[0])))
    curve = pd.DataFrame(found, columns=["line", "estimate", "low", "high"])
    poor = analysis.poor
    marked = None if poor is None or not poor.notna().any() else float(poor.dropna().astype(float).mean())
    return HeadcountLines(curve, marked, implied(analysis), design, analysis)


def derived_share(overall: float, poor: float, others: float, *, n: int, unit: float = 1.0) -> DerivedShare:
    """Derive the share of poor from three printed means: s = (others − overall) / (others − poor).

    Parameters
    ----------
    overall, poor, others : means of all, of the poor and of the others, in money. n : households.
    unit : what the means are rounded to; each may be off by half of it, which gives `low` and `high`.

    Raises
    ------
    OptionError
        Where the means are not in order, poor < overall < others.

    Notes
    -----
    Source: the mean of all is the mean of both, weighted by their shares. s rises in others and in poor, and falls in
    overall, so that the ends lie at the corners of the rounding.
    """
    if not poor < overall < others:
        raise OptionError(f"means must rise from the poor over all to the others; got {poor}, {overall}, {others}")

    def share(up: float) -> float:
        return (others + up - overall + up) / (others + up - poor - up)

    half = unit / 2
    return DerivedShare(share(0.0), share(-half), share(half), round(share(0.0) * n), n)


def _strata(analysis: Analysis, table: pd.DataFrame) -> str | None:
    """Give the counties, where each has two villages or more and each village one county."""
    county, group = analysis.plan.county, analysis.plan.group
    if county is None or county not in table.columns or table[county].isna().any():
        return None
    nested = table.groupby(group, observed=True)[county].nunique().max() == 1
    return county if nested and table.groupby(county, observed=True)[group].nunique().min() > 1 else None


def implied(analysis: Analysis) -> tuple[float, float] | None:
    """Give the largest outcome of the marked poor and the smallest of the others, where the first is lower."""
    poor = analysis.poor
    if poor is None:
        return None
    outcome = analysis.table[analysis.plan.outcome]
    inside, outside = outcome[poor.fillna(False).astype(bool)], outcome[(~poor).fillna(False).astype(bool)]
    if not len(inside) or not len(outside) or not inside.max() < outside.min():
        return None
    return float(inside.max()), float(outside.min())
