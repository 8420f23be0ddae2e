"""Trends by hand: paces, breaks, times that are not printed, what is refused, and every kind of table."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.poverty import Trend, trend

# One logarithm, one exponential and a division of numbers near 1.
EXACT = 1e-13


def share(values: list[float], times: list[Any] | None = None, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"t": times or [2010 + i for i in range(len(values))], "v": values, **columns})


@pytest.fixture
def broken() -> pd.DataFrame:
    """Three years on one line, two on the next; the denominator changes with the last."""
    return pd.DataFrame(
        {
            "year": [2008, 2009, 2010, 2011, 2012],
            "poor": [400.0, 300.0, 200.0, 800.0, 600.0],
            "line": [1196, 1196, 1196, 2300, 2300],
            "residents": ["户籍", "户籍", "户籍", "户籍", "常住"],
        }
    )


def test_paces_by_hand() -> None:
    """From .4 to .1 in 2 years: -.15 a year, half a year's halving twice, two thirds of a year to zero."""
    row = trend(share([0.4, 0.1], [2010, 2012]), time="t", value="v").metrics.iloc[0]
    assert row["years"] == 2
    assert row["change"] == pytest.approx(-0.3, rel=EXACT)
    assert row["change_per_year"] == pytest.approx(-0.15, rel=EXACT)
    assert row["annual_rate"] == pytest.approx(-0.5, rel=EXACT)
    assert row["relative_fall"] == pytest.approx(0.75, rel=EXACT)
    assert row["years_to_zero"] == pytest.approx(2 / 3, rel=EXACT)
    assert row["half_life"] == pytest.approx(1, rel=EXACT)
    assert (row["start"], row["end"], row["reason"]) == ("2010", "2012", "")
    assert math.isnan(row["exits_per_year"])


@pytest.mark.parametrize(
    ("values", "reason", "there", "gone"),
    [
        ([0.2, 0.3], "not_falling", ["annual_rate"], ["years_to_zero", "half_life"]),
        ([0.2, 0.2], "not_falling", ["annual_rate"], ["years_to_zero", "half_life"]),
        ([0.2, 0.0], "zero_end", ["years_to_zero", "relative_fall"], ["annual_rate", "half_life"]),
        ([0.0, 0.2], "zero_start, not_falling", ["change_per_year"], ["annual_rate", "relative_fall"]),
        ([0.2], "one_point", ["first", "last"], ["change", "annual_rate", "years_to_zero"]),
    ],
)
def test_a_missing_metric_has_its_reason(values: list[float], reason: str, there: list[str], gone: list[str]) -> None:
    row = trend(share(values), time="t", value="v", measure="share").metrics.iloc[0]
    assert row["reason"] == reason
    assert row[there].notna().all()
    assert row[gone].isna().all()


def test_a_series_that_reached_zero_needs_no_more_years() -> None:
    assert trend(share([0.2, 0.0]), time="t", value="v").metrics["years_to_zero"].iloc[0] == 0


def test_rates_of_two_dates_a_day_apart_do_not_fail() -> None:
    found = trend(share([1e-9, 1.0], ["2014-01-01", "2014-01-02"]), time="t", value="v")
    assert found.metrics["annual_rate"].iloc[0] == math.inf


def test_the_measure_is_told_or_refused() -> None:
    assert trend(share([0.3, 1.0]), time="t", value="v").measure == "share"
    assert trend(share([30, 101]), time="t", value="v").measure == "count"
    assert trend(share([30, 12]), time="t", value="v", measure="count").measure == "count"
    assert trend(share([30, 12]), time="t", numerator="v").measure == "count"
    assert trend(share([5380.5, 7772]), time="t", value="v", measure="amount").measure == "amount"
    with pytest.raises(DataError, match=r"'v' \(value\) runs up to 12\.3.*divide percentages by 100"):
        trend(share([12.3, 10.1]), time="t", value="v")
    with pytest.raises(DataError, match=r"is above 1 in 2 rows \(from 0: 0: 12\.3, 1: 10\.1\).*divide by 100"):
        trend(share([12.3, 10.1]), time="t", value="v", measure="share")
    with pytest.raises(DataError, match="divide by 100"):
        trend(share([12.3, 10.1], n=[5, 6]), time="t", value="v", numerator="n")


def test_an_amount_has_a_rate_but_no_way_to_zero() -> None:
    row = trend(share([200.0, 100.0]), time="t", value="v", measure="amount").metrics.iloc[0]
    assert row["annual_rate"] == pytest.approx(-0.5, rel=EXACT)
    assert row[["years_to_zero", "half_life", "exits_per_year"]].isna().all()
    assert row["reason"] == ""


def test_a_count_may_be_missing_beside_a_share() -> None:
    """Its metrics then run between the times that have it; a share rounded to 0 implies no population."""
    found = trend(share([0.3, 0.2, 0.1, 0.0], n=[None, 40.0, 15.0, 3.0]), time="t", value="v", numerator="n")
    metrics = found.metrics.set_index("quantity")
    assert metrics.loc["share", ["start", "end"]].tolist() == ["2010", "2013"]
    assert metrics.loc["count", ["start", "end"]].tolist() == ["2011", "2013"]
    assert metrics.loc["population", ["start", "end", "first"]].tolist() == ["2011", "2012", 200.0]
    assert found.table["population"].isna().tolist() == [True, False, False, True]
    assert list(found.growth(2010, 2013)["quantity"]) == ["share"]


def test_segments_end_at_breaks(broken: pd.DataFrame) -> None:
    found = trend(broken, time="year", value="poor", breaks=["line", "residents"])
    assert found.table["segment"].tolist() == [1, 1, 1, 2, 3]
    assert found.table["changed"].tolist() == ["", "", "", "line: 1196 → 2300", "residents: 户籍 → 常住"]
    assert found.table["basis"].iloc[0] == "1196 · 户籍"
    assert found.metrics["start"].tolist() == ["2008", "2011", "2012"]
    assert found.metrics["exits_per_year"].iloc[0] == 100
    assert found.metrics["reason"].tolist() == ["", "one_point", "one_point"]


def test_growth_over_a_break_is_refused_unless_forced(broken: pd.DataFrame) -> None:
    found = trend(broken, time="year", value="poor", breaks=["line", "residents"])
    assert found.growth(2008, 2010)["change"].tolist() == [-200]
    crossed = "2011: line: 1196 → 2300; 2012: residents: 户籍 → 常住"
    with pytest.raises(DataError, match=f"between 2009 and 2012 .*{crossed}"):
        found.growth(2009, 2012)
    forced = found.growth(2009, 2012, across_breaks=True).iloc[0]
    assert forced["change"] == 300
    assert forced["crossed"] == crossed
    # Forced or not, growth on one side of a break is the same.
    assert found.growth(2008, 2010, across_breaks=True).equals(found.growth(2008, 2010))


def test_growth_finds_times_and_groups() -> None:
    table = pd.DataFrame({"g": [1, 1, 2], "t": [2010, 2011, 2010], "v": [0.4, 0.2, 0.3]})
    found = trend(table, time="t", value="v", by="g")
    assert found.growth(2010, "2011", by=1)["annual_rate"].tolist() == pytest.approx([-0.5], rel=EXACT)
    with pytest.raises(DataError, match=r"2011 is no time of this trend in group '2', which has: 2010"):
        found.growth(2010, 2011)
    with pytest.raises(DataError, match=r"by='x' is no group of this trend, which has: 1, 2"):
        found.growth(2010, 2011, by="x")
    with pytest.raises(DataError, match="end=2010 is not after start=2011"):
        found.growth(2011, 2010, by=1)
    twice = trend(share([0.4, 0.2], ["20XX", "20XX"]), time="t", value="v")
    with pytest.raises(DataError, match="'20XX' is printed at 2 rows"):
        twice.growth("20XX", "20XX")


@pytest.mark.parametrize(
    "times",
    [
        ["2014-06-30", "2015-06-30"],
        [dt.date(2014, 6, 30), dt.date(2015, 6, 30)],
        pd.to_datetime(["2014-06-30", "2015-06-30"]).tolist(),
    ],
)
def test_dates(times: list[Any]) -> None:
    """30 June is day 181 of 365, in both years: one year apart."""
    found = trend(share([0.4, 0.2], times), time="t", value="v")
    assert found.clock == "date"
    assert found.table["time"].iloc[0] == pytest.approx(2014 + 180 / 365, rel=EXACT)
    assert found.table["label"].tolist() == ["2014-06-30", "2015-06-30"]
    assert found.growth(times[0], "2015-06-30")["annual_rate"].iloc[0] == pytest.approx(-0.5, rel=1e-11)


def test_years_are_read_from_text_and_unprinted_times_are_marked() -> None:
    found = trend(share([0.4, 0.3, 0.2, 0.1], ["2014年", "2016", "目前", None]), time="t", value="v")
    assert found.table["label"].tolist() == ["2014年", "2016", "目前", ""]
    np.testing.assert_array_equal(found.table["time"], [2014, 2016, np.nan, np.nan])
    assert found.growth("2014年", 2016)["years"].tolist() == [2]
    assert "时间不详" in found.summary("zh")
    assert "time not stated" in found.explain("en")


@pytest.mark.parametrize("bad", ["2014-2016", "end of 2015", "1980s-2016", "2014-13", 201412, 3, True, b"2014"])
def test_times_that_cannot_be_read_are_refused(bad: object) -> None:
    with pytest.raises(DataError, match=r"'t' \(time\) holds .* \(row 1, from 0\); write a year as 2014"):
        trend(pd.DataFrame({"t": pd.Series([2010, bad], dtype=object), "v": [0.4, 0.2]}), time="t", value="v")


def test_rows_out_of_order_are_sorted_or_refused() -> None:
    assert trend(share([0.1, 0.4], [2015, 2010]), time="t", value="v").table["label"].tolist() == ["2010", "2015"]
    with pytest.raises(DataError, match=r"2015, 目前, 2010 is not in order of time; sort the rows"):
        trend(share([0.2, 0.1, 0.4], ["2015", "目前", "2010"]), time="t", value="v")
    with pytest.raises(DataError, match=r"of group 'a' repeats a time \(rows from 0: 0: 2010, 2: 2010\).*by="):
        trend(share([0.2, 0.1, 0.4], [2010, 2011, 2010], g="a"), time="t", value="v", by="g")
    with pytest.raises(DataError, match="mixes years and dates"):
        trend(share([0.2, 0.1], ["2010", "2011-06-30"]), time="t", value="v")


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({}, OptionError, "give value="),
        ({"denominator": "d"}, OptionError, "give value="),
        ({"value": "v", "denominator": "d"}, OptionError, "give value="),
        ({"value": "v", "numerator": "n", "denominator": "d"}, OptionError, "give value="),
        ({"numerator": "n", "measure": "share"}, OptionError, "these columns make a count"),
        ({"value": "v", "measure": "percent"}, OptionError, "measure='percent' is not one of"),
        ({"value": "w"}, DataError, "value='w': the table has no column 'w'"),
        ({"value": "v", "by": "z"}, DataError, "by='z': the table has no column 'z'"),
        ({"value": "v", "breaks": "z"}, DataError, "breaks='z': the table has no column 'z'"),
        ({"value": "v", "breaks": ["g", "g"]}, OptionError, "names a column twice"),
        ({"value": "v", "breaks": "hole"}, DataError, r"'hole' \(breaks\) is missing in 1 rows"),
        ({"value": "hole"}, DataError, r"'hole' \(value\) is missing in 1 rows \(from 0: 1\)"),
        ({"value": "g"}, DataError, "must hold numbers"),
        ({"numerator": "minus"}, DataError, r"'minus' is below 0 in 1 rows \(from 0: 1: -5\)"),
        ({"numerator": "d", "denominator": "n"}, DataError, "'d' is above 'n'"),
        ({"numerator": "zero", "denominator": "zero"}, DataError, "'zero' is zero in 1 rows"),
    ],
)
def test_columns_that_cannot_be_used(columns: dict[str, Any], error: type[Exception], message: str) -> None:
    table = share([0.4, 0.2], n=[4, 2], d=[10, 10], g=["a", "a"], hole=[0.5, None], minus=[5, -5], zero=[0, 1])
    with pytest.raises(error, match=message):
        trend(table, time="t", **columns)


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        trend(pd.DataFrame({"t": [], "v": []}), time="t", value="v")


def test_every_kind_of_table_gives_the_same(broken: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    broken.to_csv(path, index=False)
    before = broken.copy()
    tables = [broken, pl.DataFrame(broken.to_dict("list")), pa.table(broken.to_dict("list")), path]
    first, *others = [trend(t, time="year", value="poor", breaks=["line", "residents"]) for t in tables]
    for other in others:
        pd.testing.assert_frame_equal(first.table, other.table)
        pd.testing.assert_frame_equal(first.metrics, other.metrics)
    pd.testing.assert_frame_equal(broken, before)


def test_dates_of_every_kind_of_table() -> None:
    days = [dt.date(2014, 1, 1), dt.date(2015, 1, 1)]
    table = {"t": days, "v": [0.4, 0.2]}
    for made in (pl.DataFrame(table), pa.table(table), pd.DataFrame(table).astype({"t": "datetime64[ns]"})):
        assert trend(made, time="t", value="v").metrics["annual_rate"].tolist() == pytest.approx([-0.5], rel=EXACT)


def test_tidy_has_values_then_metrics(broken: pd.DataFrame) -> None:
    found = trend(broken, time="year", value="poor", breaks="line")
    frame = found.tidy()
    assert frame["measure"].tolist()[:5] == ["count"] * 5
    assert frame["estimate"].tolist()[:5] == broken["poor"].tolist()
    exits = frame[frame["measure"] == "exits_per_year"].set_index("term")["estimate"]
    assert exits.to_dict() == {"count 2008–2010": 100.0, "count 2011–2012": 200.0}
    assert frame["estimate"].notna().all()


def test_the_name_is_public() -> None:
    assert ps.trend is trend
    assert isinstance(ps.trend(share([0.4, 0.2]), time="t", value="v"), Trend)
