"""Errors of selection: the World Bank's ten persons, hand counts, laws, engines held equal, refusals.

The ten persons are those of table 7.3 of Grosh et al. (2022), Revisiting Targeting: four of ten are poor. Its errors
are published; CGH follows from them (a programme of two poor persons: 100 % of benefits over 40 % of persons).
"""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError

CENSUS = ps.Design.census()
# Sums in another order on another engine.
VALUE, SPREAD = 1e-12, 1e-9
SCENARIOS = {
    (1, 2): ((0.5, 0.0), (0.0, 0.0), 2.5),
    (1, 3): ((0.5, 0.0), (0.5, 0.5), 2.5),
    (3, 4): ((0.5, 0.0), (1.0, 1.0), 2.5),
    tuple(range(1, 11)): ((0.0, 0.6), (0.0, 0.8), 1.0),
}


@pytest.mark.parametrize("selected", SCENARIOS)
def test_ten_persons(selected):
    """Published exclusion and inclusion errors at the line (four poor) and for the poorest fifth (two)."""
    ten = pd.DataFrame({"income": range(1, 11)})
    ten["aid"] = ten["income"].isin(selected)
    at_line, poorest, cgh = SCENARIOS[selected]
    for line, expected in ((5, at_line), (3, poorest)):
        found = ps.targeting_errors(ten, "aid", welfare="income", line=line, design=CENSUS)
        assert (found["exclusion_error"].estimate[""], found["inclusion_error"].estimate[""]) == expected
    found = ps.targeting_errors(ten, "aid", welfare="income", line=5, design=CENSUS)
    assert found["cgh"].estimate[""] == pytest.approx(cgh, rel=VALUE)


def test_hand_counts():
    """Five households of 1 to 5 persons; the money of the third and fifth goes to 3 and 5 persons."""
    table = pd.DataFrame({"y": [1, 2, 3, 4, 5], "n": [1, 2, 3, 4, 5], "aid": [0, 0, 10, 0, 30]})
    found = ps.targeting_errors(table, "aid", welfare="y", line=3, poor="<=", size="n", design=CENSUS)
    poor, selected, hit = 6, 8, 3
    expected = {
        "exclusion_error": 1 - hit / poor,
        "inclusion_error": 1 - hit / selected,
        "coverage": selected / 15,
        "poor_share": 30 / 180,
        "cgh": (30 / 180) / (poor / 15),
        "f1": 2 * hit / (poor + selected),
    }
    for measure, value in expected.items():
        assert found[measure].estimate[""] == pytest.approx(value, rel=VALUE)


def made(seed: int, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"y": rng.lognormal(1, 0.6, n), "w": rng.uniform(0.5, 3, n), "size": rng.integers(1, 6, n)})
    table["aid"] = np.where(rng.random(n) < 0.4, rng.uniform(1, 9, n), 0.0)
    table["village"], table["layer"], table["g"] = rng.integers(1, 9, n), rng.choice(["a", "b"], n), rng.choice(2, n)
    table["poor"] = (table["y"] < 2.5).astype(int)
    return table


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_laws(seed, factor):
    """Errors do not change with the unit of the money; F1 is the harmonic mean; CGH and both errors hang together."""
    table = made(seed)
    a, b = (
        ps.targeting_errors(t, "aid", poor="poor", design=ps.Design(weights="w"))
        for t in (table, table.assign(aid=factor * table["aid"]))
    )
    at = {name: one.estimate[""] for name, one in a.estimates.items()}
    for name, value in at.items():
        assert b[name].estimate[""] == pytest.approx(value, rel=1e-9)
        assert b[name].se[""] == pytest.approx(a[name].se[""], rel=1e-6)
    hits = 1 - at["exclusion_error"], 1 - at["inclusion_error"]
    assert at["f1"] == pytest.approx(2 / (1 / hits[0] + 1 / hits[1]), rel=1e-9)
    share = float(np.average(table["poor"], weights=table["w"]))
    assert at["cgh"] == pytest.approx(at["poor_share"] / share, rel=1e-9)
    assert at["coverage"] * hits[1] == pytest.approx(share * hits[0], rel=1e-9)


@pytest.mark.parametrize("design", [ps.Design(weights="w", strata="layer", psu="village"), ps.Design(weights="w")])
def test_engines_agree(design):
    table = made(3)
    asked = {"welfare": "y", "line": 2.5, "by": "g", "size": "size", "design": design}
    memory = ps.targeting_errors(table, "aid", **asked)
    for lazy in (duckdb.from_df(table), pl.from_pandas(table).lazy(), pl.from_pandas(table)):
        found = ps.targeting_errors(lazy, "aid", **asked)
        for name, one in memory.estimates.items():
            np.testing.assert_allclose(found[name].estimate, one.estimate, rtol=VALUE)
            np.testing.assert_allclose(found[name].se, one.se, rtol=SPREAD)


def test_a_bootstrap_comes_near():
    """Another route to the same errors; 400 replicates leave 4 %."""
    table = made(5, 2000)
    design = ps.Design(weights="w")
    plain, drawn = (ps.targeting_errors(table, "aid", poor="poor", design=d) for d in (design, design.bootstrap(400)))
    for name in plain.estimates:
        assert drawn[name].se[""] == pytest.approx(plain[name].se[""], rel=0.15)


def test_refusals():
    table = made(1)
    with pytest.raises(OptionError, match="say who is poor"):
        ps.targeting_errors(table, "aid")
    with pytest.raises(OptionError, match="say who is poor"):
        ps.targeting_errors(table, "aid", welfare="y", line=2, poor="poor")
    with pytest.raises(OptionError, match="belong together"):
        ps.targeting_errors(table, "aid", welfare="y")
    with pytest.raises(DataError, match="no column 'ad'"):
        ps.targeting_errors(table, "ad", poor="poor")
    with pytest.raises(DataError, match="neither 0 nor 1 in 200 rows"):
        ps.targeting_errors(table.assign(poor=2), "aid", poor="poor")
    with pytest.raises(DataError, match="missing in 1 rows"):
        ps.targeting_errors(table.assign(aid=[np.nan, *table["aid"][1:]]), "aid", poor="poor")
    with pytest.raises(DataError, match="negative in 1 rows"):
        ps.targeting_errors(table.assign(aid=[-1, *table["aid"][1:]]), "aid", poor="poor")
    with pytest.raises(DataError, match="must hold 0 and 1 or amounts"):
        ps.targeting_errors(table.assign(aid="x"), "aid", poor="poor")
    with pytest.raises(OptionError, match="there is no 'leakage'"):
        ps.targeting_errors(table, "aid", poor="poor")["leakage"]
    line = ps.relative_line(table, "y")
    with pytest.raises(OptionError, match="give float"):
        ps.targeting_errors(table, "aid", welfare="y", line=line)


def test_nobody_poor_has_no_exclusion_error():
    table = pd.DataFrame({"aid": [1, 1, 0], "poor": [0, 0, 0]})
    found = ps.targeting_errors(table, "aid", poor="poor")
    assert found["exclusion_error"].reason[""] == "not_defined"
    assert found["inclusion_error"].estimate[""] == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words(lang):
    found = ps.targeting_errors(made(2), "aid", welfare="y", line=2.5, by="g", size="size")
    numbers = f"{100 * found['exclusion_error'].estimate[0]:.2f}"
    assert numbers in str(found.summary(lang))
    assert "y < 2.5" in found.explain(lang)
    assert len(found.tidy()) == 6 * 2 + 2
