"""Weights that are not known and households that were not met: how far the headline could move, by arithmetic."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import small, title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

RATIOS = (1.5, 2.0, 4.0)
SHARES = (0.05, 0.1, 0.2, 0.3)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, repr=False)
class AbsentHouseholds(Tabled):
    """Ranges of the headcount and of mean consumption.

    Attributes
    ----------
    ranges : columns kind ("plain", "village", "county", "absent"), size (the largest weight over the smallest, or the
        share of households not met; 1 or 0 for plain), low and high of the headcount (shares), mean_low, mean_high
        (money; the upper end for absent households is missing, since nothing bounds what they spend).
    """

    ranges: pd.DataFrame
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: headcount and mean, the kind as group, the size as term."""
        rows: list[dict[str, object]] = []
        for row in self.ranges.itertuples():
            key = {"group": row.kind, "term": f"{row.size:g}"}
            rows.append({"measure": "headcount", **key, "low": row.low, "high": row.high})
            rows.append({"measure": "mean", **key, "low": row.mean_low, "high": row.mean_high})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give a block a kind of ignorance, a row a size of it."""
        lang = lang or language()
        index, cells = [], []
        for row in self.ranges.itertuples():
            size = f"{row.size:.0%}" if row.kind == "absent" else f"{row.size:g}"
            index.append((say(f"limits.block_{row.kind}", lang), say(f"limits.row_{row.kind}", lang, size=size)))
            shares = [f"{100 * end:.1f}%" for end in (row.low, row.high)]
            money = ["—" if np.isnan(end) else plain(end, 0) for end in (row.mean_low, row.mean_high)]
            cells.append([*shares, *money])
        outcome = title(self.analysis, self.analysis.plan.outcome, lang)
        heads = [
            (name, say(f"limits.head_{end}", lang))
            for name in (
                say("limits.head_headcount", lang),
                say("limits.head_mean", lang, outcome=small(outcome, lang)),
            )
            for end in ("lowest", "highest")
        ]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), pd.MultiIndex.from_tuples(heads), dtype=object)
        return made(self.analysis, frame, "absent", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say that the ranges are arithmetic, and what the headcount could be at the largest sizes."""
        lang = lang or language()
        told = self._notes(lang)
        for kind in ("village", "absent"):
            row = self.ranges[self.ranges["kind"] == kind].iloc[-1]
            size = f"{row['size']:.0%}" if kind == "absent" else f"{row['size']:g}"
            ends = {end: f"{100 * row[end]:.1f}%" for end in ("low", "high")}
            told.append(say(f"limits.explain_{kind}", lang, size=size, **ends))
        return paragraph(told, lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("limits.note_absent", lang)]
        return notes + ([say("limits.note_absent_text", lang)] if self.analysis.plan.data == "synthetic" else [])


def absent_households(analysis: Analysis) -> AbsentHouseholds:
    """Bound the headcount and mean consumption under unknown weights, and the headcount with households not met.

    Weights: the sample is taken as it is within villages (or counties), and the places' weights w_j are unknown but
    for max w / min w ≤ r. Of Σ w_j n_j m_j / Σ w_j n_j the largest value has weight r on the places with the highest
    means and 1 on the others; the cut is found by trying each (a ratio of two linear functions has its extremes at the
    corners). Households not met: of all households a share a was absent; p of those met are poor; none or all of the
    absent may be, so that the headcount lies between (1 − a) p and (1 − a) p + a. Neither is an interval of sampling.

    Raises
    ------
    DataError
        Where it is not known who is poor.

    Notes
    -----
    Source: Horowitz & Manski (1998), Journal of Econometrics 84, eq. 3, for the share; for the weights, Charnes &
    Cooper (1962), Naval Research Logistics Quarterly 9: linear fractional functions.
    """
    plan, poor = analysis.plan, analysis.poor
    if poor is None or not poor.notna().any():
        raise DataError("the table does not say who is poor, and the plan has no line")
    known = analysis.table.assign(poor_here=poor).dropna(subset=["poor_here", plan.outcome])
    share, mean = known["poor_here"].astype(float), known[plan.outcome].astype(float)
    p, average = float(share.mean()), float(mean.mean())
    rows: list[tuple[str, float, float, float, float, float]] = [("plain", 1.0, p, p, average, average)]
    for kind, column in (("village", plan.group), ("county", plan.county)):
        if column is None or column not in known.columns or known[column].nunique() < 2:
            continue
        sums = pd.DataFrame({"n": 1.0, "poor": share, "money": mean}).groupby(known[column], observed=True).sum()
        for ratio in RATIOS:
            ends = [extremes(sums[one].to_numpy(), sums["n"].to_numpy(), ratio) for one in ("poor", "money")]
            rows.append((kind, ratio, *ends[0], *ends[1]))
    rows += [("absent", a, (1 - a) * p, (1 - a) * p + a, (1 - a) * average, float("nan")) for a in SHARES]
    columns = ["kind", "size", "low", "high", "mean_low", "mean_high"]
    return AbsentHouseholds(pd.DataFrame(rows, columns=columns), analysis)


def extremes(totals: Array, counts: Array, ratio: float) -> tuple[float, float]:
    """Give the least and the largest Σ w t / Σ w n over weights with max w ≤ ratio · min w.

    Parameters
    ----------
    totals, counts : t and n of each place, shape (places,). ratio : 1 or more.
    """
    order = np.argsort(totals / counts, kind="stable")
    t, n = totals[order], counts[order]
    ends = []
    for up in (False, True):
        # The first k places at one weight, the rest at the other; k from none to all.
        first, rest = (1.0, ratio) if up else (ratio, 1.0)
        sums = [
            first * np.append(0, np.cumsum(one)) + rest * (one.sum() - np.append(0, np.cumsum(one))) for one in (t, n)
        ]
        found = sums[0] / sums[1]
        ends.append(float(found.max() if up else found.min()))
    return ends[0], ends[1]
