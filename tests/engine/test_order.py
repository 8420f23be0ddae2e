"""Order on arrays and in engines against loops over all pairs of rows.

Sums of a few dozen small numbers, in another order.
"""

from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povstats.engine.layout import lay_out
from povstats.engine.lazy_sample import lazy_sample
from povstats.engine.order import BEFORE, EVERYONE, LEVEL, OWN, ROW_INCOME, ROW_RANK
from povstats.engine.sample import ArraySample, find_places
from povstats.errors import EngineError

SAME = 1e-12


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 25))
    numbers = {
        "welfare": draw(st.lists(st.integers(-3, 8), min_size=n, max_size=n)),
        "weight": draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 2.5]), min_size=n, max_size=n)),
        "by": draw(st.lists(st.sampled_from(["a", "b"]), min_size=n, max_size=n)),
    }
    return pd.DataFrame(numbers).astype({"welfare": float})


def in_memory(table: pd.DataFrame) -> ArraySample:
    frame: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    layout, domain, psu = lay_out(frame, table["weight"].to_numpy(), by=True, strata=False, psu=False)
    places = find_places(layout, domain, psu)
    return ArraySample(layout, frame.select("welfare"), table["weight"].to_numpy(), places, {})


def in_engines(table: pd.DataFrame) -> list[Any]:
    lazy = (duckdb.from_df(table), pl.from_pandas(table).lazy())
    return [lazy_sample(nw.from_native(one), nw.col("weight") >= 0, by=True, strata=False, psu=False) for one in lazy]


def below(table: pd.DataFrame) -> pd.DataFrame:
    """The columns by loops."""
    y, w, g = (table[name].to_numpy() for name in ("welfare", "weight", "by"))
    peers = g[:, None] == g
    lower = peers & (y[None, :] < y[:, None])
    level = peers & (y[None, :] == y[:, None])
    return pd.DataFrame(
        {
            BEFORE: lower @ w,
            LEVEL: level @ w,
            EVERYONE: peers @ w,
            "income": lower @ (w * y),
            "twice": lower @ (w * (lower @ w)),
        }
    )


CUMULATED = {"income": nw.col("welfare"), "twice": nw.col(BEFORE)}


@settings(max_examples=15, deadline=None)
@given(table=tables())
def test_what_lies_below_a_row(table: pd.DataFrame) -> None:
    """Sums over the rows of their product with a number that tells rows apart, so that each row's own is tested."""
    expected = below(table)
    mark = 1 + table["welfare"] ** 2
    whole = {name: (table["weight"] * expected[name] * mark).groupby(table["by"]).sum().to_numpy() for name in expected}
    for sample in (in_memory(table), *in_engines(table)):
        made = sample.ordered(CUMULATED)
        squares = nw.col("welfare") * nw.col("welfare") + 1.0
        sums = made.evaluate({name: nw.col(name) * squares for name in expected}).sums
        for name in expected:
            np.testing.assert_allclose(sums[name], whole[name], rtol=SAME, atol=SAME, err_msg=name)


def quantile(y: np.ndarray[Any, Any], w: np.ndarray[Any, Any], p: float, *, upper: bool) -> float:
    """Go up the values until the weight up to one reaches, or passes, the share; in tenths, where nothing rounds."""
    tenths = np.rint(w * 10).astype(int)
    goal = round(p * 10) * tenths.sum()
    for value in np.unique(y[w > 0]):
        upto = 10 * tenths[y <= value].sum()
        if upto > goal or (upto == goal and not upper and goal > 0):
            return float(value)
    return float(y[w > 0].max())


@settings(max_examples=15, deadline=None)
@given(table=tables(), p=st.integers(1, 9))
def test_quantiles(table: pd.DataFrame, p: int) -> None:
    levels = sorted(table["by"].unique())
    expected = {"lower": [], "upper": []}
    for level in levels:
        y, w = (table.loc[table["by"] == level, name].to_numpy() for name in ("welfare", "weight"))
        for rule, found in expected.items():
            found.append(quantile(y, w, p / 10, upper=rule == "upper") if w.sum() > 0 else np.nan)
    expected["middle"] = list((np.array(expected["lower"]) + expected["upper"]) / 2)
    share = np.full(len(levels), p / 10)
    for sample in (in_memory(table), *in_engines(table)):
        for rule, values in expected.items():
            np.testing.assert_array_equal(sample.quantiles([share], rule)[0], values)


def test_equal_rows_in_the_order_of_the_table() -> None:
    table = pd.DataFrame({"welfare": [2.0, 1, 2, 2], "weight": [1.0, 2, 3, 4], "by": ["a"] * 4})
    made = in_memory(table).row_order()
    frame = made.frame.to_native()
    assert frame["welfare"].tolist() == [1, 2, 2, 2]
    assert frame[OWN].tolist() == [2, 1, 3, 4]
    assert frame[ROW_RANK].tolist() == [2, 3, 6, 10]
    assert frame[ROW_INCOME].tolist() == [2, 4, 10, 18]
    for sample in in_engines(table):
        with pytest.raises(EngineError, match="no order"):
            sample.row_order()


def test_constants_of_domains_and_factors_of_psus() -> None:
    table = pd.DataFrame(
        {
            "welfare": [1.0, 2, 3, 4],
            "weight": [1.0, 1, 2, 2],
            "by": list("abab"),
            "psu": [7, 7, 8, 9],
            "stratum": [0, 0, 0, 1],
        }
    )
    factors = np.array([2.0, 0.0, 5.0])
    frame: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    layout, domain, psu = lay_out(frame, table["weight"].to_numpy(), by=True, strata=True, psu=True)
    eager = ArraySample(
        layout, frame.select("welfare"), table["weight"].to_numpy(), find_places(layout, domain, psu), {}
    )
    lazy = [
        lazy_sample(nw.from_native(one), nw.col("weight") >= 0, by=True, strata=True, psu=True)
        for one in (duckdb.from_df(table), pl.from_pandas(table).lazy())
    ]
    for sample in (eager, *lazy):
        fixed = sample.fixed({"c": np.array([10.0, 100.0])})
        assert fixed.evaluate({"x": nw.col("c") * nw.col("welfare")}).sums["x"].tolist() == [70, 1000]
        assert sample.reweighted(factors).evaluate({"x": nw.col("welfare")}).sums["x"].tolist() == [2, 44]
