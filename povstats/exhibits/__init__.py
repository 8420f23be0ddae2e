"""Exhibits: the project's figures and tables, each one registered maker(lang), one file a subject.

Floor 4. May use the public names of every room below. A subject's file declares makers with `@exhibit` and
shares its fits among them; nothing here writes files, that is reproduce's work.
Second route: the accepted numbers in figures/ (tests/test_figures.py).
"""

from povstats.exhibits.registry import Exhibit, everything, exhibit, find
from povstats.exhibits.showing import show

FRONT = ("vietnam-caterpillar", "vietnam-headcount", "s01-ganzhou", "s07-national-counts")
"""The exhibits whose pictures stand on the home page of the site, in this order."""


def manifest(id: str) -> dict[str, object]:
    """Give what is known of an exhibit unmade: title, maker, notebook, data, fingerprints of its inputs.

    Parameters
    ----------
    id : the exhibit's id.

    Raises
    ------
    OptionError
        Where no exhibit has the id.
    """
    return find(id).facts()


__all__ = ["FRONT", "Exhibit", "everything", "exhibit", "find", "manifest", "show"]
