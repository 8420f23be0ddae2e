"""Trend: a series by group, cut where its definition breaks, with what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, allowed
from povstats.poverty.trends.metrics import RATES, between, quantities
from povstats.poverty.trends.rows import Asked, Measure
from povstats.poverty.trends.times import Clock, moment
from povstats.poverty.trends.towards import elasticities, pace
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.viz import Figure

Kind = Literal["lines", "slope", "dumbbell", "stacked", "multiples"]
KINDS: tuple[Kind, ...] = ("lines", "slope", "dumbbell", "stacked", "multiples")


@dataclass(frozen=True, eq=False, repr=False)
class Trend(Printed):
    """A series by group.

    Parameters
    ----------
    measure : "share" (0–1), "count" or "amount": what `value` is.
    table : one row a group and time, in order: group ("" for the whole), time (years; NaN where not printed), label
        (as printed), value, numerator, denominator, population (the denominator, or implied: numerator / share; NaN
        at a share of 0), segment (from 1), basis (the break columns' values), changed (what breaks at this row).
    metrics : one row a group, segment and quantity; see `povstats.poverty.trends.metrics.between`.
    asked : the columns.
    clock : "year", "date", or "" where no time is printed.
    """

    measure: Measure
    table: pd.DataFrame
    metrics: pd.DataFrame
    asked: Asked
    clock: Clock

    def growth(
        self, start: object, end: object, by: object | None = None, *, across_breaks: bool = False
    ) -> pd.DataFrame:
        """Compute the metrics between two times of a series.

        Parameters
        ----------
        start, end : times of the table: a year, a date, or the label of a time that is not printed.
        by : one group; None for all, which must then all have both times.
        across_breaks : True computes over a break of definition all the same.

        Returns
        -------
        DataFrame
            Columns group, quantity, start, end, the metrics, reason (as in `metrics`), and crossed: what changed
            between the two times, "" for nothing.

        Raises
        ------
        DataError
            Where a time or group is not in the table, a label occurs twice, `end` is not after `start`, or the
            definition breaks in between; the message says what changed.
        """
        groups = list(dict.fromkeys(self.table["group"]))
        if by is not None and str(by) not in groups:
            raise DataError(f"by={by!r} is no group of this trend, which has: {', '.join(groups[:12])}")
        rows = []
        for group in groups if by is None else [str(by)]:
            part = self.table[self.table["group"] == group]
            first, last = _place(part, start), _place(part, end)
            if last <= first:
                raise DataError(f"end={end!r} is not after start={start!r}; give the earlier time first")
            crossed = _crossed(part, first, last)
            if crossed and not across_breaks:
                raise DataError(
                    f"between {start} and {end} the definition changes{f' in {group!r}' if group else ''} ({crossed}), "
                    "so the two values do not measure the same; choose times on one side, or say across_breaks=True"
                )
            pairs = [
                between(part.iloc[first], part.iloc[last], quantity, column)
                for quantity, column in quantities(self.table, self.measure).items()
                if part[column].iloc[[first, last]].notna().all()
            ]
            rows += [{"group": group, **pair, "crossed": crossed} for pair in pairs]
        return pd.DataFrame(rows)

    def elasticity(self, of_growth: "Trend", start: object, end: object) -> pd.DataFrame:
        r"""Give the elasticity of this series to another, such as income a head, between two times.

        .. math:: \text{elasticity} = \frac{\ln(v_1/v_0)}{\ln(x_1/x_0)}, \quad
            \text{arc} = \frac{(v_1-v_0)/(v_0+v_1)}{(x_1-x_0)/(x_0+x_1)}, \quad
            \text{simple} = \frac{v_1/v_0-1}{x_1/x_0-1}, \quad \text{semi} = \frac{v_1 - v_0}{\ln(x_1/x_0)}

        Two points are an identity of the two, not an effect of growth.

        Parameters
        ----------
        of_growth : the trend of what grew: of one group, or of the same groups. start, end : as for `growth`.

        Returns
        -------
        DataFrame
            Columns group, start, end, growth, elasticity, arc, simple, semi_elasticity.

        Raises
        ------
        DataError
            As `growth`; where the other series is not above zero, does not change, or lacks a group.

        Source
        ------
        Ravallion and Chen (1997), World Bank Economic Review 11; Bourguignon (2003) on arc elasticities.
        """
        return elasticities(self.growth(start, end), of_growth.growth(start, end))

    def pace(
        self,
        target: float = 0.0,
        *,
        years: float | None = None,
        per_year: float | None = None,
        by: object | None = None,
    ) -> dict[str, float]:
        """Give the fall a year that a target needs within some years, or the years that a fall a year needs.

        Parameters
        ----------
        target : value to be reached, in the unit of the series. years or per_year : the one that is known.
        by : the group, where there are several.

        Returns
        -------
        dict
            last (value of the series), target, years, per_year, and the constant annual rate that leads there
            (missing for a target of zero, which no rate reaches).

        Raises
        ------
        OptionError
            Where both or neither are given, or the pace does not lead to the target.
        DataError
            Where the group is not named and there are several.
        """
        groups = list(dict.fromkeys(self.table["group"]))
        if by is None and len(groups) > 1:
            raise DataError(f"name one group by by=...: {', '.join(map(str, groups[:12]))}")
        part = self.table if by is None else self.table[self.table["group"] == str(by)]
        if not len(part):
            raise DataError(f"by={by!r} is no group of this trend, which has: {', '.join(map(str, groups[:12]))}")
        return pace(float(part["value"].iloc[-1]), target, years, per_year)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: every quantity at every time, then the metrics that are there.

        `term` holds the printed time, and for a metric the quantity and its two times.
        """
        rows: list[dict[str, object]] = []
        for quantity, column in quantities(self.table, self.measure).items():
            known = self.table[self.table[column].notna()]
            cells = zip(known["group"], known["label"], known[column], strict=True)
            rows += [{"measure": quantity, "group": g, "term": label, "estimate": v} for g, label, v in cells]
        for _, row in self.metrics.iterrows():
            term = f"{row['quantity']} {row['start']}–{row['end']}"
            rows += [
                {"measure": metric, "group": row["group"], "term": term, "estimate": row[metric]}
                for metric in RATES
                if metric not in ("first", "last") and pd.notna(row[metric])
            ]
        return tidy_frame(rows)

    def plot(
        self,
        kind: Kind = "lines",
        *,
        lang: Lang | None = None,
        title: str | None = None,
        unit: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw the series.

        Parameters
        ----------
        kind : "lines" and "multiples" (a small panel a group) draw every time and each break; "slope" and "dumbbell"
            the first and last time of each group; "stacked" counts by time, the groups being parts of a whole.
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        title : what is shown, without the unit; None names the column.
        unit : None is "%" for shares, else the column's name.
        source : where the data come from; None says that they are the caller's.
        labels : group to the words printed for it.
        notes : caveats, printed under the chart.

        Returns
        -------
        Figure

        Raises
        ------
        OptionError
            Where the kind is unknown, or cannot show this series: a slope or dumbbell over a break or with one time,
            a stack of shares.
        """
        from povstats.poverty.trends.drawn import Words, drawn

        allowed("kind", kind, KINDS)
        return drawn(self, kind, Words(lang or language(), title, unit, source, labels or {}, tuple(notes)))

    def summary(self, lang: str | None = None) -> Summary:
        """Give the metrics as a printed table, shares in per cent.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.trends.printed import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that defends the numbers: what is followed, how fast it moves, what breaks it.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.trends.explained import paragraph

        return paragraph(self, lang or language())


def _place(part: pd.DataFrame, when: object) -> int:
    """Find the row of a time: as it is printed, else as a year or date."""
    found = part["label"] == str(when)
    read = moment(when.strip() if isinstance(when, str) else when)
    if not found.any() and read is not None:
        found = part["time"] == read[0]
    places = [place for place, here in enumerate(found) if here]
    if len(places) == 1:
        return places[0]
    group = part["group"].iloc[0]
    where = f" in group {group!r}" if group else ""
    problem = f"is printed at {len(places)} rows" if places else "is no time of this trend"
    listed = ", ".join(label or "(not printed)" for label in part["label"].iloc[:12])
    raise DataError(f"{when!r} {problem}{where}, which has: {listed}")


def _crossed(part: pd.DataFrame, first: int, last: int) -> str:
    """Say what changes after row `first` up to row `last`."""
    changes = part.iloc[first + 1 : last + 1]
    changes = changes[changes["changed"] != ""]
    return "; ".join(f"{label}: {what}" for label, what in zip(changes["label"], changes["changed"], strict=True))
