"""Planning a survey: how many villages and households a coefficient needs, by simulated surveys.

A plan comes from a pilot fit (pilot.py) or from assumptions (assumed.py); predictors are drawn (predictors.py), whole
surveys are fitted from their cross-products (replicates.py), and the verb is in power.py. Checked against the
noncentral t and against fit_hlm on the same rows.
"""

from povstats.models.planning.assumed import Assumed
from povstats.models.planning.power import simulate_power
from povstats.models.planning.power_result import PowerResult

__all__ = ["Assumed", "PowerResult", "simulate_power"]
