"""Small areas: poverty by village from a hierarchical model, for a census or a frame; each household's chance of it.

Floor 3. May use models (a fit, its rows, its refits), poverty (how well a chance tells the poor apart), survey and viz;
opens tables through the engine and runs none of it. Poor is a household below the line, as in poverty. Checked by laws,
by numerical integration, and by simulations in which the true headcounts are known (tests/smallarea).
"""

from povstats.smallarea.expected_poverty.calibrated import Calibration
from povstats.smallarea.expected_poverty.result import Vulnerability
from povstats.smallarea.expected_poverty.vulnerable import vulnerability
from povstats.smallarea.headcount import predicted_headcount
from povstats.smallarea.result import SmallArea

__all__ = ["Calibration", "SmallArea", "Vulnerability", "predicted_headcount", "vulnerability"]
