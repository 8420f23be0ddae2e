"""Events into flows and panels, with splits, merges, and what befalls households that are off the list.

Second routes: a village simulated household by household, whose list is counted at the end of each year; histories by
hand.
"""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError

K = {"household": "hh", "year": "year", "event": "event"}
COLUMNS = ["hh", "year", "event", "persons", "place", "into", "wrong"]
WRAPS = [lambda t: t, pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df]


class Village:
    """Households that are found, leave, return, split, merge, die and move; the list is counted every year."""

    def __init__(self, seed, households=40, years=8):
        self.rng, self.rows, self.stock, self.poor = np.random.default_rng(seed), [], {}, {}
        self.state, self.persons, self.place = {}, {}, {}
        self.waiting = [f"h{i}" for i in range(households)]
        for i, name in enumerate(self.waiting):
            self.persons[name], self.place[name] = int(self.rng.integers(1, 7)), "AB"[i % 2]
        for year in range(2013, 2013 + years):
            self.touched = set()
            for name in [*self.waiting, *self.state]:
                if name not in self.touched:
                    self.live(name, year)
            for place in "AB":
                on = [h for h, s in self.state.items() if s == "list" and self.place[h] == place]
                self.stock[place, year] = (len(on), sum(self.persons[h] for h in on))
            self.poor |= {(h, year): int(s == "list") for h, s in self.state.items() if s != "gone"}

    def tell(self, name, year, event, persons, into=None, wrong=None):
        self.rows.append((name, year, event, persons, self.place[name], into, wrong))
        self.touched.add(name)

    def live(self, name, year):
        state, draw = self.state.get(name), self.rng.random()
        if state is None:
            if draw < 0.4:
                self.waiting.remove(name)
                self.state[name] = "list"
                self.tell(name, year, "identified", self.persons[name])
        elif state != "gone":
            self.change(name, year, state, draw)

    def change(self, name, year, state, draw):
        size = self.persons[name]
        if draw < 0.2:
            self.state[name] = "out" if state == "list" else "list"
            wrong = [None, 0.0, 1.0][self.rng.integers(3)] if state == "list" else None
            self.tell(name, year, "exited" if state == "list" else "returned", size, wrong=wrong)
        elif draw < 0.3:
            self.persons[name] += 1
            self.tell(name, year, "natural_increase", 1)
        elif draw < 0.35 and size > 1:
            self.persons[name] -= 1
            self.tell(name, year, "natural_decrease", 1)
        elif draw < 0.4:
            self.state[name] = "gone"
            self.tell(name, year, ["died", "moved"][self.rng.integers(2)], size)
        elif draw < 0.5 and size > 1:
            new = f"{name}+"
            if new not in self.state:
                self.persons[name], self.persons[new] = size - 1, 1
                self.place[new], self.state[new] = self.place[name], state
                self.tell(new, year, "split", 1, into=name)
        elif draw < 0.55:
            alike = [h for h, s in self.state.items() if s == state and self.place[h] == self.place[name] and h != name]
            if alike:
                self.state[name], self.persons[alike[0]] = "gone", self.persons[alike[0]] + size
                self.touched.add(alike[0])
                self.tell(name, year, "merged", size, into=alike[0])

    def table(self):
        return pd.DataFrame(self.rows, columns=COLUMNS)


def here(table):
    made = nw.from_native(table)
    made = (made.collect() if isinstance(made, nw.LazyFrame) else made).to_pandas()
    return made.sort_values(["household", "year"], ignore_index=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_flows_close_on_the_list_as_it_is_counted(seed):
    village = Village(seed)
    flows = ps.registry_flows(village.table(), **K, persons="persons", place="place", other="into")
    assert ps.ledger(flows, place="place", unit="unit").balanced
    closing = flows.set_index(["place", "year", "unit"])["closing"].unstack()
    for key, row in closing.iterrows():
        assert (row["households"], row["persons"]) == village.stock[key]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_the_panel_is_the_list_as_it_was_lived(seed):
    village = Village(seed)
    table = village.table()
    panel = here(ps.panel_from_registry(table, **K, other="into").table)
    first, last = table["year"].min(), table["year"].max()
    lived = {key: poor for key, poor in village.poor.items() if first <= key[1] <= last}
    assert dict(zip(zip(panel["household"], panel["year"], strict=True), panel["poor"], strict=True)) == lived


@pytest.mark.parametrize("wrap", WRAPS)
def test_splits_and_checks_on_every_engine(wrap):
    table = Village(11, households=80).table()
    assert {"split", "merged", "died"} <= set(table["event"])
    asked = {**K, "other": "into"}
    flows = ps.registry_flows(wrap(table), **asked, persons="persons", place="place")
    pd.testing.assert_frame_equal(
        flows, ps.registry_flows(table, **asked, persons="persons", place="place"), check_dtype=False
    )
    eager, other = (ps.panel_from_registry(t, **asked, check="wrong") for t in (table, wrap(table)))
    assert eager.counts == other.counts
    assert eager.counts["split"] == (table["event"] == "split").sum() > 0
    pd.testing.assert_frame_equal(here(other.table), here(eager.table), check_dtype=False)
    rate = ps.return_rate(
        other.table, definition="wrong_exit", check="check", unit="household", wave="year", poor="poor"
    ).whole()
    exits = table[table["event"] == "exited"]["wrong"]
    assert (rate["numerator"], rate["denominator"]) == (exits.sum(), exits.notna().sum())


def test_a_split_of_a_split_takes_the_state_of_its_own_origin():
    rows = [
        ("a", 2014, "identified", None), ("b", 2015, "split", "a"), ("a", 2016, "exited", None),
        ("c", 2017, "split", "b"), ("d", 2017, "split", "a"), ("d", 2018, "returned", None),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["hh", "year", "event", "into"])
    wide = ps.panel_from_registry(table, **K, other="into").table.pivot(
        index="household", columns="year", values="poor"
    )
    assert wide.loc["c"].dropna().to_dict() == {2017: 1, 2018: 1}
    assert wide.loc["d"].dropna().to_dict() == {2017: 0, 2018: 1}
    flows = ps.registry_flows(table.assign(persons=2), **K, persons="persons", other="into").set_index(["unit", "year"])
    assert flows.loc["households", "closing"].tolist() == [1, 2, 1, 2, 3]
    assert flows.loc["persons", "closing"].tolist() == [2, 2, 0, 0, 2]


def test_a_birth_in_the_year_of_the_exit_concerns_the_list_and_one_after_it_does_not():
    rows = [
        ("a", 2014, "identified", 4), ("a", 2016, "natural_increase", 1), ("a", 2016, "exited", 5),
        ("a", 2017, "natural_increase", 1), ("a", 2018, "natural_decrease", 2), ("a", 2019, "natural_increase", 1),
        ("a", 2019, "returned", 4),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["hh", "year", "event", "persons"])
    flows = ps.registry_flows(table, **K, persons="persons").set_index(["unit", "year"]).loc["persons"]
    assert flows["natural_increase"].tolist() == [0, 1, 0, 0, 1]
    assert flows["natural_decrease"].tolist() == [0, 0, 0, 0, 0]
    assert flows["closing"].tolist() == [4, 0, 0, 0, 5]


BASE = [("a", 2014, "identified", None), ("b", 2014, "identified", None), ("b", 2015, "exited", None)]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("c", 2016, "split", "z")], "c 2016.*identified"),
        ([("c", 2013, "split", "a")], "1 households split"),
        ([("c", 2016, "split", None)], "'into' in 1 rows"),
        ([("c", 2015, "split", "b")], "c 2015.*year before or after"),
        ([("a", 2016, "split", "b")], "split .* after identified"),
        ([("b", 2016, "merged", "a")], "b 2016.*exit or the return"),
        ([("a", 2016, "merged", "z")], "a 2016"),
        (
            [("a", 2016, "merged", "b"), ("b", 2016, "returned", None), ("a", 2017, "exited", None)],
            "exited after merged",
        ),
    ],
)
@pytest.mark.parametrize("wrap", [lambda t: t, duckdb.from_df])
def test_splits_and_merges_that_cannot_be_are_refused(rows, told, wrap):
    table = pd.DataFrame([*BASE, *rows], columns=["hh", "year", "event", "into"])
    with pytest.raises(DataError, match=told):
        ps.panel_from_registry(wrap(table), **K, other="into")


def test_what_is_not_named_or_not_sound_is_refused():
    table = pd.DataFrame([*BASE, ("c", 2014, "split", "a")], columns=["hh", "year", "event", "into"])
    table = table.assign(persons=1, place=["A", "A", "A", "B"], wrong=[np.nan, np.nan, 2.0, np.nan])
    with pytest.raises(OptionError, match=r"1 events are splits.*other="):
        ps.panel_from_registry(table, **K)
    with pytest.raises(DataError, match="another place"):
        ps.registry_flows(table, **K, persons="persons", place="place", other="into")
    with pytest.raises(DataError, match="more than one place"):
        ps.registry_flows(table.assign(place=list("ABAA")), **K, persons="persons", place="place", other="into")
    with pytest.raises(DataError, match=r"'wrong'.*1 rows of exits"):
        ps.panel_from_registry(table, **K, other="into", check="wrong")
    with pytest.raises(DataError, match=r"'event' .check. must hold 1, 0"):
        ps.panel_from_registry(table, **K, other="into", check="event")
    with pytest.raises(DataError, match="whole numbers"):
        ps.panel_from_registry(table.assign(year="2014"), **K, other="into")
    with pytest.raises(DataError, match="no whole number in 4 rows"):
        ps.panel_from_registry(table.assign(year=2014.5), **K, other="into")
    with pytest.raises(DataError, match="no events"):
        ps.panel_from_registry(table.iloc[:0], **K)
