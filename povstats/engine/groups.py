"""Which group each row belongs to, under one or several groupings, and the rows in the order of their cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.engine.cells import Grouping
from povstats.engine.columns import label_text, plain_numbers
from povstats.errors import DataError

Codes = NDArray[np.intp]
DIGIT = 1 << 16
"""Codes below this sort by counting (numpy's stable sort of 16-bit numbers)."""
DENSE = 4
"""Whole numbers that span no more than so many times the rows are looked up in a table, not hashed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """The rows of a frame by cell.

    Attributes
    ----------
    groupings : by name.
    labels : the G cells in order. counts : shape (G,), their rows.
    order : shape (n,), the rows sorted by cell, or None where they lie so already.
    starts : shape (G,), where each cell starts in that order.
    """

    groupings: dict[str, Grouping]
    labels: tuple[Any, ...]
    counts: Codes
    order: Codes | None
    starts: Codes

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self.counts.sum())


def sort_rows(frame: nw.DataFrame[Any], by: Sequence[tuple[str, ...]]) -> Sorted:
    """Find each row's cell.

    Parameters
    ----------
    frame : the rows, without missing values in the grouping columns.
    by : the groupings, each given by its columns.

    Raises
    ------
    DataError
        Where labels cannot be ordered, or two groups would be called the same.
    """
    found = {":".join(columns): (columns, *group_rows(frame, columns)) for columns in by}
    codes, labels = _cells({name: (codes, labels) for name, (_, codes, labels) in found.items()})
    counts = np.bincount(codes, minlength=len(labels))
    rising = bool((codes[1:] >= codes[:-1]).all())
    order = None if rising else order_of(codes, len(labels))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    first = starts if order is None else order[starts]
    groupings = {name: Grouping(columns, labels, own[first]) for name, (columns, own, labels) in found.items()}
    return Sorted(groupings, labels, counts, order, starts)


def order_of(codes: Codes, size: int) -> Codes:
    """Sort rows by codes below `size`, equal ones staying in their order: 16 bits at a time sort by counting."""
    order: Codes = np.argsort(codes.astype(np.uint16), kind="stable")
    if size > DIGIT:
        order = order[np.argsort((codes // DIGIT)[order].astype(np.min_scalar_type(size // DIGIT)), kind="stable")]
    return order


def group_rows(frame: nw.DataFrame[Any], columns: tuple[str, ...]) -> tuple[Codes, tuple[Any, ...]]:
    """Give each row the number of its group; groups are numbered in the order in which their labels sort."""
    parts = [_factorize(frame, name) for name in columns]
    codes, labels = parts[0]
    if len(parts) == 1:
        return codes, labels
    keys = codes.astype(np.int64)
    for more, names in parts[1:]:
        keys = keys * len(names) + more
    codes, found = numbered(keys)
    places = np.unravel_index(found, [len(names) for _, names in parts])
    named = [[label_text(names[i]) for i in place] for place, (_, names) in zip(places, parts, strict=True)]
    texts = tuple(":".join(text) for text in zip(*named, strict=True))
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise DataError(
            f"two groups of {':'.join(columns)!r} would both be called {twice!r}; take ':' out of their names"
        )
    return codes, texts


def _factorize(frame: nw.DataFrame[Any], name: str) -> tuple[Codes, tuple[Any, ...]]:
    values = plain_numbers(frame, name)
    if values is not None:
        codes, found = numbered(values)
        return codes, tuple(found.tolist())
    series = frame[name]
    if isinstance(series.dtype, nw.Categorical | nw.Enum):
        series = series.cast(nw.String)
    native = series.to_native()
    if isinstance(series.dtype, nw.String) and not isinstance(native, pd.Series):
        return texts(series)
    plain = native if isinstance(native, pd.Series) else series.to_pandas()
    if series.dtype.is_numeric():
        plain = pd.Series(plain.to_numpy())
    try:
        codes, labels = pd.factorize(plain, sort=True)
    except TypeError as error:
        raise DataError(f"column {name!r} mixes kinds of labels, which have no order; make them all text") from error
    return codes, tuple(label.item() if hasattr(label, "item") else label for label in labels)


def texts(series: nw.Series[Any]) -> tuple[Codes, tuple[Any, ...]]:
    """Give numbers and labels of texts by Arrow's dictionary: pandas would make a Python object of every row."""
    encoded = series.to_arrow().dictionary_encode()
    labels = encoded.dictionary.to_pylist()
    order = sorted(range(len(labels)), key=labels.__getitem__)
    number = np.empty(len(labels), dtype=np.intp)
    number[order] = np.arange(len(labels))
    return number[encoded.indices.to_numpy()], tuple(labels[i] for i in order)


def numbered(values: NDArray[Any]) -> tuple[Codes, NDArray[Any]]:
    """Give each row the number of its value, in rising order, and the different values."""
    if (values[1:] >= values[:-1]).all():
        change = values[1:] != values[:-1]
        codes = np.zeros(len(values), dtype=np.intp)
        np.cumsum(change, out=codes[1:])
        return codes, values[np.concatenate([[True], change])]
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < DENSE * len(values):
            wide = values if values.dtype.kind == "u" else values.astype(np.int64)  # 127 - (-128) is no 8-bit number
            places = (wide - low).astype(np.intp)
            there, labels = np.zeros(high - low + 1, dtype=bool), np.empty(high - low + 1, dtype=values.dtype)
            there[places], labels[places] = True, values
            number = np.cumsum(there) - 1
            return number[places], labels[there]
    codes, found = pd.factorize(values, sort=True)
    return codes, np.asarray(found)


def _cells(found: dict[str, tuple[Codes, tuple[Any, ...]]]) -> tuple[Codes, tuple[Any, ...]]:
    """Combine groupings; where one of them tells all cells apart, it is taken as it is."""
    names = sorted(found, key=lambda name: -len(found[name][1]))
    codes, labels = found[names[0]]
    alone = True
    for name in names[1:]:
        more, others = found[name]
        above = np.empty(len(labels), dtype=np.intp)
        above[codes] = more
        if (above[codes] == more).all():
            continue
        alone = False
        codes, pairs = numbered(codes.astype(np.int64) * len(others) + more)
        labels = tuple((labels[pair // len(others)], others[pair % len(others)]) for pair in pairs.tolist())
    if alone:
        return codes, labels
    return codes, tuple(":".join(str(part) for part in _flat(label)) for label in labels)


def _flat(label: Any) -> list[Any]:
    return [part for one in label for part in _flat(one)] if isinstance(label, tuple) else [label]
