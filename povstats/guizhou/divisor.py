"""Migrants eat elsewhere but stay in the divisor: what arithmetic alone does to consumption per head."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, FitError, OptionError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult, fit_hlm
from povstats.models.drawn import source_of as model_source
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

SIZES = (2, 3, 4, 5, 6, 7, 8)
PRINTED = -0.1379
"""The study's printed effect of a migrant, as a share of consumption per head."""
OUTCOME = "povstats_outcome"


@dataclass(frozen=True, eq=False, repr=False)
class MigrantDivisor(Tabled):
    """The effect of a migrant on measured consumption per head, beside what the divisor alone does.

    Attributes
    ----------
    bounds : index n, the household's members; columns change (−1/n, a share) and households (their share; missing
        where sizes are not known).
    effects : rows "measured" (consumption over all members, as printed in surveys), and where sizes are known
        "resident" (over those at home) and "arithmetic" (what the divisor alone gives the same model, where that is
        not exact); columns estimate, low, high, all shares of consumption.
    left : rows in which nobody is at home by the table's own numbers; they have no resident consumption.
    """

    bounds: pd.DataFrame
    effects: pd.DataFrame
    left: int
    analysis: Analysis = field(repr=False)

    @property
    def equal_size(self) -> float:
        """The household size at which the divisor alone gives the measured effect; infinite for none."""
        estimate = float(self.effects.loc["measured", "estimate"])
        return -1 / estimate if estimate < 0 else float("inf")

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: divisor by household size, migrant by outcome."""
        rows: list[dict[str, object]] = [
            {"measure": "divisor", "term": str(n), "estimate": change} for n, change in self.bounds["change"].items()
        ]
        rows += [{"measure": "migrant", "term": name, **row.to_dict()} for name, row in self.effects.iterrows()]
        return tidy_frame([*rows, {"measure": "equal_size", "estimate": self.equal_size}])

    def table(self, lang: Lang | None = None) -> Table:
        """Give the changes by household size and the effects, in per cent."""
        lang = lang or language()
        index, cells = [], []
        for n, row in self.bounds.iterrows():
            index.append((say("limits.divisor_block", lang), say("limits.divisor_size", lang, n=n)))
            share = "—" if np.isnan(row["households"]) else f"{row['households']:.1%}"
            cells.append([plain(100 * row["change"], 2), "—", share])
        for name, row in self._rows().iterrows():
            index.append((say("limits.divisor_model", lang), say(f"limits.divisor_{name}", lang)))
            ends = [plain(100 * row[end], 2) for end in ("low", "high")]
            cells.append([plain(100 * row["estimate"], 2), f"[{ends[0]}, {ends[1]}]" if ends[0] else "—", "—"])
        heads = [say(f"limits.head_{key}", lang) for key in ("change", "interval", "share")]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "divisor", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the divisor's own change by household size beside the estimates.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns; no column is named here.
        """
        from povstats.viz import charts

        lang = lang or language()
        plan, rows = self.analysis.plan, []
        for n, row in self.bounds.iterrows():
            known = not np.isnan(row["households"])
            words = {"n": str(n)} | ({"share": f"{row['households']:.0%}"} if known else {})
            name = say("limits.divisor_label_share" if known else "limits.divisor_label", lang, **words)
            rows.append((name, row["change"], np.nan, np.nan))
        for name, row in self._rows().iterrows():
            rows.append((say(f"limits.divisor_{name}", lang), row["estimate"], row["low"], row["high"]))
        shares = [] if self.bounds["households"].isna().all() else [say("limits.note_divisor_share", lang)]
        return charts.caterpillar(
            pd.DataFrame(rows, columns=["group", "estimate", "low", "high"]),
            percent=True,
            lang=lang,
            title=heading(plan, lang, "divisor", title),
            unit="",
            source=foot(plan, lang, model_source(self.analysis.baseline, lang), source),
            notes=[*self._notes(lang), *shares, *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say at which household size the divisor alone gives the estimate, and what it leaves of it."""
        lang = lang or language()
        told = []
        if np.isfinite(self.equal_size):
            estimate = plain(float(100 * self.effects.loc["measured", "estimate"]), 2)
            told.append(say("limits.divisor_equal", lang, estimate=estimate, n=f"{self.equal_size:.2f}"))
        if "arithmetic" in self.effects.index:
            words = {name: plain(float(100 * self.effects.loc[name, "estimate"]), 2) for name in self.effects.index}
            told.append(say("limits.divisor_left", lang, **words))
        return paragraph([*self._notes(lang), *told], lang)

    def _rows(self) -> pd.DataFrame:
        """Give the effects, and for the synthetic survey the study's printed number behind them."""
        if self.analysis.plan.data != "synthetic":
            return self.effects
        printed = pd.DataFrame({"estimate": PRINTED, "low": np.nan, "high": np.nan}, ["printed"])
        return pd.concat([self.effects, printed])

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("limits.note_divisor", lang)]
        key = "known" if "resident" in self.effects.index else "unknown"
        notes.append(say(f"limits.note_divisor_{key}", lang))
        if self.analysis.plan.data == "synthetic":
            notes.append(say("limits.note_divisor_printed", lang))
        return notes + ([say("limits.note_divisor_empty", lang, rows=f"{self.left:,}")] if self.left else [])


def migrant_divisor(analysis: Analysis, migrants: str = "migrants", size: str = "household_size") -> MigrantDivisor:
    """Hold the effect of a migrant against the change that the divisor alone makes.

    Of n members who share consumption C alike one leaves and eats elsewhere: the household consumes C(n − 1)/n, and is
    still divided by n, so that measured consumption per head changes by (n − 1)/n − 1 = −1/n, and its logarithm by
    log((n − 1)/n), although nobody at home lives any worse. That is the largest part that the divisor can have; where
    the survey counts what migrants eat, or leaves them out of the members, it has none.

    Where the table has the household's members n and migrants m, consumption per resident is C·n/(n − m), and its
    model is fitted beside that of C; the same model of log((n − m)/n) has what the divisor alone gives its coefficient.

    Parameters
    ----------
    migrants : the column of members who work elsewhere; one of the plan's household columns.
    size : the column of all members, migrants among them; without it sizes from 2 to 8 are shown.

    Raises
    ------
    OptionError
        Where `migrants` is not in the plan. DataError : where sizes are no whole numbers of one or more.

    Notes
    -----
    Source: arithmetic; Deaton & Zaidi (2002), Guidelines for Constructing Consumption Aggregates, section 2, on who is
    a member.
    """
    plan, table = analysis.plan, analysis.table
    if migrants not in plan.household:
        raise OptionError(f"migrants={migrants!r} is none of the plan's household columns {list(plan.household)}")
    effects = {"measured": _percent(analysis.baseline, migrants)}
    counts, left = pd.Series(np.nan, index=list(SIZES)), 0
    if size in table.columns:
        members, away = table[size].astype(float), table[migrants].astype(float)
        odd = members.notna() & ((members < 1) | (members % 1 != 0))
        if odd.any():
            raise DataError(
                f"column {size!r} must hold whole numbers from 1 on; rows {list(table.index[odd][:5])} do not"
            )
        counts = members.value_counts(normalize=True).sort_index()
        home = (members - away).where(lambda value: value > 0)
        left = int((home.isna() & members.notna() & away.notna()).sum())
        share = (home / members).astype(float)
        measured = table[plan.outcome].astype(float)
        effects["resident"] = _percent(_refitted(analysis, measured / share), migrants)
        with suppress(FitError):  # of households of one size it may be an exact function of the migrants
            effects["arithmetic"] = _percent(_refitted(analysis, share), migrants)
        both = table.assign(**{OUTCOME: measured})[share.notna()]
        if left:
            effects["measured"] = _percent(_refitted(analysis, both[OUTCOME]), migrants)
    bounds = pd.DataFrame({"change": -1 / counts.index.to_numpy(dtype=float), "households": counts.to_numpy()})
    bounds.index = pd.Index(counts.index.astype(int), name="n")
    rows = pd.DataFrame.from_dict(effects, orient="index", columns=["estimate", "low", "high"])
    return MigrantDivisor(bounds, rows, left, analysis)


def _refitted(analysis: Analysis, outcome: pd.Series) -> HLMResult:
    """Fit the baseline to another outcome, in the rows that have it."""
    plan = analysis.plan
    formula = plan.formula().replace(plan.response, f"log({OUTCOME})", 1)
    return fit_hlm(formula, analysis.table.assign(**{OUTCOME: outcome}).dropna(subset=[OUTCOME]), method="reml")


def _percent(fit: HLMResult, term: str) -> list[float]:
    """Give a coefficient and its interval as shares of the outcome."""
    ends = fit.conf_int()
    return [float(np.expm1(value)) for value in (fit.params[term], ends.low[term], ends.high[term])]
