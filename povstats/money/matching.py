"""ps.funds_against_causes(): where the money went, beside what made people poor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Matched(Printed):
    """Shares of money and of causes by theme.

    Attributes
    ----------
    table : by theme: cause (share of the persons), money (share of the funds), difference (money − cause).
    overlap : Σ min(cause, money): 1 where money follows causes, 0 where it goes elsewhere.
    total, stated : sum of the funds, and the total that a source states; missing where it states none.
    """

    table: pd.DataFrame
    overlap: float
    total: float
    stated: float

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: both shares by theme, and the overlap."""
        rows: list[dict[str, object]] = []
        for theme, row in self.table.iterrows():
            rows += [{"measure": name, "group": str(theme), "estimate": row[name]} for name in ("cause", "money")]
        return tidy_frame([*rows, {"measure": "overlap", "estimate": self.overlap}])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print both shares by theme, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"money.head_{key}", lang) for key in ("theme", "cause", "money", "difference"))
        rows = tuple(
            (str(theme), *(f"{100 * row[name]:.1f}" for name in ("cause", "money", "difference")))
            for theme, row in self.table.iterrows()
        )
        return Summary((Grid(say("money.match_title", lang), head, rows, (self._notes(lang),)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what is compared with what, and what it cannot show."""
        lang = lang or language()
        return self._notes(lang) + say("money.match_caution", lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw causes against money, a theme a line.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : names of the themes.
        """
        from povstats.viz import charts

        lang = lang or language()
        ends = (("cause", "first", say("money.causes", lang)), ("money", "last", say("money.funds", lang)))
        rows = [
            {"group": theme, "label": label, "value": row[key], "end": end}
            for theme, row in self.table.iterrows()
            for key, end, label in ends
        ]
        return charts.dumbbell(
            pd.DataFrame(rows),
            percent=True,
            dated=False,
            labels=labels,
            lang=lang,
            title=title or say("money.match_title", lang),
            unit=say("money.unit_match", lang),
            source=source or "povstats",
        )

    def _notes(self, lang: Lang) -> str:
        told = say("money.overlap", lang, overlap=f"{100 * self.overlap:.1f}")
        if self.stated != self.stated or abs(self.stated - self.total) < 1e-9 * self.total:
            return told
        words = {
            "total": f"{self.total:,.2f}",
            "stated": f"{self.stated:,.2f}",
            "gap": f"{self.stated - self.total:+,.2f}",
        }
        return told + say("money.total_differs", lang, **words)


def funds_against_causes(
    funds: Mapping[str, float],
    causes: Mapping[str, float],
    themes: Mapping[str, str],
    *,
    stated: float | None = None,
) -> Matched:
    r"""Set the shares of money by use beside the shares of poverty by cause.

    .. math:: m_k = F_k / \sum F, \quad c_k = C_k / \sum C, \quad \text{overlap} = \sum_k \min(m_k, c_k)

    Parameters
    ----------
    funds : amounts by use. causes : persons (or households) by cause.
    themes : theme of every use and every cause; what answers no cause has a theme of its own.
    stated : total of the funds as a source prints it, to be held against the sum.

    Returns
    -------
    Matched
        Both shares by theme, their overlap, and the gap to a stated total.

    Raises
    ------
    OptionError
        Where a use or cause has no theme in words, or the stated total is not above zero.
    DataError
        Where an amount is no number or negative, or a sum is zero.

    Source
    ------
    The overlap is one minus the index of dissimilarity (Duncan and Duncan 1955, American Sociological Review 20).
    """
    lacking = [name for name in (*funds, *causes) if not isinstance(themes.get(name), str) or not themes[name]]
    if lacking:
        raise OptionError(f"no theme for {lacking}; name one for every use and every cause")
    for name, amounts in (("funds", funds), ("causes", causes)):
        wrong = {key: value for key, value in amounts.items() if not finite(value) or value < 0}
        if wrong or not sum(amounts.values()) > 0:
            told = f"; wrong: {wrong}" if wrong else ""
            raise DataError(f"{name} must be amounts from 0 that add up to more than 0{told}")
    if stated is not None and (not finite(stated) or stated <= 0):
        raise OptionError(f"stated={stated!r} must be an amount above 0, or None")
    order = list(dict.fromkeys(themes[name] for name in (*causes, *funds)))
    shares = {
        key: pd.Series({k: sum(v for n, v in amounts.items() if themes[n] == k) for k in order}) / sum(amounts.values())
        for key, amounts in (("cause", causes), ("money", funds))
    }
    table = pd.DataFrame(shares)
    table["difference"] = table["money"] - table["cause"]
    overlap = float(table[["cause", "money"]].min(axis=1).sum())
    return Matched(table, overlap, float(sum(funds.values())), float("nan") if stated is None else float(stated))
