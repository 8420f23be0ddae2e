"""Cross-products about the groups' means, and over all rows, from Cells: what the within model is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from povstats.engine.cells import Array, Cells, Product
from povstats.errors import FitError

COLLINEAR = 1e-10
"""A column with less than this share of its variation of its own is a combination of those before it."""
REPRODUCED = 1e-12
"""A residual below this share of the outcome's variation is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Cross-products of [X y] by group.

    Attributes
    ----------
    by_group : shape (G, c + 1, c + 1), y last, in a shifted basis.
    basis : shape (c, c): raw columns = shifted columns @ basis.
    """

    by_group: Array
    basis: Array


@dataclass(frozen=True, slots=True, eq=False)
class Least:
    """Least squares in the basis of its cross-products.

    Attributes
    ----------
    beta : shape (c,). inverse : shape (c, c), of X'X. rss, tss : sums of squares of the residuals and of y.
    """

    beta: Array
    inverse: Array
    rss: float
    tss: float


def whole(cells: Cells, columns: Sequence[Product], response: str) -> Products:
    """Give [X y]'[X y] by group; the first column is the intercept (), which takes the shift of y."""
    found, basis = loads(cells, columns, absorbing=False)
    stack = np.concatenate([found, outcome(cells, response)], axis=2)
    return Products(crossed(cells, stack), basis)


def about_means(cells: Cells, columns: Sequence[Product], response: str) -> Products:
    """Give [X y]'[X y] by group, every column less its group's mean; what is constant in the groups is gone."""
    found, basis = loads(cells, columns, absorbing=True)
    stack = np.concatenate([found, outcome(cells, response)], axis=2)
    stack[:, 0] = 0.0  # the constant's share of a column; taken out here it cannot cancel later
    sums = np.einsum("gkc,gk->gc", stack, cells.moments[:, :, 0])
    return Products(crossed(cells, stack) - sums[:, :, None] * sums[:, None, :] / cells.counts[:, None, None], basis)


def crossed(cells: Cells, stack: Array) -> Array:
    """Give the cross-products by group of columns written as loads."""
    out: Array = np.swapaxes(stack, 1, 2) @ (cells.moments @ stack)
    return out


def least_squares(total: Array, names: Sequence[str], where: str = "in the rows used") -> Least:
    """Regress y on X from their cross-products, y last; `where` stands in the messages.

    Raises
    ------
    FitError
        Where a column is a combination of those before it, or the columns reproduce y.
    """
    c = len(names)
    length = np.sqrt(np.maximum(np.diag(total), 0.0))
    flat = [name for name, size in zip(names, length, strict=False) if not size > 0]
    if flat:
        raise FitError(f"{', '.join(flat)} does not vary {where}; take it out of the formula")
    if not length[c] > 0:
        raise FitError("the outcome does not vary")
    unit = total / length / length[:, None]
    for j in range(1, c):
        found = dependence(unit[: j + 1, : j + 1], names)
        if found:
            raise FitError(
                f"{names[j]} is a linear combination of {', '.join(found)} {where}, exactly or to ten digits; take one "
                "of them out"
            )
    inverse = np.linalg.inv(unit[:c, :c])
    beta = inverse @ unit[:c, c]
    residual = np.append(-beta, 1.0)
    rss = float(residual @ unit @ residual)
    if rss < REPRODUCED:
        raise FitError("the outcome is reproduced by the predictors; one of them may be computed from it")
    return Least(
        beta * length[c] / length[:c], inverse / length[:c] / length[:c, None], rss * length[c] ** 2, length[c] ** 2
    )


def dependence(unit: Array, names: Sequence[str]) -> tuple[str, ...]:
    """Name the columns whose combination the last one is, to ten digits; () where it is none.

    Parameters
    ----------
    unit : cross-products of columns of unit length.
    names : of the columns before the last, in order.
    """
    weights = np.linalg.lstsq(unit[:-1, :-1], unit[:-1, -1], rcond=None)[0]
    if 1 - unit[:-1, -1] @ weights >= COLLINEAR:
        return ()
    return tuple(name for name, weight in zip(names, weights, strict=False) if abs(weight) > 1e-6)


def absorbed(cells: Cells, product: Product) -> bool:
    """Tell whether a column is constant within every group."""
    return all(name in cells.village for name in product)


def outcome(cells: Cells, response: str) -> Array:
    """Write y, less its shift, as a load of its own, shape (G, k, 1)."""
    load = np.zeros((len(cells.counts), len(cells.household), 1))
    load[:, cells.household.index((response,))] = 1.0
    return load


def loads(cells: Cells, products: Sequence[Product], absorbing: bool) -> tuple[Array, Array]:
    """Write columns as group-wise combinations of the kept household products: column j of g is Σ_h m_h loads[g, h, j].

    A column stays shifted where every column that its shifts would bring in is there too, or is absorbed by the
    groups' means; otherwise it enters raw. Shape (G, k, c), and the basis.
    """
    place = {product: j for j, product in enumerate(products)}
    basis = np.eye(len(products))
    out = np.zeros((len(cells.counts), len(cells.household), len(products)))
    closed: set[Product] = set()
    for product in sorted(products, key=len):
        j = place[product]
        needed = {part: lost for part in _parts(product) if (lost := _lost(cells, product, part))}
        if absorbing:
            needed = {part: lost for part, lost in needed.items() if not absorbed(cells, part)}
        own = tuple(name for name in product if name not in cells.village)
        outer = [name for name in product if name in cells.village]
        values = [cells.values[:, cells.village.index(name)] for name in outer]
        if all(part in closed for part in needed):
            closed.add(product)
            for part, lost in needed.items():
                basis[place[part], j] += lost
            out[:, cells.household.index(own), j] = prod(values, start=np.ones(len(cells.counts)))
            continue
        raw = prod((v + cells.shift[n] for v, n in zip(values, outer, strict=True)), start=np.ones(len(cells.counts)))
        for part in [*_parts(own), own]:
            out[:, cells.household.index(part), j] += raw * _lost(cells, own, part)
    return out, basis


def _parts(product: Product) -> list[Product]:
    """List the proper sub-products, the empty one included."""
    return [part for size in range(len(product)) for part in combinations(product, size)]


def _lost(cells: Cells, product: Product, part: Product) -> float:
    """Multiply the shifts of the pieces that `part` leaves out of `product`."""
    left = list(product)
    for name in part:
        left.remove(name)
    return prod(cells.shift[name] for name in left)
