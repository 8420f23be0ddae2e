"""The exact distribution of one variance's likelihood ratio: against the F test, and against refits of drawn outcomes.

DRAWS: SHARE is four standard errors of a share out of them. In a balanced one-way layout the ratio rises with F, so
that its exact p-value is that of the analysis of variance.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_of

from povstats.errors import FitError
from povstats.models import compare, fit_hlm
from povstats.models.inference import boundary
from povstats.models.inference.boundary import exact_ratios
from povstats.models.inference.simulate import draws
from povstats.models.inference.simulated_ratio import Side, _by_columns, _inside, _under
from povstats.models.likelihood import conclude
from povstats.models.refits import refit, with_outcome

DRAWS = 20_000
SHARE = 4 * np.sqrt(0.25 / DRAWS)
VALUES = 1e-8
"""Two searches for one minimum of -2 log L, of some hundreds: rounding of the criterion."""


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(53)
    group = np.repeat(np.arange(18), rng.integers(2, 9, 18))
    n = len(group)
    table = pd.DataFrame({"x": 10 * rng.normal(size=n) + 4, "z": rng.normal(size=n), "g": group})
    table["c"], table["k"] = group % 6, rng.integers(0, 5, n)
    effects = rng.normal(size=(2, 18))[:, group]
    table["y"] = 1e3 * (1 + 0.1 * table.x + effects[0] + 0.03 * effects[1] * table.x + rng.normal(size=n))
    return table


@pytest.mark.parametrize(("method", "spread"), [("reml", 0.5), ("ml", 0.6)])
def test_balanced_one_way_is_the_f_test(method, spread):
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(8), 6)
    y = rng.normal(size=48) + spread * rng.normal(size=8)[group]
    fit = fit_hlm("y ~ 1 + (1 | g)", pd.DataFrame({"y": y, "g": group}), method=method)
    means = np.bincount(group, y) / 6
    ratio = 6 * means.var(ddof=1) / (((y - means[group]) ** 2).sum() / 40)
    drawn = exact_ratios(fit.optimum, DRAWS, np.random.default_rng(1))
    tested = fit.variance_tests(DRAWS, 2).table.loc[("g", "Intercept")]
    assert tested.chi2 > 0.1
    assert abs(tested.p - f_of.sf(ratio, 7, 40)) < SHARE
    # The variance is estimated as zero where the mean squares leave nothing to it.
    threshold = 1 if method == "reml" else 8 / 7
    assert abs((drawn < 1e-9).mean() - f_of.cdf(threshold, 7, 40)) < SHARE


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("random", ["(1 | g)", "(0 + x | g)"])
def test_unbalanced_groups_with_predictors_against_refits(table, method, random):
    fit = fit_hlm(f"y ~ x + z + {random}", table, method=method)
    blocks, at = fit.optimum.blocks, fit.optimum.profile
    none = replace(fit, optimum=replace(fit.optimum, factors=(np.zeros((1, 1)),)))
    statistics = []
    for outcomes in draws(none, 2000, np.random.default_rng(4)):
        above = refit(fit.optimum, outcomes)
        below = [conclude(with_outcome(blocks, y).total, 0.0, blocks.size, at.reml).value for y in outcomes]
        statistics.append(np.maximum(np.array(below) - above.value, 0.0))
    refitted = np.concatenate(statistics)
    exact = exact_ratios(fit.optimum, DRAWS, np.random.default_rng(5))
    for point in (1e-6, 0.3, 1.5, 3.0):
        assert abs((refitted > point).mean() - (exact > point).mean()) < SHARE + 4 * np.sqrt(0.25 / 2000)


def test_too_many_groups_are_left_to_the_mixture(table, monkeypatch):
    monkeypatch.setattr(boundary, "MOST_GROUPS", 10)
    with pytest.raises(FitError, match="too many for the exact distribution"):
        fit_hlm("y ~ x + (1 | g)", table).variance_tests(100)


@pytest.mark.parametrize(
    ("small", "large", "method"),
    [
        ("y ~ x + (1 | g)", "y ~ x + z + (1 + x | g)", "ml"),
        ("y ~ x + (x || g)", "y ~ x + (x | g)", "reml"),
        ("y ~ x + (1 | c/g)", "y ~ x + (1 + x | c/g)", "reml"),
    ],
)
def test_the_smaller_model_inside_the_larger_is_the_smaller_model(table, small, large, method):
    """Two routes to one likelihood: its own columns, or the larger model's with fewer free entries."""
    fits = [fit_hlm(text, table, method=method) for text in (small, large)]
    sides = [Side(fit.model, fit.units, fit.optimum) for fit in fits]
    truth = replace(fits[1], optimum=_under(*sides))
    (outcomes,) = draws(truth, 6, np.random.default_rng(1))
    one, other = (route(*sides)(outcomes) for route in (_by_columns, _inside))
    np.testing.assert_allclose(one, other, rtol=0, atol=VALUES * np.abs(one).max())


def test_crossed_and_other_lowest_groupings_are_simulated(table):
    pairs = [
        ("y ~ x + (1 | g)", "y ~ x + z + (1 | g) + (1 | k)"),
        ("y ~ x + (1 | c)", "y ~ x + (1 + x | g) + (1 | c)"),
    ]
    for pair in pairs:
        small, large = (fit_hlm(text, table, method="ml") for text in pair)
        found = compare(small, large, simulate=30, rng=3)
        assert found.reference[1].startswith("simulated + ")
        assert 1 / 31 <= found.table["p"].iloc[1] <= 1
    assert found.table["p"].iloc[1] < 0.1  # the groups' effects are as large as the residuals


def test_variance_tests_are_simulated_where_asked(table):
    fit = fit_hlm("y ~ x + (1 + x | g)", table)
    known, drawn = fit.variance_tests(), fit.variance_tests(400, 1)
    assert drawn.reference == ("simulated + 400",) * 2
    np.testing.assert_array_equal(known.table.chi2, drawn.table.chi2)
    # The mixture holds for many groups, so that 18 leave it a little off beside the simulation's own error.
    assert np.abs(known.table.p - drawn.table.p).max() < 4 * np.sqrt(0.25 / 400)
    for lang, word in (("zh", "模拟（400 次）"), ("en", "simulated (400)")):
        assert word in str(drawn.summary(lang))
    np.testing.assert_array_equal(fit.variance_tests(400, 1).table, drawn.table)
