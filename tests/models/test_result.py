"""What the result says of itself: each number again by scipy or by hand from others of the same fit."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from povstats.contracts import TIDY_COLUMNS
from povstats.errors import OptionError
from povstats.models import fit_hlm

SAME = 1e-12
TAIL = 1e-9
"""Quantiles and tails from two libraries."""


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(43)
    group = np.repeat(np.arange(15), 7)
    x = rng.normal(2, 1, 105)
    y = 1 + 0.3 * x + rng.normal(size=15)[group] + 0.7 * rng.normal(size=15)[group] * x + rng.normal(size=105)
    return pd.DataFrame({"y": y, "x": x, "w": rng.normal(size=105), "village": [f"v{i:02d}" for i in group]})


@pytest.fixture(scope="module", params=["reml", "ml"])
def fit(table, request):
    return fit_hlm("y ~ x + w + (1 + x | village)", table, method=request.param)


def test_names_and_shapes(fit):
    terms = ["Intercept", "x", "w"]
    for name in ("params", "std_errors", "tstats", "dof", "pvalues"):
        series = getattr(fit, name)
        assert list(series.index) == terms
        assert series.name == name
    assert list(fit.cov.index) == list(fit.cov.columns) == terms
    assert (fit.nobs, fit.ngroups) == (105, {"village": 15})
    assert list(fit.random_cov["village"]) == list(fit.random_cov["village"].index) == ["Intercept", "x"]
    effects = fit.random_effects["village"]
    assert list(effects) == ["Intercept", "x", "se(Intercept)", "se(x)"]
    assert list(effects.index) == [f"v{i:02d}" for i in range(15)]
    assert effects.index.name == "village"


def test_tests_are_students(fit):
    np.testing.assert_allclose(fit.tstats, fit.params / fit.std_errors, rtol=SAME)
    np.testing.assert_allclose(fit.pvalues, 2 * stats.t.sf(np.abs(fit.tstats), fit.dof), rtol=TAIL)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_intervals(fit, level):
    ends = fit.conf_int(level)
    half = stats.t.ppf((1 + level) / 2, fit.dof) * fit.std_errors
    np.testing.assert_allclose(ends.low, fit.params - half, rtol=TAIL, atol=1e-9)
    np.testing.assert_allclose(ends.high, fit.params + half, rtol=TAIL, atol=1e-9)
    assert list(ends) == ["low", "high"]


def test_normal_degrees_of_freedom(table, fit):
    normal = fit_hlm("y ~ x + w + (1 + x | village)", table, method=fit.method, df="normal")
    assert np.isinf(normal.dof).all()
    np.testing.assert_array_equal(normal.std_errors, fit.std_errors)
    np.testing.assert_allclose(normal.pvalues, 2 * stats.norm.sf(np.abs(normal.tstats)), rtol=1e-7)
    half = stats.norm.ppf(0.975) * normal.std_errors
    np.testing.assert_allclose(normal.conf_int().high, normal.params + half, rtol=1e-7)
    assert (normal.pvalues < fit.pvalues).all()


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_an_impossible_level_is_refused(fit, level):
    with pytest.raises(OptionError, match="between 0 and 1"):
        fit.conf_int(level)


def test_an_unknown_interval_is_refused(fit):
    with pytest.raises(OptionError, match="'wald'"):
        fit.conf_int(method="exact")


def test_information_criteria(fit):
    assert fit.nparams == 3 + 3 + 1
    assert fit.aic == pytest.approx(14 - 2 * fit.loglik, rel=SAME)
    assert fit.bic == pytest.approx(7 * np.log(105) - 2 * fit.loglik, rel=SAME)


def test_parameters_of_uncorrelated_effects(table):
    assert fit_hlm("y ~ x + (x || village)", table).nparams == 2 + 2 + 1


def test_icc_of_an_intercept_is_its_share(table):
    one = fit_hlm("y ~ x + (1 | village)", table)
    between = one.random_cov["village"].iloc[0, 0]
    assert one.icc() == pytest.approx(between / (between + one.sigma2), rel=1e-9)


def test_icc_of_slopes_averages_over_the_rows(table, fit):
    z = np.column_stack([np.ones(105), table.x])
    between = np.einsum("ni,ij,nj->n", z, fit.random_cov["village"], z).mean()
    assert fit.icc() == pytest.approx(between / (between + fit.sigma2), rel=1e-9)


def test_conditional_standard_errors_are_those_of_a_normal_posterior(table, fit):
    """Var(b | y) = (Z'Z/σ² + Ψ⁻¹)⁻¹, by village."""
    inverse = np.linalg.inv(fit.random_cov["village"])
    for label, row in fit.random_effects["village"].iterrows():
        z = np.column_stack([np.ones(105), table.x])[(table.village == label).to_numpy()]
        spread = np.linalg.inv(z.T @ z / fit.sigma2 + inverse)
        np.testing.assert_allclose(row[["se(Intercept)", "se(x)"]], np.sqrt(np.diag(spread)), rtol=1e-7)


def test_tidy(fit):
    frame = fit.tidy()
    assert tuple(frame.columns) == TIDY_COLUMNS
    coef = frame[frame.measure == "coef"].set_index("term")
    for column, series in (("estimate", fit.params), ("se", fit.std_errors), ("df", fit.dof), ("p", fit.pvalues)):
        np.testing.assert_array_equal(coef[column], series)
    np.testing.assert_array_equal(coef[["low", "high"]], fit.conf_int())
    variance = frame[frame.measure == "variance"]
    assert list(zip(variance.group, variance.term, strict=True)) == [
        ("village", "Intercept"),
        ("village", "x"),
        ("residual", ""),
    ]
    np.testing.assert_array_equal(variance.estimate, [*np.diag(fit.random_cov["village"]), fit.sigma2])
    (covariance,) = frame[frame.measure == "covariance"].itertuples()
    assert (covariance.term, covariance.estimate) == ("Intercept, x", fit.random_cov["village"].loc["Intercept", "x"])
    single = frame.set_index(["measure", "term"]).estimate
    assert single["fit", "loglik"] == fit.loglik
    assert (single["fit", "aic"], single["fit", "bic"]) == (fit.aic, fit.bic)
    assert (single["nobs", ""], single["ngroups", ""], single["icc", ""]) == (105, 15, fit.icc())


def test_tidy_lists_no_covariance_that_was_not_estimated(table):
    frame = fit_hlm("y ~ x + (x || village)", table).tidy()
    assert "covariance" not in set(frame.measure)


def test_results_are_frozen(fit):
    for name in ("params", "loglik", "sigma2"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(fit, name, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.rows.used = 3


def test_the_callers_table_is_not_changed(table):
    before = table.copy(deep=True)
    fit_hlm("log(I(y^2 + 1)) ~ scale(x) + poly(w, 2) + (1 + x | village)", table)
    pd.testing.assert_frame_equal(table, before)


def test_the_result_does_not_follow_the_table(table):
    own = table.copy()
    fit = fit_hlm("y ~ x + (1 | village)", own)
    before = fit.params.copy()
    own["y"] = 0.0
    pd.testing.assert_series_equal(fit.params, before)
    assert fit.predict(table).std() > 0


def test_a_fit_is_reproducible_to_the_last_digit(table):
    one, other = (fit_hlm("y ~ x + w + (1 + x | village)", table) for _ in range(2))
    assert one.loglik == other.loglik
    assert np.array_equal(one.params, other.params)
    assert np.array_equal(one.random_effects["village"], other.random_effects["village"])


def test_full_width_characters_are_noted(table):
    fit = fit_hlm("y ～ x ＋ （1 ｜ village）", table)
    assert fit.notes
    assert np.array_equal(fit.params, fit_hlm("y ~ x + (1 | village)", table).params)
