"""An .xlsx with Chinese headings goes through its recipe to the contract, value by value.

Second route: the same columns worked out with pandas from the tables before they are written, by merge and arithmetic
(sums and quotients of the same numbers: relative 1e-12).
"""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import povstats as ps
from povstats import cli
from povstats.words import language


@pytest.fixture(scope="module")
def sheets(survey_zh):
    return survey_zh.tables()


@pytest.fixture(scope="module")
def by_hand(sheets, survey_zh):
    """The table as pandas makes it."""
    house, village = sheets["农户问卷"], sheets["村问卷"]
    both = house.merge(village, left_on=["县", "村"], right_on=["县名", "村名"])
    both = both[both["问卷状态"] == "完成"].reset_index(drop=True)
    scale = {word: place for words in (survey_zh.TRUST, survey_zh.HARMONY) for place, word in enumerate(words, 1)}
    return pd.DataFrame(
        {
            "county": both["县"],
            "consumption": both["全年消费支出"] / both["户籍人口"],
            "education": both["人均受教育年限"].replace(99, np.nan),
            "land": both["耕地总面积"] / both["户籍人口"],
            "migrants": both["外出务工人数"],
            "transfers": both["人情支出"].replace(-8, np.nan) / both["户籍人口"],
            "trust": both["对政策的信任程度"].map(scale),
            "participation": 5 - both["参与村务管理"],
            "harmony": both["与邻里的融洽程度"].map(scale),
            "cadre_relation": both["与村干部的关系"].replace(9, np.nan),
            "village_consumption": both["全村人均消费"],
            "aid_funds": both["扶贫资金"] * 10_000 / both["全村户籍人口"],
            "village_migration": both["外出务工比例"] / 100,
            "household_size": both["户籍人口"],
            "poor": (both["是否贫困户"] == "是").astype(int),
        }
    )


def test_every_column_is_what_pandas_makes_of_the_sheets(prepared_zh, by_hand):
    made = prepared_zh.table
    assert len(made) == len(by_hand)
    for name in by_hand.columns:
        if name == "county":
            assert made[name].tolist() == by_hand[name].tolist()
        else:
            np.testing.assert_allclose(made[name].astype(float), by_hand[name].astype(float), rtol=1e-12, err_msg=name)


def test_it_keeps_the_contract_with_gaps_where_codes_were(prepared_zh):
    report = ps.check(prepared_zh, "guizhou")
    assert report.ok, report
    gaps = prepared_zh.table.isna().sum()
    assert (gaps[["education", "transfers", "trust", "cadre_relation"]] > 0).all()
    assert gaps.drop(["education", "transfers", "trust", "cadre_relation"]).sum() == 0


def test_villages_are_uneven_and_share_names_between_counties(prepared_zh, sheets, survey_zh):
    made = prepared_zh.table
    sizes = made.groupby("village").size()
    assert len(sizes) == survey_zh.VILLAGES == 30
    assert made["county"].nunique() == 5
    assert 5 <= sizes.min() < sizes.max() <= 14
    assert sizes.nunique() > 4
    assert sheets["村问卷"]["村名"].nunique() == 6
    assert made["household"].is_unique


def test_a_villages_mean_is_of_households_that_were_not_asked(sheets):
    """The mean of the commune contains no outcome of the table: it is not the mean of the rows."""
    house, village = sheets["农户问卷"], sheets["村问卷"].set_index(["县名", "村名"])["全村人均消费"]
    own = (house["全年消费支出"] / house["户籍人口"]).groupby([house["县"], house["村"]]).mean()
    apart = (own / village.reindex(own.index)).to_numpy()
    assert (np.abs(apart - 1) > 1e-3).all()
    assert np.corrcoef(own, village.reindex(own.index))[0, 1] > 0.5


def test_the_terminal_checks_the_file_by_its_own_names(survey_zh, recipe_zh, tmp_path):
    path = survey_zh.write(tmp_path / "表.xlsx")
    before = language()
    try:
        good = CliRunner().invoke(cli.app, ["check", str(path), "--recipe", str(recipe_zh), "--lang", "zh"])
        assert good.exit_code == 0, good.output
        sheets = survey_zh.tables()
        sheets["农户问卷"].loc[3, "外出务工人数"] = 44
        sheets["村问卷"].loc[0, "外出务工比例"] = 250
        with pd.ExcelWriter(path) as book:
            for name, table in sheets.items():
                table.to_excel(book, sheet_name=name, index=False)
        bad = CliRunner().invoke(cli.app, ["check", str(path), "--recipe", str(recipe_zh), "--lang", "zh"])
    finally:
        language(before)
    assert bad.exit_code == cli.FINDING
    told = [line for line in bad.output.splitlines() if line.startswith("- ")]
    assert len(told) == 2
    assert "外出务工人数" in told[0]
    assert "外出务工比例" in told[1]
