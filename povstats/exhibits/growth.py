"""Trends and decompositions: the documents' series, the official series, China's grouped data, Viet Nam's groups."""

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.datasets import china_rural_poverty, povcalnet_china, poverty_line, vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.poverty import Grouped, Trend, decompose, trend
from povstats.poverty import grouped as fit_grouped
from povstats.survey import Design
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "32_trends_and_decomposition"
OFFICIAL = ("lines/official_series.csv", "lines/source.toml")
VIETNAM = ("examples/vietnam_1998/source.toml", "examples/vietnam_1998/line.toml")
POVCALNET = ("povcalnet/lorenz_points.csv", "povcalnet/summary.csv", "povcalnet/source.toml")
PERIODS = ((1990, 1999), (1999, 2005), (2005, 2011))
"""Years of consumption; 2013 rests on another survey."""
PLACES = {"xi": ("F0663", "F0664", "F0665", "F0666"), "province": ("F0796", "F0797", "F0798", "F0799")}
WELFARE = "expenditure_per_head"


@exhibit("growth-elasticities", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def elasticities(lang: Lang) -> "Table":
    """Set falls of incidence beside growth of incomes in the documents' two places that give both."""
    from povstats.tables import Table

    cells = []
    for key in PLACES:
        first, last, before, after = stated(*PLACES[key])
        found = place_trends()[key][0].elasticity(place_trends()[key][1], "before", "after").iloc[0]
        head = [f"{first:.2f} → {last:.2f}", f"{before:,.0f} → {after:,.0f}"]
        cells.append(head + [f"{found[name]:.2f}" for name in ("elasticity", "arc", "simple")])
    keys = ("incidence", "income", "elasticity", "arc", "simple")
    index = pd.Index([say(f"growth.place_{key}", lang) for key in PLACES])
    frame = pd.DataFrame(cells, index, [say(f"growth.head_{key}", lang) for key in keys], dtype=object)
    notes = (say("growth.note_elasticities", lang), say("growth.note_documents", lang))
    return Table(frame, say("growth.elasticities", lang), notes, lang)


@cache
def place_trends() -> dict[str, tuple[Trend, Trend]]:
    """Make trends of incidence and of income; the dates of Xi County are not printed."""
    made = {}
    for key, ids in PLACES.items():
        values = stated(*ids)
        rates = pd.DataFrame({"when": ["before", "after"], "v": [value / 100 for value in values[:2]]})
        money = pd.DataFrame({"when": ["before", "after"], "v": values[2:]})
        made[key] = (
            trend(rates, time="when", value="v", measure="share"),
            trend(money, time="when", value="v", measure="amount"),
        )
    return made


@exhibit("growth-official", data="real", notebook=NOTEBOOK, inputs=OFFICIAL)
def official(lang: Lang) -> "Table":
    """Follow the count under the standard of 2010: fall, rate, years to zero at the year's pace."""
    from povstats.tables import Table

    counts = official_counts()
    rows = pd.DataFrame({"year": list(counts), "poor": list(counts.values())})
    followed, cells, index = trend(rows, time="year", value="poor", measure="count"), [], []
    for before, year in pairwise(counts):
        found = followed.growth(before, year).iloc[0]
        fall = [f"{-found['change']:,.0f}", f"{100 * found['relative_fall']:.1f}", f"{found['years_to_zero']:.1f}"]
        index.append(str(year))
        cells.append([f"{counts[year]:,.0f}", *fall])
    heads = [say(f"growth.head_{key}", lang) for key in ("poor", "fall", "rate", "to_zero")]
    notes = (say("growth.note_official", lang), say("standards.note_source", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("growth.official", lang), notes, lang)


@cache
def official_counts() -> dict[int, float]:
    """Give the poor under the standard of 2010, in 10,000, from 2011 on."""
    table = china_rural_poverty()
    mine = (table["standard"] == "CN-2010") & (table["region"] == "national rural")
    found = table[mine & (table["indicator"] == "poor_10k_persons") & (table["year"] >= 2011)]
    found = found.drop_duplicates("year").sort_values("year")
    return {int(year): float(value) for year, value in zip(found["year"], found["value"], strict=True)}


@exhibit("growth-pace", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def pace(lang: Lang) -> "Table":
    """Hold the pace that the documents name against what the target asks for."""
    from povstats.tables import Table

    poor, a_year = stated("F0100", "F0103")
    series = trend(pd.DataFrame({"when": ["now"], "v": [poor]}), time="when", value="v", measure="count")
    named, needed = series.pace(per_year=a_year), series.pace(years=5)
    cells = [
        [f"{poor / 1e4:,.0f}", f"{a_year / 1e4:,.0f}", f"{named['years']:.2f}"],
        [f"{poor / 1e4:,.0f}", f"{needed['per_year'] / 1e4:,.0f}", "5.00"],
    ]
    index = [say(f"growth.pace_{key}", lang) for key in ("named", "needed")]
    heads = [say(f"growth.head_{key}", lang) for key in ("poor", "a_year", "years")]
    notes = (say("growth.note_pace", lang), say("growth.note_documents", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("growth.pace", lang), notes, lang)


@exhibit("growth-povcalnet", data="real", notebook=NOTEBOOK, inputs=POVCALNET)
def povcalnet(lang: Lang) -> "Table":
    """Take the fall of the headcount in rural and urban China apart, period by period."""
    from povstats.tables import Table

    cells, index = [], []
    for place in ("Rural", "Urban"):
        for start, end in PERIODS:
            first, last = curves()[place, start], curves()[place, end]
            parts = first.decompose(last, line_of()).parts["estimate"]
            index.append((say(f"povcalnet.{place.lower()}", lang), f"{start}–{end}"))
            names = ("change", "growth_shapley", "redistribution_shapley", "residual_initial")
            values = [100 * first.headcount(line_of()), *(100 * parts[name] for name in names)]
            cells.append([f"{value:.2f}" for value in values])
    keys = ("start", "change", "growth", "redistribution", "residual")
    frame = pd.DataFrame(
        cells, pd.MultiIndex.from_tuples(index), [say(f"growth.head_{k}", lang) for k in keys], dtype=object
    )
    notes = (say("growth.note_povcalnet", lang), say("povcalnet.source_note", lang))
    return Table(frame, say("growth.povcalnet", lang), notes, lang)


@exhibit("growth-incidence", data="real", notebook=NOTEBOOK, inputs=POVCALNET)
def incidence(lang: Lang) -> "Figure":
    """Draw growth by percentile in rural China, period by period."""
    from povstats.viz import charts

    parts = []
    for start, end in PERIODS:
        curve = curves()["Rural", start].growth_incidence(curves()["Rural", end], years=end - start)
        inner = curve.table[(curve.table.index >= 0.05) & (curve.table.index <= 0.95)]
        parts.append(
            pd.DataFrame(
                {
                    "group": f"{start}–{end}",
                    "x": inner.index,
                    "estimate": inner["growth"],
                    "low": np.nan,
                    "high": np.nan,
                }
            )
        )
    return charts.share_curves(
        pd.concat(parts, ignore_index=True),
        x_label=say("curves.axis_p", lang),
        percent=True,
        lang=lang,
        title=say("growth.incidence", lang),
        unit=say("growth.unit_incidence", lang),
        source=say("povcalnet.source", lang),
        notes=[say("growth.note_incidence", lang)],
    )


@exhibit("growth-vietnam", data="real", notebook=NOTEBOOK, inputs=VIETNAM)
def vietnam(lang: Lang) -> "Table":
    """Take poverty and inequality of Viet Nam apart by place and by farming."""
    from povstats.tables import Table

    line, cells, index = poverty_line("vietnam_1998").value, [], []
    for by in ("urban", "farm"):
        for measure in ("headcount", "poverty_gap", "theil", "mld"):
            found = decompose(
                vietnam_1998(),
                WELFARE,
                line if measure in ("headcount", "poverty_gap") else None,
                by=by,
                measure=measure,
                design=Design(strata="urban", psu="commune"),
                size="household_size",
            )
            index.append((say(f"growth.by_{by}", lang), say(f"decompose.name_{measure}", lang)))
            relative = [found.groups.loc[("relative", level)] for level in ("yes", "no")]
            rest = found.parts.loc["between_share"] if "between_share" in found.parts.index else None
            whole = found.parts.loc["whole"]
            per_cent = rest is None
            value = f"{100 * whole['estimate']:.2f}" if per_cent else f"{whole['estimate']:.4f}"
            cells.append([value, *(_percent(row) for row in relative), "—" if rest is None else _percent(rest)])
    keys = ("whole", "yes", "no", "between")
    frame = pd.DataFrame(
        cells, pd.MultiIndex.from_tuples(index), [say(f"growth.head_{k}", lang) for k in keys], dtype=object
    )
    notes = (say("growth.note_vietnam", lang), say("vietnam.source", lang))
    return Table(frame, say("growth.vietnam", lang), notes, lang)


def _percent(row: pd.Series) -> str:
    return f"{100 * row['estimate']:.1f} ({100 * row['se']:.1f})"


@cache
def curves() -> dict[tuple[str, int], Grouped]:
    """Fit the distributions of the periods' years."""
    years = sorted({year for period in PERIODS for year in period})
    points = povcalnet_china()
    made = {}
    for (place, year), rows in points[points["year"].isin(years)].groupby(["coverage", "year"]):
        made[str(place), int(year)] = fit_grouped(rows["p"].to_list(), rows["L"].to_list(), float(rows["mean"].iloc[0]))
    return made


@cache
def line_of() -> float:
    """Give the line of 1.90 dollars a day, a month."""
    return float(povcalnet_china()["line"].iloc[0])
