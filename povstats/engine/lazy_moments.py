"""Reduce rows to Cells, lazy route: the engine's own aggregates; only one row a cell comes into memory."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine.cells import Array, Cells, Product
from povstats.engine.columns import Piece, as_expression
from povstats.engine.groups import sort_rows
from povstats.engine.learn import one_row, refuse_not_above, refuse_not_finite
from povstats.engine.moments import closed
from povstats.errors import DataError

Keys = dict[str, str]
"""The engine's plain names of columns, by what the model calls them: a piece may be called anything."""


def lazy_moments(
    frame: nw.LazyFrame[Any],
    pieces: Mapping[str, Piece],
    products: Iterable[Product],
    by: Sequence[tuple[str, ...]],
    weight: str | None = None,
) -> Cells:
    """Reduce a lazy table to its cross-moments by cell; parameters and result are those of `moments`.

    Three queries, and one or two that check: the means (what is taken off before squaring), smallest and largest values
    by cell, and the sums of products of what varies within cells.

    Raises
    ------
    DataError
        Where a piece is infinite or undefined on some row, or a weight is not above zero.
    """
    products = list(products)
    groups = list(dict.fromkeys(name for columns in by for name in columns))
    keys = {name: f"piece {i}" for i, name in enumerate(pieces)}
    made = frame.select(
        *(nw.col(name).alias(f"group {i}") for i, name in enumerate(groups)),
        *(as_expression(pieces[name]).cast(nw.Float64).alias(key) for name, key in keys.items()),
        (nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)).alias("weight"),
    )
    codes = [f"group {i}" for i in range(len(groups))]
    called = dict(zip(codes, groups, strict=True))
    refuse_not_finite(made, {key: name for name, key in keys.items()} | {"weight": f"weight {weight}"}, called)
    if weight is not None:
        refuse_not_above(made, "weight", weight, called)
    shift = _shifts(made, keys)
    used = {name for product in products for name in product}
    cells = _by_cell(made, codes, keys, [name for name in pieces if name not in used])
    rows = sort_rows(cells.rename(called).select(*groups), by)
    order = np.arange(len(rows.labels)) if rows.order is None else rows.order
    column = {
        name: np.asarray(cells[name].to_numpy(), dtype=float)[order] for name in cells.columns if name not in codes
    }
    extremes = {name: np.stack([column[f"low {key}"], column[f"high {key}"]]) for name, key in keys.items()}
    village = tuple(name for name, (low, high) in extremes.items() if (low == high).all())
    household = closed(products, set(village))
    held = [extremes[name][0] - shift[name] for name in village]
    sums = _products(made, codes, keys, shift, household)
    weighted = weight is not None
    return Cells(
        by=tuple(rows.groupings),
        groupings=rows.groupings,
        labels=rows.labels,
        counts=column["rows"],
        household=household,
        moments=_moments(sums, len(household))[_matching(sums, cells, codes)[order]],
        village=village,
        values=np.column_stack(held) if held else np.zeros((len(rows.labels), 0)),
        shift=shift,
        extremes=extremes,
        totals={name: column[f"total {keys[name]}"] for name in pieces if name not in used},
        weight_sums=column["weight sum"] if weighted else None,
        weight_squares=column["weight squares"] if weighted else None,
        log_weights=float(column["weight logs"].sum()) if weighted else 0.0,
    )


def _shifts(made: nw.LazyFrame[Any], keys: Keys) -> dict[str, float]:
    """Take the mean off a piece; indicators stay as they are."""
    asked = {}
    for key in keys.values():
        value = nw.col(key)
        asked[f"mean {key}"] = value.mean()
        asked[f"other {key}"] = (~((value == 0.0) | (value == 1.0))).cast(nw.Int64).sum()
    row = one_row(made.select(**asked))
    return {name: float(row[f"mean {key}"]) if row[f"other {key}"] else 0.0 for name, key in keys.items()}


def _by_cell(made: nw.LazyFrame[Any], codes: list[str], keys: Keys, summed: list[str]) -> nw.DataFrame[Any]:
    weight = nw.col("weight")
    asked: dict[str, nw.Expr] = {"rows": nw.len(), "weight sum": weight.sum()}
    asked |= {"weight squares": (weight * weight).sum(), "weight logs": weight.log().sum()}
    for name, key in keys.items():
        asked |= {f"low {key}": nw.col(key).min(), f"high {key}": nw.col(key).max()}
        if name in summed:
            asked[f"total {key}"] = (nw.col(key) * weight).sum()
    found = made.group_by(*codes).agg(**asked).collect()
    if not len(found):
        raise DataError("no row is complete")
    return found


def _products(
    made: nw.LazyFrame[Any], codes: list[str], keys: Keys, shift: Mapping[str, float], household: Sequence[Product]
) -> nw.DataFrame[Any]:
    """Sum w m_i m_j for i ≤ j by cell."""
    columns = []
    for i, product in enumerate(household):
        value = nw.lit(1.0)
        for name in product:
            value = value * (nw.col(keys[name]) - shift[name])
        columns.append(value.alias(f"m {i}"))
    ready = made.select(*codes, "weight", *columns)
    pairs = combinations_with_replacement(range(len(household)), 2)
    asked = {f"s {i} {j}": (nw.col("weight") * nw.col(f"m {i}") * nw.col(f"m {j}")).sum() for i, j in pairs}
    return ready.group_by(*codes).agg(**asked).collect()


def _moments(sums: nw.DataFrame[Any], k: int) -> Array:
    out = np.empty((len(sums), k, k))
    for i, j in combinations_with_replacement(range(k), 2):
        out[:, i, j] = out[:, j, i] = sums[f"s {i} {j}"].to_numpy()
    return out


def _matching(sums: nw.DataFrame[Any], cells: nw.DataFrame[Any], codes: list[str]) -> np.ndarray[Any, Any]:
    """Find each cell's row among the sums: an engine gives groups in an order of its own."""
    known = {key: i for i, key in enumerate(zip(*(sums[code].to_list() for code in codes), strict=True))}
    return np.array([known[key] for key in zip(*(cells[code].to_list() for code in codes), strict=True)])
