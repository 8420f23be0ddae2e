"""The result of a curve: its points by group, printed, explained and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.explained import asked_and_used
from povstats.poverty.printed import valued
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

Kind = Literal["lorenz", "generalised", "tip", "parade"]
NUMBERS = ("estimate", "se", "low", "high")
SHOWN = (0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9)
"""Shares that a printed curve shows, where it has them."""


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Printed):
    """A curve by group.

    Attributes
    ----------
    kind : "lorenz", "generalised", "tip" or "parade".
    points : shares of the population.
    ordinates : the estimates at each share, with their covariances.
    """

    kind: Kind
    points: tuple[float, ...]
    ordinates: tuple[Estimates, ...]

    @property
    def definition(self) -> Definition:
        """What was asked."""
        return self.ordinates[0].definition

    @property
    def table(self) -> pd.DataFrame:
        """Columns group, p, estimate, se, low, high: one row a group and share, from the poorest up."""
        parts = [
            pd.DataFrame({"group": [str(level) for level in found.estimate.index], "p": p})
            .assign(order=range(len(found.estimate)))
            .assign(**{name: getattr(found, name).to_numpy(dtype=float) for name in NUMBERS})
            for p, found in zip(self.points, self.ordinates, strict=True)
        ]
        made = pd.concat(parts).sort_values(["order", "p"], kind="stable", ignore_index=True)
        return made.drop(columns="order")

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: one row a group and share."""
        rows = [
            {"measure": self.kind, "group": row["group"], "term": f"p={row['p']:g}", **{n: row[n] for n in NUMBERS}}
            for _, row in self.table.iterrows()
        ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print some shares by group, in "zh" or "en"."""
        lang = lang or language()
        shown = [i for i, p in enumerate(self.points) if p in SHOWN] or range(len(self.points))
        head = (say("curves.group", lang), *(f"{self.points[i]:g}" for i in shown))
        unit, rows = self.ordinates[0].unit, []
        for at, level in enumerate(self.ordinates[0].estimate.index):
            values = [self.ordinates[i] for i in shown]
            label = str(level) or say("curves.all", lang)
            rows.append((label, *(valued(float(one.estimate.iloc[at]), unit) for one in values)))
            rows.append(("", *(f"({valued(float(one.se.iloc[at]), unit)})" for one in values)))
        notes = (say("curves.note", lang, design=self.definition.design.describe(lang)),)
        title = say(f"curves.title_{self.kind}", lang, welfare=self.definition.welfare)
        return Summary((Grid(title, head, tuple(rows), notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the curve is, from which rows, and how sure it is."""
        lang = lang or language()
        told = say(f"curves.meaning_{self.kind}", lang, welfare=self.definition.welfare, n=len(self.points))
        return say("poverty.sentence_joint", lang).join([told, *asked_and_used(self.ordinates[0], lang)])

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        unit: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the curve of every group with its 95 per cent band, up to six groups.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. unit : of welfare, for generalised curves and parades.
        labels : names of the groups.
        """
        from povstats.viz import charts

        lang, own = lang or language(), labels or {}
        drawn = self.table
        named = [own.get(group, group) or say("curves.all", lang) for group in drawn["group"]]
        frame = drawn.assign(group=named, panel="").rename(columns={"p": "x"})
        ends = self._ends(frame)
        percent = self.kind in ("lorenz", "tip")
        return charts.share_curves(
            pd.concat([ends, frame])[["group", "x", "estimate", "low", "high"]],
            x_label=say("curves.axis_p", lang),
            percent=percent,
            diagonal=self.kind == "lorenz",
            lang=lang,
            title=title or say(f"curves.title_{self.kind}", lang, welfare=self.definition.welfare),
            unit=say(f"curves.unit_{self.kind}", lang) if percent else (unit or self.definition.welfare),
            source=source or "povstats",
        )

    def _ends(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the ends that hold for every distribution."""
        ends = {"lorenz": ((0.0, 0.0), (1.0, 1.0)), "generalised": ((0.0, 0.0),), "tip": ((0.0, 0.0),), "parade": ()}
        rows = [
            {"group": group, "x": x, "estimate": y, "low": y, "high": y}
            for group in dict.fromkeys(frame["group"])
            for x, y in ends[self.kind]
        ]
        return pd.DataFrame(rows)
