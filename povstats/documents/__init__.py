"""Documents: the quantities of five collections of Chinese texts on poverty work, and series made of them.

Floor 2. May use errors, words, files, printing. Every number comes from data/documents/facts.csv by its id. To add a
series: a file in data/documents/series, and words for what it names in labels.toml; no code.
"""

from povstats.documents.derived import Derived
from povstats.documents.load import facts, series
from povstats.documents.record import ROLES, DocumentSeries, SeriesWords, part_words

__all__ = ["ROLES", "Derived", "DocumentSeries", "SeriesWords", "facts", "part_words", "series"]
