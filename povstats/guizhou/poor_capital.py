"""Capital of the poor: for which villages a form of social capital goes with more consumption."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading
from povstats.guizhou.named import relabelled, small, title, titles
from povstats.guizhou.null_baseline import named
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult
from povstats.models.drawn import source_of as model_source
from povstats.models.interpretation.effects.johnson_neyman import JohnsonNeyman
from povstats.models.interpretation.effects.simple_slopes import SimpleSlopes
from povstats.models.specification_printed import relation
from povstats.tables import Table
from povstats.tables.digits import plain, stars
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

QUANTILES = (0.1, 0.5, 0.9)
LEVEL = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class PoorCapital(Tabled):
    """The items' slopes over the moderator.

    Attributes
    ----------
    values : of the moderator, at which slopes are given: of villages at the quantiles 10, 50 and 90%, then the
        plan's. slopes, regions : by item, of the model with a random slope. products : by item, the coefficient of
        item × moderator with its p-value.
    """

    values: tuple[float, ...]
    slopes: Mapping[str, SimpleSlopes]
    regions: Mapping[str, JohnsonNeyman]
    products: Mapping[str, tuple[float, float]]
    analysis: Analysis = field(repr=False)

    def counted(self, item: str, sign: int) -> int:
        """Count the villages whose value lies where the item's slope is above (1) or below (−1) zero."""
        found = self.regions[item]
        inside = np.zeros(len(found.groups), dtype=bool)
        for row in found.regions[found.regions["sign"] == sign].itertuples():
            inside |= found.groups["value"].between(row.low, row.high).to_numpy()
        return int(inside.sum())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: slopes, their per cents, regions and numbers of villages, by item."""
        parts = []
        for item in self.slopes:
            parts += [named(one.tidy(), item) for one in (self.slopes[item], self.regions[item])]
            estimate, p = self.products[item]
            counts: list[dict[str, object]] = [
                {"measure": "villages", "group": f"{item} | {name}", "estimate": self.counted(item, sign)}
                for name, sign in (("positive", 1), ("negative", -1))
            ]
            parts.append(tidy_frame([{"measure": "product", "term": item, "estimate": estimate, "p": p}, *counts]))
        return pd.concat(parts, ignore_index=True)

    def table(self, lang: Lang | None = None) -> Table:
        """Give an item's slopes in per cent with intervals, the regions in the moderator's unit, and the answer."""
        lang = lang or language()
        cells, index = [], []
        for item, one in self.slopes.items():
            rows = 100 * np.expm1(one.table[["estimate", "low", "high"]].to_numpy())
            found = [plain(row[0], 2) + stars(p) for row, p in zip(rows, one.table["p"], strict=True)]
            ends = [f"[{plain(row[1], 2)}, {plain(row[2], 2)}]" for row in rows]
            where = [self._where(item, sign, lang) for sign in (1, -1)]
            cells += [[*found, *where, self._answer(item, lang)], [*ends, "", "", ""]]
            index += [title(self.analysis, item, lang), ""]
        heads = [say("social.at_value", lang, value=f"{value:,.0f}") for value in self.values]
        for at, quantile in enumerate(QUANTILES):
            heads[at] = say("social.at_quantile", lang, quantile=f"{100 * quantile:g}", value=f"{self.values[at]:,.0f}")
        heads += [say(f"social.head_{key}", lang) for key in ("positive", "negative", "poorer")]
        frame = pd.DataFrame(cells, index=pd.Index(index), columns=heads, dtype=object)
        return made(self.analysis, frame, "poor_capital", self._notes(lang), lang, "interval")

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw every item's slope over the moderator on its own scale, shaded where it differs from zero.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang, worded = lang or language(), relabelled(self.analysis, labels)
        plan, words = worded.plan, titles(worded, lang, units=False)
        names = {item: words.get(item, item) for item in self.regions}

        def stacked(part: str) -> pd.DataFrame:
            frames = [getattr(one, part).assign(panel=names[item]) for item, one in self.regions.items()]
            return pd.concat(frames, ignore_index=True).rename(columns={"value": "x"})

        fit = next(iter(self.regions.values())).fit
        return charts.region_panels(
            stacked("curve"),
            regions=stacked("regions"),
            values=stacked("groups"),
            x_label=titles(worded, lang).get(plan.moderator, plan.moderator),
            lang=lang,
            title=heading(plan, lang, "regions", title),
            unit=say("social.unit_slope", lang),
            source=foot(plan, lang, model_source(fit, lang), source),
            notes=[say("social.note_regions", lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Answer by item whether the slope falls over the moderator, and where it differs from zero."""
        lang = lang or language()
        told = []
        for item in self.slopes:
            words = {"item": title(self.analysis, item, lang), "answer": self._answer(item, lang)}
            ends = {"positive": self._where(item, 1, lang), "negative": self._where(item, -1, lang)}
            told.append(say("social.explain_regions", lang, **words, **ends))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        moderator = titles(self.analysis, lang).get(self.analysis.plan.moderator, self.analysis.plan.moderator)
        notes = [say("social.note_slopes", lang, moderator=small(moderator, lang))]
        return [*notes, say("social.note_regions", lang), say("social.note_model_implied", lang)]

    def _where(self, item: str, sign: int, lang: Lang) -> str:
        """Say over which values of the data the slope has a sign, and how many villages lie there."""
        found = self.regions[item]
        first, last = found.span
        told = []
        for row in found.regions[found.regions["sign"] == sign].itertuples():
            if row.low >= last or row.high <= first:
                continue
            low, high = (f"{end:,.0f}" for end in (row.low, row.high))
            whole = row.low <= first and row.high >= last
            key = "everywhere" if whole else "below" if row.low <= first else "above" if row.high >= last else "between"
            told.append(say(f"social.where_{key}", lang, low=low, high=high))
        if not told:
            return say("social.where_none", lang)
        facts = {"count": self.counted(item, sign), "total": len(found.groups)}
        return say("social.where_counted", lang, where=say("social.or_joint", lang).join(told), **facts)

    def _answer(self, item: str, lang: Lang) -> str:
        """Say whether the slope is larger in villages that are poorer by the moderator."""
        estimate, p = self.products[item]
        key = "unclear" if not p < LEVEL else "yes" if estimate < 0 else "no"
        return say(f"social.poorer_{key}", lang, p=relation(p))


def poor_capital(analysis: Analysis) -> PoorCapital:
    """Give every item's slope over the plan's moderator, from its model with a random slope.

    The moderator is centred in the fit and in its own unit here; the other moderators stand at their means. A village
    counts once in the quantiles, whatever its number of households; the plan's `at` has further values.

    Notes
    -----
    Source: Bauer & Curran (2005), Multivariate Behavioral Research 40, eq. 9 to 14.
    """
    plan = analysis.plan
    villages = analysis.table.groupby(plan.group, observed=True)[plan.moderator].mean().dropna()
    values = (*(float(one) for one in villages.quantile(list(QUANTILES))), *(float(one) for one in plan.at))
    slopes, regions, products = {}, {}, {}
    for item in plan.items:
        fit = analysis.model(item)
        slopes[item] = fit.slopes(item, {plan.moderator: list(values)})
        regions[item] = fit.johnson_neyman(item, plan.moderator, table=analysis.table)
        products[item] = _product(fit, item, plan.moderator)
    return PoorCapital(values, slopes, regions, products, analysis)


def _product(fit: HLMResult, item: str, moderator: str) -> tuple[float, float]:
    term = f"{item}:center({moderator})"
    return float(fit.params[term]), float(fit.pvalues[term])
