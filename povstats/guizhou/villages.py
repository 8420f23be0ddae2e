"""The villages' own levels and slopes, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
from scipy.special import ndtri

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading
from povstats.guizhou.named import relabelled, small, title, titles
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models.drawn import source_of as model_source
from povstats.tables import Table
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

EFFECTS = ("level", "slope")
LEVEL = 0.95
ZERO, TIED = 1e-5, 1e-4
"""Standard deviation, in that of the residual, called zero; distance of a correlation from ±1 called none."""


@dataclass(frozen=True, eq=False, repr=False)
class Villages(Tabled):
    """The villages' predicted effects in every item's model with a random slope.

    Attributes
    ----------
    effects : columns item, effect ("level", at the item's mean grade, or "slope"), group, estimate, se, low, high.
        Effects whose variance is zero, and slopes that are tied to the levels, have no intervals.
    spreads : columns item, level, slope: the standard deviations of the effects in the model; of_level and of_slope:
        "free", "zero" (variance estimated at zero) or, of a slope, "tied" (correlation of ±1 with the levels).
    without : columns of villages that contain the outcome, and so were left out.
    """

    effects: pd.DataFrame
    spreads: pd.DataFrame
    without: tuple[str, ...]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: effect by village, its item and kind as term, and sd by item and kind."""
        rows: list[dict[str, object]] = [
            {"measure": "effect", "group": str(row.group), "term": f"{row.item} | {row.effect}",
             "estimate": row.estimate, "se": row.se, "low": row.low, "high": row.high}
            for row in self.effects.itertuples()
        ]  # fmt: skip
        rows += [
            {"measure": "sd", "term": f"{row['item']} | {kind}", "estimate": row[kind]}
            for row in self.spreads.to_dict("records")
            for kind in EFFECTS
        ]
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give by item the spread of levels and slopes, and how many villages differ from the average one."""
        lang = lang or language()
        cells, index = [], []
        for row in self.spreads.to_dict("records"):
            told = []
            for kind in EFFECTS:
                own = self.effects[(self.effects["item"] == row["item"]) & (self.effects["effect"] == kind)]
                apart = int(((own["low"] > 0) | (own["high"] < 0)).sum())
                told += [f"{row[kind]:.3f}", "—" if row[f"of_{kind}"] != "free" else f"{apart} / {len(own)}"]
            cells.append(told)
            index.append(title(self.analysis, row["item"], lang))
        heads = [
            (say(f"social.effect_{kind}", lang), say(f"social.head_{what}", lang))
            for kind in EFFECTS
            for what in ("sd", "apart")
        ]
        frame = pd.DataFrame(cells, pd.Index(index), pd.MultiIndex.from_tuples(heads), dtype=object)
        return made(self.analysis, frame, "villages", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the caterpillars: a row an item, levels left and slopes right.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        plan, words = self.analysis.plan, titles(relabelled(self.analysis, labels), lang, units=False)
        frame = pd.DataFrame(
            {
                "row": [words.get(item, item) for item in self.effects["item"]],
                "column": [say(f"social.effect_{kind}", lang) for kind in self.effects["effect"]],
            }
        )
        frame = pd.concat([frame, self.effects[["group", "estimate", "low", "high"]]], axis=1)
        remarks = {
            (words.get(row["item"], row["item"]), say(f"social.effect_{kind}", lang)): say(
                f"social.spread_{row[f'of_{kind}']}", lang
            )
            for row in self.spreads.to_dict("records")
            for kind in EFFECTS
            if row[f"of_{kind}"] != "free"
        }
        return charts.ranked_panels(
            frame,
            remarks=remarks,
            lang=lang,
            title=heading(plan, lang, "villages", title),
            unit=say("social.unit_effects", lang),
            source=foot(plan, lang, model_source(self.analysis.model(plan.items[0]), lang), source),
            notes=self._notes(lang),
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the effects are, and how far the slopes of villages differ."""
        lang = lang or language()
        told = self._notes(lang)
        for row in self.spreads.to_dict("records"):
            words = {"item": title(self.analysis, row["item"], lang)}
            told.append(say("social.explain_villages", lang, **words, **{k: f"{row[k]:.3f}" for k in EFFECTS}))
        return paragraph(told, lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("social.note_villages", lang)]
        if self.without:
            names = [small(title(self.analysis, name, lang), lang) for name in self.without]
            notes.append(say("social.note_without", lang, names=say("social.word_joint", lang).join(names)))
        return notes


def villages(analysis: Analysis) -> Villages:
    """Predict the villages' levels and slopes from every item's model with a random slope.

    The item is centred in the random part, (1 + (x − mean) | village): the same model, in which the level is that at
    the item's mean grade, where households are, and not at grade zero, where none is. Intervals are û ± 1.96 s.e.(û),
    at the estimated variances, and as shrunken predictions they say nothing of the differences between two villages.
    A column of villages that is the mean of the outcome over the same households is left out with its products: with
    it nothing is left of the villages' levels, whatever is true.

    Notes
    -----
    Source: Henderson (1975), Biometrics 31, for the predictions and their standard errors.
    """
    plan, half = analysis.plan, float(ndtri((1 + LEVEL) / 2))
    frames, spreads, without = [], [], analysis.contained
    for item in plan.items:
        own = f"center({item})"
        fit = analysis.fitted(f"{plan.fixed(item, without=without)} + (1 + {own} | {plan.group})")
        found, spread = fit.random_effects[plan.group], fit.random_cov[plan.group]
        sd = {
            kind: float(spread.loc[name, name]) ** 0.5 for kind, name in zip(EFFECTS, ("Intercept", own), strict=True)
        }
        status = _status(float(spread.loc["Intercept", own]), sd, fit.sigma2**0.5)
        spreads.append({"item": item, **sd, **{f"of_{kind}": status[kind] for kind in EFFECTS}})
        for kind, name in zip(EFFECTS, ("Intercept", own), strict=True):
            one = pd.DataFrame({"group": found.index, "estimate": found[name].to_numpy()})
            one["se"] = found[f"se({name})"].to_numpy()
            one["low"], one["high"] = one["estimate"] - half * one["se"], one["estimate"] + half * one["se"]
            if status[kind] != "free":
                one[["low", "high"]] = float("nan")
            frames.append(one.assign(item=item, effect=kind))
    effects = pd.concat(frames, ignore_index=True)[["item", "effect", "group", "estimate", "se", "low", "high"]]
    return Villages(effects, pd.DataFrame(spreads), without, analysis)


def _status(covariance: float, sd: dict[str, float], residual: float) -> dict[str, str]:
    """Tell whether levels and slopes vary by themselves."""
    found = {kind: "zero" if sd[kind] < ZERO * residual else "free" for kind in EFFECTS}
    varying = found == dict.fromkeys(EFFECTS, "free")
    if varying and abs(covariance) > (1 - TIED) * sd["level"] * sd["slope"]:
        found["slope"] = "tied"
    return found
