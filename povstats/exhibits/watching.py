"""Rules for leaving the register, notices, monitoring: the texts' conditions, and synthetic households under them."""

import datetime
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.datasets import wage_panel
from povstats.dynamics.asked import Columns
from povstats.exhibits.low_pay import WAGES, low_pay_line
from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.poverty import line as official_line
from povstats.registry import (
    RULE_SETS,
    RuleSet,
    WarningLead,
    apply_rules,
    dibao_coverage,
    monitor,
    rule_set,
    warning_lead,
)
from povstats.registry.warning_result import SHARES
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "42_rules_and_monitoring"
RULES = ("rules/source.toml", *(f"rules/{name}.toml" for name in RULE_SETS))
SEED, HOUSEHOLDS = 2017, 2000
MULTIPLES = (1.2, 1.5, 2.0)


@exhibit("rules-texts", data="documents", notebook=NOTEBOOK, inputs=RULES)
def texts(lang: Lang) -> "Table":
    """Set the conditions of five texts side by side."""
    from povstats.tables import Table

    sets = [rule_set(name) for name in RULE_SETS]
    words = {one.id: one.word(lang) for rules in sets for one in rules.conditions}
    cells = []
    for id in words:
        row = []
        for rules in sets:
            status = next((one.status for one in rules.conditions if one.id == id), "absent")
            row.append(say(f"rules.status_{status}", lang))
        cells.append(row)
    # The names are too long for heads of five columns, so that they stand below.
    heads = [f"({at})" for at in range(1, len(sets) + 1)]
    named = say("rules.joint", lang).join(f"{head} {_named(one, lang)}" for head, one in zip(heads, sets, strict=True))
    notes = (named, say("rules.note_texts", lang), say("growth.note_documents", lang))
    return Table(pd.DataFrame(cells, list(words.values()), heads, dtype=object), say("rules.texts", lang), notes, lang)


def _named(rules: RuleSet, lang: Lang) -> str:
    document, part = rules.section.split(" 篇")
    section = say("rules.section", lang, document=document, part=part)
    return say("rules.named", lang, text=rules.word(lang), section=section)


@exhibit("rules-calendar", data="documents", notebook=NOTEBOOK, inputs=RULES)
def calendar(lang: Lang) -> "Table":
    """Date the notices of the annual adjustment from 10 November 2017."""
    from povstats.tables import Table

    cells, index = [], []
    for process in ("identification", "exit"):
        made = rule_set("annual_adjustment").calendar(process, datetime.date(2017, 11, 10), lang)
        for row in made.itertuples():
            index.append((say(f"rules.process_{process}", lang), row.step))
            cells.append([f"{row.begins:%Y-%m-%d}", f"{row.ends:%Y-%m-%d}", str(row.days)])
    heads = [say(f"rules.head_{key}", lang) for key in ("begins", "ends", "days")]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = (say("rules.note_calendar", lang), say("growth.note_documents", lang))
    return Table(frame, say("rules.calendar", lang), notes, lang)


@cache
def households() -> pd.DataFrame:
    """Draw synthetic households with conditions, incomes of two waves and rigid spending; every chance stands here."""
    rng = np.random.default_rng(SEED)
    lasting = rng.normal(np.log(5200), 0.45, HOUSEHOLDS)
    conditions = {"food": 0.99, "clothing": 0.99, "education": 0.97, "medical": 0.95, "housing": 0.93, "water": 0.96}
    table = pd.DataFrame({name: (rng.random(HOUSEHOLDS) < p).astype(float) for name, p in conditions.items()})
    for name, p in {
        "work": 0.8,
        "power": 0.98,
        "broadcast": 0.97,
        "dibao": 0.6,
        "pension": 0.9,
        "approval": 0.9,
    }.items():
        table[name] = (rng.random(HOUSEHOLDS) < p).astype(float)
    table.loc[rng.random(HOUSEHOLDS) < 0.03, "water"] = np.nan
    table["income"] = np.exp(lasting + rng.normal(0, 0.25, HOUSEHOLDS))
    table["after"] = np.exp(lasting + 0.05 + rng.normal(0, 0.25, HOUSEHOLDS))
    table["exited"] = (rng.random(HOUSEHOLDS) < 0.4).astype(int)
    table["rigid"] = np.where(rng.random(HOUSEHOLDS) < 0.06, rng.uniform(2000, 6000, HOUSEHOLDS), 0.0)
    table["persons"] = rng.integers(1, 7, HOUSEHOLDS)
    return table


@exhibit("rules-decisions", data="synthetic", notebook=NOTEBOOK, inputs=(*RULES, "lines/official_series.csv"))
def decisions(lang: Lang) -> "Table":
    """Decide the same synthetic households by each text."""
    from povstats.tables import Table

    z = float(official_line("CN-2010", 2016))
    cells, index = [], []
    for name in RULE_SETS:
        rules = rule_set(name)
        found = apply_rules(households(), rules, income="income", line=z)
        worst = found.conditions["failed"].idxmax()
        word = next(one.word(lang) for one in rules.conditions if one.id == worst)
        index.append(_named(rules, lang))
        cells.append([*(f"{found.counts[key]:,}" for key in ("exits", "stays", "undecided")), word])
    heads = [say(f"rules.head_{key}", lang) for key in ("exits", "stays", "undecided", "barred")]
    made = say("rules.synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED)
    notes = (say("rules.note_decisions", lang, line=f"{z:,.0f}"), made)
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("rules.decisions", lang), notes, lang)


@exhibit("rules-watched", data="synthetic", notebook=NOTEBOOK, inputs=("lines/official_series.csv",))
def watched(lang: Lang) -> "Table":
    """Follow the list's size and its warning over multiples of the line."""
    from povstats.tables import Table

    z, cells = float(official_line("CN-2010", 2016)), []
    for multiple in MULTIPLES:
        found = monitor(
            households(), income="income", line=z, multiple=multiple, exited="exited", spending="rigid", after="after"
        )
        sizes = [f"{found.counts.loc[key, 'households']:,.0f}" for key in ("unstable_exit", "marginal", "sudden")]
        cells.append([*sizes, f"{100 * found.sensitivity:.1f}", f"{100 * found.precision:.1f}"])
    heads = [say(f"rules.class_{key}", lang) for key in ("unstable_exit", "marginal", "sudden")]
    heads += [say(f"rules.head_{key}", lang) for key in ("sensitivity", "precision")]
    index = [f"{multiple:g} × {z:,.0f}" for multiple in MULTIPLES]
    notes = (say("rules.note_watched", lang), say("rules.synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("rules.watched", lang), notes, lang)


@cache
def low_pay() -> WarningLead:
    """Hold lines above low pay against the falls into it that a panel of men saw."""
    who: Columns = {"unit": "man", "wave": "year", "welfare": "wage", "line": low_pay_line()}
    return warning_lead(wage_panel(), multiples=MULTIPLES, **who)


@exhibit("rules-lead", data="real", notebook=NOTEBOOK, inputs=WAGES)
def lead(lang: Lang) -> "Table":
    """Set out how early and how surely lines above low pay warned of it."""
    from povstats.tables import Table

    found = low_pay()
    cells = []
    for _, row in found.table.iterrows():
        shares = [f"{100 * row[key]:.1f} ({100 * row[f'{key}_se']:.1f})" for key in SHARES]
        cells.append([*shares, f"{row['lead']:.2f}"])
    heads = [say(f"lead.head_{key}", lang) for key in (*SHARES, "lead")]
    index = [say("lead.times", lang, multiple=f"{multiple:g}") for multiple in found.table.index]
    counted = say("lead.counted", lang, falls=f"{found.counts['falls']:,}", seen=f"{found.counts['seen']:,}")
    notes = (counted, say("lead.note_low_pay", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("rules.lead", lang), notes, lang)


@exhibit("rules-risk", data="real", notebook=NOTEBOOK, inputs=WAGES)
def risk(lang: Lang) -> "Figure":
    """Draw the risk of falling into low pay by how far above it a man earns."""
    title, notes = say("rules.risk", lang), (say("return.note_pay", lang),)
    return low_pay().plot(lang=lang, title=title, source=say("return.source", lang), notes=notes)


@exhibit("rules-town", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def town(lang: Lang) -> "Table":
    """Set out the town's monitoring list beside its remaining poor."""
    from povstats.tables import Table

    rows = {
        "unstable_exit": stated("F0191", "F0192"),
        "marginal": stated("F0193", "F0194"),
        "poor": stated("F0188", "F0189"),
    }
    cells = [[f"{homes:,.0f}", f"{persons:,.0f}", f"{persons / homes:.2f}"] for homes, persons in rows.values()]
    heads = [say("rules.head_households", lang), say("rules.head_persons", lang), say("ledger.head_size", lang)]
    share = (rows["unstable_exit"][1] + rows["marginal"][1]) / rows["poor"][1]
    notes = (say("rules.note_town", lang, times=f"{share:.2f}"), say("growth.note_documents", lang))
    frame = pd.DataFrame(cells, [say(f"rules.class_{key}", lang) for key in rows], heads, dtype=object)
    return Table(frame, say("rules.town", lang), notes, lang)


@exhibit("rules-dibao", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def dibao(lang: Lang) -> "Table":
    """Set out what Dousha's text says of minimum income and the register."""
    from povstats.tables import Table

    recipients, both, every = stated("F1059", "F1060"), stated("F1063", "F1064"), stated("F0888", "F0889")
    residents = stated("F0879")[0]
    rows = {
        "recipients": [f"{n:,.0f}" for n in recipients],
        "on_register": [f"{n:,.0f}" for n in both],
        "share_registered": [f"{100 * a / b:.1f}" for a, b in zip(both, recipients, strict=True)],
        "share_covered": [f"{100 * a / b:.1f}" for a, b in zip(both, every, strict=True)],
        "share_residents": ["—", f"{100 * recipients[1] / residents:.1f}"],
    }
    heads = [say(f"rules.head_{key}", lang) for key in ("households", "persons")]
    frame = pd.DataFrame(list(rows.values()), [say(f"rules.row_{key}", lang) for key in rows], heads, dtype=object)
    notes = (say("rules.note_dibao", lang), say("growth.note_documents", lang))
    return Table(frame, say("rules.dibao", lang), notes, lang)


@exhibit("rules-crossed", data="synthetic", notebook=NOTEBOOK, inputs=("lines/official_series.csv",))
def crossed(lang: Lang) -> "Table":
    """Cross minimum income with the register of the synthetic households, and cost the gap to the line."""
    from povstats.tables import Table

    found = dibao_coverage(
        households(),
        dibao="dibao",
        registered="exited",
        income="income",
        line=float(official_line("CN-2010", 2016)),
        persons="persons",
    )
    keys = ("households", "persons", "below", "gap")
    cells = [[f"{row[key]:,.0f}" for key in keys] for _, row in found.table.iterrows()]
    heads = [say(f"rules.head_{key}", lang) for key in keys]
    index = [say(f"rules.cell_{cell}", lang) for cell in found.table.index]
    notes = (found.explain(lang), say("rules.synthetic", lang, n=f"{HOUSEHOLDS:,}", seed=SEED))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("rules.crossed", lang), notes, lang)
