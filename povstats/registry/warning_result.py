"""What `ps.warning_lead` gives: monitoring lines held against the falls that came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.dynamics.asked import Asked
from povstats.dynamics.face import Face, spread
from povstats.dynamics.face import share as _percent
from povstats.printing import Grid
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

SHARES = ("list", "sensitivity", "precision", "early")


@dataclass(frozen=True, eq=False, repr=False)
class WarningLead(Face):
    """How early and how surely monitoring lines warned.

    Attributes
    ----------
    table : by multiple of the line: list (share of the rows above the line that are watched), sensitivity, precision,
        early (of the falls seen for two waves before, the share watched in both), each with _se, _low and _high (95 %);
        lead (mean waves of warning of the falls that were warned of), at_least (falls whose watch began with the
        household's first wave, so that their lead is longer than is seen).
    bands : by band of income over the line, low_end to high_end: share that fell by the next wave, se, low, high,
        falls, n (rows followed). It says how much risk lies where a line could be drawn.
    leads : falls by lead, a column a multiple.
    counts : falls; seen, the rows above the line whose household is seen in the next wave; above; waves; dropped, the
        rows without welfare or line. All counts are of rows, whatever the weights.
    asked : the keywords.
    """

    table: pd.DataFrame
    bands: pd.DataFrame
    leads: pd.DataFrame
    counts: dict[str, int]
    asked: Asked

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: shares and leads by multiple, risk by band."""
        rows: list[dict[str, object]] = []
        for multiple, row in self.table.iterrows():
            for name in SHARES:
                ends = {"se": row[f"{name}_se"], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
                rows.append({"measure": name, "group": f"{multiple:g}", "estimate": row[name], **ends})
            rows.append({"measure": "lead", "group": f"{multiple:g}", "estimate": row["lead"]})
        for _, row in self.bands.iterrows():
            ends = {name: row[name] for name in ("se", "low", "high")}
            rows.append({"measure": "fell", "group": band_words(row, "en"), "estimate": row["share"], **ends})
        return tidy_frame(rows)

    def grids(self, lang: Lang) -> tuple[Grid, ...]:
        """Give what each multiple would have done, and the risk by band."""
        rows = [
            (f"{multiple:g}", *(_percent(row[name]) for name in SHARES), _number(row["lead"]))
            for multiple, row in self.table.iterrows()
        ]
        head = tuple(say(f"lead.head_{key}", lang) for key in ("multiple", *SHARES, "lead"))
        bands = []
        for _, row in self.bands.iterrows():
            ends = f"{_percent(row['low'])}–{_percent(row['high'])}"
            counts = (f"{row['falls']:,.0f}", f"{row['n']:,.0f}")
            bands.append((band_words(row, lang), _percent(row["share"]), ends, *counts))
        below = tuple(say(f"lead.head_{key}", lang) for key in ("band", "fell", "interval", "falls", "n"))
        return (
            Grid(say("lead.title", lang), head, tuple(rows)),
            Grid(say("lead.bands", lang), below, tuple(bands), tuple(self._rested(lang))),
        )

    def sentences(self, lang: Lang) -> list[str]:
        """Say what a warning is, and what the shortest and the longest list would have done."""
        told = []
        for multiple, row in self.table.iloc[sorted({0, len(self.table) - 1})].iterrows():
            shares = {name: _percent(row[name]) for name in SHARES[:3]}
            told.append(say("lead.told", lang, multiple=f"{multiple:g}", lead=_number(row["lead"]), **shares))
        first, *rest = self._rested(lang)
        return [first, *told, *rest, say("lead.read", lang)]

    def _rested(self, lang: Lang) -> list[str]:
        """Say on what the numbers rest."""
        who = say("dynamics.who", lang, who=self.asked.describe(lang))
        return [self._counted(lang), who, spread(self.asked, lang)]

    def _counted(self, lang: Lang) -> str:
        told = say("lead.counted", lang, falls=f"{self.counts['falls']:,}", seen=f"{self.counts['seen']:,}")
        if self.counts["dropped"]:
            told += say("lead.dropped", lang, n=f"{self.counts['dropped']:,}")
        return told

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw the share that fell by band of income, with its interval.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : {"fell": …} names the dots.
        notes : lines below.
        """
        from povstats.viz import charts

        lang = lang or language()
        frame = self.bands.rename(columns={"share": "estimate"})
        frame = frame[frame["n"] > 0].assign(
            panel=say("lead.head_band", lang),
            row=[band_words(row, lang) for _, row in self.bands[self.bands["n"] > 0].iterrows()],
            group=(labels or {}).get("fell") or say("lead.head_fell", lang),
        )
        return charts.row_panels(
            frame[["panel", "row", "group", "estimate", "low", "high"]],
            percent=True,
            lang=lang,
            title=title or say("lead.drawn", lang),
            unit=say("lead.unit", lang),
            source=source or "povstats",
            notes=(self._counted(lang), *notes),
        )


def band_words(row: "pd.Series[float]", lang: Lang) -> str:
    """Name a band of income over the line."""
    if row["high_end"] == float("inf"):
        return say("lead.band_above", lang, low=f"{row['low_end']:g}")
    return say("lead.band", lang, low=f"{row['low_end']:g}", high=f"{row['high_end']:g}")


def _number(value: float) -> str:
    return "—" if value != value else f"{value:.2f}"
