"""A codebook: what every column of a file holds."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Printed, Summary
from povstats.reading.codebook_columns import describe
from povstats.reading.codebook_printed import paragraph, printed
from povstats.reading.codebook_sheet import write_codebook
from povstats.words import language

if TYPE_CHECKING:
    from povstats.reading.reading import Reading

NUMBERS = ("distinct", "min", "q25", "median", "q75", "max", "mean", "zeros")


@dataclass(frozen=True, eq=False, repr=False)
class Codebook(Printed):
    """Every column of a file, described.

    Attributes
    ----------
    frame : one row a column of the file: column, label, kind ("coded", "number", "text", "date", "yes_no"), n (values
        that are neither missing nor declared missing), missing (without a code), declared (with a code that the file
        declares missing), missing_codes, values (the most frequent ones with their counts), distinct, min, q25, median,
        q75, max, mean, zeros (share of n), suspected (codes that look like missing ones but count as values here) and
        bar (the distribution: of numbers ten equal steps, those beyond the percentiles 1 and 99 in the first and last;
        of codes one sign a code).
    counts : one row a code or frequent text: column, code, label, count, share (of all rows), declared (missing).
    rows : the number of rows. file : the file's name.
    """

    frame: pd.DataFrame
    counts: pd.DataFrame
    rows: int
    file: str

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: "nobs", and n, missing, declared and mean of every column (term)."""
        rows = [
            {"measure": measure, "term": row["column"], "estimate": row[measure]}
            for row in self.frame.to_dict("records")
            for measure in ("n", "missing", "declared", "mean")
            if row[measure] == row[measure]
        ]
        return tidy_frame([{"measure": "nobs", "estimate": self.rows}, *rows])

    def summary(self, lang: str | None = None) -> Summary:
        """Print one line a column, with its distribution, in "zh" or "en"."""
        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that tells what the file holds, in "zh" or "en"."""
        return paragraph(self, lang or language())

    def save(self, path: "str | PathLike[str]", lang: str | None = None) -> None:
        """Write the codebook to an .xlsx workbook: a sheet of columns and a sheet of values.

        Parameters
        ----------
        path : the workbook; it is replaced as a whole or not at all. lang : "zh" or "en".

        Raises
        ------
        OptionError
            Where `path` does not end in .xlsx.
        """
        write_codebook(self, path, lang or language())


def make_codebook(reading: "Reading") -> Codebook:
    """Describe the columns of a reading."""
    frames: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    for name in reading.table.columns:
        row, found = describe(reading, name)
        frames.append(row)
        counts += found
    heads = ["column", "label", "kind", "n", "missing", "declared", "missing_codes", "values", *NUMBERS]
    frame = pd.DataFrame(frames, columns=[*heads, "suspected", "bar"])
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype("float64")
    return Codebook(
        frame=frame,
        counts=pd.DataFrame(counts, columns=["column", "code", "label", "count", "share", "declared"]),
        rows=len(reading.table),
        file=reading.path.name,
    )
