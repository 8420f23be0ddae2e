"""The look-back in a workbook: counts by formula, and the households that they count."""

from typing import Any

import narwhals as nw

from povstats.engine.panels import collected
from povstats.registry.lookback import KINDS, Compared
from povstats.registry.sheet_rows import head_row, hold_text
from povstats.words import Lang, say

LISTED = 50_000
"""Households of each kind that the sheet holds; where there are more, the count is a number, and the sheet says so."""


def write_lookback(book: Any, compared: Compared, lang: Lang) -> None:
    """Write the sheets lookback and differences.

    Parameters
    ----------
    book : an openpyxl workbook. compared : of `povstats.compare_registers`. lang : "zh" or "en".
    """
    counts = book.create_sheet("lookback")
    whole = _differences(book, compared, lang)
    units = [str(unit) for unit in compared.counts.columns]
    head_row(counts, [say("ledger.head_kind", lang), *(say(f"ledger.head_unit_{unit}", lang) for unit in units)], "B2")
    for at, (kind, row) in enumerate(compared.counts.iterrows(), start=2):
        numbers: list[Any] = [None if v != v else float(v) for v in row]
        if kind in whole:
            numbers[0] = f"=COUNTIF(differences!$A:$A,A{at})"
        counts.append([say(f"ledger.kind_{kind}", lang), *numbers])
        hold_text(counts, at, range(1, 2))
    for name, n in compared.columns.items():
        counts.append([say("ledger.changed_column", lang, column=name), int(n)])
        hold_text(counts, int(counts.max_row), range(1, 2))


def _differences(book: Any, compared: Compared, lang: Lang) -> set[str]:
    """List the households of each kind; give the kinds that are there whole."""
    sheet = book.create_sheet("differences")
    first: Any = nw.from_native(compared.changed)
    names = [name for name in first.collect_schema().names() if not name.endswith(" changed")]
    new = say("ledger.new_value", lang)
    head_row(sheet, [say("ledger.head_kind", lang), *(name.replace(" (new)", new) for name in names)], "B2")
    whole = set()
    for kind in KINDS[1:]:
        held: Any = nw.from_native(getattr(compared, kind))
        found = collected(held.head(LISTED + 1))
        if len(found) <= LISTED:
            whole.add(kind)
        for row in found.head(LISTED).to_dict("records"):
            # What came has new values alone, what went old ones.
            if kind in ("added", "duplicates_new"):
                row = {name if name in compared.keys else f"{name} (new)": value for name, value in row.items()}
            cells = [row.get(name) for name in names]
            sheet.append([say(f"ledger.kind_{kind}", lang), *(None if v != v else v for v in cells)])
            hold_text(sheet, int(sheet.max_row), range(1, len(names) + 2))
        if kind not in whole:
            sheet.append([say("ledger.more", lang, kind=say(f"ledger.kind_{kind}", lang), n=f"{LISTED:,}")])
    return whole
