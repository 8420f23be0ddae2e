"""The return rates in a workbook: by definition, each with its numerator, its denominator and a formula of them."""

from collections.abc import Iterator
from typing import Any

from povstats.dynamics import ReturnRate, return_rate, return_rates, survival
from povstats.dynamics.returns import DEFINITIONS
from povstats.errors import DataError
from povstats.registry.events import RegistryPanel
from povstats.registry.sheet_rows import head_row, hold_text
from povstats.words import Lang, say

HEADS = ("definition", "year", "formula", "numerator", "denominator", "rate")
ASKED: dict[str, Any] = {"unit": "household", "wave": "year", "poor": "poor"}


def write_rates(book: Any, panel: RegistryPanel, years: int, check: str | None, lang: Lang) -> None:
    """Write the sheet of rates: D numerator, E denominator, F the rate.

    The cumulative rate is no quotient: it is carried on from year to year after the exit, 1 − (1 − before)(1 − D/E).

    Parameters
    ----------
    book : an openpyxl workbook. panel : of the registry. years : of the cumulative rate. check : the panel's column of
        checked exits, if it has one. lang : "zh" or "en".
    """
    sheet = book.create_sheet("rates")
    head_row(sheet, [say(f"ledger.head_{key}", lang) for key in HEADS])
    for name, rate in _measured(panel, years, check).items():
        label = say(f"ledger.rate_{name}", lang, years=years)
        if isinstance(rate, DataError):
            sheet.append([label, "—", str(rate)])
            hold_text(sheet, int(sheet.max_row), range(1, 4))
            continue
        first = int(sheet.max_row) + 1
        steps = _steps(panel, years, lang) if name == "cumulative" else _quotients(rate, lang)
        for when, above, below in steps:
            at = int(sheet.max_row) + 1
            share = f'IF(E{at}>0,D{at}/E{at},"")'
            if name == "cumulative":
                share = f"1-(1-F{at - 1})*(1-D{at}/E{at})" if at > first else f"D{at}/E{at}"
            sheet.append([label, when, say(f"ledger.formula_{name}", lang), above, below, f"={share}"])
            hold_text(sheet, at, range(1, 4))
            sheet.cell(at, 6).number_format = "0.00%"


def _quotients(rate: ReturnRate, lang: Lang) -> Iterator[tuple[str, float, float]]:
    """Give year, numerator and denominator; the whole last."""
    for row in rate.table.to_dict("records"):
        if row["denominator"] or not row["wave"]:
            yield str(row["wave"]) or say("ledger.all_years", lang), float(row["numerator"]), float(row["denominator"])


def _steps(panel: RegistryPanel, years: int, lang: Lang) -> Iterator[tuple[str, float, float]]:
    """Give the returns, and the households at risk, by years after the exit."""
    table = survival(panel.table, of="return", **ASKED).table
    for row in table[table["duration"] <= years].to_dict("records"):
        yield say("ledger.after", lang, years=f"{row['duration']:g}"), float(row["events"]), float(row["n"])


def _measured(panel: RegistryPanel, years: int, check: str | None) -> dict[str, ReturnRate | DataError]:
    """Give the return rates of all definitions; where the registry is too short for one of them, why."""
    try:
        return {str(k): v for k, v in return_rates(panel.table, years=years, check=check, **ASKED).rates.items()}
    except DataError:
        found: dict[str, ReturnRate | DataError] = {}
    for name in DEFINITIONS:
        if name == "wrong_exit" and check is None:
            continue
        own = {"check": check} if name == "wrong_exit" else {"years": years} if name == "cumulative" else {}
        try:
            found[name] = return_rate(panel.table, definition=name, **own, **ASKED)
        except DataError as refused:
            found[name] = refused
    return found
