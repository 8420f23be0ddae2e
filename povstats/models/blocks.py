"""From Cells to the blocks of [Z X y]'[Z X y]: small matrices by group, and no row of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from povstats.engine.cells import Array, Cells, Product


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Cross-products of a two-level model in a shifted basis.

    Attributes
    ----------
    ZtZ, ZtX, Zty : shapes (G, q, q), (G, q, p), (G, q), by group.
    XtX, Xty, yty : shapes (p, p), (p,), (), over all rows.
    nobs : number of rows.
    Ax, Az : shapes (p, p), (q, q), unit triangular up to order: raw columns = shifted columns @ A.
    y_shift : what was taken off y; it goes back into the intercept.
    """

    ZtZ: Array
    ZtX: Array
    Zty: Array
    XtX: Array
    Xty: Array
    yty: float
    nobs: int
    Ax: Array
    Az: Array
    y_shift: float


def make_blocks(cells: Cells, fixed: Sequence[Product], random: Sequence[Sequence[Product]], response: str) -> Blocks:
    """Assemble the blocks of a model.

    Parameters
    ----------
    cells : the statistics by group.
    fixed : the p columns of X as products of pieces.
    random : the columns of Z, one sequence for each set of correlated effects; q in all.
    response : the piece that is y.
    """
    loads, bases = [], []
    for group in random:
        load, basis = _loads(cells, group)
        loads.append(load)
        bases.append(basis)
    x_load, x_basis = _loads(cells, fixed)
    # y may lose its mean only where an intercept can take it back.
    intercept = () in fixed
    y_load, _ = _loads(cells, [(), (response,)] if intercept else [(response,)])
    stack = np.concatenate([*loads, x_load, y_load[:, :, -1:]], axis=2)
    full = np.swapaxes(stack, 1, 2) @ (cells.moments @ stack)
    q, p = sum(len(group) for group in random), len(fixed)
    total = full.sum(axis=0)
    return Blocks(
        ZtZ=full[:, :q, :q],
        ZtX=full[:, :q, q : q + p],
        Zty=full[:, :q, -1],
        XtX=total[q : q + p, q : q + p],
        Xty=total[q : q + p, -1],
        yty=float(total[-1, -1]),
        nobs=cells.nobs,
        Ax=x_basis,
        Az=_block_diagonal(bases),
        y_shift=cells.shift[response] if intercept else 0.0,
    )


def _loads(cells: Cells, products: Sequence[Product]) -> tuple[Array, Array]:
    """Write columns as group-wise combinations of the kept household products.

    Returns
    -------
    loads : shape (G, k, c): column j of group g is Σ_h m_h loads[g, h, j].
    basis : shape (c, c): raw columns = these columns @ basis. A column stays shifted where every column that its
        shifts would bring in is there too (x·w needs x, w and 1); otherwise it enters raw.
    """
    shift = cells.shift
    place = {product: j for j, product in enumerate(products)}
    basis = np.eye(len(products))
    loads = np.zeros((len(cells.counts), len(cells.household), len(products)))
    closed: set[Product] = set()
    for product in sorted(products, key=len):
        j = place[product]
        needed = {part: c for part in _parts(product) if (c := _lost(product, part, shift))}
        own = tuple(name for name in product if name not in cells.village)
        outer = [name for name in product if name in cells.village]
        values = [cells.values[:, cells.village.index(name)] for name in outer]
        if all(part in closed for part in needed):
            closed.add(product)
            for part, constant in needed.items():
                basis[place[part], j] = constant
            loads[:, cells.household.index(own), j] = prod(values, start=np.ones(len(cells.counts)))
            continue
        raw = prod((v + shift[n] for v, n in zip(values, outer, strict=True)), start=np.ones(len(cells.counts)))
        for part in [*_parts(own), own]:
            loads[:, cells.household.index(part), j] += raw * _lost(own, part, shift)
    return loads, basis


def _parts(product: Product) -> list[Product]:
    """List the proper sub-products, the empty one included."""
    return [part for size in range(len(product)) for part in combinations(product, size)]


def _lost(product: Product, part: Product, shift: Mapping[str, float]) -> float:
    """Multiply the shifts of the pieces that `part` leaves out of `product`."""
    left = list(product)
    for name in part:
        left.remove(name)
    return prod(shift[name] for name in left)


def _block_diagonal(blocks: Sequence[Array]) -> Array:
    size = sum(len(block) for block in blocks)
    out = np.zeros((size, size))
    at = 0
    for block in blocks:
        out[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return out
