"""What a recipe does to the values of a column: each step by hand.

Second route: numbers small enough to compute by hand, and units turned there and back. They agree to 1e-12 relative:
a few double operations. All data are synthetic.
"""

import math

import numpy as np
import pandas as pd
import pytest

import povstats as ps

EXACT = 1e-12


def equal(made, wanted):
    np.testing.assert_allclose(np.asarray(made, float), wanted, rtol=EXACT)


@pytest.mark.parametrize(
    ("start", "end", "by_hand"),
    [
        ("亩", "公顷", 30 / 15),
        ("hectare", "mu", 450),
        ("square metre", "亩", 0.045),
        ("元", "万元", 0.003),
        ("千元", "元", 30_000),
        ("亿元", "万元", 300_000),
        ("斤", "kg", 15),
        ("两", "斤", 3),
        ("吨", "斤", 60_000),
        ("%", "share", 0.3),
        ("share", "per_cent", 3000),
        ("‰", "%", 3),
        ("月", "年", 2.5),
        ("万人", "人", 300_000),
    ],
)
def test_units_are_turned_by_their_definition(start, end, by_hand, one):
    equal(one({"from": "a", "unit": {"from": start, "to": end}}, pd.DataFrame({"a": [30.0]})), [by_hand])
    back = one({"from": "a", "unit": {"from": end, "to": start}}, pd.DataFrame({"a": [by_hand]}))
    equal(back, [30.0])


@pytest.mark.parametrize(
    ("logged", "stored"),
    [
        ("natural", [math.log(1977), math.log(890)]),
        (10, [math.log10(1977), math.log10(890)]),
        (2, [math.log2(1977), math.log2(890)]),
        ({"base": "natural", "plus": 1}, [math.log(1978), math.log(891)]),
    ],
)
def test_a_logarithm_is_brought_back(logged, stored, one):
    equal(one({"from": "a", "logged": logged}, pd.DataFrame({"a": stored})), [1977, 890])


def test_a_logarithm_may_stay_one_outside_the_contract(one):
    equal(one({"from": "a", "logged": {"base": "natural", "keep": True}}, pd.DataFrame({"a": [7.5]})), [7.5])


def test_items_are_put_together_by_a_stated_rule(one):
    nan = math.nan
    data = pd.DataFrame({"a": [1, 2, nan, nan], "b": [3, nan, nan, 4], "c": [5, 6, 7, nan]})
    items = ["a", "b", "c"]
    equal(one({"mean": items, "answered": "all"}, data), [3, nan, nan, nan])
    equal(one({"mean": items, "answered": 2}, data), [3, 4, nan, nan])
    equal(one({"mean": items, "answered": 1}, data), [3, 4, 7, 4])
    equal(one({"sum": items, "answered": "all"}, data), [9, nan, nan, nan])
    equal(one({"sum": items, "answered": 2, "unanswered": "zero"}, data), [9, 8, nan, nan])
    equal(one({"sum": items, "answered": 2, "unanswered": "prorate"}, data), [9, 12, nan, nan])
    equal(one({"sum": ["a", {"from": "b", "times": -1}], "answered": "all"}, data), [-2, nan, nan, nan])


def test_items_share_what_the_column_says_and_may_differ(one):
    data = pd.DataFrame({"a": [1, 9], "b": [4, 2], "c": [2, 5]})
    items = ["a", "b", {"from": "c", "reverse": [1, 5]}]
    equal(one({"mean": items, "answered": 2, "missing": {9: "不知道"}}, data), [(1 + 4 + 4) / 3, (2 + 1) / 2])


def test_text_becomes_numbers_as_people_write_them(one):
    texts = ["1,200", "１２００", " 3.5 ", "−7", "+4", "12,345,678.9", ".5", "", None, 8]
    made = one({"from": "a", "as": "number"}, pd.DataFrame({"a": pd.Series(texts, dtype=object)}))
    equal(made, [1200, 1200, 3.5, -7, 4, 12_345_678.9, 0.5, math.nan, math.nan, 8])
    lax = one({"from": "a", "as": "number", "unreadable": "missing"}, pd.DataFrame({"a": ["约5", "12,34", "1e3", "2"]}))
    equal(lax, [math.nan, math.nan, math.nan, 2])


def test_a_full_width_code_is_still_a_code(one):
    made = one({"from": "a", "as": "number", "missing": {99: "不知道"}}, pd.DataFrame({"a": ["９９", "99", "1"]}))
    equal(made, [math.nan, math.nan, 1])


LABELS = {"a": {1: "非常信任", 2: "一般", 3: "不信任", 99: "不知道"}}
CODED = pd.DataFrame({"a": [1.0, 2.0, 3.0, 99.0, math.nan, 2.0]})


@pytest.mark.parametrize("missing", [{99: "不知道"}, {"99": "不知道"}, {99: ["Don't know", "不知道"]}, ["不知道"]])
def test_answers_are_recoded_by_label_and_codes_are_missing_by_value_and_label(missing, one):
    order = {"from": "a", "order": ["不信任", "一般", "非常信任"], "missing": missing}
    wanted = [3, 2, 1, math.nan, math.nan, 2]
    equal(one(order, CODED, labels=LABELS), wanted)
    recode = {"from": "a", "recode": {"不信任": 1, "一般": 2, 1: 3}, "missing": missing}
    equal(one(recode, CODED, labels=LABELS), wanted)
    null = {"from": "a", "recode": {"不信任": 1, "一般": 2, "非常信任": 3, "不知道": None}}
    equal(one(null, CODED, labels=LABELS), wanted)


def test_values_that_a_recode_does_not_name_are_kept_or_lost_as_it_says(one):
    equal(one({"from": "a", "recode": {1: 7}, "others": "keep"}, CODED[:3]), [7, 2, 3])
    equal(one({"from": "a", "recode": {1: 7}, "others": "missing"}, CODED[:3]), [7, math.nan, math.nan])


def test_labels_take_the_place_of_codes(one):
    made = one({"from": "a", "as": "label"}, CODED, labels=LABELS)
    assert made.tolist() == ["非常信任", "一般", "不信任", "不知道", None, "一般"]


def test_codes_that_the_file_declares_missing_are_taken_where_the_recipe_says_so(asked):
    table = CODED.assign(h=[*"abcdef"], v="v", c="c", y=1.0)
    columns = {"household": "h", "village": "v", "county": "c"}
    columns["consumption"] = {"from": "y", "unit": "元", "per_head": "already"}
    tree = {"name": "x", "contract": "survey", "columns": columns, "file_missing": True, "extra": {"x": "a"}}
    made = ps.recipe(tree).apply(asked.Labelled(table, {}, {"a": {99: "不知道"}}))
    equal(made.table["x"], [1, 2, 3, math.nan, math.nan, 2])


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ({"in": [1, 2]}, [1, 2, 2]),
        ({"in": ["一般"]}, [2, 2]),
        ({"not_in": ["一般"]}, [1, 3]),
        ({"at_least": 2}, [2, 3, 2]),
        ({"at_most": 2}, [1, 2, 2]),
        ({"above": 2}, [3]),
        ({"below": 2}, [1]),
    ],
)
def test_rows_are_kept_by_a_condition(test, left, one):
    keep = [{"column": "a", "missing": {99: "不知道"}, "when_missing": "drop", **test}]
    made = one({"from": "a", "missing": {99: "不知道"}}, CODED, labels=LABELS, keep=keep)
    equal(made, left)


def test_rows_are_kept_where_a_value_is_or_is_not_there(one):
    there = [{"column": "a", "is_missing": False}]
    equal(one({"from": "a", "missing": {99: "不知道"}}, CODED, labels=LABELS, keep=there), [1, 2, 3, math.nan, 2])
    made = [{"target": "x", "is_missing": False}]
    equal(one({"from": "a", "missing": {99: "不知道"}}, CODED, labels=LABELS, keep=made), [1, 2, 3, 2])
    both = [
        {"target": "x", "at_least": 2, "when_missing": "keep"},
        {"target": "x", "at_most": 2, "when_missing": "drop"},
    ]
    equal(one({"from": "a", "missing": {99: "不知道"}}, CODED, labels=LABELS, keep=both), [2, 2])


def test_truth_values_and_categories_are_recoded_by_their_words(one):
    data = pd.DataFrame({"a": [True, False], "b": pd.Categorical(["高", "低"])})
    equal(one({"from": "a", "recode": {"True": 1, "False": 0}}, data), [1, 0])
    equal(one({"from": "b", "order": ["低", "高"]}, data), [2, 1])


def test_long_codes_keep_all_their_digits(one):
    codes = [520_324_197_001_012_345, 520_324_197_001_012_346]
    table = pd.DataFrame({"a": codes})
    assert one({"from": ["a", "h"]}, table).tolist() == [f"{code}/h{i}" for i, code in enumerate(codes)]
    assert one({"from": "a", "as": "text"}, table).tolist() == [str(code) for code in codes]
