"""An item's main effect under cross-level interactions: at moderators of zero, of their means, and in real villages."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import small, title, titles
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult
from povstats.models.interpretation.effects.contrast import derivative_rows, precision, tested
from povstats.models.interpretation.effects.focal import evaluated
from povstats.tables import Table
from povstats.tables.digits import plain, stars
from povstats.words import Lang, language, say

VIEWS = ("raw", "centred", "lowest", "median", "highest")
LEVEL = 0.95


@dataclass(frozen=True, eq=False, repr=False)
class FocalEffects(Tabled):
    """One effect of an item, five places to read it at.

    Attributes
    ----------
    effects : rows item × view ("raw": all moderators zero; "centred": at their means; then the villages with the
        lowest, the median and the highest moderator); columns estimate, se, df, t, p, low, high, of the logarithm.
    places : rows by view; column village (its label) and the value of each moderator there. At the means every model is
        read at the means over its own rows, which differ from those of the table shown here where values are missing.
    outside : moderators whose values in the survey leave zero out.
    """

    effects: pd.DataFrame
    places: pd.DataFrame
    outside: tuple[str, ...]
    analysis: Analysis = field(repr=False)

    def turns(self, item: str) -> bool:
        """Tell whether the sign of the effect at moderators of zero is another than that in some real village."""
        signs = np.sign(self.effects.loc[item, "estimate"])
        return bool((signs[list(VIEWS[2:])] != signs["raw"]).any())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure focal by item, the view (and the village) as group."""
        rows: list[dict[str, object]] = []
        for (item, view), row in self.effects.iterrows():
            village = self.places.loc[view, "village"]
            key = {"group": f"{view} | {village}" if village else view, "term": item}
            rows.append({"measure": "focal", **key, **row[["estimate", "se", "df", "p", "low", "high"]].to_dict()})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give the effects in per cent with their intervals, a column a place."""
        lang = lang or language()
        plan = self.analysis.plan
        cells, index = [], []
        for item in plan.items:
            rows = self.effects.loc[item]
            shown = 100 * np.expm1(rows[["estimate", "low", "high"]].to_numpy(dtype=float))
            turned = say("limits.yes" if self.turns(item) else "limits.no", lang)
            cells.append([*(plain(row[0], 2) + stars(p) for row, p in zip(shown, rows["p"], strict=True)), turned])
            cells.append([*(f"[{plain(row[1], 2)}, {plain(row[2], 2)}]" for row in shown), ""])
            index += [title(self.analysis, item, lang), ""]
        heads = [say(f"limits.view_{view}", lang) for view in VIEWS]
        for at, view in enumerate(VIEWS[2:], 2):
            value = f"{self.places.loc[view, plan.moderator]:,.4g}"
            heads[at] = say("limits.view_at", lang, view=heads[at], value=value)
        frame = pd.DataFrame(cells, pd.Index(index), [*heads, say("limits.head_turns", lang)], dtype=object)
        return made(self.analysis, frame, "focal", self._notes(lang), lang, "interval")

    def explain(self, lang: Lang | None = None) -> str:
        """Say what an item's own coefficient means, and for which items its sign is not that of real villages."""
        lang = lang or language()
        told = []
        for item in self.analysis.plan.items:
            shown = {
                view: f"{plain(float(100 * np.expm1(self.effects.loc[(item, view), 'estimate'])), 2)}%"
                for view in VIEWS
            }
            key = "focal_turns" if self.turns(item) else "focal_same"
            told.append(say(f"limits.{key}", lang, item=title(self.analysis, item, lang), **shown))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        words, joint = titles(self.analysis, lang, units=False), say("limits.joint", lang)
        moderator = small(words.get(self.analysis.plan.moderator, self.analysis.plan.moderator), lang)
        villages = joint.join(str(self.places.loc[view, "village"]) for view in VIEWS[2:])
        notes = [say("limits.note_focal", lang, moderator=moderator, villages=villages)]
        if self.outside:
            listed = joint.join(small(words.get(name, name), lang) for name in self.outside)
            notes.append(say("limits.note_focal_outside", lang, moderators=listed))
        return notes + ([say("social.note_contained", lang)] if self.analysis.contained else [])


def focal_effects(analysis: Analysis) -> FocalEffects:
    """Read every item's effect off its random-slope model at moderators of zero, at their means, and in real villages.

    ln C = … + SC·(γ0 + Σ γ_k m_k): γ0 is the effect where every m_k is zero. Centred about its mean, γ0 is that in the
    average village; the model is the same, its fitted values and products do not change. The three villages stand at
    their own values of all moderators.

    Raises
    ------
    DataError
        Where there are fewer than three villages.

    Notes
    -----
    Source: Aiken & West (1991), Multiple Regression, chapter 3; Brambor, Clark & Golder (2006), Political Analysis 14.
    """
    plan = analysis.plan
    means = analysis.table.groupby(plan.group, observed=True)[list(plan.village)].mean().dropna()
    if len(means) < 3:
        raise DataError(f"three villages are shown, and {plan.group!r} has {len(means)} with values of {plan.village}")
    ranked = means.sort_values(plan.moderator, kind="stable")
    chosen = ranked.iloc[[0, (len(ranked) - 1) // 2, -1]]
    centre = analysis.table[list(plan.village)].mean().to_dict()
    places = pd.DataFrame([dict.fromkeys(plan.village, 0.0), centre, *chosen.to_dict("records")], list(VIEWS))
    places.insert(0, "village", ["", "", *chosen.index.map(str)])
    frames = {item: _effects(analysis.model(item), item, places) for item in plan.items}
    outside = tuple(name for name in plan.village if not means[name].min() <= 0 <= means[name].max())
    return FocalEffects(pd.concat(frames, names=["item", "view"]), places, outside, analysis)


def _effects(fit: HLMResult, item: str, places: pd.DataFrame) -> pd.DataFrame:
    """Test the slope of an item at the values of the moderators, a row a place."""
    values = {f"center({name})": _centred(fit, name, places[name].to_numpy(dtype=float)) for name in places.columns[1:]}
    own = places.index == "centred"
    values = {piece: np.where(own, 0.0, value) for piece, value in values.items()}
    others = {piece: np.ones(len(places)) for column in fit.model.fixed for piece in column.pieces}
    rows = derivative_rows(fit.model.fixed, {item: 1.0}, others | values, len(places))
    return tested(precision(fit), rows, LEVEL).set_axis(places.index)


def _centred(fit: HLMResult, name: str, values: np.ndarray) -> np.ndarray:
    """Turn values of a moderator into those of center(moderator), as the fit centred it."""
    factor = next(one for one in fit.model.factors.values() if one.name == f"center({name})")
    found: np.ndarray = next(iter(evaluated(factor, {name: values}).values()))
    return found
