"""From terms to the columns of X and Z: coding of categorical factors and names, as in R."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from povstats.engine.cells import Product
from povstats.models.formula import Term
from povstats.models.terms import Factor


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a design matrix: its printed name and the pieces whose product it is."""

    name: str
    pieces: Product


def columns(terms: Sequence[Term], factors: Mapping[str, Factor]) -> tuple[Column, ...]:
    """Expand terms to columns.

    A categorical factor of a term is coded by contrasts with its first level where the term without it is in the
    formula too, and by one indicator a level where it is not (the rule of R's terms.formula).

    Parameters
    ----------
    terms : products of factors; () is the intercept.
    factors : what each factor contributes.
    """
    present = {frozenset(term) for term in terms}
    out = []
    for term in terms:
        parts = []
        for text in term:
            factor = factors[text]
            contrasts = factor.levels is not None and frozenset(term) - {text} in present
            parts.append(_coded(factor, contrasts))
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
