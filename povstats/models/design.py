"""From terms to the columns of X and Z: coding of categorical factors and names, as in R."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from povstats.engine.cells import Array, Product
from povstats.models.formula import Term
from povstats.models.terms import Factor


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a design matrix: its printed name and the pieces whose product it is."""

    name: str
    pieces: Product


def multiplied(columns: Sequence[Column], values: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    """Evaluate columns from their pieces.

    Parameters
    ----------
    columns : what is evaluated. values : of every piece, of this shape or one that is broadcast to it.
    shape : of one column; that of all has the columns last.
    """
    out = np.ones((*shape, len(columns)))
    for j, column in enumerate(columns):
        for piece in column.pieces:
            out[..., j] *= values[piece]
    return out


def columns(terms: Sequence[Term], factors: Mapping[str, Factor]) -> tuple[Column, ...]:
    """Expand terms to columns.

    A categorical factor of a term is coded by contrasts with its first level where the terms before it span the term
    without it, and by one indicator a level where they do not: in 0 + c + h the first factor has all its levels, the
    second has contrasts, as in R.

    Parameters
    ----------
    terms : products of factors; () is the intercept.
    factors : what each factor contributes.
    """
    spanned: dict[frozenset[str], set[frozenset[str]]] = {}
    out = []
    for term in terms:
        kinds = [text for text in term if factors[text].levels is not None]
        # Sets of categorical factors, apart for each product of numeric ones: x:c spans x, but not 1.
        seen = spanned.setdefault(frozenset(term) - set(kinds), set())
        parts = []
        for text in term:
            contrasts = text in kinds and frozenset(kinds) - {text} in seen
            parts.append(_coded(factors[text], contrasts))
        seen |= {frozenset(part) for size in range(len(kinds) + 1) for part in combinations(kinds, size)}
        # The first factor runs fastest, as in R.
        for combination in product(*reversed(parts)):
            chosen = combination[::-1]
            name = ":".join(label for label, _ in chosen) or "Intercept"
            # Sorted, so that x:z and z:x are the same product wherever they are written.
            out.append(Column(name, tuple(sorted(piece for _, piece in chosen))))
    return tuple(out)


def _coded(factor: Factor, contrasts: bool) -> list[tuple[str, str]]:
    """List (name, piece) of a factor; under contrasts the first level is the reference and names say [T.level]."""
    if not contrasts:
        return [(piece, piece) for piece in factor.pieces]
    start = len(factor.name) + 1
    return [(f"{factor.name}[T.{piece[start:]}", piece) for piece in list(factor.pieces)[1:]]
