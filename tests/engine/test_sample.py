"""Forms of a sample in memory against pandas' own grouping, on every kind of table; levels and PSUs in their order."""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.engine.forms import WEIGHT, Forms
from povstats.engine.layout import Layout, lay_out, levels_of
from povstats.engine.sample import ArraySample, find_places
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


def sample(native: Any, *, by: bool = True, strata: bool = True, psu: bool = True) -> ArraySample:
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    named = frame.rename({"area": "by"})
    layout, domain, unit = lay_out(named, frame["w"].to_numpy(), by=by, strata=strata, psu=psu)
    kept = frame["kept"].to_numpy().astype(bool)
    rows = named.filter(nw.col("kept")).select("x")
    places = find_places(layout, domain[kept], unit[kept])
    return ArraySample(layout, rows, frame["w"].to_numpy()[kept], places, {})


def summed(native: Any) -> tuple[Layout, Forms]:
    x = nw.col("x")
    made = sample(native).evaluate({"x": x, "square": x * x})
    one = [{name: np.ones(1)} for name in (WEIGHT, "x", "square")]
    return made.sample.layout, made.forms(one)


def test_sums_are_those_of_pandas(table: pd.DataFrame) -> None:
    layout, found = summed(table)
    kept = table[table["kept"]].assign(weight=lambda t: t["w"], wx=lambda t: t["w"] * t["x"])
    kept["wxx"] = kept["wx"] * kept["x"]
    sums = kept.groupby(["area", "stratum", "psu"])[["weight", "wx", "wxx"]].sum()
    assert layout.domains == ("mid", "north", "south")
    assert layout.strata == (1, 2)
    assert found.psu is not None
    assert layout.names is not None
    np.testing.assert_allclose(found.z, sums.to_numpy(), rtol=SAME, atol=SAME)
    assert [layout.domains[d] for d in found.domain] == sums.index.get_level_values("area").tolist()
    assert [layout.strata[s] for s in found.stratum] == sums.index.get_level_values("stratum").tolist()
    assert [layout.names[p] for p in found.psu] == sums.index.get_level_values("psu").tolist()
    whole = sample(table).evaluate({"x": nw.col("x")})
    areas = kept.groupby("area")
    np.testing.assert_allclose(whole.sums["x"], areas["wx"].sum(), rtol=SAME)
    assert whole.rows.tolist() == areas.size().tolist()


def test_psus_are_counted_in_the_whole_sample(table: pd.DataFrame) -> None:
    """A PSU of which no row is kept still counts, and a name used in two strata is two PSUs."""
    table["kept"] = table["kept"] & (table["psu"] != "a")
    assert summed(table)[0].stratum_psus.tolist() == table.groupby("stratum")["psu"].nunique().tolist() == [8, 8]


def test_every_kind_of_table_gives_the_same_bits(table: pd.DataFrame) -> None:
    layout, first = summed(table)
    for native in (pl.from_pandas(table), pa.Table.from_pandas(table), table.convert_dtypes()):
        other_layout, other = summed(native)
        assert other_layout.domains == layout.domains
        assert other_layout.same(layout)
        np.testing.assert_array_equal(other.z, first.z)


def test_without_psu_every_row_is_one(table: pd.DataFrame) -> None:
    table["kept"] = True
    found = sample(table, by=False, strata=False, psu=False)
    assert found.layout.stratum_psus.tolist() == [ROWS]
    forms = found.evaluate({"x": nw.col("x")}).forms([{"x": np.ones(1)}])
    np.testing.assert_array_equal(forms.z[:, 0], table["w"] * table["x"])


def test_dates_and_categories_keep_their_order() -> None:
    days = pd.to_datetime(["2014-06-01", "2013-06-01", "2014-06-01"])
    kinds = pd.Categorical([30, 10, 20], categories=[20, 30, 10])
    table = pd.DataFrame({"w": [1.0, 2.0, 4.0], "day": days, "kind": kinds})
    for native in (table, pl.from_pandas(table)):
        frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
        levels, codes = levels_of(frame, "day")
        assert [str(day)[:10] for day in levels] == ["2013-06-01", "2014-06-01"]
        assert codes.tolist() == [1, 0, 1]
    levels, codes = levels_of(nw.from_native(table), "kind")
    assert levels == ("20", "30", "10")
    assert codes.tolist() == [1, 2, 0]
    enum = pl.DataFrame({"kind": pl.Series(["b", "a", "b"], dtype=pl.Enum(["b", "c", "a"]))})
    assert levels_of(nw.from_native(enum), "kind")[0] == ("b", "a")


def test_mixed_levels_are_refused() -> None:
    frame: nw.DataFrame[Any] = nw.from_native(pd.DataFrame({"by": ["a", 1]}))
    with pytest.raises(DataError, match="'by' mixes int and str"):
        levels_of(frame, "by")
