"""Every part of the study: that it is labelled, worded in both languages, defended, and left out with its reason."""

import re

import pandas as pd
import pytest

from povstats.contracts import TIDY_COLUMNS
from povstats.errors import DataError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou import contents as contents_module
from povstats.guizhou.contents import Part, lacking, parts
from povstats.guizhou.named import terms
from povstats.tables import Table
from povstats.words import LANGUAGES

CHINESE = re.compile(r"[一-鿿]")
MARK = {"zh": "模拟", "en": "synthetic"}
OWN = (
    "variables", "descriptives", "correlations", "null-baseline", "item-trust", "item-participation", "item-harmony",
    "item-cadre-relation", "decisions", "poor-capital", "regions", "villages",
)  # fmt: skip


@pytest.fixture(scope="module")
def synthetic(uneven):
    return Analysis(uneven(), Plan(data="synthetic", line=1500))


def one(analysis, id):
    [found] = [part for part in parts(analysis) if part.id == id]
    return found


def test_ids_name_files_and_each_is_there_once(synthetic):
    ids = [part.id for part in parts(synthetic)]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)] == []
    assert set(OWN) <= set(ids)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", OWN)
def test_a_part_of_synthetic_data_says_so_in_title_and_below(synthetic, analysed, id, lang):
    drawn = one(synthetic, id).drawn(synthetic, lang)
    assert MARK[lang] in drawn.title.lower()
    real = one(analysed, id).drawn(analysed, lang)
    assert MARK[lang] not in real.title.lower()
    assert bool(CHINESE.search(drawn.title)) == (lang == "zh")
    if isinstance(drawn, Table):
        assert MARK[lang] in drawn.notes[-1].lower()
        assert not any(MARK[lang] in note.lower() for note in real.notes)
    else:
        foot = " ".join(text.get_text() for text in drawn.drawing.texts) + str(drawn.drawing._supxlabel.get_text())
        assert MARK[lang] in foot


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", OWN)
def test_a_part_defends_its_numbers(analysed, id, lang):
    found = one(analysed, id).made(analysed)
    words = found.explain(lang)
    assert len(words) > 60
    assert not re.search(r"[{}]|\bnan\b|  |。。|\.\.|，，", words), words
    assert bool(CHINESE.search(words)) == (lang == "zh")
    assert list(found.tidy().columns) == list(TIDY_COLUMNS)
    assert str(found.summary(lang)).strip()
    assert repr(found) == str(found.summary())
    assert "<table" in found._repr_html_()


def test_a_source_stands_under_tables_and_figures_of_real_data(uneven):
    plan = Plan(source={"zh": "某县调查", "en": "a county's survey"})
    analysis = Analysis(uneven(), plan)
    assert one(analysis, "variables").drawn(analysis, "en").notes[-1] == "Source: a county's survey."
    assert "某县调查" in one(analysis, "regions").drawn(analysis, "zh").drawing._supxlabel.get_text()


def test_words_of_ones_own_and_columns_of_ones_own(uneven):
    table = uneven().rename(columns={"trust": "faith"})
    labels = {"faith": {"zh": "信念", "en": "Faith"}}
    analysis = Analysis(table, Plan(items=("faith",), splits=()), labels)
    ids = [part.id for part in parts(analysis)]
    assert "item-faith" in ids
    assert "item-trust" not in ids
    told = one(analysis, "item-faith").drawn(analysis, "en")
    assert told.title == "Log consumption per head: Faith"
    assert ("Fixed effects", "Faith") in list(told.frame.index)
    assert terms(analysis, "zh")["faith:center(aid_funds)"] == "信念 × 村人均扶贫资金"
    reason = one(analysis, "correlations").reason(analysis)
    assert "two items or more" in reason.say("en")


def test_a_part_is_left_out_with_its_reason(analysed, monkeypatch):
    def refuses(analysis):
        raise DataError("villages are too few")

    made = (Part("weighted", "table", refuses, lacking("weight")), Part("broken", "table", refuses))
    monkeypatch.setattr(contents_module, "PARTS", made)
    weighted, broken = parts(analysed)
    assert weighted.reason(analysed).say("zh") == "数据中没有变量 weight"
    assert broken.reason(analysed).say("en") == "not computed: villages are too few"


def test_a_result_is_computed_once_for_its_table_and_its_figure(analysed):
    assert one(analysed, "poor-capital").made(analysed) is one(analysed, "regions").made(analysed)
    assert isinstance(one(analysed, "variables").made(analysed).tidy(), pd.DataFrame)


@pytest.mark.parametrize("id", ["regions", "villages"])
def test_a_readers_words_for_a_chart_leave_the_label_of_synthetic_data(synthetic, analysed, id):
    words = {"lang": "en", "title": "Mine", "source": "my office", "labels": {"trust": "Faith"}}
    own = one(analysed, id).made(analysed).plot(**words)
    assert own.title.startswith("Mine")
    assert "my office" in own.drawing._supxlabel.get_text()
    assert any("Faith" in axes.get_title(loc="left") for axes in own.drawing.axes)
    labelled = one(synthetic, id).made(synthetic).plot(**words)
    assert "Synthetic survey: Mine" in labelled.title
    assert "my office" not in labelled.drawing._supxlabel.get_text()
