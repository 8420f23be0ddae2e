"""The synthetic survey: margins, fixed point, the law of items entered alone, recovery, departures.

Second routes: the printed numbers; the equation put together again from its parts; probabilities of pairs of grades by
scipy's bivariate normal distribution instead of quadrature; a survey of 12,000 households, where the estimates must lie
within four standard errors of what was put in (a false alarm in 16,000 coefficients); a stored draw.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

import povstats as ps
from povstats.datasets import GuizhouAssumptions, guizhou_effects, guizhou_synthetic
from povstats.datasets.guizhou import generator, items
from povstats.datasets.guizhou.fixed_point import solve
from povstats.errors import DataError, OptionError
from povstats.guizhou import Plan

ITEMS = ("trust", "participation", "harmony", "cadre_relation")
LARGE = (200,) * 6


@pytest.mark.parametrize("reading", ["coefficient", "literal"])
@pytest.mark.parametrize("seed", [0, 1, 7, 2009, 12345, 20261126])
def test_printed_margins_are_met_for_every_seed(seed, reading):
    table = guizhou_synthetic(seed, reading=reading)
    poor = table.poor == 1
    assert (len(table), table.village.nunique(), table.county.nunique(), int(poor.sum())) == (440, 44, 6, 129)
    assert round(table.consumption.mean()) == 1977
    # To a cent, far below the printed yuan.
    assert table.consumption[poor].mean() == pytest.approx(890, abs=0.01)
    assert table.consumption[~poor].mean() == pytest.approx(2428, abs=0.01)
    assert table.consumption[poor].max() < table.consumption[~poor].min()
    assert ps.check(table, "guizhou").ok
    assert table.attrs["data"] == "synthetic"


def test_129_is_the_only_count_that_fits_the_three_means():
    fits = [
        n
        for n in range(1, 440)
        if n * 889.5 + (440 - n) * 2427.5 <= 440 * 1977.5 and n * 890.5 + (440 - n) * 2428.5 >= 440 * 1976.5
    ]
    assert fits == [129]


def test_a_village_mean_is_a_fixed_point_of_the_equation():
    # The equation is put together again; consumption is rounded at the eighth decimal, 1e-11 of the smallest.
    for seed in (3, 2009):
        table, told = guizhou_synthetic(seed), GuizhouAssumptions()
        mean = table.groupby("village").consumption.transform("mean")
        assert np.abs(mean / table.village_consumption - 1).max() < 1e-12
        drawn = generator._Draw(told, np.random.default_rng(seed))
        fixed, slope = generator._logarithm(drawn, "coefficient")
        noise = np.sqrt(told.icc) * drawn.own[drawn.village] + np.sqrt(1 - told.icc) * drawn.residual

        def consumed(village_mean, fixed=fixed, slope=slope, noise=noise, attrs=table.attrs):
            return np.exp(attrs["level"] + fixed + slope * village_mean + attrs["scale"] * noise)

        assert np.abs(consumed(mean) / table.consumption - 1).max() < 1e-10
        # The derivative of a village's own mean, by central differences.
        step = 0.1
        rise = (consumed(mean + step) - consumed(mean - step)) / (2 * step)
        largest = pd.Series(rise).groupby(table.village).mean().abs().max()
        assert table.attrs["contraction"] == pytest.approx(largest, rel=1e-6)
        assert table.attrs["contraction"] < 1


def test_what_has_no_fixed_point_is_refused():
    rng, village = np.random.default_rng(1), np.repeat(np.arange(8), 10)
    noise, zero = rng.standard_normal(80), np.zeros(80)
    found = solve(zero, zero + 1e-4, noise, village, 24, (1977.0, 890.0))
    # Equal slopes: the derivative of a village's mean is slope times mean.
    assert found.contraction == pytest.approx(1e-4 * found.village.max())
    with pytest.raises(DataError, match="no stable fixed point"):
        solve(zero, zero + 4e-4, noise, village, 24, (1977.0, 890.0))
    with pytest.raises(DataError, match="without a random part"):
        solve(noise, zero, zero, village, 24, (1977.0, 890.0))
    with pytest.raises(DataError, match="no scale"):
        solve(zero, zero, zero, village, 24, (1977.0, 890.0))
    with pytest.raises(DataError, match=r"fixed point|random part"):
        guizhou_synthetic(1, assumptions=GuizhouAssumptions(village_consumption=0.5))


def test_the_same_seed_gives_the_same_table():
    pd.testing.assert_frame_equal(guizhou_synthetic(5), guizhou_synthetic(5), check_exact=True)
    assert not guizhou_synthetic(5).equals(guizhou_synthetic(6))
    # A stored draw: the same on every machine, to the decimals that are kept less one for sums that differ in order.
    first = guizhou_synthetic(2009).iloc[[0, 219, 439]]
    assert first.household.tolist() == ["V01-01", "V22-10", "V44-10"]
    assert first.consumption.tolist() == pytest.approx(STORED, abs=1e-6)


STORED = [4072.66975206, 2064.05080288, 1258.2272749]


def moments(place, shares, loadings, within):
    """Give means and regressions of one village by the probabilities of pairs of grades."""
    root = np.sqrt(within)
    limits = [(norm.ppf(np.cumsum(one)[:-1]) - place[k]) / root for k, one in enumerate(shares)]
    above = [norm.sf(one) for one in limits]
    mean = np.array([1 + one.sum() for one in above])
    cov = np.zeros((len(shares), len(shares)))
    for k, one in product(range(len(shares)), repeat=2):
        if k == one:
            worth = 2 * np.arange(1, len(above[k]) + 1) + 1
            cov[k, k] = 1 + worth @ above[k] - mean[k] ** 2
            continue
        rho = loadings[k] * loadings[one]
        joint = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
        both = sum(joint.cdf([-a, -b]) for a in limits[k] for b in limits[one])
        cov[k, one] = both - above[k].sum() * above[one].sum()
    return mean, cov / np.diag(cov)


def test_an_item_alone_has_the_slope_that_was_wanted():
    told, rng = GuizhouAssumptions(), np.random.default_rng(1)
    place = 0.6 * rng.standard_normal((2, 4))
    loadings = np.array([0.5, 0.63, 0.63, 0.7])
    mean, relation = items.relations(place, told.grade_shares, loadings, 0.9)
    single = rng.standard_normal((2, 4))
    together = items.joint(single, relation)
    for j in range(2):
        expected, slopes = moments(place[j], told.grade_shares, loadings, 0.9)
        # scipy's bivariate probabilities are good to about 1e-8.
        assert mean[j] == pytest.approx(expected, rel=1e-9)
        assert relation[j] == pytest.approx(slopes, abs=1e-6)
        for k in range(4):
            assert together[j] @ slopes[:, k] == pytest.approx(single[j, k], abs=1e-5)


@pytest.fixture(scope="module")
def large():
    """Draw 1,200 villages in which a village's mean has no effect, so that the model without it is the true one."""
    told = GuizhouAssumptions(villages=LARGE, village_consumption=0.0, by_consumption=(0.0,) * 4)
    return guizhou_synthetic(1, assumptions=told), told


@pytest.mark.parametrize("item", ITEMS)
def test_effects_put_in_are_recovered_in_a_large_survey(large, item):
    table, told = large
    plan = Plan(village=("aid_funds", "village_migration"), moderator="village_migration", data="synthetic")
    fit = ps.fit_hlm(plan.formula(item, slope=item != "trust", centred=False), table)
    put = {k: v for k, v in guizhou_effects(item, assumptions=told).items() if "village_consumption" not in k}
    found = fit.params[list(put)]
    assert (np.abs(found - pd.Series(put)) < 4 * fit.std_errors[list(put)]).all()
    assert fit.std_errors[item] < 0.02


def test_a_mean_that_contains_the_outcome_hides_the_funds(large):
    """The trap that the recovery table shows: with the naive mean in the model, most of the funds' effect is gone."""
    table, _ = large
    fit = ps.fit_hlm(Plan(data="synthetic").formula("trust", slope=False), table)
    assert 0 < fit.params["center(aid_funds)"] < 0.5 * 0.0009


def test_readings_change_two_numbers_alone():
    by_letter, by_coefficient = (guizhou_effects("participation", reading=r) for r in ("literal", "coefficient"))
    changed = {k for k in by_letter if by_letter[k] != by_coefficient[k]}
    assert changed == {"participation", "aid_funds"}
    assert by_coefficient["participation"] / by_letter["participation"] == pytest.approx(100)
    assert (by_coefficient["aid_funds"], by_letter["aid_funds"]) == (pytest.approx(9e-4), pytest.approx(9e-6))
    for name in ("trust", "land", "aid_funds"):
        pd.testing.assert_series_equal(guizhou_synthetic(4)[name], guizhou_synthetic(4, reading="literal")[name])


def test_departures_correlate_what_they_say(large):
    told = GuizhouAssumptions(villages=LARGE, village_consumption=0.0, by_consumption=(0.0,) * 4)
    rng = np.random.default_rng(1)
    drawn = generator._Draw(replace(told, trust_follows_welfare=0.3, funds_follow_poverty=0.5), rng)
    calm = generator._Draw(told, np.random.default_rng(1))
    villages, n = 1200, 12_000
    # Four standard errors of a correlation; grades and the village's share lower that of trust.
    assert np.corrcoef(np.log(drawn.funds), drawn.own)[0, 1] == pytest.approx(-0.5, abs=4 * 0.75 / villages**0.5)
    shrunk = -0.3 * np.sqrt(0.9) * 0.95
    assert np.corrcoef(drawn.items[:, 0], drawn.residual)[0, 1] == pytest.approx(shrunk, abs=4 / n**0.5)
    assert abs(np.corrcoef(calm.items[:, 0], calm.residual)[0, 1]) < 4 / n**0.5
    assert (drawn.items[:, 1:] == calm.items[:, 1:]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"icc": 1.0}, "icc=1.0 must be"),
        ({"item_correlation": -0.1}, "item_correlation"),
        ({"grade_shares": ((1.0,),)}, "4 entries"),
        ({"view_shares": (0.5, 0.4)}, "sum to 1"),
        ({"main": (0.1, 0.1, 0.1, 0.1)}, "3 entries"),
        ({"villages": (0,)}, "counts by county"),
        ({"poor_share": 0.0}, "poor_share"),
        ({"transfers": float("nan")}, "finite"),
    ],
)
def test_assumptions_that_cannot_be_drawn_are_refused(change, words):
    with pytest.raises(OptionError, match=words):
        GuizhouAssumptions(**change)


def test_arguments_are_checked():
    with pytest.raises(OptionError, match="reading"):
        guizhou_synthetic(1, reading="loose")
    with pytest.raises(OptionError, match="seed"):
        guizhou_synthetic(1.5)
    with pytest.raises(OptionError, match="seed"):
        guizhou_synthetic(-1)
    with pytest.raises(OptionError, match="item"):
        guizhou_effects("hope")
