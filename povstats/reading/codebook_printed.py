"""A codebook in a terminal and a notebook, and as a paragraph."""

import math
from typing import TYPE_CHECKING, Any

from povstats.printing import Grid, Summary, width
from povstats.reading.note import number
from povstats.words import say

if TYPE_CHECKING:
    from povstats.reading.codebook import Codebook

LABEL, CONTENT = 24, 54
LINES = 300
"""So many columns are printed; the saved codebook has all."""
SHOWN = 12
"""So many columns with suspected codes are told below the table."""


def printed(book: "Codebook", lang: str) -> Summary:
    """Lay out one line a column, and the codes that look like missing ones below."""
    keys = ("column", "label", "kind", "content", "distribution", "n", "missing")
    rows = tuple(_line(row, lang) for row in book.frame.head(LINES).to_dict("records"))
    title = say("reading.codebook_title", lang, file=book.file, rows=number(book.rows), columns=number(len(book.frame)))
    head = tuple(say(f"reading.{key}", lang) for key in keys)
    notes = _notes(book, lang)
    if len(book.frame) > LINES:
        notes.insert(0, say("reading.more_lines", lang, count=number(len(book.frame) - LINES)))
    return Summary((Grid(title, head, rows, tuple(notes), words=5),))


def _line(row: Any, lang: str) -> tuple[str, ...]:
    lost = row["missing"] + row["declared"]
    kind = say(f"reading.kind_{row['kind']}", lang)
    return (
        clipped(row["column"], LABEL),
        clipped(row["label"], LABEL),
        kind,
        clipped(_content(row, lang), CONTENT),
        row["bar"],
        number(row["n"]),
        number(lost),
    )


def _content(row: Any, lang: str) -> str:
    """Give the range of numbers, or the most frequent values where there are few."""
    if row["kind"] != "number" or math.isnan(row["min"]) or row["values"]:
        return str(row["values"])
    places = {key: f"{row[key]:,.6g}" for key in ("min", "q25", "median", "q75", "max")}
    shown = say("reading.range", lang, **places)
    return shown if not row["zeros"] else shown + say("reading.zeros", lang, share=f"{100 * row['zeros']:.1f}")


def _notes(book: "Codebook", lang: str) -> list[str]:
    """Tell codes that the file declares missing, and those that only look so."""
    frame = book.frame
    notes = []
    for key, column in (("declared_codes", "missing_codes"), ("suspected", "suspected")):
        told = frame[frame[column] != ""]
        parts = [
            say("reading.of_column", lang, column=row["column"], codes=row[column]) for row in told.to_dict("records")
        ]
        if parts:
            listed = say("reading.part_joint", lang).join(parts[:SHOWN]) + (" …" if len(parts) > SHOWN else "")
            notes.append(say(f"reading.note_{key}", lang, columns=listed))
    return notes


def paragraph(book: "Codebook", lang: str) -> str:
    """Say how many columns of which kind there are, what is missing, and which codes look missing."""
    frame = book.frame
    kinds = frame["kind"].value_counts()
    parts = [
        say("reading.of_kind", lang, kind=say(f"reading.kind_{kind}", lang), count=number(n))
        for kind, n in kinds.items()
    ]
    facts = {"file": book.file, "rows": number(book.rows), "columns": number(len(frame))}
    sentences = [
        say("reading.codebook_lead", lang, kinds=say("reading.kind_joint", lang).join(parts), **facts),
        say(
            "reading.codebook_missing",
            lang,
            missing=number(int(frame["missing"].sum())),
            declared=number(int(frame["declared"].sum())),
        ),
        *_notes(book, lang),
    ]
    return say("reading.sentence_joint", lang).join(sentences)


def clipped(words: str, size: int) -> str:
    """Cut words that take more than so many places of a terminal line."""
    flat = " ".join(words.split())
    if width(flat) <= size:
        return flat
    while width(flat) > size - 1:
        flat = flat[:-1]
    return flat + "…"
