"""Incidence: the answer of `povstats.aid_incidence`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError
from povstats.poverty.estimate import Definition, Estimates
from povstats.printing import Grid, Printed, Summary
from povstats.targeting.side_by_side import cell, grid, joined, sentences
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

NUMBERS = ("estimate", "se", "df", "low", "high")


@dataclass(frozen=True, eq=False, repr=False)
class Incidence(Printed):
    """Benefits over the population ordered by welfare.

    Attributes
    ----------
    indices : concentration index, Kakwani's index, and the index of Coady, Grosh and Hoddinott at each bottom share.
    shares : the share of benefits of each part of the population, from the poorest up.
    curve : ordinates of the concentration curve.
    benefit : the column of what a row gets.
    """

    indices: tuple[Estimates, ...]
    shares: tuple[Estimates, ...]
    curve: tuple[Estimates, ...]
    benefit: str

    @property
    def definition(self) -> Definition:
        """What was asked."""
        return self.indices[0].definition

    def __getitem__(self, measure: str) -> Estimates:
        """Give an index: "concentration", "kakwani", or "cgh_bottom p=0.4".

        Raises
        ------
        OptionError
            Where there is none of that name.
        """
        named = {_key(one): one for one in self.indices}
        if measure not in named:
            raise OptionError(f"there is no {measure!r} here; there are {', '.join(named)}")
        return named[measure]

    def quantiles(self, group: object = "") -> pd.DataFrame:
        """Give the shares of benefits by part of the population: columns from, to, and the numbers."""
        rows = []
        for one in self.shares:
            place = one.estimate.index.get_loc(group)
            ends = {"from": one.parameters["from"], "to": one.parameters["to"]}
            rows.append({**ends, **{name: float(getattr(one, name).iloc[place]) for name in NUMBERS}})
        return pd.DataFrame(rows)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: indices, shares and ordinates, then a row "nobs" a group."""
        rows: list[dict[str, object]] = []
        for one in (*self.indices, *self.shares, *self.curve):
            term = ", ".join(f"{name}={value:g}" for name, value in one.parameters.items())
            for i, group in enumerate(one.estimate.index):
                numbers = {name: getattr(one, name).iloc[i] for name in NUMBERS}
                rows.append({"measure": one.measure, "group": str(group), "term": term, **numbers})
        first = self.indices[0]
        rows += [{"measure": "nobs", "group": str(g), "estimate": n} for g, n in first.n.items()]
        return tidy_frame(rows)

    def summary(self, lang: str | None = None) -> Summary:
        """Print the indices and the shares by part of the population, in "zh" or "en"."""
        lang = lang or language()
        title = say("targeting.incidence_title", lang, benefit=self.benefit, welfare=self.definition.welfare)
        named = {_key(one): one for one in self.indices}
        head = (
            say("targeting.part", lang),
            *(str(g) or say("targeting.share", lang) for g in self.shares[0].estimate.index),
        )
        rows = [
            (
                f"{100 * one.parameters['from']:g}–{100 * one.parameters['to']:g}%",
                *(f"{cell(one, 'estimate', i)} ({cell(one, 'se', i)})" for i in range(len(one.estimate))),
            )
            for one in self.shares
        ]
        parts = Grid(say("targeting.parts_title", lang), head, tuple(rows), (say("measures.profile_brackets", lang),))
        return Summary((grid(named, title, lang), parts))

    def explain(self, lang: str | None = None) -> str:
        """Say who gets what, what the indices mean, and how sure they are, in "zh" or "en"."""
        lang = lang or language()
        named = {_key(one): one for one in self.indices}
        lead = say("targeting.incidence_lead", lang, benefit=self.benefit, welfare=self.definition.welfare)
        told = []
        if self.definition.by is None:
            low, high = self.shares[0], self.shares[-1]
            width = f"{100 * low.parameters['to']:g}"
            told = [
                say("targeting.ends_told", lang, p=width, low=cell(low, "estimate", 0), high=cell(high, "estimate", 0))
            ]
        return joined([lead, *told, *sentences(named, lang), say("targeting.cut_rows", lang)], lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw the concentration curve of every group, up to six, in its 95 per cent band, beside equality.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : names of the groups. notes : caveats.

        Raises
        ------
        DataError
            Where an ordinate is missing, as in a group without benefits.
        """
        from povstats.viz import charts

        lang, own = lang or language(), labels or {}
        rows = []
        for i, group in enumerate(self.curve[0].estimate.index):
            name = own.get(str(group), str(group)) or say("targeting.all", lang)
            rows.append({"group": name, "x": 0.0, "estimate": 0.0, "low": 0.0, "high": 0.0})
            for one in self.curve:
                ends = {key: float(getattr(one, key).iloc[i]) for key in ("estimate", "low", "high")}
                rows.append({"group": name, "x": one.parameters["p"], **ends})
            rows.append({"group": name, "x": 1.0, "estimate": 1.0, "low": 1.0, "high": 1.0})
        frame = pd.DataFrame(rows)
        if frame["estimate"].isna().any():
            raise DataError("a group has no benefits, so that its curve is not defined; leave it out")
        return charts.share_curves(
            frame,
            x_label=say("targeting.axis_p", lang, welfare=own.get(self.definition.welfare, self.definition.welfare)),
            percent=True,
            diagonal=True,
            lang=lang,
            title=title or say("targeting.curve_title", lang, benefit=self.benefit),
            unit=say("targeting.unit_benefits", lang),
            source=source or "povstats",
            notes=notes,
        )


def _key(one: Estimates) -> str:
    p = one.parameters.get("p")
    return one.measure if p is None else f"{one.measure} p={p:g}"
