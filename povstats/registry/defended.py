"""ps.registry_report(): one workbook for the person who must defend the registry's numbers, with live formulas."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.engine.panels import opened, totals
from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.files import replacing
from povstats.registry.balance import FLOWS, INFLOWS
from povstats.registry.events import RegistryPanel, panel_from_registry
from povstats.registry.flows import registry_flows
from povstats.registry.lookback import Compared
from povstats.registry.lookback_sheets import write_lookback
from povstats.registry.rates_sheet import write_rates
from povstats.registry.sheet_rows import head_row, hold_text
from povstats.words import Lang, language, say


@dataclass(frozen=True, kw_only=True)
class RegistryColumns:
    """Which column of an event table is which.

    Parameters
    ----------
    household, year, event, persons : see `povstats.registry_flows`. place : of the household; None for one place.
    other, check : of splits and merges, and of checked exits; see `povstats.panel_from_registry`. None where the table
        has none: without checks there is no rate of wrong exits.
    """

    household: str
    year: str
    event: str
    persons: str
    place: str | None = None
    other: str | None = None
    check: str | None = None

    def asked(self) -> dict[str, Any]:
        """Give the keywords of `povstats.registry_flows`."""
        names = ("household", "year", "event", "persons", "place", "other")
        return {name: getattr(self, name) for name in names}


def registry_report(
    events: Table,
    path: str | PathLike[str],
    columns: RegistryColumns,
    *,
    lookback: Compared | None = None,
    years: int = 3,
    lang: Lang | None = None,
) -> Path:
    """Write the accounts, return rates and look-back of a registry into one workbook.

    Sheets: ledger (stocks and flows; opening, closing and gap are formulas, and the households on the list are counted
    apart from the flows), rates (the return rates by definition and year: numerator, denominator, and the rate as a
    formula of them; where the registry is too short for one, the reason), lookback (what a second version changed,
    counted by formula from the sheet differences, which lists the households), words (what each column is).

    Parameters
    ----------
    events : one row an event, any table. path : the file, ending in .xlsx. columns : which column is which.
    lookback : of `povstats.compare_registers`, where there is an older version.
    years : after the exit, of the cumulative return rate. lang : "zh" or "en".

    Returns
    -------
    Path
        The file, written whole or not at all.

    Raises
    ------
    OptionError
        Where the path does not end in .xlsx.
    DataError
        As `povstats.registry_flows` and `povstats.panel_from_registry`.
    """
    from openpyxl import Workbook

    target, spoken = Path(path), lang or language()
    if target.suffix.lower() != ".xlsx":
        raise OptionError(f"path={str(path)!r} must end in .xlsx")
    c = columns
    flows = registry_flows(events, **c.asked())
    panel = panel_from_registry(events, household=c.household, year=c.year, event=c.event, other=c.other, check=c.check)
    book = Workbook()
    book.remove(book.active)
    _ledger_sheet(book, flows, _counted(events, panel, c), spoken)
    write_rates(book, panel, years, "check" if c.check else None, spoken)
    if lookback is not None:
        write_lookback(book, lookback, spoken)
    words = book.create_sheet("words")
    words.column_dimensions["A"].width = 120
    for key in ("book_ledger", "book_rates", "book_lookback"):
        words.append([say(f"ledger.{key}", spoken)])
    with replacing(target) as part:
        book.save(part)
    return target


def _counted(events: Table, panel: RegistryPanel, columns: RegistryColumns) -> dict[tuple[str, int], int]:
    """Count the households on the list at the end of each year by place, from the panel."""
    on_list: Any = opened(panel.table, ["household", "year", "poor"]).filter(nw.col("poor") == 1)
    if columns.place is None:
        found = totals(on_list, ["year"], {})
        return {("", int(year)): int(n) for year, n in zip(found["year"], found["rows"], strict=True)}
    homes: Any = opened(events, [columns.household, columns.place])
    homes = homes.select(household=nw.col(columns.household), place=nw.col(columns.place)).unique()
    if not isinstance(on_list, nw.LazyFrame):
        homes = nw.from_native(homes.to_pandas(), eager_only=True)
    found = totals(on_list.join(homes, on="household", how="left"), ["place", "year"], {})
    return {(str(p), int(y)): int(n) for p, y, n in zip(found["place"], found["year"], found["rows"], strict=True)}


def _ledger_sheet(book: Any, flows: pd.DataFrame, counted: dict[tuple[str, int], int], lang: str) -> None:
    """Write stocks and flows: D opening, E to J the flows, K closing, L counted apart, M the gap."""
    sheet = book.create_sheet("ledger")
    head_row(
        sheet,
        [
            say(f"ledger.head_{key}", lang)
            for key in ("place", "year", "unit", "opening", *FLOWS, "closing", "counted", "gap")
        ],
    )
    before: tuple[Any, Any] = (None, None)
    for at, (_, row) in enumerate(flows.sort_values(["place", "unit", "year"]).iterrows(), start=2):
        opening: Any = f"=K{at - 1}" if before == (row["place"], row["unit"]) else row["opening"]
        ins = "+".join(f"{letter}{at}" for letter in "EFG"[: len(INFLOWS)])
        counts = counted.get((str(row["place"]), int(row["year"])), 0) if row["unit"] == "households" else None
        cells = [str(row["place"]), int(row["year"]), say(f"ledger.unit_{row['unit']}", lang), opening]
        cells += [row[name] for name in FLOWS]
        cells += [f"=D{at}+{ins}-H{at}-I{at}-J{at}", counts, f"=K{at}-L{at}" if counts is not None else None]
        sheet.append(cells)
        hold_text(sheet, at, range(1, 4))
        before = (row["place"], row["unit"])
