"""Discrete time: the hazard of exit or return by the age of the spell and by covariates, with or without frailty.

A room of dynamics. statsmodels fits what has no frailty, imported inside functions. Second routes: R's glm and lme4,
statsmodels, numerical integration, simulated panels with known hazards (tests/dynamics, benchmarks).
"""

from povstats.dynamics.discrete_time.model import hazard
from povstats.dynamics.discrete_time.result import HazardResult

__all__ = ["HazardResult", "hazard"]
