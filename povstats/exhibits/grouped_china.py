"""China's published distributions: curves fitted to grouped data, beside the World Bank's own fits. Real data."""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from povstats.datasets import povcalnet_china, povcalnet_fits
from povstats.exhibits.registry import exhibit
from povstats.poverty import Grouped
from povstats.poverty import grouped as fit_grouped
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "33_grouped_data"
INPUTS = ("povcalnet/lorenz_points.csv", "povcalnet/summary.csv", "povcalnet/source.toml")
DRAWN = "CHN_1_2011"
FIRST_CONSUMPTION = 1990
"""The year from which the distributions are of consumption; those before are of income."""
SHOWN = (1981, 1990, 1999, 2005, 2011, 2013)


@exhibit("povcalnet-curve", data="real", notebook=NOTEBOOK, inputs=INPUTS)
def curve(lang: Lang) -> "Figure":
    """Draw both curves through the points of rural China, 2011."""
    found = fits()[DRAWN][0]
    return found.plot(lang=lang, title=say("povcalnet.curve", lang), source=say("povcalnet.source", lang))


@exhibit("povcalnet-headcount", data="real", notebook=NOTEBOOK, inputs=INPUTS)
def headcount(lang: Lang) -> "Figure":
    """Follow the headcount of rural China at the line of 1.90 dollars."""
    from povstats.viz import charts

    rows = [
        {
            "group": say(f"povcalnet.{place.lower()}", lang),
            "time": year,
            "value": found.headcount(line),
            "segment": int(year >= FIRST_CONSUMPTION),
        }
        for found, line, year, place in fits().values()
        if place == "Rural"
    ]
    frame = pd.DataFrame(rows)
    return charts.lines(
        frame,
        percent=True,
        lang=lang,
        title=say("povcalnet.headcount", lang),
        unit=say("povcalnet.unit_share", lang),
        source=say("povcalnet.source", lang),
        notes=[say("povcalnet.note_break", lang)],
    )


@exhibit("povcalnet-measures", data="real", notebook=NOTEBOOK, inputs=INPUTS)
def measures(lang: Lang) -> "Table":
    """Set our measures by the chosen curve beside the World Bank's of the same curve."""
    from povstats.tables import Table

    theirs, cells, index = povcalnet_fits(), [], []
    for file, (found, line, year, place) in fits().items():
        if year not in SHOWN:
            continue
        chosen = found.chosen
        index.append((say(f"povcalnet.{place.lower()}", lang), str(year)))
        cells.append(
            [
                say(f"grouped.form_{chosen.form}", lang),
                *(f"{100 * value:.3f}" for value in (chosen.headcount(line), chosen.poverty_gap(line))),
                *(f"{100 * value:.3f}" for value in (chosen.poverty_severity(line), chosen.watts(line), chosen.gini)),
                f"{theirs.loc[file, f'{chosen.form}_HC']:.3f}",
                f"{theirs.loc[file, f'{chosen.form}_Gini']:.3f}",
            ]
        )
    heads = ("curve_used", "h", "pg", "spg", "watts", "gini", "bank_h", "bank_gini")
    names = [say(f"povcalnet.head_{key}", lang) for key in heads]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), names, dtype=object)
    notes = (say("povcalnet.note_measures", lang), say("povcalnet.source_note", lang))
    return Table(frame, say("povcalnet.measures", lang), notes, lang)


@cache
def fits() -> dict[str, tuple[Grouped, float, int, str]]:
    """Fit all distributions: result, line, year and place by file, rural China first."""
    made = {}
    for file, rows in povcalnet_china().groupby("file"):
        first = rows.iloc[0]
        found = fit_grouped(rows["p"].to_list(), rows["L"].to_list(), float(first["mean"]))
        made[str(file)] = (found, float(first["line"]), int(first["year"]), str(first["coverage"]))
    return made
