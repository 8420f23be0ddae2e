"""Series of the documents: rows come from the facts they name, words are there in both languages.

Second routes: the values are looked up in facts() by id and scaled here; refusals are provoked with altered files.
"""

import dataclasses
import shutil
import tomllib

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.documents import ROLES, load
from povstats.documents.printed import printed_value
from povstats.errors import DataError, OptionError
from povstats.files import data_file

IDS = [f"S{number:02d}" for number in range(1, 9)]
SHARES = {"percent": 100, "percentage_points": 100, "ratio": 1}


@pytest.fixture(scope="module")
def facts():
    return ps.facts().set_index("id")


@pytest.mark.parametrize("id", IDS)
def test_every_number_is_that_of_its_fact(id, facts):
    for row in ps.series(id).table.itertuples():
        fact = facts.loc[row.fact]
        # One division in double precision.
        assert row.value == pytest.approx(fact["value"] / SHARES.get(fact["unit"], 1), rel=1e-15)
        assert (row.unit in ("share", "points")) == (fact["unit"] in SHARES)
        assert (row.place, row.words, row.qualifier) == (fact["place"], fact["words"], fact["qualifier"])
        assert row.printed == (fact["year_basis"] == "printed")
        assert np.isnan(row.time) != row.printed


@pytest.mark.parametrize("id", IDS)
def test_columns_and_roles(id):
    table = ps.series(id).table
    assert tuple(table.columns) == load.COLUMNS
    assert set(table["role"]) <= set(ROLES)
    assert table["time"].dtype == float
    assert not table.duplicated(["fact", "indicator"]).any()
    assert table["time_label"].ne("").all()


def test_every_fact_of_a_series_is_in_it():
    # As many as the plan of the series counts.
    counts = [ps.series(id).table["fact"].nunique() for id in IDS]
    assert counts == [6, 19, 12, 5, 31, 28, 24, 6]


@pytest.mark.parametrize("id", IDS)
def test_a_point_stands_once(id):
    wide = ps.series(id).wide()
    assert not wide.duplicated(["place", "group", "basis", "time", "time_label"]).any()
    points = ps.series(id).table.query("role == 'point'")
    indicators = wide.columns[6:]
    assert wide[indicators].notna().sum().sum() == len(points)
    assert sorted(wide[indicators].stack().dropna()) == sorted(points["value"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id", IDS)
def test_words_are_there_in_the_language(id, lang):
    one = ps.series(id)
    words = [one.title(lang), one.question(lang), one.source(lang), *one.caveats(lang)]
    assert len(one.caveats(lang)) >= 2
    chinese = [any("一" <= sign <= "鿿" for sign in text) for text in words]
    assert all(chinese) if lang == "zh" else not any(chinese)
    assert not any("{" in text for text in words)
    named = one.labelled(lang)
    if lang == "en":
        assert named[["time_label", "indicator", "place", "group", "basis"]].map(str.isascii).mean().min() > 0.5
    assert not named[["indicator", "place", "group", "basis"]].isin(set(one.words.labels)).any(axis=None)
    assert named["value"].equals(one.table["value"])


def test_labels_have_two_languages_and_none_is_idle():
    labels = tomllib.loads(data_file("documents/labels.toml").read_text(encoding="utf-8"))
    assert all(set(label) == {"zh", "en"} and all(label.values()) for label in labels.values())
    used = {key for id in IDS for key in ps.series(id).words.labels}
    assert set(labels) - used == set()


def test_unprinted_years_are_shown_as_such():
    town = ps.series("S02").table
    now = town[town["time_label"] == "现有"]
    assert not now["printed"].any()
    assert now["time"].isna().all()
    assert set(now["year"]) == {"2020"}  # the context's reading stays on record
    summary = ps.series("S02").summary("en")
    assert "now *" in summary
    assert "prints no year" in summary
    assert "prints no year" not in ps.series("S01").summary("en")


def test_wide_orders_a_group_by_recorded_year():
    wide = ps.series("S05").wide().query("group == 'persons'")
    assert wide["time_label"].tolist() == ["基期", "2014", "2015", "2017", "2018", "2019", "近年来", "2020"]
    stock = ps.series("S06").wide().query("group == 'households' and time == 2018")
    assert stock[["time_label", "registered", "exited"]].to_numpy().tolist() == [["2018", 120, 15]]


def test_a_change_of_source_is_another_basis():
    wide = ps.series("S08").wide()
    assert wide["basis"].nunique() == len(wide) == 4
    assert ps.series("S07").wide().query("group == 'absolute'")["basis"].nunique() == 2
    assert ps.series("S01").wide("stated").columns[6:].tolist() == ["cumulative_exits", "poor_reduction_share"]


def test_summary_prints_figures_as_the_texts_do():
    zh, en = ps.series("S07").summary("zh"), ps.series("S07").summary("en")
    assert "2,820 万人" in zh
    assert "约 2.5 亿人" in zh
    assert "−0.3 个百分点" in zh
    assert "28,200,000 persons" in en
    assert "<table>" in zh._repr_html_()
    assert ps.series("S07")._repr_html_() == ps.series("S07").summary(ps.language())._repr_html_()


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "zh", "en"),
    [
        (0.0026, "share", "exact", "0.26%", "0.26%"),
        (0.1, "share", "at_least", "10%以上", "10% or more"),
        (12_701, "households", "exact", "12,701 户", "12,701 households"),
        (54_600, "persons", "at_most", "不超过 5.46 万人", "at most 54,600 persons"),
    ],
)
def test_printed_values(value, unit, qualifier, zh, en):
    assert printed_value(value, unit, qualifier, "zh") == zh
    assert printed_value(value, unit, qualifier, "en") == en


def test_refusals():
    with pytest.raises(OptionError, match="'S99' is not one of 'S01', 'S02'"):
        ps.series("S99")
    one = ps.series("S01")
    with pytest.raises(OptionError, match="lang"):
        one.title("fr")
    with pytest.raises(OptionError, match="role"):
        one.wide("line")
    with pytest.raises(OptionError, match="key"):
        one.label("nowhere")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.id = "S02"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"F0644"', '"F9999"', "F9999' is not in facts.csv"),
        ('"F0644"', '"F0660"', "year of fact F0660 is 'none'; give it words"),
        ("[[rows]]", '[time_label]\n"目前" = ["F0644"]\n\n[[rows]]', "F0644 is 'printed'; take it out"),
        ('group = "all"', 'group = "somewhere"', "no words for \\['somewhere'\\]"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path, monkeypatch, old, new, message):
    shutil.copytree(data_file("documents"), tmp_path / "documents")
    plan = tmp_path / "documents" / "series" / "S01.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(load, "data_file", lambda name: tmp_path / name)
    with pytest.raises(DataError, match=message):
        ps.series("S01")


def test_card_counts_what_is_there():
    card = data_file("documents/card.md").read_text(encoding="utf-8")
    assert card.count(f"{len(ps.facts()):,}") == 2
    assert card.startswith("<!-- lang: en -->")
    assert "<!-- lang: zh -->" in card


def test_every_series_file_can_be_read():
    files = sorted(path.stem for path in data_file("documents/series").glob("*.toml"))
    assert files == IDS
    assert isinstance(pd.concat([ps.series(id).table for id in files]), pd.DataFrame)
