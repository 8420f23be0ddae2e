"""Simple slopes: what a predictor does at given values of what it interacts with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.models.interpretation.effects.contrast import precision, tested
from povstats.models.interpretation.effects.effects_told import (
    dof_told,
    held_told,
    in_percent_told,
    slope_meant,
    slope_read,
    tests_told,
    where_told,
    written_row,
)
from povstats.models.interpretation.effects.focal import Focal, find_focal
from povstats.models.interpretation.effects.logs import in_percent, outcome_is_log, outcome_name
from povstats.models.interpretation.effects.moderators import Held, label_of, place
from povstats.models.interpretation.paragraphs.sentences import fitted, joined
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class SimpleSlopes(Printed):
    """Slopes of the outcome in one predictor, with tests.

    Attributes
    ----------
    focal : the predictor.
    points : one row a point, with the values of the moderators given.
    table : the same rows; columns at (the point in words), estimate, se, df, t, p, low, high.
    held : the moderators that were not given, with the values they stand at.
    level : of the intervals. log : the outcome is a logarithm.
    """

    focal: Focal
    points: pd.DataFrame
    table: pd.DataFrame
    held: tuple[Held, ...]
    level: float
    log: bool
    fit: "HLMResult" = field(repr=False)

    @property
    def term(self) -> str:
        """The predictor's name."""
        return self.focal.name

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure slope (and percent where the outcome is a log), the point as group."""
        rows: list[dict[str, object]] = []
        for row in self.table.itertuples():
            key = {"group": row.at, "term": self.term}
            tests = {"se": row.se, "df": row.df, "p": row.p, "low": row.low, "high": row.high}
            rows.append({"measure": "slope", **key, "estimate": row.estimate, **tests})
            if self.log:
                value, low, high = in_percent(self.table.loc[row.Index, ["estimate", "low", "high"]].to_numpy())
                rows.append({"measure": "percent", **key, "estimate": value, "p": row.p, "low": low, "high": high})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
        head = ["", *(say(f"general.{key}", lang) for key in keys)]
        rows = []
        for _, row in self.table.iterrows():
            shown = [where_told(row["at"], self.held, lang), *written_row(row)]
            rows.append(tuple(shown + (in_percent_told(row, lang) if self.log else [])))
        if self.log:
            head += [say("effects.percent", lang), say("effects.interval", lang)]
        notes = [slope_meant(self.focal, outcome_name(self.fit), lang), *held_told(self.held, lang)]
        notes.append(tests_told(self.fit, self.level, lang))
        title = say("effects.slopes_title", lang, term=self.term)
        return Summary((Grid(title, tuple(head), tuple(rows), tuple(notes)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give a paragraph for a referee: what it is, on which rows, where the rest stands, how it reads."""
        lang = lang or language()
        sentences = [slope_meant(self.focal, outcome_name(self.fit), lang), *fitted(self.fit, lang)]
        sentences += [say(f"effects.{self.focal.kind}_contrast", lang), *held_told(self.held, lang)]
        sentences.append(tests_told(self.fit, self.level, lang))
        shown = self.table if len(self.table) <= 3 else self.table.iloc[[0, -1]]
        for _, row in shown.iterrows():
            where = where_told(row["at"], self.held, lang)
            sentences.append(slope_read(row, where, self.level, log=self.log, lang=lang))
        if len(self.table) > 3:
            sentences.append(say("effects.more_points", lang, count=len(self.table) - 2))
        return joined([*sentences, dof_told(self.table["df"], lang)], lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the slopes with their intervals against zero, one row a point.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language, instead of those made from the model.
        labels : words for columns, such as {"village_consumption": "village consumption (yuan)"}.
        """
        from povstats.models.interpretation.effects.effects_drawn import draw_slopes

        return draw_slopes(self, lang or language(), labels or {}, title, source)


def slopes(
    fit: "HLMResult",
    term: str,
    at: Mapping[str, Any] | None = None,
    *,
    level: float = 0.95,
    log_outcome: bool | None = None,
) -> SimpleSlopes:
    """Give the slope of the outcome in a predictor at given values of what it interacts with.

    The slope is l'β with l the derivative of the row of X in the predictor: of a product of pieces the derivative of
    one times the others. Its variance is l'Vl, and it is tested as the fit tests its coefficients.

    Parameters
    ----------
    term : a column, a factor of the formula such as "log(land)" or "within(ses, school)", or a coefficient of a
        level, such as "farm[T.yes]", for the difference from the reference. A column takes every function of it
        along; where one bends (log, powers, poly) the slope depends on the column's own value, which `at` must give.
    at : values by moderator, such as {"village_consumption": [800, 1977, 2428], "urban": "yes"}, each in the column's
        own unit, whatever function of it stands in the formula; within(x, g) and between(x, g) by that name. Several
        moderators are combined each with each. The others stand at their means over the rows used, as they enter the
        formula (the mean of the logarithm, for log(x)), categorical ones at the shares of their levels.
    level : of the intervals.
    log_outcome : True where the outcome is a column of logarithms, so that slopes are read in per cent too; without
        it the formula decides.

    Returns
    -------
    SimpleSlopes
        `table`, one row a point: estimate, se, df, t, p, low, high; `plot()` draws them.

    Raises
    ------
    OptionError
        Where the term is no predictor, `at` names what the slope does not depend on, or lacks what it depends on.

    Notes
    -----
    Source: Aiken & West (1991), Multiple Regression, chapter 2; Bauer & Curran (2005), Multivariate Behavioral
    Research 40, eq. 9 to 12, for multilevel models.
    """
    focal = find_focal(fit.model, term)
    placed = place(fit, focal, at)
    found = tested(precision(fit), placed.rows, level)
    names = [label_of(placed.points, i) for i in range(len(placed.points))]
    table = pd.concat([pd.DataFrame({"at": names}), found], axis=1)
    return SimpleSlopes(focal, placed.points, table, placed.held, level, outcome_is_log(fit, log_outcome), fit)
