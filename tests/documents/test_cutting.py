"""How sentences are cut to the words that carry a figure: examples written for this test, expected cuts by hand."""

import importlib.util
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "data" / "documents" / "cutting.py"


@pytest.fixture(scope="module")
def cutting():
    spec = importlib.util.spec_from_file_location("documents_cutting", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "words"),
    [
        ("全镇有贫困户120户,比上年减少30户", 120, "households", "全镇有贫困户120户"),
        ("全镇有贫困户120户,比上年减少30户", -30, "households", "全镇有贫困户120户,比上年减少30户"),
        ("2014年脱贫20户53人,2015年脱贫9户21人", 21, "persons", "2015年脱贫9户21人"),
        ("贫困人口由12.5万人减少到3.4万人", 125_000, "persons", "贫困人口由12.5万人减少到3.4万人"),
        ("补助资金7万3481元,其中低保户187人", 73_481, "yuan", "补助资金7万3481元"),
        ("贫困人口减少2/3,发生率为5%", 0.6667, "ratio", "贫困人口减少2/3"),
        ("财力为72,406万元,支出135,213万元", 135_213, "10k_yuan", "支出135,213万元"),
        ("缺资金、缺技术60人,因学20人", 60, "persons", "缺资金、缺技术60人"),
        ("搬迁585户(卡户511户)", 511, "households", "搬迁585户(卡户511户)"),
        ("搬迁585户(卡户511户)", 585, "households", "搬迁585户"),
        ("5户共有5人参加培训", 5, "persons", "5户共有5人参加培训"),
    ],
)
def test_the_shortest_clause_with_a_noun(cutting, sentence, value, unit, words):
    assert cutting.cut(sentence, cutting.find(sentence, value, unit)) == words


def test_a_long_clause_is_cut_around_the_figure_and_says_so(cutting):
    sentence = "甲" * 50 + "共12.5万人" + "乙" * 50
    words = cutting.cut(sentence, cutting.find(sentence, 125_000, "persons"))
    assert len(words) <= cutting.LONGEST
    assert words.startswith("…")
    assert words.endswith("…")
    assert "12.5万人" in words


def test_a_cut_never_leaves_a_piece_of_a_number(cutting):
    sentence = "人均收入低于785元的" + "甲" * 22 + "从214888万减少到1479万"
    words = cutting.cut(sentence, cutting.find(sentence, 785, "yuan"))
    assert words == "人均收入低于785元的" + "甲" * 22 + "从…"


def test_pronunciations_are_taken_out_and_brackets_stay(cutting):
    assert cutting.clean("因?qū)W致貧") == "因學致貧"
    assert cutting.clean("農(nóng)村貧困人口(卡戶)") == "農村貧困人口(卡戶)"


def test_equal_figures_of_one_sentence_are_told_apart(cutting):
    sentence = "70%到户,70%用于产业"
    found = [cutting.find(sentence, 70, "percent", earlier=n).start for n in (0, 1)]
    assert found == [0, 6]


def test_a_year_is_no_quantity(cutting):
    assert cutting.find("2014年贫困人口2014人", 2014, "persons").start == 9


def test_a_figure_that_is_not_there_is_refused(cutting):
    with pytest.raises(SystemExit, match="is not in"):
        cutting.find("贫困户120户", 121, "households")
