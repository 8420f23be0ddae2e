"""Specifications that come with povstats, found by name in data/specs."""

from pathlib import Path

from povstats.errors import OptionError
from povstats.files import data_file


def shipped_spec(name: str) -> Path:
    """Find a specification by its name, such as "guizhou".

    Raises
    ------
    OptionError
        Where there is none of that name; the message lists those that there are.
    """
    known = {path.stem: path for path in sorted(data_file("specs").glob("*.yaml"))}
    if name not in known:
        raise OptionError(
            f"there is no specification {name!r}; there are {', '.join(known)}, and one's own is a .yaml file"
        )
    return known[name]
