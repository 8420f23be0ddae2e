"""SmallArea: predicted poverty by area, with all that is needed to defend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, allowed
from povstats.models.rows import Account
from povstats.printing import Printed, Summary
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes
    ----------
    line : the poverty line, in money. by : the areas' column or grouping. size : column of the persons, or None.
    n, done : replicates of the bootstrap, and those whose refit converged; 0 without.
    """

    line: float
    by: str
    size: str | None
    n: int
    done: int


@dataclass(frozen=True, eq=False, repr=False)
class SmallArea(Printed):
    """Predicted headcounts and poverty gaps by area, as shares (0–1).

    Attributes
    ----------
    frame : index the areas in sorted order and None, last, for all households; columns headcount, headcount_se (root
        of the mean squared error), headcount_low, headcount_high, the same of gap, households (rows), persons (Σ of
        the size, or rows), synthetic (share of the persons whose group the fit has not seen).
    asked : line, areas, size, replicates.
    rows : rows of the table read, used, and missing by column.
    fit : the model behind it.
    """

    frame: pd.DataFrame
    asked: Asked
    rows: Account
    fit: "HLMResult" = field(repr=False)

    @property
    def areas(self) -> pd.DataFrame:
        """The frame without the row of the whole."""
        return self.frame.iloc[:-1]

    @property
    def whole(self) -> pd.Series:
        """The row of all households."""
        return self.frame.iloc[-1]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: headcount, poverty_gap, nobs and synthetic by area; the whole has group ""."""
        rows: list[dict[str, object]] = []
        for measure, name in (("headcount", "headcount"), ("poverty_gap", "gap")):
            parts = {"estimate": name, **{part: f"{name}_{part}" for part in ("se", "low", "high")}}
            for group, row in self._by_group():
                rows.append({"measure": measure, "group": group, **{k: row[v] for k, v in parts.items()}})
        for measure, name in (("nobs", "households"), ("synthetic", "synthetic")):
            rows += [{"measure": measure, "group": group, "estimate": row[name]} for group, row in self._by_group()]
        return tidy_frame(rows)

    def _by_group(self) -> "list[tuple[str, pd.Series]]":
        return [("" if area is None else str(area), row) for area, row in self.frame.iterrows()]

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en", in per cent; of many areas those with the highest and lowest headcounts."""
        from povstats.smallarea.printed import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends the numbers, in "zh" or "en"."""
        from povstats.smallarea.explained import paragraph

        return paragraph(self, lang or language())

    def plot(
        self,
        measure: Literal["headcount", "gap"] = "headcount",
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Rank the areas against all households together, with 95 % intervals.

        Parameters
        ----------
        measure : "headcount" or "gap". lang : "zh" or "en".
        title, source : words of one's own, in that language.
        labels : words for the areas' column, such as {"village": "village"}.

        Raises
        ------
        DataError
            Where no standard errors were asked for (n=0) and there is nothing to tell areas apart by.
        """
        allowed("measure", measure, ("headcount", "gap"))
        if not self.asked.n:
            raise DataError("there are no standard errors to draw; call predicted_headcount with n=200 or more")
        from povstats.viz import charts

        lang, frame = lang or language(), self.areas
        whole, by = float(self.whole[measure]), (labels or {}).get(self.asked.by, self.asked.by)
        counted = ("gap_" if measure == "gap" else "") + ("persons" if self.asked.size else "households")
        numbers = {"group": list(frame.index), "estimate": frame[measure].to_numpy()}
        numbers |= {end: frame[f"{measure}_{end}"].to_numpy() for end in ("low", "high")}
        notes = [say("smallarea.note_chart", lang, n=f"{self.asked.done:,}")]
        if (frame["synthetic"] == 1).any():
            notes.append(say("smallarea.note_synthetic", lang, k=f"{(frame['synthetic'] == 1).sum():,}"))
        return charts.caterpillar(
            pd.DataFrame(numbers),
            lang=lang,
            title=title or tight(say(f"smallarea.chart_{measure}", lang, by=by, line=f"{self.asked.line:,.10g}")),
            unit=say(f"smallarea.unit_{counted}", lang),
            source=source or say("smallarea.own_source", lang, nobs=f"{self.fit.nobs:,}", used=f"{self.rows.used:,}"),
            line=(whole, say("smallarea.whole_share", lang, share=f"{100 * whole:.1f}")),
            percent=True,
            notes=notes,
        )
