"""How a referee's report prints, and its paragraph."""

from typing import TYPE_CHECKING

from povstats.models.interpretation.paragraphs.sentences import fitted, joined
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.interpretation.refereeing.finding import Finding
    from povstats.models.interpretation.refereeing.referee import Referee


def printed(report: "Referee", lang: Lang) -> Summary:
    """Print each trap, then what is clean, what was not checked, and what cannot be seen."""
    head = ((say("models.formula", lang), report.fit.formula), (say("referee.result", lang), _result(report, lang)))
    grids = [Grid(say("referee.title", lang), (), head, words=2)]
    grids += [_trap(i, trap, lang) for i, trap in enumerate(report.traps, 1)]
    rest = _rows("clean", [finding.title(lang) for finding in report.of("clean")], lang)
    left = [say("referee.reason", lang, trap=f.title(lang), reason=f.told(lang)) for f in report.of("unchecked")]
    rest += _rows("unchecked", left, lang)
    rest += _rows("unseen", [say(f"referee.unseen_{key}", lang) for key in report.unseen], lang)
    return Summary((*grids, Grid("", (), tuple(rest), words=2)))


def paragraph(report: "Referee", lang: Lang) -> str:
    """Say what was looked for, what hit, with which evidence and remedy, what is clean and what cannot be seen."""
    hits = [
        say("referee.item", lang, n=i, trap=trap.title(lang), evidence=trap.told(lang), remedy=_remedy(trap, lang))
        for i, trap in enumerate(report.traps, 1)
    ]
    unseen = say("explain.item_joint", lang).join(say(f"referee.unseen_{key}", lang) for key in report.unseen)
    left = [say("referee.not_checked", lang, trap=f.title(lang), reason=f.told(lang)) for f in report.of("unchecked")]
    sentences = [
        say("referee.lead", lang),
        *fitted(report.fit, lang),
        say("referee.found", lang, result=_result(report, lang)),
        *hits,
        say("referee.found_clean", lang, names=_names(report.of("clean"), lang)) if report.of("clean") else "",
        *left,
        say("referee.cannot_see", lang, things=unseen),
    ]
    return joined(sentences, lang)


def _trap(place: int, trap: "Finding", lang: Lang) -> Grid:
    rows = (
        (say("referee.concern", lang), say(f"referee.concern_{trap.concern}", lang)),
        *((say("referee.evidence", lang) if i == 0 else "", told) for i, told in enumerate(trap.sentences(lang))),
        (say("referee.remedy", lang), _remedy(trap, lang)),
        (say("referee.source", lang), trap.source(lang)),
    )
    return Grid(say("referee.numbered", lang, n=place, trap=trap.title(lang)), (), rows, words=2)


def _rows(key: str, told: list[str], lang: Lang) -> list[tuple[str, str]]:
    """List sentences under one heading."""
    return [(say(f"referee.{key}", lang) if i == 0 else "", words) for i, words in enumerate(told)]


def _remedy(trap: "Finding", lang: Lang) -> str:
    return "" if trap.remedy is None else trap.remedy.say(lang)


def _names(findings: "tuple[Finding, ...]", lang: Lang) -> str:
    return say("explain.and_joint", lang).join(finding.title(lang) for finding in findings) or "—"


def _result(report: "Referee", lang: Lang) -> str:
    made = len(report.findings) - len(report.of("unchecked"))
    return say("referee.count" if report.traps else "referee.count_none", lang, traps=len(report.traps), checks=made)


__all__ = ["paragraph", "printed"]
