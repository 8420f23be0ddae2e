"""Transitions: flows and rates, with what is needed to defend them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.face import NUMBERS, Face, count, rested, share
from povstats.dynamics.histories.account import Account
from povstats.errors import DataError
from povstats.printing import Grid
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

SHOWN = 40


@dataclass(frozen=True, eq=False, repr=False)
class Transitions(Face):
    """Who moves into and out of poverty, by pair of waves ("start" and "end"; both "" for all pairs together).

    Attributes
    ----------
    flows : one row a group, pair, origin ("poor", "not_poor") and destination (the same, and "unseen"): rows, weight,
        and share of those of the origin who are seen in both waves.
    rates : one row a group, pair and rate ("entry", "exit", "persistence", and "lost_poor", "lost_not_poor": those not
        seen in the wave after, of all who could be): estimate, se, df, low, high, reason, events, n, numerator,
        denominator.
    asked, account : keywords; rows, units, waves and gaps.
    """

    flows: pd.DataFrame
    rates: pd.DataFrame
    asked: Asked
    account: Account

    def rate(self, name: str, group: str = "") -> pd.Series:
        """Give a rate of all pairs together: estimate, se, df, low, high, events, n.

        Parameters
        ----------
        name : "entry", "exit", "persistence", "lost_poor" or "lost_not_poor". group : a level of `by`.

        Raises
        ------
        DataError
            Where there is no such rate or group.
        """
        rows = self.rates
        found = rows[(rows["rate"] == name) & (rows["group"] == group) & (rows["start"] == "")]
        if not len(found):
            raise DataError(f"there is no rate {name!r} of group {group!r}; groups: {sorted(set(rows['group']))[:12]}")
        return found.iloc[0]

    def matrix(self, start: Any = "", group: str = "") -> pd.DataFrame:
        """Give the 2 × 2 matrix of shares by origin, of those seen in both waves.

        Parameters
        ----------
        start : the first wave of a pair; "" for all together. group : a level of `by`.
        """
        rows = self.flows[(self.flows["start"] == str(start)) & (self.flows["group"] == group)]
        if not len(rows):
            raise DataError(f"no pair of waves starts in {start!r}, or there is no group {group!r}")
        order = ["not_poor", "poor"]
        return rows.pivot(index="origin", columns="destination", values="share").loc[order, order]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: rates (term "start–end", "" for all pairs), then counts of the flows."""
        rows: list[dict[str, object]] = [
            {"measure": row["rate"], "group": row["group"], "term": _pair(row), **{k: row[k] for k in NUMBERS}}
            for row in self.rates.to_dict("records")
        ]
        rows += [
            {"measure": "nobs", "group": row["group"], "estimate": row["rows"],
             "term": f"{row['origin']}→{row['destination']} {_pair(row)}".strip()}
            for row in self.flows.to_dict("records")
        ]  # fmt: skip
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out the rates by pair, and the flows of all pairs together."""
        keys = ("pair", "entry", "exit", "persistence", "at_risk_not_poor", "at_risk_poor", "unseen")
        head = tuple(say(f"dynamics.{key}", lang) for key in keys)
        by = () if self.asked.by is None else (self.asked.by,)
        lines = [
            ((str(group),) if by else ()) + _cells(part, lang)
            for (group, _, _), part in self.rates.groupby(["group", "start", "end"], sort=False)
        ]
        notes = [say("dynamics.note_transitions", lang), *rested(self.asked, self.account, lang)]
        if len(lines) > SHOWN:
            notes.insert(0, say("dynamics.first_shown", lang, shown=SHOWN, k=len(lines)))
        title = say("dynamics.transitions", lang)
        return (Grid(title, (*by, *head), tuple(lines[:SHOWN]), tuple(notes), words=1 + len(by)),)

    def sentences(self, lang: Lang) -> list[str]:
        """Say entry and exit, what they are shares of, who is lost, and on what they rest."""
        groups = list(dict.fromkeys(self.rates["group"]))
        found = []
        for group in groups[:6]:
            entry, exits = self.rate("entry", group), self.rate("exit", group)
            sentence = say(
                "dynamics.told_transitions", lang, entry=share(entry["estimate"]), entries=f"{entry['events']:,}",
                not_poor=f"{entry['n']:,}", exit=share(exits["estimate"]), exits=f"{exits['events']:,}",
                poor=f"{exits['n']:,}", entry_se=share(entry["se"], 2), exit_se=share(exits["se"], 2),
            )  # fmt: skip
            found.append(say("dynamics.of_group", lang, group=group, sentence=sentence) if group else sentence)
        lost = self.rates[self.rates["rate"].str.startswith("lost") & (self.rates["start"] == "")]
        if lost["events"].sum():
            share_lost = lost["numerator"].sum() / lost["denominator"].sum()
            told = {"n": f"{int(lost['events'].sum()):,}", "share": share(float(share_lost))}
            found.append(say("dynamics.told_lost", lang, **told))
        return [*found, say("dynamics.told_weight", lang), *rested(self.asked, self.account, lang)]

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw entry and exit rates by pair of waves, with 95 % intervals.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : words for groups, and for "entry" and
            "exit". notes : caveats.
        """
        from povstats.viz import charts

        chosen = lang or language()
        rows = self.rates[(self.rates["start"] != "") & self.rates["rate"].isin(["entry", "exit"])]
        rows = rows[rows["low"].notna()]
        names = {key: (labels or {}).get(key, say(f"dynamics.{key}", chosen)) for key in ("entry", "exit")}
        frame = pd.DataFrame(
            {
                "panel": [(labels or {}).get(group, group) for group in rows["group"]],
                "group": [names[rate] for rate in rows["rate"]],
                "x": pd.to_numeric(rows["end"], errors="coerce").to_numpy(),
                **{key: rows[key].to_numpy() for key in ("estimate", "low", "high")},
            }
        )
        if frame["x"].isna().any():
            raise DataError(f"column {self.asked.wave!r} holds no numbers to draw along an axis; recode the waves")
        return charts.curve_panels(
            frame,
            x_label=say("dynamics.axis_end", chosen),
            shape="joined",
            percent=True,
            lang=chosen,
            title=title or say("dynamics.chart_transitions", chosen),
            unit="%",
            source=source or say("dynamics.own_source", chosen, n=f"{self.account.units:,}"),
            notes=(*notes, say("dynamics.note_transitions", chosen)),
        )


def _pair(row: Mapping[Any, Any]) -> str:
    return f"{row['start']}–{row['end']}" if row["start"] else ""


def _cells(part: pd.DataFrame, lang: Lang) -> tuple[str, ...]:
    """Print the rates of a pair."""
    rows = {row["rate"]: row for row in part.to_dict("records")}
    pair = _pair(rows["entry"]) or say("dynamics.pooled", lang)
    rates = tuple(
        f"{share(rows[name]['estimate'])} ({share(rows[name]['se'], 2)})" for name in ("entry", "exit", "persistence")
    )
    lost = sum(rows[name]["events"] for name in ("lost_poor", "lost_not_poor"))
    return (pair, *rates, *(count(rows[name]["n"]) for name in ("entry", "exit")), count(lost))
