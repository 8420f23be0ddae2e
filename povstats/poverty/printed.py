"""Estimates as a table in a terminal or a notebook; shares in per cent."""

import math
from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates


def printed(result: "Estimates", lang: str) -> Summary:
    """Lay the estimates out: a title, one row a group, notes."""
    head, rows = _cells(result, lang)
    body = tuple(tuple(row) for row in rows)
    return Summary((Grid(title(result, lang), tuple(head), body, tuple(notes(result, lang))),))


def named(result: "Estimates", lang: str) -> str:
    """Name the measure, with what distinguishes it."""
    name = say(f"measures.name_{result.measure}", lang)
    if not result.parameters:
        return name
    parameters = say("poverty.and", lang).join(f"{key} = {value:g}" for key, value in result.parameters.items())
    return say("measures.named", lang, measure=name, parameters=parameters)


def title(result: "Estimates", lang: str) -> str:
    """Name the measure, and say who is poor where it asks that."""
    asked = result.definition
    if asked.line is None:
        return say("measures.title", lang, measure=named(result, lang), welfare=asked.welfare)
    return say("poverty.title", lang, measure=named(result, lang), rule=rule(result))


def rule(result: "Estimates") -> str:
    """Write who is poor as an inequality."""
    asked = result.definition
    assert asked.line is not None
    return f"{asked.welfare} {asked.poor} {number(asked.line)}"


def notes(result: "Estimates", lang: str) -> list[str]:
    """Say line, design and rows, and every reason for a missing number once, with its groups."""
    rows, asked = result.rows, result.definition
    found = [] if asked.origin is None else [say("measures.line", lang, line=asked.origin.describe(lang))]
    found += [
        say("poverty.note_design", lang, design=asked.design.describe(lang)),
        say("poverty.note_rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}"),
    ]
    if rows.zero or rows.negative:
        found.append(say("measures.note_boundary", lang, zero=f"{rows.zero:,}", negative=f"{rows.negative:,}"))
    if rows.left_out:
        found.append(say("measures.note_left_out", lang, n=f"{rows.left_out:,}"))
    if asked.size is not None:
        found.append(counted(result, lang))
    return found + reasons(result, lang)


def counted(result: "Estimates", lang: str) -> str:
    """Say what a row counts for."""
    weights, size = result.definition.design.weights, result.definition.size
    kinds = {(False, False): "rows", (True, False): "weights", (False, True): "size", (True, True): "persons"}
    kind = kinds[weights is not None, size is not None]
    return say(f"poverty.counts_{kind}", lang, weights=weights, size=size)


def reasons(result: "Estimates", lang: str) -> list[str]:
    """Say every reason for a missing standard error or interval once, with its groups."""
    found = []
    for reason in sorted(set(result.reason) - {""}):
        sentence = say(f"poverty.reason_{reason}", lang)
        if result.definition.by is not None:
            groups = [str(level) for level in result.reason.index[result.reason == reason]]
            shown = say("poverty.and", lang).join(groups[:5]) + (" …" if len(groups) > 5 else "")
            sentence = say("poverty.of_groups", lang, groups=shown, sentence=sentence)
        found.append(sentence)
    return found


def number(value: float) -> str:
    """Print a number without needless digits."""
    return f"{value:,.10g}"


def percent(value: float) -> str:
    """Print a share in per cent, without the sign; a dash where it is missing."""
    return "—" if math.isnan(value) else f"{100 * value:.2f}"


def valued(value: float, unit: str) -> str:
    """Print a value in a table, by its unit; a dash where it is missing."""
    if math.isnan(value):
        return "—"
    if unit == "share":
        return percent(value)
    return f"{value:,.2f}" if unit == "welfare" and abs(value) >= 100 else f"{value:,.4f}"


def worded(value: float, unit: str, lang: str) -> str:
    """Print a value in a sentence, shares with the words per cent."""
    text = valued(value, unit)
    return say("measures.per_cent", lang, value=text) if unit == "share" else text


def _cells(result: "Estimates", lang: str) -> tuple[list[str], list[list[str]]]:
    """Give the words of the head and of every row."""
    by = result.definition.by
    keys = (
        "poverty.estimate" if result.unit == "share" else "measures.estimate",
        "poverty.std_error",
        "poverty.low",
        "poverty.high",
        "general.dof",
        "poverty.n",
    )
    head = [by or "", *(say(key, lang) for key in keys)]
    rows = []
    for i, level in enumerate(result.estimate.index):
        numbers = ("estimate", "se", "low", "high")
        values = [valued(float(getattr(result, name).iloc[i]), result.unit) for name in numbers]
        df = float(result.df.iloc[i])
        label = say("poverty.whole", lang) if by is None else str(level)
        rows.append([label, *values, "—" if math.isnan(df) else f"{df:g}", f"{int(result.n.iloc[i]):,}"])
    return head, rows
