"""Numbers of groups against pandas, whatever route the labels' kind and order take.

Every kind is numbered twice: as it lies, and sorted, where no hashing is needed.
"""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.engine import open_table
from povstats.engine.groups import group_rows, sort_rows

RNG = np.random.default_rng(11)
ROWS = 900
KINDS = {
    "dense": RNG.integers(-20, 20, ROWS),
    "sparse": RNG.integers(-(2**62), 2**62, ROWS)[RNG.integers(0, 40, ROWS)],
    "bytes": RNG.integers(-128, 128, ROWS).astype(np.int8),
    "unsigned": (2**64 - 1 - RNG.integers(0, 50, ROWS, dtype=np.uint64)).astype(np.uint64),
    "decimals": RNG.integers(0, 30, ROWS) / 7,
    "texts": np.array([f"村{i}" for i in RNG.integers(0, 30, ROWS)]),
    "one": np.full(ROWS, 7),
}
TABLES = {"pandas": lambda t: t, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_order(make, kind, ordered):
    values = np.sort(KINDS[kind]) if ordered else KINDS[kind]
    codes, labels = group_rows(open_table(make(pd.DataFrame({"g": values}))), ("g",))
    expected, found = pd.factorize(values, sort=True)
    np.testing.assert_array_equal(codes, expected)
    assert labels == tuple(found.tolist())
    assert {type(label) for label in labels} == {type(found.tolist()[0])}


def test_texts_of_several_chunks():
    table = pd.DataFrame({"g": KINDS["texts"]})
    chunks = pa.concat_tables([pa.Table.from_pandas(table[:300]), pa.Table.from_pandas(table[300:])])
    one, other = (group_rows(open_table(native), ("g",)) for native in (table, chunks))
    np.testing.assert_array_equal(one[0], other[0])
    assert one[1] == other[1]


@pytest.mark.parametrize("size", [50, 70_000, 300_000])
def test_rows_by_cell_keep_their_order(size):
    """Cells beyond 65,536 take a second round of sorting."""
    codes = np.random.default_rng(2).integers(0, size, 400_000)
    rows = sort_rows(open_table(pd.DataFrame({"g": codes})), [("g",)])
    np.testing.assert_array_equal(rows.order, np.argsort(codes, kind="stable"))
    np.testing.assert_array_equal(codes[rows.order[rows.starts]], np.unique(codes))


def test_three_columns_are_numbered_in_the_order_of_their_parts():
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {"a": rng.choice(["y", "x"], 300), "b": rng.integers(-3, 9, 300), "c": rng.integers(0, 4, 300)}
    )
    codes, labels = group_rows(open_table(table), ("a", "b", "c"))
    by = table.groupby(["a", "b", "c"])
    np.testing.assert_array_equal(codes, by.ngroup())
    assert labels == tuple(":".join(map(str, key)) for key in by.groups)


def test_cells_where_groupings_nest_and_cross():
    """By pandas: which combinations occur, and which group of each grouping they belong to."""
    rng = np.random.default_rng(6)
    village = rng.integers(0, 40, 500)
    table = pd.DataFrame({"village": village, "county": village % 6, "year": rng.integers(0, 3, 500)})
    rows = sort_rows(open_table(table), [("county",), ("village",), ("year",)])
    by = table.groupby(["village", "year"])
    np.testing.assert_array_equal(rows.counts, by.size())
    for name in ("county", "village", "year"):
        grouping = rows.groupings[name]
        assert [grouping.labels[code] for code in grouping.codes] == by[name].first().tolist()
