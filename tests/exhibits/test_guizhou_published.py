"""The Guizhou text's statements as tables: what is in a cell, what is silent, what is worked out.

Second routes: cells by hand from a reading of the text; the computed numbers from numpy's expm1 and log1p and from the
printed facts, typed nowhere in the exhibit; silent cells counted in the table itself.
"""

import re

import numpy as np
import pytest

import povstats as ps
from povstats.documents import guizhou_statements
from povstats.exhibits import find
from povstats.exhibits.guizhou_published import CONTRADICTIONS, INPUTS
from povstats.exhibits.guizhou_readings import readings
from povstats.words import LANGUAGES

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def facts():
    return ps.facts().set_index("id")["value"]


@pytest.fixture(scope="module")
def tables():
    return {
        (name, lang): find(f"guizhou-{name}").maker(lang)
        for name in ("published", "contradictions")
        for lang in LANGUAGES
    }


def test_cells_say_what_the_text_says(tables):
    frame = tables["published", "zh"].frame.droplevel(0)
    trust, participation, harmony, cadres, at_large = (frame[name] for name in frame.columns)
    assert trust["家庭人均受教育年限"] == "+2.87%／年，显著"
    assert trust["人均耕地面积"] == "+19.17%／亩，显著"
    assert trust["外出务工人数"] == "−13.79%／人，显著"
    assert participation["家庭人均受教育年限"] == "不显著"
    assert participation["村人均扶贫资金"] == "约 +0.09“个百分点”／100 元，显著"
    assert participation["该项社会资本"] == "+0.15“个百分点”／档；+，显著〔小结〕"
    assert participation["该项社会资本 × 全村人均消费水平"] == "不显著；−*〔结论〕"
    assert harmony["该项社会资本 × 全村人均消费水平"] == "−*〔小结〕"
    assert cadres["该项社会资本"] == "+；+，显著〔小结〕"
    assert at_large["该项社会资本 × 村人均扶贫资金"] == "不显著〔小结〕"
    assert (frame.loc["全村人均消费水平"] == "").all()  # its main effect is never mentioned
    assert list(frame.iloc[-1, :2]) == ["固定效应", "随机效应"]


def test_every_statement_of_a_model_is_in_the_table(tables):
    shown = tables["published", "en"].frame.to_numpy().ravel()
    for one in guizhou_statements():
        if one.model != "survey" and one.value is not None:
            assert sum(f"{abs(one.value):.2f}" in cell for cell in shown) == 1, one.id


def test_silence_is_counted_in_the_table(tables):
    frame = tables["published", "en"].frame.iloc[:-1, :4]
    assert frame.size == 44 == int(readings()["effects"])
    assert (frame == "").sum().sum() == int(readings()["silent"]) == 22
    assert sum(bool(re.search(r"\d", cell)) for cell in frame.to_numpy().ravel()) == int(readings()["numbers"]) == 5


def test_the_readings_of_printed_per_cents(facts):
    made = readings()
    for name, fact, exact in (
        ("education", "F0575", 2.91),
        ("land", "F0576", 21.13),
        ("migrants", "F0577", -12.88),
    ):
        share = facts[fact] / 100
        assert float(made[f"{name}_exact"].replace("−", "-")) == pytest.approx(100 * np.expm1(share), abs=0.005)
        assert float(made[f"{name}_exact"].replace("−", "-")) == exact  # the audit of the documents, done apart
        assert float(made[f"{name}_b"].replace("−", "-")) == pytest.approx(np.log1p(share), abs=5e-5)


def test_the_readings_of_percentage_points(facts):
    made, mean = readings(), facts["F0572"]
    for name, fact, literal, linear in (("grade", "F0580", "2.97", "297"), ("funds", "F0578", "1.78", "178")):
        assert made[f"{name}_literal"] == literal == f"{mean * facts[fact] / 100:.2f}"
        assert made[f"{name}_linear"] == linear == f"{mean * facts[fact]:.0f}"
        assert float(made[f"{name}_yuan"]) == pytest.approx(mean * np.expm1(facts[fact]), abs=0.5)
        assert float(made[f"{name}_exact"]) == pytest.approx(100 * np.expm1(facts[fact]), abs=0.05)
    assert float(made["funds_yuan"]) > 100  # as a coefficient it would be more than the funds


def test_the_poor_by_brute_force_over_rounding(facts):
    """The share over a grid of means that all round to the printed ones, and every whole number of households."""
    made = readings()
    all_of, poor, others = (facts[f] + np.array([-0.5, 0, 0.5]) for f in ("F0572", "F0573", "F0574"))
    grid = np.array([(o - m) / (o - p) for m in all_of for p in poor for o in others])
    assert (made["poor_least"], made["poor_most"]) == (f"{100 * grid.min():.2f}", f"{100 * grid.max():.2f}")
    means = [(k * facts["F0573"] + (440 - k) * facts["F0574"]) / 440 for k in range(441)]
    assert [k for k, mean in enumerate(means) if round(mean) == 1977] == [129] == [int(made["poor"])]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_quotes_stay_chinese_and_are_exact(tables, lang):
    frame = tables["contradictions", lang].frame
    statements = {one.id: one for one in guizhou_statements()}
    assert len(frame) == len(CONTRADICTIONS) == 12
    for row, sides in zip(frame.itertuples(index=False), CONTRADICTIONS.values(), strict=True):
        for cell, ids in zip(row[:2], sides, strict=True):
            assert all(f"“{statements[id].quote}”" in cell for id in ids)
            if lang == "en":
                assert all(statements[id].gloss in cell for id in ids)
        assert bool(CHINESE.search(row[2])) == (lang == "zh")
        assert "{" not in row[2]


def test_contradictions_that_were_audited_are_there(tables):
    follows = tables["contradictions", "en"].frame.iloc[:, 2]
    assert "2.91%, 21.13% and −12.88%" in follows["Per cent in a model of logarithms"]
    assert "2.97 yuan" in follows["A grade of participation"]
    assert "1.78 yuan" in follows["100 yuan of aid funds"]
    assert "129, derived and not printed" in follows["Who is poor"]


def test_the_inputs_fix_the_numbers():
    for id in ("guizhou-published", "guizhou-contradictions"):
        known = find(id)
        assert (known.data, known.notebook, known.inputs) == ("documents", "23_guizhou_method", INPUTS)
        assert known.title("zh") != known.title("en")
