"""The contract of a panel: one row a household and wave, clusters that hold whole households."""

import pandas as pd

import povstats as ps
from povstats.contracts.find import find_contract
from povstats.words import LANGUAGES, known

PANEL = find_contract("panel")


def table():
    rows = [(f"h{i}", year, 1000.0 + 500 * i, f"v{i % 2}") for i in range(4) for year in (2013, 2014, 2015)]
    return pd.DataFrame(rows, columns=["household", "wave", "income", "village"])


def test_a_panel_passes_and_the_verbs_take_it():
    assert ps.check(table(), "panel").ok
    found = ps.transitions(table(), unit="household", wave="wave", welfare="income", line=1600.0)
    assert found.rate("persistence").estimate == 1.0


def test_breaches():
    twice = pd.concat([table(), table().head(1)], ignore_index=True)
    assert {one.rule for one in ps.check(twice, "panel").violations} == {"not_unique"}
    moved = table()
    moved.loc[0, "village"] = "v9"
    assert {one.rule for one in ps.check(moved, "panel").violations} == {"not_constant"}
    assert {one.rule for one in ps.check(table().assign(poor=2), "panel").violations} == {"above"}
    assert {one.rule for one in ps.check(table().drop(columns="wave"), "panel").violations} == {"absent"}


def test_labels_are_in_two_languages_and_differ():
    assert all(known(column.label) for column in PANEL.columns)
    for lang in LANGUAGES:
        assert len(set(PANEL.titles(lang).values())) == len(PANEL.columns)
