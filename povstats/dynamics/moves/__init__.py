"""Moves: who enters poverty and who leaves it from one wave to the next, and who is lost from sight.

A room of dynamics. Second routes: hand-made panels, a plain pandas computation, R's survey (tests/dynamics).
"""

from povstats.dynamics.moves.matrix import transitions
from povstats.dynamics.moves.result import Transitions

__all__ = ["Transitions", "transitions"]
