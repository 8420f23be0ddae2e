"""Correlations of the items, and their variance inflation: the text's reason for entering them one at a time."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.tables import Table
from povstats.words import Lang, language, say

THRESHOLD = 10.0
"""Variance inflation from which on collinearity is usually called serious; 5 is the stricter habit."""


@dataclass(frozen=True, eq=False, repr=False)
class Correlations(Tabled):
    """How the items go together.

    Attributes
    ----------
    pearson, spearman : correlations of the items. inflation : by item, column items (each on the other items) and
        full (each on the other items and all controls). rows : complete on all items and controls.
    """

    pearson: pd.DataFrame
    spearman: pd.DataFrame
    inflation: pd.DataFrame
    rows: int
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: pearson and spearman by pair, vif by item, group "items" or "full"."""
        rows: list[dict[str, object]] = []
        names = list(self.pearson.index)
        for measure, frame in (("pearson", self.pearson), ("spearman", self.spearman)):
            for at, one in enumerate(names):
                rows += [
                    {"measure": measure, "term": f"{one}, {other}", "estimate": frame.loc[one, other]}
                    for other in names[at + 1 :]
                ]
        for group in self.inflation:
            rows += [
                {"measure": "vif", "group": group, "term": name, "estimate": self.inflation.loc[name, group]}
                for name in names
            ]
        return tidy_frame([*rows, {"measure": "nobs", "estimate": self.rows}])

    def table(self, lang: Lang | None = None) -> Table:
        """Give the matrix, Pearson below and Spearman above its diagonal, with the inflation beside it."""
        lang = lang or language()
        names = list(self.pearson.index)
        labels = [title(self.analysis, name, lang) for name in names]
        cells = [
            [
                "1" if i == j else f"{(self.pearson if j < i else self.spearman).iloc[i, j]:.2f}".replace("-", "−")
                for j in range(len(names))
            ]
            + [f"{value:.2f}" for value in self.inflation.loc[name, ["items", "full"]]]
            for i, name in enumerate(names)
        ]
        heads = [*labels, say("social.vif_items", lang), say("social.vif_full", lang)]
        frame = pd.DataFrame(cells, index=pd.Index(labels), columns=heads, dtype=object)
        notes = [say("social.note_correlations", lang, rows=f"{self.rows:,}"), self._verdict(lang)]
        return made(self.analysis, frame, "correlations", notes, lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say what variance inflation shows about the reason for entering the items one at a time."""
        lang = lang or language()
        notes = [say("social.note_correlations", lang, rows=f"{self.rows:,}"), self._verdict(lang)]
        return paragraph([*notes, say("social.explain_vif", lang)], lang)

    def _verdict(self, lang: Lang) -> str:
        largest = float(self.inflation["full"].max())
        key = "vif_high" if largest >= THRESHOLD else "vif_low"
        facts = {"threshold": f"{THRESHOLD:g}", "growth": f"{np.sqrt(largest):.2f}"}
        return say(f"social.{key}", lang, largest=f"{largest:.2f}", **facts)


def correlations(analysis: Analysis) -> Correlations:
    """Correlate the items, and give each one's variance inflation.

    VIF_k = [R⁻¹]_kk = 1/(1 − R²_k), with R the correlation matrix of the items (`items`) or of items and controls of
    households and villages (`full`), over the rows that are complete on all of them.

    Raises
    ------
    DataError
        Where an item is alone, constant, or a combination of other columns.

    Notes
    -----
    Source: Belsley, Kuh & Welsch (1980), Regression Diagnostics, section 3.2; O'Brien (2007), Quality & Quantity 41,
    for what the rule of 10 does not say.
    """
    plan = analysis.plan
    items, full = list(plan.items), [*plan.items, *plan.household, *plan.village]
    if len(items) < 2:
        raise DataError("correlations of the items need two items or more in the plan")
    known = analysis.table[full].dropna().astype(float)
    if len(known) <= len(full):
        raise DataError(f"only {len(known)} rows are complete on the {len(full)} columns of items and controls")
    constant = [name for name in full if known[name].nunique() < 2]
    if constant:
        raise DataError(f"{', '.join(constant)} has one value in all complete rows, so it has no correlation")
    inflation = pd.DataFrame({"items": _inflation(known[items]), "full": _inflation(known[full])[: len(items)]}, items)
    return Correlations(known[items].corr(), known[items].corr("spearman"), inflation, len(known), analysis)


def _inflation(columns: pd.DataFrame) -> np.ndarray:
    matrix = columns.corr().to_numpy()
    if np.linalg.cond(matrix) > 1e12:
        raise DataError(f"one of {', '.join(columns)} is a combination of the others; leave it out of the plan")
    found: np.ndarray = np.diag(np.linalg.inv(matrix))
    return found
