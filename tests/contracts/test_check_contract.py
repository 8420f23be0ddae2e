"""check(): every breach counted, with examples, in two languages, the same on every kind of table.

The counts of random breaches come from the test itself, which plants them one by one; nothing is rounded, so
no tolerance is needed.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.contracts import CheckReport, Column, Contract, check
from povstats.errors import ContractError, DataError, EngineError, OptionError, PovstatsError
from povstats.words import LANGUAGES

CONTRACT = Contract(
    name="small",
    columns=(
        Column(name="village", kind="integer", low=1),
        Column(name="income", kind="number", low=0, high=1e6, unit="yuan", label="Income"),
        Column(name="children", kind="integer", low=0, high=12, missing=True),
        Column(name="poor", kind="text", levels=("no", "yes")),
        Column(name="road", kind="text"),
    ),
    constant_within={"road": "village"},
)


def sound(rows=12):
    return pd.DataFrame(
        {
            "village": np.arange(rows) // 4 + 1,
            "income": np.linspace(0, 1e6, rows),
            "children": [float(i % 4) if i % 3 else math.nan for i in range(rows)],
            "poor": ["yes", "no"] * (rows // 2),
            "road": np.where(np.arange(rows) // 4 == 0, "earth", "stone"),
        }
    )


def found(report):
    return {(broken.column, broken.rule): broken for broken in report.violations}


@pytest.fixture(params=["pandas", "polars", "pyarrow", "parquet"])
def as_kind(request, tmp_path):
    def convert(table):
        if request.param == "polars":
            return pl.from_pandas(table)
        if request.param == "pyarrow":
            return pa.Table.from_pandas(table)
        if request.param == "parquet":
            table.to_parquet(tmp_path / "table.parquet")
            return str(tmp_path / "table.parquet")
        return table

    return convert


def test_a_sound_table_keeps_its_contract(as_kind):
    report = check(as_kind(sound()), CONTRACT)
    assert isinstance(report, CheckReport)
    assert report.ok
    assert report.rows == 12
    report.raise_if_broken()


def test_every_breach_is_told_at_once(as_kind):
    table = sound()
    table.loc[[0, 5], "income"] = [-1.0, 2e6]
    table.loc[[1, 2, 3, 6], "income"] = [math.inf, -math.inf, math.nan, -7.0]
    table.loc[[4, 8], "children"] = [1.5, 13.0]
    table.loc[[7, 9, 10, 11], "poor"] = ["maybe", "Yes", "", None]
    table.loc[1, "road"] = "stone"
    before = table.copy()
    broken = found(check(as_kind(table), CONTRACT))
    assert {key: b.count for key, b in broken.items()} == {
        ("income", "missing"): 1,
        ("income", "not_finite"): 2,
        ("income", "below"): 2,
        ("income", "above"): 1,
        ("children", "not_whole"): 1,
        ("children", "above"): 1,
        ("poor", "missing"): 1,
        ("poor", "level"): 3,
        ("road", "not_constant"): 1,
    }
    assert broken["income", "below"].rows == (0, 6)
    assert broken["income", "below"].examples == (-1.0, -7.0)
    assert broken["income", "not_finite"].rows == (1, 2)
    assert broken["poor", "level"].rows == (7, 9, 10)
    assert broken["poor", "level"].examples == ("maybe", "Yes", "")
    assert broken["road", "not_constant"].examples == (1,)
    pd.testing.assert_frame_equal(table, before)


def test_positions_do_not_follow_the_index():
    table = sound().set_index(np.arange(100, 112))
    table.loc[103, "income"] = -1.0
    assert found(check(table, CONTRACT))["income", "below"].rows == (3,)


def test_only_three_examples_are_kept():
    table = sound()
    table["poor"] = "?"
    broken = found(check(table, CONTRACT))["poor", "level"]
    assert (broken.count, broken.rows) == (12, (0, 1, 2))


def test_missing_columns_and_empty_tables_are_breaches(as_kind):
    broken = found(check(as_kind(sound().drop(columns=["poor", "village"])), CONTRACT))
    assert set(broken) == {("poor", "absent"), ("village", "absent")}
    empty = check(as_kind(sound().iloc[:0]), CONTRACT)
    assert set(found(empty)) == {("", "empty")}


def test_other_columns_are_left_alone(as_kind):
    assert check(as_kind(sound().assign(note="x")), CONTRACT).ok


def test_a_wrong_kind_is_one_breach_of_all_its_rows(as_kind):
    table = sound().assign(income="12", road=np.arange(12) / 2)
    broken = found(check(as_kind(table), CONTRACT))
    assert {key: b.count for key, b in broken.items()} == {("income", "kind"): 12, ("road", "kind"): 12}
    assert broken["income", "kind"].examples == ("12", "12", "12")


def test_a_key_may_be_numbered_as_a_csv_has_it(as_kind):
    assert check(as_kind(sound().assign(road=np.arange(12) // 4)), CONTRACT).ok  # text that names a kind of group
    varied = found(check(as_kind(sound().assign(road=range(12))), CONTRACT))
    assert set(varied) == {("road", "not_constant")}
    assert set(found(check(as_kind(sound().assign(poor=1)), CONTRACT))) == {("poor", "kind")}  # levels are words


def test_a_medley_of_types_is_a_wrong_kind():
    table = sound().astype({"income": object, "village": object})
    table.loc[2, "income"] = "a lot"
    table.loc[3, "village"] = "one"
    assert set(found(check(table, CONTRACT))) == {("income", "kind"), ("village", "kind")}


def test_truth_values_are_not_numbers():
    assert ("village", "kind") in found(check(sound().assign(village=True), CONTRACT))


def test_an_all_missing_column_is_missing_and_nothing_else(as_kind):
    table = sound().assign(poor=None, children=None)
    broken = found(check(as_kind(table), CONTRACT))
    assert {key: b.count for key, b in broken.items()} == {("poor", "missing"): 12}


def test_categories_and_nullable_columns_are_understood():
    table = sound().astype({"poor": "category", "income": "Float64", "children": "Int64"})
    assert check(table, CONTRACT).ok
    table["income"] = table["income"].where(table["income"] > 0)
    assert {key: b.count for key, b in found(check(table, CONTRACT)).items()} == {("income", "missing"): 1}
    kept = pl.from_pandas(sound()).with_columns(pl.col("poor").cast(pl.Enum(["no", "yes"])))
    assert check(kept, CONTRACT).ok


def test_missing_values_do_not_make_a_group_vary():
    contract = Contract(
        name="fund",
        columns=(
            Column(name="village", kind="integer"),
            Column(name="fund", kind="number", missing=True),
        ),
        constant_within={"fund": "village"},
    )
    table = pl.DataFrame({"village": [1, 1, 1, 2, 2], "fund": [5.0, math.nan, None, 3.0, 3.0]})
    assert check(table, contract).ok
    assert found(check(table.with_columns(fund=pl.Series([5.0, 6.0, None, 3.0, 3.0])), contract))


@given(
    planted=st.lists(
        st.tuples(st.integers(0, 39), st.sampled_from(["low", "high", "missing", "inf", "level", "half"])),
        max_size=60,
    ),
    kind=st.sampled_from([pd.DataFrame, pl.from_pandas, pa.Table.from_pandas]),
)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_random_breaches_are_all_counted(planted, kind):
    table = sound(40).assign(road="stone", children=1.0)
    state = {}
    for row, breach in planted:
        column = {"level": "poor", "half": "children"}.get(breach, "income")
        value = {"low": -0.5, "high": 1e6 + 1, "missing": None, "inf": math.inf, "level": "x", "half": 2.5}
        table.loc[row, column] = value[breach]
        state[row, column] = breach
    rules = {
        "low": "below",
        "high": "above",
        "missing": "missing",
        "inf": "not_finite",
        "level": "level",
        "half": "not_whole",
    }
    expected = {}
    for (row, column), breach in state.items():
        expected.setdefault((column, rules[breach]), []).append(row)
    broken = found(check(kind(table), CONTRACT))
    assert {key: b.count for key, b in broken.items()} == {key: len(rows) for key, rows in expected.items()}
    assert {key: b.rows for key, b in broken.items()} == {
        key: tuple(sorted(rows)[:3]) for key, rows in expected.items()
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_speaks_both_languages(lang):
    table = sound().drop(columns="village").assign(income=-1.0, poor=1)
    report = check(table, CONTRACT)
    text = report.summary(lang)
    frame = report.to_frame(lang)
    assert len(text.splitlines()) == 1 + len(report.violations) == 1 + len(frame)
    for broken in report.violations:
        assert broken.describe(lang) in text
        assert broken.remedy(lang) in text
    assert any("一" <= letter <= "鿿" for letter in text) is (lang == "zh")
    assert "small" in check(sound(), CONTRACT).summary(lang)
    assert CONTRACT.titles(lang)["income"] == {"en": "Income (yuan)", "zh": "Income（yuan）"}[lang]


def test_every_rule_and_kind_has_its_words():
    from typing import get_args

    from povstats.contracts.column import KINDS, Rule
    from povstats.words import known

    keys = [f"contracts.{part}_{rule}" for rule in get_args(Rule) for part in ("rule", "remedy")]
    assert all(known(key) for key in [*keys, *(f"contracts.kind_{kind}" for kind in KINDS)])


def test_the_report_prints_and_tidies():
    table = sound().assign(income=-1.0, road=["<b>"] * 6 + ["<i>"] * 6)
    report = check(table, CONTRACT)
    assert repr(report) == report.summary()
    tidy = report.tidy()
    assert tidy["measure"].tolist() == ["breach", "breach", "nobs"]
    assert tidy["estimate"].tolist() == [12.0, 1.0, 12.0]
    assert "<table" in report._repr_html_()
    odd = check(sound().assign(poor="<script>"), replace(CONTRACT, name="<script>"))._repr_html_()
    assert "<script>" not in odd
    assert odd.count("&lt;script&gt;") > 1
    with pytest.raises(ContractError, match=r"income.*below 0"):
        report.raise_if_broken()


def test_limits_print_in_full():
    contract = Contract(name="big", columns=(Column(name="income", kind="number", low=2e6, high=3_000_000),))
    for value, rule, limit in ((1.0, "below", "2,000,000"), (4e6, "above", "3,000,000")):
        broken = found(check(pd.DataFrame({"income": [value]}), contract))["income", rule]
        assert limit in broken.describe("en")
        assert limit in broken.remedy("zh")


def test_breaches_follow_the_order_of_the_contract():
    table = sound().drop(columns="poor").assign(road="stone", village=[0] * 6 + [1] * 6, income=-1.0)
    table.loc[0, "road"] = "earth"
    order = [broken.column for broken in check(table, CONTRACT).violations]
    assert order == ["village", "income", "poor", "road"]


@pytest.mark.parametrize(
    ("table", "error"),
    [(42, EngineError), ("nowhere.csv", DataError), (pl.LazyFrame({"a": [1]}), EngineError)],
)
def test_what_is_no_table_is_refused(table, error):
    with pytest.raises(error):
        check(table, CONTRACT)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "float"}, "kind of column"),
        ({"kind": "number", "low": 2, "high": 1}, "above"),
        ({"kind": "number", "low": math.nan}, "finite"),
        ({"kind": "number", "high": True}, "finite"),
        ({"kind": "text", "low": 1}, "levels"),
        ({"kind": "number", "levels": ("a",)}, "only text"),
        ({"kind": "text", "levels": (True, False)}, "quotes"),
        ({"kind": "text", "levels": ("a", "b"), "level_labels": ("甲",)}, "2 levels and 1 level_labels"),
        ({"kind": "text", "missing": "no"}, "true or false"),
        ({"kind": "text", "unit": 3}, "unit must be text"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(fields, told):
    with pytest.raises(PovstatsError, match=told):
        Column(name="x", **fields)


def test_contracts_that_contradict_themselves_are_refused():
    column = Column(name="x", kind="text")
    for columns, within, told in (
        ((), {}, "no column"),
        ((column, column), {}, "more than once"),
        ((column,), {"x": "village"}, "undeclared"),
    ):
        with pytest.raises(ContractError, match=told):
            Contract(name="c", columns=columns, constant_within=within)
    with pytest.raises(OptionError):
        Column(name="x", kind="date")


def test_ps_check_is_this_check():
    assert ps.check is check
