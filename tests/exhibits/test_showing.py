"""Showing: in a terminal, in a kernel with one language, and as reproduce does with both."""

from dataclasses import dataclass

import IPython
import IPython.display
import pandas as pd
import pytest

from povstats.errors import OptionError
from povstats.exhibits import exhibit, registry, show
from povstats.words import BOTH, language


@dataclass
class Picture:
    title: str
    numbers: pd.DataFrame


class Result:
    def __str__(self):
        return f"speaks {language()}"


@pytest.fixture(autouse=True)
def own_register(monkeypatch):
    registry._load()
    monkeypatch.setattr(registry, "_REGISTER", dict(registry._REGISTER))
    monkeypatch.delenv(BOTH, raising=False)
    before = language()
    language("en")

    @exhibit("general-note", data="synthetic", notebook="10_tiny")
    def note(lang):
        return Picture(f"title {lang}", pd.DataFrame({"x": [1.5]}))

    yield
    language(before)


@pytest.fixture
def displayed(monkeypatch):
    """What a kernel would show: (language it was spoken in, metadata)."""
    seen = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(
        IPython.display,
        "display",
        lambda thing, metadata: seen.append((getattr(thing, "title", str(thing)), metadata)),
    )
    return seen


def test_in_a_terminal_the_title_and_numbers_are_printed_in_the_picked_language(capsys):
    language("zh")
    assert show("general-note") is None
    assert capsys.readouterr().out.split() == ["title", "zh", "x", "1.5"]


def test_a_language_gives_the_object_and_shows_nothing(capsys):
    assert show("general-note", "zh").title == "title zh"
    assert capsys.readouterr().out == ""


def test_a_kernel_shows_the_picked_language_with_its_name_and_a_text_for_the_picture(displayed):
    show("general-note")
    assert displayed == [("title en", {"povstats": {"lang": "en"}, "image/png": {"alt": "title en"}})]


def test_reproduce_gets_both_languages(displayed, monkeypatch):
    monkeypatch.setenv(BOTH, "1")
    show("general-note")
    show(Result())
    assert [title for title, _ in displayed] == ["title zh", "title en", "speaks zh", "speaks en"]
    assert [about["povstats"]["lang"] for _, about in displayed] == ["zh", "en", "zh", "en"]
    assert language() == "en", "the picked language is given back"


def test_a_result_is_shown_in_the_language_asked_for(capsys):
    assert show(Result(), "zh") is None
    assert capsys.readouterr().out == "speaks zh\n"
    assert language() == "en"


def test_an_unknown_language_is_refused():
    with pytest.raises(OptionError, match="'zh', 'en'"):
        show("general-note", "fr")
