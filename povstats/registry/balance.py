"""ps.ledger(): the stock and the flows of a registry by place and year, and every gap between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.source import open_table
from povstats.errors import DataError
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

INFLOWS = ("identified", "returned", "natural_increase")
OUTFLOWS = ("exited", "removed", "natural_decrease")
FLOWS = (*INFLOWS, *OUTFLOWS)
STOCKS = ("opening", "closing")
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(Printed):
    """Accounts by place and year.

    Attributes
    ----------
    table : one row a place, year and unit: opening, the flows, closing, expected (opening + inflows − outflows), gap
        (closing − expected), jump (opening less the closing of the year before), unknown (flows that are not known).
    """

    table: pd.DataFrame

    @property
    def gaps(self) -> pd.DataFrame:
        """The rows that do not balance, or whose opening is not the closing of the year before."""
        held = self.table
        gap = held["gap"].abs() > ROUNDING * held["closing"].abs().clip(lower=1)
        return held[gap | (held["jump"].abs() > ROUNDING * held["opening"].abs().clip(lower=1))]

    @property
    def balanced(self) -> bool:
        """Whether every account closes, and every year opens where the year before closed."""
        return not len(self.gaps)

    def raise_if_open(self) -> None:
        """Raise where an account does not balance.

        Raises
        ------
        DataError
            Naming place, year, unit and amount of every gap, up to ten.
        """
        if self.balanced:
            return
        told = [_gap_words(row, "en") for _, row in self.gaps.head(10).iterrows()]
        more = "" if len(self.gaps) <= 10 else f" … and {len(self.gaps) - 10} more"
        raise DataError("the registry does not balance: " + "; ".join(told) + more)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: stocks, flows and gaps by place, year and unit."""
        rows: list[dict[str, object]] = []
        for _, row in self.table.iterrows():
            group = f"{row['place']} {row['year']}".strip()
            for name in (*STOCKS, *FLOWS, "expected", "gap"):
                rows.append({"measure": name, "group": group, "term": row["unit"], "estimate": row[name]})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the accounts, in "zh" or "en"."""
        lang = lang or language()
        shown = [name for name in FLOWS if self.table[name].notna().any()]
        names = [*(["place"] if (self.table["place"] != "").any() else []), "year", "unit"]
        keys = ("opening", *shown, "closing", "gap")
        head = tuple(say(f"ledger.head_{key}", lang) for key in (*names, *keys))
        words = self.table.assign(unit=[unit_word(unit, lang) for unit in self.table["unit"]])
        rows = [
            (*(str(row[name]) for name in names), *(number(row[key]) for key in keys)) for _, row in words.iterrows()
        ]
        notes = tuple(_gap_words(row, lang) for _, row in self.gaps.head(8).iterrows()) or (say("ledger.closed", lang),)
        return Summary((Grid(say("ledger.title", lang), head, tuple(rows), notes, words=len(names)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say the identity, and where it does not hold."""
        lang = lang or language()
        if self.balanced:
            return say("ledger.identity", lang) + say("ledger.closed", lang)
        gaps = self.gaps
        told = say("ledger.joint", lang).join(_gap_words(row, lang) for _, row in gaps.head(5).iterrows())
        return say("ledger.identity", lang) + say("ledger.open", lang, n=len(gaps), told=told)


def number(value: float) -> str:
    """Print a count; a dash where it is not known."""
    return "—" if value != value else f"{value:,.0f}"


def unit_word(unit: str, lang: str) -> str:
    """Name a unit, where it is one of ours."""
    return say(f"ledger.unit_{unit}", lang) if unit in ("households", "persons") else unit


def _gap_words(row: pd.Series, lang: str) -> str:
    where = f"{row['place']} {row['year']}".strip()
    words = {"where": where, "unit": unit_word(row["unit"], lang)}
    told = []
    if abs(row["gap"]) > ROUNDING:
        sums = {"gap": f"{row['gap']:+,.0f}", "expected": f"{row['expected']:,.0f}", "closing": number(row["closing"])}
        told.append(say("ledger.gap", lang, **sums, **words))
    if abs(row["jump"]) > ROUNDING:
        told.append(say("ledger.jump", lang, jump=f"{row['jump']:+,.0f}", **words))
    if row["unknown"]:
        names = say("ledger.joint", lang).join(say(f"ledger.head_{name}", lang) for name in row["unknown"].split(","))
        told.append(say("ledger.unknown", lang, flows=names))
    return say("ledger.joint", lang).join(told)


def ledger(table: Any, *, place: str | None = None, year: str = "year", unit: str | None = None) -> Ledger:
    r"""Balance a registry: opening + identified + returned + natural increase − exited − removed − natural decrease.

    .. math:: \text{gap} = \text{closing} - (\text{opening} + \text{inflows} - \text{outflows}), \qquad
        \text{jump}_t = \text{opening}_t - \text{closing}_{t-1}

    A gap is shown, not forced away: published accounts often have one, and its size is what must be explained;
    `raise_if_open` is for a registry that must balance before it is used.

    Parameters
    ----------
    table : one row a place, year and unit of count (households, persons), small: columns opening, closing and any of
        identified, returned, natural_increase, exited, removed, natural_decrease. A flow without a column is zero; a
        missing value is a flow that is not known, and is named beside the gap. `registry_flows` makes it from events.
    place, year, unit : their columns; without a unit the counts are of persons.

    Returns
    -------
    Ledger
        Accounts with expected closing, gap and jump.

    Raises
    ------
    DataError
        Where opening or closing is not there, a count is negative, or a place has a year and unit twice.

    Source
    ------
    Stock–flow accounting as in System of National Accounts 2008, chapter 12; the flows are those of the registry's
    annual adjustment (动态调整).
    """
    rows = open_table(table).to_pandas()
    lacking = [name for name in (*STOCKS, year, *(c for c in (place, unit) if c)) if name not in rows]
    if lacking:
        raise DataError(f"a ledger needs the columns {lacking}; opening and closing are the stocks")
    made = pd.DataFrame(
        {
            "place": rows[place].astype(str) if place else "",
            "year": rows[year],
            "unit": rows[unit].astype(str) if unit else "persons",
        }
    )
    for name in (*STOCKS, *FLOWS):
        made[name] = rows[name].astype(float) if name in rows else (np.nan if name in STOCKS else 0.0)
    bad = made[[*STOCKS, *FLOWS]].lt(0)
    if bad.any().any():
        at = made[bad.any(axis=1)].iloc[0]
        raise DataError(f"counts below zero in {int(bad.any(axis=1).sum())} rows, first {at['place']} {at['year']}")
    if made[list(STOCKS)].isna().any().any():
        raise DataError("opening or closing is missing in some rows; an account needs both stocks")
    keys = ["place", "unit", "year"]
    if made.duplicated(keys).any():
        at = made[made.duplicated(keys)].iloc[0]
        raise DataError(f"{at['place']} {at['year']} ({at['unit']}) occurs more than once")
    # Places and units in the table's own order: names sort differently in Chinese and English.
    made = made.assign(**{f"{name} order": pd.factorize(made[name])[0] for name in ("place", "unit")})
    made = made.sort_values(["place order", "unit order", "year"], kind="stable", ignore_index=True)
    made = made.drop(columns=["place order", "unit order"])
    known = made[list(FLOWS)].fillna(0.0)
    made["expected"] = made["opening"] + known[list(INFLOWS)].sum(axis=1) - known[list(OUTFLOWS)].sum(axis=1)
    made["gap"] = made["closing"] - made["expected"]
    before = made.groupby(["place", "unit"])["closing"].shift(1)
    made["jump"] = (made["opening"] - before).fillna(0.0)
    made["unknown"] = [",".join(name for name in FLOWS if pd.isna(row[name])) for _, row in made.iterrows()]
    return Ledger(made)


def stated_account(place: str, year: Any, unit: str, counts: Mapping[str, float | None]) -> dict[str, Any]:
    """Write a row of a ledger from counts that a text states; None is a flow that it does not state."""
    row: dict[str, Any] = {"place": place, "year": year, "unit": unit}
    row |= {name: float("nan") if value is None else float(value) for name, value in counts.items()}
    return row
