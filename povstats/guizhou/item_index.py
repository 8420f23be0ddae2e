"""The items alone, together, and as one index: what a model of one item at a time leaves out."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import terms, title
from povstats.guizhou.polychoric import polychoric
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import fit_hlm
from povstats.tables import Table
from povstats.tables.digits import bracketed, plain, stars
from povstats.words import Lang, language, say

WAYS = ("alone", "together")
INDICES = ("mean", "component")


@dataclass(frozen=True, eq=False, repr=False)
class ItemIndex(Tabled):
    """Effects of one standard deviation, in models with a random intercept and no cross-level interactions.

    Attributes
    ----------
    effects : index (row, way): estimate, se, df, p, low, high. Rows are the items, each "alone" and all "together", and
        the indices "mean" (of the standardised items) and "component" (the first of their polychoric correlations),
        each "alone".
    correlations : polychoric, items × items. weights : of the component. share : of the variance in it.
    alpha : Cronbach's, of the standardised items. rows : used, those with all items.
    """

    effects: pd.DataFrame
    correlations: pd.DataFrame
    weights: pd.Series
    share: float
    alpha: float
    rows: int
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: coef by way (group), polychoric correlations, alpha, the component's share."""
        rows: list[dict[str, object]] = [
            {"measure": "coef", "group": way, "term": name, **row.to_dict()}
            for (name, way), row in self.effects.iterrows()
        ]
        names = list(self.correlations)
        rows += [
            {"measure": "polychoric", "term": f"{one}, {other}", "estimate": self.correlations.loc[one, other]}
            for i, one in enumerate(names)
            for other in names[:i]
        ]
        rows += [{"measure": "alpha", "estimate": self.alpha}, {"measure": "share", "estimate": self.share}]
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give the effects alone and together, then those of the indices."""
        lang = lang or language()
        cells, index = [], []
        for name in (*self.analysis.plan.items, *INDICES):
            found = self.effects.loc[name]
            there = [found.loc[way] if way in found.index else None for way in WAYS]
            cells.append(["—" if row is None else plain(row["estimate"], 3) + stars(row["p"]) for row in there])
            cells.append(["" if row is None else bracketed(row["se"], 3) for row in there])
            label = say(f"robust.index_{name}", lang) if name in INDICES else title(self.analysis, name, lang)
            index += [label, ""]
        heads = [say(f"robust.way_{way}", lang) for way in WAYS]
        return made(
            self.analysis, pd.DataFrame(cells, pd.Index(index), heads, dtype=object), "index", self._notes(lang), lang
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say how much of an item's effect alone is that of the others."""
        lang = lang or language()
        told = []
        for item in self.analysis.plan.items:
            ends = {way: plain(float(self.effects.loc[(item, way), "estimate"]), 3) for way in WAYS}
            told.append(say("robust.explain_index", lang, item=title(self.analysis, item, lang), **ends))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        words = terms(self.analysis, lang)
        weights = say("robust.joint", lang).join(
            f"{words.get(k, k)} {plain(float(v), 2)}" for k, v in self.weights.items()
        )
        facts = {
            "alpha": plain(self.alpha, 2),
            "share": f"{self.share:.0%}",
            "weights": weights,
            "rows": f"{self.rows:,}",
        }
        notes = [say("robust.note_index", lang, **facts)]
        return notes + ([say("social.note_contained", lang)] if self.analysis.contained else [])


def item_index(analysis: Analysis) -> ItemIndex:
    """Enter the items alone, all together, and as an index, each per standard deviation.

    The mean of k standardised items has Cronbach's α = k r̄ / (1 + (k − 1) r̄), r̄ their mean correlation. The component
    is the first principal one of their polychoric correlations, applied to the standardised grades.

    Raises
    ------
    DataError
        Where the plan has one item only, an item has one grade only or is not numeric, or fewer than ten rows have all.

    Notes
    -----
    Source: Cronbach (1951), Psychometrika 16, in its standardised form; Kolenikov & Angeles (2009), Review of Income
    and Wealth 55, on components of polychoric correlations.
    """
    plan = analysis.plan
    items = list(plan.items)
    if len(items) < 2:
        raise DataError("an index needs two items or more")
    table = analysis.table.dropna(subset=[plan.outcome, *items, *plan.household, *plan.village])
    if len(table) < 10:
        raise DataError(f"only {len(table)} rows have all of {items}, too few for an index")
    grades = table[items].astype(float)
    correlations = polychoric(grades)
    values, vectors = np.linalg.eigh(correlations.to_numpy())
    first = vectors[:, -1] * np.sign(vectors[:, -1].sum() or 1.0)
    standard = (grades - grades.mean()) / grades.std()
    indices = {"mean": standard.mean(axis=1), "component": standard @ first}
    scaled = {name: one / one.std() for name, one in indices.items()}
    told = table.assign(**standard, **{f"index_{name}": one for name, one in scaled.items()})
    mean_r = float(grades.corr().to_numpy()[np.triu_indices(len(items), 1)].mean())
    alpha = len(items) * mean_r / (1 + (len(items) - 1) * mean_r)
    frames = {(item, "alone"): _effects(analysis, told, [item]).loc[item] for item in items}
    together = _effects(analysis, told, items)
    frames |= {(item, "together"): together.loc[item] for item in items}
    for name in INDICES:
        frames[(name, "alone")] = _effects(analysis, told, [f"index_{name}"]).loc[f"index_{name}"]
    effects = pd.DataFrame(frames).T.sort_index()
    weights = pd.Series(first, items)
    return ItemIndex(effects, correlations, weights, float(values[-1] / len(items)), alpha, len(table), analysis)


def _effects(analysis: Analysis, table: pd.DataFrame, entered: list[str]) -> pd.DataFrame:
    """Fit the controls with the items entered, a random intercept, no products."""
    plan = analysis.plan
    fit: Any = fit_hlm(f"{plan.fixed(extra=' + '.join(entered))} + (1 | {plan.group})", table)
    parts = {"estimate": fit.params, "se": fit.std_errors, "df": fit.dof, "p": fit.pvalues}
    return pd.DataFrame(parts).join(fit.conf_int()).astype(np.float64)
