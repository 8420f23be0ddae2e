"""Words for terms: the specification's, else made from the titles of the contract's columns."""

import re
from collections.abc import Iterable, Sequence
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


def labels_of_fits(fits: Sequence[Any], contract: Contract | None, spec: Spec, lang: Lang) -> dict[str, str]:
    """Give the words for the columns, groups, outcomes and factors of models."""
    words = titles(contract, spec, lang)
    made = dict(words)
    for name in _names(fits):
        if name not in made:
            found = worded(name, words, lang)
            if found != name:
                made[name] = found
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


def _names(fits: Sequence[Any]) -> Iterable[str]:
    """List every factor, effect and outcome that tables and charts print."""
    found: dict[str, None] = {}
    for fit in fits:
        terms = [fit.model.response, *fit.params.index]
        terms += [effect for group in fit.random_cov for effect in fit.random_cov[group].index]
        for term in terms:
            found |= dict.fromkeys([part for part in APART.split(str(term)) if part != "Intercept"])
    return found
