"""Words for terms: the specification's, else made from the titles of the contract's columns."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from povstats.contracts import Contract
from povstats.studies.spec import Spec
from povstats.studies.spec_parts import Said
from povstats.words import Lang, say

APART = re.compile(r":(?![^(\[]*[)\]])")
"""The sign between the factors of an interaction, not one inside brackets."""
LEVEL = re.compile(r"^(?P<factor>.+?)\[T\.(?P<level>.*)\]$")
CALL = re.compile(
    r"^(?P<function>log|sqrt|center|scale|within|between|C)\((?P<column>[^,()]+)(?:, *(?P<group>[^()]+))?\)$"
)


def said(words: Said, lang: Lang) -> str:
    """Give words in a language."""
    return words[lang]


def titles(contract: Contract | None, spec: Spec, lang: Lang) -> dict[str, str]:
    """Give the words for columns: the contract's titles, and over them the specification's."""
    known = {} if contract is None else contract.titles(lang)
    return {**known, **{name: said(words, lang) for name, words in spec.labels.items()}}


def short_titles(contract: Contract | None, spec: Spec, lang: Lang) -> dict[str, str]:
    """Give the words for columns without their units, for products and effects, where a unit would mislead."""
    known = {} if contract is None else {one.name: replace(one, unit="").title(lang) for one in contract.columns}
    return {**known, **{name: said(words, lang) for name, words in spec.labels.items()}}


def labels_of_fits(
    fits: Sequence[Any], contract: Contract | None, spec: Spec, lang: Lang, *, units: bool = True
) -> dict[str, str]:
    """Give the words for the columns, groups, outcomes, factors and interactions of models.

    Parameters
    ----------
    units : whether columns are named with their units, as a table's rows and a chart's axis need them and the title of
        a chart, in a journal's column, has no room for them.
    """
    short = short_titles(contract, spec, lang)
    made = titles(contract, spec, lang) if units else dict(short)
    words = dict(made)
    for term in _terms(fits):
        parts = APART.split(term)
        for name in parts:
            found = worded(name, words, lang)
            if found != name:
                made.setdefault(name, found)
        if len(parts) > 1:
            made.setdefault(term, " × ".join(worded(name, short, lang) for name in parts))
    return made


def worded(name: str, words: dict[str, str], lang: Lang) -> str:
    """Word one factor: a column, a function of one, or a level of one."""
    if name in words:
        return words[name]
    level = LEVEL.match(name)
    if level is not None:
        factor = worded(level["factor"], words, lang)
        return name if factor == level["factor"] else say("study.of_level", lang, name=factor, level=level["level"])
    call = CALL.match(name)
    if call is None or call["column"].strip() not in words:
        return name
    column = words[call["column"].strip()]
    if call["function"] == "C":
        return column
    if call["function"] in ("log", "sqrt"):
        return say(f"study.of_{call['function']}", lang, name=small(column) if lang == "en" else column)
    if call["function"] in ("within", "between"):
        group = words.get((call["group"] or "").strip(), call["group"] or say("study.group", lang))
        return say(f"study.of_{call['function']}", lang, name=column, group=small(group) if lang == "en" else group)
    return say(f"study.of_{call['function']}", lang, name=column)


def small(words: str) -> str:
    """Begin words in the middle of a phrase: with a small letter, where they begin with one capital."""
    return words[0].lower() + words[1:] if len(words) > 1 and words[1:2].islower() else words


def _terms(fits: Sequence[Any]) -> Iterable[str]:
    """List every coefficient, effect and outcome that tables and charts print."""
    found: dict[str, None] = {}
    for fit in fits:
        found |= dict.fromkeys([fit.model.response, *map(str, fit.params.index)])
        found |= dict.fromkeys(str(effect) for group in fit.random_cov for effect in fit.random_cov[group].index)
    return [term for term in found if term != "Intercept"]
