"""Making everything again: notebooks, exhibits, pages, and the comparison with what was accepted.

Floor 4. May start kernels and write build/; figures/, README.md and the notebooks' twins change by `--accept`
alone. It is handed the exhibits (by the command line), so that it knows no subject.
Second route: `compare.py` holds every number against figures/, which git keeps.
"""

from povstats.reproduce.compare import Difference
from povstats.reproduce.execute import Failure
from povstats.reproduce.plan import Plan, find_checkout, make_plan
from povstats.reproduce.run import Report, reproduce

__all__ = ["Difference", "Failure", "Plan", "Report", "find_checkout", "make_plan", "reproduce"]
