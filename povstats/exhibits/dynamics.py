"""Return to poverty: five rates of one panel, survival, hazards, chronic poverty, and what the documents say of it.

The panel is of low pay, real data of 545 men; the eight households by which the definitions are counted are made up.
"""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from povstats.datasets import wage_panel
from povstats.documents import facts, part_words
from povstats.dynamics import (
    Chronic,
    HazardResult,
    ReturnRates,
    Survival,
    Transitions,
    chronic,
    hazard,
    return_rates,
    survival,
    transitions,
)
from povstats.dynamics.asked import Columns
from povstats.dynamics.discrete_time.ages import Baseline
from povstats.dynamics.discrete_time.model import FRAILTIES, Frailty
from povstats.dynamics.face import decimal, share
from povstats.exhibits.low_pay import WAGES, low_pay_line
from povstats.exhibits.registry import exhibit
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "40_return_to_poverty"
DOCUMENTS = ("documents/facts.csv", "documents/source.toml")
YEARS = 3
CHRONIC_YEARS = 5
FORMULA = "education + black + union"
STATED = ("F0142", "F0143", "F0144", "F0145", "F0150", "F0151", "F0152")
HISTORIES = {
    "A": "oPooP", "B": "PoPoo", "C": "PPPPP", "D": "ooooo", "E": "Poooo", "F": "PooPP", "G": "ooPPo", "H": "oooPo",
}  # fmt: skip
"""Eight made-up households in five years: P poor, o not."""
WRONG = {("A", 3): True, ("B", 2): False, ("E", 2): False, ("F", 2): True, ("G", 5): False}
"""Exits that a made-up look-back checked, by household and year, and whether they were wrong."""


@exhibit("return-five", data="synthetic", notebook=NOTEBOOK)
def five(lang: Lang) -> "Table":
    """Count the five rates by hand on eight made-up households."""
    found = made_up()
    from povstats.tables import Table

    index, cells = [], []
    for row in found.frame().to_dict("records"):
        index.append(found.label(row["definition"], lang))
        formula = say(f"return.formula_{row['definition']}", lang)
        cells.append([share(row["estimate"]), f"{row['events']:,}", f"{row['n']:,}", formula])
    keys = ("return_rate", "numerator_rows", "denominator_rows")
    head = [*(say(f"dynamics.{key}", lang) for key in keys), say("return.head_formula", lang)]
    notes = (say("return.note_histories", lang), say("return.note_made_up", lang))
    return Table(pd.DataFrame(cells, pd.Index(index), head, dtype=object), say("return.five", lang), notes, lang)


@exhibit("return-rates", data="real", notebook=NOTEBOOK, inputs=WAGES)
def rates(lang: Lang) -> "Table":
    """Set the rates of return to low pay side by side."""
    from povstats.tables import Table

    found = low_pay_rates()
    index, cells = [], []
    for row in found.frame().to_dict("records"):
        index.append(found.label(row["definition"], lang))
        numbers = [share(row["estimate"]), share(row["se"], 2), share(row["low"]), share(row["high"])]
        formula = say(f"return.formula_{row['definition']}", lang)
        cells.append([*numbers, f"{row['events']:,}", f"{row['n']:,}", formula])
    index.append(say("dynamics.name_wrong_exit", lang))
    cells.append([*["—"] * 6, say("return.no_check", lang)])
    keys = ("return_rate", "se", "low", "high", "numerator_rows", "denominator_rows")
    head = [*(say(f"dynamics.{key}", lang) for key in keys), say("return.head_formula", lang)]
    frame = pd.DataFrame(cells, pd.Index(index), head, dtype=object)
    return Table(frame, say("return.rates", lang), _notes(lang), lang)


@exhibit("return-rates-chart", data="real", notebook=NOTEBOOK, inputs=WAGES)
def rates_chart(lang: Lang) -> "Figure":
    """Draw the same rates with their intervals."""
    from povstats.viz import charts

    found = low_pay_rates()
    rows = found.frame()
    frame = pd.DataFrame(
        {
            "panel": "",
            "row": [found.label(name, lang) for name in rows["definition"]],
            "group": "",
            **{key: rows[key] for key in ("estimate", "low", "high")},
        }
    )
    return charts.row_panels(
        frame,
        percent=True,
        lang=lang,
        title=say("return.rates_chart", lang),
        unit="%",
        source=say("return.source", lang),
        notes=[say("return.note_same", lang), say("return.note_pay", lang)],
    )


@exhibit("return-moves", data="real", notebook=NOTEBOOK, inputs=WAGES)
def moves(lang: Lang) -> "Figure":
    """Draw entry into low pay and exit from it by year."""
    found = low_pay_moves()
    notes = (say("return.note_pay", lang), say("return.note_cohort", lang))
    title, source = say("return.moves", lang), say("return.source", lang)
    labels = {key: say(f"return.{key}", lang) for key in ("entry", "exit")}
    return found.plot(lang=lang, title=title, source=source, labels=labels, notes=notes)


@exhibit("return-survival", data="real", notebook=NOTEBOOK, inputs=WAGES)
def staying_out(lang: Lang) -> "Figure":
    """Draw the share still out of low pay by the years since the exit."""
    title, source = say("return.survival", lang), say("return.source", lang)
    return low_pay_survival().plot(lang=lang, title=title, source=source, notes=(say("return.note_pay", lang),))


@exhibit("return-hazard", data="real", notebook=NOTEBOOK, inputs=WAGES)
def falling(lang: Lang) -> "Figure":
    """Draw the hazard of return by the years since the exit."""
    title, source = say("return.hazard", lang), say("return.source", lang)
    return low_pay_hazard("none", "dummies").plot(
        lang=lang, title=title, source=source, notes=(say("return.note_pay", lang),)
    )


@exhibit("return-hazard-models", data="real", notebook=NOTEBOOK, inputs=WAGES)
def hazard_models(lang: Lang) -> "Table":
    """Set the hazard of return without frailty, with gamma and with normal frailty side by side."""
    from povstats.tables import Table

    fits = {name: low_pay_hazard(name, "log") for name in FRAILTIES}
    columns, index = {}, []
    for name, fit in fits.items():
        cells = []
        for term in fit.params.index:
            cells += [decimal(fit.params[term]), f"({decimal(fit.std_errors[term])})"]
        variance = "—" if name == "none" else decimal(fit.frailty_variance)
        p = "—" if fit.test is None else decimal(fit.test.p)
        columns[say(f"return.frailty_{name}", lang)] = [*cells, variance, p, f"{fit.loglik:.2f}", f"{fit.nobs:,}"]
    for term in fits["none"].params.index:
        index += [_term(term, lang), say("return.in_brackets", lang)]
    index += [say(f"return.{key}", lang) for key in ("variance", "lr_p", "loglik", "rows")]
    frame = pd.DataFrame(columns, index=pd.Index(index), dtype=object)
    notes = (say("return.note_models", lang), *_notes(lang))
    return Table(frame, say("return.hazard_models", lang), notes, lang)


@exhibit("return-chronic", data="real", notebook=NOTEBOOK, inputs=WAGES)
def lasting(lang: Lang) -> "Table":
    """Set out who is chronically low-paid by each method."""
    from povstats.tables import Table

    index, cells = [], []
    for found in low_pay_chronic():
        method = say(f"dynamics.method_{found.key}", lang)
        for row in found.table.to_dict("records"):
            digits = 2 if row["index"].endswith("_share") else 5
            shown = share if row["index"].endswith("_share") else decimal
            index.append((method, _with_unit(found.label(row["index"], lang), row["index"])))
            cells.append([shown(row[key], digits) for key in ("estimate", "se")])
    head = [say("return.value", lang), say("dynamics.se", lang)]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), head, dtype=object)
    rules = tuple(found.rule(lang) for found in low_pay_chronic())
    return Table(frame, say("return.chronic", lang), (*rules, *_notes(lang)), lang)


@exhibit("return-documents", data="documents", notebook=NOTEBOOK, inputs=DOCUMENTS)
def stated(lang: Lang) -> "Table":
    """List what the documents say of return and of chronic poverty, with what they leave open."""
    from povstats.tables import Table

    known = facts().set_index("id")
    index, cells = [], []
    for fact in STATED:
        row = known.loc[fact]
        place = f"{row['document']} {part_words(row['section'], lang)} {fact}"
        value = f"{row['value']:g}" + ("%" if row["unit"] == "percent" else "")
        years = "" if row["unit"] == "percent" else say("return.years", lang)
        index.append(say(f"return.stated_{fact.lower()}", lang))
        cells.append([value + years, str(row["words"]), say(f"return.base_{fact.lower()}", lang), place])
    left, back = (float(known.loc[fact, "value"]) / 100 for fact in ("F0144", "F0145"))
    formula = f"{100 * left:g} / ({100 * left:g} + {100 * back:g})"
    index.append(say("return.steady", lang))
    cells.append([f"{100 * steady_state():.1f}%", formula, say("return.base_steady", lang), ""])
    head = [say(f"return.head_{key}", lang) for key in ("value", "words", "base", "place")]
    frame = pd.DataFrame(cells, pd.Index(index), head, dtype=object)
    notes = (say("return.note_documents", lang), say("return.note_steady", lang))
    return Table(frame, say("return.documents", lang), notes, lang)


def steady_state() -> float:
    """Give the share out of poverty in the long run of a chain with the documents' exit and return: e / (e + r)."""
    known = facts().set_index("id")["value"]
    return float(known["F0144"] / (known["F0144"] + known["F0145"]))


def _notes(lang: Lang) -> tuple[str, ...]:
    """Say that this is low pay, how errors are clustered, and the source."""
    return say("return.note_pay", lang), say("return.note_errors", lang), say("return.source_note", lang)


def _term(term: str, lang: Lang) -> str:
    """Name a coefficient of the models."""
    key = term.replace("[T.yes]", "").replace("log(age)", "log_age").lower()
    return say(f"return.term_{key}", lang)


def _with_unit(label: str, index: str) -> str:
    return f"{label} (%)" if index.endswith("_share") else label


@cache
def made_up() -> ReturnRates:
    """Count the eight made-up households."""
    rows = [
        {"house": house, "year": year, "poor": sign == "P", "wrong": WRONG.get((house, year))}
        for house, signs in HISTORIES.items()
        for year, sign in enumerate(signs, start=1)
    ]
    table = pd.DataFrame(rows).astype({"wrong": "boolean"})
    return return_rates(table, years=1, check="wrong", unit="house", wave="year", poor="poor")


@cache
def low_pay_rates() -> ReturnRates:
    """Measure return to low pay by the four definitions that need no check of exits."""
    return return_rates(wage_panel(), years=YEARS, unit="man", wave="year", welfare="wage", line=low_pay_line())


@cache
def low_pay_moves() -> Transitions:
    """Count entry into low pay and exit from it."""
    return transitions(wage_panel(), unit="man", wave="year", welfare="wage", line=low_pay_line())


@cache
def low_pay_survival() -> Survival:
    """Follow men after their exit from low pay."""
    return survival(wage_panel(), of="return", unit="man", wave="year", welfare="wage", line=low_pay_line())


@cache
def low_pay_hazard(frailty: Frailty, baseline: Baseline) -> HazardResult:
    """Model the hazard of return to low pay."""
    who: Columns = {"unit": "man", "wave": "year", "welfare": "wage", "line": low_pay_line()}
    return hazard(wage_panel(), FORMULA, of="return", frailty=frailty, baseline=baseline, **who)


@cache
def low_pay_chronic() -> tuple[Chronic, ...]:
    """Measure chronic low pay by every method."""
    who: Columns = {"unit": "man", "wave": "year", "welfare": "wage", "line": low_pay_line()}
    return (
        chronic(wage_panel(), method="years", years=CHRONIC_YEARS, **who),
        chronic(wage_panel(), method="foster", cutoff=CHRONIC_YEARS / 8, **who),
        chronic(wage_panel(), method="jalan-ravallion", **who),
        chronic(wage_panel(), method="bossert", **who),
        chronic(wage_panel(), method="gradin", **who),
    )
