"""Estimates: the answer of a poverty measure, with all that is needed to defend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Summary
from povstats.survey import Design
from povstats.words import language


@dataclass(frozen=True)
class Definition:
    """What was asked: the columns, the line and the boundary.

    Parameters
    ----------
    welfare : column of income or consumption.
    line : the poverty line, in the unit of `welfare`.
    poor : "<" or "<=": whether a row on the line is poor.
    by : column of the groups; None for the whole.
    size : column of the persons of a row; None where rows count by the design's weights alone.
    design : weights, strata and PSUs.
    """

    welfare: str
    line: float
    poor: Literal["<", "<="]
    by: str | None
    size: str | None
    design: Design


@dataclass(frozen=True)
class RowCount:
    """What became of the rows.

    Parameters
    ----------
    read, used : rows of the table, and rows in the estimate.
    dropped : rows left out because the column is missing, by column.
    zero, negative : rows used whose welfare is zero or below.
    """

    read: int
    used: int
    dropped: Mapping[str, int]
    zero: int
    negative: int


@dataclass(frozen=True, eq=False, repr=False)
class Estimates:
    """A measure by group, with standard errors. Every Series has the groups as its index ("" for the whole).

    Parameters
    ----------
    measure : "headcount" or "poverty_gap".
    estimate : shares, 0–1 (a negative welfare can take a gap above 1).
    se : standard errors by linearisation.
    df : PSUs minus strata, both counted where the group has rows of positive weight.
    low, high : ends of the 95 per cent interval.
    n : rows used.
    population : sum of weights (× size), the denominator.
    reason : why a standard error or interval is missing: "empty" (no weight in the group), "one_psu" (the
        group lies in one PSU), "no_df" (no degrees of freedom), "edge" (estimate 0 or 1), "no_spread"
        (standard error 0); else "".
    interval : "logit" or "wald", both with quantiles of Student's t.
    definition : what was asked.
    rows : what became of the rows.
    psus, strata : size of the whole sample; without a PSU column every row is one.
    """

    measure: Literal["headcount", "poverty_gap"]
    estimate: pd.Series
    se: pd.Series
    df: pd.Series
    low: pd.Series
    high: pd.Series
    n: pd.Series
    population: pd.Series
    reason: pd.Series
    interval: Literal["logit", "wald"]
    definition: Definition
    rows: RowCount
    psus: int
    strata: int

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a row of the measure a group, then a row "nobs" a group."""
        groups = [str(level) for level in self.estimate.index]
        numbers = ("estimate", "se", "df", "low", "high")
        rows: list[dict[str, object]] = [
            {
                "measure": self.measure,
                "group": group,
                **{name: getattr(self, name).iloc[i] for name in numbers},
            }
            for i, group in enumerate(groups)
        ]
        rows += [{"measure": "nobs", "group": group, "estimate": n} for group, n in zip(groups, self.n, strict=True)]
        return tidy_frame(rows)

    def summary(self, lang: str | None = None) -> Summary:
        """Give the estimates as a printed table, in per cent.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.printed import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that defends the numbers: who is counted, who is poor, which rows, how sure.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.explained import paragraph

        return paragraph(self, lang or language())

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Give the estimates as an HTML table for notebooks."""
        return self.summary()._repr_html_()
