"""Chronic poverty: Foster's example, identities between the indices, sums by hand, and all engines."""

import numpy as np
import pandas as pd
import pytest
from panel_cases import MESSY, WHO, engines, messy, panel

import povstats as ps
from povstats.errors import DataError, OptionError

FOSTER = pd.DataFrame(
    {
        "unit": np.repeat(range(4), 4),
        "period": np.tile(range(4), 4),
        "y": [3, 7, 9, 8, 9, 3, 4, 3, 7, 4, 2, 2, 10, 8, 12, 9],
    }
)
HOW = {"unit": "unit", "wave": "period", "welfare": "y", "line": 5}


def test_fosters_example():
    """Foster (2009): four periods, line 5, duration cut-off 0.70."""
    found = ps.chronic(FOSTER, method="foster", cutoff=0.7, **HOW)
    expected = {"H": 0.5, "D": 0.75, "K0": 0.375, "K1": 0.15, "K2": 0.07}
    assert {name: found.value(name) for name in expected} == pytest.approx(expected, rel=1e-12)
    assert found.value("K0") == pytest.approx(found.value("H") * found.value("D"), rel=1e-12)


def test_a_cut_off_that_a_share_reaches_but_for_rounding_is_reached():
    """0.7 of ten periods is seven, though 7/10 >= 0.7 may fail for other numbers of periods, such as 0.58 of fifty."""
    waves = 50
    table = pd.DataFrame({"unit": 1, "period": range(waves), "poor": [t < 29 for t in range(waves)]})
    both = pd.concat([table, table.assign(unit=2, poor=False)])
    assert ps.chronic(both, method="foster", cutoff=0.58, unit="unit", wave="period", poor="poor").value("H") == 0.5


def test_jalan_ravallion_components():
    """By hand: total squared gap 0.08, chronic (0.05² + 0.25²)/4, transient what is left."""
    found = ps.chronic(FOSTER, method="jalan-ravallion", **HOW)
    assert found.value("total") == pytest.approx(0.08, rel=1e-12)
    assert found.value("chronic") == pytest.approx((0.05**2 + 0.25**2) / 4, rel=1e-12)
    assert found.value("transient") == pytest.approx(0.06375, rel=1e-12)
    assert found.value("chronic_part") == pytest.approx(0.01625 / 0.08, rel=1e-12)


@pytest.mark.parametrize(("alpha", "total", "chronic"), [(1, 2.8 / 16, 0.3 / 4), (3, 0.04, 0.01575 / 4)])
def test_jalan_ravallion_of_other_powers(alpha, total, chronic):
    """Gaps .4 | .4 .2 .4 | .2 .6 .6; of the means .05 and .25."""
    found = ps.chronic(FOSTER, method="jalan-ravallion", alpha=alpha, **HOW)
    assert found.value("total") == pytest.approx(total, rel=1e-12)
    assert found.value("chronic") == pytest.approx(chronic, rel=1e-12)


def test_spells_by_hand():
    """Gaps .4 | .4 .2 .4 in one spell of three | .2 .6 .6 in one of three: Σ s g = .4, 3.0, 4.2."""
    weighted = np.array([0.4, 3.0, 4.2, 0.0])
    assert ps.chronic(FOSTER, method="bossert", **HOW).value("bossert") == pytest.approx(weighted.mean() / 4, rel=1e-12)
    units = weighted / 16
    assert ps.chronic(FOSTER, method="gradin", **HOW).value("gradin") == pytest.approx((units**2).mean(), rel=1e-12)
    waves = ps.chronic(FOSTER, method="bossert", alpha=0, **HOW).value("bossert")
    assert waves == pytest.approx((1 + 9 + 9) / 16, rel=1e-12)


def test_special_cases_of_one_family():
    """Gradín with ε = 1 is Bossert over T; where nobody's spell is longer than a wave Bossert is the mean gap."""
    one = ps.chronic(FOSTER, method="gradin", aversion=1, **HOW).value("gradin")
    assert one == pytest.approx(ps.chronic(FOSTER, method="bossert", **HOW).value("bossert") / 4, rel=1e-12)
    short = FOSTER.assign(y=[3, 7, 3, 8, 9, 3, 9, 3, 7, 4, 7, 2, 10, 8, 12, 9])
    gap = (np.maximum(5 - short["y"], 0) / 5).mean()
    assert ps.chronic(short, method="bossert", **HOW).value("bossert") == pytest.approx(gap, rel=1e-12)


def test_years_and_shares_add_up():
    table = ps.datasets.wage_panel()
    line = float(ps.relative_line(table, "wage", share=0.6))
    found = ps.chronic(table, method="years", years=5, unit="man", wave="year", welfare="wage", line=line)
    years = (table["wage"] < line).groupby(table["man"]).sum()
    assert found.value("chronic_share") == pytest.approx((years >= 5).mean(), rel=1e-12)
    assert found.value("transient_share") == pytest.approx(((years > 0) & (years < 5)).mean(), rel=1e-12)
    total = sum(found.value(name) for name in ("chronic_share", "transient_share", "never_share"))
    assert total == pytest.approx(1.0, rel=1e-12)
    assert found.value("years_poor") == pytest.approx(years[years > 0].mean(), rel=1e-12)


def test_only_units_seen_in_every_wave_count():
    found = ps.chronic(panel(), method="years", years=5, **WHO)
    assert found.left_out == 3
    assert found.value("chronic_share") == pytest.approx(1 / 5, rel=1e-12)
    assert "3 units" in found.explain("en")


@pytest.mark.parametrize(
    ("method", "more"),
    [("years", {"years": 4}), ("foster", {"cutoff": 0.5}), ("jalan-ravallion", {}), ("bossert", {}), ("gradin", {})],
)
def test_engines_agree(method, more):
    design = ps.Design(weights="weight", psu="village", strata="county")
    found = [
        ps.chronic(one, method=method, by="group", design=design, **more, **MESSY).table
        for one in engines(messy()).values()
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_dtype=False, rtol=1e-9)
    assert found[0]["se"].notna().any()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"method": "mean"}, OptionError, "method="),
        ({"method": "years"}, OptionError, "such as 5"),
        ({"method": "years", "years": 9}, OptionError, "longer than the panel"),
        ({"method": "foster"}, OptionError, "cutoff"),
        ({"method": "foster", "cutoff": 0.5, "years": 2}, OptionError, "no parameter of method='foster'"),
        ({"method": "jalan-ravallion", "alpha": 0.5}, OptionError, "from 1 on"),
        ({"method": "gradin", "aversion": 0.5}, OptionError, "from 1 on"),
    ],
)
def test_refusals(change, error, words):
    with pytest.raises(error, match=words):
        ps.chronic(FOSTER, **{**HOW, **change})


def test_gaps_need_welfare_and_duration_needs_every_wave():
    with pytest.raises(DataError, match="measures gaps"):
        ps.chronic(panel(), method="jalan-ravallion", **WHO)
    with pytest.raises(DataError, match="no unit is seen in every wave"):
        ps.chronic(panel({"a": "Po.", "b": ".oP"}), method="years", years=1, **WHO)
