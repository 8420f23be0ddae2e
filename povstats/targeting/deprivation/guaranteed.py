"""Guarantees: the answer of `povstats.two_worries_three_guarantees`."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from povstats.poverty.estimate import Estimates
from povstats.printing import Grid, Printed, Summary
from povstats.targeting.deprivation.result import AlkireFoster
from povstats.targeting.deprivation.told import both, written
from povstats.targeting.side_by_side import cell, grid, joined, sentences
from povstats.words import language, say


@dataclass(frozen=True, eq=False, repr=False)
class Guarantees(Printed):
    """两不愁三保障 and water by the rule of exit, beside the Alkire–Foster measure.

    Attributes
    ----------
    rule : shares "blocked" (something is known to lack), "undecided" and "blocked_at_most" (their sum), by group.
    measure : the Alkire–Foster measure on the rows where every column is known.
    only_by_union : on the same rows the share that the rule blocks and the cut-off does not call poor.
    unknown : guarantees that the survey did not ask. missing : rows without a value, by guarantee.
    columns : by guarantee its column.
    """

    rule: Mapping[str, Estimates]
    measure: AlkireFoster
    only_by_union: Estimates
    unknown: tuple[str, ...]
    missing: Mapping[str, int]
    columns: Mapping[str, str]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rule, what only the rule blocks, then the measure."""
        frames = [one.tidy() for one in (*self.rule.values(), self.only_by_union)]
        return pd.concat([*(f[f["measure"] != "nobs"] for f in frames), self.measure.tidy()], ignore_index=True)

    def summary(self, lang: str | None = None) -> Summary:
        """Print the rule and the measure one above the other, in "zh" or "en"."""
        lang = lang or language()
        first = grid(self.rule, say("multidimensional.rule_title", lang), lang, self._unknown(lang))
        k = written(self.measure.asked.k)
        rows = tuple(
            (say(f"multidimensional.both_{name}", lang, k=k), both(one))
            for name, one in (("m_headcount", self.measure.whole["headcount"]), ("only_union", self.only_by_union))
        )
        complete = say("multidimensional.both_rows", lang, n=f"{self.only_by_union.n.iloc[0]:,}")
        notes = (say("measures.profile_brackets", lang), complete)
        second = Grid(say("multidimensional.both_title", lang), ("", say("targeting.share", lang)), rows, notes)
        return Summary((first, second, *self.measure.summary(lang).grids))

    def explain(self, lang: str | None = None) -> str:
        """Say what blocks, what is unknown, and how the two rules differ, in "zh" or "en"."""
        lang = lang or language()
        lead = say("multidimensional.rule_lead", lang)
        beside = say(
            "multidimensional.rule_beside", lang, k=written(self.measure.asked.k),
            headcount=cell(self.measure.whole["headcount"], "estimate", 0),
            only=cell(self.only_by_union, "estimate", 0), n=f"{self.only_by_union.n.iloc[0]:,}",
        )  # fmt: skip
        return joined([lead, *sentences(self.rule, lang), *self._unknown(lang), beside], lang)

    def _unknown(self, lang: str) -> list[str]:
        names = say("multidimensional.list_joint", lang)
        found = []
        if self.unknown:
            told = names.join(say(f"multidimensional.guarantee_{name}", lang) for name in self.unknown)
            found.append(say("multidimensional.unasked", lang, names=told))
        for name, n in self.missing.items():
            if n:
                told = say(f"multidimensional.guarantee_{name}", lang)
                found.append(say("multidimensional.unanswered", lang, name=told, n=f"{n:,}"))
        return found
