"""The face that results on panels share: printed tables, the paragraph that defends them."""

from typing import Protocol

import pandas as pd

from povstats.dynamics.asked import Asked
from povstats.dynamics.histories.account import Account
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

NUMBERS = ("estimate", "se", "df", "low", "high")


class Defended(Protocol):
    """What a result on panels says for itself."""

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Give the tables of a printed result."""

    def sentences(self, lang: Lang) -> list[str]:
        """Give the sentences that defend the numbers."""


class Face(Printed):
    """Prints and explains; a result says its grids and its sentences."""

    def summary(self: Defended, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"; None is the language of `povstats.language()`."""
        return Summary(self.grids(lang or language()))

    def explain(self: Defended, lang: Lang | None = None) -> str:
        """Give the paragraph that defends the numbers, in "zh" or "en"."""
        chosen = lang or language()
        return say("poverty.sentence_joint", chosen).join(self.sentences(chosen))


def rested(asked: Asked, account: Account, lang: Lang, *, errors: bool = True) -> list[str]:
    """Say on what numbers rest: who is poor, which rows, which design."""
    found = [say("dynamics.who", lang, who=asked.describe(lang)), *account.notes(lang)]
    if asked.origin:
        found.append(say("dynamics.line_known", lang))
    return [*found, spread(asked, lang)] if errors else found


def spread(asked: Asked, lang: Lang) -> str:
    """Say where standard errors come from."""
    design = asked.design
    if design.full_count:
        return say("dynamics.full_count", lang)
    cluster = design.psu or asked.unit
    weights = say("dynamics.unweighted", lang)
    if design.weights is not None:
        weights = say("dynamics.weighted", lang, column=design.weights)
    strata = "" if design.strata is None else say("dynamics.strata", lang, column=design.strata)
    return say("dynamics.spread", lang, cluster=cluster, strata=strata, weights=weights)


def share(value: float, digits: int = 1) -> str:
    """Print a share in per cent, without the sign; a dash where it is missing."""
    return "—" if pd.isna(value) else f"{100 * value:.{digits}f}"


def decimal(value: float, digits: int = 4) -> str:
    """Print a number; a dash where it is missing."""
    return "—" if pd.isna(value) else f"{value:.{digits}f}"


def count(value: float) -> str:
    """Print a count, of a weighted one no more decimals than it needs."""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.1f}"
