"""Laws of trends that hold for every series: units, order, breaks, and the paces against each other."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povstats.poverty import Trend, trend

# A rate is exp(ln(v1/v0)/n) - 1: a few last digits of numbers near 1, with logarithms up to ln(1e4) = 9.
SAME = 1e-12
RATES = ["annual_rate", "relative_fall", "years_to_zero", "half_life"]
LEVELS = ["first", "last", "change", "change_per_year", "exits_per_year"]

laws = settings(derandomize=True, database=None, deadline=None, max_examples=20)


@st.composite
def series(draw: st.DrawFn) -> pd.DataFrame:
    """Counts of one or two groups over 2 to 7 years, on one of two lines, by a basis that may change back."""
    made = []
    for group in draw(st.sampled_from([["a"], ["a", "b"]])):
        years = draw(st.lists(st.integers(1978, 2020), min_size=2, max_size=7, unique=True))
        rows = {
            "group": [group] * len(years),
            "year": sorted(years),
            "poor": draw(st.lists(st.floats(1, 1e4), min_size=len(years), max_size=len(years))),
            "line": draw(st.lists(st.sampled_from([1196, 2300]), min_size=len(years), max_size=len(years))),
        }
        made.append(pd.DataFrame(rows))
    return pd.concat(made, ignore_index=True)


def follow(table: pd.DataFrame, breaks: str | None = None) -> Trend:
    return trend(table, time="year", value="poor", by="group", breaks=breaks, measure="count")


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    np.testing.assert_allclose(one.to_numpy(dtype=float), other.to_numpy(dtype=float), rtol=SAME, atol=SAME)


@laws
@given(series(), st.sampled_from([1e-4, 0.3, 1e4]))
def test_the_unit_scales_levels_and_leaves_rates(table: pd.DataFrame, unit: float) -> None:
    one, other = follow(table).metrics, follow(table.assign(poor=unit * table["poor"])).metrics
    falls = (one["change"].abs() > 1e-6 * one["first"]) | (one["change"] == 0)
    # A fall in the last digits of a number has no stable time to zero.
    equal(one.loc[falls, RATES], other.loc[falls, RATES])
    np.testing.assert_allclose(unit * one[["first", "last"]], other[["first", "last"]], rtol=SAME)


@laws
@given(series(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table: pd.DataFrame, order: Any) -> None:
    places = list(range(len(table)))
    order.shuffle(places)
    one, other = (follow(t, "line") for t in (table, table.iloc[places]))
    for found, twin in ((one.table, other.table), (one.metrics, other.metrics)):
        keys = ["group", "segment"] + (["time"] if "time" in found else [])
        pd.testing.assert_frame_equal(*(f.sort_values(keys, ignore_index=True) for f in (found, twin)))


@laws
@given(series())
def test_a_break_makes_two_trends(table: pd.DataFrame) -> None:
    """Each segment's metrics are those of a trend over its rows alone, and neighbours differ in their basis."""
    whole = follow(table, "line")
    for (group, segment), part in whole.table.groupby(["group", "segment"], sort=False):
        years = part["time"].astype(int)
        rows = table[(table["group"] == group) & table["year"].isin(years)]
        assert rows["line"].nunique() == 1
        here = whole.metrics[(whole.metrics["group"] == group) & (whole.metrics["segment"] == segment)]
        equal(here[RATES + LEVELS], follow(rows).metrics[RATES + LEVELS])
    inside = whole.table["group"].eq(whole.table["group"].shift())
    assert (whole.table["basis"].ne(whole.table["basis"].shift()) & inside).equals(whole.table["changed"] != "")


@laws
@given(series())
def test_the_paces_lead_where_they_say(table: pd.DataFrame) -> None:
    """Along the line nothing is left after the years to zero; along the curve half is left after a half-life."""
    for _, row in follow(table).metrics.iterrows():
        rate, years = row["annual_rate"], row["years"]
        assert row["first"] * (1 + rate) ** years == pytest.approx(row["last"], rel=1e-10)
        assert row["relative_fall"] == pytest.approx(1 - row["last"] / row["first"], abs=SAME)
        assert math.isnan(row["half_life"]) == (row["change"] >= 0)
        if row["change"] < -1e-6 * row["first"]:
            left = row["last"] + row["change_per_year"] * row["years_to_zero"]
            assert left == pytest.approx(0, abs=SAME * row["first"])
            # 1 + rate loses digits where the rate is small; a half-life of many years feels it.
            assert row["half_life"] * math.log1p(rate) == pytest.approx(-math.log(2), rel=1e-9)


@laws
@given(series(), st.floats(0.01, 0.99))
def test_share_count_and_population_agree(table: pd.DataFrame, part: float) -> None:
    """Two ways in: count and population make the share; share and count imply the population."""
    table = table.assign(people=table["poor"] / part)
    given_ = trend(table, time="year", numerator="poor", denominator="people", by="group")
    table = table.assign(rate=given_.table.sort_values(["group", "time"])["value"].to_numpy())
    implied = trend(table, time="year", value="rate", numerator="poor", by="group")
    equal(given_.table[["value", "numerator", "population"]], implied.table[["value", "numerator", "population"]])
    by_quantity = given_.metrics.set_index(["group", "quantity"])["annual_rate"].unstack() + 1
    # Growth factors multiply: count = share × population.
    np.testing.assert_allclose(by_quantity["count"], by_quantity["share"] * by_quantity["population"], rtol=1e-10)
