"""Curves. Second routes: sorted rows summed by hand, the lognormal curve, the Gini coefficient, a jackknife by PSU.

Dominance: p-values by the textbook where one line decides, laws, and simulated sizes (benchmarks/dominance_size.py).
"""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import povstats as ps
from povstats.errors import DataError, OptionError

LINE = 2300.0


def survey(seed=5, villages=40, households=12, shift=0.3):
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(villages), households)
    region = np.where(village % 2 == 0, "east", "west")
    level = 7.9 + shift * (region == "east") + rng.normal(0, 0.3, villages)[village]
    return pd.DataFrame(
        {
            "welfare": np.exp(level + rng.normal(0, 0.6, len(village))),
            "village": village,
            "region": region,
            "weight": rng.uniform(0.5, 2, len(village)),
        }
    )


DESIGN = ps.Design(weights="weight", strata="region", psu="village")


def by_hand(y, w, p):
    """Give G(p) on the line through the sample's points."""
    order = np.argsort(y)
    y, w = y[order], w[order]
    return np.interp(p, np.r_[0, np.cumsum(w)] / w.sum(), np.r_[0, np.cumsum(w * y)] / w.sum())


def test_ordinates_are_sums_over_sorted_rows():
    table = survey()
    y, w = (table[name].to_numpy() for name in ("welfare", "weight"))
    general = ps.lorenz(table, "welfare", kind="generalised", design=DESIGN).table
    np.testing.assert_allclose(general["estimate"], by_hand(y, w, general["p"]), rtol=1e-12)
    plain = ps.lorenz(table, "welfare", design=DESIGN).table
    np.testing.assert_allclose(plain["estimate"], general["estimate"] / np.average(y, weights=w), rtol=1e-12)
    gaps = np.maximum(LINE - y, 0) / LINE
    tip = ps.tip_curve(table, "welfare", LINE, design=DESIGN).table
    order = np.argsort(y)
    at = np.r_[0, np.cumsum(w[order])] / w.sum()
    expected = np.interp(tip["p"], at, np.r_[0, np.cumsum((w * gaps)[order])] / w.sum())
    np.testing.assert_allclose(tip["estimate"], expected, rtol=1e-11)


def test_the_curve_holds_the_gini_and_the_poverty_gap():
    table = survey()
    p = np.linspace(0.002, 0.998, 499)
    curve = ps.lorenz(table, "welfare", points=p, design=DESIGN).table["estimate"].to_numpy()
    area = np.trapezoid(np.r_[0, curve, 1], np.r_[0, p, 1])
    # 500 steps cut the corners of 480 rows by less than a part in ten thousand.
    assert 1 - 2 * area == pytest.approx(float(ps.gini(table, "welfare", design=DESIGN).estimate.iloc[0]), rel=1e-4)
    tip = ps.tip_curve(table, "welfare", LINE, points=[0.99], design=DESIGN).table["estimate"].iloc[0]
    gap = float(ps.poverty_gap(table, "welfare", LINE, design=DESIGN).estimate.iloc[0])
    assert tip == pytest.approx(gap, rel=1e-12)


def test_the_lognormal_curve():
    sd, n = 0.6, 20_000
    y = np.exp(9 + sd * norm.ppf((np.arange(n) + 0.5) / n))
    found = ps.lorenz(pd.DataFrame({"y": y}), "y").table
    # The finest quantiles leave out a tail of 1/(2n): the mean is low by some 1e-4.
    np.testing.assert_allclose(found["estimate"], norm.cdf(norm.ppf(found["p"]) - sd), rtol=3e-4)
    parade = ps.pens_parade(pd.DataFrame({"y": y}), "y").table
    np.testing.assert_allclose(parade["estimate"], np.exp(9 + sd * norm.ppf(parade["p"])), rtol=5e-4)


@pytest.mark.parametrize("what", ["lorenz", "generalised", "tip"])
def test_standard_errors_against_a_jackknife_of_psus(what, jackknife):
    # Villages of 3 to 24 households: where all are alike, the size of the population adds nothing to the variance.
    table, points = survey(households=24), [0.2, 0.5, 0.9]
    table = table[table.groupby("village").cumcount() < 3 + (table["village"] * 7) % 22]

    def value(part):
        y, w = (part[name].to_numpy() for name in ("welfare", "weight"))
        if what == "tip":
            order = np.argsort(y)
            gaps = (np.maximum(LINE - y, 0) / LINE * w)[order]
            return np.interp(points, np.r_[0, np.cumsum(w[order])] / w.sum(), np.r_[0, np.cumsum(gaps)] / w.sum())
        found = by_hand(y, w, points)
        return found / np.average(y, weights=w) if what == "lorenz" else found

    found = (
        ps.tip_curve(table, "welfare", LINE, points=points, design=DESIGN)
        if what == "tip"
        else ps.lorenz(table, "welfare", kind=what, points=points, design=DESIGN)
    )
    # Jackknife and linearisation differ by terms of one over the twenty PSUs of a stratum.
    np.testing.assert_allclose(found.table["se"], jackknife(table, value, "region"), rtol=0.05)


@pytest.mark.parametrize("wrap", [lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_every_engine_gives_the_same_curves(wrap):
    table = survey()
    for make in (
        lambda t: ps.lorenz(t, "welfare", by="region", design=DESIGN),
        lambda t: ps.tip_curve(t, "welfare", LINE, by="region", design=DESIGN),
        lambda t: ps.pens_parade(t, "welfare", by="region", design=DESIGN),
        lambda t: ps.dominance(t, "welfare", by="region", between=("east", "west"), lines=(900, 4000), design=DESIGN),
    ):
        here, there = make(table).table, make(wrap(table)).table
        numbers = here.select_dtypes("number").columns
        np.testing.assert_allclose(there[numbers].to_numpy(), here[numbers].to_numpy(), rtol=1e-9)


@settings(max_examples=30)
@given(st.lists(st.floats(1, 1000), min_size=8, max_size=30), st.floats(0.1, 10))
def test_laws_of_the_curves(values, factor):
    table = pd.DataFrame({"y": values})
    p = [0.1, 0.3, 0.5, 0.7, 0.9]
    curve = ps.lorenz(table, "y", points=p).table["estimate"].to_numpy()
    steps = np.diff(np.r_[0, curve, 1]) / np.diff(np.r_[0, p, 1])
    assert (np.diff(steps) >= -1e-9).all(), "convex"
    assert (curve <= np.array(p) + 1e-12).all(), "below equality"
    scaled = ps.lorenz(table.assign(y=table["y"] * factor), "y", points=p).table["estimate"]
    np.testing.assert_allclose(scaled, curve, rtol=1e-9)
    tip = ps.tip_curve(table, "y", 500.0, points=p).table["estimate"].to_numpy()
    bends = np.diff(np.diff(np.r_[0, tip]) / np.diff(np.r_[0, p]))
    assert (bends <= 1e-9).all(), "concave"


def test_less_poverty_at_every_line_is_seen_and_the_groups_change_places():
    table = survey(shift=1.2)
    asked = {"by": "region", "lines": (900, 4000), "design": DESIGN}
    found = ps.dominance(table, "welfare", between=("east", "west"), **asked)
    turned = ps.dominance(table, "welfare", between=("west", "east"), **asked)
    assert (found.verdict, turned.verdict) == ("first", "second")
    assert found.shown == turned.shown[::-1]
    np.testing.assert_allclose(found.table["difference"], -turned.table["difference"], rtol=1e-12)
    assert ps.dominance(table, "welfare", between=("east", "west"), order=2, **asked).verdict == "first"
    for lang in ("zh", "en"):
        assert "east" in found.explain(lang)
    assert found.tidy()["p"].notna().sum() == 4


def test_differences_are_those_of_the_headcount_with_its_covariance():
    table = survey()
    found = ps.dominance(table, "welfare", by="region", between=("east", "west"), lines=(900, 4000), design=DESIGN)
    for line, row in found.table.iloc[[3, 12, 20]].iterrows():
        difference = ps.headcount(table, "welfare", line, by="region", design=DESIGN).difference("east", "west")
        assert row["difference"] == pytest.approx(difference.estimate, rel=1e-12)
        assert row["se"] == pytest.approx(difference.se, rel=1e-10)


def test_groups_that_share_villages_have_their_covariance():
    table = survey().assign(farm=lambda t: np.where(t.index % 3 == 0, "yes", "no"))
    found = ps.dominance(table, "welfare", by="farm", between=("yes", "no"), lines=(900, 4000), design=DESIGN)
    apart = []
    for line, row in found.table.iloc[[3, 12, 20]].iterrows():
        shares = ps.headcount(table, "welfare", line, by="farm", design=DESIGN)
        assert row["se"] == pytest.approx(shares.difference("yes", "no").se, rel=1e-10)
        apart.append(row["se"] / np.hypot(*shares.se))
    assert np.abs(np.array(apart) - 1).min() > 0.05, "as two samples of their own the standard errors would be others"


def test_one_group_drawn_twice_is_not_decided():
    table = survey(shift=0.0)
    found = ps.dominance(table, "welfare", by="region", between=("east", "west"), lines=(900, 4000), design=DESIGN)
    assert found.verdict == "undecided"
    assert min(found.refuted) > 0.05


def test_curves_that_cross_are_seen_to_cross():
    rng = np.random.default_rng(9)
    n = 4000
    table = pd.DataFrame(
        {
            "y": np.exp(np.r_[rng.normal(8, 0.3, n), rng.normal(8, 0.9, n)]),
            "group": np.repeat(["narrow", "wide"], n),
        }
    )
    found = ps.dominance(table, "y", by="group", between=("narrow", "wide"), lines=(1200, 7000))
    assert found.verdict == "cross"
    assert len(found.crossings) == 1
    # Both have the median exp(8); simulation error of the crossing is some per cent.
    assert found.crossings[0] == pytest.approx(np.exp(8), rel=0.05)
    assert "cross" in str(found.summary("en"))
    assert "相交" in str(found.summary("zh"))


def test_what_cannot_be_compared_is_refused():
    table = survey()
    asked = {"by": "region", "between": ("east", "west"), "lines": (900, 4000)}
    for change, told in (
        ({"between": ("east", "north")}, "north"),
        ({"between": ("east", "east")}, "two groups"),
        ({"lines": (4000, 900)}, "rise"),
        ({"lines": (0, 900)}, "above 0"),
        ({"lines": 900}, "two ends"),
        ({"order": 3}, "order=3"),
    ):
        with pytest.raises(OptionError, match=told):
            ps.dominance(table, "welfare", **{**asked, **change})
    with pytest.raises(DataError, match="at 0 of 25 lines"):
        ps.dominance(table, "welfare", **{**asked, "lines": (0.1, 0.2)})
    for points in ([], [0.5, 0.2], [0.0, 0.5], [0.5, 1.0]):
        with pytest.raises(OptionError, match="points"):
            ps.lorenz(table, "welfare", points=points)
    with pytest.raises(OptionError, match="generalised"):
        ps.lorenz(table, "welfare", kind="concentration")
