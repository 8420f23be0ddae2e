"""The health package of Xunyang: what changed, and what such a change does to synthetic patients."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.money import Layer, Reimbursed, reimburse
from povstats.poverty import line
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "43_microcredit_and_funds"
CAPS = {
    "chronic_one": ("F0236", "F0237"),
    "chronic_two": ("F0238", "F0239"),
    "chronic_several": ("F0240", "F0241"),
    "serious": ("F0242", "F0243"),
}
"""Facts of the amount before and after, by what it limits."""
SEED, PATIENTS = 20161231, 14_051
RATE, SERIOUS_RATE = 0.65, 0.5
COST, COST_SPREAD, INCOME, INCOME_SPREAD, HOME = 8_000.0, 1.1, 14_000.0, 0.5, 3
"""What the text does not state, and we assume: shares paid, the medians and log spreads of a year's costs and of a
household's income in yuan, and persons a household."""
CHRONIC_RATE, CHRONIC_SPREAD, CHRONIC_PATIENTS = 0.6, 0.8, 5_000
CHRONIC_COST = {"chronic_one": 15_000.0, "chronic_two": 2_000.0, "chronic_several": 3_000.0}
"""The same for outpatients with chronic illness: share paid up to the cap, log spread and medians of a year's costs."""


@exhibit("money-package", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def package(lang: Lang) -> "Table":
    """Set the limits of the package before and after."""
    from povstats.tables import Table

    rows = {key: stated(*ids) for key, ids in CAPS.items()}
    cells = [
        [f"{before:,.0f}", f"{after:,.0f}", f"{100 * (after / before - 1):+.1f}"] for before, after in rows.values()
    ]
    heads = [say(f"money.head_{key}", lang) for key in ("before", "after", "change_share")]
    frame = pd.DataFrame(cells, [say(f"money.limit_{key}", lang) for key in rows], heads, dtype=object)
    notes = (say("money.note_package", lang, raised=f"{stated('F0235')[0]:g}"), say("growth.note_documents", lang))
    return Table(frame, say("money.package", lang), notes, lang)


@cache
def patients() -> pd.DataFrame:
    """Draw synthetic inpatients with a year's costs and their household's income."""
    rng = np.random.default_rng(SEED)
    cost = COST * np.exp(rng.normal(0, COST_SPREAD, PATIENTS))
    return pd.DataFrame({"cost": cost, "income": INCOME * np.exp(rng.normal(0, INCOME_SPREAD, PATIENTS))})


def waived_deductible() -> float:
    """Give the mean deductible that the accounts say was waived, in yuan."""
    return 1e4 * stated("F0274")[0] / stated("F0273")[0]


def raised_rate() -> float:
    """Give the rate of the basic scheme after the raise, read as a share of the amount."""
    return RATE * (1 + stated("F0235")[0] / 100)


@cache
def scenario(name: str) -> Reimbursed:
    """Reimburse the synthetic patients before the package, under one of its parts alone, and under all."""
    waived, raised = waived_deductible(), raised_rate()
    before, after = stated(*CAPS["serious"])
    basic = Layer(
        name="basic",
        rate=raised if name in ("raised", "all") else RATE,
        deductible=0.0 if name in ("waived", "all") else waived,
    )
    serious = Layer(name="serious", rate=SERIOUS_RATE, deductible=after if name in ("serious", "all") else before)
    return _reimbursed(patients(), [basic, serious])


def _reimbursed(table: pd.DataFrame, layers: list[Layer]) -> Reimbursed:
    return reimburse(table, layers, cost="cost", resources="income", line=HOME * float(line("CN-2010", 2016)))


@cache
def outpatients(kind: str) -> pd.DataFrame:
    """Draw synthetic outpatients with one kind of chronic illness."""
    rng = np.random.default_rng([SEED, list(CHRONIC_COST).index(kind)])
    cost = CHRONIC_COST[kind] * np.exp(rng.normal(0, CHRONIC_SPREAD, CHRONIC_PATIENTS))
    return pd.DataFrame({"cost": cost, "income": INCOME * np.exp(rng.normal(0, INCOME_SPREAD, CHRONIC_PATIENTS))})


@cache
def capped(kind: str, after: bool) -> Reimbursed:
    """Reimburse synthetic outpatients up to the cap before or after."""
    return _reimbursed(outpatients(kind), [Layer(name="basic", rate=CHRONIC_RATE, cap=stated(*CAPS[kind])[after])])


@exhibit("money-before-after", data="synthetic", notebook=NOTEBOOK, inputs=(*FACTS, "lines/official_series.csv"))
def before_after(lang: Lang) -> "Table":
    """Follow what is left to synthetic patients, measure by measure."""
    from povstats.tables import Table

    cells, index = [], []
    for name in ("before", "waived", "raised", "serious", "all"):
        index.append(say(f"money.scenario_{name}", lang))
        cells.append(_burden(scenario(name)))
    assumed = {
        "n": f"{PATIENTS:,}",
        "cost": f"{COST:,.0f}",
        "cost_spread": f"{COST_SPREAD:g}",
        "rate": f"{100 * RATE:g}",
        "raised": f"{100 * raised_rate():g}",
        "waived": f"{waived_deductible():,.0f}",
        "serious": f"{100 * SERIOUS_RATE:g}",
    }
    notes = (say("money.note_assumed", lang, **assumed, **_homes()), say("money.note_before_after", lang))
    frame = pd.DataFrame(cells, index, _burden_heads(lang), dtype=object)
    return Table(frame, say("money.before_after", lang), notes, lang)


@exhibit("money-chronic-caps", data="synthetic", notebook=NOTEBOOK, inputs=(*FACTS, "lines/official_series.csv"))
def chronic_caps(lang: Lang) -> "Table":
    """Follow what is left to synthetic outpatients of each kind under the cap before and after."""
    from povstats.tables import Table

    cells, index = [], []
    for kind in CHRONIC_COST:
        for after in (False, True):
            cap, found = stated(*CAPS[kind])[after], capped(kind, after)
            at_cap = float((found.table["paid by basic"] == cap).mean())
            index.append(say(f"money.capped_{kind}", lang, cap=f"{cap:,.0f}"))
            cells.append([f"{100 * at_cap:.1f}", *_burden(found)])
    costs = [f"{median:,.0f}" for median in CHRONIC_COST.values()]
    assumed = {
        "n": f"{CHRONIC_PATIENTS:,}",
        "costs": say("money.joint", lang).join(costs),
        "cost_spread": f"{CHRONIC_SPREAD:g}",
        "rate": f"{100 * CHRONIC_RATE:g}",
    }
    heads = [say("money.head_at_cap", lang), *_burden_heads(lang)]
    notes = (say("money.note_chronic", lang, **assumed, **_homes()), say("money.note_before_after", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("money.chronic_caps", lang), notes, lang)


def _burden(found: Reimbursed) -> list[str]:
    """Print what is left a head, of the costs, and whom it hits."""
    left = found.totals.loc["out of pocket"]
    shares = [left["share"], *found.catastrophic, found.impoverished]
    return [f"{left['amount'] / found.rows:,.0f}", *(f"{100 * share:.1f}" for share in shares)]


def _burden_heads(lang: Lang) -> list[str]:
    thresholds = scenario("all").catastrophic.index
    above = [say("money.head_catastrophic", lang, at=f"{100 * at:g}") for at in thresholds]
    first, last = ("left", "left_share"), "impoverished"
    return [*(say(f"money.head_{key}", lang) for key in first), *above, say(f"money.head_{last}", lang)]


def _homes() -> dict[str, str]:
    """Give the assumed households in words of the notes."""
    return {
        "seed": str(SEED),
        "income": f"{INCOME:,.0f}",
        "income_spread": f"{INCOME_SPREAD:g}",
        "home": str(HOME),
        "line": f"{float(line('CN-2010', 2016)):,.0f}",
    }
