"""The rates of a field check as a table and as a paragraph."""

from typing import TYPE_CHECKING

from povstats.poverty.printed import number, percent
from povstats.printing import Grid, Summary
from povstats.targeting.side_by_side import joined
from povstats.words import say

if TYPE_CHECKING:
    import pandas as pd

    from povstats.targeting.check_rates.result import Rates


def printed(rates: "Rates", lang: str) -> Summary:
    """Lay the rates out: found of how many, the rate, and its intervals."""
    keys = ("rate_found", "rate_value", "rate_se", "rate_exact", "rate_wilson", "rate_delta")
    head = ("", *(say(f"targeting.{key}", lang) for key in keys))
    rows = [
        (
            say(f"targeting.rate_{rate}", lang),
            f"{row['found']:,g}/{row['n']:,g}",
            percent(row["estimate"]),
            percent(row["se"]),
            *(span(row, kind) for kind in ("", "wilson_", "delta_")),
        )
        for rate, row in rates.frame.iterrows()
    ]
    notes = [say(f"targeting.rate_note_{kind}", lang) for kind in ("denominators", "intervals", "registered")]
    return Summary((Grid(say("targeting.rates_title", lang), head, tuple(rows), tuple(notes)),))


def span(row: "pd.Series", kind: str = "") -> str:
    """Write an interval in per cent."""
    return f"{percent(row[f'{kind}low'])}–{percent(row[f'{kind}high'])}"


def paragraph(rates: "Rates", lang: str) -> str:
    """Say all."""
    registered, exited, outside = (number(float(n)) for n in rates.totals.sum(axis=0))
    lead = say(
        "targeting.rates_lead", lang, rows=f"{rates.rows:,}", strata=len(rates.strata), registered=registered,
        exited=exited, outside=outside,
    )  # fmt: skip
    told = [
        say(
            f"targeting.rates_told_{rate}", lang, value=percent(row["estimate"]), span=span(row),
            found=f"{row['found']:,g}", n=f"{row['n']:,g}",
        )
        for rate, row in rates.frame.iterrows()
    ]  # fmt: skip
    zero = rates.frame.index[(rates.frame["found"] == 0) & rates.frame["low"].notna()]
    none = [say("targeting.rates_zero", lang)] if len(zero) else []
    drawn = say("targeting.rates_psu" if rates.columns.psu else "targeting.rates_rows", lang, psu=rates.columns.psu)
    return joined([lead, *told, *none, drawn, say("targeting.rates_errors", lang)], lang)
