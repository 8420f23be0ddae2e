"""ProxyMeans: the answer of `povstats.proxy_means`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.layout import Floats
from povstats.errors import share
from povstats.poverty.discrimination import roc
from povstats.printing import Printed, Summary
from povstats.survey import Design
from povstats.targeting.selected import Targeting
from povstats.targeting.selection_errors import targeting_errors
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

GRID = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""Budgets at which errors are drawn and listed."""
ROUNDING = 1e-11


class Area(NamedTuple):
    """The area under the ROC curve, its standard error, degrees of freedom and 95 per cent interval."""

    value: float
    se: float
    df: float
    low: float
    high: float


@dataclass(frozen=True)
class Asked:
    """What was asked, and which rows there were.

    Attributes
    ----------
    formula, welfare, line, method, folds, design, size : as for `povstats.proxy_means`.
    read : rows of the table. lacking : rows without a value, by column; they are left out.
    """

    formula: str
    welfare: str
    line: float
    method: str
    folds: int
    design: Design
    size: str | None
    read: int
    lacking: Mapping[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class ProxyMeans(Printed):
    """A score and how well it finds the poor.

    Attributes
    ----------
    coefficients : of the score on all rows. rows : of every complete row its score (low for the poor, made without its
        fold), fold, poor (1, 0), weight, and the columns of the design.
    area : under the ROC curve, out of fold. area_inside : the same judged on the rows that made the score.
    r2 : share of the variance of log welfare on all rows ("ols"). asked : what was asked.
    """

    coefficients: pd.Series
    rows: pd.DataFrame
    area: Area
    area_inside: float
    r2: float
    asked: Asked

    @property
    def roc(self) -> pd.DataFrame:
        """The ROC curve out of fold: columns threshold (of the risk −score), false_positive, true_positive."""
        return roc(*(-self._column("score"), self._column("poor"), self._column("weight")))

    def errors(self, budget: float) -> Targeting:
        """Estimate the errors of a programme that selects the lowest scores.

        Parameters
        ----------
        budget : share of the persons (or rows) that can be selected, between 0 and 1. All rows up to the score at
            which it is reached are selected, so that with equal scores they can be more.

        Returns
        -------
        Targeting
            Exclusion and inclusion error and the others, with standard errors by the design; the cut is taken as given.
        """
        share("budget", budget, 0.3)
        order = np.argsort(self._column("score"), kind="stable")
        reached = np.cumsum(self._column("weight")[order])
        place = int(np.searchsorted(reached, (budget - ROUNDING) * reached[-1]))
        cut = self._column("score")[order][min(place, len(order) - 1)]
        table = self.rows.assign(selected=(self.rows["score"] <= cut).astype(float))
        return targeting_errors(table, "selected", poor="poor", design=self.asked.design, size=self.asked.size)

    @cached_property
    def budgets(self) -> pd.DataFrame:
        """Errors over budgets from 5 to 95 per cent: columns budget, measure, estimate, se, low, high."""
        rows = []
        for budget in GRID:
            found = self.errors(budget)
            for measure in ("exclusion_error", "inclusion_error", "coverage"):
                one = found[measure]
                numbers = {name: float(getattr(one, name).iloc[0]) for name in ("estimate", "se", "low", "high")}
                rows.append({"budget": budget, "measure": measure, **numbers})
        return pd.DataFrame(rows)

    def _column(self, name: str) -> Floats:
        return np.asarray(self.rows[name].to_numpy(), dtype=float)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the area, coefficients, errors by budget, then "nobs"."""
        numbers = {
            "estimate": self.area.value,
            **{name: getattr(self.area, name) for name in ("se", "df", "low", "high")},
        }
        rows: list[dict[str, object]] = [{"measure": "area", "term": "out of fold", **numbers}]
        rows.append({"measure": "area", "term": "in sample", "estimate": self.area_inside})
        rows += [{"measure": "coef", "term": str(term), "estimate": value} for term, value in self.coefficients.items()]
        for _, row in self.budgets.iterrows():
            ends = {name: row[name] for name in ("estimate", "se", "low", "high")}
            rows.append({"measure": row["measure"], "term": f"budget={row['budget']:g}", **ends})
        return tidy_frame([*rows, {"measure": "nobs", "estimate": len(self.rows)}])

    def summary(self, lang: str | None = None) -> Summary:
        """Print coefficients, the area and errors at some budgets, in "zh" or "en"."""
        from povstats.targeting.scoring.told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Say how the score is made, judged and what it misses, in "zh" or "en"."""
        from povstats.targeting.scoring.told import paragraph

        return paragraph(self, lang or language())

    def plot_roc(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the ROC curve: of the poor the share found, over the share of the others wrongly selected.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : {"area": …} names the curve.
        """
        from povstats.viz import charts

        lang = lang or language()
        grid, curve = np.linspace(0, 1, 101), self.roc
        found = np.interp(grid, curve["false_positive"], curve["true_positive"])
        shown = f"{self.area.value:.3f}"
        name = (labels or {}).get("area") or say("targeting.roc_area", lang, area=shown, se=f"{self.area.se:.3f}")
        # From the origin: an upright start of the curve would be drawn from its top.
        frame = pd.DataFrame({"group": name, "x": grid, "estimate": np.append(0.0, found[1:])})
        return charts.share_curves(
            frame.assign(low=np.nan, high=np.nan),
            x_label=say("targeting.roc_x", lang),
            percent=True,
            diagonal=True,
            lang=lang,
            title=title or say("targeting.roc_title", lang, line=f"{self.asked.line:,.10g}"),
            unit=say("targeting.roc_unit", lang),
            source=source or "povstats",
            notes=(name, say("targeting.roc_note", lang, folds=self.asked.folds)),
        )

    def plot_budget(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the errors of exclusion and inclusion over the share that can be selected, with 95 per cent bands.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : names of the two errors.
        """
        from povstats.viz import charts

        lang = lang or language()
        shown = self.budgets[self.budgets["measure"] != "coverage"].rename(columns={"budget": "x", "measure": "group"})
        names = {key: say(f"measures.name_{key}", lang) for key in ("exclusion_error", "inclusion_error")} | dict(
            labels or {}
        )
        poor = float(np.average(self._column("poor"), weights=self._column("weight")))
        return charts.share_curves(
            shown.assign(group=shown["group"].map(names))[["group", "x", "estimate", "low", "high"]],
            x_label=say("targeting.budget_x", lang),
            percent=True,
            lang=lang,
            title=title or say("targeting.budget_title", lang, line=f"{self.asked.line:,.10g}"),
            unit=say("targeting.budget_unit", lang),
            source=source or "povstats",
            notes=(say("targeting.budget_note", lang, share=f"{100 * poor:.1f}"),),
        )
