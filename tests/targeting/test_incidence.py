"""Benefit incidence: hand counts, laws, engines held equal, refusals. R is in test_against_r.py."""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.poverty.estimation import estimated_together
from povstats.poverty.poor import without_line
from povstats.targeting.concentration import PART, concentration_measure, cumulated_measure, shares_measures

DESIGN = ps.Design(weights="w", strata="layer", psu="village")


def made(seed: int, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"y": np.round(rng.lognormal(2, 0.6, n), 1), "w": rng.uniform(0.5, 3, n)})
    table["aid"] = np.maximum(20 - table["y"] + rng.normal(0, 6, n), 0)
    table["village"], table["layer"], table["g"] = rng.integers(1, 9, n), rng.choice(["a", "b"], n), rng.choice(2, n)
    return table


def test_hand_counts():
    """Ten persons, the four poorest with 1, 2, 3 and 4: C = 2 Σ b r / (n² mean) − 1 with ranks 0.5 to 9.5."""
    table = pd.DataFrame({"y": range(1, 11), "aid": [1, 2, 3, 4, 0, 0, 0, 0, 0, 0]})
    found = ps.aid_incidence(table, "aid", "y", design=ps.Design.census())
    expected = 2 * (1 * 0.5 + 2 * 1.5 + 3 * 2.5 + 4 * 3.5) / (10 * 10) - 1
    assert found["concentration"].estimate[""] == pytest.approx(expected, rel=1e-12)
    assert found["cgh_bottom p=0.4"].estimate[""] == pytest.approx(2.5, rel=1e-12)
    assert found["cgh_bottom p=0.2"].estimate[""] == pytest.approx(0.3 / 0.2, rel=1e-12)
    np.testing.assert_allclose(found.quantiles()["estimate"], [0.3, 0.7, 0, 0, 0], atol=1e-12)


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_laws(seed):
    """Welfare as its own benefit has C = G and K = 0; alike for all C = 0; parts sum to 1; C is the curve's area."""
    table = made(seed)
    own = ps.aid_incidence(table, "y", "y", design=DESIGN)
    gini = ps.gini(table, "y", design=DESIGN)
    assert own["concentration"].estimate[""] == pytest.approx(gini.estimate[""], rel=1e-10)
    assert own["concentration"].se[""] == pytest.approx(gini.se[""], rel=1e-8)
    assert own["kakwani"].estimate[""] == pytest.approx(0, abs=1e-12)
    assert own["kakwani"].se[""] == pytest.approx(0, abs=1e-9)
    lorenz = ps.lorenz(table, "y", points=(0.2, 0.4), design=DESIGN).table
    np.testing.assert_allclose(own.quantiles()["estimate"][:2].cumsum(), lorenz["estimate"], rtol=1e-10)
    alike = ps.aid_incidence(table.assign(one=1), "one", "y", design=DESIGN)
    assert alike["concentration"].estimate[""] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(alike.quantiles()["estimate"], 0.2, rtol=1e-9)
    found = ps.aid_incidence(table, "aid", "y", design=DESIGN)
    assert found.quantiles()["estimate"].sum() == pytest.approx(1, rel=1e-12)
    p = np.array([0, *(one.parameters["p"] for one in found.curve), 1])
    curve = np.array([0, *(one.estimate[""] for one in found.curve), 1])
    # Twenty chords under a smooth curve, and its kernel at ties.
    assert 1 - 2 * np.trapezoid(curve, p) == pytest.approx(found["concentration"].estimate[""], abs=0.01)


def test_errors_of_shares_are_those_of_replicates():
    """A bootstrap of 120 PSUs, which knows no influence function; 60 replicates leave 9 % of a standard error."""
    rng = np.random.default_rng(9)
    table = made(8, 1000).assign(village=rng.integers(0, 120, 1000))
    makers = [*shares_measures([0.2, 0.5]), cumulated_measure(0.4), concentration_measure]
    found = []
    for design in (ps.Design(psu="village"), ps.Design(psu="village").bootstrap(60)):
        asked = replace(without_line("y", None, design, None), others=((PART, "aid"),))
        found.append(estimated_together(table, asked, makers))
    for plain, drawn in zip(*found, strict=True):
        assert drawn.estimate[""] == pytest.approx(plain.estimate[""], rel=1e-12)
        assert drawn.se[""] == pytest.approx(plain.se[""], rel=0.3)


def test_engines_agree():
    """Ties are heavy: welfare has one decimal."""
    table = made(4)
    memory = ps.aid_incidence(table, "aid", "y", by="g", design=DESIGN)
    for lazy in (duckdb.from_df(table), pl.from_pandas(table).lazy()):
        found = ps.aid_incidence(lazy, "aid", "y", by="g", design=DESIGN)
        a, b = found.tidy(), memory.tidy()
        assert a["term"].tolist() == b["term"].tolist()
        np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-10)
        np.testing.assert_allclose(a["se"], b["se"], rtol=1e-8)


def test_refusals():
    table = made(1)
    with pytest.raises(OptionError, match="quantiles=1"):
        ps.aid_incidence(table, "aid", "y", quantiles=1)
    with pytest.raises(OptionError, match="must rise"):
        ps.aid_incidence(table, "aid", "y", bottom=(0.4, 0.2))
    with pytest.raises(OptionError, match="bottom=1"):
        ps.aid_incidence(table, "aid", "y", bottom=(1,))
    with pytest.raises(DataError, match="no column 'z'"):
        ps.aid_incidence(table, "aid", "z")
    with pytest.raises(DataError, match="negative in 400 rows"):
        ps.aid_incidence(table.assign(aid=-1), "aid", "y")
    with pytest.raises(OptionError, match="there is no 'gini'"):
        ps.aid_incidence(table, "aid", "y")["gini"]
    nothing = ps.aid_incidence(table.assign(aid=0), "aid", "y")
    assert nothing["concentration"].reason[""] == "not_defined"
    with pytest.raises(DataError, match="no benefits"):
        nothing.plot()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words(lang):
    found = ps.aid_incidence(made(2), "aid", "y")
    shown = f"{found['concentration'].estimate['']:.4f}"
    assert shown in str(found.summary(lang))
    assert shown in found.explain(lang)
    assert found.plot(lang=lang).numbers["estimate"].iloc[-1] == 1
