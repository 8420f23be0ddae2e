"""Columns that may be absent, keys that may not repeat, and the contracts "survey" and "registry".

Second routes: counts planted by hand; pandas' own `duplicated`; a registry's incidence against numerator / denominator
through `povstats.trend`, which computes it from the counts (exact up to the last digits of a division: 1e-12).
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.contracts import Column, Contract, check, find_contract
from povstats.errors import ContractError
from povstats.words import LANGUAGES, known

SURVEY = find_contract("survey")
REGISTRY = find_contract("registry")


def households():
    return pd.DataFrame(
        {
            "household": ["甲/大寨/1", "甲/大寨/2", "甲/小寨/1", "乙/大寨/1"],
            "village": ["甲/大寨", "甲/大寨", "甲/小寨", "乙/大寨"],
            "county": ["甲", "甲", "甲", "乙"],
            "consumption": [1977.0, 890.0, 2428.0, 0.0],
        }
    )


def counts():
    return pd.DataFrame(
        {
            "place": ["灯塔村"] * 3 + ["豆沙镇"] * 3,
            "year": [2014, 2015, 2016] * 2,
            "poor_persons": [120, 80, 20, 4000, 2500, 900],
            "population": [1000, 1010, 1000, 30000, 30000, 30500],
        }
    )


def found(report):
    return {(broken.column, broken.rule): broken for broken in report.violations}


def test_ids_and_welfare_are_enough_for_a_survey():
    assert check(households(), "survey").ok
    for column in ("household", "village", "county", "consumption"):
        assert (column, "absent") in found(check(households().drop(columns=column), "survey"))


def test_a_column_that_need_not_be_there_is_checked_where_it_is():
    table = households().assign(education=[3.0, np.nan, 26.0, -1.0], village_migration=[0.1, 0.2, 0.3, 1.4])
    assert {key: b.count for key, b in found(check(table, "survey")).items()} == {
        ("education", "below"): 1,
        ("education", "above"): 1,
        ("village_migration", "above"): 1,
        ("village_migration", "not_constant"): 1,
    }


def test_a_village_name_in_two_counties_is_a_breach():
    broken = found(check(households().assign(village=["大寨", "大寨", "小寨", "大寨"]), "survey"))
    assert broken["county", "not_constant"].examples == ("大寨",)


def test_repeated_households_are_told_with_their_rows():
    table = pd.concat([households(), households().iloc[[1]]], ignore_index=True)
    broken = found(check(table, "survey"))["household", "not_unique"]
    assert (broken.count, broken.rows, broken.examples) == (2, (1, 4), ("甲/大寨/2", "甲/大寨/2"))
    for lang in LANGUAGES:
        assert broken.describe(lang) in check(table, "survey").summary(lang)


def test_a_registry_tells_rows_apart_by_place_and_year():
    assert check(counts(), "registry").ok
    table = counts().assign(year=[2014, 2014, 2016, 2014, 2015, 2016])
    broken = found(check(table, "registry"))["place", "not_unique"]
    assert broken.rows == (0, 1)
    assert broken.examples == (("灯塔村", 2014), ("灯塔村", 2014))
    missing = counts().assign(place=[None, None, "灯塔村", "豆沙镇", "豆沙镇", "豆沙镇"], year=2014)
    keys = found(check(missing, "registry"))
    assert keys["place", "missing"].count == 2
    assert keys["place", "not_unique"].count == 3


@given(
    rows=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([2014, 2015, 2016])), min_size=1, max_size=12),
    kind=st.sampled_from([pd.DataFrame, pl.from_pandas]),
)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_repeated_rows_are_those_that_pandas_finds(rows, kind):
    table = pd.DataFrame(rows, columns=["place", "year"])
    twice = table.duplicated(keep=False)
    broken = found(check(kind(table), "registry")).get(("place", "not_unique"))
    assert (0 if broken is None else broken.count) == twice.sum()
    if broken is not None:
        assert broken.rows == tuple(np.flatnonzero(twice)[:3])


def test_a_registry_is_what_trend_takes():
    table = counts()
    trend = ps.trend(table, time="year", numerator="poor_persons", denominator="population", by="place")
    by_hand = table["poor_persons"] / table["population"]
    np.testing.assert_allclose(trend.table["value"], by_hand, rtol=1e-12)
    checked = table.assign(incidence=by_hand)
    assert check(checked, "registry").ok
    same = ps.trend(checked, time="year", value="incidence", by="place")
    np.testing.assert_allclose(same.table["value"], trend.table["value"], rtol=1e-12)


@pytest.mark.parametrize("contract", [SURVEY, REGISTRY])
def test_every_column_has_a_label_and_a_unit_in_two_languages(contract):
    for column in contract.columns:
        assert known(column.label)
        assert not column.unit or known(column.unit)
    zh, en = (list(contract.titles(lang).values()) for lang in LANGUAGES)
    assert len(set(zh)) == len(set(en)) == len(contract.columns)


def test_declarations_in_a_file_may_say_required_and_unique(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "columns:\n  - {name: place, kind: text}\n  - {name: year, kind: integer}\n"
        "  - {name: note, kind: text, required: false}\nunique: [place, year]\n",
        encoding="utf-8",
    )
    contract = find_contract(path)
    assert contract.unique == ("place", "year")
    table = pd.DataFrame({"place": ["a", "a"], "year": [1, 2]})
    assert check(table, contract).ok
    assert not check(table.assign(year=1), contract).ok
    path.write_text("columns:\n  - {name: place, kind: text}\nunique: place\n", encoding="utf-8")
    with pytest.raises(ContractError, match="unique must be a list"):
        find_contract(path)


def test_declarations_that_contradict_themselves_are_refused():
    with pytest.raises(ContractError, match="required must be true or false"):
        Column(name="x", kind="text", required="no")
    with pytest.raises(ContractError, match=r"unique names undeclared columns \['y'\]"):
        Contract(name="c", columns=(Column(name="x", kind="text"),), unique=("x", "y"))
