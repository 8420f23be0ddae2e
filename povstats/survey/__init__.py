"""Survey: how the rows of a table were drawn, and what a design column must be.

Floor 1. May use engine, errors, words. Declares weights, strata and primary sampling units (PSUs), and
refuses columns that cannot play their part; estimates nothing.
Second route: the estimates that use a design are held against R's survey package (tests/poverty).
"""

from povstats.survey.design import LONELY, Design, Lonely
from povstats.survey.refusals import (
    missing_rows,
    require_column,
    require_complete,
    require_number,
    require_weights,
)

__all__ = [
    "LONELY",
    "Design",
    "Lonely",
    "missing_rows",
    "require_column",
    "require_complete",
    "require_number",
    "require_weights",
]
