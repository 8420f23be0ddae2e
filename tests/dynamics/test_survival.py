"""Curves of exit and return against R's survival (tests/reference/make_dynamics.R), statsmodels, and by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panel_cases import MESSY, WHO, engines, messy, panel
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

import povstats as ps
from povstats.errors import DataError, OptionError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "dynamics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wages():
    return ps.datasets.wage_panel().assign(weight=lambda t: 1.0 + t["man"] % 5)


@pytest.fixture(scope="module")
def low_pay():
    return {"unit": "man", "wave": "year", "welfare": "wage", "line": REFERENCE["line"]}


@pytest.mark.parametrize("of", ["exit", "return"])
def test_r_gives_the_same_curves(of, wages, low_pay):
    """survfit, plain with Greenwood's error, and with weights, clusters and robust = TRUE.

    R's robust variance is a plain sum of squares over clusters; ours is that of m units with replacement, m/(m − 1)
    times as large, m = 545. R prints twelve digits.
    """
    r = REFERENCE[of]
    plain = ps.survival(wages, of=of, **low_pay).table
    np.testing.assert_allclose(plain["survival"], r["survival"], rtol=1e-10, atol=1e-15)
    known = plain["greenwood"].notna()
    np.testing.assert_allclose(plain["greenwood"][known], np.array(r["greenwood"], dtype=float)[known], rtol=1e-10)
    weighted = ps.survival(wages, of=of, design=ps.Design(weights="weight"), **low_pay).table
    np.testing.assert_allclose(weighted["survival"], r["weighted_survival"], rtol=1e-10, atol=1e-15)
    inside = weighted["se"].notna()
    expected = np.array(r["weighted_se"])[inside] * np.sqrt(545 / 544)
    np.testing.assert_allclose(weighted["se"][inside], expected, rtol=1e-9)


def test_intervals_are_symmetric_on_the_log_log_scale(wages, low_pay):
    found = ps.survival(wages, of="return", **low_pay).table.query("se == se")
    half = stats.t.ppf(0.975, found["df"]) * found["se"] / (found["survival"] * -np.log(found["survival"]))
    for end, sign in (("high", -1), ("low", 1)):
        moved = np.log(-np.log(found[end])) - np.log(-np.log(found["survival"]))
        np.testing.assert_allclose(moved, sign * half, rtol=1e-9)


def test_statsmodels_gives_the_same_curve(wages, low_pay):
    table = ps.spells(wages, **low_pay).table
    own = table[~table["poor"] & ~table["left_censored"]]
    time = own["length"] - own["right_censored"]
    other = SurvfuncRight(time[time > 0], (~own["right_censored"]).astype(int)[time > 0])
    found = ps.survival(wages, of="return", **low_pay).table
    np.testing.assert_allclose(found["survival"], other.surv_prob, rtol=1e-12)


def test_by_hand():
    """Returns of panel_cases.py: spells out of poverty with a seen beginning.

    a 13–14 (ends by a return after two), b 12 (ends after one), b 14–15 (open after one step), e 12 (lost at once: no
    step), f 12–13 (one step, then lost), g 15 and h 15 (no step). At risk after one step: a, b, b, f: one of four
    returns. After two: a alone, which returns.
    """
    found = ps.survival(panel(), of="return", **WHO).table
    assert found["n"].tolist() == [4, 1]
    assert found["events"].tolist() == [1, 1]
    assert found["survival"].tolist() == [0.75, 0.0]


def test_late_entry_joins_the_risk_set_at_its_age():
    """c has been poor since 2009: in 2011 it is in its third wave, and stays at risk to age six."""
    told = panel().assign(since=lambda t: np.where(t["house"] == "c", 2009.0, np.nan))
    found = ps.survival(told, since="since", **WHO)
    assert found.spells == {"spells": 5, "entered": 1, "left_out": 4}
    assert found.table.set_index("time")["n"].to_dict() == {1: 3, 3: 1, 4: 1, 5: 1, 6: 1}
    without = ps.survival(panel(), **WHO)
    # b, e, f, g and c began before they were seen.
    assert without.spells == {"spells": 5, "entered": 0, "left_out": 5}


@pytest.mark.parametrize("of", ["exit", "return"])
def test_engines_agree(of):
    design = ps.Design(weights="weight", psu="village", strata="county")
    found = [
        ps.survival(one, of=of, by="group", design=design, **MESSY).table for one in engines(messy()).values()
    ]  # fmt: skip
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_dtype=False, rtol=1e-9)


def test_ends_lie_inside_zero_and_one_and_chart_starts_at_one(wages, low_pay):
    found = ps.survival(wages, of="return", **low_pay)
    assert ((found.table["low"] > 0) & (found.table["high"] < 1)).all()
    assert (found.table["low"] < found.table["survival"]).all()
    numbers = found.plot(lang="en").numbers
    assert numbers["estimate"].iloc[0] == 1.0


def test_refusals():
    with pytest.raises(DataError, match="no spell whose beginning is known"):
        ps.survival(panel({"a": "PPo", "b": "ooo"}), **WHO)
    with pytest.raises(OptionError, match="of="):
        ps.survival(panel(), of="death", **WHO)
    with pytest.raises(OptionError, match="are no arguments here"):
        ps.survival(panel(), month="year", **WHO)
    uneven = panel().assign(year=lambda t: t["year"].replace(2015, 2019), since=2009.0)
    with pytest.raises(DataError, match="equal distances"):
        ps.survival(uneven, since="since", **WHO)
    found = ps.survival(panel({"a": "oPoo", "b": "oPPo", "c": "oPPP"}), of="exit", **WHO)
    with pytest.raises(DataError, match="nothing is known of 9 steps"):
        found.at(9)
