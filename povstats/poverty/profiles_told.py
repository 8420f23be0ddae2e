"""A profile in words: measures side by side, and a paragraph."""

from typing import TYPE_CHECKING

from povstats.poverty.explained import asked_and_used, told
from povstats.poverty.printed import named, notes, reasons, rule, valued
from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates
    from povstats.poverty.profiles import Profile


def printed(profile: "Profile", lang: str) -> Summary:
    """Lay the measures out side by side, a row a group."""
    results = list(profile.estimates.values())
    first = _first(profile)
    per_cent = say("measures.in_per_cent", lang)
    names = [named(one, lang) + (per_cent if one.unit == "share" else "") for one in results]
    head = (first.definition.by or "", *names, say("poverty.n", lang))
    rows = []
    for i, level in enumerate(first.estimate.index):
        label = say("poverty.whole", lang) if first.definition.by is None else str(level)
        rows.append((label, *(_cell(one, i) for one in results), f"{int(results[0].n.iloc[i]):,}"))
    said = [note for one in results for note in reasons(one, lang)]
    lines = [*[note for note in notes(first, lang) if note not in said], *dict.fromkeys(said)]
    title = say("measures.profile_title", lang, rule=rule(first)) if first.definition.line is not None else ""
    return Summary((Grid(title, head, tuple(rows), (say("measures.profile_brackets", lang), *lines)),))


def paragraph(profile: "Profile", lang: str) -> str:
    """Say every value with its meaning, and once what was asked and used."""
    first = _first(profile)
    sentences = [sentence for one in profile.estimates.values() for sentence in told(one, lang)]
    said = [reason for one in profile.estimates.values() for reason in reasons(one, lang)]
    sentences += [*asked_and_used(first, lang), *dict.fromkeys(said)]
    return say("poverty.sentence_joint", lang).join(sentences)


def _first(profile: "Profile") -> "Estimates":
    """Give a result that knows the line, where there is one."""
    results = list(profile.estimates.values())
    return next((one for one in results if one.definition.line is not None), results[0])


def _cell(result: "Estimates", i: int) -> str:
    """Write a value with its standard error in brackets."""
    value, se = (valued(float(getattr(result, name).iloc[i]), result.unit) for name in ("estimate", "se"))
    return f"{value} ({se})"
