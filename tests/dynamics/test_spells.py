"""Spells by hand on the histories of panel_cases.py, and the same table from every engine."""

import pandas as pd
import pytest
from panel_cases import MESSY, WHO, engines, messy, panel

import povstats as ps
from povstats.errors import DataError


def test_spells_by_hand():
    table = ps.spells(panel(), **WHO).table
    told = table[table["unit"] == "e"].reset_index(drop=True)
    assert told["poor"].tolist() == [True, False, False, True]
    assert told["start"].tolist() == [2011, 2012, 2014, 2015]
    assert told["begins"].tolist() == ["first_wave", "seen", "gap", "seen"]
    assert told["ends"].tolist() == ["ended", "gap", "ended", "last_wave"]
    assert told["returned"].tolist() == [False, False, False, True]
    late = table[table["unit"] == "g"]
    assert late["begins"].tolist() == ["late", "seen"]
    assert late["length"].tolist() == [2, 1]
    lost = table[table["unit"] == "f"]
    assert lost["ends"].tolist() == ["ended", "lost"]
    again = table[(table["unit"] == "b") & table["poor"]]
    assert again["returned"].tolist() == [False, True]
    assert table.loc[table["unit"] == "c", "right_censored"].tolist() == [True]


def test_every_row_is_in_one_spell():
    table = messy()
    found = ps.spells(table, **MESSY)
    assert found.table["length"].sum() == found.account.used == table["income"].notna().sum()
    assert (found.counts["length"] * found.counts["spells"]).sum() == found.account.used


def test_returns_are_those_of_low_pay():
    """83 returns among 545 men, counted in pandas."""
    table = ps.datasets.wage_panel()
    line = float(ps.relative_line(table, "wage", share=0.6))
    found = ps.spells(table, unit="man", wave="year", welfare="wage", line=line)
    low = table["wage"] < line
    by = low.groupby(table["man"])
    before = by.shift(1, fill_value=True)
    assert int((low & ~before & (by.cumsum() > 1)).sum()) == 83
    assert int(found.table["returned"].sum()) == 83
    assert "83" in found.explain("zh")


@pytest.mark.parametrize("since", [None, "since"])
def test_engines_give_the_same_spells(since):
    """Lazy in, lazy out; the rows are those of the arrays."""
    frames = engines(messy())
    expected = ps.spells(frames["pandas"], by="group", since=since, **MESSY)
    plain = expected.table.sort_values(["unit", "run"], ignore_index=True)
    for name in ("polars", "lazy", "duckdb"):
        found = ps.spells(frames[name], by="group", since=since, **MESSY)
        table = found.table
        assert hasattr(table, "collect") == (name == "lazy")
        table = table.collect() if name == "lazy" else table
        table = table.df() if name == "duckdb" else table.to_pandas()
        if since:  # every engine has a missing integer of its own
            table, plain = (one.astype({"age_at_entry": float}) for one in (table, plain))
        pd.testing.assert_frame_equal(
            table.sort_values(["unit", "run"], ignore_index=True), plain, check_dtype=False, rtol=1e-12
        )
        pd.testing.assert_frame_equal(found.counts, expected.counts, check_dtype=False, rtol=1e-12)


def test_a_beginning_after_the_wave_is_refused():
    table = panel().assign(since=2020.0)
    for name, frame in engines(table).items():
        with pytest.raises(DataError, match="since"):
            ps.spells(frame, since="since", **WHO)
        assert name
