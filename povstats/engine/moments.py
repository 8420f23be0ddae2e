"""Reduce rows to Cells, array route: one pass over the caller's frame."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.cells import Array, Cells, Product
from povstats.engine.columns import ROW
from povstats.errors import DataError

LARGEST = 1e100
"""Values from here on would overflow when products of them are squared and summed."""


def moments(
    frame: nw.DataFrame[Any], pieces: Mapping[str, nw.Expr], products: Iterable[Product], by: tuple[str, ...]
) -> Cells:
    """Reduce a frame to its cross-moments by group.

    Parameters
    ----------
    frame : the rows, complete in all columns that are read; a column ROW numbers them for messages.
    pieces : named row expressions.
    products : the products of pieces that a model is made of.
    by : grouping columns; several are crossed.

    Raises
    ------
    DataError
        Where a piece is infinite or undefined on some row.
    """
    names = list(pieces)
    rows = np.column_stack([evaluate(frame, name, pieces[name]) for name in names])
    codes, labels = _groups(frame, by)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(labels)))
    rows = rows[order]
    shift = {name: _shift(rows[:, j]) for j, name in enumerate(names)}
    low, high = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts)
    constant = (low == high).all(axis=0)
    village = tuple(name for name, flat in zip(names, constant, strict=True) if flat)
    rows -= np.array([shift[name] for name in names])
    household = _closed(products, set(village))
    columns = np.ones((len(rows), len(household)))
    for j, product in enumerate(household):
        for name in product:
            columns[:, j] *= rows[:, names.index(name)]
    return Cells(
        by=by,
        labels=labels,
        counts=np.diff(np.append(starts, len(rows))).astype(float),
        household=household,
        moments=_cross(columns, starts),
        village=village,
        values=rows[starts][:, constant],
        shift=shift,
        extremes={name: np.stack([low[:, j], high[:, j]]) for j, name in enumerate(names)},
    )


def evaluate(frame: nw.DataFrame[Any], name: str, piece: nw.Expr) -> Array:
    """Evaluate one piece and refuse what is not finite."""
    with np.errstate(all="ignore"):  # what goes wrong is told below, with its rows
        values = frame.select(nw.lit(0.0).alias("zero"), piece.alias("value"))["value"].to_numpy()
    values = np.asarray(values, dtype=float)
    bad = np.flatnonzero(~(np.abs(values) < LARGEST))
    if len(bad):
        numbers = frame[ROW].to_numpy()[bad[:5]].tolist() if ROW in frame.columns else bad[:5].tolist()
        raise DataError(
            f"{name!r} is undefined, infinite or beyond {LARGEST:.0e} in {len(bad)} of {len(values)} rows (from 0: "
            f"{numbers}); a logarithm needs values above 0, a root values from 0: correct or leave out these rows"
        )
    return values


def _groups(frame: nw.DataFrame[Any], by: tuple[str, ...]) -> tuple[np.ndarray[Any, Any], tuple[Any, ...]]:
    """Give each row the number of its group; groups are numbered in the order in which their labels sort."""
    columns = []
    for name in by:
        series = frame[name]
        if isinstance(series.dtype, nw.Categorical | nw.Enum):
            series = series.cast(nw.String)
        columns.append(pd.Series(series.to_list()))
    if len(columns) == 1:
        codes, labels = pd.factorize(columns[0], sort=True)
        return codes, tuple(label.item() if hasattr(label, "item") else label for label in labels)
    joined = pd.MultiIndex.from_arrays(columns)
    codes, labels = pd.factorize(joined, sort=True)
    texts = tuple(":".join(str(part) for part in label) for label in labels)
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise DataError(f"two groups of {':'.join(by)!r} would both be called {twice!r}; take ':' out of their names")
    return codes, texts


def _shift(values: Array) -> float:
    """Take the mean off a piece; indicators stay as they are, exact in their zeros and ones."""
    return 0.0 if np.isin(values, (0.0, 1.0)).all() else float(values.mean())


def _closed(products: Iterable[Product], village: set[str]) -> tuple[Product, ...]:
    """Keep the household part of each product, with all parts of it, so that shifts can be undone exactly."""
    found: dict[Product, None] = {(): None}
    for product in products:
        own = tuple(name for name in product if name not in village)
        for size in range(1, len(own) + 1):
            found.update(dict.fromkeys(combinations(own, size)))
    return tuple(found)


def _cross(columns: Array, starts: np.ndarray[Any, Any]) -> Array:
    """Sum m_i m_j by group; the rows are sorted by group."""
    k = columns.shape[1]
    out = np.empty((len(starts), k, k))
    columns = np.ascontiguousarray(columns.T)
    for i in range(k):
        for j in range(i, k):
            out[:, i, j] = np.add.reduceat(columns[i] * columns[j], starts)
            out[:, j, i] = out[:, i, j]
    return out
