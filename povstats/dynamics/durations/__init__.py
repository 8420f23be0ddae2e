"""Durations: how long poverty lasts, and how long it stays away: Kaplan–Meier curves of exit and of return.

A room of dynamics. Second routes: statsmodels' SurvfuncRight, R's survival with weights and clusters
(tests/reference/make_survival.R), hand-made panels.
"""

from povstats.dynamics.durations.estimate import survival
from povstats.dynamics.durations.product_limit import OF, Of, curve_of
from povstats.dynamics.durations.result import Survival

__all__ = ["OF", "Of", "Survival", "curve_of", "survival"]
