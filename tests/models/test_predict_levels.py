"""Predictions in levels of a log outcome: what is estimated, and that its intervals hold it.

SAME: the same sums in another order. DRAWS: averages of 400,000 normal draws' exponentials.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm

SAME, DRAWS = 1e-12, 0.01


def survey(rng, villages=44, households=10):
    """Synthetic consumption: lognormal about exp(7), villages' slopes and intercepts apart."""
    village = np.repeat(np.arange(villages), households)
    x = rng.normal(size=len(village))
    b = rng.multivariate_normal([0, 0], [[0.16, 0.02], [0.02, 0.04]], villages)
    log = 7 + 0.3 * x + b[village, 0] + b[village, 1] * x + 0.5 * rng.normal(size=len(village))
    return pd.DataFrame({"y": np.exp(log), "log_y": log, "x": x, "village": village}), b


@pytest.fixture(scope="module")
def table():
    return survey(np.random.default_rng(6))[0]


@pytest.fixture(scope="module")
def fit(table):
    return fit_hlm("log(y) ~ x + (1 + x | village)", table)


def test_the_mean_is_the_average_over_what_is_not_conditioned_on(table, fit):
    """Draw b given the data (with its joint covariance), or anew, and e: the average of exp(η + …) is predicted."""
    rows, rng = table.head(3), np.random.default_rng(1)
    eta, line = fit.predict(rows), fit.predict(rows, "marginal")
    z = np.column_stack([np.ones(3), rows.x])
    T, sigma = fit.random_cov["village"].to_numpy(), np.sqrt(fit.sigma2)
    own = table[table.village == 0]
    Z = np.column_stack([np.ones(len(own)), own.x])
    given = np.linalg.inv(np.linalg.inv(T) + Z.T @ Z / fit.sigma2)
    for effects, centre, cov in (("conditional", eta, given), ("marginal", line, T), ("new group", line, T)):
        b = rng.multivariate_normal([0, 0], cov, 400_000)
        expected = np.exp(centre.to_numpy()[:, None] + z @ b.T + sigma * rng.normal(size=400_000)).mean(axis=1)
        found = fit.predict(rows, effects, scale="level")
        np.testing.assert_allclose(found, expected, rtol=DRAWS)
        # And in closed form.
        v = np.einsum("ni,ij,nj->n", z, cov, z) + fit.sigma2
        np.testing.assert_allclose(found, np.exp(centre + v / 2), rtol=1e-9)


def test_the_median_is_the_exponential(table, fit):
    rows = table.head(5)
    own = fit.predict(rows, interval="outcome")
    found = fit.predict(rows, scale="median", interval="outcome")
    for name in ("predicted", "low", "high"):
        np.testing.assert_allclose(found[name], np.exp(own[name]), rtol=SAME)
    np.testing.assert_allclose(found.se, own.se * found.predicted, rtol=SAME)
    np.testing.assert_allclose(fit.predict(rows, scale="median"), found.predicted, rtol=SAME)
    pd.testing.assert_frame_equal(fit.predict(rows, scale="log", interval="outcome"), own)
    # An outcome's interval does not depend on the point that is named beside it.
    level = fit.predict(rows, scale="level", interval="outcome")
    np.testing.assert_allclose(level[["low", "high"]], found[["low", "high"]], rtol=SAME)


def test_a_column_of_logs_is_said(table, fit):
    said = fit_hlm("log_y ~ x + (1 + x | village)", table)
    with pytest.raises(OptionError, match="'log_y' is not known to be one"):
        said.predict(table, scale="level")
    found = said.predict(table.head(4), scale="level", log_outcome=True)
    np.testing.assert_allclose(found, fit.predict(table.head(4), scale="level"), rtol=1e-9)


@pytest.mark.parametrize("outcome", ["y", "sqrt(y)", "center(log(y))", "I(2 * log(y))"])
@pytest.mark.parametrize("scale", ["log", "level", "median"])
def test_what_is_no_log_is_refused(table, outcome, scale):
    fit = fit_hlm(f"{outcome} ~ x + (1 | village)", table)
    with pytest.raises(OptionError, match="log"):
        fit.predict(table, scale=scale)


def test_what_cannot_be_a_log_is_refused(table):
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.raises(FitError, match="exponential overflows"):
        fit.predict(table, scale="median", log_outcome=True)


def test_the_unit_of_money_does_not_matter(table, fit):
    cents = fit_hlm("log(y) ~ x + (1 + x | village)", table.assign(y=100 * table.y))
    for effects in ("conditional", "marginal", "new group"):
        own = fit.predict(table.head(3), effects, scale="level", interval="mean")
        found = cents.predict(table.head(3), effects, scale="level", interval="mean")
        # Two searches for one optimum; df follow the variances of variances.
        np.testing.assert_allclose(
            found[["predicted", "low", "high"]], 100 * own[["predicted", "low", "high"]], rtol=1e-5
        )


def test_intervals_in_levels_hold_the_truth():
    """The mean in a village, exp(x'β + z'b + σ²/2), and that of all, exp(x'β + (z'Tz + σ²)/2), at x = 1."""
    rng, hits = np.random.default_rng(9), {"conditional": [], "marginal": []}
    for _ in range(25):
        rows, b = survey(rng)
        fit = fit_hlm("log(y) ~ x + (1 + x | village)", rows)
        asked = pd.DataFrame({"x": 1.0, "village": np.arange(44)})
        truth = np.exp(7.3 + b.sum(axis=1) + 0.125)
        found = fit.predict(asked, scale="level", interval="mean")
        hits["conditional"].append(((found.low <= truth) & (truth <= found.high)).mean())
        found = fit.predict(asked.head(1), "marginal", scale="level", interval="mean").iloc[0]
        truth = np.exp(7.3 + (0.16 + 0.04 + 0.04 + 0.25) / 2)
        hits["marginal"].append(float(found.low <= truth <= found.high))
        assert found.low < found.predicted < found.high
    assert abs(np.mean(hits["conditional"]) - 0.95) < 0.02  # three Monte Carlo standard errors
    assert np.mean(hits["marginal"]) > stats.binom.ppf(0.001, 25, 0.95) / 25
