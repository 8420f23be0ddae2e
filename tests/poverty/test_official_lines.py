"""Lines by name. Second route: the published rows themselves, carrying by hand, identities of the scales."""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.poverty import written_line

HOUSEHOLDS = pd.DataFrame({"income": [900.0, 4000.0, 2300.0, 5200.0], "size": [1, 4, 2, 5], "young": [0, 2, 0, 3]})


def test_national_lines_are_the_published_ones_with_their_source():
    table = ps.datasets.china_rural_poverty()
    lines = table[(table["indicator"] == "line_yuan_per_year") & table["standard"].str.fullmatch("CN-(1978|2008|2010)")]
    assert len(lines) == 19
    for row in lines.itertuples():
        found = ps.line(row.standard, row.year)
        assert float(found) == row.value
        assert found.source == row.source
        assert found.status == "sourced"


def test_recalled_rows_are_left_out_and_say_so_when_asked_for():
    every, sourced = ps.datasets.china_rural_poverty(recalled=True), ps.datasets.china_rural_poverty()
    assert len(every) == 276
    assert len(every) - len(sourced) == 102
    assert (sourced["source"] != "").all()
    with pytest.raises(OptionError, match="recalled=True"):
        ps.line("CN-2010", 2018)
    found = ps.line("CN-2010", 2018, recalled=True)
    assert float(found) == 2995
    assert "from memory" in found.describe("en")
    assert "凭记忆" in ps.headcount(HOUSEHOLDS, "income", found).explain("zh")


def test_a_line_is_carried_by_the_price_level():
    line = ps.line("CN-2010", 2010)
    found = line.carried(2013, {2010: 80.0, 2013: 92.0})
    assert float(found) == pytest.approx(2300 * 92 / 80, rel=1e-15)
    assert float(found.carried(2010, {2010: 80.0, 2013: 92.0})) == pytest.approx(2300, rel=1e-15)
    assert (found.year, found.prices) == (2010, 2013)
    levels = {2010: 80.0, 2013: 92.0, 2016: 97.0}
    assert float(found.carried(2016, levels)) == pytest.approx(2300 * 97 / 80, rel=1e-15)
    assert "CN-2010, 2010: 2,645.00" in found.describe("en")
    assert "prices of 2013" in found.describe("en")
    assert "1.1500" in found.describe("en")
    assert "1.1500" in found.describe("zh")
    with pytest.raises(OptionError, match="2014"):
        line.carried(2014, {2010: 80.0, 2013: 92.0})
    with pytest.raises(OptionError, match="above 0"):
        line.carried(2013, {2010: 0.0, 2013: 92.0})


def test_the_bank_s_lines_keep_their_vintage_and_ask_for_a_factor():
    line = ps.line("WB-2.15")
    assert (float(line), line.vintage, line.prices) == (2.15, 2017, 2017)
    assert float(line.in_yuan(4.0)) == pytest.approx(2.15 * 4 * 365, rel=1e-15)
    assert "2017 PPP" in line.describe("en")
    for bad in (0.0, float("nan"), -1.0):
        with pytest.raises(OptionError, match="yuan an international dollar in 2017"):
            line.in_yuan(bad)
    with pytest.raises(OptionError, match="in yuan"):
        line.in_yuan(4.0).in_yuan(4.0)


@pytest.mark.parametrize(
    ("name", "year", "told"),
    [("CN-2011", 2011, "CN-2010"), ("CN-2010", None, "2013"), ("CN-2010", 1999, "2013"), ("WB-2.15", 2019, "carried")],
)
def test_unknown_lines_are_refused_with_what_there_is(name, year, told):
    with pytest.raises(OptionError, match=told):
        ps.line(name, year)


def test_a_line_lands_in_the_result():
    line = ps.line("CN-2010", 2010)
    found = ps.headcount(HOUSEHOLDS, "income", line, size="size")
    assert found.definition.origin is line
    assert float(found.estimate.iloc[0]) == pytest.approx(1 / 12)
    assert "CN-2010" in found.explain("en")
    assert "White paper" in line.explain("zh")
    assert line.tidy()["estimate"].tolist() == [2300.0]


def test_words_for_lines():
    assert written_line("2300", HOUSEHOLDS, "income") == 2300.0
    assert float(written_line("CN-2008:2010", HOUSEHOLDS, "income")) == 1274
    share = written_line("0.5 * mean", HOUSEHOLDS, "income")
    assert float(share) == pytest.approx(0.5 * HOUSEHOLDS["income"].mean(), rel=1e-14)
    for bad in ("__import__('os')", "median", "0.6*mode", "CN-2010:13"):
        with pytest.raises(OptionError, match="median"):
            written_line(bad, HOUSEHOLDS, "income")


@pytest.mark.parametrize(
    ("scale", "children", "needs"),
    [
        ("per_capita", None, [1, 4, 2, 5]),
        ("square_root", None, [1, 2, 2**0.5, 5**0.5]),
        ("oecd_modified", "young", [1, 1 + 0.5 + 0.6, 1.5, 1 + 0.5 + 0.9]),
        ("oecd_old", "young", [1, 1 + 0.7 + 1.0, 1.7, 1 + 0.7 + 1.5]),
    ],
)
@pytest.mark.parametrize("kind", ["pandas", "polars lazy", "duckdb"])
def test_equivalence_scales_by_hand(scale, children, needs, kind):
    tables = {"pandas": HOUSEHOLDS, "polars lazy": pl.from_pandas(HOUSEHOLDS).lazy()}
    table = tables.get(kind) if kind != "duckdb" else duckdb.from_df(HOUSEHOLDS)
    found = ps.equivalised(table, "income", size="size", scale=scale, children=children)
    made = nw.from_native(found.table)
    made = made.collect() if isinstance(made, nw.LazyFrame) else made
    ordered = made.sort("size")["equivalised"].to_numpy()
    expected = (HOUSEHOLDS["income"] / np.array(needs))[np.argsort(HOUSEHOLDS["size"].to_numpy())]
    np.testing.assert_allclose(ordered, expected, rtol=1e-14)
    assert "equivalised" not in HOUSEHOLDS


@given(st.floats(0, 1))
def test_the_power_scale_lies_between_one_income_for_all_and_per_head(power):
    found = ps.equivalised(HOUSEHOLDS, "income", size="size", scale="power", power=power).table["equivalised"]
    assert (found <= HOUSEHOLDS["income"]).all()
    assert (found >= HOUSEHOLDS["income"] / HOUSEHOLDS["size"] - 1e-9).all()


def test_what_no_scale_can_take_is_refused():
    with pytest.raises(OptionError, match="children"):
        ps.equivalised(HOUSEHOLDS, "income", size="size", scale="oecd_modified")
    with pytest.raises(OptionError, match="power"):
        ps.equivalised(HOUSEHOLDS, "income", size="size", scale="power")
    with pytest.raises(OptionError, match="'income' already"):
        ps.equivalised(HOUSEHOLDS, "income", size="size", scale="per_capita", column="income")
    with pytest.raises(DataError, match="'size' is below one member in 1 rows"):
        ps.equivalised(HOUSEHOLDS.assign(size=[0, 1, 1, 1]), "income", size="size", scale="per_capita")
    bad = HOUSEHOLDS.assign(young=[1, 0, 0, 0])
    with pytest.raises(DataError, match="no adult"):
        ps.equivalised(bad, "income", size="size", scale="oecd_old", children="young")
    with pytest.raises(DataError, match="persons"):
        ps.equivalised(HOUSEHOLDS, "income", size="persons", scale="per_capita")
