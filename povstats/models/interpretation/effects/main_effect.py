"""A main effect under interactions: where the moderators are zero, at their means, and in three real villages."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import OptionError
from povstats.models.interpretation.effects.contrast import (
    check_level,
    derivative_rows,
    group_means,
    group_rows,
    means,
    precision,
    tested,
)
from povstats.models.interpretation.effects.effects_told import (
    in_percent_told,
    slope_meant,
    slope_read,
    tests_told,
    written_row,
)
from povstats.models.interpretation.effects.focal import Focal, find_focal, level_of
from povstats.models.interpretation.effects.logs import in_percent, outcome_is_log, outcome_name
from povstats.models.interpretation.effects.moderators import moderators, rounded
from povstats.models.interpretation.paragraphs.sentences import fitted, joined, listed
from povstats.models.terms import Factor
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

SHARES = (0.1, 0.5, 0.9)
"""The percentiles at which real groups are shown."""
NEAR = 9
"""Decimals of the groups' range to which distances from a percentile are told apart."""


@dataclass(frozen=True, eq=False, repr=False)
class MainEffect(Printed):
    """The slope of one predictor where its moderators are zero, at their means, and in three real groups.

    Attributes
    ----------
    focal : the predictor. moderators : what its slope depends on.
    table : rows raw, centred, p10, p50, p90; columns group (of the last three), estimate, se, df, t, p, low, high.
    values : the same rows; one column for each moderator as it enters the formula, a categorical one by its levels.
    spans : smallest and largest value over the rows of each numeric moderator, as it enters the formula.
    references : the level that zero stands for, by categorical moderator.
    level : of the intervals. log : the outcome is a logarithm.
    """

    focal: Focal
    moderators: tuple[str, ...]
    table: pd.DataFrame
    values: pd.DataFrame
    spans: dict[str, tuple[float, float]]
    references: dict[str, str]
    level: float
    log: bool
    fit: "HLMResult" = field(repr=False)

    @property
    def term(self) -> str:
        """The predictor's name."""
        return self.focal.name

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures main_raw, main_centred, main_p10 … and, of a log, percent_raw …."""
        rows: list[dict[str, object]] = []
        for view, row in self.table.iterrows():
            key = {"group": str(row["group"]), "term": self.term}
            tests = {name: row[name] for name in ("estimate", "se", "df", "p", "low", "high")}
            rows.append({"measure": f"main_{view}", **key, **tests})
            if self.log:
                ends = in_percent(row[["estimate", "low", "high"]].to_numpy(dtype=float))
                found = dict(zip(("estimate", "low", "high"), ends, strict=True))
                rows.append({"measure": f"percent_{view}", **key, "p": row["p"], **found})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        keys = ("estimate", "std_error", "dof", "tstat", "pvalue", "low", "high")
        head = ["", say("effects.main_values", lang), *(say(f"general.{key}", lang) for key in keys)]
        if self.log:
            head += [say("effects.percent", lang), say("effects.interval", lang)]
        rows = []
        for view, row in self.table.iterrows():
            shown = [self._view(str(view), row, lang), self._values(view, lang), *written_row(row)]
            rows.append(tuple(shown + (in_percent_told(row, lang) if self.log else [])))
        title = say("effects.main_title", lang, term=self.term)
        return Summary((Grid(title, tuple(head), tuple(rows), tuple(self._notes(lang)), words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give a paragraph for a referee: the five answers, what zero means, which groups, on which rows."""
        lang = lang or language()
        lead = [say("effects.main_meant", lang, term=self.term), *fitted(self.fit, lang)]
        read = []
        for view, row in self.table.iterrows():
            where = self._view(str(view), row, lang)
            told = say("effects.main_where", lang, view=where, values=self._values(view, lang))
            read.append(slope_read(row, told, self.level, log=self.log, lang=lang))
        return joined([*lead, *read, *self._notes(lang)], lang)

    def _view(self, view: str, row: pd.Series, lang: Lang) -> str:
        if view in ("raw", "centred"):
            return say(f"effects.main_{view}", lang)
        group = self.fit.optimum.blocks.levels[0].name
        return say("effects.main_group", lang, group=group, label=row["group"], share=view[1:])

    def _values(self, view: Hashable, lang: Lang) -> str:
        own = self.values.loc[view]
        return say("effects.main_joint", lang).join(f"{name} {rounded(float(own[name]))}" for name in own.index)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [slope_meant(self.focal, outcome_name(self.fit), lang)]
        for name, (low, high) in self.spans.items():
            key = "effects.main_zero_in" if low <= 0 <= high else "effects.main_zero_out"
            notes.append(say(key, lang, name=name, low=rounded(low), high=rounded(high)))
        notes += [
            say("effects.main_reference", lang, name=name, level=level) for name, level in self.references.items()
        ]
        single = len(self.moderators) == 1 and not self.references
        key = "effects.main_chosen" if single else "effects.main_chosen_slope"
        group = self.fit.optimum.blocks.levels[0].name
        notes.append(say(key, lang, moderator=listed(self.moderators, lang), group=group))
        return [*notes, say("effects.main_fixed", lang), tests_told(self.fit, self.level, lang)]


def main_effect(fit: "HLMResult", term: str, *, level: float = 0.95, log_outcome: bool | None = None) -> MainEffect:
    """Show a main effect under interactions raw, centred, and at three real groups of the lowest grouping.

    Raw is the slope where every moderator is zero (a categorical one: its reference), which is the coefficient printed;
    centred stands each at its mean over the rows used, a categorical one at its shares. The groups are those nearest to
    the 10th, 50th and 90th percentile over the groups: of the moderator (its mean in the group), or with several
    moderators, or a categorical one, of the slope that these give. Random slopes are left out.

    Parameters
    ----------
    term : the predictor, as in `slopes`.
    level : of the intervals.
    log_outcome : as in `slopes`; changes of a logarithm are shown in per cent too.

    Returns
    -------
    MainEffect
        `table`, rows raw, centred, p10, p50, p90: group, estimate, se, df, t, p, low, high; `values`, the moderators'.

    Raises
    ------
    OptionError
        Where the term is no predictor, its slope depends on its own value, or it has no interaction, or the lowest
        grouping has fewer than three groups.

    Notes
    -----
    Source: Aiken & West (1991), Multiple Regression, chapters 2 and 3, for what centring does to a main effect.
    """
    check_level(level)
    focal = find_focal(fit.model, term)
    if focal.column is not None:
        raise OptionError(f"the slope in {term!r} depends on {focal.column} itself; see slopes(at={{…}})")
    found = moderators(fit.model, focal)
    if len(fit.optimum.blocks.levels[0].labels) < len(SHARES):
        raise OptionError(f"{len(SHARES)} groups are shown, and {fit.optimum.blocks.levels[0].name!r} has fewer")
    if not found:
        raise OptionError(f"{term!r} stands in no interaction: its coefficient is its effect, in fit.params")
    values, chosen = _points(fit, focal, found)
    rows = derivative_rows(fit.model.fixed, focal.moves, values, len(SHARES) + 2)
    labels = fit.optimum.blocks.levels[0].labels
    views = pd.Index(["raw", "centred", *(f"p{100 * share:.0f}" for share in SHARES)], name="view")
    table = tested(precision(fit), rows, level).set_axis(views)
    table.insert(0, "group", ["", "", *(labels[i] for i in chosen)])
    shown = [piece for one in found for piece in (one.pieces if one.levels is None else one.levels[1:])]
    ends = {piece: fit.cells.extremes[piece] for one in found if one.levels is None for piece in one.pieces}
    return MainEffect(
        focal=focal,
        moderators=tuple(one.name for one in found),
        table=table,
        values=pd.DataFrame({piece: values[piece] for piece in shown}, views),
        spans={piece: (float(low.min()), float(high.max())) for piece, (low, high) in ends.items()},
        references={one.columns[0]: level_of(one, one.levels[0]) for one in found if one.levels is not None},
        level=level,
        log=outcome_is_log(fit, log_outcome),
        fit=fit,
    )


def _points(fit: "HLMResult", focal: Focal, found: list[Factor]) -> tuple[dict[str, Array], list[int]]:
    """Give the pieces at zero, at their means and in the three groups, shape (5,) each, and the groups' places."""
    average, own = means(fit), group_means(fit)
    size = len(next(iter(own.values())))
    slope = derivative_rows(fit.model.fixed, focal.moves, own, size) @ fit.params.to_numpy()
    numeric = len(found) == 1 and found[0].levels is None and len(found[0].pieces) == 1
    ranked = own[next(iter(found[0].pieces))] if numeric else slope
    chosen = _nearest(ranked, group_rows(fit))
    zero = dict.fromkeys(average, 0.0)
    for factor in found:
        if factor.levels is not None:
            zero[factor.levels[0]] = 1.0
    return {name: np.array([zero[name], average[name], *own[name][chosen]]) for name in average}, chosen


def _nearest(ranked: Array, rows: Array) -> list[int]:
    """Choose the groups nearest to the percentiles, each once; of equally near ones that with most rows.

    The median of an even number of groups lies halfway between two: without rounding the last digits would choose.
    """
    chosen: list[int] = []
    width = float(np.ptp(ranked)) or 1.0
    for share in SHARES:
        distance = np.round(np.abs(ranked - np.quantile(ranked, share)) / width, NEAR)
        order = np.lexsort((-rows, distance))
        chosen.append(next(int(i) for i in order if i not in chosen))
    return chosen
