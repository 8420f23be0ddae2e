"""A table of display strings, and how it becomes files."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from povstats.errors import ContractError, allowed
from povstats.files import replacing
from povstats.tables.render import as_csv, as_html, as_latex, as_page, as_text
from povstats.tables.sheet import Sheet
from povstats.tables.word import as_word
from povstats.words import Lang

Below = Literal["se", "t", "interval", "p"]
BELOW: tuple[Below, ...] = ("se", "t", "interval", "p")


@dataclass(frozen=True, eq=False)
class Table:
    """A table as a reader sees it: every cell is the text that all formats print.

    Attributes
    ----------
    frame : display strings. The index holds the row labels, or block and label in two levels; the columns
        hold the headings, or heading and subheading in two levels. A row with an empty label holds what
        stands below the row above it.
    title : printed above.
    notes : printed below, one line each.
    lang : "zh" or "en".
    below : what the rows with an empty label hold: "se" (standard errors), "t", "interval" or "p".
    """

    frame: pd.DataFrame
    title: str
    notes: tuple[str, ...]
    lang: Lang
    below: Below = "se"

    def __post_init__(self) -> None:
        """Refuse what could not be printed alike in every format."""
        allowed("below", self.below, BELOW)
        for axis, name in ((self.frame.index, "index"), (self.frame.columns, "columns")):
            if axis.nlevels > 2:
                raise ContractError(f"the {name} of a table has at most two levels, not {axis.nlevels}")
        if self.frame.empty:
            raise ContractError("the table has no cells")
        odd = [cell for row in self.frame.to_numpy() for cell in row if not isinstance(cell, str)]
        if odd:
            raise ContractError(f"cells must be text, so that formats cannot round differently; got {odd[:3]!r}")

    @property
    def sheet(self) -> Sheet:
        """The table taken apart for the formats."""
        return replace(Sheet.of(self.frame, self.title, self.notes, self.lang), below=self.below)

    def save(self, stem: str | os.PathLike[str]) -> list[Path]:
        """Write `<stem>.<lang>.html`, `.tex`, `.docx` and `.csv` with the same digits.

        HTML, LaTeX and CSV have the same bytes on every call; a Word file carries its time of writing. All
        four are made before the first is written, and each replaces its predecessor whole.

        Parameters
        ----------
        stem : path without language and ending, such as "figures/vietnam-models".

        Returns
        -------
        list of Path
            The four files.
        """
        sheet = self.sheet
        contents = {
            "html": as_page(sheet).encode(),
            "tex": as_latex(sheet).encode(),
            "docx": as_word(sheet),
            # Spreadsheets read a CSV without the mark as the system's old encoding.
            "csv": as_csv(sheet).encode("utf-8-sig"),
        }
        written = []
        for ending, content in contents.items():
            path = Path(f"{os.fspath(stem)}.{self.lang}.{ending}")
            with replacing(path) as part:
                part.write_bytes(content)
            written.append(path)
        return written

    def _repr_html_(self) -> str:
        """Show the table in a notebook."""
        return as_html(self.sheet)

    def __str__(self) -> str:
        """Print the table in columns; a Chinese character counts two."""
        return as_text(self.sheet)
