"""Grades entered as numbers: does each step go with the same change? Dummies against the straight line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, PovstatsError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import relabelled, title, titles
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult, fit_hlm
from povstats.models.drawn import source_of as model_source
from povstats.models.inference.joint import JointTest
from povstats.models.specification_printed import relation
from povstats.models.summary import pvalue
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

FEWEST, MOST = 3, 10
"""Grades from which on, and up to which, steps are compared."""
LEVEL = 0.05


@dataclass(frozen=True)
class Steps:
    """One item's grades.

    Attributes
    ----------
    effects : index grade; columns estimate, low, high (log points against the lowest grade, whose own are zero),
        households, line (the straight line through zero at the lowest grade).
    test : that the steps lie on a straight line, Kenward–Roger.
    """

    effects: pd.DataFrame
    test: JointTest


@dataclass(frozen=True, eq=False, repr=False)
class GradeLinearity(Tabled):
    """Every item's grades as dummies beside the straight line.

    Attributes
    ----------
    found : by item. reasons : why an item is not tested, by item.
    """

    found: Mapping[str, Steps]
    reasons: Mapping[str, str]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: grade effects by item, and linearity_f with its p."""
        rows: list[dict[str, object]] = []
        for item, one in self.found.items():
            rows += [
                {"measure": "grade", "group": item, "term": f"{grade:g}", **row[["estimate", "low", "high"]].to_dict()}
                for grade, row in one.effects.iterrows()
            ]
            test = {"estimate": one.test.statistic, "df": one.test.ddf, "p": one.test.pvalue}
            rows.append({"measure": "linearity_f", "group": item, **test})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give per item the linear effect, the range of single steps, and the test."""
        lang = lang or language()
        cells = []
        for one in self.found.values():
            steps = one.effects["estimate"].diff().dropna() / np.diff(one.effects.index.to_numpy(dtype=float))
            test, few = one.test, int(one.effects["households"].min())
            straight = float(one.effects["line"].iloc[-1] / (one.effects.index[-1] - one.effects.index[0]))
            span = say("limits.from_to", lang, low=plain(steps.min(), 3), high=plain(steps.max(), 3))
            cells.append([plain(straight, 3), span, f"{test.statistic:.2f} ({test.ndf}, {test.ddf:.0f})"])
            cells[-1] += [pvalue(test.pvalue), f"{few:,}"]
        if not cells:
            raise DataError("; ".join(f"{item}: {reason}" for item, reason in self.reasons.items()))
        heads = [say(f"limits.head_{key}", lang) for key in ("straight", "steps", "linearity", "p", "fewest")]
        index = pd.Index([title(self.analysis, item, lang) for item in self.found])
        return made(self.analysis, pd.DataFrame(cells, index, heads, dtype=object), "grades", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw each grade with its interval and the straight line, a panel an item.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        plan, points, lines = self.analysis.plan, [], []
        names = titles(relabelled(self.analysis, labels), lang, units=False)
        for item, one in self.found.items():
            words = {"item": names.get(item, item), "p": relation(one.test.pvalue)}
            frame = one.effects.reset_index(names="x").assign(panel=say("limits.panel_grades", lang, **words), group="")
            points.append(frame[["panel", "group", "x", "estimate", "low", "high"]])
            lines.append(frame[["panel", "x", "line"]].rename(columns={"line": "y"}))
        return charts.curve_panels(
            pd.concat(points, ignore_index=True),
            x_label=say("limits.axis_grade", lang),
            straight=(pd.concat(lines, ignore_index=True), say("limits.straight", lang)),
            marks=[charts.Mark("y", 0.0)],
            lang=lang,
            title=heading(plan, lang, "grades", title),
            unit=say("limits.unit_lowest", lang),
            source=foot(plan, lang, model_source(self.analysis.baseline, lang), source),
            notes=[*self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say for which items a straight line is not borne out by the dummies."""
        lang = lang or language()
        told = []
        for item, one in self.found.items():
            test = {"f": f"{one.test.statistic:.2f}", "ndf": one.test.ndf, "ddf": f"{one.test.ddf:.0f}"}
            key = "bent" if one.test.pvalue < LEVEL else "not_bent"
            words = {"item": title(self.analysis, item, lang), "p": relation(one.test.pvalue), **test}
            told.append(say(f"limits.grades_{key}", lang, **words))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("limits.note_grades", lang)]
        return notes + [
            say("limits.note_no_grades", lang, item=title(self.analysis, item, lang), reason=reason)
            for item, reason in self.reasons.items()
        ]


def grade_linearity(analysis: Analysis) -> GradeLinearity:
    """Test each item's straight line against a dummy for every grade.

    The model is the plan's without cross-level interactions, with a random intercept: with the item as a number, and
    with a dummy for every grade but the lowest. The line is tested by the joint F of K − 2 dummies beside the number
    (the same model as all dummies), by Kenward–Roger's degrees of freedom.

    Notes
    -----
    An item that is no whole number, or has fewer than 3 or more than 10 grades, is left out with its reason.
    Source: Kenward & Roger (1997), Biometrics 53; Long & Freese (2014), Regression Models for Categorical Dependent
    Variables Using Stata, section 3.1, for the test of dummies against a line.
    """
    found, reasons = {}, {}
    for item in analysis.plan.items:
        try:
            found[item] = _steps(analysis, item)
        except PovstatsError as error:
            reasons[item] = str(error)
    return GradeLinearity(found, reasons, analysis)


def _steps(analysis: Analysis, item: str) -> Steps:
    """Fit an item's dummies, and its line with all but two of them."""
    known = analysis.table[item].dropna().astype(float)
    grades = np.unique(known)
    if not (known % 1 == 0).all() or not FEWEST <= len(grades) <= MOST:
        raise DataError(f"column {item!r} has {len(grades)} values; {FEWEST} to {MOST} whole grades can be compared")
    names = {grade: f"{item}_is_{grade:g}".replace("-", "minus_") for grade in grades[1:]}
    whole = analysis.table.assign(
        **{name: (analysis.table[item] == grade).astype(float) for grade, name in names.items()}
    )
    whole = whole[whole[item].notna()]
    dummies = _fitted(analysis, whole, list(names.values()))
    line = _fitted(analysis, whole, [item])
    beside = list(names.values())[:-1]
    test = _fitted(analysis, whole, [item, *beside]).joint_test(beside, method="kenward-roger")
    ends = dummies.conf_int()
    rows = [(0.0, 0.0, 0.0), *((dummies.params[name], ends.low[name], ends.high[name]) for name in names.values())]
    effects = pd.DataFrame(rows, pd.Index(grades, name="grade"), ["estimate", "low", "high"])
    effects["households"] = known.value_counts().reindex(grades).to_numpy()
    effects["line"] = float(line.params[item]) * (grades - grades[0])
    return Steps(effects, test)


def _fitted(analysis: Analysis, table: pd.DataFrame, columns: list[str]) -> HLMResult:
    plan = analysis.plan
    formula = plan.formula(extra=" + ".join(columns))
    return fit_hlm(formula, table, method="reml")
