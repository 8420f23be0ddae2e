"""Table 2: number, mean, spread and range of every variable, of all, the poor and the others."""

from dataclasses import dataclass, field

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import small, title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.tables import Table
from povstats.words import Lang, language, say

STATISTICS = ("n", "mean", "sd", "min", "max")
SPLIT = ("n", "mean", "sd")
"""What is told of the poor and of the others."""


@dataclass(frozen=True, eq=False, repr=False)
class Descriptives(Tabled):
    """Means and spreads.

    Attributes
    ----------
    frame : columns variable, level ("household" or "village"), who ("all", "poor", "others"), n, mean, sd, min, max;
        the standard deviation has the divisor n − 1. A village's variable is counted once a village, and has no rows
        of the poor and the others. `share` : of the poor; None where it is not known who is poor.
    """

    frame: pd.DataFrame
    share: float | None
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: nobs, mean, sd and range of each variable, by who."""
        rows: list[dict[str, object]] = []
        for row in self.frame.itertuples():
            key = {"group": row.who, "term": row.variable}
            rows.append({"measure": "nobs", **key, "estimate": row.n})
            rows.append({"measure": "mean", **key, "estimate": row.mean})
            rows.append({"measure": "sd", **key, "estimate": row.sd})
            rows.append({"measure": "range", **key, "low": row.min, "high": row.max})
        if self.share is not None:
            rows.append({"measure": "headcount", "estimate": self.share})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give Table 2: a block a level, a row a variable."""
        lang = lang or language()
        columns = [("all", one) for one in STATISTICS]
        if self.share is not None:
            columns += [(who, one) for who in ("poor", "others") for one in SPLIT]
        by = {(row["variable"], row["who"]): row for row in self.frame.to_dict("records")}
        index, cells = [], []
        whole = self.frame[self.frame["who"] == "all"]
        for name, level in zip(whole["variable"], whole["level"], strict=True):
            index.append((say(f"social.block_{level}", lang), title(self.analysis, name, lang, units=True)))
            spread = by[(name, "all")]["sd"]
            cells.append(
                [_cell(by[(name, who)][one], one, spread) if (name, who) in by else "—" for who, one in columns]
            )
        heads = [(say(f"social.who_{who}", lang), say(f"social.stat_{one}", lang)) for who, one in columns]
        frame = pd.DataFrame(
            cells, index=pd.MultiIndex.from_tuples(index), columns=pd.MultiIndex.from_tuples(heads), dtype=object
        )
        return made(self.analysis, frame, "descriptives", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Tell the mean outcome of all, and of the poor and the others where they are known."""
        lang = lang or language()
        outcome = self.analysis.plan.outcome
        rows = {row.who: row for row in self.frame.itertuples() if row.variable == outcome}
        words = {"outcome": small(title(self.analysis, outcome, lang, units=True), lang), "n": f"{rows['all'].n:,}"}
        told = [say("social.explain_mean", lang, mean=f"{rows['all'].mean:,.1f}", **words)]
        if self.share is not None and {"poor", "others"} <= set(rows):
            means = {who: f"{rows[who].mean:,.1f}" for who in ("poor", "others")}
            told.append(say("social.explain_poor", lang, share=f"{self.share:.1%}", **means))
        return paragraph([*told, *self._notes(lang)], lang)

    def _notes(self, lang: Lang) -> list[str]:
        plan, notes = self.analysis.plan, [say("social.note_levels", lang)]
        if self.share is None:
            return [*notes, say("social.note_no_poor", lang)]
        if plan.poor in self.analysis.table.columns:
            return [*notes, say("social.note_poor_column", lang, column=plan.poor)]
        return [*notes, say("social.note_poor_line", lang, line=f"{plan.line:,.6g}")]


def descriptives(analysis: Analysis) -> Descriptives:
    """Describe every numeric column of the plan at its own level.

    Households are counted by row, villages once each with the value of their first row that has one; a village's
    column that varies within villages is counted by row. Missing values are left out variable by variable.
    """
    plan, table, poor = analysis.plan, analysis.table, analysis.poor
    rows = []
    for name in (plan.outcome, *plan.items, *plan.household, *plan.village):
        if name in plan.village and not analysis.varies_within(name):
            rows.append(_row(name, "village", "all", table.groupby(plan.group, observed=True)[name].first()))
            continue
        rows.append(_row(name, "household", "all", table[name]))
        if poor is not None:
            rows.append(_row(name, "household", "poor", table.loc[poor.fillna(False).astype(bool), name]))
            rows.append(_row(name, "household", "others", table.loc[(~poor).fillna(False).astype(bool), name]))
    share = None if poor is None or poor.notna().sum() == 0 else float(poor.dropna().astype(float).mean())
    frame = pd.DataFrame(rows, columns=["variable", "level", "who", *STATISTICS])
    return Descriptives(frame.sort_values("level", kind="stable", ignore_index=True), share, analysis)


def _row(name: str, level: str, who: str, values: pd.Series) -> tuple[object, ...]:
    known = values.dropna().astype(float)
    return (name, level, who, len(known), known.mean(), known.std(ddof=1), known.min(), known.max())


def _cell(value: float, statistic: str, spread: float) -> str:
    """Print money without decimals and small numbers with two or three."""
    if statistic == "n":
        return f"{value:,.0f}"
    if pd.isna(value):
        return "—"
    places = 0 if spread >= 50 else 2 if spread >= 0.5 else 3
    return f"{value:,.{places}f}".replace("-", "−")
