"""The Guizhou text itself: what it says of each effect, and where it contradicts itself. Figures of a document.

The tables, equations and data of the study are not public; every cell goes back to a sentence (documents.statements),
and every other number is worked out here from the printed ones (guizhou_readings.py).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import find_contract
from povstats.documents import Statement, facts, guizhou_statements, statement
from povstats.exhibits.guizhou_readings import readings
from povstats.exhibits.registry import exhibit
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table

NOTEBOOK = "23_guizhou_method"
INPUTS = ("documents/facts.csv", "documents/guizhou_statements.csv", "documents/guizhou_statements.toml")
ITEMS = ("trust", "participation", "harmony", "cadre_relation")
AT_LARGE = ("summary", "conclusion")
VILLAGE = ("village_consumption", "aid_funds", "village_migration")
BLOCKS = {
    "items": ("focal", *(f"focal × {name}" for name in VILLAGE)),
    "household": ("education", "land", "transfers", "migrants"),
    "village": VILLAGE,
    "test": ("fixed effects", "random effects"),
}
CONTRADICTIONS = {
    "poor_capital": (("G43",), ("G53",)),
    "constant_slope": (("G26",), ("G53", "G55")),
    "exception": (("G38",), ("G08", "G45")),
    "markedly": (("G18",), ("G59",)),
    "per_cent": (("G16", "G19"), ("G11",)),
    "grade": (("G25",), ("G40",)),
    "funds": (("G33",), ("G56",)),
    "year_and_mu": (("G17",), ("G29",)),
    "fixed": (("G14",), ("G22",)),
    "indicators": (("G09",), ("G13",)),
    "lost": (("G13",), ("G12",)),
    "line": (("G04",), ()),
}
"""{what is at odds: (statements, those against them)}; what follows is in words.toml, with numbers of `readings`."""


@exhibit("guizhou-published", data="documents", notebook=NOTEBOOK, inputs=INPUTS)
def published(lang: Lang) -> "Table":
    """Set out what the text says of every term in every model; a blank cell is one of which it says nothing."""
    from povstats.tables import Table

    columns = [*((item,) for item in ITEMS), AT_LARGE]
    heads = [*(say(f"contracts.{item}", lang) for item in ITEMS), say("published.at_large", lang)]
    index, cells = [], []
    for block, terms in BLOCKS.items():
        for group in [terms] if block == "test" else [(term,) for term in terms]:
            index.append((say(f"published.block_{block}", lang), _term(group[0], lang)))
            cells.append([_cell(models, group, lang) for models in columns])
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
    notes = [say(f"published.note_{name}", lang, **readings()) for name in ("blank", "marks", "lost", "source")]
    return Table(frame, say("guizhou.published", lang), tuple(notes), lang)


@exhibit("guizhou-contradictions", data="documents", notebook=NOTEBOOK, inputs=INPUTS)
def contradictions(lang: Lang) -> "Table":
    """Set the text's statements against each other, with its words, and say what follows."""
    from povstats.tables import Table

    heads = [say(f"published.head_{name}", lang) for name in ("says", "against", "follows")]
    index = [say(f"published.name_{name}", lang) for name in CONTRADICTIONS]
    cells = [
        [_quoted(said, lang), _quoted(against, lang), say(f"published.follows_{name}", lang, **readings())]
        for name, (said, against) in CONTRADICTIONS.items()
    ]
    notes = [say(f"published.note_{name}", lang, **readings()) for name in ("quotes", "computed", "source")]
    frame = pd.DataFrame(cells, index, heads, dtype=object)
    return Table(frame, say("guizhou.contradictions", lang), tuple(notes), lang)


def _term(term: str, lang: Lang) -> str:
    """Name a row of the table."""
    if term == "fixed effects":
        return say("published.chosen", lang)
    labels = {column.name: say(column.label, lang) for column in find_contract("guizhou").columns}
    labels["focal"] = say("published.focal", lang)
    return " × ".join(labels[part] for part in term.split(" × "))


def _cell(models: Iterable[str], terms: Iterable[str], lang: Lang) -> str:
    """Write what is said of some terms in some models; the same said twice in one section stands once."""
    told = [_said(one, lang) for one in guizhou_statements() if one.model in models and one.term in terms]
    return say("published.joint", lang).join(dict.fromkeys(told))


def _said(one: Statement, lang: Lang) -> str:
    """Write one statement: number or sign, significance, and the marks of its section and of an implication."""
    parts = []
    if one.term in BLOCKS["test"]:
        parts.append(say(f"published.{one.term.replace(' ', '_')}", lang))
    elif not one.sign and one.significance == "silent":
        parts.append(say(f"published.said_{one.id.lower()}", lang))
    elif one.value is not None:
        recorded = facts().set_index("id").loc[one.fact, "qualifier"]
        value = say(f"published.value_{one.unit}", lang, value=f"{one.value:+.2f}".replace("-", "−"))
        step = say("published.per", lang, value=value, step=say(f"published.step_{one.per.replace(' ', '_')}", lang))
        parts.append(step if recorded == "exact" else say("documents.qualifier_approx", lang, value=step))
    elif one.sign:
        parts.append(one.sign.replace("-", "−"))
    if one.significance != "silent":
        parts.append(say(f"published.{one.significance}", lang))
    words = say("published.and_joint", lang).join(parts) + ("*" if one.basis == "by_implication" else "")
    return say(f"published.in_{one.section}", lang, words=words) if one.section in AT_LARGE else words


def _quoted(ids: tuple[str, ...], lang: Lang) -> str:
    """Quote statements in Chinese; in English with our rendering behind."""
    if not ids:
        return say("published.nothing", lang)
    told = [
        say(
            "published.quote",
            lang,
            quote=one.quote,
            section=say(f"published.{one.section}", lang),
            gloss=f": {one.gloss}" if lang == "en" else "",
        )
        for one in map(statement, ids)
    ]
    return say("published.quote_joint", lang).join(told)
