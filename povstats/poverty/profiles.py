"""poverty_profile: several measures on one table, whose rows are checked and ordered once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.poverty.estimate import Estimates
from povstats.poverty.estimation import Maker, one_estimate
from povstats.poverty.inequality.entropy import entropy_measure
from povstats.poverty.inequality.location import mean_measure
from povstats.poverty.inequality.ranks import gini_measure
from povstats.poverty.lines.stated import Line
from povstats.poverty.measures.depth import income_gap_measure
from povstats.poverty.measures.log_shortfalls import watts_measure
from povstats.poverty.measures.ranked_shortfalls import sen_measure, sst_measure
from povstats.poverty.measures.shortfalls import fgt_measure
from povstats.poverty.poor import Poor, defined, without_line
from povstats.poverty.rows import checked_rows
from povstats.printing import Printed, Summary
from povstats.survey import Design
from povstats.words import language

MAKERS: Mapping[str, Callable[[], Maker]] = {
    "headcount": lambda: fgt_measure(0),
    "poverty_gap": lambda: fgt_measure(1),
    "poverty_severity": lambda: fgt_measure(2),
    "income_gap": lambda: income_gap_measure,
    "watts": lambda: watts_measure,
    "sen": lambda: sen_measure,
    "sst": lambda: sst_measure,
    "gini": lambda: gini_measure,
    "theil": lambda: entropy_measure(1.0),
    "mld": lambda: entropy_measure(0.0),
    "mean": lambda: mean_measure,
}
UNLINED = ("gini", "theil", "mld", "mean")
"""Measures that have no line."""
USUAL = ("headcount", "poverty_gap", "poverty_severity", "gini")


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Printed):
    """Several measures by group.

    Parameters
    ----------
    estimates : by the name of the measure, as its own verb gives them.
    """

    estimates: Mapping[str, Estimates]

    def __getitem__(self, measure: str) -> Estimates:
        """Give the estimates of one measure.

        Raises
        ------
        OptionError
            Where the profile does not have it.
        """
        if measure not in self.estimates:
            raise OptionError(f"the profile has no {measure!r}; it has {', '.join(self.estimates)}")
        return self.estimates[measure]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rows of every measure, then a row "nobs" a group."""
        frames = [one.tidy() for one in self.estimates.values()]
        measures = [frame[frame["measure"] != "nobs"] for frame in frames]
        return pd.concat([*measures, frames[0][frames[0]["measure"] == "nobs"]], ignore_index=True)

    def summary(self, lang: str | None = None) -> Summary:
        """Give the measures side by side, standard errors in brackets.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.profiles_told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that defends the numbers: what is common to all measures, and the meaning of each.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.profiles_told import paragraph

        return paragraph(self, lang or language())


def poverty_profile(
    table: Table,
    welfare: str,
    line: Line,
    measures: Sequence[str] = USUAL,
    *,
    by: str | None = None,
    design: Design | None = None,
    poor: Poor = "<",
    size: str | None = None,
) -> Profile:
    """Estimate several measures of poverty and inequality at once, as by their own verbs.

    Parameters
    ----------
    table : as for `fgt`.
    welfare : column of income or consumption, as for `fgt`.
    line : the poverty line, as for `fgt`; measures of inequality do not look at it.
    measures : their names, of "headcount", "poverty_gap", "poverty_severity", "income_gap", "watts", "sen", "sst",
        "gini", "theil", "mld", "mean".
    by : column of the groups to estimate apart.
    design : how the sample was drawn; None takes the rows for a simple random sample.
    poor : "<" takes a row that sits on the line for not poor, "<=" for poor.
    size : column of the persons of a row's household, as for `fgt`.

    Returns
    -------
    Profile
        `profile["gini"]` is what `gini` gives.

    Raises
    ------
    OptionError
        Where a measure is not on the list, or as `fgt`.
    DataError
        As the measures.

    Source
    ------
    As the measures. Ravallion (1994), Poverty Comparisons, on profiles.
    """
    unknown = [name for name in measures if name not in MAKERS]
    if isinstance(measures, str) or unknown or not measures:
        raise OptionError(f"measures={measures!r} must be some of {', '.join(MAKERS)}")
    asked = defined(welfare, line, by, design, poor, size)
    unlined = without_line(welfare, by, design, size)
    rows = checked_rows(table, asked)
    made = {}
    for name in dict.fromkeys(measures):
        made[name] = one_estimate(rows, unlined if name in UNLINED else asked, MAKERS[name]())
    return Profile(made)
