"""Group means of an outcome from rows that stay out of the fit: one half of a group is averaged for the other."""

from typing import Any

import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.columns import near
from povstats.engine.groups import group_rows
from povstats.engine.source import Table
from povstats.errors import DataError
from povstats.models.inference.random_source import generator_of


def split_half_mean(table: Table, column: str, by: str, rng: "np.random.Generator | int") -> pd.Series:
    """Average `column` over one random half of each group, for the rows of the other half.

    Every group is cut at random into two halves; the rows of the first (⌊n/2⌋ of them) are averaged and get a missing
    value, those of the second get that mean. A fit then leaves the first half out, and no outcome stands on both
    sides of it. (Were the halves to get each other's means, the two figures of one group would move against its own
    outcomes, as a leave-one-out mean does.) The price is half of the rows, and noise in the mean.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or a path.
    column : the outcome, or what is averaged; without missing values.
    by : the grouping column, such as a village; groups of fewer than four rows are refused.
    rng : a generator or a seed; the same seed gives the same halves on the same rows in the same order.

    Returns
    -------
    Series
        One value a row, in the table's order, named "split-half mean of …"; missing in the half that is averaged.

    Raises
    ------
    DataError
        Where a column is not there, values are missing, or a group is too small.

    Notes
    -----
    Source: the idea of split-sample instruments, Angrist & Krueger (1995), Journal of Business & Economic Statistics
    13; here the figure is a predictor, not an instrument.
    """
    frame = open_table(table)
    for name in (column, by):
        if name not in frame.columns:
            raise DataError(near(name, frame.columns))
    values = np.asarray(frame[column].to_numpy(), dtype=float)
    bad = np.flatnonzero(~np.isfinite(values) | frame[by].is_null().to_numpy().astype(bool))
    if len(bad):
        raise DataError(
            f"{column!r} or {by!r} is missing or not finite in {len(bad)} rows (from 0: {bad[:5].tolist()}); leave "
            "these rows out first"
        )
    codes, labels = group_rows(frame, (by,))
    counts = np.bincount(codes)
    small = np.flatnonzero(counts < 4)
    if len(small):
        named = ", ".join(str(labels[i]) for i in small[:5])
        raise DataError(
            f"{len(small)} groups of {by!r} have fewer than 4 rows, such as {named}; their halves say nothing: leave "
            "these groups out or use a figure from outside the sample"
        )
    out = _second_half(values, codes, counts, generator_of(rng))
    native: Any = frame.to_native()
    index = native.index if isinstance(native, pd.DataFrame) else None
    return pd.Series(out, index, name=f"split-half mean of {column}")


def _second_half(
    values: "np.ndarray[Any, Any]",
    codes: "np.ndarray[Any, Any]",
    counts: "np.ndarray[Any, Any]",
    rng: np.random.Generator,
) -> "np.ndarray[Any, Any]":
    """Draw the halves, and give the mean of the first to the second."""
    order = np.lexsort((rng.random(len(values)), codes))
    place = np.empty(len(values), dtype=np.intp)
    place[order] = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = place < counts[codes] // 2
    means = np.bincount(codes[first], values[first], len(counts)) / (counts // 2)
    found: np.ndarray[Any, Any] = np.where(first, np.nan, means[codes])
    return found
