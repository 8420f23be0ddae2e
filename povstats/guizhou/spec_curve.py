"""The specification curve: one effect under every combination of choices that a reader might have made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import FitError, allowed
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import relabelled
from povstats.guizhou.named import title as named
from povstats.guizhou.robustness import winsorised
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import fit_hlm
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

CHOICES = ("slope", "products", "controls", "village", "others", "county", "winsorised")
"""A random slope; the cross-level products; the household's controls; the moderator among the village's columns; the
other items; county dummies; a clipped outcome."""
LEVEL = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class SpecCurve(Tabled):
    """An item's effect in the average village under every combination of choices.

    Attributes
    ----------
    item : of social capital. estimates : one row a specification, from the lowest estimate up: a column of true and
        false a choice, then estimate, low, high, p, boundary. failed : specifications without a fit.
    """

    item: str
    estimates: pd.DataFrame
    failed: int
    analysis: Analysis = field(repr=False)

    @property
    def choices(self) -> list[str]:
        """The choices that were made both ways."""
        return [name for name in CHOICES if name in self.estimates]

    def share(self, sign: int) -> float:
        """Give the share of specifications whose estimate is significant at 5% and above (1) or below (−1) zero."""
        found = self.estimates
        return float(((found["p"] < LEVEL) & (found["estimate"] * sign > 0)).mean())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: coef by specification, named by the choices that are made."""
        return tidy_frame(
            {
                "measure": "coef",
                "group": " + ".join(name for name in self.choices if row[name]) or "none",
                "term": self.item,
                **{key: row[key] for key in ("estimate", "low", "high", "p")},
            }
            for _, row in self.estimates.iterrows()
        )

    def table(self, lang: Lang | None = None) -> Table:
        """Give, for every choice, the median estimate and the significant share with it and without it."""
        lang = lang or language()
        cells, index = [], []
        for name in self.choices:
            parts = [self.estimates[self.estimates[name] == made] for made in (True, False)]
            cells.append(
                [
                    *(plain(float(part["estimate"].median()), 3) for part in parts),
                    *(f"{(part['p'] < LEVEL).mean():.0%}" for part in parts),
                ]
            )
            index.append(say(f"robust.choice_{name}", lang))
        heads = [say(f"robust.head_{key}", lang) for key in ("with", "without", "share_with", "share_without")]
        frame = pd.DataFrame(cells, pd.Index(index), heads, dtype=object)
        return made(self.analysis, frame, "curve", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the estimates in their order with 95% intervals, and below them which choices each one makes.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        told, plan = relabelled(self.analysis, labels), self.analysis.plan
        words = {name: say(f"robust.choice_{name}", lang) for name in self.choices}
        frame = self.estimates[["estimate", "low", "high", *self.choices]].rename(columns=words)
        return charts.specification_curve(
            frame,
            choices=list(words.values()),
            lang=lang,
            title=say(
                "robust.curve_of", lang, title=heading(plan, lang, "curve", title), item=named(told, self.item, lang)
            ),
            unit=say("robust.unit_log", lang),
            source=foot(plan, lang, say("robust.source", lang), source),
            notes=[*self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say how far the estimate moves, and in how many specifications it is significant."""
        lang = lang or language()
        found = self.estimates["estimate"]
        words = {"item": named(self.analysis, self.item, lang), "n": len(found)}
        words |= {name: plain(float(getattr(found, name)()), 3) for name in ("min", "median", "max")}
        words |= {"above": f"{self.share(1):.0%}", "below": f"{self.share(-1):.0%}"}
        return paragraph([*self._notes(lang), say("robust.explain_curve", lang, **words)], lang)

    def _notes(self, lang: Lang) -> list[str]:
        words = {"n": len(self.estimates), "above": f"{self.share(1):.0%}", "below": f"{self.share(-1):.0%}"}
        notes = [say("robust.note_curve", lang, **words)]
        notes += [say("robust.note_curve_failed", lang, n=self.failed)] if self.failed else []
        return notes + ([say("robust.note_curve_village", lang)] if self.analysis.contained else [])


def spec_curve(analysis: Analysis, item: str) -> SpecCurve:
    """Fit an item's model under all combinations of choices, 2⁷ of them where every choice can be made.

    Each specification is as defensible as the next to somebody, and they share their data: the curve shows how far the
    answer hangs on choices; the share of significant ones is no test.

    Raises
    ------
    OptionError
        Where the item is unknown.
    FitError
        Where no specification can be fitted.

    Notes
    -----
    Source: Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4.
    """
    plan = analysis.plan
    allowed("item", item, plan.items)
    there = {
        "others": len(plan.items) > 1,
        "controls": bool(plan.household),
        "county": plan.county is not None and plan.county in analysis.table.columns,
    }
    free = [name for name in CHOICES if there.get(name, True)]
    clipped = analysis.table.assign(**{plan.outcome: winsorised(analysis.table[plan.outcome])})
    rows, failed = [], 0
    for values in product((False, True), repeat=len(free)):
        made_ = dict(zip(free, values, strict=True))
        table = clipped if made_["winsorised"] else analysis.table
        try:
            fit: Any = fit_hlm(_formula(analysis, item, made_), table)
        except FitError:
            failed += 1
            continue
        ends = fit.conf_int().loc[item]
        found = {"estimate": fit.params[item], "low": ends["low"], "high": ends["high"], "p": fit.pvalues[item]}
        rows.append({**made_, **found, "boundary": fit.status == "boundary"})
    if not rows:
        raise FitError(f"none of {failed} specifications of {item!r} could be fitted; look at its model alone first")
    estimates = pd.DataFrame(rows).sort_values("estimate", kind="stable", ignore_index=True)
    return SpecCurve(item, estimates, failed, analysis)


def _formula(analysis: Analysis, item: str, made_: Mapping[str, bool]) -> str:
    """Write the model of one combination."""
    plan = analysis.plan
    village = [f"center({name})" for name in plan.village if made_["village"] or name != plan.moderator]
    parts = list(plan.household) if made_.get("controls") else []
    if made_.get("others"):
        parts += [name for name in plan.items if name != item]
    crossed = f"{item} * ({' + '.join(village)})" if made_["products"] and village else " + ".join([item, *village])
    parts.append(crossed)
    if made_.get("county"):
        parts.append(f"C({plan.county})")
    bar = f"(1 + {item} | {plan.group})" if made_["slope"] else f"(1 | {plan.group})"
    return f"{plan.response} ~ {' + '.join([*parts, bar])}"
