"""ps.reimburse(): what a health package pays, layer by layer, and what is left to the household."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from sys import float_info
from typing import Any

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, refuse_missing, refuse_text, totals
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

LEFT = "out of pocket"
CLOSE = 1e-12
"""Rounding of sums, as a share of what is added up: amounts nearer than this to a limit are at it."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One payer of a package: pays a share of what is left above its deductible, up to its cap.

    Parameters
    ----------
    name : in words, such as "basic insurance". rate : share paid. deductible : what stays with the patient first.
    ceiling : raises its payment to leave the patient at most this share of the costs (a safety net that tops up); None
        for none. cap : the most it pays a claim, also where it tops up; None for none.
    """

    name: str
    rate: float = 1.0
    deductible: float = 0.0
    cap: float | None = None
    ceiling: float | None = None

    def __post_init__(self) -> None:
        """Refuse a layer that pays more than all or less than nothing, or has no name of its own."""
        if not isinstance(self.name, str) or self.name in ("", LEFT):
            raise OptionError(f"name={self.name!r} must be a payer in words, and not {LEFT!r}")
        if not finite(self.rate) or not 0 <= self.rate <= 1:
            raise OptionError(f"rate={self.rate!r} of {self.name!r} must be between 0 and 1")
        if not finite(self.deductible) or self.deductible < 0:
            raise OptionError(f"deductible={self.deductible!r} of {self.name!r} must be an amount from 0")
        if self.cap is not None and (not finite(self.cap) or self.cap < 0):
            raise OptionError(f"cap={self.cap!r} of {self.name!r} must be an amount from 0, or None")
        if self.ceiling is not None and (not finite(self.ceiling) or not 0 <= self.ceiling <= 1):
            raise OptionError(f"ceiling={self.ceiling!r} of {self.name!r} must be between 0 and 1, or None")


@dataclass(frozen=True, eq=False, repr=False)
class Reimbursed(Printed):
    """A table of costs with what each layer pays.

    Attributes
    ----------
    table : the caller's table with "paid by <layer>" and "out of pocket"; a lazy one stays lazy.
    totals : by layer, then "out of pocket": amount, share of all costs (missing where there are none), claims paid,
        mean a claim paid (missing where none is).
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
            label = say("money.out_of_pocket", lang) if name == LEFT else str(name)
            share = f"{100 * row['share']:.1f}" if self.costs else "—"
            mean = f"{row['mean']:,.2f}" if row["claims"] else "—"
            rows.append((label, f"{row['amount']:,.2f}", share, f"{row['claims']:,.0f}", mean))
        notes = [
            say("money.note_catastrophic", lang, at=f"{100 * at:g}", share=f"{100 * value:.1f}")
            for at, value in self.catastrophic.items()
        ]
        if self.impoverished == self.impoverished:
            notes.append(say("money.note_impoverished", lang, share=f"{100 * self.impoverished:.1f}"))
        return Summary((Grid(say("money.reimburse_title", lang), head, tuple(rows), tuple(notes)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what was paid in which order."""
        lang = lang or language()
        if not self.costs:
            return say("money.reimburse_nothing", lang, n=f"{self.rows:,}")
        left = self.totals.loc[LEFT, "share"]
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

    with rate r, deductible d and cap k of each layer; a layer with a ceiling s pays what is left above s c at least, if
    its cap allows. Spending is catastrophic where o is above a share of the household's resources, and impoverishing
    where resources are at the line or above it and resources − o below. What is at a limit but for rounding is at it.

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
        Where there is no layer, two have one name, a threshold is no share, or a line is given without resources or is
        not above zero.
    DataError
        Where there are no rows, costs are missing, infinite or negative, resources not above zero, or the table already
        has a column that would be written.

    Source
    ------
    Wagstaff and van Doorslaer (2003), Health Economics 12, for catastrophic and impoverishing payments.
    """
    _check_asked(layers, resources, line, thresholds)
    names = [one.name for one in layers]
    _check_rows(costs, cost, resources, names)
    table: Any = open_lazily(costs)
    paid: list[str] = []
    for one in layers:
        column = f"paid by {one.name}"
        table = table.with_columns(_payment(one, cost, paid).alias(column))
        paid.append(column)
    table = table.with_columns(_left(cost, paid).alias(LEFT))
    return _told(table, names, cost, resources, line, list(thresholds))


def _check_asked(layers: Any, resources: str | None, line: Any, thresholds: Any) -> None:
    if not isinstance(layers, Sequence) or not layers or not all(isinstance(one, Layer) for one in layers):
        raise OptionError(f"layers={layers!r} must be a list of Layer, such as [Layer(name='basic', rate=0.6)]")
    names = [one.name for one in layers]
    if len(set(names)) < len(names):
        raise OptionError(f"layers need names of their own; there are {names}")
    if not isinstance(thresholds, Sequence) or not all(finite(at) and 0 < at <= 1 for at in thresholds):
        raise OptionError(f"thresholds={thresholds!r} must be shares of the resources above 0, such as (0.1, 0.25)")
    if len(set(thresholds)) < len(thresholds):
        raise OptionError(f"thresholds={thresholds!r} has a share twice; name each once")
    if line is None:
        return
    if resources is None:
        raise OptionError("line=... needs resources=..., the column that falls below it")
    if not finite(line) or line <= 0:
        raise OptionError(f"line={line!r} must be an amount above 0, in the unit of {resources!r}")


def _check_rows(costs: Table, cost: str, resources: str | None, names: Sequence[str]) -> None:
    needed = [cost, *([resources] if resources else [])]
    frame = opened(costs, needed)
    refuse_text(frame, needed, "reimburse")
    refuse_missing(frame, needed, "reimburse")
    known = set(open_lazily(costs).collect_schema().names())
    if taken := [name for name in (*(f"paid by {name}" for name in names), LEFT) if name in known]:
        raise DataError(f"the table already has {taken}, which reimburse writes; rename or drop these columns")
    held = {name: nw.col(name).cast(nw.Float64) for name in needed}
    infinite = {f"column {name!r} is infinite": one > float_info.max for name, one in held.items()}
    bad = {**infinite, f"column {cost!r} is negative": held[cost] < 0}
    if resources is not None:
        bad[f"column {resources!r} is not above 0"] = held[resources] <= 0
    counts = totals(frame, [], {f"bad{at}": one.cast(nw.Int64) for at, one in enumerate(bad.values())}).iloc[0]
    if not counts["rows"]:
        raise DataError("the table has no rows; reimburse needs a claim at least")
    for at, told in enumerate(bad):
        if counts[f"bad{at}"]:
            raise DataError(f"{told} in {int(counts[f'bad{at}'])} rows; correct these rows or leave them out")


def _left(cost: str, paid: Sequence[str]) -> nw.Expr:
    left = nw.col(cost).cast(nw.Float64)
    for column in paid:
        left = left - nw.col(column)
    return left


def _payment(one: Layer, cost: str, paid: Sequence[str]) -> nw.Expr:
    left = _left(cost, paid)
    above = left - one.deductible
    pays = nw.when(above > 0).then(above * one.rate).otherwise(nw.lit(0.0))
    if one.ceiling is not None:
        least = left - one.ceiling * nw.col(cost).cast(nw.Float64)
        pays = nw.when(least > pays).then(least).otherwise(pays)
    if one.cap is not None:
        pays = nw.when(pays > one.cap).then(nw.lit(float(one.cap))).otherwise(pays)
    return pays


def _told(
    table: Any, names: list[str], cost: str, resources: str | None, line: float | None, thresholds: list[float]
) -> Reimbursed:
    columns = {**{name: f"paid by {name}" for name in names}, LEFT: LEFT}
    spent, out = nw.col(cost).cast(nw.Float64), nw.col(LEFT)
    asked = {"costs": spent}
    for at, column in enumerate(columns.values()):
        asked |= {f"sum{at}": nw.col(column), f"rows{at}": (nw.col(column) > CLOSE * spent).cast(nw.Int64)}
    if resources is not None:
        held = nw.col(resources).cast(nw.Float64)
        asked |= {
            f"over{at}": (out - share * held > CLOSE * spent).cast(nw.Int64) for at, share in enumerate(thresholds)
        }
        if line is not None:
            falls = (held >= line) & (line - held + out > CLOSE * (held + spent))
            asked["fallen"] = falls.cast(nw.Int64)
    found = totals(table, [], asked).iloc[0]
    whole, n = float(found["costs"]), int(found["rows"])
    rows = []
    for at in range(len(columns)):
        amount, claims = float(found[f"sum{at}"]), float(found[f"rows{at}"])
        rows.append((amount, amount / whole if whole else nan, claims, amount / claims if claims else nan))
    made = pd.DataFrame(rows, index=pd.Index(list(columns)), columns=["amount", "share", "claims", "mean"])
    shares = {} if resources is None else {one: float(found[f"over{at}"]) / n for at, one in enumerate(thresholds)}
    fallen = float(found["fallen"]) / n if line is not None else nan
    return Reimbursed(table.to_native(), made, pd.Series(shares, dtype=float), fallen, whole, n)
