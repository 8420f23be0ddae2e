"""EstimatedLine: a poverty line that the sample itself gives, with what it does to the standard error of a measure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.forms import Expressions, Sums
from povstats.engine.layout import Floats
from povstats.errors import OptionError
from povstats.printing import Printed, Summary
from povstats.words import language

if TYPE_CHECKING:
    from povstats.poverty.estimate import Definition, Estimates

SAME = 1e-9
"""Sums of the same rows, in another order or engine, differ less than this."""


@dataclass(frozen=True, eq=False, repr=False)
class EstimatedLine(Printed):
    r"""A share of a median or mean, estimated from a sample.

    Parameters
    ----------
    value : the line, in the unit of welfare.
    share, of : the share, and "median" or "mean".
    statistic : the estimated median or mean with its own standard error.
    expressions, gradient : the influence function of the line, as row expressions and their factors.
    sums : the expressions' weighted sums: by them a measure knows the same rows again.
    se : standard error of the line.
    density : density of welfare at the median; missing for the mean.
    replicates : the line in every replicate of the design, where it has any.
    independent : whether the line comes from another, independent sample than the measures that use it.
    """

    value: float
    share: float
    of: str
    statistic: "Estimates"
    expressions: Expressions
    gradient: Mapping[str, float]
    sums: Mapping[str, float]
    se: float
    density: float
    replicates: Floats | None = None
    independent: bool = False

    def __float__(self) -> float:
        """Give the line as a plain number, known without error."""
        return self.value

    def from_another_sample(self) -> "EstimatedLine":
        """Say that the line comes from an independent sample, such as last year's line for this year's sample.

        The line's variance is then added, without covariance.
        """
        return replace(self, independent=True)

    def replicate(self, r: int) -> float:
        """Give the line in a replicate.

        Raises
        ------
        OptionError
            Where it has none: the line was estimated with another design.
        """
        if self.independent:
            raise OptionError("a line from another sample does not move with this sample's replicates; use float(line)")
        if self.replicates is None or r >= len(self.replicates):
            raise OptionError("the line was estimated without these replicates; give relative_line the same design")
        return float(self.replicates[r])

    def refuse_others(self, sums: Sums, asked: "Definition") -> None:
        """Refuse a measure on other rows, weights or columns than the line's.

        Raises
        ------
        OptionError
            Where they differ.
        """
        own = self.statistic.definition
        for role, ours, theirs in (
            ("welfare", own.welfare, asked.welfare),
            ("size", own.size, asked.size),
            ("design", own.design, asked.design),
        ):
            if ours != theirs:
                raise OptionError(
                    f"the line was estimated with {role}={ours!r}, the measure asks for {theirs!r}; estimate both "
                    "alike, or give float(line) to take the line as known"
                )
        for name, value in self.sums.items():
            if not math.isclose(float(sums[name].sum()), value, rel_tol=SAME, abs_tol=SAME):
                raise OptionError(
                    "the line was estimated on other rows than the measure; use by= for groups and not a filtered "
                    "table, or say line.from_another_sample(), or give float(line) to take the line as known"
                )

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the line, and the statistic that it is a share of."""
        found = self.statistic.tidy()
        row = found.iloc[0].to_dict() | {"measure": "line", "term": f"{self.share:g} {self.of}"}
        scaled: dict[str, Any] = {name: self.share * row[name] for name in ("low", "high")}
        return tidy_frame([row | scaled | {"estimate": self.value, "se": self.se}, *found.to_dict("records")])

    def describe(self, lang: str) -> str:
        """Say the line in one clause.

        Parameters
        ----------
        lang : "zh" or "en".
        """
        from povstats.poverty.lines.told import described

        return described(self, lang)

    def summary(self, lang: str | None = None) -> Summary:
        """Give the line as a printed table.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.lines.told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that defends the line: of what it is a share, among whom, and how sure it is.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.lines.told import paragraph

        return paragraph(self, lang or language())
