"""Pictures: frames and a language in, a figure with its numbers out.

Floor 1b. The only room that touches matplotlib; it may use words, files and errors, and is handed frames,
never results or tables of the engine. matplotlib loads with the first chart, not with this door.
"""

from povstats.viz import charts
from povstats.viz.figure import Figure

__all__ = ["Figure", "charts"]
