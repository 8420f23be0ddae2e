"""A reading in a terminal and a notebook, and as a paragraph."""

from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.reading.note import number
from povstats.words import say

if TYPE_CHECKING:
    from povstats.reading.reading import Reading

COLUMNS = 12
"""So many columns are shown; the codebook has all."""
CODES = 3


def printed(reading: "Reading", lang: str) -> Summary:
    """Lay out the facts and the first columns; labelled ones come first, since they tell most."""
    table = reading.table
    names = sorted(table.columns, key=lambda name: name not in reading.labels and name not in reading.values)
    body = tuple(
        (
            name,
            reading.labels.get(name, ""),
            _codes(reading, name),
            str(table[name].dtype),
            number(int(table[name].isna().sum())),
        )
        for name in names[:COLUMNS]
    )
    head = tuple(say(f"reading.{key}", lang) for key in ("column", "label", "values", "stored", "missing"))
    left = len(names) - len(body)
    notes = [note.say(lang) for note in reading.notes]
    if left:
        notes.insert(0, say("reading.more_columns", lang, count=number(left)))
    return Summary((Grid(title(reading, lang), head, body, tuple(notes), words=4),))


def title(reading: "Reading", lang: str) -> str:
    """Name the file with its size, format and encoding."""
    facts = {
        "file": reading.path.name,
        "format": reading.format,
        "rows": number(len(reading.table)),
        "columns": number(len(reading.table.columns)),
    }
    if reading.sheet is not None:
        return say("reading.title_sheet", lang, sheet=reading.sheet, **facts)
    if reading.encoding is not None:
        return say("reading.title_encoding", lang, encoding=reading.encoding, **facts)
    return say("reading.title", lang, **facts)


def paragraph(reading: "Reading", lang: str) -> str:
    """Say what was read, what counts as missing in it, which labels it carries, and every note."""
    table = reading.table
    lost = table.isna().sum()
    sentences = [
        say("reading.explain_lead", lang, title=title(reading, lang)),
        say("reading.explain_missing", lang, cells=number(int(lost.sum())), columns=number(int((lost > 0).sum()))),
        say("reading.explain_labels", lang, labels=number(len(reading.labels)), values=number(len(reading.values))),
    ]
    if reading.missing:
        sentences.append(say(f"reading.explain_declared_{reading.format}", lang, columns=number(len(reading.missing))))
    sentences += [note.say(lang) for note in reading.notes]
    return say("reading.sentence_joint", lang).join(sentences)


def _codes(reading: "Reading", name: str) -> str:
    """Give a column's first codes with their labels."""
    known = reading.values.get(name, {})
    shown = ", ".join(f"{code_text(code)} {label}" for code, label in list(known.items())[:CODES])
    return shown + (" …" if len(known) > CODES else "")


def code_text(code: object) -> str:
    """Print a code without the decimals that a format gives to whole numbers."""
    return f"{code:.12g}" if isinstance(code, float) else str(code)
