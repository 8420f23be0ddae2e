"""What the reports on the synthetic survey share: they print their table, in a terminal and in a notebook."""

from typing import Protocol

from povstats.printing import Grid, Printed, Summary
from povstats.tables import Table
from povstats.words import Lang, language


class HasTable(Protocol):
    """A report that is a table."""

    def table(self, lang: Lang | None = None) -> Table:
        """Give the table in "zh" or "en"."""


class Tabled(Printed):
    """A report whose summary is its table, with a block and a label in the index."""

    def summary(self: HasTable, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        table = self.table(lang or language())
        rows, before = [], ""
        for (block, label), cells in zip(table.frame.index, table.frame.to_numpy().tolist(), strict=True):
            rows.append(("" if block == before else block, label, *cells))
            before = block
        return Summary((Grid(table.title, ("", "", *table.frame.columns), tuple(rows), table.notes, words=2),))


def number(value: float, digits: int = 4) -> str:
    """Print a number with at most `digits` significant digits, and the sign of typography."""
    return f"{value:,.{digits}g}".replace("-", "−") if abs(value) < 10**digits else f"{value:,.0f}".replace("-", "−")
