"""vietnam_persons_1998(): households put together from equal expenditure, held against the households' own table.

Second route: vietnam_1998(), the other file of the same survey, and what the card prints.
"""

import numpy as np
import pytest

import povstats as ps
from povstats.words import LANGUAGES


@pytest.fixture(scope="module")
def table():
    return ps.datasets.vietnam_persons_1998()


def test_households_are_those_of_the_survey(table):
    """Sizes occur as often as in the households' file from four persons up, and communes have no more persons."""
    other = ps.datasets.vietnam_1998()
    assert (len(table), table["household"].nunique(), table["commune"].nunique()) == (27_765, 5_741, 194)
    assert table.groupby("household")["education_code"].nunique().max() == 1
    sizes = table.drop_duplicates("household")["household_size"].value_counts()
    for size in range(4, 15):
        assert 0 <= other["household_size"].value_counts().get(size, 0) - sizes.get(size, 0) <= 35
    persons = table.groupby("commune").size()
    assert (persons <= other.groupby("commune")["household_size"].sum()).all()
    assert other["household_size"].sum() - len(table) == 744


def test_expenditure_is_that_of_the_survey(table):
    """Medians by commune lie within a fifth of the other file's, prices apart."""
    mine = table.drop_duplicates("household").groupby("commune")["expenditure_per_head"].median()
    theirs = ps.datasets.vietnam_1998().groupby("commune")["expenditure_per_head"].median()
    assert ((mine / theirs).between(0.75, 1.3)).all()
    assert (mine / theirs).median() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_tells_what_the_data_say(table, lang):
    card = ps.datasets.card("vietnam_persons_1998", lang)
    assert all(f"| {column} |" in card.text for column in table.columns)
    poor = (table["expenditure_per_head"] < ps.datasets.poverty_line("vietnam_1998").value).mean()
    of_five = (table.drop_duplicates("household")["household_size"] == 5).sum()
    for shown in (f"{100 * poor:.1f}", "31.6", f"{of_five:,}", "27,765", "5,741", "258", "744"):
        assert shown in card.text
    assert 5_999 - table["household"].nunique() == 258


def test_each_call_gives_a_table_of_its_own(table):
    other = ps.datasets.vietnam_persons_1998()
    other["age"] = 0
    assert table["age"].max() > 90
    assert np.isfinite(table["expenditure_per_head"]).all()
