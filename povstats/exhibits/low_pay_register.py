"""A real panel kept as a register: accounts of low pay from 1980 to 1987, and the list of one year against another."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.datasets import wage_panel
from povstats.exhibits.low_pay import WAGES, low_pay_line
from povstats.exhibits.registry import exhibit
from povstats.registry import ledger, registry_flows
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "41_registry_accounts"
SHOWN = ("opening", "identified", "returned", "exited", "closing", "gap")


@cache
def events() -> pd.DataFrame:
    """Write each man's first year of low pay, his exits from it and his returns to it as events of a register."""
    wages = wage_panel().sort_values(["man", "year"])
    low = wages["wage"] < low_pay_line()
    by_man = low.groupby(wages["man"])
    before = by_man.shift(fill_value=False)
    ever = (by_man.cumsum() - low) > 0
    kinds = {"identified": low & ~ever, "returned": low & ever & ~before, "exited": ~low & before}
    event = np.select(list(kinds.values()), list(kinds), "")
    return wages.assign(event=event, persons=1).query("event != ''")[["man", "year", "event", "persons"]]


@exhibit("ledger-low-pay", data="real", notebook=NOTEBOOK, inputs=WAGES)
def low_pay(lang: Lang) -> "Table":
    """Set out the accounts of low pay, which close."""
    from povstats.tables import Table

    flows = registry_flows(events(), household="man", year="year", event="event", persons="persons")
    found = ledger(flows, unit="unit")
    found.raise_if_open()
    held = found.table[found.table["unit"] == "persons"]
    cells = [[f"{row[key]:,.0f}" for key in SHOWN] for _, row in held.iterrows()]
    totals = held[["identified", "returned", "exited"]].sum()
    cells.append(["—", *(f"{totals[key]:,.0f}" for key in ("identified", "returned", "exited")), "—", "—"])
    heads = [say(f"ledger.head_{key}", lang) for key in SHOWN]
    index = [*(str(year) for year in held["year"]), say("ledger.all_years", lang)]
    notes = (say("ledger.note_low_pay", lang), say("return.source_note", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("ledger.low_pay", lang), notes, lang)
