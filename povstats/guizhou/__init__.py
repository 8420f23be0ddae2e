"""The Guizhou study as one analysis: households' consumption on one form of social capital at a time.

Floor 3b. Uses the public names of the rooms below; takes a table with the columns of the contract "guizhou", of any
survey, and a Plan; every part is a small frozen result that prints, tabulates and draws itself in both languages.
"""

from povstats.guizhou.analysis import Analysis
from povstats.guizhou.plan import Plan

__all__ = ["Analysis", "Plan"]
