"""Poverty: who is poor, how many, how far below the line, and how sure that is; and how it moves over time.

Floor 2. May use engine (sums of rows), survey (designs), contracts (tidy frames), viz (charts of a trend), words.
Who is poor is said in `fgt.py` and nowhere else; rows never leave the engine, the variance works on totals of PSUs.
A trend (`trends/`) follows stated numbers and estimates nothing.
Second route: R's survey package (tests/reference/make_poverty.R), laws of the measures, simulated coverage; for
trends, rates that published series state.
"""

from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.fgt import headcount, poverty_gap
from povstats.poverty.trends.result import Trend
from povstats.poverty.trends.trend import trend

__all__ = ["Definition", "Estimates", "Trend", "headcount", "poverty_gap", "trend"]
