"""ps.income_account(): a household's income by source, against a line; and the yield of shared assets."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say


@dataclass(frozen=True, eq=False, repr=False)
class IncomeAccount(Printed):
    """Income a head by source.

    Attributes
    ----------
    table : by source: total, per_head, share (missing where the sum is not above 0).
    total, per_head : of all sources. persons : who share it.
    line, gap : the line, and what is lacking a head (0 where nothing is); missing without a line.
    """

    table: pd.DataFrame
    total: float
    per_head: float
    persons: float
    line: float
    gap: float

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: income a head by source, the sum and the gap."""
        rows: list[dict[str, object]] = [
            {"measure": "income", "term": str(name), "estimate": row["per_head"]} for name, row in self.table.iterrows()
        ]
        rows += [{"measure": "income", "estimate": self.per_head}, {"measure": "gap", "estimate": self.gap}]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the account, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"money.head_{key}", lang) for key in ("source", "total", "per_head", "share"))
        held = [*self.table.itertuples(), (say("money.sum", lang), self.total, self.per_head, 1.0)]
        rows = [
            (str(name), f"{total:,.0f}", f"{head_:,.0f}", f"{100 * share:.1f}" if self.total > 0 else "—")
            for name, total, head_, share in held
        ]
        notes = (self._gap(lang),) if self.line == self.line else ()
        return Summary((Grid(say("money.account_title", lang), head, tuple(rows), notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what adds up to what, among how many."""
        lang = lang or language()
        words = {"persons": f"{self.persons:g}", "per_head": f"{self.per_head:,.0f}"}
        told = say("money.account_told", lang, **words)
        return told + self._gap(lang) if self.line == self.line else told

    def _gap(self, lang: Lang) -> str:
        return say("money.account_gap", lang, line=f"{self.line:,.0f}", gap=f"{self.gap:,.0f}")


def income_account(sources: Mapping[str, float], *, persons: float, line: float | None = None) -> IncomeAccount:
    r"""Add up a household's (or a group's) income by source, a head, and hold it against a line.

    .. math:: y = \sum_s Y_s / n, \qquad \text{gap} = \max(z - y, 0)

    Parameters
    ----------
    sources : yearly amounts by source, for all persons together; losses are negative. persons : n.
    line : z, a person and year.

    Returns
    -------
    IncomeAccount
        Totals, amounts a head, shares, and the gap to the line.

    Raises
    ------
    OptionError
        Where there are no persons, or the line is not above zero.
    DataError
        Where there is no source, or an amount is no number.
    """
    if not finite(persons) or persons <= 0:
        raise OptionError(f"persons={persons!r} must be a number above 0")
    if line is not None and (not finite(line) or line <= 0):
        raise OptionError(f"line={line!r} must be an amount above 0, or None")
    if not sources or not all(finite(value) for value in sources.values()):
        raise DataError("an income account needs a source at least, each with an amount; write 0 for none")
    total = float(sum(sources.values()))
    table = pd.DataFrame({"total": pd.Series(dict(sources), dtype=float)})
    table["per_head"] = table["total"] / persons
    table["share"] = table["total"] / total if total > 0 else float("nan")
    head = total / persons
    gap = float("nan") if line is None else max(line - head, 0.0)
    return IncomeAccount(table, total, head, float(persons), float("nan") if line is None else float(line), gap)
