"""What must hold for any data: invariances, replication, and the balanced one-way layout with its closed form.

NUMBERS: two searches that saw different last digits agree to this in coefficients and standard errors; VALUE: in the
log-likelihood, relative. COMPONENT: variances, of the residual variance, since they stop looser. CLOSED: closed forms.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from povstats.models import fit_hlm

NUMBERS = 1e-5
VALUE = 1e-9
COMPONENT = 1e-4
CLOSED = 1e-7
LAW = settings(derandomize=True, max_examples=6, deadline=None)
SEEDS = st.integers(0, 10_000)
FORMULAS = st.sampled_from(["y ~ x + (1 | g)", "y ~ x + v + (1 + x | g)", "y ~ x * v + c + (x || g)"])
METHODS = st.sampled_from(["reml", "ml"])


def draw(seed, groups=10, slope=0.6):
    """Make a two-level table with unequal groups."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.integers(4, 12, groups))
    n = len(group)
    x, b = rng.normal(size=n), rng.normal(size=(2, groups))[:, group]
    v = rng.normal(size=groups)[group]
    y = 1 + x - 0.5 * v + b[0] + slope * b[1] * x + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "v": v, "c": rng.choice(list("pqr"), n), "g": [f"g{i:02d}" for i in group]})


def same(one, other, params=None, se=None, loglik=None):
    """Hold two fits together: coefficients, standard errors, log-likelihood, variances."""
    expected, errors = one.params if params is None else params, one.std_errors if se is None else se
    np.testing.assert_allclose((other.params - expected) / errors, 0, atol=NUMBERS)
    np.testing.assert_allclose(other.std_errors, errors, rtol=NUMBERS)
    value = one.loglik if loglik is None else loglik
    assert other.loglik == pytest.approx(value, rel=VALUE, abs=1e-7)
    assert other.status == one.status


@LAW
@given(seed=SEEDS, formula=FORMULAS, method=METHODS)
def test_the_order_of_rows_does_not_matter(seed, formula, method):
    table = draw(seed)
    one = fit_hlm(formula, table, method=method)
    other = fit_hlm(formula, table.sample(frac=1, random_state=seed), method=method)
    same(one, other)
    assert list(one.random_effects["g"].index) == list(other.random_effects["g"].index)
    np.testing.assert_allclose(other.random_effects["g"], one.random_effects["g"], atol=COMPONENT)


@LAW
@given(seed=SEEDS, formula=FORMULAS)
def test_the_names_of_groups_do_not_matter(seed, formula):
    table = draw(seed)
    rng = np.random.default_rng(seed)
    names = dict(zip(sorted(table.g.unique()), rng.permutation(1000)[:10].tolist(), strict=True))
    one, other = fit_hlm(formula, table), fit_hlm(formula, table.assign(g=table.g.map(names)))
    same(one, other)
    effects = one.random_effects["g"].rename(index=names).sort_index()
    np.testing.assert_allclose(other.random_effects["g"], effects, atol=COMPONENT)


@LAW
@given(seed=SEEDS, formula=FORMULAS, method=METHODS, a=st.floats(-1e4, 1e4), b=st.floats(1e-3, 1e3))
def test_units_of_the_outcome(seed, formula, method, a, b):
    table = draw(seed)
    one = fit_hlm(formula, table, method=method)
    other = fit_hlm(formula, table.assign(y=a + b * table.y), method=method)
    m = one.nobs - len(one.params) * (method == "reml")
    shift = a * (one.params.index == "Intercept")
    same(one, other, b * one.params + shift, b * one.std_errors, one.loglik - m * np.log(b))
    assert other.sigma2 == pytest.approx(b**2 * one.sigma2, rel=COMPONENT)
    difference = other.random_cov["g"] / b**2 - one.random_cov["g"]
    assert np.abs(difference).to_numpy().max() < COMPONENT * one.sigma2
    np.testing.assert_allclose(other.dof, one.dof, rtol=1e-3)


@LAW
@given(seed=SEEDS, method=METHODS, a=st.floats(-100, 100), b=st.floats(1e-3, 1e3), sign=st.sampled_from([-1, 1]))
def test_units_of_a_predictor(seed, method, a, b, sign):
    """With x' = a + bx: slope/b, intercept − a·slope/b, and the same change of the random effects."""
    table, b = draw(seed), b * sign
    one = fit_hlm("y ~ x + (1 + x | g)", table, method=method)
    other = fit_hlm("y ~ x + (1 + x | g)", table.assign(x=a + b * table.x), method=method)
    change = np.array([[1, -a / b], [0, 1 / b]])
    cov = change @ one.cov.to_numpy() @ change.T
    # The restricted likelihood moves with |X'X|.
    value = one.loglik - (np.log(abs(b)) if method == "reml" else 0)
    same(one, other, change @ one.params.to_numpy(), np.sqrt(np.diag(cov)), value)
    expected = change @ one.random_cov["g"].to_numpy() @ change.T
    size = np.sqrt(np.diag(change @ np.eye(2) @ change.T) * one.sigma2)
    assert np.abs((other.random_cov["g"].to_numpy() - expected) / np.outer(size, size)).max() < COMPONENT
    assert other.icc() == pytest.approx(one.icc(), abs=COMPONENT)


@LAW
@given(seed=SEEDS, method=METHODS)
def test_an_offset_of_a_million_moves_the_intercept_alone(seed, method):
    table = draw(seed)
    one = fit_hlm("y ~ x + v + (1 | g)", table, method=method)
    other = fit_hlm("y ~ x + v + (1 | g)", table.assign(y=table.y + 1e6, x=table.x + 1e6), method=method)
    slopes = ["x", "v"]
    # Sums of a million and of deviations of one lose six of the sixteen digits before they reach us.
    np.testing.assert_allclose(other.params[slopes], one.params[slopes], rtol=1e-7)
    np.testing.assert_allclose(other.std_errors[slopes], one.std_errors[slopes], rtol=1e-7)
    assert other.params["Intercept"] == pytest.approx(one.params["Intercept"] + 1e6 - 1e6 * one.params["x"], rel=1e-7)
    assert other.loglik == pytest.approx(one.loglik, rel=1e-8)
    assert other.sigma2 == pytest.approx(one.sigma2, rel=1e-7)
    np.testing.assert_allclose(other.random_effects["g"], one.random_effects["g"], atol=1e-5)


@LAW
@given(seed=SEEDS, copies=st.integers(2, 4))
def test_replicated_groups(seed, copies):
    """The same groups again, under new names: ML estimates stay, the log-likelihood and 1/variance multiply."""
    table = draw(seed)
    formula = "y ~ x + v + (1 + x | g)"
    more = pd.concat([table.assign(g=table.g + f"#{k}") for k in range(copies)])
    one, other = fit_hlm(formula, table, method="ml"), fit_hlm(formula, more, method="ml")
    same(one, other, se=one.std_errors / np.sqrt(copies), loglik=copies * one.loglik)
    assert np.abs(other.random_cov["g"] - one.random_cov["g"]).to_numpy().max() < COMPONENT * one.sigma2
    assert other.ngroups["g"] == copies * one.ngroups["g"]


@LAW
@given(seed=SEEDS)
def test_rows_of_a_missing_outcome_change_nothing(seed):
    table = draw(seed)
    extra = table.head(9).assign(y=np.nan)
    one, other = (fit_hlm("y ~ x + (1 | g)", t) for t in (table, pd.concat([extra, table])))
    same(one, other)
    assert other.rows.missing == {"y": 9}


@LAW
@given(seed=SEEDS, groups=st.integers(4, 15), size=st.integers(2, 9), ratio=st.floats(0.2, 5))
def test_the_balanced_one_way_layout(seed, groups, size, ratio):
    """REML is the analysis of variance: σ² = MSW, τ² = (MSB − MSW)/n where that is positive; ML divides SSB by k."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    y = 3 + ratio * rng.normal(size=groups)[group] + rng.normal(size=groups * size)
    table = pd.DataFrame({"y": y, "g": group})
    means = table.groupby("g").y.transform("mean")
    msw = float(((y - means) ** 2).sum() / (groups * (size - 1)))
    ssb = float(((means - y.mean()) ** 2).sum())
    for method, msb in (("reml", ssb / (groups - 1)), ("ml", ssb / groups)):
        assume(msb > 1.05 * msw)
        fit = fit_hlm("y ~ 1 + (1 | g)", table, method=method)
        assert fit.sigma2 == pytest.approx(msw, rel=CLOSED)
        assert fit.random_cov["g"].iloc[0, 0] == pytest.approx((msb - msw) / size, rel=1e-5, abs=CLOSED * msw)
        assert fit.params["Intercept"] == pytest.approx(y.mean(), rel=CLOSED)
        assert fit.std_errors["Intercept"] == pytest.approx(np.sqrt(msb / (groups * size)), rel=1e-6)
        if method == "reml":
            assert fit.dof["Intercept"] == pytest.approx(groups - 1, rel=1e-4)
        shrunk = (1 - msw / msb) * (table.groupby("g").y.mean() - y.mean())
        np.testing.assert_allclose(fit.random_effects["g"]["Intercept"], shrunk, atol=1e-5)
        assert fit.icc() == pytest.approx((msb - msw) / (msb + (size - 1) * msw), abs=1e-6)


@LAW
@given(seed=SEEDS, groups=st.integers(4, 12), size=st.integers(2, 8))
def test_less_variance_between_than_within_is_a_boundary_fit(seed, groups, size):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    noise = rng.normal(size=groups * size)
    y = 1 + noise - 0.9 * (np.bincount(group, noise) / size)[group]
    table = pd.DataFrame({"y": y, "g": group})
    n = len(y)
    for method, divisor in (("reml", n - 1), ("ml", n)):
        fit = fit_hlm("y ~ 1 + (1 | g)", table, method=method)
        assert fit.status == "boundary"
        assert fit.random_cov["g"].iloc[0, 0] == 0
        assert fit.sigma2 == pytest.approx(((y - y.mean()) ** 2).sum() / divisor, rel=1e-12)
        assert (fit.random_effects["g"] == 0).all().all()


@LAW
@given(seed=SEEDS, formula=FORMULAS)
def test_reml_and_ml(seed, formula):
    """Each maximises its own: ML's residual and group variances together are smaller, and its likelihood no smaller."""
    table = draw(seed)
    reml, ml = (fit_hlm(formula, table, method=method) for method in ("reml", "ml"))
    at_reml = dense_loglik(table, reml)
    assert ml.loglik >= at_reml - 1e-7
    assert ml.loglik == pytest.approx(dense_loglik(table, ml), rel=1e-8)


def dense_loglik(table, fit):
    """Evaluate the full log-likelihood at a fit's estimates with dense V."""
    columns = {"Intercept": np.ones(len(table)), **{name: table[name].to_numpy() for name in ("x", "v")}}
    columns |= {f"c[T.{level}]": (table.c == level).to_numpy(float) for level in "qr"}
    columns["x:v"] = columns["x"] * columns["v"]
    z = np.column_stack([columns[name] for name in fit.random_cov["g"].index])
    own = table.g.to_numpy()[:, None] == table.g.to_numpy()
    v = own * (z @ fit.random_cov["g"].to_numpy() @ z.T) + fit.sigma2 * np.eye(len(table))
    r = table.y - np.column_stack([columns[name] for name in fit.params.index]) @ fit.params.to_numpy()
    return -0.5 * (len(r) * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + r @ np.linalg.solve(v, r))


@LAW
@given(seed=SEEDS)
def test_estimates_are_generalised_least_squares_at_their_variances(seed):
    table = draw(seed)
    fit = fit_hlm("y ~ x + v + (1 + x | g)", table)
    x = np.column_stack([np.ones(len(table)), table.x, table.v])
    z = x[:, :2]
    own = table.g.to_numpy()[:, None] == table.g.to_numpy()
    v = own * (z @ fit.random_cov["g"].to_numpy() @ z.T) + fit.sigma2 * np.eye(len(table))
    solved = np.linalg.solve(v, x)
    cov = np.linalg.inv(x.T @ solved)
    np.testing.assert_allclose(fit.cov, cov, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(fit.params, cov @ solved.T @ table.y, rtol=1e-7, atol=1e-9)
    residual = np.linalg.solve(v, table.y - x @ fit.params.to_numpy())
    for label, effects in fit.random_effects["g"].iterrows():
        rows = (table.g == label).to_numpy()
        blup = fit.random_cov["g"].to_numpy() @ z[rows].T @ residual[rows]
        np.testing.assert_allclose(effects[["Intercept", "x"]], blup, atol=1e-7)
