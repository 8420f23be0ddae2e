"""ps.dibao_coverage(): minimum income (低保) against the register, and what closing the gap to a line would cost."""

from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, refuse_missing, totals
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

CELLS = ("both", "dibao_only", "register_only", "neither")


@dataclass(frozen=True, eq=False, repr=False)
class DibaoCoverage(Printed):
    """Minimum income against the register.

    Attributes
    ----------
    table : by cell (both, dibao_only, register_only, neither): households, persons, below (persons below the line) and
        gap (what lifts them to it a year, in the unit of income).
    covered : share of registered persons with minimum income. registered : share of recipients on the register.
    outside : share of the persons below the line that are in neither. line : the line.
    """

    table: pd.DataFrame
    covered: float
    registered: float
    outside: float
    line: float

    @property
    def cost(self) -> float:
        """What lifts everybody below the line to it, a year."""
        return float(self.table["gap"].sum())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: cells, rates and cost."""
        rows: list[dict[str, object]] = [
            {"measure": str(what), "group": str(cell), "estimate": value}
            for cell, row in self.table.iterrows()
            for what, value in row.items()
        ]
        rows += [
            {"measure": name, "estimate": getattr(self, name)} for name in ("covered", "registered", "outside", "cost")
        ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the cross table, in "zh" or "en"."""
        lang = lang or language()
        keys = ("households", "persons", "below", "gap")
        head = ("", *(say(f"rules.head_{key}", lang) for key in keys))
        rows = tuple(
            (say(f"rules.cell_{cell}", lang), *(f"{row[key]:,.0f}" for key in keys))
            for cell, row in self.table.iterrows()
        )
        return Summary((Grid(say("rules.dibao_title", lang), head, rows, (self._rates(lang),)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say who is covered by what, and what closing the gap costs."""
        return self._rates(lang or language())

    def _rates(self, lang: Lang) -> str:
        names = ("covered", "registered", "outside")
        words = {name: "—" if (v := getattr(self, name)) != v else f"{100 * v:.1f}" for name in names}
        return say("rules.dibao_told", lang, line=f"{self.line:,.0f}", cost=f"{self.cost:,.0f}", **words)


def dibao_coverage(
    table: Table, *, dibao: str, registered: str, income: str, line: float, persons: str | None = None
) -> DibaoCoverage:
    r"""Cross minimum income with the register, and cost the gap to a line.

    .. math:: \text{covered} = \frac{N(\text{both})}{N(\text{registered})}, \qquad
        \text{registered} = \frac{N(\text{both})}{N(\text{dibao})}, \qquad \text{gap} = \sum_i n_i (z - y_i)_+

    Parameters
    ----------
    table : one row a household, any table. dibao, registered : columns of 1 and 0.
    income : column of income a head and year, transfers received included. line : z; that of the two lines which is
        to be reached, where minimum income and the register have lines of their own.
    persons : column of persons; without it a row is one person.

    Returns
    -------
    DibaoCoverage
        Cells in households and persons, rates of persons, and the cost a year of closing the gap.

    Raises
    ------
    OptionError
        Where the line is not above 0.
    DataError
        Where a column is not there or missing in rows, or `dibao` or `registered` is neither 0 nor 1.

    Source
    ------
    The gap is the poverty gap in money: Foster, Greer and Thorbecke (1984), Econometrica 52, with alpha 1.
    """
    if not finite(line) or line <= 0:
        raise OptionError(f"line={line!r} must be above 0")
    needed = [name for name in (dibao, registered, income, persons) if name]
    frame = opened(table, needed)
    refuse_missing(frame, needed, "dibao_coverage")
    odd = {name: ((nw.col(name) != 0) & (nw.col(name) != 1)).cast(nw.Int64) for name in (dibao, registered)}
    found = totals(frame, [], odd).iloc[0]
    bad = {name: int(found[name]) for name in odd if found[name] > 0}
    if bad:
        raise DataError("neither 0 nor 1: " + ", ".join(f"{name!r} in {n} rows" for name, n in bad.items()))
    many = nw.col(persons).cast(nw.Float64) if persons else nw.lit(1.0)
    short = float(line) - nw.col(income).cast(nw.Float64)
    below = (short > 0).cast(nw.Float64)
    cell = 3 - 2 * nw.col(registered).cast(nw.Int64) - nw.col(dibao).cast(nw.Int64)
    cells = frame.with_columns(cell=cell)
    sums = totals(cells, ["cell"], {"persons": many, "below": many * below, "gap": many * below * short})
    # 0 both, 1 the register alone, 2 minimum income alone, 3 neither.
    sums.index = pd.Index([("both", "register_only", "dibao_only", "neither")[int(at)] for at in sums["cell"]])
    made = sums.rename(columns={"rows": "households"}).reindex(list(CELLS)).fillna(0.0)
    made = made[["households", "persons", "below", "gap"]]
    both = made.loc["both", "persons"]
    return DibaoCoverage(
        made,
        _over(both, both + made.loc["register_only", "persons"]),
        _over(both, both + made.loc["dibao_only", "persons"]),
        _over(made.loc["neither", "below"], made["below"].sum()),
        float(line),
    )


def _over(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")
