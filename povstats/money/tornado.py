"""What the effective rate of a loan becomes when one of its terms changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Tornado(Printed):
    """The effective annual rate under one change of terms at a time.

    Attributes
    ----------
    table : columns term, value, annual, change (from the loan as it is). base : the rate of the loan as it is.
    """

    table: pd.DataFrame
    base: float

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rate by term and value."""
        rows = [
            {"measure": "annual", "term": row["term"], "group": row["value"], "estimate": row["annual"]}
            for row in self.table.to_dict("records")
        ]
        return tidy_frame([{"measure": "annual", "estimate": self.base}, *rows])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the rates, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"money.head_{key}", lang) for key in ("term", "value", "annual", "change"))
        rows = [
            (
                say(f"money.term_{row['term']}", lang),
                row["value"],
                f"{100 * row['annual']:.2f}",
                f"{100 * row['change']:+.2f}",
            )
            for row in self.table.to_dict("records")
        ]
        notes = (say("money.tornado_base", lang, base=f"{100 * self.base:.2f}"),)
        return Summary((Grid(say("money.tornado_title", lang), head, tuple(rows), notes, words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say which change moves the rate most."""
        lang = lang or language()
        widest = self.table.loc[self.table["change"].abs().idxmax()]
        words = {
            "term": say(f"money.term_{widest['term']}", lang),
            "value": widest["value"],
            "annual": f"{100 * widest['annual']:.2f}",
        }
        return say("money.tornado_told", lang, base=f"{100 * self.base:.2f}", **words)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the rates to both sides of that of the loan as it is.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : words for the terms, or for the values as they
            stand in the table.
        """
        from povstats.viz import charts

        lang, named = lang or language(), dict(labels or {})
        terms = [named.get(term) or say(f"money.term_{term}", lang) for term in self.table["term"]]
        values = [named.get(value, value) for value in self.table["value"]]
        frame = pd.DataFrame({"group": terms, "label": values, "estimate": self.table["annual"].to_numpy()})
        return charts.tornado(
            frame,
            base=self.base,
            percent=True,
            lang=lang,
            title=title or say("money.tornado_title", lang),
            unit=say("money.unit_annual", lang),
            source=source or "povstats",
            notes=(say("money.tornado_base", lang, base=f"{100 * self.base:.2f}"),),
        )
