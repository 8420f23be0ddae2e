"""What read() gives: a table with the file's own labels, and what was found on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Printed, Summary
from povstats.reading.codebook import Codebook, make_codebook
from povstats.reading.note import Note
from povstats.reading.reading_printed import paragraph, printed
from povstats.words import language

Format = Literal["csv", "xlsx", "dta", "sav", "parquet"]
Code = int | float | str


@dataclass(frozen=True, eq=False, repr=False)
class Reading(Printed):
    """A file as it was read.

    Nothing is missing in `table` but what the file stores as missing: empty cells, Stata's "." to ".z", SPSS's
    system-missing, nulls. Codes that SPSS declares missing are still there as codes; `missing` names them.

    Attributes
    ----------
    table : the rows, with the file's own column names in its order; labelled columns hold their codes.
    labels : {column: its label}.
    values : {column: {code: its label}}.
    missing : {column: {code: its label, or ""}} for codes that the file declares missing: SPSS's user-missing values
        (of a range, those that occur or have a label), and Stata's ".a" to ".z", which are missing in `table` and
        stand in `missing_at`.
    missing_at : {column: the code by row}, a text series over the rows (index of `table`) that hold ".a" to ".z".
    missing_ranges : {column: the ranges, ends included, that SPSS declares missing}.
    format : "csv", "xlsx", "dta", "sav" or "parquet".
    encoding : of its text, as Python names it; None where the format leaves no choice.
    notes : what was guessed, checked and repaired; str() gives one in words.
    path : the file. sheet : the sheet that was read. sheets : the names of all sheets of a workbook.
    """

    table: pd.DataFrame
    path: Path
    format: Format
    encoding: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Code, str]] = field(default_factory=dict)
    missing: Mapping[str, Mapping[Code, str]] = field(default_factory=dict)
    missing_at: "Mapping[str, pd.Series[str]]" = field(default_factory=dict)
    missing_ranges: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    sheet: str | None = None
    sheets: tuple[str, ...] = ()

    def codebook(self) -> Codebook:
        """Describe every column: label, kind, values with counts, missing by code, range and distribution."""
        return make_codebook(self)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure "nobs", and "missing" of every column (term)."""
        lost = self.table.isna().sum()
        rows = [{"measure": "missing", "term": name, "estimate": int(count)} for name, count in lost.items()]
        return tidy_frame([{"measure": "nobs", "estimate": len(self.table)}, *rows])

    def summary(self, lang: str | None = None) -> Summary:
        """Print the file's facts, its notes and its first columns, in "zh" or "en"."""
        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that tells how the file was read and what was done to it, in "zh" or "en"."""
        return paragraph(self, lang or language())
