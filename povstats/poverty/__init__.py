"""Poverty: who is poor, how many, how far below the line, and how sure that is.

Floor 2. May use engine (sums of rows), survey (designs), contracts (tidy frames), words. Who is poor is said
in `fgt.py` and nowhere else; rows never leave the engine, the variance works on totals of PSUs.
Second route: R's survey package (tests/reference/make_poverty.R), laws of the measures, simulated coverage.
"""

from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.fgt import headcount, poverty_gap

__all__ = ["Definition", "Estimates", "headcount", "poverty_gap"]
