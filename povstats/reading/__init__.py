"""Files as people have them: read with their labels and encodings, described in a codebook, mapped by a recipe.

Floor 1. The only room that touches pyreadstat and openpyxl; it gives pandas frames to the others, and knows contracts.
"""

from povstats.reading.codebook import Codebook
from povstats.reading.read import read
from povstats.reading.reading import Reading

__all__ = ["Codebook", "Reading", "read"]
