"""The answer of simulate_power."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import OptionError
from povstats.models.planning.plan import WANTED, Plan
from povstats.models.planning.power_printed import paragraph, plain, printed, tidied
from povstats.printing import Printed, Summary
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.viz import Figure

WIDE = 1.96
"""Half a 95 % Monte Carlo interval in standard errors."""


@dataclass(frozen=True, eq=False, repr=False)
class PowerResult(Printed):
    """The power of surveys of villages × households.

    Attributes
    ----------
    plan : what was simulated.
    table : DataFrame by (villages, households, term); columns effect (the true coefficient), power and mc_se (its Monte
        Carlo error), se (average standard error), sd (standard deviation of the estimates), dof (median degrees of
        freedom), bias, size (share rejected were the effect zero: error of the first kind), coverage (of the
        1 − alpha interval, 1 − size), mde (the effect that 80 % of these surveys find) and mde_formula,
        (t₁₋α/₂ + t.₈)·se.
    cells : DataFrame by (villages, households); columns fitted, failures (surveys without an estimate, left out),
        boundary (share of the fits with a variance of zero or a correlation of ±1).
    focal : the coefficients that are planned for. n : surveys for each combination. alpha : level of the tests.
    """

    plan: Plan = field(repr=False)
    table: pd.DataFrame
    cells: pd.DataFrame
    focal: tuple[str, ...]
    n: int
    alpha: float

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures power, mde, type_one_error, boundary; groups such as "44 × 10"."""
        return tidy_frame(tidied(self))

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the powers of the focal coefficients.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what was simulated, and which survey finds the effect.

        Parameters
        ----------
        lang : "zh" or "en"; without it the language set by povstats.language().
        """
        return paragraph(self, lang or language())

    def plot(
        self,
        term: str | None = None,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw power against the number of villages, one line a number of households, with 95 % Monte Carlo intervals.

        Parameters
        ----------
        term : which coefficient; not needed where one is planned for.
        lang : "zh" or "en".
        title, source : words of one's own, in that language, instead of those made from the plan.
        labels : words for coefficients and the grouping, such as {"village": "village", "trust": "trust (0-10)"}.
        """
        lang, labels = lang or language(), labels or {}
        if term is None and len(self.focal) > 1:
            raise OptionError(f"term: name one of {', '.join(self.focal)}")
        term = term or self.focal[0]
        if term not in self.plan.terms:
            raise OptionError(f"term={term!r} is no coefficient of this model; it has {', '.join(self.plan.terms)}")
        from povstats.viz import charts

        name = labels.get(term, say("models.intercept", lang) if term == "Intercept" else term)
        rows = self.table.xs(term, level="term").reset_index()
        half = WIDE * rows["mc_se"]
        frame = pd.DataFrame({"group": rows["households"], "x": rows["villages"], "power": rows["power"]})
        frame["low"], frame["high"] = (rows["power"] - half).clip(0, 1), (rows["power"] + half).clip(0, 1)
        frame = frame.sort_values(["group", "x"], ascending=[False, True], ignore_index=True)
        effect = plain(float(rows["effect"].iloc[0]))
        per = {h: say("power.line", lang, households=str(h)) for h in frame["group"].unique()}
        return charts.power(
            frame,
            x_label=tight(say("power.axis", lang, group=labels.get(self.plan.group, self.plan.group))),
            wanted=(WANTED, say("power.wanted", lang)),
            labels=per,
            lang=lang,
            title=title or tight(say("power.chart", lang, term=name, effect=effect)),
            unit="",
            source=source or say("power.chart_source", lang, n=f"{self.n:,}", alpha=f"{self.alpha:g}"),
        )
