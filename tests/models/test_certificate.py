"""The certificate's evidence, recomputed: derivatives by differences of dense V, the fingerprint by change."""

import json
from dataclasses import replace

import many_start
import numpy as np
import pandas as pd
import pytest

import povstats
from povstats.errors import FitError
from povstats.models import fit_hlm, newton
from povstats.models.likelihood import profile

FLAT = 1e-4
"""Largest gradient of -2 log L in the scaled basis; its square over the curvature is what is left to gain."""


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(37)
    group = np.repeat(np.arange(12), 8)
    x = rng.normal(size=96)
    y = 1 + x + rng.normal(size=12)[group] + 0.6 * rng.normal(size=12)[group] * x + rng.normal(size=96)
    return pd.DataFrame({"y": y, "x": x, "w": rng.normal(size=96), "g": group})


@pytest.fixture(scope="module")
def flat(table):
    noise = table.w.to_numpy()
    return table.assign(y=table.x + noise - (np.bincount(table.g, noise) / 8)[table.g])


def test_a_converged_fit(table):
    fit = fit_hlm("y ~ x + (1 + x | g)", table)
    found = fit.certificate()
    assert found.status == fit.status == "converged"
    assert 0 <= found.gradient < FLAT
    assert 0 <= found.projected_gradient < FLAT
    assert len(found.hessian_eigenvalues) == 3
    assert 0 < found.hessian_eigenvalues[0] <= found.hessian_eigenvalues[-1]
    assert min(found.ends) == pytest.approx(-2 * fit.loglik, rel=1e-9) or len(found.ends) == 3
    assert max(found.ends) - min(found.ends) < 1e-6
    assert found.evaluations > 1
    assert found.distance_to_boundary["g"] > 1e-6
    assert abs(found.second_gap) < 1e-6
    assert found.second_distance < 1e-3
    assert found.second_optimiser.startswith("scipy")


def test_the_optimum_is_one_for_dense_v(table):
    """Each way out of the estimate makes the criterion of dense V larger."""
    fit = fit_hlm("y ~ x + (1 + x | g)", table)
    covariance = fit.random_cov["g"].to_numpy() / fit.sigma2
    here = many_start.dense_criterion(table, ("x",), (("1", "x"),), "reml", covariance)
    assert here == pytest.approx(-2 * fit.loglik, rel=1e-10)
    rng = np.random.default_rng(0)
    root = np.linalg.cholesky(covariance)
    for size in (1e-3, 1e-2, 0.1):
        moved = root + size * np.tril(rng.normal(size=(2, 2)))
        there = many_start.dense_criterion(table, ("x",), (("1", "x"),), "reml", moved @ moved.T)
        assert there > here


def test_the_distance_is_the_smallest_scaled_eigenvalue(table):
    fit = fit_hlm("y ~ x + (1 | g)", table)
    expected = fit.random_cov["g"].iloc[0, 0] / fit.sigma2
    assert fit.certificate().distance_to_boundary["g"] == pytest.approx(expected, rel=1e-9)


def test_a_boundary_fit(flat):
    found = fit_hlm("y ~ x + (1 | g)", flat).certificate()
    assert (found.status, found.distance_to_boundary) == ("boundary", {"g": 0.0})
    assert found.hessian_eigenvalues[0] >= -1e-6
    assert found.projected_gradient < FLAT
    assert abs(found.second_gap) < 1e-6


def test_the_fingerprint_belongs_to_the_data(table):
    formula = "y ~ x + (1 | g)"
    first = fit_hlm(formula, table).certificate().fingerprint
    assert fit_hlm(formula, table.copy()).certificate().fingerprint == first
    assert fit_hlm(formula, table, method="ml").certificate().fingerprint == first
    changed = table.assign(y=table.y + 1e-6 * (table.index == 3))
    assert fit_hlm(formula, changed).certificate().fingerprint != first
    assert fit_hlm("y ~ x + w + (1 | g)", table).certificate().fingerprint != first


def test_rows_and_versions(table):
    found = fit_hlm("y ~ x + (1 | g)", table.assign(x=table.x.where(table.index > 2))).certificate()
    assert (found.rows_read, found.rows_used, found.rows_dropped, found.missing) == (96, 93, 3, {"x": 3})
    assert found.versions["povstats"] == povstats.__version__
    assert found.versions["numpy"] == np.__version__


def test_json_keeps_everything(table):
    found = fit_hlm("y ~ x + (1 | g)", table.rename(columns={"x": "x"})).certificate()
    told = json.loads(found.to_json())
    assert set(told) == set(found.__slots__)
    assert told["gradient"] == found.gradient
    assert tuple(told["hessian_eigenvalues"]) == found.hessian_eigenvalues
    assert told["rows_used"] == 96


def test_a_doctored_optimum_is_seen(table):
    """The second optimiser is worth something: where the stored fit is no optimum, it ends lower."""
    fit = fit_hlm("y ~ x + (1 + x | g)", table)
    optimum = fit.optimum
    moved = (optimum.factors[0] * 1.5,)
    worse = replace(optimum, factors=moved, profile=profile(optimum.blocks, moved, True))
    found = replace(fit, optimum=worse).certificate()
    assert found.second_gap < -0.1
    assert found.second_distance > 0.1
    assert found.projected_gradient > 1


def test_a_variance_left_at_zero_is_seen(table):
    """There the gradient in Λ vanishes by symmetry, whatever the data say; that in T does not."""
    fit = fit_hlm("y ~ x + (1 | g)", table)
    none = (np.zeros((1, 1)),)
    stuck = replace(fit.optimum, factors=none, profile=profile(fit.optimum.blocks, none, True))
    found = replace(fit, optimum=stuck).certificate()
    assert found.gradient < FLAT
    assert found.projected_gradient > 0.1
    assert found.second_gap < -0.1


@pytest.mark.parametrize("formula", ["y ~ x + (1 | h) + (1 + x | g)", "y ~ x + (1 | k) + (1 | g)"])
def test_several_groupings(table, formula):
    more = table.assign(h=table.g % 4, k=np.arange(96) % 5)
    found = fit_hlm(formula, more, method="ml").certificate()
    assert len(found.distance_to_boundary) == 2
    assert found.projected_gradient < FLAT
    assert abs(found.second_gap) < 1e-6


def test_a_search_without_an_end_is_no_fit(table, monkeypatch):
    monkeypatch.setattr(newton, "STEPS", 2)
    with pytest.raises(FitError, match="did not converge"):
        fit_hlm("y ~ x + (1 + x | g) + (1 | h)", table.assign(h=table.g % 4))
