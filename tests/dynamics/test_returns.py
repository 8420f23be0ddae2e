"""The five rates of return by hand on the histories of panel_cases.py, and the counts of low pay in pandas."""

import numpy as np
import pandas as pd
import pytest
from panel_cases import MESSY, WAVES, WHO, engines, messy, panel

import povstats as ps
from povstats.dynamics.returns import DEFINITIONS
from povstats.errors import DataError, OptionError

HAND = {
    # Returns: a in 15, b in 13, e in 15. Out after an exit and seen in the wave after: a 13, 14; b 12, 14; e 14; f 12.
    "hazard": (3, 6),
    # Exits from the third wave on: a 13, b 14, g 15, h 15; those of 2012 (b, e, f) come before any return can be seen.
    "per_exit": (3, 4),
    # The poor from the third wave on: a 15, b 13, c 13 14 15, e 15, g 13 14, h 14.
    "share_of_poor": (3, 9),
}


@pytest.mark.parametrize("definition", HAND)
def test_three_rates_by_hand(definition):
    row = ps.return_rate(panel(), definition=definition, **WHO).whole()
    assert (row["events"], row["n"]) == HAND[definition]
    assert row["estimate"] == pytest.approx(HAND[definition][0] / HAND[definition][1], rel=1e-12)


def test_cumulative_by_hand():
    """One of four spells at risk returns after one step; the one at risk after two returns (test_survival)."""
    one = ps.return_rate(panel(), definition="cumulative", years=1, **WHO)
    assert one.estimate == pytest.approx(0.25, rel=1e-12)
    assert ps.return_rate(panel(), definition="cumulative", years=2, **WHO).estimate == 1.0


def test_wrong_exit_by_hand():
    """Seven exits: a 13, b 12, b 14, e 12, f 12, g 15, h 15; five checked, two of them wrong."""
    wrong = {("a", 2013): True, ("b", 2012): False, ("e", 2012): True, ("f", 2012): False, ("g", 2015): False}
    keys = zip(panel()["house"], panel()["year"], strict=True)
    table = panel().assign(check=pd.array([wrong.get(key) for key in keys], dtype="boolean"))
    # A check that stands in a row that is no exit counts nothing.
    table.loc[(table["house"] == "d"), "check"] = True
    table.loc[(table["house"] == "a") & (table["year"] == 2014), "check"] = True
    for frame in (table, *list(engines(table).values())[1:]):
        row = ps.return_rate(frame, definition="wrong_exit", check="check", **WHO).whole()
        assert (row["events"], row["n"]) == (2, 5)


def test_by_wave_and_weighted():
    """In 2013 b returns; out after an exit in 2012 and seen in 2013: b and f, b three times as heavy."""
    weight = dict.fromkeys("abcdefgh", 1.0) | {"b": 3.0}
    found = ps.return_rate(panel(weight=weight), definition="hazard", design=ps.Design(weights="weight"), **WHO)
    row = found.table.set_index("wave").loc["2013"]
    assert (row["events"], row["n"]) == (1, 2)
    assert row["estimate"] == pytest.approx(3 / 4, rel=1e-12)


def test_standard_errors_as_the_jackknife_of_units():
    table = messy(units=250).dropna(subset=["income"])
    asked = {**MESSY, "design": ps.Design(weights="weight")}

    def rates(part):
        moves = ps.transitions(part, **asked)
        found = [moves.rate("entry"), moves.rate("exit")]
        return [*found, *(rate.whole() for rate in ps.return_rates(part, years=4, **asked).rates.values())]

    units = table["house"].unique()
    left = np.array([[rate["estimate"] for rate in rates(table[table["house"] != unit])] for unit in units])
    jackknife = np.sqrt((len(units) - 1) / len(units) * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    # Terms of order 1/n; the few returns make them largest for the cumulative rate.
    np.testing.assert_allclose([rate["se"] for rate in rates(table)], jackknife, rtol=0.08)


def test_one_panel_gives_five_numbers():
    """Low pay: 83 returns against four denominators; counted in pandas."""
    table = ps.datasets.wage_panel()
    line = float(ps.relative_line(table, "wage", share=0.6))
    found = ps.return_rates(table, years=3, unit="man", wave="year", welfare="wage", line=line)
    low = (table["wage"] < line).rename("low")
    by = low.groupby(table["man"])
    before, ever = by.shift(1), by.cumsum() - low
    out = (before == False) & (ever > 0)  # noqa: E712 - missing in the first year
    left = (before == True) & ~low & (table["year"] >= 1982)  # noqa: E712
    counts = {
        "hazard": int(out.sum()),
        "per_exit": int(left.sum()),
        "share_of_poor": int((low & (table["year"] >= 1982)).sum()),
    }
    for name, n in counts.items():
        row = found[name].whole()
        assert (row["events"], row["n"]) == (83, n)
        assert row["estimate"] == pytest.approx(83 / n, rel=1e-12)
    assert counts["hazard"] == 840
    curve = ps.survival(table, of="return", unit="man", wave="year", welfare="wage", line=line)
    assert found["cumulative"].estimate == pytest.approx(1 - curve.at(3)["survival"], rel=1e-12)
    assert set(found.rates) == set(DEFINITIONS) - {"wrong_exit"}


def test_the_share_of_returns_per_exit_may_pass_one_and_its_error_is_that_of_a_ratio():
    table = messy()
    design = ps.Design(weights="weight", psu="village")
    row = ps.return_rate(table, definition="per_exit", design=design, **MESSY).whole()
    assert row["low"] == pytest.approx(row["estimate"] - (row["high"] - row["estimate"]), rel=1e-9)


@pytest.mark.parametrize("definition", ["hazard", "per_exit", "share_of_poor", "cumulative"])
def test_engines_agree(definition):
    design = ps.Design(weights="weight", psu="village", strata="county")
    more = {"years": 4} if definition == "cumulative" else {}
    found = [
        ps.return_rate(one, definition=definition, by="group", design=design, **more, **MESSY).table
        for one in engines(messy()).values()
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_dtype=False, rtol=1e-9)


def test_no_definition_is_refused_and_the_five_are_listed():
    with pytest.raises(OptionError) as told:
        ps.return_rate(panel(), **WHO)
    assert all(repr(name) in str(told.value) for name in DEFINITIONS)
    with pytest.raises(OptionError, match="none of them"):
        ps.return_rate(panel(), definition="usual", **WHO)


def test_refusals():
    with pytest.raises(OptionError, match="years="):
        ps.return_rate(panel(), definition="cumulative", **WHO)
    with pytest.raises(OptionError, match="years="):
        ps.return_rate(panel(), definition="hazard", years=2, **WHO)
    with pytest.raises(OptionError, match="check="):
        ps.return_rate(panel(), definition="wrong_exit", **WHO)
    with pytest.raises(DataError, match="takes three"):
        ps.return_rate(panel()[panel()["year"] < 2013], definition="hazard", **WHO)
    with pytest.raises(OptionError, match="no whole number of steps"):
        ps.return_rate(panel(), definition="cumulative", years=1.5, **WHO)
    with pytest.raises(DataError, match="the longest is"):
        ps.return_rate(panel({"a": "PooPo", "b": "Poooo"}), definition="cumulative", years=9, **WHO)


def test_formulas_are_told_in_both_languages():
    found = ps.return_rates(panel(), years=1, **WHO)
    for lang in ("en", "zh"):
        words = str(found.summary(lang))
        assert all(rate.formula(lang) in words for rate in found.rates.values())
    assert len(WAVES) == 5
    assert np.isfinite(found.frame()["estimate"]).all()
