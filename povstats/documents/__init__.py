"""Documents: the quantities of five collections of Chinese texts on poverty work, and series made of them.

Floor 2. May use errors, words, files, printing. Every number comes from data/documents/facts.csv by its id; what the
text of the Guizhou study says of its models is in guizhou_statements.csv, with its quotes. To add a series: a file in
data/documents/series, and words for what it names in labels.toml; no code.
"""

from povstats.documents.derived import Derived
from povstats.documents.load import facts, series
from povstats.documents.record import ROLES, DocumentSeries, SeriesWords, part_words
from povstats.documents.statements import Statement, guizhou_statements, statement

__all__ = [
    "ROLES",
    "Derived",
    "DocumentSeries",
    "SeriesWords",
    "Statement",
    "facts",
    "guizhou_statements",
    "part_words",
    "series",
    "statement",
]
