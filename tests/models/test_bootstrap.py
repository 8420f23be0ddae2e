"""The bootstrap against dense algebra and against fits to the very tables that it stands for.

SAME: two searches of one criterion; EXACT: algebra that differs in the order of sums only.
"""

import numpy as np
import pandas as pd
import pytest

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm
from povstats.models.inference.bootstrap_wild import FEW
from povstats.models.inference.simulate import draws
from povstats.models.optimum import optimise
from povstats.models.refits import with_outcome

SAME = 1e-5
EXACT = 1e-8


def table(groups=20, seed=1, slope=0.7):
    """Make counties of two or three unlike villages each."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(groups), rng.integers(5, 12, groups))
    n = len(village)
    x, w, b = rng.normal(size=n), rng.normal(size=groups)[village], rng.normal(size=(2, groups))
    y = 3 + x - 0.5 * w + b[0, village] + slope * b[1, village] * x + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "w": w, "village": village, "county": village // 2, "one": 1.0})


@pytest.fixture(scope="module")
def data():
    return table()


@pytest.fixture(scope="module")
def fit(data):
    return fit_hlm("y ~ x + w + (1 + x | village)", data)


def test_parametric_replicates_are_fits_to_the_draws(fit):
    found = fit.bootstrap(40, rng=3)
    outcomes = next(draws(fit, 40, np.random.default_rng(3)))
    at, units = fit.optimum, fit.units
    for i in (0, 7, 39):
        again = optimise(with_outcome(at.blocks, outcomes[i]), True)  # from the usual starts
        row = found.replicates.iloc[i]
        beta = units.x @ again.profile.beta * units.scale + units.shift
        np.testing.assert_allclose(row[fit.params.index].astype(float), beta, rtol=SAME)
        sigma2 = units.scale**2 * again.profile.rss / again.profile.dof
        assert row["sigma2"] == pytest.approx(sigma2, rel=SAME)
        cov = sigma2 * units.z[0] @ again.covs[0] @ units.z[0].T
        assert row["var(x | village)"] == pytest.approx(cov[1, 1], rel=10 * SAME)
        assert row["cov(Intercept, x | village)"] == pytest.approx(cov[0, 1], rel=10 * SAME, abs=SAME)
        assert row["loglik"] == pytest.approx(units.loglik(again.profile.value, at.profile.dof, True), rel=1e-8)
        C = sigma2 * units.x @ again.profile.C @ units.x.T
        t = (beta - fit.params) / np.sqrt(np.diag(C))
        np.testing.assert_allclose(found.tstats.iloc[i], t, rtol=10 * SAME, atol=SAME)


def test_parametric_errors_are_those_of_the_model(fit):
    # The standard deviation of 400 replicates is known to 1/√800 = 3.5 %; four times that.
    found = fit.bootstrap(400, rng=4)
    np.testing.assert_allclose(found.std_errors[fit.params.index], fit.std_errors, rtol=0.15)
    assert found.failures == 0
    assert 0 <= found.boundary < 0.5


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("formula", ["y ~ x + w + (1 + x | village)", "y ~ x + (x || county) + (1 | county:village)"])
def test_a_cluster_replicate_is_the_fit_to_the_table_that_was_drawn(data, formula, method):
    fit = fit_hlm(formula, data, method=method)
    found, top = fit.bootstrap(40, "cluster", rng=5), "county" if "county" in formula else "village"
    labels = fit.optimum.blocks.levels[-1].labels
    rng = np.random.default_rng(5)
    for i in range(3):
        drawn = [labels[j] for j in rng.integers(0, len(labels), len(labels))]
        parts = [data[data[top] == label].assign(**{top: place}) for place, label in enumerate(drawn)]
        sample = pd.concat(parts, ignore_index=True)
        again, row = fit_hlm(formula, sample, method=method), found.replicates.iloc[i]
        np.testing.assert_allclose(row[fit.params.index].astype(float), again.params, rtol=SAME, atol=SAME)
        assert row["sigma2"] == pytest.approx(again.sigma2, rel=SAME)
        assert row["loglik"] == pytest.approx(again.loglik, rel=1e-8)
        assert row["status"] == again.status
        for name, cov in again.random_cov.items():
            for effect in cov.index:
                shown = row[f"var({effect} | {name})"]
                assert shown == pytest.approx(cov.loc[effect, effect], rel=50 * SAME, abs=SAME * again.sigma2)
        if method == "ml":  # sampling weights of one bring the cluster-robust errors
            robust = fit_hlm(formula, sample, method="ml", sampling_weights={"household": "one"}).std_errors
            t = (again.params - fit.params) / robust
            np.testing.assert_allclose(found.tstats.iloc[i], t, rtol=1e-3, atol=10 * SAME)


def dense(fit, data):
    """Give X, V⁻¹ and the rows of each village, from the printed estimates."""
    X = np.column_stack([np.ones(len(data)), data["x"], data["w"]])
    Z, cov = X[:, :2], fit.random_cov["village"].to_numpy()
    same = data["village"].to_numpy()[:, None] == data["village"].to_numpy()
    V = Z @ cov @ Z.T * same + fit.sigma2 * np.eye(len(data))
    return X, np.linalg.inv(V), [np.flatnonzero(data["village"] == g) for g in range(data["village"].nunique())]


def studentised(X, Vinv, rows, y, centre):
    """Give (β̂ − centre) over its CR1 error, V held: plain generalised least squares on rows."""
    C = np.linalg.inv(X.T @ Vinv @ X)
    beta = C @ X.T @ Vinv @ y
    scores = np.array([X[r].T @ Vinv[np.ix_(r, r)] @ (y[r] - X[r] @ beta) for r in rows])
    meat = scores.T @ scores * len(rows) / (len(rows) - 1)
    return beta, (beta - centre) / np.sqrt(np.diag(C @ meat @ C))


@pytest.mark.parametrize("groups", [8, 20])
def test_the_wild_bootstrap_is_that_of_rows(groups):
    data = table(groups, seed=2)
    fit = fit_hlm("y ~ x + w + (1 + x | village)", data)
    found = fit.bootstrap(50, "wild", rng=6)
    X, Vinv, rows = dense(fit, data)
    y, beta = data["y"].to_numpy(), fit.params.to_numpy()
    points = np.ones(1) if groups >= FEW else np.sqrt([0.5, 1.0, 1.5])
    v = np.random.default_rng(6).choice(np.concatenate([-points, points]), (50, groups))
    _, t = studentised(X, Vinv, rows, y, 0)
    reached = np.zeros(3)
    for i in range(50):
        sign = v[i][data["village"]]
        again, own = studentised(X, Vinv, rows, X @ beta + sign * (y - X @ beta), beta)
        if i < 5:
            np.testing.assert_allclose(found.replicates.iloc[i][fit.params.index].astype(float), again, rtol=EXACT)
            np.testing.assert_allclose(found.tstats.iloc[i], own, rtol=1e-6, atol=EXACT)
        for j in range(3):
            kept = np.delete(X, j, axis=1)
            less = kept @ np.linalg.solve(kept.T @ Vinv @ kept, kept.T @ Vinv @ y)
            _, under = studentised(X, Vinv, rows, less + sign * (y - less), 0)
            reached[j] += abs(under[j]) >= abs(t[j])
    np.testing.assert_allclose(found.pvalues, reached / 50, atol=1e-12)
    np.testing.assert_allclose(found.own_errors, fit.params / t, rtol=1e-6)


def test_intervals_are_what_they_are_called(fit):
    found = fit.bootstrap(199, rng=7)
    # (199 + 1)·0.025 = 5: the ends are the 5th smallest and the 5th largest replicate.
    ordered = np.sort(found.replicates[found.estimates.index].astype(float).to_numpy(), axis=0)
    ends = found.conf_int(kind="percentile")
    np.testing.assert_allclose(ends, np.column_stack([ordered[4], ordered[-5]]), rtol=EXACT)
    basic = found.conf_int(kind="basic")
    twice = 2 * found.estimates.to_numpy()
    np.testing.assert_allclose(basic, np.column_stack([twice - ordered[-5], twice - ordered[4]]), rtol=EXACT)
    t = np.sort(found.tstats.to_numpy(), axis=0)
    expected = np.column_stack([fit.params - t[-5] * fit.std_errors, fit.params - t[4] * fit.std_errors])
    np.testing.assert_allclose(found.conf_int(kind="t"), expected, rtol=EXACT)
    pd.testing.assert_frame_equal(ends, found.conf_int())
    inner, outer = found.conf_int(0.8), found.conf_int(0.95)
    assert ((inner["low"] >= outer["low"]) & (inner["high"] <= outer["high"])).all()


def test_seeds_and_generators(fit):
    one, same, other = (fit.bootstrap(40, rng=seed).replicates for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)
    pd.testing.assert_frame_equal(one, fit.bootstrap(40).replicates)  # the documented seed
    pd.testing.assert_frame_equal(one, fit.bootstrap(40, rng=np.random.default_rng(1)).replicates)


def test_a_sample_without_a_level_counts_as_failed(data):
    # One village of twenty carries the level: about a third of the samples do without it.
    rare = data.assign(kind=np.where(data["village"] == 3, "rare", "plain"))
    found = fit_hlm("y ~ x + kind + (1 | village)", rare).bootstrap(80, "cluster", rng=8)
    failed = found.replicates[found.replicates["status"] == "failed"]
    assert 10 < found.failures < 50
    assert failed.drop(columns="status").isna().all(axis=None)
    assert found.conf_int().notna().all(axis=None)


def test_crossed_effects_have_no_clusters(data):
    crossed = data.assign(asker=np.arange(len(data)) % 4)
    fit = fit_hlm("y ~ x + (1 | village) + (1 | asker)", crossed)
    for kind in ("cluster", "wild"):
        with pytest.raises(FitError, match=r"crossed .* parametric bootstrap"):
            fit.bootstrap(40, kind)
    assert list(fit.bootstrap(40).estimates.index) == [
        "Intercept", "x", "sigma2", "var(Intercept | village)", "var(Intercept | asker)",
    ]  # fmt: skip


def test_a_fit_on_the_boundary_is_bootstrapped_too():
    flat = table(12, seed=9, slope=0.0)
    fit = fit_hlm("y ~ x + (1 + x | village)", flat)
    assert fit.status == "boundary"
    found = fit.bootstrap(60, rng=9)
    assert found.failures == 0
    assert found.boundary > 0.2
    assert set(found.replicates["status"]) == {"boundary", "converged"}


def test_refusals(fit):
    with pytest.raises(OptionError, match="'residual' is not one of"):
        fit.bootstrap(100, "residual")
    with pytest.raises(OptionError, match="at least 40"):
        fit.bootstrap(10)
    found = fit.bootstrap(40)
    with pytest.raises(FitError, match="make at least 199"):
        found.conf_int(0.99)
    with pytest.raises(OptionError, match="between 0 and 1"):
        found.conf_int(95)
    with pytest.raises(OptionError, match="is not one of"):
        found.conf_int(kind="bca")


@pytest.mark.parametrize("kind", ["parametric", "cluster", "wild"])
def test_printed_and_tidy(fit, kind):
    found = fit.bootstrap(60, kind)
    for lang, word in (("en", "Bootstrap"), ("zh", "自助法")):
        text = str(found.summary(lang))
        assert word in text
        assert "{" not in text
        assert all(str(term) in text for term in fit.params.index if term != "Intercept")
    assert ("Only 20 groups of village" in str(found)) == (kind == "cluster")
    tidy, ends = found.tidy(), found.conf_int()
    coefficients = tidy[tidy["measure"] == "coef"].set_index("term")
    np.testing.assert_allclose(coefficients["low"], ends["low"][fit.params.index])
    assert (kind == "wild") == coefficients["p"].notna().all()
    assert tidy.loc[tidy["term"] == "replicates", "estimate"].item() == 60
