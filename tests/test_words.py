"""Words: both languages, no silent fallback."""

import re

import pytest

from povstats import words
from povstats.errors import OptionError


def test_words_come_in_the_language_asked_for():
    assert words.say("general.std_error", "zh") == "标准误"
    assert words.say("general.std_error", "en") == "Std. error"


def test_places_are_filled():
    assert "0.545" in words.say("models.note_icc", "zh", icc="0.545")


def test_blanks_go_between_chinese_words_and_stay_beside_latin_ones():
    assert words.tight("各 乡（社） 中占 76%，共 5 次") == "各乡（社）中占 76%，共 5 次"
    assert words.tight("各 commune 中占 76%") == "各 commune 中占 76%"
    assert words.tight("30 households each, 5% level") == "30 households each, 5% level"


def test_a_percentage_has_no_blank_before_its_sign_in_either_language():
    """One style for all: a table says 95%, and so does the chart beside it."""
    blank = re.compile(r"[0-9}] %")
    assert blank.search("{level} % intervals")
    assert [key for key, entry in words._words().items() if any(blank.search(text) for text in entry.values())] == []


def test_a_missing_word_raises():
    with pytest.raises(KeyError, match=r"'general\.nonsense'"):
        words.say("general.nonsense", "zh")


def test_an_unknown_language_is_refused():
    with pytest.raises(OptionError, match="'zh', 'en'"):
        words.say("general.std_error", "de")
    with pytest.raises(OptionError, match="'zh', 'en'"):
        words.language("de")


def test_the_language_is_kept_until_changed():
    before = words.language()
    try:
        assert words.language("zh") == "zh"
        assert words.language() == "zh"
    finally:
        words.language(before)
