"""The answer of percent_effects, and how it prints."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.models.interpretation.effects.effects_told import percent_digits
from povstats.models.interpretation.effects.logs import outcome_name
from povstats.models.interpretation.effects.moderators import written
from povstats.models.interpretation.paragraphs.sentences import degrees, fitted, joined, listed
from povstats.models.summary import pvalue
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

ESTIMANDS = ("median", "mean", "ratio")


@dataclass(frozen=True, eq=False, repr=False)
class PercentEffects(Printed):
    """Effects in per cent of the outcome.

    Attributes
    ----------
    table : by term; kind ("level", "dummy", "log", "interaction"), change, step (D of bD), percent, kennedy, exact, p,
        df, low, high; all effects in per cent.
    random : by term with a random slope; median, mean and ratio (per cent), each with its _low and _high, the random
        effects' covariance held at its estimate.
    left : coefficients that cannot be read alone. interacting : those that are parts of products.
    level : of the intervals.
    """

    table: pd.DataFrame
    random: pd.DataFrame
    left: tuple[str, ...]
    interacting: tuple[str, ...]
    level: float
    fit: "HLMResult" = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame.

        Measures percent, percent_kennedy, percent_exact, and for random slopes percent_median_group, percent_mean_group
        and percent_marginal_ratio; all in per cent.
        """
        rows: list[dict[str, object]] = []
        for term, row in self.table.iterrows():
            ends = {"df": row["df"], "p": row["p"], "low": row["low"], "high": row["high"]}
            rows.append({"measure": "percent", "term": term, "estimate": row["percent"], **ends})
            rows += [{"measure": f"percent_{key}", "term": term, "estimate": row[key]} for key in ("kennedy", "exact")]
        names = {"median": "median_group", "mean": "mean_group", "ratio": "marginal_ratio"}
        for term, row in self.random.iterrows():
            for key, name in names.items():
                ends = {"low": row[f"{key}_low"], "high": row[f"{key}_high"]}
                rows.append({"measure": f"percent_{name}", "term": term, "estimate": row[key], **ends})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang = lang or language()
        keys = ("change", "plain", "kennedy", "exact")
        head = ("", *(say(f"effects.percent_{key}", lang) for key in keys))
        head += tuple(say(f"general.{key}", lang) for key in ("low", "high", "dof", "pvalue"))
        rows = []
        for term, row in self.table.iterrows():
            digits = percent_digits(row["high"] - row["low"])
            values = [f"{row[key]:.{digits}f}" for key in ("percent", "kennedy", "exact", "low", "high")]
            rows.append((str(term), _changed(row, lang), *values, degrees(row["df"]), pvalue(row["p"])))
        grids = [Grid(say("effects.percent_title", lang), head, tuple(rows), tuple(self._notes(lang)), words=2)]
        if len(self.random):
            grids.append(self._random(lang))
        return Summary(tuple(grids))

    def explain(self, lang: Lang | None = None) -> str:
        """Give a paragraph for a referee: each effect with its change and interval, rows, definitions."""
        lang = lang or language()
        items = [self._read(str(term), row, lang) for term, row in self.table.iterrows()]
        for term, row in self.random.iterrows():
            numbers = {key: f"{row[key]:.{_digits(row, key)}f}" for key in ESTIMANDS}
            items.append(say("effects.percent_read_random", lang, term=term, **numbers))
        told = say("effects.percent_joint", lang).join(items)
        values = {"outcome": outcome_name(self.fit), "level": f"{100 * self.level:g}", "items": told}
        notes = self._notes(lang)
        if len(self.random):
            notes.append(say("effects.percent_note_random", lang))
        return joined([say("effects.percent_lead", lang, **values), *fitted(self.fit, lang), *notes], lang)

    def _read(self, term: str, row: pd.Series, lang: Lang) -> str:
        digits = percent_digits(row["high"] - row["low"])
        value, low, high = (f"{row[key]:.{digits}f}" for key in ("percent", "low", "high"))
        ends = {"term": term, "value": value, "low": low, "high": high}
        if row["kind"] in ("dummy", "interaction"):
            return say(f"effects.percent_read_{row['kind']}", lang, **ends)
        return say(f"effects.percent_read_{row['kind']}", lang, change=written(row["change"]), **ends)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("effects.percent_note", lang)]
        if (self.table["kind"] == "dummy").any():
            notes.append(say("effects.percent_note_dummy", lang))
        if self.interacting:
            notes.append(say("effects.percent_note_interacts", lang, names=listed(self.interacting, lang)))
        if self.left:
            notes.append(say("effects.percent_note_left", lang, names=listed(self.left, lang)))
        return notes

    def _random(self, lang: Lang) -> Grid:
        head = ("", *(say(f"effects.percent_{key}", lang) for key in ESTIMANDS))
        rows = []
        for term, row in self.random.iterrows():
            cells = []
            for key in ESTIMANDS:
                digits = _digits(row, key)
                value, low, high = (f"{row[key + end]:.{digits}f}" for end in ("", "_low", "_high"))
                cells.append(f"{value} {say('effects.ends', lang, low=low, high=high)}")
            rows.append((str(term), *cells))
        note = say("effects.percent_note_random", lang)
        return Grid(say("effects.percent_random_title", lang), head, tuple(rows), (note,))


def _digits(row: Any, key: str) -> int:
    return percent_digits(float(np.abs(row[f"{key}_high"] - row[f"{key}_low"])))


def _changed(row: pd.Series, lang: Lang) -> str:
    if row["kind"] in ("dummy", "interaction"):
        return say(f"effects.percent_{row['kind']}", lang)
    return say(f"effects.percent_{row['kind']}", lang, change=written(row["change"]))
