"""Column names: every column has one of its own, or the file is refused with the places."""

from collections import Counter
from collections.abc import Callable, Sequence

from povstats.errors import DataError


def check_names(
    file: str, names: Sequence[str], place: Callable[[int], str] = lambda column: f"column {column + 1}"
) -> None:
    """Refuse columns without a name, and names that occur twice.

    Parameters
    ----------
    file : the file's name. names : the columns' names. place : says where the column at a position (from 0) is.

    Raises
    ------
    DataError
        With all places.
    """
    bare = [place(i) for i, name in enumerate(names) if not name.strip()]
    if bare:
        raise DataError(
            f"{file}: {', '.join(bare)} {'has' if len(bare) == 1 else 'have'} no name, though there are values below; "
            "give every column one name in one row (a heading over several columns is no name)"
        )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    twice = {name: [place(i) for i, other in enumerate(names) if other == name] for name in repeated}
    if twice:
        listed = "; ".join(f"{name!r} in {', '.join(places)}" for name, places in twice.items())
        raise DataError(f"{file}: column names occur more than once: {listed}; give every column a name of its own")
