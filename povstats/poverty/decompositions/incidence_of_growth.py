"""ps.growth_incidence(): how fast each percentile grew."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, rising_shares
from povstats.poverty.decompositions.over_time import places, two_dates
from povstats.poverty.estimate import Estimates
from povstats.poverty.estimation import estimated_together
from povstats.poverty.explained import asked_and_used
from povstats.poverty.inequality.location import mean_measure, quantile_measure
from povstats.poverty.influence import covariances
from povstats.poverty.measures.shortfalls import headcount
from povstats.poverty.poor import without_line
from povstats.poverty.variance import quantile_of_t
from povstats.printing import Grid, Printed, Summary
from povstats.survey import Design
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

PERCENTILES = tuple(round(0.02 * i, 2) for i in range(1, 50))
SHOWN = (0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9)


@dataclass(frozen=True, eq=False, repr=False)
class GrowthIncidence(Printed):
    """Growth by percentile.

    Attributes
    ----------
    table : by p: growth (a year, or over the period where `years` is 1), se, low, high; errors are missing for grouped
        data.
    mean : growth of the mean, with its standard error. years : between the dates. start, end : the dates.
    poor_until : share of the population that was poor at the first date; missing without a line.
    poor_rate : mean growth of their percentiles, the rate of pro-poor growth; missing without a line.
    totals : an estimate that holds definition and rows; None for grouped data.
    """

    table: pd.DataFrame
    mean: tuple[float, float]
    years: float
    start: str
    end: str
    poor_until: float
    poor_rate: float
    totals: Estimates | None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: growth by percentile, of the mean, and of the poor."""
        rows: list[dict[str, object]] = [
            {"measure": "growth", "term": f"p={p:g}", "estimate": row["growth"]}
            | {n: row[n] for n in ("se", "low", "high")}
            for p, row in self.table.iterrows()
        ]
        rows.append({"measure": "growth", "term": "mean", "estimate": self.mean[0], "se": self.mean[1]})
        rows.append({"measure": "pro-poor growth", "estimate": self.poor_rate})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print some percentiles, in "zh" or "en"."""
        lang = lang or language()
        shown = [p for p in self.table.index if p in SHOWN] or list(self.table.index)
        head = ("", *(f"{p:g}" for p in shown), say("growth.mean", lang))
        rates = [*self.table.loc[shown, "growth"], self.mean[0]]
        spread = [*self.table.loc[shown, "se"], self.mean[1]]
        rows = [
            (say("growth.growth", lang), *(_per_cent(rate) for rate in rates)),
            ("", *(f"({_per_cent(one)})" for one in spread)),
        ]
        notes = (self._poor(lang),) if math.isfinite(self.poor_rate) else ()
        title = say("growth.title", lang, start=self.start, end=self.end, unit=self._unit(lang))
        return Summary((Grid(title, head, tuple(rows), notes),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the curve is and how sure it is."""
        lang = lang or language()
        words = {"start": self.start, "end": self.end, "mean": _per_cent(self.mean[0]), "unit": self._unit(lang)}
        sentences = [say("growth.meaning", lang, **words)]
        if math.isfinite(self.poor_rate):
            sentences.append(self._poor(lang))
        if self.totals is None:
            sentences.append(say("decompose.no_errors", lang))
        else:
            sentences += asked_and_used(self.totals, lang)
        return say("poverty.sentence_joint", lang).join(sentences)

    def plot(self, *, lang: Lang | None = None, title: str | None = None, source: str | None = None) -> "Figure":
        """Draw growth over percentiles beside that of the mean.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own.
        """
        from povstats.viz import charts

        lang = lang or language()
        frame = self.table.reset_index(names="x").rename(columns={"growth": "estimate"}).assign(group="")
        return charts.share_curves(
            frame[["group", "x", "estimate", "low", "high"]],
            x_label=say("curves.axis_p", lang),
            percent=True,
            level=(self.mean[0], say("growth.of_mean", lang, value=_per_cent(self.mean[0]))),
            lang=lang,
            title=title or say("growth.headline", lang, start=self.start, end=self.end),
            unit=self._unit(lang),
            source=source or "povstats",
        )

    def _unit(self, lang: Lang) -> str:
        return say("growth.yearly" if self.years != 1 else "growth.whole", lang)

    def _poor(self, lang: Lang) -> str:
        words = {"rate": _per_cent(self.poor_rate), "until": f"{100 * self.poor_until:.1f}"}
        return say("growth.poor", lang, **words)


def _per_cent(value: float) -> str:
    return "—" if not math.isfinite(value) else f"{100 * value:.2f}"


def growth_incidence(
    table: Table,
    welfare: str,
    *,
    period: tuple[str, Any, Any],
    line: float | None = None,
    points: Sequence[float] = PERCENTILES,
    design: Design | None = None,
    size: str | None = None,
) -> GrowthIncidence:
    r"""Estimate the growth incidence curve between two dates.

    .. math:: g(p) = \Big( \frac{q_1(p)}{q_0(p)} \Big)^{1/n} - 1, \qquad
        \text{rate of pro-poor growth} = \frac{1}{H_0} \int_0^{H_0} g(p)\, dp

    with q the quantile functions and n the years between numeric dates (1 where dates are words). The integral is the
    mean over the points up to the first date's headcount. Errors are by the delta method from the linearised quantiles
    of both dates and their covariance.

    Parameters
    ----------
    table, welfare, design, size : as for `povstats.decompose`; welfare at the same prices at both dates, above zero.
    period : the column of the dates, and the first and last. line : for the rate of the poor.
    points : shares of the population, rising.

    Returns
    -------
    GrowthIncidence
        Growth by percentile with 95 per cent intervals, of the mean, and of the poor.

    Raises
    ------
    OptionError, DataError
        As `povstats.decompose`; where a quantile is not above zero.

    Source
    ------
    Ravallion and Chen (2003), Economics Letters 78.
    """
    grid = rising_shares("points", points)
    frame, column = two_dates(table, period)
    asked = without_line(welfare, column, design, size)
    found = estimated_together(frame.to_native(), asked, [mean_measure, *(quantile_measure(p) for p in grid)])
    at = places(list(found[0].estimate.index), period)
    years = _years(period)
    rates = [_rate(one, at, years) for one in found]
    t = quantile_of_t(float(found[0].df.iloc[at].min()))
    made = pd.DataFrame(rates[1:], columns=["growth", "se"], index=pd.Index(grid, name="p"))
    made = made.assign(low=made["growth"] - t * made["se"], high=made["growth"] + t * made["se"])
    until, rate = math.nan, math.nan
    if line is not None:
        poor = headcount(frame.to_native(), welfare, line, by=column, design=design, size=size).estimate
        until, rate = rate_of_poor(made["growth"], float(poor.iloc[at[0]]))
    return GrowthIncidence(made, rates[0], years, str(period[1]), str(period[2]), until, rate, found[0])


def rate_of_poor(growth: pd.Series, until: float) -> tuple[float, float]:
    """Give the share of the poor, and the mean of growth over the points up to it."""
    held = growth[growth.index <= until]
    return until, float(held.mean()) if len(held) else math.nan


def _years(period: tuple[str, Any, Any]) -> float:
    try:
        years = float(period[2]) - float(period[1])
    except (TypeError, ValueError):
        return 1.0
    if years <= 0:
        raise OptionError(f"period={period!r} must go forward in time")
    return years


def _rate(found: Estimates, at: list[int], years: float) -> tuple[float, float]:
    first, last = (float(found.estimate.iloc[i]) for i in at)
    if not (first > 0 and last > 0):
        raise DataError(f"{found.measure} is {min(first, last):g} at a date; growth needs it above zero")
    a, b = at
    own, joint, other = covariances(found, found, [(a, a), (a, b), (b, b)])
    # d log g = (d log q1 − d log q0) / n.
    variance = own / first**2 - 2 * joint / (first * last) + other / last**2
    ratio = (last / first) ** (1 / years)
    return ratio - 1, ratio / years * math.sqrt(max(variance, 0.0))
