"""Differences in words: a table and a paragraph."""

import math
from typing import TYPE_CHECKING

from povstats.poverty.printed import named, number
from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.differences import Difference
    from povstats.poverty.estimate import Estimates


def printed(result: "Difference", lang: str) -> Summary:
    """Lay the differences out: a title, a row a comparison, notes."""
    head = (
        result.first.definition.by or "",
        say("measures.change" if result.relative else _points(result), lang),
        say("poverty.std_error", lang),
        say("poverty.low", lang),
        say("poverty.high", lang),
        "t",
        say("general.dof", lang),
        "p",
    )
    rows = []
    for i, label in enumerate(result.estimate.index):
        values = [_shown(result, float(getattr(result, name).iloc[i])) for name in ("estimate", "se", "low", "high")]
        t, df, p = (float(getattr(result, name).iloc[i]) for name in ("t", "df", "p"))
        name = str(label) if label != "" else say("poverty.whole", lang)
        rows.append((name, *values, _plain(t, ".2f"), _plain(df, ".4g"), _probability(p).removeprefix("= ")))
    title = say("measures.difference_title", lang, measure=named(result.first, lang))
    return Summary((Grid(title, head, tuple(rows), (*_sides(result, lang), _related(result, lang))),))


def paragraph(result: "Difference", lang: str) -> str:
    """Say what was compared, the difference or their range, the covariance, and the test."""
    known = result.estimate.dropna()
    sentences = [say("measures.difference_what", lang, measure=named(result.first, lang)), *_sides(result, lang)]
    if len(result.estimate) == 1 and len(known):
        low, high, se = (_shown(result, float(getattr(result, name).iloc[0])) for name in ("low", "high", "se"))
        sentences.append(
            say(
                f"measures.difference_one_{_kind(result)}",
                lang,
                value=_shown(result, float(known.iloc[0])),
                se=se,
                low=low,
                high=high,
                p=_probability(float(result.p.iloc[0])),
            )
        )
    elif len(known):
        low, high = (_shown(result, float(end)) for end in (known.min(), known.max()))
        sentences.append(say(f"measures.difference_range_{_kind(result)}", lang, n=len(known), low=low, high=high))
    sentences += [_related(result, lang), say(f"measures.difference_df_{_freedom(result)}", lang)]
    return say("poverty.sentence_joint", lang).join(sentences)


def _sides(result: "Difference", lang: str) -> list[str]:
    """Say what first and second are, where they differ in more than their group."""
    if result.first is result.second:
        return []
    return [
        say("measures.difference_first", lang, what=_asked(result.first)),
        say("measures.difference_second", lang, what=_asked(result.second)),
    ]


def _asked(side: "Estimates") -> str:
    asked = side.definition
    return asked.welfare if asked.line is None else f"{asked.welfare} {asked.poor} {number(asked.line)}"


def _related(result: "Difference", lang: str) -> str:
    return say(f"measures.samples_{result.samples}", lang)


def _kind(result: "Difference") -> str:
    if result.relative:
        return "relative"
    return "points" if result.first.unit == "share" else "plain"


def _points(result: "Difference") -> str:
    return "measures.points" if result.first.unit == "share" else "measures.difference"


def _freedom(result: "Difference") -> str:
    return "same" if result.samples == "same" else "two"


def _shown(result: "Difference", value: float) -> str:
    if math.isnan(value):
        return "—"
    per_cent = result.relative or result.first.unit == "share"
    return f"{100 * value:.2f}" if per_cent else f"{value:,.2f}" if result.first.unit == "welfare" else f"{value:,.4f}"


def _probability(p: float) -> str:
    return "= —" if math.isnan(p) else "< 0.0001" if p < 0.0001 else f"= {p:.4f}"


def _plain(value: float, form: str) -> str:
    return "—" if math.isnan(value) else format(value, form)
