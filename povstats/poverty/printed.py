"""Estimates as a table in a terminal or a notebook, in per cent."""

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


def title(result: "Estimates", lang: str) -> str:
    """Name the measure and say who is poor."""
    asked = result.definition
    return say(
        "poverty.title",
        lang,
        measure=say(f"poverty.{result.measure}", lang),
        rule=f"{asked.welfare} {asked.poor} {number(asked.line)}",
    )


def notes(result: "Estimates", lang: str) -> list[str]:
    """Say design and rows, and every reason for a missing number once, with its groups."""
    rows = result.rows
    found = [
        say("poverty.note_design", lang, design=result.definition.design.describe(lang)),
        say("poverty.note_rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}"),
    ]
    if result.definition.size is not None:
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


def _cells(result: "Estimates", lang: str) -> tuple[list[str], list[list[str]]]:
    """Give the words of the head and of every row."""
    by = result.definition.by
    keys = (
        "poverty.estimate",
        "poverty.std_error",
        "poverty.low",
        "poverty.high",
        "general.dof",
        "poverty.n",
    )
    head = [by or "", *(say(key, lang) for key in keys)]
    rows = []
    for i, level in enumerate(result.estimate.index):
        shares = [percent(float(getattr(result, name).iloc[i])) for name in ("estimate", "se", "low", "high")]
        df = float(result.df.iloc[i])
        label = say("poverty.whole", lang) if by is None else str(level)
        rows.append([label, *shares, "—" if math.isnan(df) else f"{df:g}", f"{int(result.n.iloc[i]):,}"])
    return head, rows
