"""Estimates: the answer of a measure, with all that is needed to defend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Printed, Summary
from povstats.survey import Design
from povstats.words import language

if TYPE_CHECKING:
    from povstats.poverty.differences import Difference
    from povstats.poverty.influence import Influence


@dataclass(frozen=True)
class Definition:
    """What was asked: the columns, the line and the boundary.

    Parameters
    ----------
    welfare : column of income or consumption.
    line : the poverty line, in the unit of `welfare`; None where the measure has none.
    poor : "<" or "<=": whether a row on the line is poor.
    by : column of the groups; None for the whole.
    size : column of the persons of a row; None where rows count by the design's weights alone.
    design : weights, strata and PSUs.
    origin : the object that gave the line, where it was no plain number.
    nonpositive : "fail" or "drop": what happens to welfare that the measure cannot take.
    others : further columns of numbers that a measure needs, complete: pairs of the part a column plays and its name.
    """

    welfare: str
    line: float | None
    poor: Literal["<", "<="]
    by: str | None
    size: str | None
    design: Design
    origin: Any = None
    nonpositive: Literal["fail", "drop"] = "fail"
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RowCount:
    """What became of the rows.

    Parameters
    ----------
    read, used : rows of the table, and rows in the estimate.
    dropped : rows left out because the column is missing, by column.
    zero, negative : rows used whose welfare is zero or below.
    left_out : rows left out because the measure is not defined for their welfare (nonpositive="drop").
    """

    read: int
    used: int
    dropped: Mapping[str, int]
    zero: int
    negative: int
    left_out: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Estimates(Printed):
    """A measure by group, with standard errors. Every Series has the groups as its index ("" for the whole).

    Parameters
    ----------
    measure : its name, such as "headcount".
    estimate : values; shares are 0–1 (a negative welfare can take a gap above 1).
    se : standard errors by the design.
    df : PSUs minus strata, both counted where the group has rows of positive weight; of replicates their own.
    low, high : ends of the 95 per cent interval.
    n : rows used.
    population : sum of weights (× size), the denominator of a mean.
    reason : why a standard error or interval is missing: "empty" (no weight in the group), "not_defined" (the measure
        has no value there), "one_psu" (the group lies in one PSU), "no_df" (no degrees of freedom), "edge" (estimate 0
        or 1), "no_spread" (standard error 0); else "".
    interval : "logit" or "wald", both with quantiles of Student's t; "woodruff" for quantiles; "none" of a full count.
    definition : what was asked.
    rows : what became of the rows.
    psus, strata : size of the whole sample; without a PSU column every row is one.
    unit : how a value prints: "share" in per cent, "index", "ratio", or "welfare".
    parameters : what distinguishes the measure from others of its name.
    influence : what is kept for differences and covariances.
    """

    measure: str
    estimate: pd.Series
    se: pd.Series
    df: pd.Series
    low: pd.Series
    high: pd.Series
    n: pd.Series
    population: pd.Series
    reason: pd.Series
    interval: str
    definition: Definition
    rows: RowCount
    psus: int
    strata: int
    unit: str = "share"
    parameters: Mapping[str, float] = field(default_factory=dict)
    influence: "Influence | None" = None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a row of the measure a group, then a row "nobs" a group."""
        groups = [str(level) for level in self.estimate.index]
        numbers = ("estimate", "se", "df", "low", "high")
        term = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        rows: list[dict[str, object]] = [
            {
                "measure": self.measure,
                "group": group,
                "term": term,
                **{name: getattr(self, name).iloc[i] for name in numbers},
            }
            for i, group in enumerate(groups)
        ]
        rows += [{"measure": "nobs", "group": group, "estimate": n} for group, n in zip(groups, self.n, strict=True)]
        return tidy_frame(rows)

    def covariance(self) -> pd.DataFrame:
        """Give the covariance matrix of the groups' estimates.

        Groups share PSUs, and an estimated line, so their estimates are not independent.

        Raises
        ------
        DataError
            Where every row is a PSU and the table is lazy: rows stayed in the engine.
        """
        from povstats.poverty.influence import covariances

        labels, size = self.estimate.index, len(self.estimate)
        found = covariances(self, self, [(i, j) for i in range(size) for j in range(size)])
        return pd.DataFrame(found.reshape(size, size), index=labels, columns=labels)

    def difference(self, first: Any, second: Any) -> "Difference":
        """Compare two groups: first minus second, with their covariance.

        Parameters
        ----------
        first, second : levels of `by`.
        """
        from povstats.poverty.differences import between_groups

        return between_groups(self, first, second)

    def summary(self, lang: str | None = None) -> Summary:
        """Give the estimates as a printed table; shares in per cent.

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

    def to_excel(self, path: str | Path, *, lang: str | None = None) -> Path:
        """Write a workbook whose estimates and standard errors are live formulas over the totals of PSUs.

        Parameters
        ----------
        path : the file, ending in .xlsx.
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.workbook import write_workbook

        return write_workbook(self, Path(path), lang or language())
