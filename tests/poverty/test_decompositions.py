"""Decompositions. Second routes: parts add up, the single verbs' values and errors, lognormal forms, a jackknife."""

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


def survey(seed=5, villages=40, households=10, year=1998, grown=0.0):
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(villages), households)
    region = np.array(["east", "middle", "west"])[village % 3]
    level = 7.9 + grown + 0.3 * (region == "east") + rng.normal(0, 0.3, villages)[village]
    return pd.DataFrame(
        {
            "welfare": np.exp(level + rng.normal(0, 0.6 + grown, len(village))),
            "village": [f"{year} {v}" for v in village],
            "region": region,
            "stratum": [f"{year} {v % 2}" for v in village],
            "weight": rng.uniform(0.5, 2, len(village)),
            "year": year,
        }
    )


DESIGN = ps.Design(weights="weight", strata="stratum", psu="village")
BOTH = pd.concat([survey(5, year=1993), survey(6, year=1998, grown=0.2)], ignore_index=True)
VERBS = {
    "headcount": lambda t, **k: ps.headcount(t, "welfare", LINE, **k),
    "poverty_gap": lambda t, **k: ps.poverty_gap(t, "welfare", LINE, **k),
    "poverty_severity": lambda t, **k: ps.poverty_severity(t, "welfare", LINE, **k),
    "mld": lambda t, **k: ps.mld(t, "welfare", **k),
    "theil": lambda t, **k: ps.theil(t, "welfare", **k),
    "generalized_entropy_2": lambda t, **k: ps.generalized_entropy(t, "welfare", 2, **k),
}


@pytest.mark.parametrize("measure", VERBS)
def test_groups_have_the_verb_s_values_and_errors_and_add_up(measure):
    table = survey()
    line = LINE if measure in ("headcount", "poverty_gap", "poverty_severity") else None
    found = ps.decompose(table, "welfare", line, by="region", measure=measure, design=DESIGN)
    own = VERBS[measure](table, by="region", design=DESIGN)
    level = found.groups.loc["level"]
    # Both linearise the same function of the same totals.
    np.testing.assert_allclose(level["estimate"], own.estimate, rtol=1e-10)
    np.testing.assert_allclose(level["se"], own.se, rtol=1e-9)
    whole = VERBS[measure](table, design=DESIGN)
    np.testing.assert_allclose(found.parts.loc["whole"], [whole.estimate.iloc[0], whole.se.iloc[0]], rtol=1e-9)
    parts = found.groups["estimate"]
    assert parts["share"].sum() == pytest.approx(1, rel=1e-12)
    assert parts["contribution"].sum() == pytest.approx(found.parts.loc["within", "estimate"], rel=1e-12)
    if line is None:
        between = found.parts.loc["between", "estimate"]
        assert parts["contribution"].sum() + between == pytest.approx(found.parts.loc["whole", "estimate"], rel=1e-12)
        means = survey().assign(
            welfare=lambda t: t["region"].map(
                {g: np.average(p["welfare"], weights=p["weight"]) for g, p in t.groupby("region")}
            )
        )
        assert between == pytest.approx(float(VERBS[measure](means, design=DESIGN).estimate.iloc[0]), rel=1e-9)


def fgt(y, w, line, alpha):
    gap = np.where(y < line, np.maximum(1 - y / line, 0) ** alpha if alpha else 1.0, 0.0)
    return np.average(gap, weights=w)


@pytest.mark.parametrize(("measure", "alpha"), [("headcount", 0), ("poverty_gap", 1), ("poverty_severity", 2)])
def test_growth_and_redistribution_by_hand(measure, alpha):
    found = ps.decompose(BOTH, "welfare", LINE, period=("year", 1993, 1998), measure=measure, design=DESIGN)
    (y0, w0), (y1, w1) = ((part["welfare"].to_numpy(), part["weight"].to_numpy()) for _, part in BOTH.groupby("year"))
    m0, m1 = np.average(y0, weights=w0), np.average(y1, weights=w1)
    p00, p11 = fgt(y0, w0, LINE, alpha), fgt(y1, w1, LINE, alpha)
    grown, spread = fgt(y0 * m1 / m0, w0, LINE, alpha), fgt(y1 * m0 / m1, w1, LINE, alpha)
    parts = found.parts["estimate"]
    np.testing.assert_allclose(found.levels["estimate"], [p00, p11], rtol=1e-12)
    assert parts["growth_initial"] == pytest.approx(grown - p00, rel=1e-9)
    assert parts["redistribution_initial"] == pytest.approx(spread - p00, rel=1e-9)
    assert parts["growth_final"] == pytest.approx(p11 - spread, rel=1e-9)
    assert parts["growth_shapley"] == pytest.approx((parts["growth_initial"] + parts["growth_final"]) / 2, rel=1e-12)
    for base in ("initial", "final"):
        total = sum(parts[f"{name}_{base}"] for name in ("growth", "redistribution", "residual"))
        assert total == pytest.approx(parts["change"], rel=1e-12)
    assert parts["growth_shapley"] + parts["redistribution_shapley"] == pytest.approx(parts["change"], rel=1e-12)


def test_errors_of_growth_and_redistribution_against_a_jackknife(jackknife):
    def value(table):
        (y0, w0), (y1, w1) = (
            (part["welfare"].to_numpy(), part["weight"].to_numpy()) for _, part in table.groupby("year")
        )
        m0, m1 = np.average(y0, weights=w0), np.average(y1, weights=w1)
        p00, p11 = fgt(y0, w0, LINE, 1), fgt(y1, w1, LINE, 1)
        grown, spread = fgt(y0 * m1 / m0, w0, LINE, 1), fgt(y1 * m0 / m1, w1, LINE, 1)
        return np.array([p11 - p00, grown - p00, spread - p00, (grown - p00 + p11 - spread) / 2])

    found = ps.decompose(
        BOTH, "welfare", LINE, period=("year", 1993, 1998), measure="poverty_gap", design=DESIGN
    ).parts["se"]
    names = ["change", "growth_initial", "redistribution_initial", "growth_shapley"]
    # Jackknife and linearisation differ by terms of one over the twenty PSUs of a stratum.
    np.testing.assert_allclose(found[names], jackknife(BOTH, value), rtol=0.06)


def test_errors_of_the_headcount_s_growth_in_repeated_samples():
    """The density at the moved line: spread of the estimates in 300 draws, whose own error is some 4 per cent.

    The weights count a population, as those of a survey do: the kernel's width goes with their sum.
    """
    rng, drawn = np.random.default_rng(7), []
    for _ in range(300):
        y = np.exp(np.r_[rng.normal(8, 0.6, 800), rng.normal(8.2, 0.7, 800)])
        table = pd.DataFrame({"welfare": y, "year": np.repeat([1, 2], 800), "weight": 500.0})
        design = ps.Design(weights="weight")
        part = ps.decompose(table, "welfare", LINE, period=("year", 1, 2), design=design).parts.loc["growth_shapley"]
        drawn.append((part["estimate"], part["se"]))
    estimate, se = np.array(drawn).T
    assert np.sqrt((se**2).mean()) == pytest.approx(estimate.std(ddof=1), rel=0.15)
    moved = [norm.cdf((np.log(LINE) - m) / s) for m, s in ((8, 0.6), (8 + 0.2 + (0.7**2 - 0.6**2) / 2, 0.6))]
    back = [norm.cdf((np.log(LINE) - m) / 0.7) for m in (8.2 - 0.2 - (0.7**2 - 0.6**2) / 2, 8.2)]
    truth = (moved[1] - moved[0] + back[1] - back[0]) / 2
    assert estimate.mean() == pytest.approx(truth, abs=4 * estimate.std() / np.sqrt(300))


def test_sectors_by_hand_and_their_sum():
    found = ps.decompose(BOTH, "welfare", LINE, period=("year", 1993, 1998), by="region", design=DESIGN)
    share, level = {}, {}
    for (year, region), part in BOTH.groupby(["year", "region"]):
        share[year, region] = part["weight"].sum() / BOTH.loc[BOTH["year"] == year, "weight"].sum()
        level[year, region] = fgt(part["welfare"].to_numpy(), part["weight"], LINE, 0)
    within = {r: share[1993, r] * (level[1998, r] - level[1993, r]) for r in ("east", "middle", "west")}
    shift = sum((share[1998, r] - share[1993, r]) * level[1993, r] for r in within)
    parts = found.parts["estimate"]
    for region, value in within.items():
        assert found.groups.loc[region, "estimate"] == pytest.approx(value, rel=1e-10)
    assert parts["shift"] == pytest.approx(shift, rel=1e-9)
    assert parts["within"] + parts["shift"] + parts["interaction"] == pytest.approx(parts["change"], rel=1e-12)
    whole = ps.headcount(BOTH, "welfare", LINE, by="year", design=DESIGN).difference(1998, 1993)
    assert parts["change"] == pytest.approx(float(whole.estimate.iloc[0]), rel=1e-12)
    assert found.parts.loc["change", "se"] == pytest.approx(float(whole.se.iloc[0]), rel=1e-9)


@pytest.mark.parametrize("wrap", [lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_every_engine_gives_the_same_parts(wrap):
    for asked in (
        {"by": "region"},
        {"period": ("year", 1993, 1998)},
        {"period": ("year", 1993, 1998), "by": "region", "measure": "poverty_gap"},
    ):
        here = ps.decompose(BOTH, "welfare", LINE, design=DESIGN, **asked).parts
        there = ps.decompose(wrap(BOTH), "welfare", LINE, design=DESIGN, **asked).parts
        np.testing.assert_allclose(there, here, rtol=1e-8, atol=1e-12)
    here = ps.growth_incidence(BOTH, "welfare", period=("year", 1993, 1998), line=LINE, design=DESIGN)
    there = ps.growth_incidence(wrap(BOTH), "welfare", period=("year", 1993, 1998), line=LINE, design=DESIGN)
    np.testing.assert_allclose(there.table, here.table, rtol=1e-8)
    assert there.poor_rate == pytest.approx(here.poor_rate, rel=1e-10)


def test_equal_growth_is_a_flat_curve_and_all_growth():
    base = survey()
    later = base.assign(year=2003, welfare=base["welfare"] * 1.1**5)
    table = pd.concat([base, later], ignore_index=True)  # a panel: the same villages at both dates
    curve = ps.growth_incidence(table, "welfare", period=("year", 1998, 2003), line=LINE, design=DESIGN)
    np.testing.assert_allclose(curve.table["growth"], 0.1, rtol=1e-9)
    assert curve.mean[0] == pytest.approx(0.1, rel=1e-12)
    assert curve.poor_rate == pytest.approx(0.1, rel=1e-9)
    # Every household grew alike, so that the mean's growth has no spread though the mean has.
    assert curve.mean[1] == pytest.approx(0, abs=1e-9)
    parts = ps.decompose(table, "welfare", LINE, period=("year", 1998, 2003), design=DESIGN).parts["estimate"]
    assert parts["redistribution_shapley"] == pytest.approx(0, abs=1e-12)
    assert parts["growth_initial"] == pytest.approx(parts["change"], rel=1e-12)


def test_growth_elasticity_of_the_lognormal():
    """Closed form for exp(N(9, 0.6²)) and a line of 5000: −2.2850554 of the headcount."""
    n, sd, line = 40_000, 0.6, 5000.0
    y = np.exp(9 + sd * norm.ppf((np.arange(n) + 0.5) / n))
    table, design = pd.DataFrame({"y": y, "weight": 1000.0}), ps.Design(weights="weight")
    at = (np.log(line) - 9) / sd
    hazard = -norm.pdf(at) / (sd * norm.cdf(at))
    assert hazard == pytest.approx(-2.2850554, rel=1e-7)
    # The kernel smooths the density by some tenths of a per cent where the weights count 40 million.
    found = float(ps.growth_elasticity(table, "y", line, design=design).estimate.iloc[0])
    assert found == pytest.approx(hazard, rel=0.005)
    gap, severity = (float(ps.fgt(table, "y", line, a).estimate.iloc[0]) for a in (1, 2))
    head = float(ps.headcount(table, "y", line).estimate.iloc[0])
    first = float(ps.growth_elasticity(table, "y", line, 1).estimate.iloc[0])
    assert first == pytest.approx(-(head - gap) / gap, rel=1e-12)
    second = float(ps.growth_elasticity(table, "y", line, 2).estimate.iloc[0])
    assert second == pytest.approx(-2 * (gap - severity) / severity, rel=1e-12)
    grown = float(ps.poverty_gap(table.assign(y=y * 1.0001), "y", line).estimate.iloc[0])
    assert (grown / gap - 1) / 1e-4 == pytest.approx(first, rel=1e-3)


def test_the_elasticity_s_error_against_a_jackknife(jackknife):
    table = survey()
    found = ps.growth_elasticity(table, "welfare", LINE, 1, design=DESIGN)

    def value(part):
        head, gap = (fgt(part["welfare"].to_numpy(), part["weight"], LINE, a) for a in (0, 1))
        return -(head - gap) / gap

    assert float(found.se.iloc[0]) == pytest.approx(jackknife(table, value), rel=0.06)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.5, 2))
def test_laws_of_decomposition(seed, factor):
    table = survey(seed % 50, villages=8, households=5)
    line = factor * LINE
    if not (table["welfare"] < line).any():
        return
    found = ps.decompose(table, "welfare", line, by="region", measure="poverty_gap").groups["estimate"]
    assert found["relative"].sum() == pytest.approx(1, rel=1e-9)
    scaled = ps.decompose(
        table.assign(welfare=factor * table["welfare"]), "welfare", factor * line, by="region", measure="poverty_gap"
    ).groups["estimate"]
    np.testing.assert_allclose(scaled, found, rtol=1e-8, atol=1e-12)


def grouped(year):
    points = ps.datasets.povcalnet_china()
    rows = points[(points["coverage"] == "Rural") & (points["year"] == year)]
    return ps.grouped(rows["p"], rows["L"], float(rows["mean"].iloc[0])), float(rows["line"].iloc[0])


def test_grouped_distributions_of_china_change_by_the_same_identities():
    (first, line), (last, _) = grouped(1999), grouped(2011)
    found = first.decompose(last, line, labels=("1999", "2011"))
    parts = found.parts["estimate"]
    assert parts["change"] == pytest.approx(last.headcount(line) - first.headcount(line), rel=1e-12)
    assert parts["growth_shapley"] + parts["redistribution_shapley"] == pytest.approx(parts["change"], rel=1e-12)
    assert parts["growth_shapley"] < parts["redistribution_shapley"]
    assert found.parts["se"].isna().all()
    curve = first.growth_incidence(last, years=12, line=line, labels=("1999", "2011"))
    assert curve.mean[0] == pytest.approx((last.mean / first.mean) ** (1 / 12) - 1, rel=1e-12)
    assert curve.table.loc[0.5, "growth"] == pytest.approx((last.quantile(0.5) / first.quantile(0.5)) ** (1 / 12) - 1)
    with pytest.raises(OptionError, match="years"):
        first.growth_incidence(last, years=0)
    with pytest.raises(OptionError, match="measure"):
        first.decompose(last, line, measure="gini")


def test_what_cannot_be_taken_apart_is_refused():
    for asked, told in (
        ({}, "by="),
        ({"line": None, "by": "region"}, "line"),
        ({"by": "region", "measure": "theil"}, "no line"),
        ({"line": None, "by": "region", "measure": "gini"}, "measure"),
        ({"period": ("year", 1993)}, "period"),
        ({"period": ("year", 1993, 1993)}, "twice"),
    ):
        with pytest.raises(OptionError, match=told):
            ps.decompose(BOTH, "welfare", **{"line": LINE, **asked})
    with pytest.raises(DataError, match="2005"):
        ps.decompose(BOTH, "welfare", LINE, period=("year", 1993, 2005))
    with pytest.raises(DataError, match="wave"):
        ps.decompose(BOTH, "welfare", LINE, period=("wave", 1993, 1998))
    with pytest.raises(DataError, match="west at 1998"):
        ps.decompose(
            BOTH[(BOTH["year"] == 1993) | (BOTH["region"] != "west")],
            "welfare",
            LINE,
            period=("year", 1993, 1998),
            by="region",
        )
    with pytest.raises(DataError, match="not defined"):
        ps.decompose(survey().assign(welfare=0.0), "welfare", by="region", measure="mld")
    with pytest.raises(OptionError, match="forward"):
        ps.growth_incidence(BOTH, "welfare", period=("year", 1998, 1993))
    with pytest.raises(OptionError, match="alpha"):
        ps.growth_elasticity(BOTH, "welfare", LINE, 0.5)
