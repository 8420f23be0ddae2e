"""What the documents state of the six guarantees, and what such shares can say of a household that lacks any."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.registry import exhibit
from povstats.exhibits.stated import INPUTS as FACTS
from povstats.exhibits.stated import stated
from povstats.targeting import GUARANTEES
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "51_multidimensional"
UNREACHED = 1
"""Beside the pupil who left school Dousha's text has one who cannot be reached."""


@exhibit(
    "multi-documents",
    data="documents",
    notebook=NOTEBOOK,
    inputs=FACTS,
    titled=lambda lang: say("multidimensional.stated", lang),
)
def lacking(lang: Lang) -> "Table":
    """Set out the shares that lack a guarantee, and the bounds of the share that lacks any."""
    from povstats.tables import Table

    tap, insured = stated("F0743", "F0760")
    children, left = stated("F0966", "F0967")
    dengta = {"medical": 1 - insured / 100, "housing": 0.0, "water": 1 - tap / 100}
    cells = []
    for name in GUARANTEES:
        own = f"{100 * dengta[name]:.1f}" if name in dengta else "—"
        school = f"{100 * left / children:.2f}–{100 * (left + UNREACHED) / children:.2f}"
        cells.append([own, school if name == "education" else "—"])
    low, high = max(dengta.values()), min(sum(dengta.values()), 1.0)
    cells.append([f"{100 * low:.1f}–{100 * high:.1f}", "—"])
    index = [say(f"multidimensional.guarantee_{name}", lang) for name in GUARANTEES]
    index.append(say("multidimensional.any_stated", lang))
    heads = [say(f"multidimensional.place_{name}", lang) for name in ("dengta", "dousha")]
    words = {"inspected": f"{stated('F0757')[0]:,.0f}", "children": f"{children:,.0f}"}
    notes = (
        say("multidimensional.note_stated", lang, **words),
        say("multidimensional.note_bounds", lang),
        say("growth.note_documents", lang),
    )
    return Table(pd.DataFrame(cells, index, heads, dtype=object), say("multidimensional.stated", lang), notes, lang)
