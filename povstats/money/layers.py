"""ps.reimburse(): what a health package pays, layer by layer, and what is left to the household."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, refuse_missing, totals
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One payer of a package: pays a share of what is left above its deductible, up to its cap.

    Parameters
    ----------
    name : in words, such as "basic insurance". rate : share paid. deductible : what stays with the patient first.
    cap : the most it pays a claim; None for none. ceiling : raises the payment of this and all layers before to leave
        the patient at most this share of the costs (a safety net that tops up); None for none.
    """

    name: str
    rate: float = 1.0
    deductible: float = 0.0
    cap: float | None = None
    ceiling: float | None = None

    def __post_init__(self) -> None:
        """Refuse a layer that pays more than all or less than nothing."""
        if not finite(self.rate) or not 0 <= self.rate <= 1:
            raise OptionError(f"rate={self.rate!r} of {self.name!r} must be between 0 and 1")
        if not finite(self.deductible) or self.deductible < 0:
            raise OptionError(f"deductible={self.deductible!r} of {self.name!r} must be an amount from 0")
        if self.cap is not None and (not finite(self.cap) or self.cap < 0):
            raise OptionError(f"cap={self.cap!r} of {self.name!r} must be an amount from 0, or None")
        if self.ceiling is not None and not 0 <= self.ceiling <= 1:
            raise OptionError(f"ceiling={self.ceiling!r} of {self.name!r} must be between 0 and 1")


@dataclass(frozen=True, eq=False, repr=False)
class Reimbursed(Printed):
    """A table of costs with what each layer pays.

    Attributes
    ----------
    table : the caller's table with "paid by <layer>" and "out of pocket"; a lazy one stays lazy.
    totals : by layer, then "out of pocket": amount, share of all costs, claims paid, mean a claim paid.
    catastrophic : by threshold the share of rows whose out-of-pocket part is above it, of their resources.
    impoverished : share of rows above the line before and below it after paying; missing without a line.
    costs : of all rows. rows : how many.
    """

    table: Any
    totals: pd.DataFrame
    catastrophic: pd.Series
    impoverished: float
    costs: float
    rows: int

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: shares by layer, catastrophic and impoverishing shares."""
        rows: list[dict[str, object]] = [
            {"measure": "share", "term": str(name), "estimate": row["share"]} for name, row in self.totals.iterrows()
        ]
        rows += [{"measure": "catastrophic", "term": f"{at:g}", "estimate": v} for at, v in self.catastrophic.items()]
        rows.append({"measure": "impoverished", "estimate": self.impoverished})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print who pays what, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"money.head_{key}", lang) for key in ("payer", "amount", "share", "claims", "mean"))
        rows = []
        for name, row in self.totals.iterrows():
            label = say("money.out_of_pocket", lang) if name == "out of pocket" else str(name)
            cells = (
                f"{row['amount']:,.2f}",
                f"{100 * row['share']:.1f}",
                f"{row['claims']:,.0f}",
                f"{row['mean']:,.2f}",
            )
            rows.append((label, *cells))
        notes = tuple(
            say("money.note_catastrophic", lang, at=f"{100 * at:g}", share=f"{100 * value:.1f}")
            for at, value in self.catastrophic.items()
        )
        return Summary((Grid(say("money.reimburse_title", lang), head, tuple(rows), notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what was paid in which order."""
        lang = lang or language()
        left = self.totals.loc["out of pocket", "share"]
        order = say("money.joint", lang).join(str(name) for name in self.totals.index[:-1])
        return say("money.reimburse_told", lang, order=order, left=f"{100 * left:.1f}", n=f"{self.rows:,}")


def reimburse(
    costs: Table,
    layers: Sequence[Layer],
    *,
    cost: str,
    resources: str | None = None,
    line: float | None = None,
    thresholds: Sequence[float] = (0.1, 0.25, 0.4),
) -> Reimbursed:
    r"""Apply the layers of a health package to costs, in their order.

    .. math:: p_j = \min\{ r_j \max(c - \textstyle\sum_{i<j} p_i - d_j, 0),\; k_j \}, \qquad
        o = c - \sum_j p_j

    with rate r, deductible d and cap k of each layer; a layer with a ceiling s pays what is left above s c at least.
    Spending is catastrophic where o is above a share of the household's resources, and impoverishing where resources
    are at the line or above it and resources − o below.

    Parameters
    ----------
    costs : one row a claim, or a household and year: any table. layers : the payers, first to last.
    cost : column of the costs. resources : column of income or consumption in the same unit, for the shares.
    line : poverty line in the unit of resources. thresholds : of catastrophic spending.

    Returns
    -------
    Reimbursed
        The table with each payer's part and what is left, and their totals.

    Raises
    ------
    OptionError
        Where there is no layer, two have one name, or a line is given without resources.
    DataError
        Where costs are missing or negative, or resources not above zero.

    Source
    ------
    Wagstaff and van Doorslaer (2003), Health Economics 12, for catastrophic and impoverishing payments.
    """
    names = [one.name for one in layers]
    if not names or len(set(names)) < len(names):
        raise OptionError(f"layers need names of their own; there are {names}")
    if line is not None and resources is None:
        raise OptionError("line=... needs resources=..., the column that falls below it")
    needed = [cost, *([resources] if resources else [])]
    frame = opened(costs, needed)
    refuse_missing(frame, needed, "reimburse")
    bad = {"cost": (nw.col(cost) < 0).cast(nw.Int64)}
    if resources is not None:
        bad["resources"] = (nw.col(resources) <= 0).cast(nw.Int64)
    counts = totals(frame, [], bad).iloc[0]
    for key, told in (("cost", f"column {cost!r} is negative"), ("resources", f"column {resources!r} is not above 0")):
        if counts.get(key, 0):
            raise DataError(f"{told} in {int(counts[key])} rows")
    table: Any = open_lazily(costs)
    paid: list[str] = []
    for one in layers:
        column = f"paid by {one.name}"
        table = table.with_columns(_payment(one, cost, paid).alias(column))
        paid.append(column)
    table = table.with_columns(_left(cost, paid).alias("out of pocket"))
    return _told(table, names, cost, resources, line, list(thresholds))


def _left(cost: str, paid: Sequence[str]) -> nw.Expr:
    left = nw.col(cost).cast(nw.Float64)
    for column in paid:
        left = left - nw.col(column)
    return left


def _payment(one: Layer, cost: str, paid: Sequence[str]) -> nw.Expr:
    left = _left(cost, paid)
    above = left - one.deductible
    pays = nw.when(above > 0).then(above * one.rate).otherwise(nw.lit(0.0))
    if one.cap is not None:
        pays = nw.when(pays > one.cap).then(nw.lit(float(one.cap))).otherwise(pays)
    if one.ceiling is not None:
        least = left - one.ceiling * nw.col(cost).cast(nw.Float64)
        pays = nw.when(least > pays).then(least).otherwise(pays)
    return pays


def _told(
    table: Any, names: list[str], cost: str, resources: str | None, line: float | None, thresholds: list[float]
) -> Reimbursed:
    columns = {**{name: f"paid by {name}" for name in names}, "out of pocket": "out of pocket"}
    asked = {"costs": nw.col(cost).cast(nw.Float64)}
    for at, column in enumerate(columns.values()):
        asked |= {f"sum{at}": nw.col(column), f"rows{at}": (nw.col(column) > 0).cast(nw.Int64)}
    out = nw.col("out of pocket")
    if resources is not None:
        held = nw.col(resources).cast(nw.Float64)
        asked |= {f"over{at}": (out > share * held).cast(nw.Int64) for at, share in enumerate(thresholds)}
        if line is not None:
            asked["fallen"] = ((held >= line) & (held - out < line)).cast(nw.Int64)
    found = totals(table, [], asked).iloc[0]
    whole, n = float(found["costs"]), int(found["rows"])
    rows = []
    for at in range(len(columns)):
        amount, claims = float(found[f"sum{at}"]), float(found[f"rows{at}"])
        rows.append((amount, amount / whole if whole else 0.0, claims, amount / claims if claims else 0.0))
    made = pd.DataFrame(rows, index=pd.Index(list(columns)), columns=["amount", "share", "claims", "mean"])
    shares = {} if resources is None else {one: float(found[f"over{at}"]) / n for at, one in enumerate(thresholds)}
    fallen = float(found["fallen"]) / n if line is not None else float("nan")
    return Reimbursed(table.to_native(), made, pd.Series(shares, dtype=float), fallen, whole, n)
