"""Poverty lines and incidence: official standards, Zhejiang's rule, absolute and relative lines in Viet Nam."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.datasets import china_rural_poverty, poverty_line, vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.poverty import (
    TermLines,
    headcount,
    poverty_gap,
    poverty_severity,
    relative_line,
    zhejiang_line,
)
from povstats.survey import Design
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "30_lines_and_incidence"
OFFICIAL = ("lines/official_series.csv", "lines/source.toml")
VIETNAM = ("examples/vietnam_1998/source.toml", "examples/vietnam_1998/line.toml")
STANDARDS = ("CN-1978", "CN-2008", "CN-2010")
WELFARE = "expenditure_per_head"
SEED, HOUSEHOLDS = 2013, 2000


@exhibit("standards-official", data="real", notebook=NOTEBOOK, inputs=OFFICIAL)
def official(lang: Lang) -> "Figure":
    """Draw the national lines in current yuan, where a source was read."""
    return _by_standard("line_yuan_per_year", 1.0, lang, "official", percent=False)


@exhibit("standards-incidence", data="real", notebook=NOTEBOOK, inputs=OFFICIAL)
def incidence(lang: Lang) -> "Figure":
    """Draw the incidence under each standard, where a source was read."""
    return _by_standard("incidence_pct", 0.01, lang, "incidence", percent=True)


def _by_standard(indicator: str, factor: float, lang: Lang, key: str, *, percent: bool) -> "Figure":
    from povstats.viz import charts

    rows = _national(indicator)
    frame = pd.DataFrame(
        {
            "group": [say(f"standards.{name.lower().replace('-', '_')}", lang) for name in rows["standard"]],
            "time": rows["year"].astype(float),
            "value": rows["value"] * factor,
            "segment": 0,
        }
    )
    return charts.lines(
        frame,
        percent=percent,
        lang=lang,
        title=say(f"standards.{key}", lang),
        unit=say(f"standards.unit_{key}", lang),
        source=say("standards.source", lang),
        notes=[say("standards.note_sourced", lang)],
    )


def _national(indicator: str) -> pd.DataFrame:
    table = china_rural_poverty()
    mine = (table["region"] == "national rural") & (table["indicator"] == indicator)
    found = table[mine & table["standard"].isin(STANDARDS)]
    # A year with a rounded and an exact figure shows the exact one.
    found = found.sort_values(["standard", "year", "precision"]).drop_duplicates(["standard", "year"])
    return found.reset_index(drop=True)


@exhibit("standards-population", data="real", notebook=NOTEBOOK, inputs=OFFICIAL)
def population(lang: Lang) -> "Table":
    """Divide the counts by the rates: the population that they rest on."""
    from povstats.tables import Table

    counts, rates = _national("poor_10k_persons"), _national("incidence_pct")
    both = counts.merge(rates, on=["standard", "year"], suffixes=("", "_rate")).query("value > 0 and value_rate > 0")
    cells = [
        [f"{row.value:,.0f}", f"{row.value_rate:.1f}", *_implied(row.value, row.value_rate)]
        for row in both.itertuples()
    ]
    index = pd.MultiIndex.from_tuples([(row.standard, str(row.year)) for row in both.itertuples()])
    heads = [say(f"standards.head_{key}", lang) for key in ("poor", "rate", "implied", "implied_range")]
    notes = (say("standards.note_population", lang), say("standards.note_source", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("standards.population", lang), notes, lang)


def _implied(poor: float, rate: float) -> list[str]:
    """Give the population, in 100 million, and its range where the rate is rounded to 0.1."""
    low, high = (poor / (rate + step) / 100 for step in (0.05, -0.05))
    return [f"{poor / rate / 100:.2f}", f"{low:.2f}–{high:.2f}"]


@exhibit("standards-vietnam", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def vietnam(lang: Lang) -> "Table":
    """Measure poverty in Viet Nam at an absolute and at a relative line, with the line's uncertainty and without."""
    from povstats.tables import Table

    table, design = vietnam_1998(), Design(strata="urban", psu="commune")
    relative = relative_line(table, WELFARE, 0.6, "median", design=design, size="household_size")
    absolute = poverty_line("vietnam_1998").value
    lines: dict[str, Any] = {"absolute": absolute, "relative": relative, "known": float(relative)}
    cells, index = [], []
    for key, line in lines.items():
        for by in (None, "urban"):
            kept: dict[str, Any] = {"by": by, "design": design, "size": "household_size"}
            found = [verb(table, WELFARE, line, **kept) for verb in (headcount, poverty_gap, poverty_severity)]
            for at, level in enumerate(found[0].estimate.index):
                place = say(f"standards.place_{level or 'all'}", lang)
                index.append((say(f"standards.line_{key}", lang, line=f"{float(line):,.0f}"), place))
                pairs = [(one.estimate.iloc[at], one.se.iloc[at]) for one in found]
                cells.append([f"{100 * value:.2f} ({100 * se:.2f})" for value, se in pairs])
    heads = [say(f"measures.name_{name}", lang) for name in ("headcount", "poverty_gap", "poverty_severity")]
    notes = (say("standards.note_vietnam", lang), say("vietnam.source", lang))
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    return Table(frame, say("standards.vietnam", lang), notes, lang)


@exhibit("standards-zhejiang", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def zhejiang(lang: Lang) -> "Table":
    """Hold Zhejiang's stated lines against the rule: 45 per cent of the income of the year before."""
    from povstats.tables import Table

    share = stated("F0433")[0] / 100
    stands = {2000: ("F0425", "F0415"), 2003: ("F0428", None), 2008: ("F0429", None), 2013: ("F0430", "F0416")}
    growth = stated("F0417")[0] / 100
    cells = []
    for line_id, income_id in stands.values():
        line = stated(line_id)[0]
        asked = line / share
        if income_id is None:
            cells.append([f"{line:,.0f}", "—", "—", "—", f"{asked:,.0f}"])
            continue
        income = stated(income_id)[0]
        before = income / (1 + growth)
        parts = [f"{line:,.0f}", f"{income:,.0f}", f"{100 * line / income:.1f}", f"{100 * line / before:.1f}"]
        cells.append([*parts, f"{asked:,.0f}"])
    heads = [say(f"standards.head_{key}", lang) for key in ("stated", "income", "of_income", "of_before", "asked")]
    frame = pd.DataFrame(cells, pd.Index([str(year) for year in stands]), heads, dtype=object)
    notes = (say("standards.note_zhejiang", lang), say("standards.note_document", lang))
    return Table(frame, say("standards.zhejiang", lang), notes, lang)


@exhibit("standards-churn", data="synthetic", notebook=NOTEBOOK, inputs=FACTS)
def churn(lang: Lang) -> "Table":
    """Set out who enters or leaves the list, under a line of a term and under a yearly one. Synthetic."""
    from povstats.tables import Table

    found, cells = term_lines(), []
    for at, (_, row) in enumerate(found.years.iterrows()):
        lists = [f"{100 * row[f'{name}_listed'] / row['population']:.1f}" for name in ("term", "yearly")]
        moves = ["—", "—"] if at == 0 else [_moved(row, name) for name in ("term", "yearly")]
        missed = f"{100 * row['missed'] / row['population']:.1f}"
        cells.append([f"{row['term_line']:,.0f}", f"{row['yearly_line']:,.0f}", *lists, *moves, missed])
    keys = ("term_line", "yearly_line", "term_listed", "yearly_listed", "term_moves", "moves", "missed")
    heads = [say(f"standards.head_{key}", lang) for key in keys]
    frame = pd.DataFrame(cells, pd.Index([str(year) for year in found.years.index]), heads, dtype=object)
    notes = (say("standards.note_churn_table", lang), say("standards.synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED))
    return Table(frame, say("standards.churn", lang), notes, lang)


def _moved(row: pd.Series, name: str) -> str:
    """Give those who entered or left, as a share of those listed."""
    return f"{100 * (row[f'{name}_entered'] + row[f'{name}_left']) / row[f'{name}_listed']:.1f}"


@cache
def term_lines() -> TermLines:
    """Follow synthetic households for 15 years: log income with a lasting part (sd 0.5), a yearly one (sd 0.3)."""
    rng = np.random.default_rng(SEED)
    lasting = rng.normal(0, 0.5, HOUSEHOLDS)
    growth = stated("F0417")[0] / 100
    parts = [
        pd.DataFrame(
            {
                "household": np.arange(HOUSEHOLDS),
                "year": year,
                "income": np.exp(8.2 + np.log1p(growth) * (year - 1999) + lasting + rng.normal(0, 0.3, HOUSEHOLDS)),
            }
        )
        for year in range(1999, 2014)
    ]
    return zhejiang_line(pd.concat(parts, ignore_index=True), "income", unit="household", year="year")
