"""What a reader sees: both languages, columns that line up, per cent only in print."""

import re
import unicodedata

import pandas as pd
import pytest

import povstats as ps
from povstats.errors import OptionError
from povstats.poverty import Estimates, headcount, poverty_gap
from povstats.survey import Design


@pytest.fixture
def found() -> Estimates:
    table = pd.DataFrame(
        {"收入": [50.0, 120.0, 80.0, 300.0, 90.0, 400.0], "县": ["威宁县", "A", "A", "威宁县", "A", "威宁县"]}
    )
    return headcount(table, "收入", 100, by="县")


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_have_one_width(found: Estimates, lang: str) -> None:
    title, rule, *table = found.summary(lang).splitlines()
    body = table[: 3 + len(found.estimate)]
    assert {columns(line) for line in [rule, *body]} == {len(rule)}
    assert "收入 < 100" in title


def test_print_is_in_per_cent_and_the_result_in_shares(found: Estimates) -> None:
    assert found.estimate["A"] == pytest.approx(2 / 3)
    assert re.search(r"^A +66\.67 ", found.summary("en"), flags=re.MULTILINE)
    assert found.tidy()["estimate"].iloc[0] == found.estimate["A"]


def test_the_language_of_the_session_is_used(found: Estimates) -> None:
    before = ps.language()
    try:
        ps.language("zh")
        assert repr(found) == found.summary("zh")
        assert "贫困发生率" in found._repr_html_()
        ps.language("en")
        assert repr(found) == found.summary("en")
    finally:
        ps.language(before)
    with pytest.raises(OptionError, match="lang='fr'"):
        found.summary("fr")


def test_html_escapes_names() -> None:
    table = pd.DataFrame({"<b>": [1.0, 2.0, 300.0], "g": ["<i>x</i>"] * 3})
    page = headcount(table, "<b>", 100, by="g")._repr_html_()
    assert "<b>" not in page
    assert "&lt;i&gt;x&lt;/i&gt;" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verb", [headcount, poverty_gap])
def test_every_sentence_has_both_languages(verb: object, lang: str) -> None:
    """Every branch: sizes, weights, strata, lonely policies, drops, low welfare, missing intervals."""
    assert callable(verb)
    table = pd.DataFrame(
        {
            "y": [-1.0, 0.0, 50.0, 500.0, None, 70.0, 600.0, 80.0],
            "w": [1.0, 2.0, 1.0, 1.0, 1.0, 0.0, 1.0, 3.0],
            "s": [1, 2, 3, 4, 2, 3, 1, 2],
            "g": ["a", "a", "a", "b", "b", "c", "a", "a"],
            "h": ["x", "x", "x", "x", "y", "y", "y", "y"],
            "v": [1, 1, 2, 3, 4, 4, 4, 5],
        }
    )
    designs = [Design(), Design(weights="w"), Design(psu="v"), Design(strata="h")]
    designs += [Design(weights="w", strata="h", psu="v", lonely=policy) for policy in ("certainty", "center")]
    for design in designs:
        for size in (None, "s"):
            for by in (None, "g"):
                found = verb(table, "y", 100, by=by, design=design, size=size)
                for words in (found.explain(lang), found.summary(lang)):
                    assert "{" not in words
                    assert "None" not in words
                assert ("贫困线" in found.explain(lang)) == (lang == "zh")


def test_paragraph_names_numerator_and_denominator() -> None:
    table = pd.DataFrame({"y": [50.0, 100.0, 200.0, 300.0], "w": [1.5, 2.0, 3.0, 3.5]})
    words = headcount(table, "y", 100, design=Design(weights="w")).explain("en")
    assert "15.00 per cent, 1.5 poor out of 10." in words
    assert "a value equal to the line is not poor" in words
    assert "Degrees of freedom" in words
    assert "logit" in words
    assert "not clipped" in poverty_gap(table, "y", 100).explain("en")
