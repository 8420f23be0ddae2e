"""The Guizhou study as one analysis: households' consumption on one form of social capital at a time.

Floor 3b. Uses the public names of the rooms below; takes a table with the columns of the contract "guizhou", of any
survey, and a Plan; every part is a small frozen result that prints, tabulates and draws itself in both languages.
"""

from povstats.guizhou.analysis import Analysis
from povstats.guizhou.fixed_effects import fixed_readings
from povstats.guizhou.lines import derived_share
from povstats.guizhou.mean_treatments import treatments
from povstats.guizhou.noisy_means import mean_reliability
from povstats.guizhou.plan import Plan

__all__ = ["Analysis", "Plan", "derived_share", "fixed_readings", "mean_reliability", "treatments"]
