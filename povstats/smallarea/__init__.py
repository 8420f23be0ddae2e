"""Small areas: poverty by village, predicted from a hierarchical model for the households of a census or a frame.

Floor 3. May use models (a fit, its rows, its refits), survey and viz; opens tables through the engine and runs none of
it. Poor is a household below the line, as in poverty. Checked by laws, by numerical integration, and by simulations in
which the true headcounts are known (tests/smallarea).
"""

from povstats.smallarea.headcount import predicted_headcount
from povstats.smallarea.result import SmallArea

__all__ = ["SmallArea", "predicted_headcount"]
