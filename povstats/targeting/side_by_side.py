"""Several measures of one sample in words: side by side as a table, and in one paragraph."""

from collections.abc import Mapping, Sequence

from povstats.poverty.estimate import Estimates
from povstats.poverty.explained import how_sure, told
from povstats.poverty.printed import counted, named, reasons, valued
from povstats.printing import Grid
from povstats.words import say

Group = Mapping[str, Estimates]


def grid(estimates: Group, title: str, lang: str, notes: Sequence[str] = ()) -> Grid:
    """Lay measures out: one a row with its interval; by group one a column, standard errors in brackets."""
    first = next(iter(estimates.values()))
    lines = (
        *notes,
        *common_notes(first, lang),
        *dict.fromkeys(r for one in estimates.values() for r in reasons(one, lang)),
    )
    if first.definition.by is None:
        keys = ("poverty.std_error", "poverty.low", "poverty.high")
        head = ("", say("targeting.value", lang), *(say(key, lang) for key in keys))
        rows = [
            (label(one, lang), *(cell(one, part, 0) for part in ("estimate", "se", "low", "high")))
            for one in estimates.values()
        ]
        return Grid(title, head, tuple(rows), lines)
    head = (first.definition.by, *(label(one, lang) for one in estimates.values()), say("poverty.n", lang))
    rows = [
        (
            str(level),
            *(f"{cell(one, 'estimate', i)} ({cell(one, 'se', i)})" for one in estimates.values()),
            f"{int(first.n.iloc[i]):,}",
        )
        for i, level in enumerate(first.estimate.index)
    ]
    return Grid(title, head, tuple(rows), (say("measures.profile_brackets", lang), *lines))


def label(one: Estimates, lang: str) -> str:
    """Name a measure, with per cent where it is a share."""
    return named(one, lang) + (say("measures.in_per_cent", lang) if one.unit == "share" else "")


def cell(one: Estimates, part: str, i: int) -> str:
    """Write a number of a measure."""
    return valued(float(getattr(one, part).iloc[i]), one.unit)


def common_notes(one: Estimates, lang: str) -> list[str]:
    """Say design, rows and what a row counts for."""
    rows, asked = one.rows, one.definition
    found = [
        say("poverty.note_design", lang, design=asked.design.describe(lang)),
        say("poverty.note_rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}"),
    ]
    return found if asked.size is None else [*found, counted(one, lang)]


def sentences(estimates: Group, lang: str) -> list[str]:
    """Say every value with its meaning, the rows, and how sure it is."""
    first = next(iter(estimates.values()))
    lead = [sentence for one in estimates.values() for sentence in told(one, lang)]
    rows = [say("poverty.rows", lang, read=f"{first.rows.read:,}", used=f"{first.rows.used:,}")]
    said = dict.fromkeys(reason for one in estimates.values() for reason in reasons(one, lang))
    return [*lead, counted(first, lang), *rows, *how_sure(first, lang), *said]


def joined(parts: Sequence[str], lang: str) -> str:
    """Join sentences to a paragraph."""
    return say("poverty.sentence_joint", lang).join(parts)
