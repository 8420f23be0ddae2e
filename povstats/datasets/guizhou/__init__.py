"""The synthetic survey of the Guizhou study: what the text gives, what it does not, and the draw that joins the two.

targets.py holds what is printed, assumptions.py every number that is not; generator.py draws, items.py the forms of
social capital, fixed_point.py meets the printed means; margins.py and assumed.py report. The survey is a stand-in to
teach and to test the method with: it says nothing of Guizhou.
"""

from povstats.datasets.guizhou.assumed import GuizhouAssumed, guizhou_assumptions
from povstats.datasets.guizhou.assumptions import GuizhouAssumptions
from povstats.datasets.guizhou.generator import guizhou_effects, guizhou_synthetic
from povstats.datasets.guizhou.margins import GuizhouMargins, guizhou_margins

__all__ = [
    "GuizhouAssumed",
    "GuizhouAssumptions",
    "GuizhouMargins",
    "guizhou_assumptions",
    "guizhou_effects",
    "guizhou_margins",
    "guizhou_synthetic",
]
