"""What if social capital follows welfare, and funds follow poverty: instruments and bounds, each on an assumption."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.instruments import Instrumented, Regressed, funds_rows, instrumented, item_rows
from povstats.guizhou.named import small, title
from povstats.guizhou.selection import STRETCH, Moments, adjusted, delta, moments
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.tables import Table
from povstats.tables.digits import bracketed, plain
from povstats.words import Lang, language, say

STRONG = 10.0
"""First-stage F below which an instrument is called weak; the Anderson–Rubin set holds whatever it is."""
PER = 100.0
"""Unit of aid funds in print."""


@dataclass(frozen=True)
class Doubted:
    """One coefficient under doubt. `iv` by two stages, `known` the moments of Oster's bounds."""

    iv: Instrumented
    known: Moments

    @property
    def star(self) -> float:
        """The coefficient where the unobserved select as strongly as the observed."""
        return adjusted(self.known, self.known.most)[0]

    @property
    def needed(self) -> float:
        """How many times as strongly the unobserved must select, for a coefficient of zero."""
        return delta(self.known, self.known.most)


@dataclass(frozen=True, eq=False, repr=False)
class Endogeneity(Tabled):
    """Least squares, two stages, and bounds, for every item and for aid funds.

    Attributes
    ----------
    found : by column of the plan. reasons : why one is not there, by column.
    """

    found: Mapping[str, Doubted]
    reasons: Mapping[str, str]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: ols, iv, first_stage_f, oster_beta and oster_delta by column of the plan.

        The ends of iv are the Anderson–Rubin set's; where that is no interval they are ±infinity, and two rays have
        their inner ends as measure iv_rays.
        """
        rows: list[dict[str, object]] = []
        for name, one in self.found.items():
            iv, key = one.iv, {"term": name}
            ends = (iv.low, iv.high) if iv.region == "interval" else (-np.inf, np.inf)
            rows.append({"measure": "ols", **key, "estimate": iv.least, "se": iv.least_se, "df": iv.clusters - 1})
            rows.append({"measure": "iv", **key, "estimate": iv.estimate, "se": iv.se, "low": ends[0], "high": ends[1]})
            if iv.region == "rays":
                rows.append({"measure": "iv_rays", **key, "low": iv.low, "high": iv.high})
            rows.append({"measure": "first_stage_f", **key, "estimate": iv.f, "df": iv.clusters - 1})
            rows.append({"measure": "oster_beta", **key, "estimate": one.star})
            rows.append({"measure": "oster_delta", **key, "estimate": one.needed})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give a row a coefficient: least squares, two stages, strength, Anderson–Rubin set, Oster's β* and δ."""
        lang = lang or language()
        cells, index = [], []
        for name, one in self.found.items():
            iv, unit = one.iv, self._unit(name)
            values = [plain(unit * value, 3) for value in (iv.least, iv.estimate)]
            row = [*values, f"{iv.f:.1f}", self._set(name, lang), plain(unit * one.star, 3), plain(one.needed, 2)]
            cells += [row, [*(bracketed(unit * value, 3) for value in (iv.least_se, iv.se)), "", "", "", ""]]
            words = title(self.analysis, name, lang)
            index += [say("limits.per_hundred", lang, name=words) if unit > 1 else words, ""]
        if not cells:
            raise DataError("; ".join(f"{name}: {reason}" for name, reason in self.reasons.items()))
        heads = [say(f"limits.head_{key}", lang) for key in ("ols", "iv", "first", "set", "star", "delta")]
        frame = pd.DataFrame(cells, pd.Index(index), heads, dtype=object)
        return made(self.analysis, frame, "endogeneity", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say what each column assumes, and which coefficients the data leave open."""
        lang = lang or language()
        told = []
        for name, one in self.found.items():
            words = {"name": title(self.analysis, name, lang), "f": f"{one.iv.f:.1f}", "delta": plain(one.needed, 2)}
            key = "strong" if one.iv.f >= STRONG else "weak"
            told.append(say(f"limits.explain_{key}", lang, set=self._set(name, lang), **words))
        return paragraph([*self._notes(lang), *told], lang)

    def _unit(self, name: str) -> float:
        return PER if name == self.analysis.plan.funds else 1.0

    def _set(self, name: str, lang: Lang) -> str:
        """Write the Anderson–Rubin set."""
        iv, unit = self.found[name].iv, self._unit(name)
        if iv.region == "line":
            return say("limits.set_line", lang)
        ends = {"low": plain(unit * iv.low, 3), "high": plain(unit * iv.high, 3)}
        return say(f"limits.set_{iv.region}", lang, **ends)

    def _notes(self, lang: Lang) -> list[str]:
        plan = self.analysis.plan
        notes = [say("limits.note_iv", lang, moderator=small(title(self.analysis, plan.moderator, lang), lang))]
        notes.append(say("limits.note_iv_item", lang))
        if plan.funds is not None and plan.funds in self.found:
            notes.append(say("limits.note_iv_funds", lang, counties=self.found[plan.funds].iv.clusters))
        turned = [title(self.analysis, name, lang) for name, one in self.found.items() if one.iv.first < 0]
        if turned:
            notes.append(say("limits.note_iv_turned", lang, names=say("limits.joint", lang).join(turned)))
        notes.append(say("limits.note_oster", lang, stretch=f"{STRETCH:g}"))
        notes += [
            say("limits.note_no_iv", lang, name=title(self.analysis, name, lang), reason=reason)
            for name, reason in self.reasons.items()
        ]
        return notes


def endogeneity(analysis: Analysis) -> Endogeneity:
    """Estimate every item and aid funds by least squares, by two stages, and with Oster's bounds.

    Linear models of log consumption on one item (or aid funds) and the controls, no interactions; errors are clustered
    by village, those of funds by county. The instrument of an item is its mean over the village's other households,
    that of funds their mean over the county's other villages. δ asks how much more strongly the unobserved must select
    than the controls to leave nothing of the coefficient, β* what is left if they select alike, at R_max = 1.3 R².

    Notes
    -----
    What is refused for one coefficient (too few counties, an instrument that does not vary) is told in `reasons`.
    Source: Anderson & Rubin (1949); Andrews, Stock & Sun (2019); Oster (2019). On means of peers as instruments,
    Angrist (2014), Labour Economics 30.
    """
    plan, found, reasons = analysis.plan, {}, {}
    for name in (*plan.items, *((plan.funds,) if plan.funds is not None else ())):
        try:
            rows = funds_rows(analysis.table, plan) if name == plan.funds else item_rows(analysis.table, plan, name)
            found[name] = Doubted(instrumented(rows), _moments(rows))
        except DataError as error:
            reasons[name] = str(error)
    return Endogeneity(found, reasons, analysis)


def _moments(rows: Regressed) -> Moments:
    """Take the covariates without their constant, which spans the same with the one of `moments`."""
    return moments(rows.y, rows.x, rows.covariates[:, 1:])
