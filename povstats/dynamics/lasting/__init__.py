"""Lasting poverty: who is poor for long, by rules and indices that differ in what they call long.

A room of dynamics. Second routes: the example of Foster (2009), hand-made panels, identities between the indices, and
the same panel in memory and in an engine (tests/dynamics).
"""

from povstats.dynamics.lasting.measured import chronic
from povstats.dynamics.lasting.result import Chronic

__all__ = ["Chronic", "chronic"]
