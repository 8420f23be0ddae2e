"""Several deprivations at once, and vulnerability: Viet Nam 1998 (real); a calibration on made panels (synthetic)."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.datasets import poverty_line, vietnam_1998, wage_panel
from povstats.exhibits.low_pay import WAGES, low_pay_line
from povstats.exhibits.registry import exhibit
from povstats.exhibits.targeting import BY_COMMUNE, HOUSEHOLDS, PERSONS, WELFARE, persons
from povstats.models import fit_hlm
from povstats.poverty import Estimates
from povstats.poverty.printed import percent
from povstats.smallarea import Calibration, Vulnerability, vulnerability
from povstats.targeting import AlkireFoster, Guarantees, alkire_foster, two_worries_three_guarantees
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "51_multidimensional"
WEIGHTS = {"expenditure": "1/3", "education": "1/3", "insurance": "1/6", "illness": "1/6"}
CUTOFFS = ("1/6", "1/3", "1/2", "2/3", "5/6", "1")
ILL_DAYS = 7
MODEL = "log(expenditure_per_head) ~ education + age + household_size + farm + urban + (1 | commune)"
LASTING = (0.0, 0.5)
"""The part of the spread of the made panels that lasts from wave to wave."""
SYNTHETIC_LINE = 900.0
WAGE_MODEL = "log(wage) ~ education + experience + union + married + black + hispanic + (1 | occupation)"
YEARS = (1980, 1983, 1986)
"""The years whose next is looked at."""


def _titled(key: str) -> Any:
    return lambda lang: say(f"multidimensional.{key}", lang)


@cache
def deprived() -> pd.DataFrame:
    """Give every person's four deprivations."""
    table = persons()
    return table.assign(
        expenditure=table[WELFARE] < poverty_line("vietnam_1998").value,
        education=table["education_code"] == 0,
        insurance=table["insured"] == 0,
        illness=table["ill_days"] >= ILL_DAYS,
    )


@cache
def measured(k: str) -> AlkireFoster:
    """Measure at a cut-off."""
    return alkire_foster(deprived(), WEIGHTS, k, design=BY_COMMUNE, sweep=CUTOFFS)


def _with_error(one: Estimates) -> str:
    value, se = float(one.estimate.iloc[0]), float(one.se.iloc[0])
    return f"{percent(value)} ({percent(se)})" if one.unit == "share" else f"{value:.4f} ({se:.4f})"


@exhibit("multi-indicators", data="real", notebook=NOTEBOOK, inputs=PERSONS, titled=_titled("drawn_indicators"))
def indicators(lang: Lang) -> "Table":
    """Set out H, A and M0, and what each indicator adds."""
    from povstats.tables import Table

    found = measured("1/3")
    index, cells = [], []
    for name in ("headcount", "intensity", "m0"):
        index.append((say("multidimensional.block_all", lang), say(f"multidimensional.long_{name}", lang)))
        cells.append(["", _with_error(found.whole[name]), "", ""])
    for name, weight in WEIGHTS.items():
        index.append((say("multidimensional.block_indicators", lang), say(f"multidimensional.flag_{name}", lang)))
        kinds = ("uncensored", "censored", "contribution")
        cells.append([weight, *(_with_error(found.by_indicator[kind][name]) for kind in kinds)])
    heads = [say(f"multidimensional.{key}", lang) for key in ("head_weight", "head_value", "head_cut", "head_share")]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = (say("multidimensional.indicators_note", lang), say("targeting.persons_source", lang))
    return Table(frame, say("multidimensional.drawn_indicators", lang), notes, lang)


@exhibit("multi-sweep", data="real", notebook=NOTEBOOK, inputs=PERSONS, titled=_titled("drawn_sweep"))
def sweep(lang: Lang) -> "Figure":
    """Draw H and M0 over the cut-off."""
    return measured("1/3").plot_sweep(
        lang=lang,
        title=say("multidimensional.drawn_sweep", lang),
        source=say("targeting.persons_source_short", lang),
        notes=(say("multidimensional.sweep_note", lang),),
    )


@exhibit("multi-rules", data="real", notebook=NOTEBOOK, inputs=PERSONS, titled=_titled("drawn_rules"))
def rules(lang: Lang) -> "Table":
    """Set the union rule beside cut-offs: who is poor, and who is blocked all the same."""
    from povstats.tables import Table

    union = measured("1/3").swept
    blocked = float(next(iter(union.values()))["headcount"].estimate.iloc[0])
    cells = []
    for k, three in zip(CUTOFFS, union.values(), strict=True):
        value = float(three["headcount"].estimate.iloc[0])
        cells.append([k, *(_with_error(three[n]) for n in ("headcount", "intensity", "m0")), percent(blocked - value)])
    labels = [say(f"multidimensional.rule_{i}", lang) for i in range(len(CUTOFFS))]
    heads = [say(f"multidimensional.{key}", lang) for key in ("axis_k", "head_h", "head_a", "head_m0", "head_only")]
    frame = pd.DataFrame(cells, labels, heads, dtype=object)
    notes = (say("multidimensional.rules_note", lang), say("targeting.persons_source", lang))
    return Table(frame, say("multidimensional.drawn_rules", lang), notes, lang)


@cache
def guarantees() -> Guarantees:
    """Hold persons against the guarantees that the survey asks for: education and medical care."""
    asked = {"food": None, "clothing": None, "housing": None, "water": None}
    columns = {**asked, "education": "education", "medical": "insurance"}
    return two_worries_three_guarantees(deprived(), columns, k="1", design=BY_COMMUNE)


@exhibit("multi-guarantees", data="real", notebook=NOTEBOOK, inputs=PERSONS, titled=_titled("drawn_guarantees"))
def guaranteed(lang: Lang) -> "Table":
    """Set out what the rule of exit can say where most of it was not asked."""
    from povstats.tables import Table

    found = guarantees()
    rows = {say(f"multidimensional.told_{name}", lang): [_with_error(one)] for name, one in found.rule.items()}
    rows[say("multidimensional.told_both", lang)] = [_with_error(found.measure.whole["headcount"])]
    rows[say("multidimensional.told_one", lang)] = [_with_error(found.only_by_union)]
    head = [say("targeting.share", lang)]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=head, dtype=object)
    notes = (say("multidimensional.guarantees_note", lang), say("targeting.persons_source", lang))
    return Table(frame, say("multidimensional.drawn_guarantees", lang), notes, lang)


@cache
def vulnerable() -> Vulnerability:
    """Estimate the chances of Vietnamese households, by kind of place and work."""
    table = vietnam_1998()
    place = (
        table["urban"].map({"yes": "urban", "no": "rural"}) + "_" + table["farm"].map({"yes": "farm", "no": "other"})
    )
    fit = fit_hlm(MODEL, table)
    line = poverty_line("vietnam_1998").value
    return vulnerability(fit, table.assign(place=place), line, threshold=0.5, by="place", size="household_size")


@exhibit("multi-vulnerable", data="real", notebook=NOTEBOOK, inputs=HOUSEHOLDS, titled=_titled("drawn_vulnerable"))
def vulnerable_drawn(lang: Lang) -> "Figure":
    """Draw observed headcounts and mean chances by kind of place and work."""
    labels = {g: say(f"multidimensional.place_{g}", lang) for g in vulnerable().groups.index if g is not None}
    words = {"title": say("multidimensional.drawn_vulnerable", lang), "source": say("targeting.source", lang)}
    return vulnerable().plot(lang=lang, labels=labels, **words)


@exhibit("multi-vulnerability", data="real", notebook=NOTEBOOK, inputs=HOUSEHOLDS, titled=_titled("table_vulnerable"))
def vulnerable_table(lang: Lang) -> "Table":
    """Set out chances and vulnerable shares by kind of place and work."""
    from povstats.tables import Table

    rows = {}
    for group, row in vulnerable().groups.iterrows():
        name = say("vulnerability.all", lang) if group is None else say(f"multidimensional.place_{group}", lang)
        shares = [percent(row[column]) for column in ("poor", "vep", "vulnerable")]
        rows[name] = [*shares, f"{int(row['households']):,}"]
    heads = [say(f"multidimensional.v_{key}", lang) for key in ("poor", "vep", "vulnerable", "households")]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=heads, dtype=object)
    crossed = vulnerable().crossed
    ends = {"new": crossed.loc["not_poor", "vulnerable"], "passing": crossed.loc["poor", "not_vulnerable"]}
    told = say("multidimensional.vulnerable_note", lang, **{name: percent(value) for name, value in ends.items()})
    notes = (told, say("targeting.source_note", lang))
    return Table(frame, say("multidimensional.table_vulnerable", lang), notes, lang)


def made_panel(lasting: float, villages: int = 120, households: int = 25) -> pd.DataFrame:
    """Make households of two waves whose spread grows with x, and of which a part lasts."""
    rng = np.random.default_rng(51)
    village = np.repeat(np.arange(villages), households)
    x, n = rng.normal(size=len(village)), len(village)
    mean = 7 + 0.3 * x + 0.3 * rng.normal(size=villages)[village]
    sd, own = np.exp(-0.8 + 0.3 * x), np.sqrt(lasting) * rng.normal(size=n)
    first, later = (mean + sd * (own + np.sqrt(1 - lasting) * rng.normal(size=n)) for _ in range(2))
    return pd.DataFrame({"y": np.exp(first), "later": np.exp(later), "x": x, "village": village})


@cache
def calibrated(lasting: float) -> tuple[Calibration, Calibration]:
    """Calibrate chances on a made panel: of all households, and of those who are poor in the first wave."""
    table = made_panel(lasting)
    found = vulnerability(fit_hlm("log(y) ~ x + (1 | village)", table), table, SYNTHETIC_LINE, threshold=0.5)
    later = (table["later"] < SYNTHETIC_LINE).astype(float)
    return found.calibrate(later), found.calibrate(later.where(table["y"] < SYNTHETIC_LINE), parts=6)


@exhibit("multi-calibration", data="synthetic", notebook=NOTEBOOK, titled=_titled("drawn_calibration"))
def calibration_drawn(lang: Lang) -> "Figure":
    """Draw what happened to the poor of the first wave over their chances, where nothing lasts and where half does."""
    from povstats.viz import charts

    parts = []
    for lasting in LASTING:
        drawn = calibrated(lasting)[1].table.rename(columns={"chance": "x", "observed": "estimate"})
        parts.append(drawn.assign(group=say("multidimensional.lasting", lang, share=f"{100 * lasting:.0f}")))
    return charts.share_curves(
        pd.concat(parts)[["group", "x", "estimate", "low", "high"]],
        x_label=say("vulnerability.axis_chance", lang),
        percent=True,
        diagonal=True,
        lang=lang,
        title=say("multidimensional.drawn_calibration", lang),
        unit=say("vulnerability.unit_observed", lang),
        source=say("multidimensional.synthetic_source", lang),
        notes=[say("multidimensional.calibration_note", lang)],
    )


@exhibit("multi-lasting", data="synthetic", notebook=NOTEBOOK, titled=_titled("table_calibration"))
def lasting_table(lang: Lang) -> "Table":
    """Set out scores, and how the poor of the first wave fare."""
    from povstats.tables import Table

    rows = {}
    for lasting in LASTING:
        told, poor = calibrated(lasting)
        rows[say("multidimensional.lasting", lang, share=f"{100 * lasting:.0f}")] = [
            f"{told.brier:.4f}",
            f"{100 * told.skill:.1f}",
            f"{told.area:.3f} ({told.area_se:.3f})",
            percent(poor.chance),
            percent(poor.observed),
        ]
    heads = [say(f"multidimensional.c_{key}", lang) for key in ("brier", "skill", "area", "chance", "again")]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=heads, dtype=object)
    notes = (say("multidimensional.synthetic_note", lang), say("multidimensional.lasting_note", lang))
    return Table(frame, say("multidimensional.table_calibration", lang), notes, lang)


@cache
def low_paid(year: int) -> tuple[Calibration, Calibration]:
    """Calibrate chances of low pay of one year on the next: of all men, and of those who are low paid."""
    table, line = wage_panel(), low_pay_line()
    now = table[table["year"] == year].reset_index(drop=True)
    later = table[table["year"] == year + 1].set_index("man")["wage"].reindex(now["man"]) < line
    found = vulnerability(fit_hlm(WAGE_MODEL, now), now, line, threshold="poverty_rate")
    again = pd.Series(later.to_numpy(dtype=float))
    return found.calibrate(again, parts=5), found.calibrate(again.where(now["wage"] < line), parts=3)


@exhibit("multi-low-pay", data="real", notebook=NOTEBOOK, inputs=WAGES, titled=_titled("low_pay"))
def low_pay(lang: Lang) -> "Table":
    """Set out how chances of low pay came true in a real panel."""
    from povstats.tables import Table

    rows = {}
    for year in YEARS:
        told, poor = low_paid(year)
        rows[f"{year}–{year + 1}"] = [
            *(percent(value) for value in (poor.n / told.n, told.chance, told.observed)),
            f"{100 * told.skill:.1f}",
            f"{told.area:.3f} ({told.area_se:.3f})",
            *(percent(value) for value in (poor.chance, poor.observed)),
            f"{poor.n:,}",
        ]
    keys = ("w_this", "w_chance", "w_observed", "c_skill", "c_area", "w_now", "w_again", "w_n")
    heads = [say(f"multidimensional.{key}", lang) for key in keys]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=heads, dtype=object)
    notes = (say("multidimensional.low_pay_note", lang), say("multidimensional.low_pay_source", lang))
    return Table(frame, say("multidimensional.low_pay", lang), notes, lang)
