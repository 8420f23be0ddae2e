"""Small tables of words in a terminal and in a notebook, aligned for wide Chinese characters."""

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Protocol, Self

RULE = "border-top:1px solid; border-bottom:1px solid"


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of words.

    Attributes
    ----------
    title : stands above; "" for none.
    head : the columns' headings; () for a table without.
    rows : the cells.
    notes : lines below.
    words : how many columns, from the left, hold words and are aligned left; the others are aligned right.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    words: int = 1

    def __str__(self) -> str:
        """Print for a terminal."""
        lines = [self.head, *self.rows] if self.head else list(self.rows)
        columns = range(max((len(line) for line in lines), default=0))
        widths = [max(width(line[i]) for line in lines if i < len(line)) for i in columns]
        rule = "─" * max(sum(widths) + 2 * (len(widths) - 1), 0)
        body = [
            "  ".join(pad(cell, widths[i], left=i < self.words) for i, cell in enumerate(line)).rstrip()
            for line in lines
        ]
        if self.head:
            body.insert(1, rule)
        title = [self.title] if self.title else []
        return "\n".join([*title, rule, *body, rule, *self.notes] if body else [*title, *self.notes])

    def to_html(self) -> str:
        """Print for a notebook."""
        head = "".join(_cell(cell, i < self.words, head=True) for i, cell in enumerate(self.head))
        body = "".join(
            "<tr>" + "".join(_cell(cell, i < self.words) for i, cell in enumerate(row)) + "</tr>" for row in self.rows
        )
        top = f"<thead><tr>{head}</tr></thead>" if head else ""
        caption = f'<caption style="text-align:left; font-weight:bold">{escape(self.title)}</caption>'
        table = f"<table>{caption if self.title else ''}{top}<tbody>{body}</tbody></table>" if body or head else ""
        notes = "<br>".join(escape(note) for note in self.notes)
        return table + (f"<p><small>{notes}</small></p>" if notes else "")


class Summary(str):
    """Text that a terminal prints as it is and a notebook as tables.

    Parameters
    ----------
    grids : the tables, one below the other.
    """

    grids: tuple[Grid, ...]

    def __new__(cls, grids: tuple[Grid, ...]) -> Self:
        """Lay out the text."""
        made = super().__new__(cls, "\n\n".join(str(grid) for grid in grids))
        made.grids = grids
        return made

    def __repr__(self) -> str:
        """Show the text without quotes."""
        return str(self)

    def _repr_html_(self) -> str:
        """Print for a notebook."""
        return "".join(grid.to_html() for grid in self.grids)


def width(words: str) -> int:
    """Count the places of a terminal line that words take: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words
    )


def pad(words: str, size: int, *, left: bool) -> str:
    """Fill words up with spaces to a width."""
    space = " " * (size - width(words))
    return words + space if left else space + words


def _cell(words: str, left: bool, *, head: bool = False) -> str:
    align = f"text-align:{'left' if left else 'right'}"
    return f'<th style="{align}; {RULE}">{escape(words)}</th>' if head else f'<td style="{align}">{escape(words)}</td>'


class Summarised(Protocol):
    """What can be summed up."""

    def summary(self) -> Summary:
        """Give the summary in the language that results print in."""


class Printed:
    """Prints its summary, in a terminal and in a notebook; the result itself says what stands in it."""

    def __repr__(self: Summarised) -> str:
        return str(self.summary())

    def _repr_html_(self: Summarised) -> str:
        """Print in a notebook."""
        return self.summary()._repr_html_()
