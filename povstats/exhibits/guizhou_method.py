"""The method of the Guizhou study tested on surveys whose effects are known; nothing here bears on Guizhou. Synthetic.

All numbers are of data/guizhou/recovery.csv, which benchmarks/guizhou_recovery.py writes; nothing is simulated here.
"""

from functools import cache
from io import StringIO
from math import exp, sqrt
from typing import TYPE_CHECKING

import pandas as pd
from scipy.special import ndtri

from povstats.documents import statement
from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.files import data_file
from povstats.guizhou import Plan
from povstats.guizhou.labelled import notes_of, titled
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "23_guizhou_method"
FILE = "guizhou/recovery.csv"
INPUTS = (FILE, "documents/guizhou_statements.csv")
PLAN = Plan(data="synthetic")
STEPS = {
    "transfers": 100,
    "village_consumption": 1000,
    "aid_funds": 100,
    "village_migration": 0.1,
    "by_village_consumption": 1000,
    "by_aid_funds": 100,
    "by_village_migration": 0.1,
}
"""Units of a quantity for which the tables print 100 b; of the others, one. 100 yuan of gifts, 1,000 yuan of mean
consumption, 100 yuan of funds, ten points of the share working away."""

# (block of the table, {quantity: (statement, the part of its quote that is printed)}).
SHOWN: tuple[tuple[str, dict[str, tuple[str, str]]], ...] = (
    (
        "trust",
        {
            "education": ("G15", "贡献显著为正,分别为2.87%"),
            "land": ("G16", "分别为2.87%和19.17%"),
            "migrants": ("G19", "效应显著为负,为-13.79%"),
            "transfers": ("G18", "微弱但统计上显著的正效应"),
            "at_zero": ("G20", "主效应显著为负"),
            "main": ("G20", "主效应显著为负"),
            "by_village_consumption": ("G21", "对信任水平的交互效应为正"),
            "by_village_migration": ("G22", "也显著为正"),
            "by_aid_funds": ("G23", "村级变量中有两个变量"),
        },
    ),
    (
        "participation",
        {
            "main": ("G25", "每增加一个档次可使得消费水平提高0.15个百分点"),
            "education": ("G29", "受教育年限变得不显著"),
            "aid_funds": ("G33", "每增长100元,只能带来约0.09个百分点"),
            "village_migration": ("G35", "村级外出务工比例的贡献是显著为正的"),
            "by_village_consumption": ("G26", "斜率并无显著影响"),
            "by_village_migration": ("G28", "斜率并无显著影响"),
            "by_aid_funds": ("G27", "斜率并无显著影响"),
        },
    ),
    (
        "harmony",
        {"main": ("G41", "都能显著改善"), "by_village_consumption": ("G43", "在更贫困的地区所发挥的作用更大一些")},
    ),
    (
        "cadre_relation",
        {"main": ("G42", "都能显著改善"), "by_village_consumption": ("G37", "随着全村人均消费水平的增长而削弱")},
    ),
)
LETTER = {quantity: SHOWN[1][1][quantity] for quantity in ("main", "aid_funds")}
"""Of participation's model under the literal reading."""
FREE = {
    "participation": {quantity: SHOWN[1][1][quantity] for quantity in ("main", "aid_funds", "village_migration")},
    "trust": {"by_village_migration": SHOWN[0][1]["by_village_migration"]},
}
"""Where no village mean has an effect or is in the model."""
POWER = 0.80


@cache
def recovery() -> pd.DataFrame:
    """Give the recovery of every quantity, by reading, model, item and quantity."""
    text = data_file(FILE).read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text)).set_index(["reading", "model", "item", "quantity"]).sort_index()


def _title(key: str, lang: Lang) -> str:
    return titled(say(f"guizhou.{key}", lang), PLAN, lang)


@exhibit(
    "guizhou-method", data="synthetic", notebook=NOTEBOOK, inputs=INPUTS, titled=lambda lang: _title("method", lang)
)
def method(lang: Lang) -> "Table":
    """Set what is printed beside what the generator was given and what the study's method finds of it."""
    from povstats.tables import Table

    index, cells = [], []
    for item, quantities in SHOWN:
        for quantity, (id, quote) in quantities.items():
            index.append((_block(item, lang), say(f"method.{quantity}", lang)))
            cells.append(_cells(("coefficient", "study", item, quantity), id, quote, lang))
    for quantity, (id, quote) in LETTER.items():
        index.append((say("method.block_literal", lang), say(f"method.{quantity}", lang)))
        cells.append(_cells(("literal", "study", "participation", quantity), id, quote, lang))
    for item, quantities in FREE.items():
        for quantity, (id, quote) in quantities.items():
            label = say(
                "method.of_item", lang, item=say(f"contracts.{item}", lang), name=say(f"method.{quantity}", lang)
            )
            index.append((say("method.block_free", lang), label))
            cells.append(_cells(("coefficient", "without_mean", item, quantity), id, quote, lang))
    heads = ("printed", "quote", "put_in", "recovered", "bias", "coverage", "power")
    columns = [say(f"method.head_{name}", lang) for name in heads]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), columns, dtype=object)
    study = recovery().loc[("coefficient", "study")]
    funds = study.loc[("participation", "aid_funds")]
    facts = {
        "surveys": f"{int(study['surveys'].max()):,}",
        "left": f"{funds['recovered'] / funds['put_in']:.0%}",
        "boundary": f"{study['boundary'].mean():.1%}",
    }
    notes = [say(f"method.note_{name}", lang, **facts) for name in ("design", "units", "mean", "power")]
    return Table(frame, _title("method", lang), (*notes, *notes_of(PLAN, lang)), lang)


@exhibit(
    "guizhou-readings", data="synthetic", notebook=NOTEBOOK, inputs=INPUTS, titled=lambda lang: _title("readings", lang)
)
def readings(lang: Lang) -> "Table":
    """Tell what each reading of the printed percentage points would mean, and whether 440 households could show it."""
    from povstats.tables import Table

    index: list[tuple[str, str]] = []
    cells: list[list[str]] = []
    told: dict[str, str] = {}
    names = {"main": say("method.grade_of", lang, item=say("contracts.participation", lang))}
    names["aid_funds"] = say("method.aid_funds", lang)
    for quantity in ("main", "aid_funds"):
        for reading in ("literal", "coefficient"):
            index.append((names[quantity], say(f"method.reading_{reading}", lang)))
            found = reading_facts(quantity, reading)
            told |= {f"{quantity}_{reading}_{name}": value for name, value in found.items()}
            cells.append([found[name] for name in ("b", "percent", "yuan", "power", "free", "least", "spread")])
    heads = [say(f"method.head_{name}", lang) for name in ("b", "percent", "yuan", "share", "free", "least", "spread")]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    facts = {
        "mean": f"{_mean():,.0f}",
        "surveys": f"{int(recovery()['surveys'].max()):,}",
        "sigma": f"{_sigma():.2f}",
        "households": str(len(analysis().table)),
    }
    notes = [
        say("method.note_columns", lang, **facts),
        say("method.answer_grade", lang, **_only(told, "main")),
        say("method.answer_funds", lang, mean=facts["mean"], **_only(told, "aid_funds")),
    ]
    return Table(frame, _title("readings", lang), (*notes, *notes_of(PLAN, lang)), lang)


def reading_facts(quantity: str, reading: str) -> dict[str, str]:
    """Give what a reading says of an effect of participation's model, as text.

    Per step (one grade, 100 yuan): b; 100 (e^b − 1) per cent; that of the mean consumption in yuan. power and free:
    share of surveys with p < 0.05, in the study's model and without a village mean. least: the effect that is found in
    80 % of surveys, (z_.975 + z_.80) times the standard deviation of the estimates. spread: the standard deviation
    of the regressor from which on t = 1.96 is reached at best, 1.96 σ / (b √n), with n independent households
    and the residual standard deviation σ of the model: villages in common, other regressors and a varying slope make
    it larger.

    Notes
    -----
    Source: Bloom (1995), Evaluation Review 19(5), 547-556, for the least effect.
    """
    row = recovery().loc[(reading, "study", "participation", quantity)]
    free = recovery().loc[(reading, "without_mean", "participation", quantity)]
    step = STEPS.get(quantity, 1)
    b = step * row["put_in"]
    least = (ndtri(0.975) + ndtri(POWER)) * step * free["empirical_se"]
    spread = step * ndtri(0.975) * _sigma() / (b * sqrt(len(analysis().table)))
    return {
        "b": f"{b:.4f}".rstrip("0"),
        "percent": f"{100 * (exp(b) - 1):.3g}%",
        "yuan": f"{_mean() * (exp(b) - 1):,.2f}" if b < 0.01 else f"{_mean() * (exp(b) - 1):,.0f}",
        "power": f"{100 * row['power']:.1f}%",
        "free": f"{100 * free['power']:.1f}%",
        "least": f"{least:.3f}",
        "spread": f"{spread:,.2f}" if spread < 1 else f"{spread:,.0f}",
    }


def _mean() -> float:
    """Give the mean consumption that the text prints."""
    value = statement("G04").value
    assert value is not None
    return value


@cache
def _sigma() -> float:
    """Give the residual standard deviation of participation's model."""
    return float(sqrt(analysis().model("participation").sigma2))


def _only(told: dict[str, str], quantity: str) -> dict[str, str]:
    return {name.removeprefix(f"{quantity}_"): text for name, text in told.items() if name.startswith(quantity)}


def _block(item: str, lang: Lang) -> str:
    return say("method.block_item", lang, item=say(f"contracts.{item}", lang))


def _cells(key: tuple[str, str, str, str], id: str, quote: str, lang: Lang) -> list[str]:
    """Write one row."""
    row, one, step = recovery().loc[key], statement(id), 100 * STEPS.get(key[-1], 1)
    if one.value is not None:
        unit = "%" if one.unit == "percent" else say("method.points", lang)
        printed = f"{one.value:+.2f}".replace("-", "−") + unit
    else:
        printed = say(f"method.printed_{one.significance}", lang, sign=one.sign.replace("-", "−")).strip()
    numbers = [
        f"{step * row[name]:.2f}".replace("-0.00", "0.00").replace("-", "−") for name in ("put_in", "recovered", "bias")
    ]
    return [
        printed,
        say("method.quoted", lang, quote=quote),
        *numbers,
        *(f"{100 * row[n]:.0f}%" for n in ("coverage", "power")),
    ]
