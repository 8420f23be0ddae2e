"""Tables: frames and a language in, one table in four file formats out.

Floor 1b. The only room that touches maketables, great_tables and python-docx, and only while it writes; it
may use contracts, words, files and errors, and is handed frames or objects with `tidy()`.
"""

from povstats.tables.names import names_elsewhere
from povstats.tables.shapes import regression_table
from povstats.tables.table import Below, Table

__all__ = ["Below", "Table", "names_elsewhere", "regression_table"]
