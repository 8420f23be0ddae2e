"""ps.repayment_schedule() and ps.effective_rate(): what a loan costs a year, from its cash flows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import collected, opened, refuse_missing, refuse_text
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite, whole
from povstats.money.tornado import Tornado
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

COLUMNS = ("period", "received", "principal", "interest")


@dataclass(frozen=True, kw_only=True)
class LoanTerms:
    """A loan at a flat rate, repaid in equal parts of the principal.

    Parameters
    ----------
    rate : flat interest for the whole term, a share of the loan. upfront : share of the interest paid on day 0.
    first, last : periods of the first and last repayment of principal. part : share of the principal each.
    final : periods in which the rest of the interest is paid in equal parts; none where all is paid upfront.
    periods : of a year, 52 for weeks.
    """

    rate: float
    upfront: float
    first: int
    last: int
    part: float
    final: tuple[int, ...] = ()
    periods: int = 52

    def __post_init__(self) -> None:
        """Refuse terms that do not repay the loan."""
        if not finite(self.rate) or self.rate < 0:
            raise OptionError(f"rate={self.rate!r} must be a share from 0, such as 0.08")
        if not finite(self.upfront) or not 0 <= self.upfront <= 1:
            raise OptionError(f"upfront={self.upfront!r} must be between 0 and 1")
        if not isinstance(self.final, tuple):
            raise OptionError(f"final={self.final!r} must be a tuple of periods, such as (51, 52)")
        for name in ("first", "last", "periods"):
            _from_one(name, getattr(self, name))
        for one in self.final:
            _from_one("final", one)
        parts = self.last - self.first + 1
        if parts < 1:
            raise OptionError(f"last={self.last} is before first={self.first}; repayment needs a period at least")
        if not finite(self.part) or abs(parts * self.part - 1) > 1e-9:
            told = f"{parts} parts of {self.part!r} repay {parts * self.part:g} of the loan, not 1"
            raise OptionError(f"{told}; part=1/{parts} repays it, or change first and last")
        if self.upfront < 1 and not self.final:
            raise OptionError("final=(...) must name when the rest of the interest is paid")


def _from_one(name: str, value: int) -> None:
    whole(name, value)
    if value < 1:
        raise OptionError(f"{name}={value!r} must be a whole number above 0")


@dataclass(frozen=True, eq=False, repr=False)
class EffectiveRate(Printed):
    """What a schedule costs.

    Attributes
    ----------
    annual : effective annual rate (1 + i)^n − 1. nominal : n i. simple : interest over the mean balance.
    per_period : i. mean_balance : from the first payment to the last, a share of the loan.
    schedule : columns period, received, principal, interest, balance. periods : n, of a year.
    terms : the loan's terms, where it was made from them.
    """

    annual: float
    nominal: float
    simple: float
    per_period: float
    mean_balance: float
    schedule: pd.DataFrame
    periods: int
    terms: LoanTerms | None = None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rates and the mean balance."""
        names = ("annual", "nominal", "simple", "mean_balance")
        return tidy_frame([{"measure": "rate", "term": name, "estimate": getattr(self, name)} for name in names])

    def tornado(self, changes: Mapping[str, Sequence[Any]]) -> Tornado:
        """Change one term at a time.

        Parameters
        ----------
        changes : by term of the loan the values that it takes; what must change with it to repay the loan is given as
            a mapping of terms in place of a value.

        Returns
        -------
        Tornado
            The rate under each change, with a table and a picture.

        Raises
        ------
        OptionError
            Where the schedule was not made from terms, no change is given, or a term is unknown or does not repay the
            loan.
        """
        if self.terms is None:
            raise OptionError("tornado needs a schedule made by repayment_schedule, whose terms can change")
        known = {one.name for one in fields(LoanTerms)}
        rows = []
        for term, values in changes.items():
            if not isinstance(values, Sequence) or isinstance(values, str) or not values:
                raise OptionError(f"{term!r} needs a list of values, such as [0.07, 0.09], and has {values!r}")
            for value in values:
                changed = dict(value) if isinstance(value, Mapping) else {term: value}
                if wrong := {term, *changed} - known:
                    raise OptionError(f"{sorted(wrong)} are no terms of a loan; it has {sorted(known)}")
                annual = effective_rate(repayment_schedule(replace(self.terms, **changed))).annual
                label = value if not isinstance(value, Mapping) else ", ".join(f"{k}={v}" for k, v in changed.items())
                rows.append({"term": term, "value": str(label), "annual": annual, "change": annual - self.annual})
        if not rows:
            raise OptionError("tornado needs a change at least, such as {'rate': [0.07, 0.09]}")
        return Tornado(pd.DataFrame(rows, columns=["term", "value", "annual", "change"]), self.annual)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the rates, in "zh" or "en"."""
        lang = lang or language()
        names = ("annual", "nominal", "simple", "mean_balance")
        rows = tuple((say(f"money.{name}", lang), f"{100 * getattr(self, name):.2f}") for name in names)
        head = ("", say("money.per_cent", lang))
        notes = (say("money.note_rate", lang, n=self.periods, i=f"{100 * self.per_period:.4f}"),)
        return Summary((Grid(say("money.rate_title", lang), head, rows, notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say how the rate follows from the payments."""
        lang = lang or language()
        words = {"annual": f"{100 * self.annual:.2f}", "balance": f"{100 * self.mean_balance:.1f}", "n": self.periods}
        paid = float(self.schedule["interest"].sum()) / float(self.schedule["received"].sum())
        return say("money.rate_told", lang, flat=f"{100 * paid:.2f}", **words)

    def plot_balance(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the balance over the periods.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : a word for "period".
        """
        from povstats.viz import charts

        lang = lang or language()
        held = self.schedule
        frame = pd.DataFrame({"panel": "", "group": "", "x": held["period"], "estimate": held["balance"]})
        frame = frame.assign(low=frame["estimate"], high=frame["estimate"])
        return charts.curve_panels(
            frame,
            x_label=(labels or {}).get("period", say("money.axis_period", lang)),
            shape="band",
            percent=True,
            lang=lang,
            title=title or say("money.balance_title", lang),
            unit=say("money.unit_balance", lang),
            source=source or "povstats",
        )


@dataclass(frozen=True, eq=False)
class Schedule:
    """Cash flows of a loan, by period: the table and the terms it was made from."""

    table: pd.DataFrame
    terms: LoanTerms | None = field(default=None)


def repayment_schedule(terms: LoanTerms) -> Schedule:
    """Write the cash flows of a loan of 1: received on day 0, repayments of principal and payments of interest.

    Parameters
    ----------
    terms : the loan's terms.

    Returns
    -------
    Schedule
        `table` has columns period (0 is day 0), received, principal, interest.
    """
    last = max((terms.last, *terms.final))
    table = pd.DataFrame({"period": range(last + 1), "received": 0.0, "principal": 0.0, "interest": 0.0})
    table.loc[0, "received"] = 1.0
    table.loc[0, "interest"] = terms.rate * terms.upfront
    table.loc[(table["period"] >= terms.first) & (table["period"] <= terms.last), "principal"] = terms.part
    for at in terms.final:
        table.loc[at, "interest"] += terms.rate * (1 - terms.upfront) / len(terms.final)
    return Schedule(table, terms)


def effective_rate(schedule: Schedule | Table, periods: int | None = None) -> EffectiveRate:
    r"""Find the rate at which the payments are worth what was received.

    .. math:: \sum_t \frac{R_t - A_t - I_t}{(1 + i)^t} = 0, \qquad r = (1 + i)^n - 1

    Parameters
    ----------
    schedule : of `repayment_schedule`, or a table with columns period (numbers from 0), received, principal and
        interest, in any unit of money.
    periods : n, of a year: 52 weeks, 12 months. A schedule that was made from terms has its own.

    Returns
    -------
    EffectiveRate
        Effective, nominal (n i) and simple rate (interest over the mean balance, a year), with the balance.

    Raises
    ------
    OptionError
        Where `periods` is no whole number above 0, is lacking for a table, or is not that of the terms.
    DataError
        Where a column is missing, no number or negative, the principal repaid is not what was received, or the flows
        change their sign more than once, so that more than one rate may solve them, or not at all.

    Source
    ------
    Fisher (1930), The Theory of Interest, chapter 7; Directive 2008/48/EC, annex I, for the annual percentage rate.
    """
    terms = schedule.terms if isinstance(schedule, Schedule) else None
    a_year = _periods_a_year(terms, periods)
    table = _checked(schedule.table if isinstance(schedule, Schedule) else schedule)
    flow = (table["received"] - table["principal"] - table["interest"]).to_numpy()
    signs = np.sign(flow[flow != 0])
    turns = int((signs[1:] != signs[:-1]).sum())
    if turns != 1 or signs[0] < 0:
        raise DataError(f"the flows change their sign {turns} times; one rate needs money in first, and out after it")
    rate = _root(table["period"].to_numpy(dtype=float), flow)
    balance = table["received"].cumsum() - table["principal"].cumsum()
    loan = float(table["received"].sum())
    spans = np.diff(table["period"].to_numpy(dtype=float))
    owed = float((balance.to_numpy()[:-1] * spans).sum())
    # Periods before the first payment and after the last lend nothing and do not count.
    times = table["period"][table[list(COLUMNS[1:])].sum(axis=1) > 0]
    return EffectiveRate(
        annual=(1 + rate) ** a_year - 1,
        nominal=rate * a_year,
        simple=float(table["interest"].sum()) / owed * a_year,
        per_period=rate,
        mean_balance=owed / loan / float(times.iloc[-1] - times.iloc[0]),
        schedule=table.assign(balance=balance / loan),
        periods=a_year,
        terms=terms,
    )


def _periods_a_year(terms: LoanTerms | None, periods: int | None) -> int:
    if periods is None:
        if terms is None:
            raise OptionError("periods=... must say how many periods make a year: 52 for weeks, 12 for months")
        return terms.periods
    _from_one("periods", periods)
    if terms is not None and periods != terms.periods:
        raise OptionError(f"periods={periods!r}, but the loan's terms have {terms.periods}; leave periods out")
    return int(periods)


def _root(times: np.ndarray, flow: np.ndarray) -> float:
    from scipy.optimize import brentq

    def worth(rate: float) -> float:
        return float((flow * (1 + rate) ** (times[0] - times)).sum())

    # No interest is negative and all principal is repaid: the rate is 0 or above, and some rate is high enough.
    if worth(0.0) >= 0:
        return 0.0
    high = 1.0
    while worth(high) < 0:
        high *= 2
    return float(brentq(worth, 0.0, high, xtol=1e-15, rtol=8.9e-16))


def _checked(table: Table) -> pd.DataFrame:
    frame = opened(table, COLUMNS)
    refuse_text(frame, COLUMNS, "effective_rate")
    refuse_missing(frame, COLUMNS, "effective_rate")
    made = collected(frame).astype(float).sort_values("period", ignore_index=True)
    bad = [name for name in COLUMNS if not np.isfinite(made[name]).all() or (made[name] < 0).any()]
    if bad:
        raise DataError(f"columns {bad} of the schedule are negative or infinite in some rows; write amounts from 0")
    if made["period"].duplicated().any():
        raise DataError("a period occurs more than once; add its payments up")
    repaid, received = float(made["principal"].sum()), float(made["received"].sum())
    if abs(repaid - received) > 1e-9 * max(received, 1e-300):
        told = f"{repaid:g} of principal is repaid and {received:g} was received; they must be the same"
        raise DataError(f"{told}; what is paid beyond the loan is interest")
    return made
