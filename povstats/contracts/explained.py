"""The paragraph that tells what a check looked at, and what it found."""

from typing import TYPE_CHECKING

from povstats.words import say

if TYPE_CHECKING:
    from povstats.contracts.report import CheckReport


def paragraph(report: "CheckReport", lang: str) -> str:
    """Say which table was held against which contract, by which rules, with which breaches."""
    contract, between = report.contract, say("explain.and_joint", lang)
    names = between.join(report.subject(column, lang) for column in report.columns)
    lead = {"rows": f"{report.rows:,}", "contract": contract.name, "columns": len(report.columns), "names": names}
    within = {c: g for c, g in contract.constant_within.items() if {c, g} <= set(report.columns)}
    pairs = [say("explain.check_pair", lang, column=c, group=g) for c, g in within.items()]
    sentences = [say("explain.check_lead", lang, **lead), say("explain.check_rules", lang)]
    if pairs:
        sentences.append(say("explain.check_constant", lang, pairs=between.join(pairs)))
    if contract.unique and set(contract.unique) <= set(report.columns):
        sentences.append(say("explain.check_unique", lang, names=between.join(contract.unique)))
    if report.ok:
        sentences.append(say("explain.check_kept", lang))
    else:
        sentences.append(say("explain.check_broken", lang, number=len(report.violations)))
        # The summary's lines, without the dash that makes them a list.
        sentences += [line.removeprefix("- ") for line in report.summary(lang).splitlines()[1:]]
    sentences.append(say("explain.check_limits", lang))
    return say("explain.sentence_joint", lang).join(sentences)
