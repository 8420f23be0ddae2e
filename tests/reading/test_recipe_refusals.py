"""What recipes refuse: words they do not know, what would have to be guessed, and data that do not fit.

Every refusal is caught by the words that name the column, the rows or the remedy.
"""

import copy
import datetime
import math

import numpy as np
import pytest

import povstats as ps
from povstats.errors import ContractError, DataError, OptionError


@pytest.fixture
def changed(asked):
    def make(path, value, tree=None):
        """Change one place of the recipe; `...` takes it out."""
        made = copy.deepcopy(tree or asked.survey())
        *way, last = path
        place = made
        for key in way:
            place = place[key]
        if value is ...:
            del place[last]
        else:
            place[last] = value
        return made

    return make


CONSUMPTION = ("columns", "consumption")
GRAMMAR = [
    (("colums",), {}, r"unknown keys: 'colums' \(near to it: 'columns'\)"),
    (("contract",), "surwey", "no contract 'surwey'"),
    (("contract",), ..., "needs contract"),
    (("name",), ..., "needs name"),
    (("name",), 2009, "name must be text"),
    (("columns",), ["a"], "must map names"),
    (("columns", "consumtion"), "a", r"no column 'consumtion' \(near to it: 'consumption'.*columns of your own go"),
    (("columns", "consumption"), ..., "needs consumption, which the recipe does not make"),
    (("extra",), {"trust": "a"}, "'trust' is a column of contract 'survey'; put it under columns"),
    (("columns", "household_size"), {"from": "户籍人口"}, "made by its own section"),
    (("household_size",), ..., "per_head: yes needs the section household_size"),
    ((*CONSUMPTION, "unit"), ..., "needs unit: the unit of your column, one of .*万元"),
    ((*CONSUMPTION, "unit"), "圆", "'圆' is no unit known here"),
    ((*CONSUMPTION, "unit"), "亩", "mu measures area and yuan money"),
    ((*CONSUMPTION, "unit"), {"from": "元", "to": "万元"}, "the contract asks for yuan"),
    ((*CONSUMPTION, "per_head"), ..., "needs per_head: yes"),
    ((*CONSUMPTION, "per_head"), "maybe", "must be one of yes, already"),
    ((*CONSUMPTION, "per_head"), {"from": "户籍人口"}, "needs definition: registered"),
    ((*CONSUMPTION, "per_head"), {"from": "a", "definition": "户籍"}, "must be one of registered, resident"),
    ((*CONSUMPTION, "logged"), "ln", "must be natural, 2 or 10"),
    ((*CONSUMPTION, "logged"), {"base": 10, "keep": True}, "the contract asks for the level"),
    ((*CONSUMPTION, "as"), "float", "must be one of .*number, text, label"),
    ((*CONSUMPTION, "sum"), ["a", "b"], "exactly one of from, sum, mean, constant; it has from, sum"),
    ((*CONSUMPTION, "form"), "number", "unknown keys: 'form'"),
    ((*CONSUMPTION, "answered"), 2, "go with sum or mean"),
    ((*CONSUMPTION, "missing"), [99], r"\[99\] are codes, which need the label expected"),
    ((*CONSUMPTION, "missing"), {99: 5}, "must be text or null"),
    ((*CONSUMPTION, "missing"), 99, "must map each code to the label"),
    ((*CONSUMPTION, "others"), "keep", "give recode"),
    ((*CONSUMPTION, "unreadable"), "drop", "must be one of refuse, missing"),
    ((*CONSUMPTION, "reverse"), [5, 1], "the first end must be the smaller"),
    ((*CONSUMPTION, "reverse"), 5, "the two ends"),
    ((*CONSUMPTION, "times"), "12", "must be a number"),
    ((*CONSUMPTION, "from"), ["全年消费", "户籍人口"], "to add them up write sum"),
    ((*CONSUMPTION, "from"), 7, "must be text"),
    ((*CONSUMPTION, "recode"), {True: 1}, "put yes and no in quotes"),
    ((*CONSUMPTION, "recode"), {"a": False}, "must become text, a number or null"),
    ((*CONSUMPTION, "order"), ["a"], "two or more"),
    ((*CONSUMPTION, "table"), "villages", "must be one of household, village"),
    (("columns", "trust", "order"), ["a", "b"], "exclude each other"),
    (("columns", "trust", "as"), "label", "as: label and recode exclude"),
    (("columns", "trust"), {"mean": ["政策信任", "干部关系"]}, "needs answered: how many of the 2 items"),
    (("columns", "trust"), {"mean": ["政策信任", "干部关系"], "answered": 3}, "all or a number from 1 to 2"),
    (("columns", "trust"), {"mean": ["政策信任"], "answered": 1}, "two or more columns"),
    (("columns", "trust"), {"mean": ["政策信任", "政策信任"], "answered": 1}, "more than once"),
    (("columns", "trust"), {"sum": ["政策信任", "干部关系"], "answered": 1}, "needs unanswered: zero, or prorate"),
    (("columns", "trust"), {"mean": ["a", "b"], "answered": 1, "unanswered": "zero"}, "unanswered goes with sum"),
    (("columns", "trust"), {"sum": ["a", "b"], "answered": "all", "unanswered": "zero"}, "no meaning"),
    (("columns", "trust"), {"constant": 3, "unit": "元"}, "a constant stands alone"),
    (("columns", "trust"), {"constant": True}, "must be text or a number"),
    (("columns", "trust"), {"from": "a", "unit": "斤"}, "the contract states no unit"),
    (("columns", "household"), {"from": ["县", "村"], "unit": {"from": "元", "to": "元"}}, "a key has no unit"),
    (("household_size", "definition"), ..., "registered .* or resident"),
    (("household_size", "migrants"), ..., "whether migrants are counted"),
    (("household_size", "migrants", "from"), ..., "needs from: the column with their number"),
    (("household_size", "migrants", "in_divisor"), True, "from is not needed"),
    (("household_size", "migrants", "in_divisor"), "months", "months_at_home"),
    (("household_size", "migrants", "in_divisor"), "some", "must be one of yes, no, months"),
    (("join",), ..., "no join"),
    (("join", "village"), ["村名"], "as many columns"),
    (("join", "unmatched"), "drop", "unknown keys: 'unmatched'"),
    (("keep",), [{"column": "a"}], "and one of in, not_in"),
    (("keep",), [{"column": "a", "in": [1], "at_least": 2}], "and one of in, not_in"),
    (("keep",), [{"column": "a", "target": "trust", "in": [1]}], r"a column \(yours\) or a target"),
    (("keep",), [{"column": "a", "equals": 1}], "unknown keys: 'equals'"),
    (("keep",), [{"column": "a", "at_least": "18"}], "must be a number"),
    (("keep",), [{"column": "a", "in": [True]}], "put yes and no in quotes"),
    (("keep",), [{"target": "trsut", "above": 1}], r"makes no column 'trsut' \(near to it: 'trust'\)"),
    (("keep",), [{"target": "trust", "above": 1, "as": "number"}], "a made column is final"),
    (("keep",), [{"column": "a", "is_missing": True, "when_missing": "drop"}], "already says"),
    (("sheets",), {"农户": "a"}, "unknown keys"),
    (("missing",), {True: "x"}, "truth value"),
    (("note",), datetime.date(2009, 12, 1), "put dates in quotes"),
    (("missing",), {math.inf: "x"}, "a key must be a word or a number"),
]


@pytest.mark.parametrize(("path", "value", "told"), GRAMMAR)
def test_a_recipe_that_says_what_is_not_known_is_refused(path, value, told, changed):
    with pytest.raises((ContractError, OptionError), match=told):
        ps.recipe(changed(path, value))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: a\nname: b\n", "line 2: 'name' stands twice"),
        ("name: [a\n", "cannot be read"),
        ("- a\n", "must be a mapping"),
        ("name: !!python/object/apply:os.system [echo]\n", "cannot be read"),
        ("? [a, b]\n: c\n", "a key must be a word or a number"),
        ("name: a\ncontract: survey\ncolums: {}\n", "recipe file r.yaml: .*near to it: 'columns'"),
        ("", "must be a mapping"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_and_never_run(tmp_path, text, told):
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=told):
        ps.recipe(path)


def test_files_have_the_ending_of_their_kind(tmp_path, asked):
    with pytest.raises(ContractError, match="is no recipe file"):
        ps.recipe(tmp_path / "r.txt")
    with pytest.raises(ContractError, match="cannot be read"):
        ps.recipe(tmp_path / "absent.yaml")
    with pytest.raises(OptionError, match=r"is a \.yaml or \.yml file"):
        ps.recipe(asked.survey()).save(tmp_path / "r.txt")


@pytest.fixture
def refused(asked):
    def make(told, house=None, village=None, tree=None, labels=None, missing=None):
        first = asked.households() if house is None else house
        data = first if labels is None and missing is None else asked.Labelled(first, labels or {}, missing or {})
        with pytest.raises(DataError, match=told):
            ps.recipe(tree or asked.survey()).apply(
                {"household": data, "village": asked.villages() if village is None else village}
            )

    return make


def test_columns_that_are_not_there_are_named_with_those_near(asked, changed, refused):
    renamed = asked.households().rename(columns={"全年消费": "全年 消费", "户籍人口": "户籍人囗"})
    refused("'全年消费' .the same but for spaces, case or full-width signs: '全年 消费'", renamed)
    refused("'户籍人口' .near to it: '户籍人囗'", renamed)
    tree = changed(("columns", "aid_funds", "table"), "household")
    refused(r"'扶贫资金' \(the village table has it: say table: village\)", tree=tree)


def test_a_label_that_is_not_the_expected_one_is_refused(changed, refused):
    plain = {"全年消费": {"-8": "不适用"}, "干部关系": {9: "不知道"}}
    one_code = {"政策信任": {9: "拒绝回答"}, **plain}
    refused("'政策信任' of the household table: code 9 is labelled '拒绝回答' .* expects '不知道'", labels=one_code)
    refused("differ in spaces, case or full-width signs only", labels={"政策信任": {9: "不知道 "}, **plain})
    # The file has labels elsewhere, and none here.
    refused("code 9 has no label in the file", labels=plain)
    tree = changed(("columns", "trust", "missing"), {9: None})
    refused("code 9 is labelled '不知道' .* expects no label", tree=tree, labels={"政策信任": {9: "不知道"}, **plain})
    tree = changed(("columns", "trust", "missing"), ["不晓得"])
    refused("no value labelled '不晓得'", tree=tree, labels={"政策信任": {9: "不知道"}, **plain})


def test_a_number_labelled_as_no_answer_is_refused(refused):
    refused(
        "'户籍人口' of the household table would take 5 不适用 for a number",
        labels={
            "户籍人口": {5: "不适用"},
            "政策信任": {9: "不知道"},
            "干部关系": {9: "不知道"},
            "全年消费": {-8: "不适用"},
        },
    )


def test_codes_that_the_file_declares_missing_are_not_passed_over(refused):
    refused(
        r"'户籍人口'.* declares 5 \(不详\) missing; say file_missing: yes", missing={"户籍人口": {5: "不详", 99: ""}}
    )


def test_values_that_no_rule_covers_are_refused(changed, refused):
    tree = changed(("columns", "trust", "recode"), {1: 5, 2: 3})
    refused(r"recode names no value for 3 \(1 rows\)", tree=tree)
    tree = changed(("columns", "trust", "recode"), {"信任": 1, 1: 5, 2: 3})
    labels = {"政策信任": {3: "信 任", 9: "不知道"}, "干部关系": {9: "不知道"}, "全年消费": {"-8": "不适用"}}
    refused("3 信 任 .*'信任' .the same but for spaces", tree=tree, labels=labels)
    twice = {"政策信任": {1: "2", 2: "3", 3: "x", 9: "不知道"}, "全年消费": {"-8": "不适用"}}
    refused(
        "'2' is the label of 1.* and a code itself",
        tree=changed(("columns", "trust", "recode"), {"2": 1}),
        labels=twice,
    )
    tree = changed(("columns", "trust", "recode"), {1: 5, "1": 4, 2: 3, 3: 1})
    refused("two values, 5 and 4", tree=tree)
    tree = changed(("columns", "trust"), {"from": "政策信任", "as": "label"})
    refused("cells have no label in the file: 1, 2, 3", tree=tree)


def test_a_scale_is_turned_round_only_where_all_values_are_on_it(changed, refused):
    tree = changed(("columns", "cadre_relation", "missing"), {8: "不知道"})
    refused(r"reverse: \[1, 5\] is not the scale: 1 values are off it: 9 \(rows from 0: 3\)", tree=tree)


def test_text_is_no_number_until_the_recipe_says_so(asked, changed, refused):
    refused("holds text in .* say as: number", tree=changed(("columns", "consumption", "as"), ...))
    house = asked.households()
    house.loc[1, "全年消费"] = "约两千"
    refused(r"1 cells are no numbers: '约两千' \(1 rows\) \(rows from 0: 1\)", house)
    infinite = asked.households().astype({"户籍人口": float})
    infinite.loc[0, "户籍人口"] = np.inf
    refused("'户籍人口'.* is infinite", infinite)


def test_repeated_households_are_refused_with_examples(asked, refused):
    house = asked.households()
    house.loc[1, "户编号"] = 1
    refused(r"household = 县 \+ 村 \+ 户编号: 2 rows share 1 values: 正安/大寨/1 \(rows from 0: 0, 1\)", house)


def test_a_village_name_in_two_counties_is_refused_unless_the_county_is_in_the_key(asked, changed, refused):
    tree = changed(("columns", "village"), "村")
    refused(
        "village .村.: 1 names occur in several values of county: '大寨' in 正安 and 道真; put county into the key",
        tree=tree,
    )
    tree = asked.survey(join={"household": "村", "village": "村名"})
    refused("more than one row: '大寨' .rows from 0: 0, 2.*needs the county in the key", tree=tree)
    # The village table knows one of the two, the households both.
    refused(
        r"join \(村\): 1 names occur in several values of county: '大寨' in 正安 and 道真.*household: \[县, 村\]",
        village=asked.villages().drop(index=2).reset_index(drop=True),
        tree=tree,
    )


def test_keys_that_do_not_match_are_listed_and_counted(asked, changed, refused):
    refused(
        r"1 households in 1 villages find no village in the village table: 道真/平村 \(1\)",
        asked.households().assign(问卷状态="完成"),
    )
    wide = asked.villages().replace({"小寨": "小寨 "})
    refused("'正安/小寨' .the same but for spaces", village=wide)
    tree = changed(("join", "unmatched_villages"), "refuse")
    refused("1 villages of the village table have no household: 道真/远村", tree=tree)
    refused("'大寨' and '大寨 '", asked.households().assign(村=["大寨", "大寨 ", "小寨", "大寨", "大寨", "平村"]))
    refused("missing in 1 rows", asked.households().assign(村=["大寨", None, "小寨", "大寨", "大寨", "平村"]))
    refused("holds '/', which stands between", asked.households().assign(户编号=["1/2", "2", "1", "1", "2", "9"]))
    refused("no whole number or has more digits", asked.households().assign(户编号=[1e17, 2, 1, 1, 2, 9]))


def test_households_without_anybody_are_refused(asked, changed, refused):
    house = asked.households().assign(户籍人口=[1, 5, 2, 3, 1, 3])
    refused(r"nobody is left in 1 households \(rows from 0: 0\)", house)
    refused("is above '户籍人口', which counts the migrants", asked.households().assign(外出人数=[5, 2, 0, 0, 0, 1]))
    refused("migrants is below 0", asked.households().assign(外出人数=[-1, 2, 0, 0, 0, 1]))
    months = changed(
        ("household_size", "migrants"),
        {"counted": True, "in_divisor": "months", "from": "外出人数", "months_at_home": "月数"},
    )
    refused("above 12 a migrant", asked.households().assign(月数=[13, 0, 0, 0, 0, 0]), tree=months)
    lax = changed(("household_size", "zero"), "missing")
    made = ps.recipe(lax).apply({"household": house, "village": asked.villages()})
    assert made.table["household_size"].isna().tolist() == [True, False, False, False, False]
    house.loc[2, "户籍人口"] = -5
    with pytest.raises(DataError, match=r"'户籍人口' is below 0 in 1 rows \(from 0: 2\), such as -5; name the code"):
        ps.recipe(lax).apply({"household": house, "village": asked.villages()})
    refused("number of persons is 0 or below", village=asked.villages().assign(村人口=[0, 250, 300, 400]))


def test_logarithms_that_are_none_are_refused(changed, refused):
    tree = changed(("columns", "consumption", "logged"), "natural")
    refused("too large to be logarithms, such as 1200", tree=tree)
    tree = changed(
        ("columns", "consumption"),
        {"from": "户籍人口", "logged": {"base": 10, "plus": 1e9}, "unit": "元", "per_head": True},
    )
    refused("come out below 0", tree=tree)


def test_conditions_that_cannot_be_told_are_refused(asked, refused):
    refused(
        r"no value or label '完 成' .the same but for spaces",
        tree=asked.survey(keep=[{"column": "问卷状态", "in": ["完 成"]}]),
    )
    refused("no row is left", tree=asked.survey(keep=[{"column": "户籍人口", "above": 10}]))
    gaps = asked.households().assign(户籍人口=[4, None, 2, 3, 1, 3])
    refused(
        "missing in 1 rows .from 0: 1.*when_missing: drop",
        gaps,
        tree=asked.survey(keep=[{"column": "户籍人口", "above": 1}]),
    )
    refused(
        "is text, and above needs a number",
        tree=asked.survey(keep=[*asked.survey()["keep"], {"target": "county", "above": 1}]),
    )


def test_tables_are_those_that_the_recipe_asks_for(asked):
    made = ps.recipe(asked.survey())
    with pytest.raises(DataError, match="works on household and village, and got household"):
        made.apply(asked.households())
    with pytest.raises(DataError, match="and got village"):
        made.apply({"village": asked.villages()})
    alone = asked.survey()
    del alone["join"], alone["columns"]["aid_funds"], alone["columns"]["village_migration"]
    with pytest.raises(DataError, match="works on household, and got household and village"):
        ps.recipe(alone).apply({"household": asked.households(), "village": asked.villages()})
    with pytest.raises(DataError, match="has no rows"):
        ps.recipe(alone).apply(asked.households().iloc[:0])


def test_a_prepared_frame_is_no_raw_one(asked):
    made = ps.recipe(asked.survey()).apply({"household": asked.households(), "village": asked.villages()})
    with pytest.raises(DataError, match=r"no column '县'.*'问卷状态'"):
        ps.check({"household": made.table, "village": asked.villages()}, "survey", recipe=made.recipe)


def test_keys_that_differ_in_an_invisible_sign_are_refused(refused, asked):
    twins = asked.households().assign(村=["大寨", "大\u200b寨", "小寨", "大寨", "大寨", "平村"])
    refused(r"full-width or invisible signs only: '大寨' and '大\\u200b寨'; say tidy: yes", twins)


@pytest.mark.parametrize("odd", [None, 5])
def test_what_is_no_recipe_is_refused(odd):
    with pytest.raises(ContractError, match="a recipe is a file, a dict or a name, not"):
        ps.recipe(odd)
