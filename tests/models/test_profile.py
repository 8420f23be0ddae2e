"""Profile-likelihood intervals against those of an independent slow profile in R (tests/reference/make_inference.R).

ENDS: R's ends hold to about 1e-6 of a parameter (its own optimiser's tolerance); that of a correlation is absolute.
DENSE: dense V, minimised with differences for a gradient, knows twice the log-likelihood to some 1e-5.
UNITS: the same search in other units ends where rounding of the criterion, 1e-12 of a thousand, lets it: 1e-6.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables
from scipy.optimize import minimize
from scipy.special import chdtri
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError, OptionError, SmallSampleWarning
from povstats.models import fit_hlm
from povstats.models.optimum import optimise

ENDS, UNITS, DENSE = 1e-5, 1e-6, 3e-4
STORED = json.loads((Path(__file__).parents[1] / "reference" / "inference.json").read_text(encoding="utf-8"))[
    "profiles"
]


def named(key):
    measure, group, term = key
    return "sigma" if measure == "sigma" else " ".join([measure, group, *term.split(", ")])


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("key", STORED)
def test_components_against_r(key, method):
    stored = STORED[key]
    found = fit_hlm(stored["formula"], level_tables()[stored["data"]], method=method).profile(which="components")
    expected = {name.replace("(Intercept)", "Intercept"): ends for name, ends in stored[method]["intervals"].items()}
    assert {named(index) for index in found.table.index} == set(expected)
    for index, row in zip(found.table.index, found.table.itertuples(), strict=True):
        low, high = expected[named(index)]
        assert row.low == pytest.approx(low, rel=ENDS, abs=ENDS)
        assert row.high == pytest.approx(high, rel=ENDS, abs=ENDS)
        assert row.low_open == (low == 0 and index[0] == "sd")


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("key", STORED)
def test_coefficients_against_r(key, method):
    """Under either method they are profiled by ML."""
    stored = STORED[key]
    fit = fit_hlm(stored["formula"], level_tables()[stored["data"]], method=method)
    expected = np.array(list(stored["ml"]["coefficients"].values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        found = fit.conf_int(method="profile")
    size = expected[:, 1] - expected[:, 0]
    assert (np.abs(found.to_numpy() - expected) / size[:, None]).max() < ENDS
    assert found.index.tolist() == fit.params.index.tolist()
    assert found.attrs["likelihood"] == "ml"


def test_at_the_ends_the_likelihood_has_dropped_by_the_quantile(table):  # noqa: F811
    """The definition, with the coefficient held by moving it to the outcome."""
    fit = fit_hlm("y ~ x + w + (1 + x | village)", table, method="ml")
    ends = fit.profile(0.9, "coefficients").table.loc[("coef", "", "w")]
    for end in (ends.low, ends.high):
        held = fit_hlm("y ~ x + (1 + x | village)", table.assign(y=table.y - end * table.w), method="ml")
        assert 2 * (fit.loglik - held.loglik) == pytest.approx(chdtri(1, 0.1), rel=1e-6)


def dense(parameters, X, y, group, reml):
    """Minus twice the log-likelihood from V, rows by rows, in standard deviations, their correlation and σ."""
    a, b, rho, sigma = parameters
    cov = np.array([[a * a, rho * a * b], [rho * a * b, b * b]])
    V = sigma**2 * np.eye(len(y)) + np.where(group[:, None] == group, X @ cov @ X.T, 0.0)
    root = np.linalg.cholesky(V)
    R = np.linalg.qr(np.linalg.solve(root, np.column_stack([X, y]))).R
    value = 2 * np.log(np.diag(root)).sum() + R[-1, -1] ** 2 + (len(y) - 2 * reml) * np.log(2 * np.pi)
    return value + reml * 2 * np.log(np.abs(np.diag(R)[:-1])).sum()


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_components_against_dense_v(method):
    """By the definition, in another parametrisation and by another program, in groups of two to seven rows."""
    rng = np.random.default_rng(12)
    group = np.repeat(np.arange(10), rng.integers(2, 8, 10))
    n, u = len(group), rng.normal(size=(2, 10))
    x = rng.normal(size=n)
    y = 1 + x + u[0][group] + (0.6 * u[0] + 0.5 * u[1])[group] * x + rng.normal(size=n)
    fit = fit_hlm("y ~ x + (1 + x | g)", pd.DataFrame({"y": y, "x": x, "g": group}), method=method)
    X, reml = np.column_stack([np.ones(n), x]), method == "reml"
    found = fit.profile(which="components").table
    start = found.estimate.to_numpy()
    assert dense(start, X, y, group, reml) == pytest.approx(-2 * fit.loglik, rel=1e-9)
    bounds = [(0, None), (0, None), (-0.99999, 0.99999), (1e-3, None)]
    for place, row in enumerate(found.itertuples()):
        free = [i for i in range(4) if i != place]
        for end, is_open in ((row.low, row.low_open), (row.high, row.high_open)):

            def rise(others, place=place, end=end, free=free):
                at = np.empty(4)
                at[place], at[free] = np.clip(end, *(-0.99999, np.inf) if place == 2 else (0, np.inf)), others
                at[2] = min(at[2], 0.99999)
                return dense(at, X, y, group, reml) + 2 * fit.loglik

            tries = [minimize(rise, f * start[free], bounds=[bounds[i] for i in free], tol=1e-12) for f in (1, 0.7)]
            least = min(one.fun for one in tries)
            if is_open:
                assert least < chdtri(1, 0.05) + DENSE
            else:
                assert least == pytest.approx(chdtri(1, 0.05), abs=DENSE)


def test_three_effects_of_very_unlike_size():
    """A deviation is followed down to zero itself, where leaving the effect out is the second route."""
    rng = np.random.default_rng(41)
    group = np.repeat(np.arange(24), rng.integers(3, 12, 24))
    n, u = len(group), rng.normal(size=(3, 24))[:, group]
    data = pd.DataFrame({"x": 1e3 * rng.normal(size=n), "z": rng.normal(size=n), "g": group})
    data["y"] = 0.5 * u[0] + 4e-5 * u[1] * data["x"] + u[2] * data["z"] + 1.2 * rng.normal(size=n)
    fit = fit_hlm("y ~ x + z + (1 + x + z | g)", data, method="ml")
    found = fit.profile(which="components").table
    row = found.loc[("sd", "g", "x")]
    lost = fit.variance_tests().table.loc[("g", "x"), "chi2"]
    assert lost < chdtri(1, 0.05)
    assert (row.low, row.low_open) == (0.0, True)
    assert row.low <= row.estimate < row.high
    # Where x may have no effect at all, any correlation with it is as likely as that.
    for pair in ("Intercept, x", "x, z"):
        assert tuple(found.loc[("cor", "g", pair), ["low", "high", "low_open", "high_open"]]) == (-1, 1, True, True)


def test_few_groups_are_warned_of(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.warns(SmallSampleWarning, match="with 40 groups their coverage falls short"):
        fit.conf_int(method="profile")
    many = table.assign(village=np.arange(len(table)) // 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_hlm("y ~ x + (1 | village)", many).conf_int(method="profile")


def test_units_do_not_matter(table):  # noqa: F811
    formula = "y ~ x + (1 + x | village)"
    plain = fit_hlm(formula, table).profile().table
    other = fit_hlm(formula, table.assign(y=100 * table.y, x=table.x / 10)).profile().table
    scale = np.array([100, 1000, 100, 1000, 1, 100])  # the two coefficients, two deviations, correlation, residual
    for column in ("low", "high"):
        np.testing.assert_allclose(other[column], plain[column] * scale, rtol=UNITS, atol=UNITS)


def test_on_the_boundary_ends_are_open(table):  # noqa: F811
    flat = table.assign(y=np.random.default_rng(2).normal(size=len(table)))
    found = fit_hlm("y ~ x + (1 | village)", flat).profile(which="components").table
    row = found.loc[("sd", "village", "Intercept")]
    assert (row.low, row.low_open) == (0.0, True)
    assert row.high > 0
    # No more than the residual's own spread can be the residual's deviation.
    sigma = found.loc[("sigma", "", "")]
    assert sigma.low < 1 < sigma.high


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.raises(OptionError, match="level"):
        fit.profile(95)
    with pytest.raises(OptionError, match="which"):
        fit.profile(which="everything")
    weighted = fit_hlm("y ~ x + (1 | village)", table.assign(v=1.0), method="ml", sampling_weights={"village": "v"})
    with pytest.raises(FitError, match="pseudo-likelihood has no profile"):
        weighted.profile()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_and_tidies(table, lang):  # noqa: F811
    flat = table.assign(y=np.random.default_rng(2).normal(size=len(table)))
    found = fit_hlm("y ~ x + (1 | village)", flat).profile()
    assert "*" in str(found.summary(lang))
    assert "<table>" in found._repr_html_()
    assert found.tidy()["measure"].tolist() == ["coef", "coef", "sd", "sigma"]


def test_a_fit_that_others_use_is_not_changed(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    before = fit.optimum.blocks.full.copy()
    fit.profile()
    assert np.array_equal(before, fit.optimum.blocks.full)
    assert optimise(fit.optimum.blocks, True).profile.value == fit.optimum.profile.value


def test_a_correlation_whose_path_runs_against_a_variance_of_zero():
    """Beyond its upper end the best variance of z is zero; both ends by dense V over all other components."""
    rng, groups, rows = np.random.default_rng(5), 60, 12
    group = np.repeat(np.arange(groups), rows)
    x, z = rng.normal(size=groups * rows), rng.normal(size=groups * rows)
    u = rng.normal(size=(groups, 3)) * [1, 0.5, 0.4]
    y = 1 + x + z + u[group, 0] + u[group, 1] * x + u[group, 2] * z + rng.normal(size=groups * rows)
    fit = fit_hlm("y ~ x + z + (1 + x + z | g)", pd.DataFrame({"y": y, "x": x, "z": z, "g": group}))
    found = fit.profile(which="components").table
    row = found.loc[("cor", "g", "Intercept, z")]
    Z = np.column_stack([np.ones(groups * rows), x, z]).reshape(groups, rows, 3)
    y = y.reshape(groups, rows)

    def criterion(at, rho):
        """Twice the negative REML log-likelihood; T by standard deviations and two correlations, σ² profiled out."""
        T = np.outer(at[:3], at[:3]) * np.array([[1, at[3], rho], [at[3], 1, at[4]], [rho, at[4], 1]])
        if (at[:3] < 0).any() or np.linalg.eigvalsh(T)[0] < 0:
            return 1e6
        V = np.eye(rows) + Z @ T @ np.swapaxes(Z, 1, 2)
        W = np.linalg.inv(V)
        A, b = np.einsum("gij,gik,gkl->jl", Z, W, Z), np.einsum("gij,gik,gk->j", Z, W, y)
        rss, m = np.einsum("gi,gij,gj", y, W, y) - b @ np.linalg.solve(A, b), y.size - 3
        logs = np.linalg.slogdet(V)[1].sum() + np.linalg.slogdet(A)[1]
        return m * (1 + np.log(2 * np.pi * rss / m)) + logs

    sd = found.estimate.loc["sd"].to_numpy()[:3] / np.sqrt(fit.sigma2)
    start = np.array([*sd, found.estimate["cor", "g", "Intercept, x"], found.estimate["cor", "g", "x, z"]])
    assert criterion(start, row.estimate) == pytest.approx(-2 * fit.loglik, rel=1e-9)
    for end, is_open in ((row.low, row.low_open), (row.high, row.high_open)):
        assert not is_open
        least = minimize(
            criterion, start, (end,), "Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000}
        )
        assert least.fun + 2 * fit.loglik == pytest.approx(chdtri(1, 0.05), abs=DENSE)
