"""What health packages paid: Xunyang's relief of 2016 with one patient's bill, Dousha's four layers of 2019."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.money import Layer, reimburse
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "43_microcredit_and_funds"
RELIEF = {
    "drugs": ("F0268", "F0269"),
    "raised": ("F0270", "F0272"),
    "waived": ("F0273", "F0274"),
    "premiums": ("F0275", "F0276"),
}
"""Facts of the persons and of the amount, in 10,000 yuan, by kind of relief."""
LAYERS = {
    "basic": ("F0969", "F0970"),
    "serious": ("F0971", "F0972"),
    "aid": ("F0973", "F0974"),
    "net": ("F0975", "F0976"),
}
"""Facts of the claims and of the amount, in 10,000 yuan, by layer."""


@exhibit("money-relief", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def relief(lang: Lang) -> "Table":
    """Set out what the package paid in 2016, and one patient's bill."""
    says, registered, ill = stated("F0277", "F0226", "F0229")
    total = sum(stated(*(amount for _, amount in RELIEF.values())))
    words = {
        "says": f"{says:,.2f}",
        "registered": f"{1e4 * total / registered:,.0f}",
        "ill": f"{1e4 * total / ill:,.0f}",
    }
    notes = [say("money.note_relief", lang, **words), _bill(lang)]
    return _paid("relief", RELIEF, ("relief", "persons", "a_person"), notes, lang)


@exhibit("money-ladder", data="documents", notebook=NOTEBOOK, inputs=FACTS)
def ladder(lang: Lang) -> "Table":
    """Set out Dousha's four-fold health guarantee: claims, payments, a claim."""
    return _paid("ladder", LAYERS, ("layer", "claims", "a_claim"), [say("money.note_ladder", lang)], lang)


def _paid(
    key: str, facts: dict[str, tuple[str, str]], words: tuple[str, str, str], notes: list[str], lang: Lang
) -> "Table":
    """Set out counts and amounts with each one's share and mean, and their sum.

    Parameters
    ----------
    key : of the title. facts : of count and amount, by row. words : of the rows, of the counts and of the means.
    """
    from povstats.tables import Table

    rows = {name: stated(*ids) for name, ids in facts.items()}
    total = sum(amount for _, amount in rows.values())
    cells = [
        [f"{count:,.0f}", f"{amount:,.2f}", f"{100 * amount / total:.1f}", f"{1e4 * amount / count:,.0f}"]
        for count, amount in rows.values()
    ]
    cells.append(["—", f"{total:,.2f}", "100.0", "—"])
    columns = [say(f"money.head_{head}", lang) for head in (words[1], "paid", "share", words[2])]
    index = [*(say(f"money.{words[0]}_{name}", lang) for name in rows), say("money.sum", lang)]
    frame = pd.DataFrame(cells, index, columns, dtype=object)
    return Table(frame, say(f"money.{key}", lang), (*notes, say("growth.note_documents", lang)), lang)


def _bill(lang: Lang) -> str:
    """Tell what one patient was left with."""
    cost, scheme, further = stated("F0251", "F0252", "F0253")
    layers = [Layer(name="scheme", cap=scheme), Layer(name="further", cap=further)]
    found = reimburse(pd.DataFrame({"cost": [cost]}), layers, cost="cost").totals.loc["out of pocket"]
    words = {"cost": f"{cost:,.0f}", "scheme": f"{scheme:,.0f}", "further": f"{further:,.0f}"}
    return say("money.note_bill", lang, left=f"{found['amount']:,.0f}", share=f"{100 * found['share']:.0f}", **words)
