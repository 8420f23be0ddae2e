"""The reports on the synthetic survey: margins beside the printed ones, assumptions with their reasons.

Second routes: means by numpy; the fields of the dataclass; the words file.
"""

import re
from dataclasses import fields

import numpy as np
import pytest

import povstats as ps
from povstats.contracts import TIDY_COLUMNS
from povstats.datasets.guizhou.assumed import BLOCKS
from povstats.errors import DataError
from povstats.words import say

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def table():
    return ps.datasets.guizhou_synthetic(11)


def test_all_margins_are_met_and_equal_the_tables(table):
    found = ps.datasets.guizhou_margins(table)
    assert found.met
    drawn = found.margins.set_index("margin")["drawn"]
    poor = table.poor.to_numpy() == 1
    spent = table.consumption.to_numpy()
    assert drawn["mean_poor"] == pytest.approx(np.mean(spent[poor]))
    assert drawn["mean_others"] == pytest.approx(np.mean(spent[~poor]))
    assert drawn["poor_part"] == pytest.approx(129 / 440)
    assert (found.data, found.reading) == ("synthetic", "coefficient")


def test_a_survey_off_the_margins_is_told_so(table):
    other = table[table.village != "V01"].assign(consumption=lambda rows: rows.consumption * 1.01)
    other.attrs = {}
    found = ps.datasets.guizhou_margins(other)
    missed = set(found.margins.loc[~found.margins["met"], "margin"])
    assert {"villages_count", "households_count", "mean_all", "mean_poor", "mean_others"} <= missed
    assert not found.met
    assert found.put_in.empty
    assert "synthetic" not in found.table("en").title.lower()
    assert "construction" not in found.explain("en")


def test_the_reading_is_told():
    letter = ps.datasets.guizhou_margins(ps.datasets.guizhou_synthetic(3, reading="literal"))
    value = letter.put_in.set_index("term")["value"]
    assert value["participation"] == pytest.approx(0.0015)
    assert value["aid_funds"] == pytest.approx(0.0009 / 100)
    assert "0.0015" in str(letter.table("en"))
    assert "by the letter" in str(letter.summary("en"))


def test_what_the_margins_need_is_asked_for(table):
    with pytest.raises(DataError, match="lacks poor"):
        ps.datasets.guizhou_margins(table.drop(columns="poor"))
    with pytest.raises(DataError, match="consumption has missing"):
        ps.datasets.guizhou_margins(table.assign(consumption=np.nan))


def test_every_assumption_is_listed_once_with_its_reason():
    listed = [name for names in BLOCKS.values() for name in names]
    assert sorted(listed) == sorted(one.name for one in fields(ps.datasets.GuizhouAssumptions))
    for name in listed:
        for lang in ("zh", "en"):
            assert len(say(f"synthetic.why_{name}", lang)) > 3
    printed = str(ps.datasets.guizhou_assumptions().table("en"))
    assert say("synthetic.why_icc", "en") in printed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_speak_both_languages(table, lang):
    for found in (ps.datasets.guizhou_margins(table), ps.datasets.guizhou_assumptions()):
        words = found.explain(lang)
        assert words.endswith("。" if lang == "zh" else ".")
        assert bool(CHINESE.search(words)) == (lang == "zh")
        assert not re.search(r"[{}]|nan|  ", words)
        made = found.table(lang)
        assert ("模拟" if lang == "zh" else "synthetic") in made.title.lower()
        assert any(("模拟调查" if lang == "zh" else "Synthetic survey") in note for note in made.notes)
        assert list(found.tidy().columns) == list(TIDY_COLUMNS)
        assert "<table>" in found._repr_html_()


def test_set_assumptions_are_printed():
    told = ps.datasets.GuizhouAssumptions(icc=0.27)
    rows = ps.datasets.guizhou_assumptions(told).tidy().set_index("term")["estimate"]
    assert rows["icc"] == 0.27
    assert rows["by_consumption:harmony"] == -0.02
    assert rows["grade_shares:trust[5]"] == 0.15
