"""Microcredit, health packages, household accounts, assets and funds: the documents' own numbers worked through."""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.money import (
    EffectiveRate,
    IncomeAccount,
    LoanTerms,
    Matched,
    Tornado,
    effective_rate,
    funds_against_causes,
    income_account,
    repayment_schedule,
)
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "43_microcredit_and_funds"
CAUSES = {
    "transport": "F0891",
    "technology": "F0893",
    "motivation": "F0895",
    "illness": "F0897",
    "schooling": "F0899",
    "labour": "F0901",
    "capital": "F0903",
}
FUNDS = {
    "relocation": "F0925",
    "transport": "F0926",
    "industry": "F0927",
    "ecology": "F0928",
    "education": "F0929",
    "safety_net": "F0930",
    "housing": "F0931",
    "power": "F0932",
    "health": "F0933",
    "water": "F0934",
    "culture": "F0935",
    "finance": "F0936",
    "employment": "F0937",
}
THEMES = {
    "transport": "transport",
    "technology": "skills",
    "employment": "skills",
    "motivation": "motivation",
    "culture": "motivation",
    "illness": "health",
    "health": "health",
    "schooling": "education",
    "education": "education",
    "labour": "labour",
    "safety_net": "labour",
    "capital": "capital",
    "finance": "capital",
    "industry": "capital",
    "relocation": "homes",
    "housing": "homes",
    "ecology": "place",
    "power": "place",
    "water": "place",
}
"""Our reading of which use answers which cause; the text does not say."""


@cache
def yi_county() -> EffectiveRate:
    """Work out the loan of Yi County: interest half upfront, 2 per cent of the principal a week from week 3."""
    flat, upfront, first, part = stated("F0019", "F0020", "F0021", "F0022")
    weeks = round(100 / part)
    last = int(first) + weeks - 1
    terms = LoanTerms(
        rate=flat / 100, upfront=upfront / 100, first=int(first), last=last, part=part / 100, final=(last - 1, last)
    )
    return effective_rate(repayment_schedule(terms))


NO_GRACE = "first=1, last=50"


@cache
def yi_varied() -> Tornado:
    """Vary the terms of Yi County's loan one at a time: interest upfront, the weeks of grace, the flat rate."""
    flat = stated("F0019")[0] / 100
    return yi_county().tornado(
        {"upfront": [0.0, 1.0], "first": [{"first": 1, "last": 50}], "rate": [flat - 0.01, flat + 0.01]}
    )


@exhibit("money-rate", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def rate(lang: Lang) -> "Table":
    """Hold the rate that follows from the terms against the one that the text states, and vary the terms."""
    from povstats.tables import Table

    found, says = yi_county(), stated("F0035")[0]
    varied = yi_varied().table.set_index("value")["annual"]
    rows = [
        ("stated", says),
        ("annual", 100 * found.annual),
        ("nominal", 100 * found.nominal),
        ("simple", 100 * found.simple),
        ("no_upfront", 100 * varied["0.0"]),
        ("all_upfront", 100 * varied["1.0"]),
        ("no_grace", 100 * varied[NO_GRACE]),
    ]
    cells = [[f"{value:.2f}"] for _, value in rows]
    index = [say(f"money.row_{key}", lang) for key, _ in rows]
    notes = (say("money.note_yi", lang), say("growth.note_documents", lang))
    return Table(
        pd.DataFrame(cells, index, [say("money.per_cent", lang)], dtype=object), say("money.rate", lang), notes, lang
    )


@exhibit("money-tornado", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def tornado(lang: Lang) -> "Figure":
    """Draw which term moves the rate most."""
    labels = {"0.0": "0%", "1.0": "100%", NO_GRACE: say("money.week_one", lang)}
    labels |= {value: f"{100 * float(value):g}%" for value in yi_varied().table.query("term == 'rate'")["value"]}
    title, source = say("money.tornado", lang), say("money.source_yi", lang)
    return yi_varied().plot(lang=lang, title=title, source=source, labels=labels)


@exhibit("money-balance", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def balance(lang: Lang) -> "Figure":
    """Draw the balance of the loan over its weeks."""
    title, source = say("money.balance", lang), say("money.source_yi", lang)
    return yi_county().plot_balance(lang=lang, title=title, source=source, labels={"period": say("money.week", lang)})


@exhibit(
    "money-funds",
    data="documents",
    notebook=NOTEBOOK,
    inputs=FACTS,
    titled=lambda lang: say("money.funds_shown", lang),
)
def funds(lang: Lang) -> "Figure":
    """Draw causes against money in Dousha."""
    return matched(lang).plot(lang=lang, title=say("money.funds_shown", lang), source=say("money.source_dousha", lang))


@cache
def matched(lang: Lang) -> Matched:
    """Set Dousha's funds by use beside its causes of poverty."""
    themes = {**{f"c {key}": THEMES[key] for key in CAUSES}, **{f"f {key}": THEMES[key] for key in FUNDS}}
    return funds_against_causes(
        {f"f {key}": stated(id)[0] for key, id in FUNDS.items()},
        {f"c {key}": stated(id)[0] for key, id in CAUSES.items()},
        {name: say(f"money.theme_{theme}", lang) for name, theme in themes.items()},
        stated=stated("F0924")[0],
    )


@exhibit("money-match", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def match(lang: Lang) -> "Table":
    """Set out both shares by theme, and the total that does not add up."""
    from povstats.tables import Table

    found = matched(lang)
    cells = [
        [f"{100 * row[name]:.1f}" for name in ("cause", "money", "difference")] for _, row in found.table.iterrows()
    ]
    heads = [say(f"money.head_{key}", lang) for key in ("cause", "money", "difference")]
    frame = pd.DataFrame(cells, list(found.table.index), heads, dtype=object)
    return Table(frame, say("money.match", lang), (found.explain(lang), say("money.source_dousha", lang)), lang)


@cache
def bachu(lang: Lang) -> IncomeAccount:
    """Add up the planned income of seven households in Bachu."""
    land, sheep, courtyard, homes, persons = stated("F0607", "F0609", "F0610", "F0602", "F0603")
    posts, wage, aid, line = stated("F0613", "F0616", "F0617", "F0612")
    sources = {"land": land, "sheep": sheep * homes, "courtyard": courtyard * homes, "posts": posts * wage, "aid": aid}
    return income_account({say(f"money.source_{k}", lang): v for k, v in sources.items()}, persons=persons, line=line)


@exhibit("money-account", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def account(lang: Lang) -> "Table":
    """Set out the account, and what lacks to the standard."""
    from povstats.tables import Table

    found = bachu(lang)
    cells = [[f"{row['total']:,.0f}", f"{row['per_head']:,.0f}"] for _, row in found.table.iterrows()]
    cells.append([f"{found.total:,.0f}", f"{found.per_head:,.0f}"])
    heads = [say(f"money.head_{key}", lang) for key in ("total", "per_head")]
    frame = pd.DataFrame(cells, [*found.table.index, say("money.sum", lang)], heads, dtype=object)
    notes = (found.explain(lang), say("money.note_bachu", lang), say("growth.note_documents", lang))
    return Table(frame, say("money.account", lang), notes, lang)


@exhibit("money-assets", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def assets(lang: Lang) -> "Table":
    """Set out the yields of shared assets, and the part of the poor."""
    from povstats.tables import Table

    fund, fund_income, village, village_income = stated("F0204", "F0205", "F0206", "F0208")
    projects, income, to_poor = stated("F0828", "F0830", "F0832")
    own, raised, rent_a, rent_b, rent, share = stated("F0854", "F0855", "F0856", "F0857", "F0858", "F0859")
    rows = [
        ("fund", fund, fund_income, None),
        ("village", village, village_income, None),
        ("projects", projects, income, to_poor),
        ("rent", own + raised, rent, share / 100 * rent),
        ("rent_net", own + raised, rent - rent_a - rent_b, None),
    ]
    cells = [
        [f"{put:,.2f}", f"{got:,.2f}", f"{100 * got / put:.2f}", "—" if poor is None else f"{100 * poor / got:.1f}"]
        for _, put, got, poor in rows
    ]
    heads = [say(f"money.head_{key}", lang) for key in ("invested", "income", "yield", "to_poor")]
    frame = pd.DataFrame(cells, [say(f"money.asset_{key}", lang) for key, *_ in rows], heads, dtype=object)
    notes = (say("money.note_assets", lang, target=f"{stated('F0851')[0]:g}"), say("growth.note_documents", lang))
    return Table(frame, say("money.assets", lang), notes, lang)


LOANS = {
    "sichuan": ("F0071", "F0072", 1e4),
    "dousha": ("F1053", "F1054", 1e4),
    "cattle": ("F1038", "F1039", 1e4),
    "dengta": ("F0779", "F0780", 1e4),
    "shangri_la": ("F0348", "F0342", 1e4),
    "mutual": ("F0499", "F0500", 1e8),
    "union": ("F0509", "F0510", 1e4),
    "yi": ("F0030", "F0029", 1.0),
}
"""Programmes of small loans: fact of the loans or households, of the amount, and yuan of its unit."""


@exhibit("money-programmes", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def programmes(lang: Lang) -> "Table":
    """Compare the programmes of small loans by their mean loan."""
    from povstats.tables import Table

    rows = {}
    for key, (count, amount, factor) in LOANS.items():
        loans, money = stated(count, amount)
        rows[key] = (loans, money * factor, money * factor / loans)
    order = sorted(rows, key=lambda key: -rows[key][2])
    cells = [[f"{rows[key][0]:,.0f}", f"{rows[key][1] / 1e4:,.2f}", f"{rows[key][2]:,.0f}"] for key in order]
    heads = [say(f"money.head_{key}", lang) for key in ("loans", "lent", "mean_loan")]
    frame = pd.DataFrame(cells, [say(f"money.programme_{key}", lang) for key in order], heads, dtype=object)
    fund, guaranteed = stated("F0678", "F0679")
    subsidy = stated("F1055")[0] / stated("F1054")[0]
    words = {"leverage": f"{1e4 * guaranteed / fund:.1f}", "subsidy": f"{100 * subsidy:.2f}"}
    notes = (say("money.note_programmes", lang, **words), say("growth.note_documents", lang))
    return Table(frame, say("money.programmes", lang), notes, lang)
