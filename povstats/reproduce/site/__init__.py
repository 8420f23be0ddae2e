"""The pages: a site in each language, made by Sphinx of the executed notebooks, without the network.

Sphinx runs as a process of its own for each language, since it keeps its settings in module globals. It gets a folder
of sources written here (one notebook a language, a home page) and `conf.py`; what it makes is moved to build/pages/.
Second route: `tests/reproduce/test_site.py` reads every page's links and searches the index as a browser does.
"""

from povstats.reproduce.site.build import build_site
from povstats.reproduce.site.story import in_language

__all__ = ["build_site", "in_language"]
