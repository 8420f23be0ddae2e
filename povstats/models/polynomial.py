"""Orthogonal polynomials of a column, with the recurrence learned once."""

import math
from typing import Any

import narwhals as nw
import numpy as np

from povstats.errors import DataError


def orthogonal(x: nw.Expr, values: np.ndarray[Any, Any], degree: int, text: str) -> list[nw.Expr]:
    """Make the orthonormal polynomials of degree 1 … `degree` as expressions in x.

    The monic polynomials follow p_0 = 1, p_1 = x - a_0, p_{k+1} = (x - a_k) p_k - (n_k / n_{k-1}) p_{k-1} with
    n_k = Σ p_k(x)² and a_k = Σ x p_k(x)² / n_k; each is divided by √n_k.

    Parameters
    ----------
    x : the column as an expression.
    values : shape (n,), its values on the rows that teach the recurrence.
    degree : highest power, below the number of distinct values.
    text : the factor, for messages.

    Raises
    ------
    DataError
        Where x has too few distinct values.

    Notes
    -----
    Source: Kennedy & Gentle (1980), Statistical Computing, section 8.2; R's poly() gives the same columns up to sign.
    """
    if len(np.unique(values)) <= degree:
        raise DataError(f"{text!r}: degree {degree} needs more than {degree} distinct values")
    centre = float(values.mean())
    before, now = np.zeros_like(values, dtype=float), np.ones_like(values, dtype=float)
    u = values - centre
    before_expr, now_expr = nw.lit(0.0), nw.lit(1.0)
    norm_before, norm = 1.0, float(len(values))
    pieces: list[nw.Expr] = []
    for _ in range(degree):
        a = float((u * now * now).sum() / norm)
        ratio = norm / norm_before if pieces else 0.0
        before, now = now, (u - a) * now - ratio * before
        before_expr, now_expr = now_expr, (x - (centre + a)) * now_expr - ratio * before_expr
        norm_before, norm = norm, float((now * now).sum())
        pieces.append(now_expr / math.sqrt(norm))
    return pieces
