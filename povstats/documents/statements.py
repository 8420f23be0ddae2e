"""What the text of the Guizhou study says of its models, statement by statement, with the words that say it."""

import csv
import hashlib
import io
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from povstats.errors import DataError
from povstats.files import data_file

FILE, SOURCE = "documents/guizhou_statements.csv", "documents/guizhou_statements.toml"
Significance = Literal["significant", "not_significant", "silent"]
Basis = Literal["printed", "derived", "by_implication"]
ALLOWED = {
    "model": ("survey", "trust", "participation", "harmony", "cadre_relation", "summary", "conclusion"),
    "section": ("data", "method", "results", "summary", "conclusion"),
    "unit": ("", "percent", "percentage_points", "yuan", "counties", "villages", "households"),
    "sign": ("", "+", "-"),
    "significance": ("significant", "not_significant", "silent"),
    "basis": ("printed", "derived", "by_implication"),
}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of the text.

    Attributes
    ----------
    id : G01 and so on, in the order of the text.
    model : which model it is about: that of an item by its column in contract "guizhou", "summary" or "conclusion" of
        social capital at large, "survey" of the data and of what was planned.
    term : a column of the contract, "focal" (the model's item), or a product such as "focal × village_consumption";
        also "fixed effects", "random effects", "education, land", "equations", "outcome".
    section : where it stands: data, method, results, summary or conclusion.
    value, unit, per : what is printed, as printed; the step it is for, such as "grade". None where nothing is.
    sign : "+", "-", "" where none is said. significance : "silent" where the text is.
    basis : "printed"; "by_implication", of what else is printed; "derived", by arithmetic (the note has it).
    fact : the id in `facts()`, "" where it has none.
    quote : the words of the text, an exact part of it. gloss : an English rendering, ours. note : ours.
    """

    id: str
    model: str
    term: str
    section: str
    value: float | None
    unit: str
    per: str
    sign: Literal["", "+", "-"]
    significance: Significance
    basis: Basis
    fact: str
    quote: str
    gloss: str
    note: str


@cache
def guizhou_statements() -> tuple[Statement, ...]:
    """Load every statement that the Guizhou text makes of its survey and its models.

    Returns
    -------
    tuple of Statement
        In the order of data/documents/guizhou_statements.csv.

    Raises
    ------
    DataError
        Where the file is missing or not the one whose fingerprint guizhou_statements.toml holds, or where a row says
        what the columns do not allow.
    """
    # Line ends are made alike, since a checkout on Windows may change them.
    content = data_file(FILE).read_bytes().replace(b"\r\n", b"\n")
    known = tomllib.loads(data_file(SOURCE).read_text(encoding="utf-8"))["sha256"]
    found = hashlib.sha256(content).hexdigest()
    if found != known:
        raise DataError(
            f"{FILE} has SHA-256 {found}, expected {known}; quotes and numbers may be changed: reinstall povstats"
        )
    return tuple(_stated(row) for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def statement(id: str) -> Statement:
    """Give one statement.

    Raises
    ------
    DataError
        Where there is none of that id.
    """
    for one in guizhou_statements():
        if one.id == id:
            return one
    raise DataError(f"there is no statement {id!r} in {FILE}")


def _stated(row: dict[str, str]) -> Statement:
    for column, options in ALLOWED.items():
        if row[column] not in options:
            raise DataError(f"{FILE}, {row['id']}: {column} {row[column]!r} is not one of {', '.join(options)}")
    value = float(row["value"]) if row["value"] else None
    stated: dict[str, Any] = {**row, "value": value}
    return Statement(**stated)
