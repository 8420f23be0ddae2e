"""Who is reached: a textbook case, health insurance and a proxy score in Viet Nam 1998 (real), a made field check."""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from povstats.datasets import poverty_line, vietnam_1998, vietnam_persons_1998
from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS, stated
from povstats.poverty import Estimates
from povstats.poverty.printed import percent
from povstats.survey import Design
from povstats.targeting import (
    Incidence,
    ProxyMeans,
    Rates,
    Targeting,
    aid_incidence,
    proxy_means,
    targeting_errors,
    three_rates,
)
from povstats.targeting.check_rates.told import span
from povstats.targeting.scoring.score import Method
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "50_targeting"
HOUSEHOLDS = ("examples/vietnam_1998/source.toml", "examples/vietnam_1998/line.toml")
PERSONS = ("examples/vietnam_persons_1998/source.toml", "examples/vietnam_1998/line.toml")
WELFARE = "expenditure_per_head"
BY_COMMUNE = Design(psu="commune")
AGES = {"all": (0, 200), "small": (0, 5), "school": (6, 17), "adult": (18, 59), "old": (60, 200)}
SCENARIOS = {"1": (1, 2), "2": (1, 3), "3": (3, 4), "4": tuple(range(1, 11))}
FORMULA = "expenditure_per_head ~ education + age + household_size + farm + urban + sex"
BENEFITS = ("insured", "pharmacy_visits")
CHECKED = {"registered": (58, 60), "exited": (2, 400), "outside": (7, 1200)}
"""Of each status the truly poor and the checked of a made check; its totals are a town's of the documents."""


@exhibit("targeting-ten-persons", data="documents", notebook=NOTEBOOK, inputs=("targeting/source.toml",))
def ten_persons(lang: Lang) -> "Table":
    """Set out the textbook case of ten persons: errors by the line, by the poorest fifth, and the CGH index."""
    from povstats.tables import Table

    cells = []
    for who in SCENARIOS.values():
        at_line, poorest = (_ten(who, line) for line in (5, 3))
        errors = [
            percent(_first(one[key])) for one in (at_line, poorest) for key in ("exclusion_error", "inclusion_error")
        ]
        cells.append([*errors, f"{_first(at_line['cgh']):.2f}"])
    heads = [(say(f"targeting.{top}", lang), say(f"targeting.{low}", lang)) for top, low in TEN_HEADS]
    index = [say(f"targeting.scenario_{name}", lang) for name in SCENARIOS]
    frame = pd.DataFrame(cells, index, pd.MultiIndex.from_tuples(heads), dtype=object)
    return Table(frame, say("targeting.ten_persons", lang), (say("targeting.ten_note", lang),), lang)


TEN_HEADS = (
    *(("four_poor", key) for key in ("ee", "ie")),
    *(("two_poor", key) for key in ("ee", "ie")),
    ("four_poor_cgh", "cgh_head"),
)


def _ten(who: tuple[int, ...], line: int) -> Targeting:
    table = pd.DataFrame({"income": range(1, 11)})
    table["aid"] = table["income"].isin(who)
    return targeting_errors(table, "aid", welfare="income", line=line, design=Design.census())


def _first(one: Estimates) -> float:
    return float(one.estimate.iloc[0])


@exhibit("targeting-insurance", data="real", notebook=NOTEBOOK, inputs=PERSONS)
def insurance(lang: Lang) -> "Table":
    """Estimate whom health insurance reached, by age."""
    from povstats.tables import Table

    rows = {}
    for age in AGES:
        found = covered()[age]
        numbers = [_with_error(one) for one in found.estimates.values()]
        rows[say(f"targeting.age_{age}", lang)] = [*numbers, f"{int(found['coverage'].n.iloc[0]):,}"]
    heads = [say(f"targeting.head_{name}", lang) for name in covered()["all"].estimates]
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=[*heads, say("targeting.persons_n", lang)], dtype=object
    )
    notes = (say("targeting.insurance_note", lang), say("targeting.persons_source", lang))
    return Table(frame, say("targeting.insurance", lang), notes, lang)


def _with_error(one: Estimates) -> str:
    value, se = float(one.estimate.iloc[0]), float(one.se.iloc[0])
    return f"{percent(value)} ({percent(se)})" if one.unit == "share" else f"{value:.3f} ({se:.3f})"


@cache
def persons() -> pd.DataFrame:
    """Load the persons, with insurance as 0 and 1."""
    table = vietnam_persons_1998()
    return table.assign(insured=(table["insured"] == "yes").astype(float))


@cache
def covered() -> dict[str, Targeting]:
    """Estimate by age whom insurance reached."""
    line = poverty_line("vietnam_1998").value
    found = {}
    for age, (low, high) in AGES.items():
        here = persons()[persons()["age"].between(low, high)]
        found[age] = targeting_errors(here, "insured", welfare=WELFARE, line=line, design=BY_COMMUNE)
    return found


@cache
def spread() -> dict[str, Incidence]:
    """Estimate the incidence of insurance and of visits to a pharmacy."""
    return {name: aid_incidence(persons(), name, WELFARE, design=BY_COMMUNE) for name in BENEFITS}


@exhibit("targeting-incidence", data="real", notebook=NOTEBOOK, inputs=PERSONS)
def incidence(lang: Lang) -> "Table":
    """Set out who has insurance and who goes to the pharmacy, by fifths of the persons."""
    from povstats.tables import Table

    index, cells = [], []
    for turn in range(5):
        index.append((say("targeting.block_shares", lang), say(f"targeting.fifth_{turn + 1}", lang)))
        cells.append([_with_error(spread()[name].shares[turn]) for name in BENEFITS])
    for key in ("concentration", "kakwani", "cgh_bottom p=0.2", "cgh_bottom p=0.4"):
        index.append((say("targeting.block_indices", lang), say(f"targeting.index_{INDEX[key]}", lang)))
        cells.append([_with_error(spread()[name][key]) for name in BENEFITS])
    heads = [say(f"targeting.benefit_{name}", lang) for name in BENEFITS]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = (say("targeting.incidence_note", lang), say("targeting.persons_source", lang))
    return Table(frame, say("targeting.incidence", lang), notes, lang)


INDEX = {"concentration": "c", "kakwani": "k", "cgh_bottom p=0.2": "cgh20", "cgh_bottom p=0.4": "cgh40"}


@exhibit("targeting-concentration", data="real", notebook=NOTEBOOK, inputs=PERSONS)
def concentration(lang: Lang) -> "Figure":
    """Draw both concentration curves."""
    from povstats.viz import charts

    parts = []
    for name in BENEFITS:
        drawn = spread()[name].plot(lang=lang, labels={"": ""}).numbers
        parts.append(drawn.assign(group=say(f"targeting.benefit_{name}", lang)))
    return charts.share_curves(
        pd.concat(parts, ignore_index=True),
        x_label=say("targeting.axis_expenditure", lang),
        percent=True,
        diagonal=True,
        lang=lang,
        title=say("targeting.concentration", lang),
        unit=say("targeting.unit_benefits", lang),
        source=say("targeting.persons_source_short", lang),
    )


@cache
def scored(method: str, formula: str = FORMULA) -> ProxyMeans:
    """Make the proxy score of Viet Nam, with communes in ten folds."""
    design = Design(strata="urban", psu="commune")
    line = poverty_line("vietnam_1998").value
    chosen: Method = "logit" if method == "logit" else "ols"
    return proxy_means(vietnam_1998(), formula, line, method=chosen, design=design, size="household_size")


@exhibit("targeting-roc", data="real", notebook=NOTEBOOK, inputs=HOUSEHOLDS)
def roc(lang: Lang) -> "Figure":
    """Draw the ROC curve of the proxy score."""
    return scored("ols").plot_roc(lang=lang, title=say("targeting.roc", lang), source=say("targeting.source", lang))


def _budget_title(lang: Lang) -> str:
    return say("targeting.budget_drawn", lang)


@exhibit("targeting-budget", data="real", notebook=NOTEBOOK, inputs=HOUSEHOLDS, titled=_budget_title)
def budget(lang: Lang) -> "Figure":
    """Draw the errors of the proxy score by budget."""
    words = {"title": _budget_title(lang), "source": say("targeting.source", lang)}
    labels = {key: say(f"targeting.short_{key}", lang) for key in ("exclusion_error", "inclusion_error")}
    return scored("ols").plot_budget(lang=lang, labels=labels, **words)


SCORES = {
    "few": ("ols", "expenditure_per_head ~ urban + farm + household_size"),
    "ols": ("ols", FORMULA),
    "logit": ("logit", FORMULA),
}


@exhibit("targeting-scores", data="real", notebook=NOTEBOOK, inputs=HOUSEHOLDS)
def scores(lang: Lang) -> "Table":
    """Compare scores that see more and less: area under the curve, errors at 30 per cent."""
    from povstats.tables import Table

    rows = {}
    for key, (method, formula) in SCORES.items():
        found = scored(method, formula)
        errors = found.errors(0.3)
        rows[say(f"targeting.score_{key}", lang)] = [
            f"{found.area.value:.3f} ({found.area.se:.3f})",
            f"{found.area_inside:.3f}",
            *(_with_error(errors[name]) for name in ("coverage", "exclusion_error", "inclusion_error")),
        ]
    heads = ("area_head", "inside_head", "head_coverage", "head_exclusion_error", "head_inclusion_error")
    names = [say(f"targeting.{key}", lang) for key in heads]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=object)
    notes = (say("targeting.scores_note", lang), say("targeting.source_note", lang))
    return Table(frame, say("targeting.scores", lang), notes, lang)


@cache
def field_check() -> Rates:
    """Make a check of a town whose numbers of persons are the documents'."""
    registered, exited, incidence_stated = stated("F0189", "F0187", "F0190")
    population = registered / (incidence_stated / 100)
    totals = {"registered": registered, "exited": exited, "outside": population - registered - exited}
    rows = [
        {"status": status, "poor": poor, "n": n}
        for status, (found, checked) in CHECKED.items()
        for poor, n in ((1, found), (0, checked - found))
    ]
    return three_rates(pd.DataFrame(rows), "status", "poor", totals, count="n")


@exhibit("targeting-field-check", data="synthetic", notebook=NOTEBOOK, inputs=INPUTS)
def rates(lang: Lang) -> "Table":
    """Set out the three rates of the made check, and what they decide."""
    from povstats.tables import Table

    found, decided = field_check(), field_check().decisions("centre")
    rows = {}
    for rate, row in found.frame.iterrows():
        limit = percent(decided.loc[rate, "limit"]) if rate in decided.index else "—"
        word = say(f"targeting.decision_{decided.loc[rate, 'decision']}", lang) if rate in decided.index else "—"
        rows[say(f"targeting.rate_{rate}", lang)] = [
            f"{row['found']:,g}/{row['n']:,g}",
            percent(row["estimate"]),
            span(row),
            span(row, "delta_"),
            limit,
            word,
        ]
    heads = ("rate_found", "rate_percent", "rate_exact", "rate_delta", "limit", "decision")
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=[say(f"targeting.{key}", lang) for key in heads], dtype=object
    )
    registered, exited, outside = (f"{n:,.0f}" for n in found.totals[0])
    notes = (
        say("targeting.check_note", lang, registered=registered, exited=exited, outside=outside),
        say("targeting.check_decision", lang),
    )
    return Table(frame, say("targeting.field_check", lang), notes, lang)
