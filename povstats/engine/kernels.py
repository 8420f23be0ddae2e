"""Sums of products by cell, compiled; `add_apart` and `add_together` in moments.py are the same in array code.

A sum may be taken in several strands, which the processor adds up at once (`reassoc`): the result is the array code's
to rounding, and the same every time on one machine.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def add_by_cell(columns, scaled, ends, out):
    """Fill out[g, i, j] = Σ scaled_i columns_j over the rows of cell g.

    Parameters
    ----------
    columns, scaled : shape (k, n), the products of pieces, and these times the weights; rows lie by cell.
    ends : shape (G + 1,), where each cell starts, and the end.
    out : shape (G, k, k).
    """
    k = columns.shape[0]
    for g in range(out.shape[0]):
        first, after = ends[g], ends[g + 1]
        for i in range(k):
            x = scaled[i, first:after]
            for j in range(i, k):
                y = columns[j, first:after]
                total = 0.0
                for row in range(after - first):
                    total += x[row] * y[row]
                out[g, i, j] = total
                out[g, j, i] = total


def fill() -> None:
    """Compile the loop and leave it on disk."""
    columns = np.ones((2, 3))
    add_by_cell(columns, columns, np.array([0, 1, 3]), np.empty((2, 2, 2)))
