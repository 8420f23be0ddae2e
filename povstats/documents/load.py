"""Read the documents' quantities, and put series together from them."""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from povstats.documents.derived import worked_out
from povstats.documents.record import ROLES, DocumentSeries, InBoth, SeriesWords
from povstats.errors import DataError, allowed
from povstats.files import data_file

FOLDER = "documents"
COLUMNS = (
    *("time", "time_label", "printed", "year", "indicator", "place", "group", "role"),
    *("value", "unit", "qualifier", "basis", "fact", "words"),
)
AS_SHARE = {
    "percent": ("share", Decimal("0.01")),
    "percentage_points": ("points", Decimal("0.01")),
    "ratio": ("share", Decimal(1)),
}
"""Units that a series gives in shares: its name for them, and what a recorded value is multiplied with."""


def facts() -> pd.DataFrame:
    """Load every quantity of the documents, as recorded.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a statement: id, document, section, place (slug), year (text, as recorded;
        "" where there is none), year_basis ("printed", "context" or "none"), topic, indicator (plans begin with
        "target_", thresholds with "rule_", single households or firms with "case_"), value (number, in unit), unit,
        qualifier ("exact", "approx", "at_least", "at_most"), words (of the text, at most 40 characters, "…" where a
        sentence is cut), numeral ("digits", or "written" in words), same_as (id of the first statement of the same
        fact, or ""), note.
    """
    frame = pd.DataFrame(_rows("facts.csv"))
    frame["value"] = frame["value"].astype(float)
    return frame


def series(id: str) -> DocumentSeries:
    """Put together a series of the documents.

    Parameters
    ----------
    id : such as "S01", poor population and incidence of Ganzhou.

    Raises
    ------
    OptionError
        Where there is no such series; the message lists them.
    DataError
        Where a file of the series names a fact or a word that is not there, or a formula that cannot be computed.
    """
    known = tuple(sorted(path.stem for path in data_file(f"{FOLDER}/series").glob("*.toml")))
    allowed("id", id, known)
    plan = tomllib.loads(_text(f"series/{id}.toml"))
    table = pd.DataFrame(list(_planned(plan)), columns=list(COLUMNS)).astype({"time": float})
    words = SeriesWords(
        title=plan["title"],
        question=plan["question"],
        caveats=tuple(plan.get("caveat", ())),
        documents=tuple(_documents(table["fact"].tolist())),
        labels=_labels(id, table),
    )
    derived = tuple(worked_out(id, plan.get("derived", []), table))
    return DocumentSeries(id=id, words=words, table=table, derived=derived)


def _text(name: str) -> str:
    return data_file(f"{FOLDER}/{name}").read_text(encoding="utf-8-sig")


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    """Read a table of the folder as text."""
    return tuple(csv.DictReader(io.StringIO(_text(name))))


def _recorded() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in _rows("facts.csv")}


def _planned(plan: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Give the rows of a series: what its file says, and the rest from the facts it names."""
    recorded = _recorded()
    unprinted = {id: label for label, named in plan.get("time_label", {}).items() for id in named}
    for block in plan["rows"]:
        role = block.get("role", "point")
        allowed("role", role, ROLES)
        for id in block["facts"]:
            if id not in recorded:
                raise DataError(f"series {plan['id']}: fact {id!r} is not in facts.csv; correct the series' file")
            fact = recorded[id]
            unit, scale = AS_SHARE.get(fact["unit"], (fact["unit"], Decimal(1)))
            yield {
                **_moment(fact, unprinted.get(id), plan["id"]),
                **{key: block[key] for key in ("indicator", "group", "basis")},
                **{key: fact[key] for key in ("year", "place", "qualifier", "words")},
                "role": role,
                "value": float(Decimal(fact["value"]) * scale),
                "unit": unit,
                "fact": id,
            }


def _moment(fact: Mapping[str, str], label: str | None, id: str) -> dict[str, object]:
    """Give a fact its time: the printed year (the last of a span), or the text's words where none is printed."""
    basis, year = fact["year_basis"], fact["year"]
    if (basis == "printed") != (label is None):
        remedy = "give it words in" if label is None else "take it out of"
        raise DataError(f"series {id}: the year of fact {fact['id']} is {basis!r}; {remedy} [time_label]")
    if label is not None:
        return {"time": None, "time_label": label, "printed": False}
    first, _, last = year.partition("-")
    span = len(last) == 4
    return {"time": float(last if span else first), "time_label": f"{first}–{last}" if span else year, "printed": True}


def _documents(ids: list[str]) -> Iterator[tuple[InBoth, tuple[str, ...]]]:
    """Name the documents of some facts, each with its parts."""
    titles = {one["id"]: one for one in tomllib.loads(_text("source.toml"))["document"]}
    recorded = _recorded()
    parts: dict[str, dict[str, None]] = {}
    for fact in sorted(ids, key=lambda id: recorded[id]["document"]):
        parts.setdefault(recorded[fact]["document"], {})[recorded[fact]["section"]] = None
    for document, sections in parts.items():
        title = {lang: titles[document][lang] for lang in ("zh", "en")}
        yield title, tuple(sorted(sections, key=lambda section: (len(section), section)))


def _labels(id: str, table: pd.DataFrame) -> dict[str, InBoth]:
    """Give the words of every slug in the table."""
    known: dict[str, InBoth] = dict(tomllib.loads(_text("labels.toml")))
    known |= {row["slug"]: {"zh": row["zh"], "en": row["en"]} for row in _rows("places.csv")}
    slugs = {slug for column in ("place", "group", "indicator", "basis") for slug in table[column].tolist()}
    slugs |= set(table.loc[~table["printed"], "time_label"].tolist())
    lost = sorted(slugs - set(known))
    if lost:
        raise DataError(f"series {id}: labels.toml has no words for {lost}; add them in zh and en")
    return {slug: known[slug] for slug in sorted(slugs)}
