"""Exhibits of the limits: labelled synthetic in both languages, and the Monte Carlo file as its card says."""

import re

import pandas as pd
import pytest

from povstats.exhibits import everything, guizhou_limits
from povstats.files import data_file
from povstats.tables import Table
from povstats.words import LANGUAGES

IDS = [f"guizhou-{one}" for one in (*guizhou_limits.SHOWN, "feedback")]
KNOWN = {one.id: one for one in everything()}
CLAIMS = re.compile(r"\b(agrees?|confirms?|replicates?)\b|一致|证实|复现了", re.IGNORECASE)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", IDS)
def test_an_exhibit_says_that_it_is_synthetic_and_claims_nothing(id, lang):
    one = KNOWN[id]
    made = one.maker(lang)
    mark = {"zh": "模拟", "en": "ynthetic"}[lang]
    assert one.data == "synthetic"
    assert made.title.startswith(one.title(lang))
    assert mark in made.title
    if isinstance(made, Table):
        told = [made.title, *made.notes]
        assert mark in made.notes[-1].lower()
    else:
        told = [text.get_text() for text in (made.drawing._suptitle, made.drawing._supxlabel)]
        assert mark in told[-1]
    assert CLAIMS.search(" ".join(told)) is None


def test_the_file_of_feedback_is_whole_and_is_what_its_figure_shows():
    """Laws: with no feedback the model without village consumption is off by less than its interval; trust's grows."""
    found = pd.read_csv(data_file(guizhou_limits.FEEDBACK))
    assert found.groupby(["feedback", "estimator"]).size().tolist() == [5] * 6
    assert (found["low"] <= found["bias"]).all()
    assert (found["bias"] <= found["high"]).all()
    assert found["coverage"].between(0, 1).all()
    key = found.set_index(["feedback", "estimator", "size"]).sort_index()
    trust = key.loc[("trust_follows_welfare", "without")]
    assert trust["bias"].is_monotonic_decreasing
    assert trust.loc[0.0, "low"] < 0 < trust.loc[0.0, "high"]
    assert trust.loc[0.0, "coverage"] == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / 500) ** 0.5)
    # Nothing of the funds' size is left to the study's model: village consumption holds the outcome.
    assert key.loc[("funds_follow_poverty", "study", 0.0), "bias"] < -0.5 * 0.09
    numbers = guizhou_limits.feedback("en").numbers
    assert numbers["estimate"].tolist() == found["bias"].tolist()
