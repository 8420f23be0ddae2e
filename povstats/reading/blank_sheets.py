"""The workbooks of a template: one for entry in each language, and the codebook."""

import io
import re
from collections import Counter
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from povstats.contracts import Column, Contract
from povstats.contracts.column import worded
from povstats.reading.codebook_sheet import fill_sheet
from povstats.words import LANGUAGES, say

LAST_ROW = 1_048_576
LONGEST_LIST = 255
"""Signs that Excel allows in a list of choices."""


def stem(contract: Contract) -> str:
    """Give the contract's name as the beginning of files' names."""
    return re.sub(r"[^\w-]+", "_", contract.name).strip("_") or "contract"


def headings(contract: Contract, lang: str) -> dict[str, str]:
    """Give each column's heading in words, with its unit; where two would be alike, with the column's name."""
    titles = contract.titles(lang)
    often = Counter(title.strip() for title in titles.values())
    return {name: t.strip() if often[t.strip()] == 1 else f"{t.strip()} [{name}]" for name, t in titles.items()}


def columns_of(contract: Contract, lang: str) -> pd.DataFrame:
    """Give the codebook's cells as text, one row a column of the contract."""
    yes = {True: say("template.yes", lang), False: ""}
    return pd.DataFrame(
        [
            {
                "column": one.name,
                "label": worded(one.label, lang) if one.label else "",
                "kind": say(f"contracts.kind_{one.kind}", lang),
                "unit": worded(one.unit, lang) if one.unit else "",
                "range": _range(one),
                "levels": say("template.and_joint", lang).join(_levels(one, lang)),
                "required": yes[one.required],
                "missing": yes[one.missing],
                "within": contract.constant_within.get(one.name, ""),
                "unique": yes[one.name in contract.unique],
            }
            for one in contract.columns
        ]
    )


def _levels(column: Column, lang: str) -> list[str]:
    """List the levels, each with its word where that is another."""
    return [
        level if word == level else say("template.level", lang, word=word, level=level)
        for level, word in column.level_words(lang).items()
    ]


def codebook_book(contract: Contract) -> bytes:
    """Make the codebook: a sheet a language."""
    book = Workbook()
    book.remove(book.active)
    for lang in LANGUAGES:
        frame = columns_of(contract, lang)
        page = book.create_sheet(say("template.sheet", lang))
        fill_sheet(page, frame, [say(f"template.head_{name}", lang) for name in frame.columns])
    return _packed(book)


def entry_book(contract: Contract, lang: str) -> bytes:
    """Make the workbook for entry: headings only, with warnings of values out of range."""
    book = Workbook()
    page = book.active
    page.title = say("template.entry", lang)
    names = headings(contract, lang)
    heads = [names[column.name] for column in contract.columns]
    fill_sheet(page, pd.DataFrame(columns=heads), heads)
    for place, column in enumerate(contract.columns, start=1):
        letter = get_column_letter(place)
        if column.kind == "text":
            # Otherwise a village 007 becomes 7.
            page.column_dimensions[letter].number_format = "@"
        rule = _rule(column, lang)
        if rule is not None:
            page.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
    return _packed(book)


def _rule(column: Column, lang: str) -> DataValidation | None:
    """Make the warning for values that the contract does not allow; None where it allows any."""
    if column.levels:
        words = column.level_words(lang).values()
        listed = ",".join(words)
        # A list is separated by commas, so a level with one in it cannot stand there.
        if len(listed) > LONGEST_LIST or any("," in word or '"' in word for word in words):
            return None
        rule = DataValidation(type="list", formula1=f'"{listed}"')
    elif column.kind == "text" or (column.low is None and column.high is None):
        return None
    else:
        ends = {"formula1": column.low, "formula2": column.high}
        way = "between" if None not in ends.values() else "greaterThanOrEqual"
        if column.low is None:
            ends, way = {"formula1": column.high}, "lessThanOrEqual"
        shown = {name: f"{end:.15g}" for name, end in ends.items() if end is not None}
        rule = DataValidation(type="whole" if column.kind == "integer" else "decimal", operator=way, **shown)
    rule.errorStyle, rule.showErrorMessage, rule.allow_blank = "warning", True, True
    asked = _range(column) or say("template.listed", lang)
    rule.error = say("template.outside", lang, kind=say(f"contracts.kind_{column.kind}", lang), asked=asked)
    return rule


def _range(column: Column) -> str:
    """Write the range that is allowed."""
    low, high = (None if end is None else f"{end:,.12g}" for end in (column.low, column.high))
    if low is not None and high is not None:
        return f"{low} – {high}"
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""


def _packed(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
