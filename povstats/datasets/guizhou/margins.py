"""guizhou_margins: the printed margins beside those of a survey, and which printed numbers the generator was given."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.datasets.guizhou import targets
from povstats.datasets.guizhou.printed import Tabled, number
from povstats.datasets.guizhou.targets import Reading
from povstats.errors import DataError
from povstats.tables import Table
from povstats.words import Lang, language, say

NEEDED = ("county", "village", "consumption", "poor")
SHARE = (0.2925, 0.2940)
"""Of the poor, as the three rounded means bound it."""


@dataclass(frozen=True, eq=False, repr=False)
class GuizhouMargins(Tabled):
    """What the study's text states of its sample, beside a survey.

    Attributes
    ----------
    margins : one row a margin: margin, status ("printed", or "derived" from what is printed), printed, drawn, met.
    put_in : one row an effect that the synthetic survey was given: term, printed (as the text has it), value (its
        coefficient); empty for a survey that was not generated.
    data : "synthetic", or "real". reading : of the printed percentage points, where data are synthetic.
    """

    margins: pd.DataFrame
    put_in: pd.DataFrame
    data: str
    reading: Reading | None

    @property
    def met(self) -> bool:
        """Whether all margins are met."""
        return bool(self.margins["met"].all())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures "printed", "drawn" and "met" (0/1) by margin, "put_in" by effect."""
        rows: list[dict[str, Any]] = []
        for row in self.margins.to_dict("records"):
            rows += [
                {"measure": name, "group": row["status"], "term": row["margin"], "estimate": row[name]}
                for name in ("printed", "drawn", "met")
            ]
        rows += [
            {"measure": "put_in", "term": r["term"], "estimate": r["value"]} for r in self.put_in.to_dict("records")
        ]
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give margins and effects in "zh" or "en"."""
        lang = lang or language()
        index, cells = [], []
        for row in self.margins.to_dict("records"):
            index.append((say(f"synthetic.status_{row['status']}", lang), say(f"synthetic.{row['margin']}", lang)))
            show = _shown(row["margin"])
            cells.append(
                [show(row["printed"]), show(row["drawn"]), say(f"synthetic.met_{'yes' if row['met'] else 'no'}", lang)]
            )
        for row in self.put_in.to_dict("records"):
            index.append((say("synthetic.status_put_in", lang), say(f"synthetic.effect_{row['term']}", lang)))
            cells.append([say(f"synthetic.printed_{row['term']}", lang), number(row["value"]), "—"])
        heads = [say(f"synthetic.head_{name}", lang) for name in ("printed", "drawn", "met")]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        title, notes = say("guizhou.margins", lang), [say("synthetic.note_margins", lang)]
        if self.data == "synthetic":
            title = say("guizhou.with_synthetic", lang, title=title)
            notes += [say(f"synthetic.note_reading_{self.reading}", lang), say("guizhou.note_synthetic", lang)]
        return Table(frame, title, tuple(notes), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say which margins are met and why that is no finding."""
        lang = lang or language()
        drawn = self.margins.set_index("margin")["drawn"]
        words = {name: f"{drawn[name]:,.2f}" for name in ("mean_all", "mean_poor", "mean_others")}
        told = say("synthetic.explain_margins", lang, met=int(self.margins["met"].sum()), of=len(self.margins), **words)
        return told + (say("synthetic.explain_given", lang) if self.data == "synthetic" else "")


def guizhou_margins(table: pd.DataFrame) -> GuizhouMargins:
    """Set what the study's text states of its sample beside a survey.

    Counts are met where they are equal, means where they round to the printed yuan, the share of the poor where it lies
    in 29.25 to 29.40 %, the bounds that the rounded means set on (2428 − 1977) / (2428 − 890).

    Parameters
    ----------
    table : one row a household, with county, village, consumption (yuan per person and year) and poor (0/1); of the
        synthetic survey, or of any other.

    Raises
    ------
    DataError
        Where a column is lacking, or consumption or poor has gaps.
    """
    lost = [name for name in NEEDED if name not in table.columns]
    if lost:
        raise DataError(f"the margins need the columns {', '.join(NEEDED)}; the table lacks {', '.join(lost)}")
    gaps = [name for name in ("consumption", "poor") if table[name].isna().any()]
    if gaps:
        raise DataError(f"{' and '.join(gaps)} has missing values; leave those rows out first")
    spent, poor = table["consumption"], table["poor"] == 1
    found = [
        ("counties", "printed", targets.COUNTIES, table["county"].nunique()),
        ("villages_count", "printed", targets.VILLAGES, table["village"].nunique()),
        ("households_count", "printed", targets.HOUSEHOLDS, len(table)),
        ("mean_all", "printed", targets.MEAN_ALL, spent.mean()),
        ("mean_poor", "printed", targets.MEAN_POOR, spent[poor].mean()),
        ("mean_others", "printed", targets.MEAN_OTHERS, spent[~poor].mean()),
        ("poor_count", "derived", targets.POOR, int(poor.sum())),
        ("poor_part", "derived", targets.POOR_SHARE, poor.mean()),
    ]
    rows = [(*one, _met(one[0], float(one[2]), float(one[3]))) for one in found]
    margins = pd.DataFrame(rows, columns=["margin", "status", "printed", "drawn", "met"])
    margins = margins.astype({"printed": float, "drawn": float})
    data, reading = table.attrs.get("data", "real"), table.attrs.get("reading")
    return GuizhouMargins(margins, _put_in(reading), data, reading)


def _met(margin: str, printed: float, drawn: float) -> bool:
    """Tell whether a margin is met, to the digits that are printed."""
    return SHARE[0] <= drawn <= SHARE[1] if margin == "poor_part" else abs(drawn - printed) <= 0.5


def _put_in(reading: Reading | None) -> pd.DataFrame:
    """List the printed effects with the coefficients that they became."""
    if reading is None:
        return pd.DataFrame({"term": [], "value": []})
    return pd.DataFrame(
        {
            "term": ["education", "land", "migrants", "participation", "aid_funds"],
            "value": [
                targets.EDUCATION,
                targets.LAND,
                targets.MIGRANTS,
                targets.PARTICIPATION[reading],
                targets.FUNDS[reading],
            ],
        }
    )


def _shown(margin: str) -> Any:
    """Give how a margin is printed: means with two decimals where drawn, the share in per cent."""
    if margin.startswith("mean"):
        return lambda value: f"{value:,.2f}" if value % 1 else f"{value:,.0f}"
    return (lambda value: f"{100 * value:.2f}%") if margin == "poor_part" else (lambda value: f"{value:,.0f}")
