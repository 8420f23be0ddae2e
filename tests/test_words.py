"""Words: both languages, no silent fallback."""

import pytest

from povstats import words
from povstats.errors import OptionError


def test_words_come_in_the_language_asked_for():
    assert words.say("general.std_error", "zh") == "标准误"
    assert words.say("general.std_error", "en") == "Std. error"


def test_places_are_filled():
    assert "0.545" in words.say("models.note_icc", "zh", icc="0.545")


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
