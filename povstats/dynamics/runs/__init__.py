"""Runs: spells of poverty and spells out of it, one row each, with how they begin and end.

A room of dynamics. Second routes: hand-made panels, and the same panel in memory and in an engine (tests/dynamics).
"""

from povstats.dynamics.runs.result import Spells
from povstats.dynamics.runs.table import spells

__all__ = ["Spells", "spells"]
