"""Likelihood-ratio tests: R's anova (tests/reference/make_models.R), the mixtures of Stram & Lee by simulation.

CHI2: twice the log-likelihoods' tolerance. P: the tail's slope times that. SIMULATED: four standard errors of a share
out of DRAWS.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import tables
from scipy.stats import chi2 as chi2_of

from povstats.errors import FitError
from povstats.models import compare, fit_hlm
from povstats.models.inference.simulated_ratio import Side, simulated

CHI2 = 1e-6
P = 1e-5
DRAWS = 200_000
SIMULATED = 4 * np.sqrt(0.25 / DRAWS)

STORED = json.loads((Path(__file__).parents[1] / "reference" / "models.json").read_text(encoding="utf-8"))


@cache
def fitted(key):
    stored = STORED["models"][key]
    return fit_hlm(stored["formula"], tables()[stored["data"]], method=stored["method"])


@cache
def rows():
    rng = np.random.default_rng(14)
    group = np.repeat(np.arange(14), 9)
    x, z, w = rng.normal(size=(3, 126))
    slopes = rng.normal(size=(3, 14))[:, group]
    y = 1 + x + slopes[0] + 1.2 * slopes[1] * x + 0.4 * slopes[2] * z + rng.normal(size=126)
    return pd.DataFrame({"y": y, "x": x, "z": z, "w": w, "g": group, "h": group % 7})


@cache
def cached(formula, method="reml"):
    return fit_hlm(formula, rows(), method=method)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_the_statistic_is_that_of_anova(method):
    stored = STORED["likelihood_ratio"][method]
    small, large = (fitted(f"{key}/{method}") for key in stored["models"])
    (row,) = compare(small, large).table.iloc[[1]].itertuples()
    assert row.chi2 == pytest.approx(stored["chisq"], abs=CHI2)
    assert row.df == stored["df"]
    assert row.p_chi2 == pytest.approx(stored["p"], rel=P)
    # One slope joins one intercept: its variance and covariance, ½χ²(1) + ½χ²(2).
    mixed = (chi2_of.sf(stored["chisq"], 1) + chi2_of.sf(stored["chisq"], 2)) / 2
    assert row.p == pytest.approx(mixed, rel=P)


def test_fixed_effects_alone_are_a_plain_chi_square():
    small, large = (cached(f"y ~ {right} + (1 | g)", "ml") for right in ("x", "x + z + w"))
    found = compare(small, large)
    row = found.table.iloc[1]
    assert row.chi2 == pytest.approx(2 * (large.loglik - small.loglik), rel=1e-12)
    assert (row.df, found.reference[1]) == (2, "χ²(2)")
    assert row.p == row.p_chi2 == pytest.approx(chi2_of.sf(row.chi2, 2), rel=1e-12)


@pytest.mark.parametrize(
    ("small", "large", "df", "named"),
    [
        ("(1 | g)", "(1 + x | g)", 2, "0.5 χ²(1) + 0.5 χ²(2)"),
        ("(1 | g)", "(1 | g) + (0 + x | g)", 1, "0.5 χ²(0) + 0.5 χ²(1)"),
        ("(1 | g)", "(x || g)", 1, "0.5 χ²(0) + 0.5 χ²(1)"),
        ("(1 + x | g)", "(1 + x + z | g)", 3, "0.5 χ²(2) + 0.5 χ²(3)"),
        ("(x || g)", "(x + z || g)", 1, "0.5 χ²(0) + 0.5 χ²(1)"),
        ("(x || g)", "(x | g)", 1, "χ²(1)"),
    ],
)
def test_the_distribution_of_each_kind_of_step(small, large, df, named):
    first, second = (cached(f"y ~ x + z + {bar}") for bar in (small, large))
    found = compare(first, second)
    row = found.table.iloc[1]
    assert (row.df, found.reference) == (df, ("", named))
    assert row.p_chi2 == pytest.approx(chi2_of.sf(row.chi2, df), rel=1e-12)
    if "+" not in named:
        assert row.p == row.p_chi2
        return
    tails = [chi2_of.sf(row.chi2, k) if k else float(row.chi2 == 0) for k in (df - 1, df)]
    assert row.p == pytest.approx(sum(tails) / 2, rel=1e-12)
    assert row.p < row.p_chi2


@pytest.mark.parametrize("effects", [0, 1, 2])
def test_the_mixture_is_the_projection_on_the_cone(effects):
    """A normal score of the free covariances (any sign) and of one variance (not negative), by simulation."""
    rng = np.random.default_rng(31)
    free, bounded = rng.standard_normal((DRAWS, effects)), rng.standard_normal(DRAWS)
    statistic = (free**2).sum(axis=1) + np.maximum(bounded, 0) ** 2
    for point in (0.5, 2.0, 4.0):
        tails = [chi2_of.sf(point, k) if k else 0.0 for k in (effects, effects + 1)]
        assert abs((statistic > point).mean() - sum(tails) / 2) < SIMULATED


def test_no_gain_on_the_boundary_is_no_evidence():
    rng = np.random.default_rng(40)
    group = np.repeat(np.arange(10), 8)
    noise = rng.normal(size=80)
    flat = pd.DataFrame({"x": rng.normal(size=80), "g": group})
    flat["y"] = noise - (np.bincount(group, noise) / 8)[group] + flat.x
    small, large = (fit_hlm(f"y ~ x + {bar}", flat) for bar in ("(1 | g)", "(1 | g) + (0 + x | g)"))
    row = compare(small, large).table.iloc[1]
    assert row.chi2 >= 0
    if large.random_cov["g"].to_numpy().max() == 0:
        assert (row.chi2, row.p) == (0, 1)


def test_models_in_a_row_are_each_tested_against_the_one_before():
    fits = [cached(f"y ~ x + z + {bar}") for bar in ("(1 | g)", "(1 + x | g)", "(1 + x + z | g)")]
    table = compare(*fits).table
    assert list(table.index) == [fit.formula for fit in fits]
    assert list(table.nparams) == [5, 7, 10]
    assert np.isnan(table.chi2.iloc[0])
    assert list(table.df.iloc[1:]) == [2, 3]
    np.testing.assert_allclose(table.aic, [fit.aic for fit in fits], rtol=1e-14)
    np.testing.assert_allclose(table.bic, [fit.bic for fit in fits], rtol=1e-14)
    assert table.chi2.iloc[1:].sum() == pytest.approx(2 * (fits[2].loglik - fits[0].loglik), rel=1e-9)


def test_tidy_has_the_nine_columns():
    frame = compare(cached("y ~ x + (1 | g)"), cached("y ~ x + (1 + x | g)")).tidy()
    assert list(frame) == ["measure", "group", "term", "estimate", "se", "df", "p", "low", "high"]
    assert list(frame.measure) == ["loglik", "aic", "bic"] * 2 + ["lrt"]
    row = frame.iloc[-1]
    assert row.group == "y ~ x + (1 + x | g)"
    assert row.df == 2


@pytest.mark.parametrize(
    ("small", "large", "told"),
    [
        (("y ~ x + (1 | g)", "reml"), ("y ~ x + (1 + x | g)", "ml"), "same method"),
        (("y ~ x + z + (1 | g)", "ml"), ("y ~ x + (1 | g)", "ml"), "lacks a term"),
        (("y ~ x + (1 + x | g)", "reml"), ("y ~ x + (1 | g)", "reml"), "lacks a term"),
        (("y ~ x + (1 | g)", "ml"), ("y ~ x + (1 | g)", "ml"), "give the smaller first"),
        (("y ~ x + (1 | g)", "ml"), ("y ~ z + w + (1 | g)", "ml"), "not nested"),
        (("y ~ x + (0 + x | g)", "ml"), ("y ~ x + (1 + z | g)", "ml"), "not nested"),
        (("y ~ x + (1 + x | g)", "ml"), ("y ~ x + z + w + (1 + x || g)", "ml"), "not nested"),
        (("y ~ x + (1 | g)", "ml"), ("y ~ x + (1 + x + z | g)", "ml"), "one random effect at a time"),
        (("y ~ x + (1 | g)", "ml"), ("y ~ x + z + (1 + x | g)", "ml"), "fixed part unchanged"),
        (("y ~ x + (1 | g)", "ml"), ("y ~ x + z + (1 | h)", "ml"), "not nested"),
        (("y ~ x + (1 | g)", "ml"), ("exp(y) ~ x + z + (1 | g)", "ml"), "differ in rows, groups or outcome"),
    ],
)
def test_what_cannot_be_compared_is_refused(small, large, told):
    with pytest.raises(FitError, match=told):
        compare(cached(*small), cached(*large))


def test_other_rows_are_refused():
    table = rows()
    large = fit_hlm("y ~ x + z + (1 | g)", table, method="ml")
    fewer = fit_hlm("y ~ x + (1 | g)", table.drop(index=5), method="ml")
    with pytest.raises(FitError, match="differ in rows"):
        compare(fewer, large)
    # As many rows and groups, and yet other households.
    changed = table.assign(y=table.y.to_numpy()[::-1])
    with pytest.raises(FitError, match="differ in rows"):
        compare(fit_hlm("y ~ x + (1 | g)", changed, method="ml"), large)
    shuffled = fit_hlm("y ~ x + (1 | g)", table.sample(frac=1, random_state=1), method="ml")
    assert compare(shuffled, large).table.df.iloc[1] == 1


def test_reml_fits_with_other_fixed_parts_are_refitted():
    pairs = [("y ~ x + (1 | g)", "reml"), ("y ~ x + z + (1 | g)", "reml")]
    found = compare(*(cached(*pair) for pair in pairs))
    expected = compare(*(cached(text, "ml") for text, _ in pairs))
    assert (found.method, found.refitted, expected.refitted) == ("ml", True, False)
    np.testing.assert_allclose(found.table, expected.table, rtol=1e-8)
    assert "maximum likelihood for this" in str(found.summary("en"))
    assert "极大似然重新估计" in str(found.summary("zh"))


def test_a_simulated_p_agrees_with_the_mixture_where_that_is_known():
    """One variance: the simulation must give what Stram and Lee's mixture does, within its own error."""
    rng = np.random.default_rng(6)
    group = np.repeat(np.arange(60), 8)
    table = pd.DataFrame({"x": rng.normal(size=480), "g": group})
    table["y"] = rng.normal(size=60)[group] + 0.25 * rng.normal(size=60)[group] * table.x + rng.normal(size=480)
    small, large = fit_hlm("y ~ x + (1 | g)", table), fit_hlm("y ~ x + (1 + x | g)", table)
    known = compare(small, large).table["p"].iloc[1]
    chi2 = 2 * (large.loglik - small.loglik)
    side = Side(small.model, small.units, small.optimum)
    p, n = simulated(side, large, large.optimum, chi2, 2000, np.random.default_rng(1))
    assert n > 1900
    assert abs(p - known) < 4 * np.sqrt(known * (1 - known) / n) + 0.01  # the mixture itself is asymptotic


def test_several_variances_at_once_are_simulated():
    small, large = cached("y ~ x + (1 | g)", "ml"), cached("y ~ x + (1 + x + z | g)", "ml")
    found = compare(small, large, simulate=200, rng=3)
    assert found.reference[1].startswith("simulated + ")
    assert 0 < found.table["p"].iloc[1] <= 1
    assert "200" in str(found.summary("en"))
    again = compare(small, large, simulate=200, rng=3)
    assert again.table["p"].iloc[1] == found.table["p"].iloc[1]


def test_simulated_statistics_are_those_of_refits_from_rows():
    """Under the smaller model the statistic's mean is that of fits to simulated rows."""
    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(20), 6)
    table = pd.DataFrame({"x": rng.normal(size=120), "z": rng.normal(size=120), "g": group})
    table["y"] = 1 + table.x + rng.normal(size=20)[group] + rng.normal(size=120)
    texts = ("y ~ x + (1 | g)", "y ~ x + z + (1 + x | g)")
    small, large = (fit_hlm(text, table, method="ml") for text in texts)
    sd, sigma = float(np.sqrt(small.random_cov["g"].iloc[0, 0])), float(np.sqrt(small.sigma2))
    statistics = []
    for _ in range(150):
        y = small.predict(table, effects="marginal") + sd * rng.normal(size=20)[group] + sigma * rng.normal(size=120)
        fits = [fit_hlm(text, table.assign(y=y), method="ml") for text in texts]
        statistics.append(2 * (fits[1].loglik - fits[0].loglik))
    cut = float(np.quantile(statistics, 0.7))
    found = compare(small, large, simulate=1000, rng=2)
    side = Side(small.model, small.units, small.optimum)
    p, _ = simulated(side, large, large.optimum, cut, 1000, np.random.default_rng(1))
    assert abs(p - 0.3) < 4 * np.sqrt(0.3 * 0.7 * (1 / 150 + 1 / 1000))
    assert found.table["df"].iloc[1] == 3


def test_variance_tests_are_comparisons():
    fit = cached("y ~ x + z + (1 + x | g)", "reml")
    found = fit.variance_tests()
    slope = compare(cached("y ~ x + z + (1 | g)", "reml"), fit)
    row = found.table.loc[("g", "x")]
    assert row.chi2 == pytest.approx(slope.table["chi2"].iloc[1], abs=1e-7)
    assert (row.df, row.p) == (2, pytest.approx(slope.table["p"].iloc[1], rel=1e-6))
    only = cached("y ~ x + (1 | g)", "ml").variance_tests()
    data = rows()
    X = np.column_stack([np.ones(len(data)), data.x])
    rss = float(np.linalg.lstsq(X, data.y, rcond=None)[1][0])
    least = -len(data) / 2 * (1 + np.log(2 * np.pi * rss / len(data)))
    chi2 = 2 * (cached("y ~ x + (1 | g)", "ml").loglik - least)
    assert only.table.loc[("g", "Intercept"), "chi2"] == pytest.approx(chi2, rel=1e-6, abs=1e-9)
    for lang in ("zh", "en"):
        assert "χ²" in str(found.summary(lang))
    assert found.tidy()["measure"].eq("variance_lrt").all()


def test_sampling_weights_have_no_ratio_tests():
    table = rows().assign(v=1.0)
    fits = [fit_hlm(f"y ~ x {more}+ (1 | g)", table, method="ml", sampling_weights={"g": "v"}) for more in ("", "+ z ")]
    with pytest.raises(FitError, match="pseudo-likelihood has no likelihood-ratio tests"):
        compare(*fits)
    with pytest.raises(FitError, match="pseudo-likelihood"):
        fits[0].variance_tests()


def test_one_fit_is_not_enough():
    with pytest.raises(FitError, match="at least two"):
        compare(cached("y ~ x + (1 | g)"))
