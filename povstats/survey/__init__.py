"""Survey: how the rows of a table were drawn, and what a design column must be.

Floor 1. May use engine, errors, words. Declares weights, strata, primary sampling units (PSUs), replicate
weights and full counts, and refuses columns that cannot play their part; estimates nothing.
Second route: the estimates that use a design are held against R's survey package (tests/poverty).
"""

from povstats.survey.design import LONELY, Design, Lonely
from povstats.survey.lazy_refusals import require_lazily
from povstats.survey.refusals import (
    missing_rows,
    require_column,
    require_complete,
    require_number,
    require_numbers,
    require_weights,
)
from povstats.survey.replication import Bootstrap, Replicates

__all__ = [
    "LONELY",
    "Bootstrap",
    "Design",
    "Lonely",
    "Replicates",
    "missing_rows",
    "require_column",
    "require_complete",
    "require_lazily",
    "require_number",
    "require_numbers",
    "require_weights",
]
