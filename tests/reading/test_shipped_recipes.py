"""Recipes that ship for CFPS, CHIP and CHARLS, on SYNTHETIC tables of three households made here.

Second route: what the recipes should give is worked out by hand below, in round numbers, from the meaning of each
variable as the cards state it; equality is exact. No data of these surveys are read or shipped.
"""

import re
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.contracts import find_contract
from povstats.errors import ContractError, DataError
from povstats.files import data_file
from povstats.reading import ShippedRecipe, shipped
from povstats.words import language

FOLDER = data_file("recipes")
PATHS = {path.stem: path for path in sorted(FOLDER.glob("*/*.yaml"))}
NAMES = list(PATHS)
EVERY = pytest.mark.parametrize("name", NAMES)

CFPS = {  # household, village, county, province, urban, size, income, weight
    "2010": ("fid", "cid", "countyid", "provcd", "urban", "familysize", "indinc_net", "fswt_nat"),
    "2014": ("fid14", "cid14", "countyid14", "provcd14", "urban14", "familysize", "fincome1_per", "fswt_natcs14"),
    "2018": ("fid18", "cid18", "countyid18", "provcd18", "urban18", "familysize18", "fincome1_per", "fswt_natcs18n"),
    "2020": ("fid20", "cid20", "countyid20", "provcd20", "urban20", "familysize20", "fincome1_per", "fswt_natcs20n"),
}
CHARLS_WAVE = {"2011": 1, "2015": 3, "2018": 4}


def cfps(year, last=-8):
    """Three synthetic households; the third has no consumption."""
    columns = ([11, 12, 13], [71, 71, 72], [5, 5, 6], [52, 52, 52], [0, 0, 1], [3, 4, 2], [5000, -1, 800], [1, 2, 3])
    table = pd.DataFrame(dict(zip(CFPS[year], columns, strict=True)))
    return table.assign(pce=[9000, 16000, last], eptran=[300, -9, 0])


def synthetic(name):
    """Make the tables that a recipe works on: the survey's layout, invented values."""
    survey, year, *rest = name.split("_")
    if survey == "cfps":
        villages = pd.DataFrame({CFPS[year][1]: [71, 73], "ch2": [40, -8]})
        return {"household": cfps(year), "village": villages} if rest == ["community"] else cfps(year)
    if survey == "charls":
        w = CHARLS_WAVE[year]
        people = pd.DataFrame(
            {
                "householdID": ["0094004010", "0094004010", "0094004020", "0101001010"],
                "communityID": ["0094004", "0094004", "0094004", "0101001"],
                f"inw{w}": [1, 1, 1, 0],
                f"r{w}famr": [1, 0, 1, np.nan],
                f"hh{w}cperc": [3000.0, 3000.0, np.nan, 4000.0],
                f"hh{w}itot": [8000.0, 8000.0, 100.0, 9000.0],
                f"h{w}hhres": [2, 2, 5, 1],
                f"r{w}wthha": [1.5, 1.5, 2.5, 3.5],
            }
        )
        places = {"communityID": ["0094004", "0101001"], "province": ["贵州省", "北京"], "city": ["遵义市", "北京"]}
        return {"household": people, "village": pd.DataFrame({**places, "urban_nbs": [0, 1]})}
    common = {"hhcode": ["52010101", "52010102", "52010201"], "village_code": ["520101", "520101", "520102"]}
    if year == "2013":
        told = {"coun": [520101] * 3, "a02": [1, 1, 2], "a13_2": [9, -1, 6], "f01_1": [30000, -1, 10]}
        return pd.DataFrame({**common, **told, "household_size": [3, 4, 4], "consumption_total": [9000, 16000, 1]})
    told = {"county_code": ["5201"] * 3, "n3701": [30000, -88, 10], "n4202": [9000, 16000, -99]}
    return pd.DataFrame({**common, **told, "household_size": [3, 4, 4]})


def tables(data):
    return data if isinstance(data, dict) else {"household": data}


@EVERY
def test_a_shipped_recipe_parses_and_serves_its_contract(name):
    recipe = ps.recipe(name)
    assert isinstance(recipe, ShippedRecipe)
    assert (recipe.name, recipe.contract) == (name, "survey")
    made = [target.name for target in recipe.parts.targets if not target.own]
    assert set(made) <= {column.name for column in find_contract("survey").columns}


def test_names_are_unique_and_listed():
    files = [path.stem for path in FOLDER.glob("*/*.yaml")]
    listing = ps.recipes("zh")
    assert sorted(files) == sorted(set(files)) == list(listing["name"])
    assert set(listing["survey"]) == {"CFPS", "CHIP", "CHARLS"}
    assert set(listing["status"]) == {"未经真实文件检验"}
    assert not listing["tested"].any()


def test_the_folders_hold_maps_and_no_data():
    assert {path.suffix for path in FOLDER.rglob("*") if path.is_file()} == {".yaml", ".toml", ".md"}


@EVERY
def test_the_head_and_the_status_say_untested_in_both_languages(name):
    head = PATHS[name].read_text(encoding="utf-8").splitlines()[:2]
    assert head[0].startswith("# 未经真实文件检验")
    assert head[1].startswith("# Untested on the real file")
    recipe = ps.recipe(name)
    assert recipe.status == {"zh": "未经真实文件检验", "en": "untested on the real file"}
    assert "未经真实文件检验" in recipe.parts.note
    assert "untested on the real file" in recipe.parts.note


@EVERY
def test_applying_prints_that_it_is_untested(name, capsys):
    before = language()
    try:
        for lang, words in (("en", "untested on the real file"), ("zh", "未经真实文件检验")):
            language(lang)
            ps.recipe(name).apply(synthetic(name))
            told = capsys.readouterr().out
            assert words in told
            assert name in told
    finally:
        language(before)
    replace(ps.recipe(name), tested=True).apply(synthetic(name))
    assert capsys.readouterr().out == ""


@EVERY
def test_every_variable_has_a_named_source_and_stands_in_the_card(name):
    folder = PATHS[name].parent
    seen = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))["seen"]
    halves = (folder / "card.md").read_text(encoding="utf-8").split("<!-- lang: zh -->")
    wave = str(CHARLS_WAVE.get(name.removeprefix("charls_"), "")) if name.startswith("charls") else ""
    for variable, meaning in ps.recipe(name).variables.items():
        assert set(meaning.seen) <= {*seen, "yours"}
        written = variable if not wave else re.sub(rf"^(inw|hh|h|r){wave}", r"\g<1>{w}", variable)
        assert all(re.search(rf"\b{re.escape(written)}", half) for half in halves), variable
    assert "Untested on the real file" in halves[0]
    assert "未经真实文件检验" in halves[1]


@pytest.mark.parametrize("year", CFPS)
def test_cfps_gives_the_contract_with_missing_codes_gone(year):
    made = ps.recipe(f"cfps_{year}").apply(cfps(year))
    table = made.table
    assert list(table["household"]) == ["11", "12"]  # the third has no consumption: -8
    assert list(table["village"]) == ["71", "71"]
    assert list(table["county"]) == ["5", "5"]
    assert list(table["consumption"]) == [3000, 4000]  # 9000 / 3, 16000 / 4
    assert list(table["household_size"]) == [3, 4]
    assert list(table["weight"]) == [1, 2]
    np.testing.assert_array_equal(table["income"], [5000, np.nan])  # -1
    np.testing.assert_array_equal(table["transfers"], [100, np.nan])  # 300 / 3; -9
    assert ps.check(made, made.contract).violations == ()


@pytest.mark.parametrize("year", ["2010", "2014"])
def test_cfps_takes_the_share_working_away_from_the_community_file(year):
    villages = pd.DataFrame({CFPS[year][1]: [71, 72, 73], "ch2": [40, -8, 10]})
    made = ps.recipe(f"cfps_{year}_community").apply({"household": cfps(year, last=1000), "village": villages})
    np.testing.assert_array_equal(made.table["village_migration"], [0.4, 0.4, np.nan])  # per cent; -8
    assert ps.check(made, made.contract).violations == ()


@pytest.mark.parametrize("year", CHARLS_WAVE)
def test_charls_gives_one_row_a_household_of_the_wave(year):
    made = ps.recipe(f"charls_{year}").apply(synthetic(f"charls_{year}"))
    row = made.table.iloc[0]
    assert len(made.table) == 1  # the spouse, the household without consumption and the one out of the wave are gone
    assert (row["household"], row["village"], row["county"]) == ("0094004010", "0094004", "贵州省/遵义市")
    assert (row["consumption"], row["income"], row["household_size"]) == (3000, 4000, 2)  # 8000 / 2
    assert (row["weight"], row["urban"]) == (1.5, 0)
    assert ps.check(made, made.contract).violations == ()


@pytest.mark.parametrize("year", ["2013", "2018"])
def test_chip_divides_totals_by_the_size_that_the_user_adds(year):
    made = ps.recipe(f"chip_{year}_rural").apply(synthetic(f"chip_{year}_rural"))
    assert list(made.table["household"]) == ["52010101", "52010102"]  # 2013: not the head; 2018: -99
    assert list(made.table["consumption"]) == [3000, 4000]
    np.testing.assert_array_equal(made.table["income"], [10000, np.nan])  # -1 or -88
    assert ps.check(made, made.contract).violations == ()


@EVERY
def test_a_lacking_variable_is_refused_with_its_name_and_meaning(name):
    recipe, whole = ps.recipe(name), tables(synthetic(name))
    for role, column in {(source.table, source.column) for source in recipe.parts.sources()}:
        cut = {**whole, role: whole[role].drop(columns=column)}
        with pytest.raises(DataError) as refused:
            recipe.apply(cut if len(cut) > 1 else cut["household"])
        means = recipe.variables[column]
        assert f"{column!r}, {means.en} / {means.zh}, of the {role} table" in str(refused.value)


def test_a_variable_in_capitals_is_pointed_at():
    table = cfps("2018").rename(columns={"fid18": "FID18"})
    with pytest.raises(DataError, match=r"'fid18', household code.*'FID18'"):
        ps.recipe("cfps_2018").apply(table)


@EVERY
def test_an_empty_file_of_the_layout_passes_the_names_and_is_refused_for_its_rows(name):
    empty = {role: table.iloc[:0] for role, table in tables(synthetic(name)).items()}
    with pytest.raises(DataError, match="has no rows"):
        ps.recipe(name).apply(empty if len(empty) > 1 else empty["household"])


LABELS = {-1: "不知道", -8: "不适用", -9: "缺失"}


def test_a_stata_file_with_the_surveys_labels_gives_the_same(tmp_path):
    path = tmp_path / "家庭经济库.dta"
    cfps("2018").to_stata(path, write_index=False, version=118, value_labels={"pce": LABELS, "eptran": LABELS})
    recipe = ps.recipe("cfps_2018")
    pd.testing.assert_frame_equal(
        recipe.apply(path).table, recipe.apply(cfps("2018")).table, check_dtype=False, check_exact=True
    )


def test_a_code_that_means_something_else_in_the_file_is_refused(tmp_path):
    path = tmp_path / "other.dta"
    cfps("2018").to_stata(path, write_index=False, version=118, value_labels={"pce": {-8: "负债户"}})
    with pytest.raises(DataError, match="负债户"):
        ps.recipe("cfps_2018").apply(path)


def test_a_saved_copy_is_an_ordinary_recipe(tmp_path):
    recipe = ps.recipe("cfps_2018")
    copy = ps.recipe(recipe.save(tmp_path / "mine.yaml"))
    assert copy.fingerprint == recipe.fingerprint
    assert not isinstance(copy, ShippedRecipe)


def test_an_unknown_name_is_refused_with_those_near_to_it():
    with pytest.raises(ContractError, match=r"no recipe 'cfps_2019'.*'cfps_2018'"):
        ps.recipe("cfps_2019")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  fid18: {", "  fid99: {", "do not name the same columns"),
        ("tested: no", "tested: perhaps", "tested must be one of yes, no"),
        ("status: {zh: 未经真实文件检验, ", "status: {", "both languages"),
        ("seen: [lie_flat]", "sene: [lie_flat]", "unknown keys"),
        ("contract: survey", "contract: survye", "no contract 'survye'"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, monkeypatch, old, new, told):
    text = PATHS["cfps_2018"].read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "cfps").mkdir()
    (tmp_path / "cfps" / "cfps_2018.yaml").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(shipped, "data_file", lambda name: tmp_path)
    with pytest.raises(ContractError, match=told):
        ps.recipe("cfps_2018")
