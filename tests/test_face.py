"""Results have one face: what prints, tells and draws is called alike everywhere."""

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import povstats as ps
from povstats.models import HLMResult

PACKAGE = Path(ps.__file__).parent
READINGS = "povstats.models.interpretation"


def results() -> list[type]:
    """Every class with tidy(), found by its text so that no module is imported in vain."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "    def tidy(" in path.read_text(encoding="utf-8"):
            name = ".".join(("povstats", *path.relative_to(PACKAGE).with_suffix("").parts))
            found += [c for c in vars(import_module(name)).values() if inspect.isclass(c) and c.__module__ == name]
    return [c for c in found if hasattr(c, "tidy")]


RESULTS = results()


def verbs() -> list[object]:
    """Public functions of the package, and the methods of a fit that are written as readings of it."""
    named = [getattr(ps, name) for name in ps.__all__]
    methods = [f for f in vars(HLMResult).values() if inspect.isfunction(f) and f.__module__.startswith(READINGS)]
    return [f for f in (*named, *methods) if inspect.isfunction(f)]


@pytest.mark.parametrize("result", RESULTS, ids=lambda c: c.__name__)
def test_a_result_is_frozen_prints_and_defends_itself(result):
    assert dataclasses.is_dataclass(result)
    assert result.__dataclass_params__.frozen
    for name in ("summary", "explain"):
        lang = inspect.signature(getattr(result, name)).parameters["lang"]
        assert lang.default is None
    assert result.__repr__ is not object.__repr__
    # Equations are typeset in a notebook, which takes Markdown.
    assert hasattr(result, "_repr_html_") or hasattr(result, "_repr_markdown_")


@pytest.mark.parametrize("result", [c for c in RESULTS if not c.__module__.startswith("povstats.poverty")])
def test_charts_take_a_readers_words_in_one_way(result):
    for name in [name for name in dir(result) if name.startswith("plot")]:
        given = inspect.signature(getattr(result, name)).parameters
        words = [key for key in given if key in ("lang", "title", "source", "labels")]
        assert words == ["lang", "title", "source", "labels"], f"{result.__name__}.{name}"
        assert all(given[key].kind is inspect.Parameter.KEYWORD_ONLY for key in words)


@pytest.mark.parametrize("verb", verbs(), ids=lambda f: f.__name__)
def test_a_verb_says_what_it_takes(verb):
    told = inspect.getdoc(verb) or ""
    lacking = [
        name
        for name in inspect.signature(verb).parameters
        if name not in ("fit", "self") and not re.search(rf"(?:^|[ *]){name}(?:,[^\n:]*)? : ", told, re.MULTILINE)
    ]
    assert lacking == []
