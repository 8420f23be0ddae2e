"""Values by hand, the boundary at the line, what is dropped and what is refused."""

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
from povstats.poverty import headcount, poverty_gap
from povstats.survey import Design

# Few sums of small integers: all but the last digits are exact.
EXACT = 1e-13


@pytest.fixture
def village() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "income": [50.0, 100.0, 80.0, 120.0, 100.0, 10.0],
            "weight": [1.0, 2.0, 1.0, 4.0, 1.0, 1.0],
            "members": [4, 1, 2, 2, 3, 5],
            "county": ["b", "a", "a", "b", "a", "b"],
            "village": [1, 1, 2, 2, 3, 4],
        }
    )


def test_values_by_hand(village: pd.DataFrame) -> None:
    """Poor below 100: rows 0, 2, 5, of weights 1 + 1 + 1 = 3 out of 10; gaps .5 + .2 + .9 = 1.6."""
    design = Design(weights="weight")
    assert headcount(village, "income", 100, design=design).estimate.iloc[0] == pytest.approx(0.3, rel=EXACT)
    assert poverty_gap(village, "income", 100, design=design).estimate.iloc[0] == pytest.approx(0.16, rel=EXACT)
    assert headcount(village, "income", 100).estimate.iloc[0] == pytest.approx(3 / 6, rel=EXACT)


def test_size_by_hand(village: pd.DataFrame) -> None:
    """Weight × members: 4 2 2 8 3 5 of 24, the poor 4 + 2 + 5."""
    found = headcount(village, "income", 100, design=Design(weights="weight"), size="members")
    assert found.estimate.iloc[0] == pytest.approx(11 / 24, rel=EXACT)
    assert found.population.iloc[0] == 24
    assert "Persons are counted: a row counts weight weight × members persons." in found.summary("en")
    column = village.assign(persons=village["weight"] * village["members"])
    other = headcount(column, "income", 100, design=Design(weights="persons"))
    assert found.se.iloc[0] == pytest.approx(other.se.iloc[0], rel=EXACT)


def test_rows_on_the_line(village: pd.DataFrame) -> None:
    """Rows 1 and 4 sit on the line, weights 2 + 1."""
    design = Design(weights="weight")
    assert headcount(village, "income", 100, design=design, poor="<=").estimate.iloc[0] == pytest.approx(0.6, rel=EXACT)
    strict, weak = (poverty_gap(village, "income", 100, design=design, poor=poor) for poor in ("<", "<="))
    assert strict.estimate.iloc[0] == weak.estimate.iloc[0]
    assert strict.se.iloc[0] == weak.se.iloc[0]
    assert weak.definition.poor == "<="


def test_standard_error_by_hand(village: pd.DataFrame) -> None:
    """Of a mean of 0/1 under simple random sampling it is sqrt(p(1 − p)/(n − 1)); t on 5 df is 2.570582."""
    found = headcount(village, "income", 100)
    se = math.sqrt(0.25 / 5)
    assert found.se.iloc[0] == pytest.approx(se, rel=EXACT)
    assert found.df.iloc[0] == 5
    odds = math.exp(2.570581835636314 * se / 0.25)
    assert found.high.iloc[0] == pytest.approx(odds / (1 + odds), rel=1e-10)
    assert found.low.iloc[0] == pytest.approx(1 / (1 + odds), rel=1e-10)


def test_gap_interval_is_not_clipped() -> None:
    """One small gap among ten rows: mean .01, se .01, and the t interval reaches below 0."""
    found = poverty_gap(pd.DataFrame({"y": [90.0, *[200.0] * 9]}), "y", 100)
    assert found.se.iloc[0] == pytest.approx(0.01, rel=1e-12)
    assert found.low.iloc[0] == pytest.approx(0.01 - 2.262157162798205 * 0.01, rel=1e-10)


def test_missing_welfare_is_dropped_and_counted(village: pd.DataFrame) -> None:
    holed = village.assign(income=village["income"].mask(village.index == 0))
    found = headcount(holed, "income", 100, design=Design(weights="weight"))
    assert found.estimate.iloc[0] == pytest.approx(2 / 9, rel=EXACT)
    assert (found.rows.read, found.rows.used, dict(found.rows.dropped)) == (6, 5, {"income": 1})
    assert (found.rows.zero, found.rows.negative) == (0, 0)
    assert "1 were dropped because income is missing" in found.explain("en")
    assert "1 行因 income 缺失而剔除" in found.explain("zh")


def test_psu_without_welfare_stays_in_the_sample(village: pd.DataFrame) -> None:
    """Village 4 loses its only row: four PSUs stay, so the factor is 4/3 with a zero, not 3/2."""
    holed = village.assign(income=village["income"].mask(village.index == 5))
    found = headcount(holed, "income", 100, design=Design(psu="village"))
    assert found.psus == 4
    z = np.array([1 - 2 * 0.4, 1 - 2 * 0.4, -0.4, 0.0]) / 5
    assert found.se.iloc[0] == pytest.approx(math.sqrt(4 / 3 * ((z - z.mean()) ** 2).sum()), rel=1e-12)
    assert found.df.iloc[0] == 2


def test_zero_and_negative_welfare_stay() -> None:
    table = pd.DataFrame({"y": [-50.0, 0.0, 50.0, 200.0]})
    found = poverty_gap(table, "y", 100)
    assert found.estimate.iloc[0] == pytest.approx((1.5 + 1 + 0.5) / 4, rel=EXACT)
    assert (found.rows.zero, found.rows.negative) == (1, 1)
    assert "above 1" in found.explain("en")
    assert headcount(table, "y", 100).estimate.iloc[0] == 0.75


def test_nobody_poor_has_no_interval() -> None:
    table = pd.DataFrame({"y": [200.0, 300.0, 400.0], "all": [1.0, 2.0, 3.0]})
    for verb in (headcount, poverty_gap):
        found = verb(table, "y", 100)
        assert found.estimate.iloc[0] == 0
        assert found.se.iloc[0] == 0
        assert math.isnan(found.low.iloc[0])
        assert found.reason.iloc[0] == "edge"
        assert "interval is not defined" in found.summary("en")
    everybody = headcount(table, "all", 100, design=Design(weights="y"))
    assert (everybody.estimate.iloc[0], everybody.se.iloc[0], everybody.reason.iloc[0]) == (1, 0, "edge")


def test_groups_without_weight_or_psus_are_reported(village: pd.DataFrame) -> None:
    table = village.assign(county=["a", "a", "a", "b", "c", "d"], weight=[1.0, 1, 1, 1, 0, 1])
    table.loc[5, "income"] = np.nan
    found = headcount(table, "income", 100, by="county", design=Design(weights="weight", psu="village"))
    assert list(found.reason) == ["", "one_psu", "empty", "empty"]
    assert list(found.n) == [3, 1, 1, 0]
    assert found.estimate.isna().tolist() == [False, False, True, True]
    assert found.se.isna().tolist() == [False, True, True, True]
    assert "c, d: No row" in found.summary("en")


def test_equal_gaps_have_no_interval() -> None:
    found = poverty_gap(pd.DataFrame({"y": [50.0] * 4}), "y", 100)
    assert (found.estimate.iloc[0], found.se.iloc[0], found.reason.iloc[0]) == (0.5, 0, "no_spread")


def test_group_with_one_psu_a_stratum_has_no_interval(village: pd.DataFrame) -> None:
    table = village.assign(county=["a", "a", "a", "b", "b", "b"], domain=["x", "y", "y", "x", "y", "y"])
    found = headcount(table, "income", 100, by="domain", design=Design(strata="county", psu="village"))
    assert found.df["x"] == 0
    assert found.se["x"] > 0
    assert found.reason["x"] == "no_df"
    assert math.isnan(found.low["x"])


@pytest.mark.parametrize(
    ("levels", "order"),
    [
        ([10, 9, 9, 10, 2, 2], [2, 9, 10]),
        (["10", "9", "9", "10", "2", "2"], ["10", "2", "9"]),
        (
            pd.Categorical(["low", "mid", "mid", "top", "top", "low"], categories=["top", "mid", "low"]),
            ["top", "mid", "low"],
        ),
        ([True, False, False, True, True, False], [False, True]),
    ],
)
def test_groups_are_in_the_order_of_their_type(village: pd.DataFrame, levels: Any, order: list[Any]) -> None:
    found = headcount(village.assign(group=levels), "income", 100, by="group")
    assert found.estimate.index.tolist() == order
    assert found.tidy()["group"].tolist() == [str(level) for level in order] * 2


def test_tables_of_every_kind_give_the_same_numbers(village: pd.DataFrame, tmp_path: Path) -> None:
    holed = village.assign(income=village["income"].mask(village.index == 3))
    holed.to_csv(tmp_path / "village.csv", index=False)
    pl.from_pandas(holed).write_parquet(tmp_path / "village.parquet")
    design = Design(weights="weight", psu="village")
    tables = [
        holed,
        holed.convert_dtypes(),
        pl.from_pandas(holed),
        pl.from_pandas(holed).with_columns(pl.col("income").fill_null(float("nan"))),
        pa.Table.from_pandas(holed),
        tmp_path / "village.csv",
        str(tmp_path / "village.parquet"),
    ]
    first, *others = [poverty_gap(table, "income", 100, by="county", design=design).tidy() for table in tables]
    for other in others:
        pd.testing.assert_frame_equal(first, other, rtol=0, atol=0)


def test_the_table_is_not_changed(village: pd.DataFrame) -> None:
    before = village.copy(deep=True)
    headcount(village, "income", 100, by="county", design=Design(weights="weight"), size="members")
    pd.testing.assert_frame_equal(village, before)


def test_columns_may_have_the_names_used_inside(village: pd.DataFrame) -> None:
    """A table may call its income "weight" and its weight "welfare"."""
    renamed = village.rename(columns={"income": "weight", "weight": "welfare", "county": "kept", "village": "by"})
    design = Design(weights="welfare", psu="by")
    found = headcount(renamed, "weight", 100, by="kept", design=design)
    plain = headcount(village, "income", 100, by="county", design=Design(weights="weight", psu="village"))
    assert found.estimate.tolist() == plain.estimate.tolist()
    assert found.se.tolist() == plain.se.tolist()


@pytest.mark.parametrize("line", [0, -1, math.nan, math.inf, "2300", None, True, [1, 2]])
def test_bad_lines_are_refused(village: pd.DataFrame, line: Any) -> None:
    with pytest.raises(OptionError, match="one number above 0"):
        headcount(village, "income", line)


def test_numpy_lines_are_numbers(village: pd.DataFrame) -> None:
    assert headcount(village, "income", np.int64(100)).definition.line == 100.0
    assert headcount(village, "income", np.float32(100)).estimate.iloc[0] == 0.5


def test_bad_options_are_refused(village: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="poor='>'"):
        headcount(village, "income", 100, poor=">")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"povstats\.Design, not a str"):
        headcount(village, "income", 100, design="weight")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("income", math.inf, "'income' (welfare) is infinite in 1 rows (from 0: 2)"),
        ("income", -math.inf, "is infinite"),
        ("weight", math.nan, "'weight' (weights) is missing in 1 rows (from 0: 2)"),
        ("weight", -1.0, "'weight' (weights) is negative in 1 rows (from 0: 2)"),
        ("weight", math.inf, "'weight' (weights) is infinite"),
        ("members", 0, "'members' (size) is zero or negative"),
        ("county", None, "'county' (by) is missing in 1 rows (from 0: 2)"),
        ("village", math.nan, "'village' (psu) is missing"),
        ("layer", None, "'layer' (strata) is missing"),
    ],
)
def test_bad_values_are_refused_with_their_rows(village: pd.DataFrame, column: str, value: Any, words: str) -> None:
    table = village.assign(layer="one")
    table[column] = table[column].astype(object if isinstance(value, type(None)) else float)
    table.loc[2, column] = value
    design = Design(weights="weight", psu="village", strata="layer")
    with pytest.raises(DataError) as caught:
        headcount(table, "income", 100, by="county", design=design, size="members")
    assert words in str(caught.value)


def test_text_and_unknown_columns_are_refused(village: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"'county' \(welfare\) must hold numbers"):
        headcount(village, "county", 100)
    with pytest.raises(DataError, match="welfare='wage': the table has no column 'wage'; it has income, weight"):
        headcount(village, "wage", 100)
    with pytest.raises(DataError, match="psu='hamlet': the table has no column 'hamlet'"):
        headcount(village, "income", 100, design=Design(psu="hamlet"))
    with pytest.raises(DataError, match="must hold numbers"):
        headcount(village.assign(poor=village["income"] < 100), "poor", 100)
    with pytest.raises(DataError, match="mixes int and str"):
        headcount(village.assign(group=["a", 1, "b", 2, "a", 1]), "income", 100, by="group")


def test_nothing_to_estimate_is_refused(village: pd.DataFrame) -> None:
    for table in (village.assign(income=math.nan), village.assign(weight=0.0), village.iloc[:0]):
        with pytest.raises(DataError, match="nothing to estimate"):
            headcount(table, "income", 100, design=Design(weights="weight"))


def test_lonely_psus_are_refused_by_name(village: pd.DataFrame) -> None:
    table = village.assign(layer=["x", "x", "x", "x", "y", "z"])
    with pytest.raises(DataError, match=r"2 strata have a single PSU.*'y', 'z'.*certainty.*center"):
        headcount(table, "income", 100, design=Design(strata="layer", psu="village"))
    with pytest.raises(DataError, match="single PSU, so no variance"):
        headcount(village.assign(one=1), "income", 100, design=Design(psu="one"))
    found = headcount(village.assign(one=1), "income", 100, design=Design(psu="one", lonely="certainty"))
    assert found.reason.iloc[0] == "one_psu"


def test_result_says_what_was_asked(village: pd.DataFrame) -> None:
    design = ps.Design(weights="weight", strata="county", psu="village", lonely="certainty")
    found = ps.headcount(table=village, welfare="income", line=2300, by="county", design=design)
    for lang, words in (
        ("en", ("strata county", "PSUs village", "2,300", "not poor")),
        ("zh", ("权重 weight", "2,300")),
    ):
        for word in words:
            assert word in found.explain(lang)
    assert "simple random sample of rows" in headcount(village, "income", 100).explain("en")
    assert "简单随机抽样" in headcount(village, "income", 100).summary("zh")
    assert found.tidy()["measure"].tolist() == ["headcount", "headcount", "nobs", "nobs"]
