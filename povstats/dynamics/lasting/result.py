"""Chronic poverty by a method: shares and indices, with what is needed to defend them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.face import NUMBERS, Face, decimal, rested, share
from povstats.dynamics.histories.account import Account
from povstats.errors import DataError
from povstats.printing import Grid
from povstats.words import Lang, say

SHARES = ("chronic_share", "transient_share", "never_share")


@dataclass(frozen=True, eq=False, repr=False)
class Chronic(Face):
    """Chronic poverty over the waves of a panel.

    Attributes
    ----------
    method : its name.
    table : one row a group and index: estimate, se, df, low, high, reason, n (units). "chronic_share",
        "transient_share" (poor in some wave and not chronic) and "never_share" add up to 1; then the method's indices:
        "years": years_poor (mean of those ever poor); "foster": H, D, K0, K1, K2; "jalan-ravallion": total, chronic,
        transient, chronic_part; "bossert" and "gradin": the index of that name (chronic: poor in every wave).
    parameters : years, cutoff, alpha, where the method takes them.
    left_out : units that are not seen in every wave.
    asked, account : keywords; rows, units, waves and gaps.
    """

    method: str
    table: pd.DataFrame
    parameters: Mapping[str, float]
    left_out: int
    asked: Asked
    account: Account

    def value(self, index: str, group: str = "") -> float:
        """Give an estimate.

        Parameters
        ----------
        index : as in `table`. group : a level of `by`.

        Raises
        ------
        DataError
            Where there is no such index or group.
        """
        found = self.table[(self.table["index"] == index) & (self.table["group"] == group)]
        if not len(found):
            known = list(dict.fromkeys(self.table["index"]))
            raise DataError(f"method {self.method!r} has no index {index!r} of group {group!r}; it has {known}")
        return float(found["estimate"].iloc[0])

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a row an index and group, then the units of each group."""
        rows: list[dict[str, object]] = [
            {"measure": row["index"], "group": row["group"], "term": self.method, **{k: row[k] for k in NUMBERS}}
            for row in self.table.to_dict("records")
        ]
        sizes = self.table.drop_duplicates("group")
        rows += [
            {"measure": "nobs", "group": g, "estimate": n} for g, n in zip(sizes["group"], sizes["n"], strict=True)
        ]
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Lay out shares, in per cent, and indices."""
        by = () if self.asked.by is None else (self.asked.by,)
        rows = tuple(
            (*((row["group"],) if by else ()), self.label(row["index"], lang),
             *(_printed(row["index"], row[key]) for key in ("estimate", "se", "low", "high")))
            for row in self.table.to_dict("records")
        )  # fmt: skip
        head = (*by, *(say(f"dynamics.{key}", lang) for key in ("index", "value", "se", "low", "high")))
        notes = (self.rule(lang), *self._balanced(lang), *rested(self.asked, self.account, lang))
        title = say("dynamics.chronic_title", lang, method=say(f"dynamics.method_{self.key}", lang))
        return (Grid(title, head, rows, notes, words=1 + len(by)),)

    @property
    def key(self) -> str:
        """The method as its words are called."""
        return self.method.replace("-", "_")

    def label(self, index: str, lang: Lang) -> str:
        """Name a share or an index."""
        return say(f"dynamics.index_{index.lower()}", lang)

    def rule(self, lang: Lang) -> str:
        """Say who is chronic and what is measured."""
        return say(f"dynamics.rule_{self.key}", lang, **{key: f"{value:g}" for key, value in self.parameters.items()})

    def _balanced(self, lang: Lang) -> list[str]:
        return [say("dynamics.left_out", lang, n=f"{self.left_out:,}")] if self.left_out else []

    def sentences(self, lang: Lang) -> list[str]:
        """Say the shares and indices, the rule, and on what they rest."""
        found = []
        for group, rows in self.table.groupby("group", sort=False):
            told = dict(zip(rows["index"], rows["estimate"], strict=True))
            sentence = say("dynamics.told_chronic", lang, **{name: share(told[name]) for name in SHARES})
            values = [
                say("dynamics.told_index", lang, name=self.label(index, lang), value=_printed(index, value))
                for index, value in told.items()
                if index not in SHARES
            ]
            sentence = say("poverty.sentence_joint", lang).join([sentence, *values])
            found.append(say("dynamics.of_group", lang, group=group, sentence=sentence) if group else sentence)
        return [*found, self.rule(lang), *self._balanced(lang), *rested(self.asked, self.account, lang)]


def _printed(index: str, value: float) -> str:
    """Print a share in per cent, an index as a decimal."""
    return share(value, 2) if index in SHARES else decimal(value, 5)
