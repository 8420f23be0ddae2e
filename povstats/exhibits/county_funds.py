"""Four funds of a county, and what Shangri-La lent and granted in two years."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "43_microcredit_and_funds"
FUNDS = {
    "microcredit": ("F0072", "F0071"),
    "education": ("F0075", "F0076"),
    "health": ("F0077", "F0078"),
    "subsidies": ("F0082", "F0083"),
}
"""Facts of the amount, in 10,000 yuan, and of loans or persons."""
USES = {"crops": "F0343", "business": "F0344", "housing": "F0345", "other": "F0346"}


@exhibit("money-four-funds", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def four_funds(lang: Lang) -> "Table":
    """Set out amounts, beneficiaries and means of a county's funds."""
    from povstats.tables import Table

    rows = {key: stated(*ids) for key, ids in FUNDS.items()}
    cells = [[f"{amount:,.2f}", f"{count:,.0f}", f"{1e4 * amount / count:,.0f}"] for amount, count in rows.values()]
    heads = [say(f"money.head_{key}", lang) for key in ("paid", "beneficiaries", "mean_yuan")]
    frame = pd.DataFrame(cells, [say(f"money.fund_{key}", lang) for key in rows], heads, dtype=object)
    lent, repaid, overdue = stated("F0072", "F0073", "F0074")
    words = {"repaid": f"{repaid:,.2f}", "share": f"{100 * repaid / lent:.1f}", "overdue": f"{overdue:g}"}
    notes = (say("money.note_four_funds", lang, **words), say("growth.note_documents", lang))
    return Table(frame, say("money.four_funds", lang), notes, lang)


@exhibit("money-shangri-la", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def shangri_la(lang: Lang) -> "Table":
    """Set out the loans of two years, their mean, their reach and their interest subsidy."""
    from povstats.tables import Table

    lent, homes, subsidy = stated("F0341", "F0342"), stated("F0347", "F0348"), stated("F0349", "F0350")
    poor = stated("F0327")[0]
    rows = {
        "lent": [f"{1e4 * amount:,.0f}" for amount in lent],
        "homes": [f"{count:,.0f}" for count in homes],
        "mean": [f"{1e4 * amount / count:,.0f}" for amount, count in zip(lent, homes, strict=True)],
        "reach": [f"{100 * count / poor:.2f}" for count in homes],
        "subsidy": [f"{amount:,.0f}" for amount in subsidy],
        "subsidy_share": [f"{amount / (100 * lent_):.2f}" for amount, lent_ in zip(subsidy, lent, strict=True)],
    }
    index = [say(f"money.loans_{key}", lang) for key in rows]
    central, given, aided, each = stated("F0335", "F0337", "F0338", "F0339")
    words = {
        "poor": f"{poor:,.0f}",
        "central": f"{central:g}",
        "a_head": f"{1e8 * central / stated('F0329')[0]:,.0f}",
        "aid": f"{1e4 * given / aided:,.0f}",
        "each": f"{each:,.0f}",
        "reach": f"{100 * aided / poor:.1f}",
    }
    notes = (say("money.note_shangri_la", lang, **words), say("growth.note_documents", lang))
    frame = pd.DataFrame(list(rows.values()), index, ["2015", "2016"], dtype=object)
    return Table(frame, say("money.shangri_la", lang), notes, lang)


@exhibit("money-loan-use", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def loan_use(lang: Lang) -> "Table":
    """Set the printed shares of a loan's use, which do not add up, beside those that do."""
    from povstats.tables import Table

    shares = {key: stated(id)[0] for key, id in USES.items()}
    total = sum(shares.values())
    cells = [[f"{share:g}", f"{100 * share / total:.1f}"] for share in shares.values()]
    cells.append([f"{total:g}", "100.0"])
    heads = [say(f"money.head_{key}", lang) for key in ("printed", "of_sum")]
    index = [*(say(f"money.use_{key}", lang) for key in shares), say("money.sum", lang)]
    herbs, fruit, greens, most = stated("F0331", "F0332", "F0333", "F0334")
    words = {"herbs": f"{herbs:g}", "fruit": f"{fruit:g}", "greens": f"{greens:g}", "most": f"{most:g}"}
    notes = (say("money.note_loan_use", lang, **words), say("growth.note_documents", lang))
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("money.loan_use", lang), notes, lang)
