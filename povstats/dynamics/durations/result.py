"""Survival: the curve of exit or of return, with what is needed to defend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.durations.product_limit import Of
from povstats.dynamics.face import Face, count, rested, share
from povstats.dynamics.histories.account import Account
from povstats.errors import DataError
from povstats.printing import Grid
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Survival(Face):
    """The share of spells that last, by group.

    Attributes
    ----------
    of : "exit" (spells of poverty) or "return" (spells out of it).
    table : one row a group and time (steps from wave to wave): duration (in the unit of the wave), n and events (rows),
        weight and event_weight, hazard, survival, se (clustered), greenwood (without weights), df, low, high.
    spells : how many began in sight ("spells"), how many enter late at a known age ("entered"), how many are left out
        because their beginning is not known ("left_out").
    asked, account : keywords; rows, units, waves and gaps.
    """

    of: Of
    table: pd.DataFrame
    spells: Mapping[str, int]
    asked: Asked
    account: Account

    def at(self, time: int, group: str = "") -> pd.Series:
        """Give the row of a time; the last one before it where no step has that length.

        Raises
        ------
        DataError
            Where there is no such group, or nothing was at risk that long.
        """
        rows = self.table[self.table["group"] == group]
        found = rows[rows["time"] <= time]
        if not len(found) or (time > rows["time"].max() and rows["survival"].iloc[-1] > 0):
            longest = rows["time"].max() if len(rows) else 0
            raise DataError(f"nothing is known of {time} steps in group {group!r}; the longest at risk is {longest}")
        return found.iloc[-1]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: survival and hazard by time, then the rows at risk."""
        rows: list[dict[str, object]] = []
        for row in self.table.to_dict("records"):
            place = {"group": row["group"], "term": str(row["time"])}
            ends = {key: row[key] for key in ("se", "df", "low", "high")}
            rows.append({"measure": "survival", **place, "estimate": row["survival"], **ends})
            rows.append({"measure": "hazard", **place, "estimate": row["hazard"]})
            rows.append({"measure": "nobs", **place, "estimate": row["n"]})
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out the curve."""
        by = () if self.asked.by is None else (self.asked.by,)
        keys = ("steps", "spells_at_risk", "events", "hazard", f"still_{self.of}", "se", "low", "high")
        rows = tuple(
            (*((row["group"],) if by else ()), str(row["time"]), f"{row['n']:,}", f"{row['events']:,}",
             share(row["hazard"]), share(row["survival"]), share(row["se"], 2), share(row["low"]), share(row["high"]))
            for row in self.table.to_dict("records")
        )  # fmt: skip
        notes = (*self._told(lang), *rested(self.asked, self.account, lang))
        head = (*by, *(say(f"dynamics.{key}", lang) for key in keys))
        return (Grid(say(f"dynamics.survival_{self.of}", lang), head, rows, notes, words=len(by)),)

    def sentences(self, lang: Lang) -> list[str]:
        """Say the curve's ends, the method, which spells count, and on what it rests."""
        found = []
        for group, rows in self.table.groupby("group", sort=False):
            certain = rows[rows["low"].notna()]
            first, last = rows.iloc[0], (certain if len(certain) else rows).iloc[-1]
            sentence = say(
                f"dynamics.told_{self.of}", lang, first=share(first["survival"]), steps=str(last["time"]),
                last=share(last["survival"]), low=share(last["low"]), high=share(last["high"]), n=f"{first['n']:,}",
            )  # fmt: skip
            found.append(say("dynamics.of_group", lang, group=group, sentence=sentence) if group else sentence)
        return [*found, say("dynamics.product_limit", lang), *self._told(lang), *rested(self.asked, self.account, lang)]

    def _told(self, lang: Lang) -> list[str]:
        """Say which spells count."""
        counts = {key: count(value) for key, value in self.spells.items()}
        found = [say("dynamics.spells_seen", lang, n=counts["spells"])]
        if self.spells["entered"]:
            found.append(say("dynamics.spells_late", lang, n=counts["entered"], column=self.asked.since))
        if self.spells["left_out"]:
            found.append(say("dynamics.spells_out", lang, n=counts["left_out"]))
        return found

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw the curve with its 95 % intervals.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : words for groups. notes : caveats.
        """
        from povstats.viz import charts

        chosen, known = lang or language(), self.table[self.table["low"].notna()]
        groups = list(dict.fromkeys(known["group"]))
        start = pd.DataFrame({"group": groups, "time": 0, "survival": 1.0, "low": 1.0, "high": 1.0})
        rows = pd.concat([start, known[list(start.columns)]], ignore_index=True)
        frame = pd.DataFrame(
            {
                "panel": "",
                "group": [(labels or {}).get(group, group) for group in rows["group"]],
                "x": rows["time"],
                "estimate": rows["survival"],
                **{end: rows[end] for end in ("low", "high")},
            }
        )
        return charts.curve_panels(
            frame,
            x_label=say(f"dynamics.axis_{self.of}", chosen),
            shape="joined",
            percent=True,
            lang=chosen,
            title=title or say(f"dynamics.survival_{self.of}", chosen),
            unit=say(f"dynamics.unit_{self.of}", chosen),
            source=source or say("dynamics.own_source", chosen, n=f"{self.account.units:,}"),
            notes=(*notes, *self._told(chosen)),
        )
