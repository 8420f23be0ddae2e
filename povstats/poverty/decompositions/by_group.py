"""Which groups make up a poverty measure, or inequality within and between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.forms import Expressions
from povstats.engine.source import Table
from povstats.poverty.decompositions.group_totals import group_totals, told
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.explained import asked_and_used
from povstats.poverty.measure import welfare
from povstats.poverty.poor import among_poor, shortfall
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

ALPHAS = {"headcount": 0, "poverty_gap": 1, "poverty_severity": 2}
POWERS = {"mld": 0, "theil": 1, "generalized_entropy_2": 2}
QUANTITIES = ("share", "level", "contribution", "relative")


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition(Printed):
    """A measure taken apart by group.

    Attributes
    ----------
    measure : "headcount", "poverty_gap", "poverty_severity", "mld", "theil" or "generalized_entropy_2".
    groups : by (quantity, group): estimate and se. Quantities: share (of the population), level (the group's own
        value), contribution (the part of the whole that is within the group), relative (contribution over the whole).
    parts : estimate and se of "whole", "within", "between" and "between_share"; a poverty measure has no between.
    totals : one estimate that holds definition, rows and design. df : degrees of freedom.
    """

    measure: str
    groups: pd.DataFrame
    parts: pd.DataFrame
    totals: Estimates
    df: float

    @property
    def definition(self) -> Definition:
        """What was asked."""
        return self.totals.definition

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: quantities by group, then the parts."""
        rows = [
            {"measure": str(quantity), "group": str(group), "term": self.measure, **row, "df": self.df}
            for (quantity, group), row in self.groups.to_dict("index").items()
        ]
        rows += [
            {"measure": str(name), "term": self.measure, **row, "df": self.df}
            for name, row in self.parts.to_dict("index").items()
        ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print shares, levels and contributions by group, in "zh" or "en"."""
        lang = lang or language()
        head = (self.definition.by or "", *(say(f"decompose.head_{name}", lang) for name in QUANTITIES))
        rows = []
        for group in self.groups.loc["share"].index:
            rows.append((str(group), *self._cells(group, "estimate", "{}")))
            rows.append(("", *self._cells(group, "se", "({})")))
        notes = [self._parts(lang), say("decompose.note", lang, design=self.definition.design.describe(lang))]
        title = say("decompose.title", lang, measure=self._name(lang), by=self.definition.by)
        return Summary((Grid(title, head, tuple(rows), tuple(notes)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what adds up to what, from which rows, how sure it is."""
        lang = lang or language()
        relative = self.groups.loc["relative", "estimate"]
        shares = self.groups.loc["share", "estimate"]
        most = relative.idxmax()
        kind = "poverty" if self.measure in ALPHAS else "inequality"
        sentences = [
            say(f"decompose.meaning_{kind}", lang, measure=self._name(lang)),
            say(
                "decompose.most",
                lang,
                group=most,
                relative=f"{100 * relative[most]:.1f}",
                share=f"{100 * shares[most]:.1f}",
            ),
            self._parts(lang),
        ]
        return say("poverty.sentence_joint", lang).join([*sentences, *asked_and_used(self.totals, lang)])

    def _cells(self, group: object, what: str, form: str) -> list[str]:
        values = {name: float(self.groups.loc[(name, group), what]) for name in QUANTITIES}
        return [form.format(_number(value, self.measure, name)) for name, value in values.items()]

    def _name(self, lang: Lang) -> str:
        return say(f"decompose.name_{self.measure}", lang)

    def _parts(self, lang: Lang) -> str:
        known = self.parts["estimate"]
        values = {name: _number(known[name], self.measure, "level") for name in ("whole", "within")}
        if self.measure in ALPHAS:
            return say("decompose.whole", lang, **values)
        between = self.parts.loc["between_share"]
        values["between"] = _number(known["between"], self.measure, "level")
        values |= {"share": f"{100 * between['estimate']:.1f}", "se": f"{100 * between['se']:.1f}"}
        return say("decompose.parts", lang, **values)


def _number(value: float, measure: str, quantity: str) -> str:
    per_cent = measure in ALPHAS or quantity in ("share", "relative")
    return f"{100 * value:.2f}" if per_cent else f"{value:.4f}"


def by_group(table: Table, asked: Definition, measure: str) -> Decomposition:
    """Take a measure apart; see `povstats.decompose`."""
    positive = measure in POWERS
    sums = group_totals(table, asked, _expressions(asked, measure), sign="positive" if positive else "any")
    function = _of_entropy(POWERS[measure]) if positive else _of_poverty
    values, matrix = sums.smooth(function)
    first = len(QUANTITIES) * len(sums.levels)
    names = [(quantity, level) for quantity in QUANTITIES for level in sums.levels]
    frame = told(values[:first], matrix[:first, :first], names)
    frame.index = pd.MultiIndex.from_tuples(names, names=["quantity", "group"])
    parts = told(values[first:], matrix[first:, first:], ["whole", "within", "between", "between_share"])
    return Decomposition(measure, frame, parts if positive else parts.iloc[:2], sums.estimates[0], sums.df)


def _expressions(asked: Definition, measure: str) -> Expressions:
    y = welfare()
    if measure in ALPHAS:
        power = ALPHAS[measure]
        value = nw.lit(1.0) if power == 0 else shortfall(asked) ** power
        return {"poor": among_poor(asked, value)}
    curved = {0: y.log(), 1: y * y.log(), 2: y * y}[POWERS[measure]]
    return {"income": y, "curved": curved}


def _of_poverty(x: Any) -> Any:
    r"""P = Σ (N_g / N) P_g."""
    size, poor = x
    whole = poor.sum() / size.sum()
    part = poor / size.sum()
    ends = [whole, part.sum(), 0 * whole, 0 * whole]
    return np.concatenate([size / size.sum(), poor / size, part, part / whole, ends])


def _of_entropy(power: int) -> Callable[[Any], Any]:
    r"""GE = Σ v_g GE_g + GE of the groups' means, with v_g = (N_g/N)^{1-c} (S_g/S)^c."""

    def function(x: Any) -> Any:
        size, income, curved = x
        mean, center = income / size, income.sum() / size.sum()
        share, ratio = size / size.sum(), mean / center
        if power == 0:
            level, between = np.log(mean) - curved / size, -(share * np.log(ratio)).sum()
        elif power == 1:
            level, between = curved / income - np.log(mean), (share * ratio * np.log(ratio)).sum()
        else:
            level, between = (curved / size / mean**2 - 1) / 2, ((share * ratio**2).sum() - 1) / 2
        part = share * ratio**power * level
        within = part.sum()
        whole = within + between
        return np.concatenate([share, level, part, part / whole, [whole, within, between, between / whole]])

    return function
