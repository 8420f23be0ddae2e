"""Words for the columns of a plan and for the terms of its models."""

from collections.abc import Mapping
from dataclasses import replace

from povstats.contracts import Contract, find_contract
from povstats.contracts.column import worded
from povstats.guizhou.analysis import Analysis
from povstats.words import LANGUAGES, Lang, say

CONTRACT = "guizhou"


def titles(analysis: Analysis, lang: Lang, *, units: bool = True) -> dict[str, str]:
    """Give the words for columns: the contract's, and over them those of the analysis.

    Parameters
    ----------
    units : whether the contract's units stand behind them.
    """
    columns = contract().columns
    known = {one.name: (one if units else replace(one, unit="")).title(lang) for one in columns}
    return known | {name: told[lang] for name, told in analysis.labels.items()}


def relabelled(analysis: Analysis, labels: Mapping[str, str] | None) -> Analysis:
    """Give an analysis whose columns have a caller's words, in whichever language is asked; for words alone."""
    if not labels:
        return analysis
    own = {name: dict.fromkeys(LANGUAGES, words) for name, words in labels.items()}
    return replace(analysis, labels={**analysis.labels, **own})


def title(analysis: Analysis, column: str, lang: Lang, *, units: bool = False) -> str:
    """Give the words for one column; a column without words is named as it is."""
    return titles(analysis, lang, units=units).get(column, column)


def unit(column: str, lang: Lang) -> str:
    """Give the unit of a column of the contract; "" of others."""
    found = {one.name: one.unit for one in contract().columns}
    return worded(found[column], lang) if found.get(column) else ""


def terms(analysis: Analysis, lang: Lang) -> dict[str, str]:
    """Give the words for the terms, groupings and outcome of the plan's models.

    Single terms carry their units; items and products, where two units would stand, have none.
    """
    plan = analysis.plan
    long, short = titles(analysis, lang), titles(analysis, lang, units=False)
    words = dict(long)
    for name in plan.village:
        words[f"center({name})"] = long.get(name, name)
        for item in plan.items:
            product = f"{short.get(item, item)} × {short.get(name, name)}"
            words[f"{item}:center({name})"] = words[f"{item}:{name}"] = product
    for item in plan.items:
        words[item] = words[f"center({item})"] = short.get(item, item)
    words[plan.response] = say("social.log_of", lang, name=small(short.get(plan.outcome, plan.outcome), lang))
    words[plan.group] = small(short.get(plan.group, plan.group), lang)
    return words


def small(words: str, lang: Lang) -> str:
    """Begin English words in the middle of a phrase with a small letter; an abbreviation stays."""
    return words[:1].lower() + words[1:] if lang == "en" and words[1:2].islower() else words


def contract() -> Contract:
    """Give the contract of the study's columns."""
    return find_contract(CONTRACT)
