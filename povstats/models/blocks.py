"""From Cells to the cross-products of [Z X y] by lowest group: small matrices, and no row of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from povstats.engine.cells import Array, Cells, Product
from povstats.models.levels import Codes, Level, paths


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Cross-products of a model in a shifted basis.

    Attributes
    ----------
    levels : from the lowest up.
    full : shape (G, c, c), [Z_1 … Z_K X y]'[Z_1 … Z_K X y] by lowest group.
    p : columns of X.
    nobs : number of rows. size : rows as the likelihood counts them, Σ of the weights where there are weights.
    Ax : shape (p, p); Az : shape (q, q), by level; unit triangular up to order: raw columns = shifted columns @ A.
    y_shift : what was taken off y; it goes back into the intercept.
    """

    levels: tuple[Level, ...]
    full: Array
    p: int
    nobs: int
    size: float
    Ax: Array
    Az: tuple[Array, ...]
    y_shift: float

    @property
    def total(self) -> Array:
        """[X y]'[X y] over all rows, shape (p + 1, p + 1)."""
        fixed = self.full[:, -self.p - 1 :, -self.p - 1 :]
        whole: Array = np.tensordot(paths(self.levels)[0], fixed, 1)
        return whole


def make_blocks(
    cells: Cells,
    levels: tuple[Level, ...],
    codes: Codes,
    fixed: Sequence[Product],
    random: Mapping[str, Sequence[Sequence[Product]]],
    response: str,
) -> Blocks:
    """Assemble the blocks of a model.

    Parameters
    ----------
    cells : the statistics by cell.
    levels, codes : the levels, and each cell's group at the lowest.
    fixed : the p columns of X as products of pieces.
    random : the columns of Z by level, one sequence for each set of correlated effects.
    response : the piece that is y.
    """
    parts, bases = [], []
    for level in levels:
        found = [loads(cells, group) for group in random[level.name]]
        parts += [load for load, _ in found]
        bases.append(_block_diagonal([basis for _, basis in found]))
    x_load, x_basis = loads(cells, fixed)
    # y may lose its mean only where an intercept can take it back.
    intercept = () in fixed
    y_load, _ = loads(cells, [(), (response,)] if intercept else [(response,)])
    stack = np.concatenate([*parts, x_load, y_load[:, :, -1:]], axis=2)
    small = np.swapaxes(stack, 1, 2) @ (cells.moments @ stack)
    full = _gathered(small, cells, levels, codes)
    counts = cells.counts if cells.weight_sums is None else cells.weight_sums
    size = paths(levels)[0] @ np.bincount(codes, counts, levels[0].slots)
    shift = cells.shift[response] if intercept else 0.0
    return Blocks(levels, full, len(fixed), cells.nobs, float(size), x_basis, tuple(bases), shift)


def _gathered(small: Array, cells: Cells, levels: tuple[Level, ...], codes: Codes) -> Array:
    """Sum cells to the lowest groups, each crossed effect in the columns of its own group."""
    if levels[0].slots == len(small) and all(level.repeat == 1 for level in levels):
        return small if bool((codes == np.arange(len(codes))).all()) else small[np.argsort(codes)]
    columns, at = [], 0
    for level in levels:
        place = cells.groupings[level.name].codes if level.repeat > 1 else np.zeros(len(small), dtype=np.intp)
        columns.append(at + place[:, None] * level.q + np.arange(level.q))
        at += level.width
    rest = small.shape[1] - sum(level.q for level in levels)
    columns.append(np.broadcast_to(at + np.arange(rest), (len(small), rest)))
    where = np.concatenate(columns, axis=1)
    full = np.zeros((levels[0].slots, at + rest, at + rest))
    np.add.at(full, (codes[:, None, None], where[:, :, None], where[:, None, :]), small)
    return full


def loads(cells: Cells, products: Sequence[Product]) -> tuple[Array, Array]:
    """Write columns as group-wise combinations of the kept household products.

    Returns
    -------
    loads : shape (G, k, c): column j of cell g is Σ_h m_h loads[g, h, j].
    basis : shape (c, c): raw columns = these columns @ basis. A column stays shifted where every column that its
        shifts would bring in is there too (x·w needs x, w and 1); otherwise it enters raw.
    """
    shift = cells.shift
    place = {product: j for j, product in enumerate(products)}
    basis = np.eye(len(products))
    out = np.zeros((len(cells.counts), len(cells.household), len(products)))
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
            out[:, cells.household.index(own), j] = prod(values, start=np.ones(len(cells.counts)))
            continue
        raw = prod((v + shift[n] for v, n in zip(values, outer, strict=True)), start=np.ones(len(cells.counts)))
        for part in [*_parts(own), own]:
            out[:, cells.household.index(part), j] += raw * _lost(own, part, shift)
    return out, basis


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
