"""Reduce rows to Cells, array route: one pass over the caller's frame, some thousand rows at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.engine.cells import Array, Cells, Product
from povstats.engine.columns import ROW, Piece, values_of
from povstats.engine.groups import Codes, Sorted, sort_rows
from povstats.errors import DataError

LARGEST = 1e100
"""Values from here on would overflow when products of them are squared and summed."""
LIGHT = 2_000
"""Cells of fewer products are summed together; larger ones by a matrix product each, a call of which costs as much."""
HEAVY = 2_000_000
"""From so many products on the loop is compiled, or read from disk: that takes some tens of milliseconds."""
CHUNK = 65_536
"""Numbers that are multiplied at once: they stay in the processor's cache."""


def moments(
    frame: nw.DataFrame[Any],
    pieces: Mapping[str, Piece],
    products: Iterable[Product],
    by: Sequence[tuple[str, ...]],
    weight: str | None = None,
) -> Cells:
    """Reduce a frame to its cross-moments by cell.

    Parameters
    ----------
    frame : the rows, complete in all columns that are read; a column ROW numbers them for messages.
    pieces : named row expressions.
    products : the products of pieces that a model is made of.
    by : the groupings, each given by its columns; several columns are crossed.
    weight : column of the rows' weights: every row's products count so often.

    Raises
    ------
    DataError
        Where a piece is infinite or undefined on some row, or a weight is not above zero.
    """
    values, products = evaluate_all(frame, pieces), list(products)
    used = {name for product in products for name in product}
    rows = sort_rows(frame, by)
    weights = None if weight is None else _weights(frame, weight)
    shift = {name: _shift(value) for name, value in values.items()}
    extremes = dict(zip(values, _extremes(list(values.values()), rows), strict=True))
    village = tuple(name for name, (low, high) in extremes.items() if (low == high).all())
    household = closed(products, set(village))
    held = [extremes[name][0] - shift[name] for name in village]
    sums = _weight_sums(weights, rows)
    return Cells(
        by=tuple(rows.groupings),
        groupings=rows.groupings,
        labels=rows.labels,
        counts=rows.counts.astype(float),
        household=household,
        moments=_moments(values, shift, household, rows, weights),
        village=village,
        values=np.column_stack(held) if held else np.zeros((len(rows.labels), 0)),
        shift=shift,
        extremes=extremes,
        totals={name: _sums(values[name], weights, rows) for name in pieces if name not in used},
        weight_sums=sums[0],
        weight_squares=sums[1],
        log_weights=0.0 if weights is None else float(np.log(weights).sum()),
    )


def evaluate(frame: nw.DataFrame[Any], name: str, piece: Piece) -> Array:
    """Evaluate one piece and refuse what is not finite."""
    return evaluate_all(frame, {name: piece})[name]


def evaluate_all(frame: nw.DataFrame[Any], pieces: Mapping[str, Piece]) -> dict[str, Array]:
    """Evaluate pieces and refuse what is not finite."""
    found = {name: values_of(frame, piece) for name, piece in pieces.items() if isinstance(piece, str)}
    made = {f"piece {i}": (name, piece) for i, (name, piece) in enumerate(pieces.items()) if not isinstance(piece, str)}
    if made:
        with np.errstate(all="ignore"):  # what goes wrong is told below, with its rows
            # The literal keeps the frame's height where every piece is a constant.
            asked = (piece.alias(key) for key, (_, piece) in made.items())
            table = frame.select(nw.lit(0.0).alias("zero"), *asked)
        found |= {name: values_of(table, key) for key, (name, _) in made.items()}
    return {name: _finite(frame, name, found[name]) for name in pieces}


def _finite(frame: nw.DataFrame[Any], name: str, values: NDArray[Any]) -> Array:
    values = np.asarray(values, dtype=float)
    # The sum of squares is below LARGEST² only where every value is below LARGEST: one pass for the usual case.
    with np.errstate(over="ignore", invalid="ignore"):
        usual = np.dot(values, values) < LARGEST**2
    if not usual:
        bad = np.flatnonzero(~(np.abs(values) < LARGEST))
        if len(bad):
            numbers = frame[ROW].to_numpy()[bad[:5]].tolist() if ROW in frame.columns else bad[:5].tolist()
            raise DataError(
                f"{name!r} is undefined, infinite or beyond {LARGEST:.0e} in {len(bad)} of {len(values)} rows (from 0: "
                f"{numbers}); a logarithm needs values above 0, a root values from 0: correct or leave out these rows"
            )
    return values


def _weights(frame: nw.DataFrame[Any], column: str) -> Array:
    """Read the weights and refuse what is not above zero."""
    weights = np.asarray(frame[column].to_numpy(), dtype=float)
    bad = np.flatnonzero(~((weights > 0) & np.isfinite(weights)))
    if len(bad):
        numbers = frame[ROW].to_numpy()[bad[:5]].tolist() if ROW in frame.columns else bad[:5].tolist()
        raise DataError(
            f"weight {column!r} is not a number above 0 in {len(bad)} of {len(weights)} rows (from 0: {numbers}); a "
            "row that stands for nobody is left out of the table, not weighted with zero"
        )
    return weights


def _shift(values: Array) -> float:
    """Take the mean off a piece; indicators stay as they are, exact in their zeros and ones."""
    for part in (values[:50], values):
        if not ((part == 0.0) | (part == 1.0)).all():
            return float(values.sum() / len(values))
    return 0.0


def _extremes(values: Sequence[Array], rows: Sorted) -> Array:
    """Give the smallest and largest values by cell, shape (pieces, 2, G)."""
    out = np.empty((len(values), 2, len(rows.starts)))
    if values and len(values) * len(rows) <= CHUNK:
        stack = np.array(values) if rows.order is None else np.array(values)[:, rows.order]
        np.minimum.reduceat(stack, rows.starts, axis=1, out=out[:, 0])
        np.maximum.reduceat(stack, rows.starts, axis=1, out=out[:, 1])
        return out
    ordered = np.empty(len(rows))
    for own, value in zip(out, values, strict=True):
        found = value if rows.order is None else np.take(value, rows.order, out=ordered, mode="clip")
        np.minimum.reduceat(found, rows.starts, out=own[0])
        np.maximum.reduceat(found, rows.starts, out=own[1])
    return out


def _sums(values: Array, weights: Array | None, rows: Sorted) -> Array:
    """Sum by cell."""
    weighted = values if weights is None else values * weights
    found: Array = np.add.reduceat(weighted if rows.order is None else weighted[rows.order], rows.starts)
    return found


def _weight_sums(weights: Array | None, rows: Sorted) -> tuple[Array | None, Array | None]:
    if weights is None:
        return None, None
    return _sums(weights, None, rows), _sums(weights, weights, rows)


def closed(products: Iterable[Product], village: set[str]) -> tuple[Product, ...]:
    """Keep the household part of each product, with all parts of it, so that shifts can be undone exactly."""
    found: dict[Product, None] = {(): None}
    for product in products:
        own = tuple(name for name in product if name not in village)
        for size in range(1, len(own) + 1):
            found.update(dict.fromkeys(combinations(own, size)))
    return tuple(found)


def _moments(
    values: Mapping[str, Array],
    shift: Mapping[str, float],
    household: Sequence[Product],
    rows: Sorted,
    weights: Array | None,
) -> Array:
    """Sum w m_i m_j by cell, m the products of shifted pieces."""
    k, ends = len(household), np.append(rows.starts, len(rows))
    out = np.empty((len(rows.starts), k, k))
    light = len(rows) * k * k < LIGHT * len(rows.starts)
    add = add_together if light else add_apart
    if len(rows) * k * k > HEAVY and _importable():
        from povstats.engine.kernels import add_by_cell as add
    chunks = list(_chunks(ends, max(CHUNK // (k * k if light else k), 1)))
    work = np.empty(k * max(ends[after] - ends[first] for first, after in chunks))
    for first, after in chunks:
        which = slice(ends[first], ends[after]) if rows.order is None else rows.order[ends[first] : ends[after]]
        columns = work[: k * (ends[after] - ends[first])].reshape(k, -1)  # every column in one piece
        _fill_columns(columns, values, shift, household, which)
        scaled = columns if weights is None else columns * weights[which]
        add(columns, scaled, ends[first : after + 1] - ends[first], out[first:after])
    return out if weights is None else (out + np.swapaxes(out, 1, 2)) / 2


@cache
def _importable() -> bool:
    try:
        import povstats.engine.kernels  # noqa: F401
    except (ImportError, RuntimeError, AttributeError):  # numba is missing, broken, or has no folder for its cache
        return False
    return True


def _fill_columns(
    columns: Array,
    values: Mapping[str, Array],
    shift: Mapping[str, float],
    household: Sequence[Product],
    which: slice | Codes,
) -> None:
    """Write the products of shifted pieces, shape (k, rows)."""
    place = {product: i for i, product in enumerate(household)}
    columns[0] = 1.0
    for column, product in zip(columns[1:], household[1:], strict=True):
        if len(product) == 1:
            np.subtract(values[product[0]][which], shift[product[0]], out=column)
        else:  # its parts are there, and stand before it
            np.multiply(columns[place[product[:-1]]], columns[place[product[-1:]]], out=column)


def add_together(columns: Array, scaled: Array, ends: Codes, out: Array) -> None:
    """Fill out[g, i, j] = Σ scaled_i columns_j over the rows of cell g, all cells of a product at once."""
    i, j = np.triu_indices(len(columns))
    sums = np.add.reduceat(scaled[i] * columns[j], ends[:-1], axis=1).T
    out[:, i, j] = sums
    out[:, j, i] = sums


def add_apart(columns: Array, scaled: Array, ends: Codes, out: Array) -> None:
    """Do the same, all products of a cell at once."""
    for own, (start, end) in zip(out, pairwise(ends.tolist()), strict=True):
        np.dot(scaled[:, start:end], columns[:, start:end].T, out=own)


def _chunks(ends: Codes, size: int) -> Iterator[tuple[int, int]]:
    """Cut the cells into runs of about `size` rows; a larger cell is a run of its own."""
    first, last = 0, len(ends) - 1
    while first < last:
        after = max(int(np.searchsorted(ends, ends[first] + size, side="right")) - 1, first + 1)
        yield first, min(after, last)
        first = after
