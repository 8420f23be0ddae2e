"""Totals against pandas' own grouping, on every kind of table."""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.engine.totals import Totals, totals
from povstats.errors import DataError

ROWS = 300
# Sums of a few dozen doubles in another order.
SAME = 1e-12


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "x": rng.normal(size=ROWS),
            "w": rng.uniform(0.5, 2, ROWS),
            "kept": rng.uniform(size=ROWS) < 0.8,
            "area": rng.choice(["north", "mid", "south"], ROWS),
            "stratum": rng.choice([2, 1], ROWS),
            "psu": rng.choice(list("abcdefgh"), ROWS),
        }
    )


def summed(native: Any) -> Totals:
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    x = nw.col("x")
    return totals(frame, {"x": x, "square": x * x}, weight="w", keep="kept", by="area", strata="stratum", psu="psu")


def test_sums_are_those_of_pandas(table: pd.DataFrame) -> None:
    found = summed(table)
    kept = table[table["kept"]].assign(weight=lambda t: t["w"], wx=lambda t: t["w"] * t["x"])
    kept["wxx"] = kept["wx"] * kept["x"]
    sums = kept.groupby(["area", "stratum", "psu"])[["weight", "wx", "wxx"]].sum()
    assert found.names == ("weight", "x", "square")
    assert found.domains == ("mid", "north", "south")
    assert found.strata == (1, 2)
    np.testing.assert_allclose(found.sums, sums.to_numpy(), rtol=SAME, atol=SAME)
    assert found.rows.tolist() == kept.groupby(["area", "stratum", "psu"]).size().tolist()
    assert [found.domains[d] for d in found.domain] == sums.index.get_level_values("area").tolist()
    assert [found.strata[s] for s in found.stratum] == sums.index.get_level_values("stratum").tolist()
    for place, area in enumerate(found.domains):
        assert found.sums[found.cells(place)].sum(axis=0) == pytest.approx(sums.loc[area].sum().to_numpy())


def test_psus_are_counted_in_the_whole_sample(table: pd.DataFrame) -> None:
    """A PSU of which no row is kept still counts, and a name used in two strata is two PSUs."""
    table["kept"] = table["kept"] & (table["psu"] != "a")
    assert summed(table).stratum_psus.tolist() == table.groupby("stratum")["psu"].nunique().tolist() == [8, 8]


def test_every_kind_of_table_gives_the_same_bits(table: pd.DataFrame) -> None:
    first = summed(table)
    for native in (pl.from_pandas(table), pa.Table.from_pandas(table), table.convert_dtypes()):
        other = summed(native)
        assert other.domains == first.domains
        np.testing.assert_array_equal(other.sums, first.sums)


def test_without_psu_every_row_is_one(table: pd.DataFrame) -> None:
    frame: nw.DataFrame[Any] = nw.from_native(table)
    found = totals(frame, {"x": nw.col("x")}, weight="w")
    assert found.stratum_psus.tolist() == [ROWS]
    np.testing.assert_array_equal(found.sums, np.column_stack([table["w"], table["w"] * table["x"]]))


def test_dates_and_categories_keep_their_order() -> None:
    days = pd.to_datetime(["2014-06-01", "2013-06-01", "2014-06-01"])
    kinds = pd.Categorical([30, 10, 20], categories=[20, 30, 10])
    table = pd.DataFrame({"w": [1.0, 2.0, 4.0], "day": days, "kind": kinds})
    for native in (table, pl.from_pandas(table)):
        frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
        by_day = totals(frame, {}, weight="w", by="day")
        assert [str(day)[:10] for day in by_day.domains] == ["2013-06-01", "2014-06-01"]
        assert by_day.sums[by_day.cells(1)].sum() == 5
    found = totals(nw.from_native(table), {}, weight="w", by="kind")
    assert found.domains == ("20", "30", "10")
    assert found.sums[:, 0].tolist() == [4.0, 1.0, 2.0]
    enum = pl.DataFrame({"w": [1.0, 2.0, 4.0], "kind": pl.Series(["b", "a", "b"], dtype=pl.Enum(["b", "c", "a"]))})
    assert totals(nw.from_native(enum), {}, weight="w", by="kind").domains == ("b", "a")


def test_mixed_levels_are_refused() -> None:
    frame: nw.DataFrame[Any] = nw.from_native(pd.DataFrame({"w": [1.0, 2.0], "by": ["a", 1]}))
    with pytest.raises(DataError, match="'by' mixes int and str"):
        totals(frame, {}, weight="w", by="by")
