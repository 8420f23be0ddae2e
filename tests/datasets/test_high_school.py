"""high_school_1982(): the table, its contract, its card.

Second routes: the counts of Raudenbush and Bryk (2002, table 4.1 ff.: 7,185 pupils, 160 schools, 70 of them Catholic,
mean of math 12.75), and what the card says, computed here with plain pandas.
"""

from pathlib import Path

import pytest

import povstats as ps
from povstats.contracts.high_school import HIGH_SCHOOL_1982
from povstats.errors import DataError, OptionError
from povstats.words import LANGUAGES


@pytest.fixture(scope="module")
def table():
    return ps.datasets.high_school_1982()


def test_the_table_is_the_textbooks(table):
    assert table.shape == (7185, 7)
    assert table.columns.tolist() == [column.name for column in HIGH_SCHOOL_1982.columns]
    schools = table.groupby("school")
    assert len(schools) == 160
    assert schools["sector"].first().value_counts().to_dict() == {"Public": 90, "Catholic": 70}
    assert table["math"].mean() == pytest.approx(12.75, abs=0.005)
    assert not table.isna().any(axis=None)
    assert ps.check(table, "high_school_1982").ok


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_tells_what_the_data_say(table, lang):
    card = ps.datasets.card("high_school_1982", lang)
    assert "<!--" not in card.text
    assert all(f"| {column} |" in card.text for column in table.columns)
    means = table.groupby("school").agg(exact=("ses", "mean"), file=("mean_ses", "first"))
    assert f"{(means.exact - means.file).abs().max():.4f}" in card.text
    assert all(word in card.text for word in ("7,185", "160", "GPL-3"))


def test_a_file_that_is_not_the_known_one_is_refused(monkeypatch):
    module = __import__("povstats.datasets.source", fromlist=["installed_file"])
    monkeypatch.setattr(module, "installed_file", lambda origin: Path(__file__))
    with pytest.raises(DataError, match="SHA-256"):
        ps.datasets.high_school_1982()


def test_it_has_no_poverty_line():
    with pytest.raises((DataError, OptionError)):
        ps.datasets.poverty_line("high_school_1982")
