"""Rates of return, each with its definition, numerator and denominator."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.face import NUMBERS, Face, count, rested, share
from povstats.dynamics.histories.account import Account
from povstats.errors import DataError
from povstats.printing import Grid
from povstats.words import Lang, say

Definition = Literal["hazard", "per_exit", "share_of_poor", "cumulative", "wrong_exit"]
DEFINITIONS: dict[Definition, str] = {
    "hazard": "returners in t / all who had exited and are still followed from t-1",
    "per_exit": "returners in t / exits in t",
    "share_of_poor": "returners in t / the poor in t",
    "cumulative": "returned within years= after the exit (Kaplan-Meier)",
    "wrong_exit": "exits found wrong / exits checked (check=)",
}


@dataclass(frozen=True, eq=False, repr=False)
class ReturnRate(Face):
    """A rate of return to poverty by one definition.

    Attributes
    ----------
    definition : one of DEFINITIONS.
    table : one row a group and wave ("" for all waves together): estimate, se, df, low, high, reason, events and n
        (rows in numerator and denominator), numerator and denominator (their weights).
    years : of "cumulative"; else None.
    asked, account : keywords; rows, units, waves and gaps.
    """

    definition: Definition
    table: pd.DataFrame
    years: float | None
    asked: Asked
    account: Account

    @property
    def estimate(self) -> float:
        """The rate of all waves together, where there are no groups."""
        return float(self.whole()["estimate"])

    def whole(self, group: str = "") -> pd.Series:
        """Give the row of all waves together.

        Parameters
        ----------
        group : a level of `by`.
        """
        found = self.table[(self.table["group"] == group) & (self.table["wave"] == "")]
        if not len(found):
            raise DataError(f"there is no group {group!r}; there are {sorted(set(self.table['group']))[:12]}")
        return found.iloc[0]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rate by group and wave, then its denominator's rows."""
        rows: list[dict[str, object]] = []
        for row in self.table.to_dict("records"):
            place = {"group": row["group"], "term": row["wave"]}
            rows.append({"measure": f"return_{self.definition}", **place, **{key: row[key] for key in NUMBERS}})
            rows.append({"measure": "nobs", **place, "estimate": row["n"]})
        return tidy_frame(rows)

    def formula(self, lang: Lang) -> str:
        """Say what is divided by what."""
        return say(f"dynamics.formula_{self.definition}", lang)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out the rate by wave."""
        by = () if self.asked.by is None else (self.asked.by,)
        keys = ("wave", "return_rate", "se", "low", "high", "numerator_rows", "denominator_rows")
        rows = tuple(
            (*((row["group"],) if by else ()), row["wave"] or say("dynamics.all_waves", lang), *cells(row))
            for row in self.table.to_dict("records")
        )
        notes = (self.formula(lang), *self._seen(lang), *rested(self.asked, self.account, lang))
        title = say("dynamics.return_title", lang, name=say(f"dynamics.name_{self.definition}", lang))
        head = (*by, *(say(f"dynamics.{key}", lang) for key in keys))
        return (Grid(title, head, rows, notes, words=1 + len(by)),)

    def sentences(self, lang: Lang) -> list[str]:
        """Say the rate, its formula, its exposure, and on what it rests."""
        found = []
        for group in dict.fromkeys(self.table["group"]):
            sentence = self.sentence(lang, group)
            found.append(say("dynamics.of_group", lang, group=group, sentence=sentence) if group else sentence)
        return [
            *found, self.formula(lang), *self._seen(lang), say("dynamics.five_definitions", lang),
            *rested(self.asked, self.account, lang),
        ]  # fmt: skip

    def sentence(self, lang: Lang, group: str = "") -> str:
        """Say the rate with its numerator and denominator."""
        row = self.whole(group)
        years = "" if self.years is None else f"{self.years:g}"
        return say(
            f"dynamics.told_{self.definition}", lang, rate=share(row["estimate"]), se=share(row["se"], 2),
            events=f"{row['events']:,}", n=f"{row['n']:,}", years=years,
        )  # fmt: skip

    def _seen(self, lang: Lang) -> list[str]:
        """Say from when on the event can be seen."""
        if self.definition in ("hazard", "per_exit", "share_of_poor"):
            return [say("dynamics.from_third", lang)]
        return [say("dynamics.from_exit", lang)] if self.definition == "cumulative" else []


@dataclass(frozen=True, eq=False, repr=False)
class ReturnRates(Face):
    """The rates of return of one panel by several definitions.

    Attributes
    ----------
    rates : by definition.
    asked, account : keywords; rows, units, waves and gaps.
    """

    rates: Mapping[Definition, ReturnRate]
    asked: Asked
    account: Account

    def __getitem__(self, definition: Definition) -> ReturnRate:
        """Give the rate of a definition."""
        return self.rates[definition]

    def frame(self) -> pd.DataFrame:
        """Give all waves together: one row a definition and group."""
        rows = [rate.table[rate.table["wave"] == ""].assign(definition=name) for name, rate in self.rates.items()]
        return pd.concat(rows, ignore_index=True).drop(columns="wave")

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame of all definitions."""
        return pd.concat([rate.tidy() for rate in self.rates.values()], ignore_index=True)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out a row a definition."""
        by = () if self.asked.by is None else (self.asked.by,)
        keys = ("definition", "return_rate", "se", "low", "high", "numerator_rows", "denominator_rows")
        rows = tuple(
            (*((row["group"],) if by else ()), self.label(row["definition"], lang), *cells(row))
            for row in self.frame().to_dict("records")
        )
        notes = [rate.formula(lang) for rate in self.rates.values()]
        notes += [say("dynamics.from_third", lang), *rested(self.asked, self.account, lang)]
        head = (*by, *(say(f"dynamics.{key}", lang) for key in keys))
        return (Grid(say("dynamics.return_rates", lang), head, rows, tuple(notes), words=1 + len(by)),)

    def label(self, definition: Definition, lang: Lang) -> str:
        """Name a definition, with its years."""
        name = say(f"dynamics.name_{definition}", lang)
        years = self.rates[definition].years
        return name if years is None else say("dynamics.within_years", lang, name=name, years=f"{years:g}")

    def sentences(self, lang: Lang) -> list[str]:
        """Say every rate, why they differ, and on what they rest."""
        groups = dict.fromkeys(next(iter(self.rates.values())).table["group"])
        found = []
        for group in groups:
            told = [rate.sentence(lang, group) for rate in self.rates.values()]
            sentence = say("poverty.sentence_joint", lang).join(told)
            found.append(say("dynamics.of_group", lang, group=group, sentence=sentence) if group else sentence)
        return [*found, say("dynamics.five_definitions", lang), say("dynamics.from_third", lang),
                *rested(self.asked, self.account, lang)]  # fmt: skip


def cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Print a rate, its error and interval, and its counts."""
    numbers = (share(row["estimate"]), share(row["se"], 2), share(row["low"]), share(row["high"]))
    return (*numbers, count(row["events"]), count(row["n"]))
