"""Poverty and inequality: who is poor, how many, how far below the line, how unequal, how sure; and how it moves.

Floor 2. May use engine (sums and order of rows), survey (designs), contracts (tidy frames), viz (charts of a trend),
words. Who is poor is said in `poor.py` and nowhere else; rows never leave the engine, the variance works on totals of
PSUs. A measure is row expressions, a finisher and an influence function in one file of `measures/` or `inequality/`;
`lines/` has what a line may be; a trend (`trends/`) follows stated numbers and estimates nothing.
Second route: R's survey package (tests/reference/make_poverty*.R), the published answers of laeken and convey, closed
forms, laws of the measures, simulated coverage; for trends, rates that published series state.
"""

from povstats.poverty.curves.dominating import Dominance, dominance
from povstats.poverty.curves.drawn_curve import Curve
from povstats.poverty.curves.ordinates import lorenz, pens_parade, tip_curve
from povstats.poverty.decompositions.asked_parts import decompose
from povstats.poverty.decompositions.by_group import Decomposition
from povstats.poverty.decompositions.elasticities import growth_elasticity
from povstats.poverty.decompositions.incidence_of_growth import GrowthIncidence, growth_incidence
from povstats.poverty.decompositions.over_time import Change
from povstats.poverty.differences import Difference, difference
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.inequality.entropy import atkinson, generalized_entropy, mld, theil
from povstats.poverty.inequality.location import mean, median, quantile
from povstats.poverty.inequality.ranks import gini, s_gini
from povstats.poverty.inequality.ratios import palma, quantile_ratio, share_ratio
from povstats.poverty.lines.equivalence import equivalised
from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.lines.relative import relative_line
from povstats.poverty.lines.standards import OfficialLine, line
from povstats.poverty.lines.terms import TermLines, TermRule, zhejiang_line
from povstats.poverty.lines.written import written_line
from povstats.poverty.lorenz_fits import Grouped, grouped
from povstats.poverty.measures.depth import income_gap, median_gap, poor_median
from povstats.poverty.measures.log_shortfalls import watts
from povstats.poverty.measures.ranked_shortfalls import sen, sst
from povstats.poverty.measures.shortfalls import fgt, headcount, poverty_gap, poverty_severity
from povstats.poverty.profiles import MAKERS, USUAL, Profile, poverty_profile
from povstats.poverty.trends.result import Trend
from povstats.poverty.trends.trend import trend

PROFILED = tuple(MAKERS)
"""Measures that a profile may have."""

__all__ = [
    "PROFILED",
    "USUAL",
    "Change",
    "Curve",
    "Decomposition",
    "Definition",
    "Difference",
    "Dominance",
    "EstimatedLine",
    "Estimates",
    "Grouped",
    "GrowthIncidence",
    "OfficialLine",
    "Profile",
    "TermLines",
    "TermRule",
    "Trend",
    "atkinson",
    "decompose",
    "difference",
    "dominance",
    "equivalised",
    "fgt",
    "generalized_entropy",
    "gini",
    "grouped",
    "growth_elasticity",
    "growth_incidence",
    "headcount",
    "income_gap",
    "line",
    "lorenz",
    "mean",
    "median",
    "median_gap",
    "mld",
    "palma",
    "pens_parade",
    "poor_median",
    "poverty_gap",
    "poverty_profile",
    "poverty_severity",
    "quantile",
    "quantile_ratio",
    "relative_line",
    "s_gini",
    "sen",
    "share_ratio",
    "sst",
    "theil",
    "tip_curve",
    "trend",
    "watts",
    "written_line",
    "zhejiang_line",
]
