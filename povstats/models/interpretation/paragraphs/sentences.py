"""Sentences that the paragraphs of all results share: rows, groups, lists, p-values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from povstats.models.rows import Account
from povstats.models.specification_printed import relation
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

LEVEL = 0.05
"""At which a paragraph calls a coefficient distinguishable from zero."""
LISTED = 12
"""Names that a paragraph lists before it counts the rest."""


def joined(sentences: Iterable[str], lang: Lang) -> str:
    """Join sentences to a paragraph; empty ones are left out."""
    return say("explain.sentence_joint", lang).join(sentence for sentence in sentences if sentence)


def listed(words: Sequence[str], lang: Lang) -> str:
    """List words, the first twelve of many."""
    shown = say("explain.and_joint", lang).join(words[:LISTED])
    return say("explain.more_names", lang, names=shown, n=len(words) - LISTED) if len(words) > LISTED else shown


def named(term: object, lang: Lang) -> str:
    """Name a coefficient or an effect as the summary does."""
    return say("models.intercept", lang) if term == "Intercept" else str(term)


def sample(rows: Account, ngroups: Mapping[str, int], lang: Lang) -> list[str]:
    """Say how many rows were read and used, in how many groups, and which were left out for which column."""
    groups = [say("explain.groups_of", lang, name=name, count=f"{count:,}") for name, count in ngroups.items()]
    told = say("explain.and_joint", lang).join(groups)
    found = [say("explain.rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}", groups=told)]
    if not rows.dropped:
        return [*found, say("explain.none_dropped", lang)]
    columns = [say("explain.lacking", lang, column=c, count=f"{n:,}") for c, n in rows.missing.items()]
    values = {"dropped": f"{rows.dropped:,}", "columns": listed(columns, lang)}
    several = sum(rows.missing.values()) > rows.dropped
    return [*found, say("explain.dropped_several" if several else "explain.dropped", lang, **values)]


def fitted(fit: "HLMResult", lang: Lang) -> list[str]:
    """Say which fit a result belongs to: formula, likelihood, rows, groups."""
    method = say(f"models.{fit.method}", lang)
    return [say("explain.of_fit", lang, formula=fit.formula, method=method), *sample(fit.rows, fit.ngroups, lang)]


def tested(p: float) -> str:
    """Write a p-value with its sign of relation: "< 0.001" or "= 0.020"."""
    return relation(p)


def per_cent(share: float, lang: Lang, digits: int = 1) -> str:
    """Write a share in per cent."""
    return say("explain.per_cent", lang, value=f"{100 * share:.{digits}f}")


def degrees(dof: float) -> str:
    """Write degrees of freedom."""
    return "∞" if np.isinf(dof) else f"{dof:.1f}"


__all__ = ["LEVEL", "LISTED", "degrees", "fitted", "joined", "listed", "named", "per_cent", "sample", "tested"]
