"""Dynamics: who leaves poverty, who returns, who stays; spells, hazards and chronic poverty in panels.

Floor 3. May use poverty (who is poor), models (formulas), survey (designs), engine (windows and sums), viz, tables.
Every verb opens the panel through `histories`; second routes are named at the doors of the rooms.
"""

from povstats.dynamics.discrete_time import HazardResult, hazard
from povstats.dynamics.durations import Survival, survival
from povstats.dynamics.lasting import Chronic, chronic
from povstats.dynamics.moves import Transitions, transitions
from povstats.dynamics.returns import ReturnRate, ReturnRates, return_rate, return_rates
from povstats.dynamics.runs import Spells, spells

__all__ = [
    "Chronic",
    "HazardResult",
    "ReturnRate",
    "ReturnRates",
    "Spells",
    "Survival",
    "Transitions",
    "chronic",
    "hazard",
    "return_rate",
    "return_rates",
    "spells",
    "survival",
    "transitions",
]
