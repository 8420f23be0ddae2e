"""Which columns have one value in each group."""

import numpy as np

from povstats.engine.cells import Array, Cells


def constant_within(cells: Cells, piece: str, group: str) -> bool:
    """Tell whether a piece has one value in each group of a grouping.

    Parameters
    ----------
    cells : the statistics of a fit. piece : an evaluated column. group : one of the model's groupings.
    """
    if piece not in cells.village:
        return False
    codes = cells.groupings[group].codes
    values: Array = cells.values[:, cells.village.index(piece)]
    first = np.empty(int(codes.max()) + 1)
    first[codes] = values
    return bool((first[codes] == values).all())
