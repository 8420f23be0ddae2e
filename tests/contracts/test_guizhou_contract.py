"""The contract "guizhou": every breach at once, at the terminal too.

Second route: breaches planted by hand, one of each rule, and their counts.
"""

import pandas as pd
import pytest
from typer.testing import CliRunner

from povstats import cli
from povstats.contracts import check, find_contract
from povstats.words import LANGUAGES, language

GUIZHOU = find_contract("guizhou")
ITEMS = ("trust", "participation", "harmony", "cadre_relation")


def households():
    """Three villages of three households in two counties, by hand."""
    village = ["甲/大寨"] * 3 + ["甲/小寨"] * 3 + ["乙/大寨"] * 3
    traits = pd.DataFrame({"village_consumption": [1900, 900, 2500], "aid_funds": [120, 310, 0.0]}).assign(
        village_migration=[0.2, 0.35, 0.1]
    )
    table = pd.DataFrame(
        {
            "household": [f"{name}/{place % 3}" for place, name in enumerate(village)],
            "village": village,
            "county": [name[0] for name in village],
            "consumption": [1977, 890, 2428, 700, 650.5, 1200, 3000, 2600, 1],
            "education": [6.5, 0, 9, 5, 4, 7, 8, 6, 3],
            "land": [1.2, 0.8, 0, 1, 1.5, 0.4, 2, 1, 1],
            "migrants": [0, 1, 2, 0, 3, 1, 0, 0, 1],
            "transfers": [100, 0, 350, 20, 10, 60, 400, 200, 5],
            **{item: [1, 2, 3, 4, 5, 4, 3, 2, 1] for item in ITEMS},
        }
    )
    return pd.concat([table, traits.loc[[place // 3 for place in range(9)]].reset_index(drop=True)], axis=1)


def broken(table):
    return {(one.column, one.rule): one.count for one in check(table, "guizhou").violations}


@pytest.fixture(autouse=True)
def english():
    before = language("en")
    yield
    language(before)


def test_a_sound_table_keeps_the_contract_with_and_without_what_is_optional():
    assert broken(households()) == {}
    more = households().assign(poverty_view=3, household_size=4, poor=[0, 1, 0] * 3, weight=1.5)
    assert broken(more) == {}
    assert broken(households().drop(columns=["trust", "land"])) == {("trust", "absent"): 1, ("land", "absent"): 1}


def test_an_answer_may_be_missing_but_not_consumption_or_a_villages_trait():
    table = households().astype({"trust": float, "migrants": float, "consumption": float, "aid_funds": float})
    table.loc[0, ["trust", "migrants", "education", "consumption", "aid_funds"]] = None
    assert broken(table) == {("consumption", "missing"): 1, ("aid_funds", "missing"): 1}


def test_scales_of_other_lengths_are_accepted_and_steps_between_grades_are_not():
    assert broken(households().assign(trust=range(1, 10), harmony=[1, 2] * 4 + [1])) == {}
    assert broken(households().assign(trust=[1.5] * 9, harmony=0, cadre_relation=99)) == {
        ("trust", "not_whole"): 9,
        ("harmony", "below"): 9,
        ("cadre_relation", "above"): 9,
    }


def test_numbered_households_and_villages_are_accepted_as_a_csv_has_them():
    assert broken(households().assign(household=range(9), village=[1] * 3 + [2] * 3 + [3] * 3)) == {}


WRONG = {
    ("household", "not_unique"): 2,
    ("county", "not_constant"): 1,
    ("consumption", "below"): 1,
    ("land", "absent"): 1,
    ("migrants", "not_whole"): 1,
    ("participation", "above"): 1,
    ("harmony", "kind"): 9,
    ("aid_funds", "not_constant"): 1,
    ("village_migration", "above"): 6,
    ("poor", "above"): 1,
}


@pytest.fixture
def wrong(tmp_path):
    """A file with one breach of each kind."""
    table = households().drop(columns="land").astype({"migrants": float}).assign(poor=0)
    table.loc[1, "household"] = table.loc[0, "household"]
    table.loc[6:, "village"] = "甲/大寨"  # one name in two counties, with its traits in one of them
    table.loc[6:, ["village_consumption", "village_migration"]] = [1900, 20]
    table.loc[:2, "village_migration"] = 20  # per cent
    table.loc[3:5, "village_migration"] = 0.35
    table.loc[3, "consumption"] = 0
    table.loc[4, ["migrants", "participation", "poor"]] = [0.5, 99, 2]
    table["harmony"] = "融洽"
    path = tmp_path / "my survey.csv"
    table.to_csv(path, index=False, encoding="utf-8-sig")
    return path, table


def test_every_breach_is_told_at_once(wrong):
    _, table = wrong
    assert broken(table) == WRONG


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_breach_is_listed_at_the_terminal(wrong, lang):
    path, table = wrong
    result = CliRunner().invoke(cli.app, ["check", str(path), "--contract", "guizhou", "--lang", lang])
    assert result.exit_code == cli.FINDING, result.output
    lines = result.output.splitlines()
    listed = [line for line in lines if line.startswith("- ")]
    assert len(listed) == len(WRONG)
    assert result.output.strip() == check(table, GUIZHOU).summary(lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_has_words_of_its_own(lang):
    titles = GUIZHOU.titles(lang)
    assert len(set(titles.values())) == len(titles) == 19
    assert not [title for title in titles.values() if "contracts." in title]
