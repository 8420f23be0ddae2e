"""Outcomes drawn as sufficient statistics have the distribution of outcomes drawn row by row.

Second routes: the known distributions of β̂ and RSS at the true T, and row by row simulation refitted through fit_hlm.
Seeds are fixed; LEVEL is the p-value below which a Kolmogorov-Smirnov test of some hundred draws counts as failed.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from povstats.errors import FitError
from povstats.models import fit_hlm
from povstats.models.inference.simulate import draw, draws
from povstats.models.likelihood import profile
from povstats.models.refits import refit, with_outcome

LEVEL = 1e-3
FORMULAS = [
    "y ~ x + w + (1 + x | village)",
    "y ~ x + (x || county) + (1 | county:village)",
    "y ~ x + w + (1 | village) + (1 | asker)",
]


def table(seed=1, precision=False):
    """Make villages of 1 to 9 rows in 8 counties, asked by 5 people; some villages have fewer rows than columns."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(40), rng.integers(1, 10, 40))
    n = len(village)
    x, w, asker = rng.normal(size=n), rng.normal(size=40)[village], rng.integers(0, 5, n)
    b = rng.normal(size=(3, 40))
    p = rng.uniform(0.5, 4, n) if precision else np.ones(n)
    y = 2 + x + 0.7 * b[0, village] + 0.5 * b[1, village] * x + 0.6 * b[2, asker] + rng.normal(size=n) / np.sqrt(p)
    columns = {"y": y, "x": x, "w": w, "village": village, "county": village % 8, "asker": asker, "p": p}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("precision", [None, "p"])
def test_rss_and_coefficients_have_their_known_distributions(formula, precision):
    fit = fit_hlm(formula, table(precision=precision is not None), precision=precision)
    at, blocks = fit.optimum.profile, fit.optimum.blocks
    sigma2 = at.rss / at.dof
    found = [
        profile(with_outcome(blocks, y), fit.optimum.factors, True)
        for part in draws(fit, 600, np.random.default_rng(2))
        for y in part
    ]
    m = fit.nobs - len(at.beta)
    assert stats.kstest([one.rss / sigma2 for one in found], stats.chi2(m).cdf).pvalue > LEVEL
    # β̂ is normal with covariance σ²C at the true T: its Mahalanobis length is χ²(p), and it is apart from RSS.
    away = np.array([one.beta - at.beta for one in found])
    length = np.einsum("ni,ij,nj->n", away, np.linalg.inv(sigma2 * at.C), away)
    assert stats.kstest(length, stats.chi2(len(at.beta)).cdf).pvalue > LEVEL
    assert abs(stats.spearmanr(length, [one.rss for one in found]).statistic) < 4 / np.sqrt(600)


@pytest.mark.parametrize("precision", [None, "p"])
def test_groups_with_few_rows_stay_in_their_span(precision):
    # With n rows and as many independent columns y lies in the span of K: y'y = y'K (K'K)⁺ K'y, exactly. The
    # tolerance leaves room for the pseudo-inverse of nearly equal columns.
    fit = fit_hlm(FORMULAS[0], table(precision=precision is not None), precision=precision)
    blocks = draw(fit, np.random.default_rng(3))
    few = np.flatnonzero(fit.cells.counts <= 2)
    assert len(few) > 3
    for g in few:
        K, Ky, yy = blocks.full[g, :-1, :-1], blocks.full[g, :-1, -1], blocks.full[g, -1, -1]
        assert Ky @ np.linalg.pinv(K, rcond=1e-9, hermitian=True) @ Ky == pytest.approx(yy, rel=1e-6)
    # One row: everything is one number times the row's columns.
    single = np.flatnonzero(fit.cells.counts == 1)
    for g in single:
        K, Ky, yy = blocks.full[g, :-1, :-1], blocks.full[g, :-1, -1], blocks.full[g, -1, -1]
        np.testing.assert_allclose(np.outer(Ky, Ky), yy * K, atol=1e-8 * yy)


def test_a_draw_changes_nothing_but_the_outcome():
    fit = fit_hlm(FORMULAS[1], table())
    before = fit.optimum.blocks.full.copy()
    blocks = draw(fit, np.random.default_rng(4))
    np.testing.assert_array_equal(fit.optimum.blocks.full, before)
    np.testing.assert_array_equal(blocks.full[:, :-1, :-1], before[:, :-1, :-1])
    np.testing.assert_array_equal(blocks.full, np.swapaxes(blocks.full, 1, 2))
    assert np.abs(blocks.full[:, -1] - before[:, -1]).max() > 0
    # A cross-product matrix has no negative eigenvalue, but for rounding.
    assert np.linalg.eigvalsh(blocks.full).min() > -1e-9 * np.abs(blocks.full).max()


def by_rows(fit, data, rng):
    """Simulate the outcome row by row from the printed estimates."""
    y = fit.params["Intercept"] + fit.params["x"] * data["x"] + fit.params["w"] * data["w"]
    cov = fit.random_cov["village"].to_numpy()
    b = rng.multivariate_normal(np.zeros(2), cov, 40)[data["village"]]
    return y + b[:, 0] + b[:, 1] * data["x"] + rng.normal(size=len(data)) * np.sqrt(fit.sigma2 / data["p"])


def test_refits_are_distributed_as_those_of_rows():
    data = table(precision=True)
    fit = fit_hlm(FORMULAS[0], data, precision="p")
    rng = np.random.default_rng(5)
    n = 150
    rows = [fit_hlm(FORMULAS[0], data.assign(y=by_rows(fit, data, rng)), precision="p") for _ in range(n)]
    found = refit(fit.optimum, np.concatenate(list(draws(fit, 400, rng))))
    assert found.converged.all()
    scale = fit.units.scale
    beta = found.beta @ fit.units.x.T * scale + fit.units.shift
    for i, term in enumerate(fit.params.index):
        assert stats.ks_2samp([one.params[term] for one in rows], beta[:, i]).pvalue > LEVEL
    sigma2 = scale**2 * found.rss / fit.optimum.profile.dof
    assert stats.ks_2samp([one.sigma2 for one in rows], sigma2).pvalue > LEVEL
    z = fit.units.z[0]
    roots = np.zeros((400, 2, 2))
    for value, (_, row, column) in zip(found.theta.T, fit.optimum.entries, strict=True):
        roots[:, row, column] = value
    slopes = sigma2 * ((z @ roots)[:, 1] ** 2).sum(axis=1)
    assert stats.ks_2samp([one.random_cov["village"].iloc[1, 1] for one in rows], slopes).pvalue > LEVEL


def test_parts_and_seeds(monkeypatch):
    fit = fit_hlm(FORMULAS[0], table())
    one = np.concatenate(list(draws(fit, 7, np.random.default_rng(6))))
    again = np.concatenate(list(draws(fit, 7, np.random.default_rng(6))))
    np.testing.assert_array_equal(one, again)
    monkeypatch.setattr("povstats.models.inference.simulate.ENTRIES", 3 * one.shape[1] * one.shape[2])
    parts = list(draws(fit, 7, np.random.default_rng(6)))
    assert [len(part) for part in parts] == [3, 3, 1]


def test_sampling_weights_have_no_model_to_simulate_from():
    fit = fit_hlm(FORMULAS[0], table(), method="ml", sampling_weights={"village": "p"})
    with pytest.raises(FitError, match="kind='cluster' or 'wild'"):
        draw(fit, np.random.default_rng(7))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_choice_of_signs_is_in_the_draws(formula, monkeypatch):
    """Another machine's eigenvectors may point the other way: the same seed must give the same outcomes there."""
    fit = fit_hlm(formula, table())
    here = next(draws(fit, 3, np.random.default_rng(4)))
    eigh = np.linalg.eigh

    def turned(matrix):
        values, vectors = eigh(matrix)
        return values, vectors * np.where(np.arange(vectors.shape[-1]) % 2, 1.0, -1.0)

    monkeypatch.setattr(np.linalg, "eigh", turned)
    there = next(draws(fit, 3, np.random.default_rng(4)))
    np.testing.assert_allclose(there, here, rtol=0, atol=1e-10 * np.abs(here).max())
