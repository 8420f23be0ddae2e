"""A whole analysis as one pipeline: reads, checks, fits, and writes one folder that a colleague can run again.

Floor 4. Uses reading, contracts, models, poverty, tables and viz through their doors; numbers are made there. The room
is not called `study`: a module of that name would stand in the way of the verb `povstats.study`.
"""

from povstats.studies.progress import told
from povstats.studies.result import Study
from povstats.studies.run import BreachError, prepare, run, study
from povstats.studies.spec import Spec, read_spec

__all__ = ["BreachError", "Spec", "Study", "prepare", "read_spec", "run", "study", "told"]
