"""Registry accounts: the documents' towns, where they do not balance, and a synthetic registry that does."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.dynamics import return_rates
from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.registry import Ledger, ledger, panel_from_registry, registry_flows, stated_account
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "41_registry_accounts"
UNITS = ("households", "persons")
DOUSHA_EXITS = {
    "households": ("F0942", "F0944", "F0946", "F0948", "F0950"),
    "persons": ("F0943", "F0945", "F0947", "F0949", "F0951"),
}
DENGTA_EXITS = {
    "households": ("F0720", "F0722", "F0724", "F0726", "F0728", "F0730"),
    "persons": ("F0721", "F0723", "F0725", "F0727", "F0729", "F0731"),
}
SEED, HOUSEHOLDS = 2020, 3000


@cache
def towns(lang: Lang) -> Ledger:
    """Write the accounts that the texts of three places allow."""
    rows: list[dict[str, Any]] = []
    for at, unit in enumerate(UNITS):
        whole, left = stated(("F0888", "F0889")[at])[0], stated(("F0907", "F0908")[at])[0]
        gone = sum(stated(*DOUSHA_EXITS[unit]))
        flows: dict[str, float | None] = {"opening": whole, "exited": gone, "closing": left}
        rows.append(stated_account(say("ledger.dousha", lang), "2014–2019", unit, flows))
        last = stated(("F0952", "F0953")[at])[0]
        rows.append(
            stated_account(say("ledger.dousha", lang), "2020", unit, {"opening": left, "exited": last, "closing": 0.0})
        )
        first, last_stock = stated(("F0179", "F0180")[at])[0], stated(("F0184", "F0185")[at])[0]
        open_poor, close_poor = stated(("F0181", "F0182")[at])[0], stated(("F0188", "F0189")[at])[0]
        exits = stated(("F0186", "F0187")[at])[0] - (first - open_poor)
        flows = {"opening": open_poor, "exited": exits, "removed": None, "closing": close_poor}
        rows.append(stated_account(say("ledger.town", lang), "2016–2020", unit, flows))
        flows = {"opening": first, "removed": None, "closing": last_stock}
        rows.append(stated_account(say("ledger.town_register", lang), "2016–2020", unit, flows))
        stocks = stated(*(("F0712", "F0714", "F0716", "F0718"), ("F0713", "F0715", "F0717", "F0719"))[at])
        years = ("2014–2018", "2019", "2020")
        for year, opening, closing in zip(years, stocks, stocks[1:], strict=False):
            removed = None if year != "2020" or unit == "persons" else stated("F0732")[0]
            flows = {"opening": opening, "removed": removed, "closing": closing}
            rows.append(stated_account(say("ledger.dengta_register", lang), year, unit, flows))
    known = {"identified": 0.0, "returned": 0.0, "natural_increase": 0.0, "natural_decrease": 0.0}
    table = pd.DataFrame([known | {"exited": 0.0, "removed": 0.0} | row for row in rows])
    return ledger(table, place="place", unit="unit")


@exhibit("ledger-towns", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def town_accounts(lang: Lang) -> "Table":
    """Set out the accounts, with the gap of each."""
    from povstats.registry.balance import number, unit_word
    from povstats.tables import Table

    found = towns(lang).table
    cells, index = [], []
    for _, row in found.iterrows():
        index.append((row["place"], f"{row['year']}, {unit_word(row['unit'], lang)}"))
        cells.append([number(row[name]) for name in ("opening", "exited", "removed", "expected", "closing")])
        cells[-1].append(f"{row['gap']:+,.0f}" if row["gap"] else "0")
    keys = ("opening", "exited", "removed", "expected", "closing", "gap")
    heads = [say(f"ledger.head_{key}", lang) for key in keys]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = (say("ledger.note_towns", lang), say("growth.note_documents", lang))
    return Table(frame, say("ledger.towns", lang), notes, lang)


@exhibit("ledger-totals", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def totals_stated(lang: Lang) -> "Table":
    """Hold the sums of yearly exits against the totals that the texts state."""
    from povstats.tables import Table

    rows = (
        ("dousha", DOUSHA_EXITS, ("F0905", "F0906")),
        ("dengta", DENGTA_EXITS, ("F0739", "F0740")),
    )
    cells, index = [], []
    for key, exits, ids in rows:
        for unit, id in zip(UNITS, ids, strict=True):
            added, said = sum(stated(*exits[unit])), stated(id)[0]
            index.append((say(f"ledger.{key}", lang), say(f"ledger.unit_{unit}", lang)))
            cells.append([f"{added:,.0f}", f"{said:,.0f}", f"{said - added:+,.0f}"])
    heads = [say(f"ledger.head_{key}", lang) for key in ("added", "stated", "difference")]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = (say("ledger.note_totals", lang), say("growth.note_documents", lang))
    return Table(frame, say("ledger.totals", lang), notes, lang)


@exhibit("ledger-lookback", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def lookback(lang: Lang) -> "Table":
    """Follow the size of the town's register through its look-backs."""
    from povstats.tables import Table

    households = stated("F0175", "F0179", "F0184")
    persons = stated("F0176", "F0180", "F0185")
    cells = []
    for at in range(3):
        moved = ["—", "—"]
        if at:
            moved = [f"{series[at] - series[at - 1]:+,.0f}" for series in (households, persons)]
        cells.append(
            [f"{households[at]:,.0f}", moved[0], f"{persons[at]:,.0f}", moved[1], f"{persons[at] / households[at]:.2f}"]
        )
    keys = ("unit_households", "difference", "unit_persons", "difference_persons", "size")
    heads = [say(f"ledger.head_{key}", lang) for key in keys]
    index = [say(f"ledger.at_{year}", lang) for year in (2014, 2016, 2020)]
    notes = (say("ledger.note_lookback", lang), say("growth.note_documents", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("ledger.lookback", lang), notes, lang)


@cache
def synthetic_events() -> pd.DataFrame:
    """Draw what happens to synthetic households, 2014 to 2020; every chance stands here and nowhere else."""
    rng, rows = np.random.default_rng(SEED), []
    for number in range(HOUSEHOLDS):
        state, persons, left = "none", int(rng.integers(1, 7)), 0
        for year in range(2014, 2021):
            draw = float(rng.random())
            event = ""
            if state == "none":
                event = "identified" if draw < (0.8 if year == 2014 else 0.05) else ""
            elif state == "poor":
                event = "exited" if draw < 0.35 else "died" if draw > 0.99 else ""
            elif state == "out":
                event = "returned" if draw < 0.06 / (year - left) else ""
            if event:
                rows.append((f"h{number}", year, event, persons))
                state = {"exited": "out", "died": "gone"}.get(event, "poor")
                left = year if event == "exited" else left
            if state == "gone":
                break
    return pd.DataFrame(rows, columns=["household", "year", "event", "persons"])


@exhibit("ledger-synthetic", data="synthetic", notebook=NOTEBOOK)
def synthetic(lang: Lang) -> "Table":
    """Set out the accounts of a synthetic registry, which close."""
    from povstats.tables import Table

    columns = {"household": "household", "year": "year", "event": "event", "persons": "persons"}
    found = ledger(registry_flows(synthetic_events(), **columns), unit="unit")
    found.raise_if_open()
    held = found.table[found.table["unit"] == "households"]
    keys = ("opening", "identified", "returned", "exited", "natural_decrease", "closing", "gap")
    cells = [[f"{row[key]:,.0f}" for key in keys] for _, row in held.iterrows()]
    heads = [say(f"ledger.head_{key}", lang) for key in keys]
    frame = pd.DataFrame(cells, [str(year) for year in held["year"]], heads, dtype=object)
    notes = (say("ledger.note_synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED),)
    return Table(frame, say("ledger.synthetic", lang), notes, lang)


@exhibit("ledger-rates", data="synthetic", notebook=NOTEBOOK)
def rates(lang: Lang) -> "Table":
    """Give the return rates of the synthetic registry side by side."""
    from povstats.tables import Table

    panel = panel_from_registry(synthetic_events(), household="household", year="year", event="event").table
    found = return_rates(panel, years=3, unit="household", wave="year", poor="poor").rates
    cells, index = [], []
    for name, rate in found.items():
        row = rate.table.iloc[-1]
        index.append(say(f"ledger.rate_{name}", lang, years=3))
        cells.append(
            [
                f"{100 * row['estimate']:.1f} ({100 * row['se']:.1f})",
                f"{row['numerator']:,.0f}",
                f"{row['denominator']:,.0f}",
            ]
        )
    heads = [say(f"ledger.head_{key}", lang) for key in ("rate", "numerator", "denominator")]
    notes = (say("ledger.note_rates", lang), say("ledger.note_synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("ledger.rates", lang), notes, lang)


@exhibit("ledger-exits", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def exits_drawn(lang: Lang) -> "Figure":
    """Draw what is left of Dousha's poor after each year's exits, beside what the text says is left."""
    from povstats.viz import charts

    left, rows = stated("F0889")[0], []
    for year, id in zip((2014, 2015, 2017, 2018, 2019), DOUSHA_EXITS["persons"], strict=True):
        left -= stated(id)[0]
        rows.append({"group": say("ledger.computed", lang), "time": float(year), "value": left, "segment": 0})
    rows.append({"group": say("ledger.said", lang), "time": 2019.0, "value": stated("F0908")[0], "segment": 0})
    return charts.lines(
        pd.DataFrame(rows),
        lang=lang,
        title=say("ledger.exits", lang),
        unit=say("ledger.unit_persons", lang),
        source=say("money.source_dousha_text", lang),
    )
