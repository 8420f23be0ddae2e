"""Spells: the table of them, and how many there are of each kind."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.face import Face, decimal, rested, share
from povstats.dynamics.histories import codes
from povstats.dynamics.histories.account import Account
from povstats.printing import Grid
from povstats.words import Lang, say

LEFT = {codes.SEEN: "seen", codes.FIRST: "first_wave", codes.LATE: "late", codes.GAP: "gap"}
RIGHT = {codes.ENDED: "ended", codes.OPEN: "last_wave", codes.LOST: "lost", codes.GAP: "gap"}


@dataclass(frozen=True, eq=False, repr=False)
class Spells(Face):
    """The spells of a panel.

    Attributes
    ----------
    table : one row a spell, of the kind of the caller's table: unit, group ("" without), run (from 1, by unit), poor,
        start, end (waves), length (waves), begins ("seen": after a change; "first_wave" of the panel; "late": the
        unit's first wave is a later one; "gap"), ends ("ended"; "last_wave"; "lost": not seen again; "gap"),
        left_censored, right_censored, returned (a spell of poverty that begins with a return), weight (of its first
        row), and age_at_entry (waves since it began, where `since` says so).
    counts : spells and their weight by group, poor, length, begins, ends, returned.
    asked, account : keywords; rows, units, waves and gaps.
    """

    table: Any
    counts: pd.DataFrame
    asked: Asked
    account: Account

    def of(self, *, poor: bool, group: str | None = None) -> pd.DataFrame:
        """Give the counts of spells of poverty, or of those out of it.

        Parameters
        ----------
        poor : which. group : a level of `by`; None for all.
        """
        rows = self.counts[self.counts["poor"] == poor]
        return rows if group is None else rows[rows["group"] == group]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: spells by state, beginning and end, and the mean length of complete ones."""
        rows: list[dict[str, object]] = []
        for (group, poor), part in self.counts.groupby(["group", "poor"], sort=True):
            state = "poor" if poor else "not_poor"
            for (begins, ends), own in part.groupby(["begins", "ends"]):
                term = f"{state} {begins}→{ends}"
                rows.append({"measure": "spells", "group": group, "term": term, "estimate": own["spells"].sum()})
            rows.append({"measure": "mean_length", "group": group, "term": state, "estimate": _mean(part)})
            rows.append({"measure": "nobs", "group": group, "term": state, "estimate": part["spells"].sum()})
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out spells by state: how many, censored where, how long."""
        by = () if self.asked.by is None else (self.asked.by,)
        keys = ("state", "spells", "complete", "left_censored", "right_censored", "interrupted", "returned", "length")
        rows = tuple(
            (*((str(group),) if by else ()), say("dynamics.poor" if poor else "dynamics.not_poor", lang), *_cells(part))
            for (group, poor), part in self.counts.groupby(["group", "poor"], sort=True)
        )
        notes = (say("dynamics.note_spells", lang), *rested(self.asked, self.account, lang, errors=False))
        head = (*by, *(say(f"dynamics.{key}", lang) for key in keys))
        return (Grid(say("dynamics.spells_title", lang), head, rows, notes, words=1 + len(by)),)

    def sentences(self, lang: Lang) -> list[str]:
        """Say how many spells there are, how many are complete, and what is not known."""
        poor, n = self.of(poor=True), int(self.counts["spells"].sum())
        total = int(poor["spells"].sum())
        if not total:
            return [say("dynamics.no_spell", lang), *rested(self.asked, self.account, lang, errors=False)]
        left = int(poor.loc[poor["begins"] != "seen", "spells"].sum())
        right = int(poor.loc[poor["ends"] != "ended", "spells"].sum())
        back = int(poor.loc[poor["returned"], "spells"].sum())
        lead = say(
            "dynamics.told_spells", lang, n=f"{n:,}", poor=f"{total:,}", left=f"{left:,}", right=f"{right:,}",
            back=f"{back:,}", share=share(back / total), mean=decimal(_mean(poor), 2),
        )  # fmt: skip
        return [lead, say("dynamics.note_spells", lang), *rested(self.asked, self.account, lang, errors=False)]


def _complete(part: pd.DataFrame) -> pd.DataFrame:
    return part[(part["begins"] == "seen") & (part["ends"] == "ended")]


def _mean(part: pd.DataFrame) -> float:
    """Give the mean length of complete spells."""
    own = _complete(part)
    return float((own["length"] * own["spells"]).sum() / own["spells"].sum()) if len(own) else float("nan")


def _cells(part: pd.DataFrame) -> tuple[str, ...]:
    gap = (part["begins"] == "gap") | (part["ends"] == "gap")
    kinds = (
        part, _complete(part), part[part["begins"] != "seen"], part[part["ends"] != "ended"], part[gap],
        part[part["returned"]],
    )  # fmt: skip
    return (*(f"{int(own['spells'].sum()):,}" for own in kinds), decimal(_mean(part), 2))
