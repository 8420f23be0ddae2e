"""Recipes: from a questionnaire's columns to the contract's, each step counted.

Second routes: the same preparation in plain pandas, written here; tables small enough to compute by hand; identities
(a round trip through the file gives the same). Numbers agree to 1e-12 relative: both sides do a handful of double
operations, perhaps in another order. All data are synthetic.
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import povstats as ps
from povstats.reading import Prepared, Recipe
from povstats.words import LANGUAGES, known

EXACT = 1e-12


def equal(made, wanted):
    np.testing.assert_allclose(np.asarray(made, float), wanted, rtol=EXACT)


def test_a_survey_is_what_plain_pandas_makes_of_it(asked):
    made = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()})
    assert isinstance(made, Prepared)

    wide = asked.households()[lambda t: t["问卷状态"] == "完成"]
    wide = wide.merge(
        asked.villages(), left_on=["县", "村"], right_on=["县名", "村名"], how="left", validate="many_to_one"
    )
    digits = str.maketrans("０１２３４５６７８９", "0123456789")
    total = wide["全年消费"].str.translate(digits).str.replace(",", "").astype(float)
    size = wide["户籍人口"] - wide["外出人数"]
    plain = pd.DataFrame(
        {
            "household": wide["县"] + "/" + wide["村"] + "/" + wide["户编号"].astype(str),
            "village": wide["县"] + "/" + wide["村"],
            "county": wide["县"],
            "consumption": total.where(total != -8) / size,
            "household_size": size.astype(float),
            "trust": wide["政策信任"].map({1: 5.0, 2: 3.0, 3: 1.0}),
            "cadre_relation": 6.0 - wide["干部关系"].where(wide["干部关系"] != 9),
            "aid_funds": wide["扶贫资金"] * 10_000 / wide["村人口"],
            "village_migration": wide["外出比例"] / 100,
        }
    )
    pd.testing.assert_frame_equal(made.table, plain, check_dtype=False, rtol=EXACT)
    assert list(made.rows) == [0, 1, 2, 3, 4]
    assert made.names["household"] == ("县", "村", "户编号")


def test_the_callers_tables_are_not_changed_and_polars_gives_the_same(asked):
    house, village = asked.households(), asked.villages()
    made = ps.recipe(asked.survey()).apply({"household": house, "village": village})
    pd.testing.assert_frame_equal(house, asked.households())
    pd.testing.assert_frame_equal(village, asked.villages())
    same = ps.recipe(asked.survey()).apply({"household": pl.from_pandas(house), "village": pl.from_pandas(village)})
    pd.testing.assert_frame_equal(made.table, same.table)
    assert made.fingerprints == same.fingerprints


def test_the_report_counts_what_each_step_did(asked):
    report = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()}).report
    told = {(step.kind, step.column): step for step in report}
    assert told["keep", ""].dropped == 1
    assert told["villages_unused", ""].examples == ("道真/远村",)
    assert told["number", "consumption"].changed == 4  # the missing code stays as it is
    assert told["missing_unchecked", "consumption"].missing == 1
    assert told["size", "household_size"].changed == 2
    assert told["per_head", "consumption"].changed == 4
    assert told["recode", "trust"].changed == 4  # 9 was made missing before
    assert told["join", ""].rows == 5
    assert told["unique", "household"].rows == 5


@pytest.mark.parametrize(
    ("counted", "inside", "size"),
    [(True, False, [3, 4]), (False, True, [5, 7]), (True, "months", [3.5, 5.0]), (False, "months", [4.5, 6.0])],
)
def test_migrants_count_as_the_recipe_says(counted, inside, size):
    data = pd.DataFrame({"人口": [4, 5], "外出": [1, 1 + (not counted)], "在家月数": [6, 12]})
    if counted:
        data["外出"] = [1, 1]
    migrants = {"counted": counted, "in_divisor": inside, "from": "外出"}
    if inside == "months":
        migrants["months_at_home"] = "在家月数"
    made = ps.recipe(
        {
            "name": "size",
            "contract": "survey",
            "household_size": {"from": "人口", "definition": "resident", "migrants": migrants},
            "columns": {
                "household": "h",
                "village": "v",
                "county": {"constant": "正安"},
                "consumption": {"from": "y", "unit": "千元", "per_head": True},
            },
        }
    ).apply(data.assign(h=["a", "b"], v="v", y=[7.0, 14.0]))
    equal(made.table["household_size"], size)
    equal(made.table["consumption"], [7000 / size[0], 14000 / size[1]])


@pytest.mark.parametrize("inside", [True, False])
def test_a_size_that_counts_as_the_divisor_does_is_taken(inside, asked):
    tree = asked.survey()
    tree["household_size"]["migrants"] = {"counted": inside, "in_divisor": inside}
    made = ps.recipe(tree).apply({"household": asked.households(), "village": asked.villages()})
    equal(made.table["household_size"], [4, 5, 2, 3, 1])


def test_households_without_a_village_stay_or_go_as_the_recipe_says(asked):
    house = asked.households().assign(问卷状态="完成")
    for rule, rows in (("keep", 6), ("drop", 5)):
        tree = asked.survey()
        tree["join"]["unmatched_households"] = rule
        made = ps.recipe(tree).apply({"household": house, "village": asked.villages()})
        assert len(made.table) == rows
        assert made.table["aid_funds"].isna().sum() == rows - 5
        step = next(step for step in made.report if step.kind.startswith("households_"))
        assert step.examples == ("道真/平村 (1)",)
        assert step.dropped == 6 - rows


def test_a_recipe_saved_and_read_again_makes_the_same(tmp_path, asked):
    first = ps.recipe(asked.survey(note="样本为贵州六县。"))
    path = first.save(tmp_path / "方案.yaml")
    again = ps.recipe(path)
    assert isinstance(again, Recipe)
    assert again.tree == first.tree
    assert again.fingerprint == first.fingerprint
    data = {"household": asked.households(), "village": asked.villages()}
    one_way, other = first.apply(data), again.apply(data)
    pd.testing.assert_frame_equal(one_way.table, other.table)
    assert one_way.explain("zh") == other.explain("zh")
    assert one_way.fingerprints == other.fingerprints


def test_fingerprints_tell_recipes_and_data_apart(asked):
    tree = asked.survey()
    first = ps.recipe(tree)
    data = {"household": asked.households(), "village": asked.villages()}
    prints = first.apply(data).fingerprints
    assert ps.recipe(asked.survey(missing={"-8": "不适用"})).fingerprint != first.fingerprint
    changed = asked.households()
    changed.loc[0, "户籍人口"] = 6
    other = first.apply({"household": changed, "village": asked.villages()}).fingerprints
    assert [key for key in prints if prints[key] != other[key]] == ["household"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_prints_in_both_languages(lang, asked):
    made = ps.recipe(asked.survey(note="N.")).apply({"household": asked.households(), "village": asked.villages()})
    for text in (made.summary(lang), made.report.summary(lang), made.recipe.summary(lang), made.explain(lang)):
        assert "{" not in text
        assert "recipe." not in text
    paragraph = made.explain(lang)
    for word in ("全年消费", "道真/远村", made.fingerprints["household"], "只用有效问卷", "N."):
        assert word in paragraph
    for html in (made._repr_html_(), made.report._repr_html_(), made.recipe._repr_html_()):
        assert html.count("<table") >= 1
    frame = made.report.to_frame(lang)
    assert len(frame) == len(list(made.report))
    assert any(
        "一" <= letter <= "鿿" for letter in "".join(frame["detail"]).translate(str.maketrans("", "", "县村"))
    ) or (lang == "en")


def test_the_report_is_tidy_and_has_all_steps(asked):
    made = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()})
    tidy = made.tidy()
    frame = made.report.frame
    for measure in ("changed", "missing", "dropped"):
        assert tidy.loc[tidy["measure"] == measure, "estimate"].sum() == frame[measure].sum()
    assert tidy.loc[tidy["measure"] == "nobs", "estimate"].tolist() == [5]
    assert repr(made.report) == str(made.report.summary())
    assert repr(made).startswith(str(made.summary())[:40])
    assert all(known(f"recipe.did_{kind}") for kind in frame["step"])


def test_check_speaks_the_callers_own_names_and_rows(asked):
    tree = asked.survey()
    tree["columns"]["consumption"]["unit"] = "元"
    data = {"household": asked.households(), "village": asked.villages()}
    data["household"].loc[4, "全年消费"] = "-5"
    report = ps.check(data, "survey", recipe=ps.recipe(tree))
    assert "全年消费 (consumption): values are below 0" in report.summary("en")
    assert "全年消费（consumption）" in report.explain("zh")
    rules = {broken.rule: broken for broken in report.violations}
    assert rules["below"].rows == (4,)
    assert rules["missing"].rows == (3,)
    assert report.to_frame("zh")["变量"].tolist() == ["全年消费（consumption）"] * 2
    assert report.tidy()["group"].tolist() == ["consumption", "consumption", ""]
    made = ps.recipe(tree).apply(data)
    assert ps.check(made, made.contract).summary("zh") == report.summary("zh")


def test_rows_of_a_check_are_those_of_the_file_also_after_a_condition(asked):
    house = asked.households().iloc[::-1].reset_index(drop=True)  # the refused one comes first
    report = ps.check({"household": house, "village": asked.villages()}, "survey", recipe=ps.recipe(asked.survey()))
    assert report.violations[0].rows == (2,)
    assert house["全年消费"][2] == "-8"


def test_a_registry_becomes_a_trend():
    table = pd.DataFrame(
        {
            "乡镇": ["豆沙镇", "豆沙镇", "灯塔乡", "灯塔乡"],
            "年度": ["2014年", "2015年", "2014年", "2015年"],
            "贫困人口": ["1,200", "600", "90", "45"],
            "总人口（万人）": [1.2, 1.2, 0.3, 0.3],
            "发生率": [10, 5, 3, 1.5],
        }
    )
    tree = {
        "name": "建档立卡",
        "contract": "registry",
        "columns": {
            "place": "乡镇",
            "year": {"from": "年度", "recode": {"2014年": 2014, "2015年": 2015}},
            "poor_persons": {"from": "贫困人口", "as": "number"},
            "population": {"from": "总人口（万人）", "unit": "万人"},
            "incidence": {"from": "发生率", "unit": "百分数"},
            "basis": {"constant": "户籍人口"},
        },
    }
    made = ps.recipe(tree).apply(table)
    assert ps.check(made, "registry").ok
    ask = {"time": "year", "by": "place", "breaks": "basis"}
    counted = ps.trend(made.table, numerator="poor_persons", denominator="population", **ask)
    stated = ps.trend(made.table, value="incidence", **ask)
    np.testing.assert_allclose(counted.table["value"], stated.table["value"], rtol=EXACT)
    with pytest.raises(ps.errors.DataError, match="4 rows share 2 values"):
        ps.recipe(tree).apply(table.assign(年度="2014年"))


def test_village_codes_meet_village_names_by_their_labels(asked):
    house = asked.households().assign(村=[1, 1, 2, 1, 1, 3])
    labels = {"村": {1: "大寨", 2: "小寨", 3: "平村"}, "全年消费": {"-8": "不适用"}, "政策信任": {9: "不知道"}}
    labels["干部关系"] = {9: "不知道"}
    tree = asked.survey()
    tree["join"]["household"] = ["县", {"from": "村", "as": "label"}]
    for name in ("household", "village"):
        parts = tree["columns"][name]
        tree["columns"][name] = {"from": [{"from": one, "as": "label"} if one == "村" else one for one in parts]}
    made = ps.recipe(tree).apply({"household": asked.Labelled(house, labels), "village": asked.villages()})
    plain = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()})
    pd.testing.assert_frame_equal(made.table, plain.table)


def test_conditions_hold_for_the_village_table_too(asked):
    tree = asked.survey()
    tree["keep"].append({"column": "村人口", "table": "village", "below": 300})
    tree["join"]["unmatched_households"] = "drop"
    made = ps.recipe(tree).apply({"household": asked.households(), "village": asked.villages()})
    assert made.table["village"].tolist() == ["正安/大寨", "正安/大寨", "正安/小寨"]
    assert sum(step.dropped for step in made.report) == 1 + 2 + 2  # refused, large villages, their households


def test_signs_are_made_plain_where_the_recipe_says_so(asked):
    house = asked.households().assign(村=["大寨", " 大寨", "小寨", "大寨　", "大\u200b寨", "平村"])
    tree = asked.survey()
    tree["join"]["household"] = ["县", {"from": "村", "tidy": True}]
    for name in ("household", "village"):
        tree["columns"][name] = {"from": tree["columns"][name], "tidy": True}
    made = ps.recipe(tree).apply({"household": house, "village": asked.villages()})
    plain = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()})
    pd.testing.assert_frame_equal(made.table, plain.table)
    assert max(step.changed for step in made.report if step.kind == "tidy") == 3
