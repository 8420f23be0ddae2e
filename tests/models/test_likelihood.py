"""The criterion against its definition with dense V = I + ZTZ', its derivatives against differences.

VALUE: rounding of determinants of some eighty rows. GRADIENT, HESSIAN: fourth-order differences with a step of 1e-3
of the criterion and of the exact gradient, relative to the largest entry.
"""

import many_start
import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from povstats.engine import open_table
from povstats.engine.moments import moments
from povstats.models.fit import assemble
from povstats.models.formula import parse
from povstats.models.likelihood import directions, profile, slopes
from povstats.models.model import compile_model
from povstats.models.optimum import free_entries, matrices

VALUE = 1e-9
GRADIENT = 1e-7
HESSIAN = 1e-8

BARS = {
    "intercept": ("(1 | g)", (("1",),)),
    "slope alone": ("(0 + x | g)", (("x",),)),
    "two correlated": ("(1 + x | g)", (("1", "x"),)),
    "two apart": ("(1 + x || g)", (("1",), ("x",))),
    "three correlated": ("(1 + x + w | g)", (("1", "x", "w"),)),
    "three apart": ("(1 + x + w || g)", (("1",), ("x",), ("w",))),
    "two and one": ("(1 + x | g) + (0 + w | g)", (("1", "x"), ("w",))),
}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(21)
    group = np.repeat(np.arange(9), [1, 2, 14, 9, 8, 20, 7, 11, 12])
    n = len(group)
    x, w = rng.normal(3, 2, n), rng.uniform(-1, 1, n)
    v = rng.normal(size=9)[group]
    y = 2 + x - w + v + rng.normal(size=9)[group] * (1 + 0.3 * x) + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "w": w, "v": v, "vx": v * x, "g": group})


def reduced(table, bar):
    """Give the blocks of y ~ x + w + v + v:x + bar."""
    frame = open_table(table)
    model = compile_model(parse(f"y ~ x + w + v * x + {bar}"), frame)
    return assemble(model, moments(frame, model.pieces, model.products, list(model.groupings.values())))


@pytest.fixture(params=BARS)
def case(request, table):
    bar, columns = BARS[request.param]
    blocks = reduced(table, bar)
    return blocks, free_entries(blocks.levels), columns


def factor_of(blocks, entries, seed):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=len(entries)) * 0.6
    return theta, matrices(theta, entries, blocks.levels)[0]


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_value_is_that_of_dense_v(table, case, method, seed):
    blocks, entries, columns = case
    _, own = factor_of(blocks, entries, seed)
    dense = many_start.dense_criterion(table, ("x", "w", "v", "vx"), columns, method, own @ own.T)
    at = profile(blocks, [blocks.Az[0] @ own], method == "reml")
    assert at.value == pytest.approx(dense, rel=VALUE)


def test_the_value_is_the_normal_density_at_its_own_estimates(table, case):
    blocks, entries, columns = case
    _, own = factor_of(blocks, entries, 3)
    at = profile(blocks, [blocks.Az[0] @ own], reml=False)
    z = np.hstack([many_start.design(table, block) for block in columns])
    same = table.g.to_numpy()[:, None] == table.g.to_numpy()
    sigma2 = at.rss / at.dof
    v = sigma2 * (np.eye(len(z)) + same * (z @ own @ own.T @ z.T))
    beta = np.linalg.inv(blocks.Ax) @ at.beta
    beta[0] += blocks.y_shift
    # The columns of X in the model's order: terms by degree, v before its product.
    mean = many_start.design(table, ("1", "x", "w", "v", "vx")) @ beta
    assert -2 * multivariate_normal.logpdf(table.y, mean, v) == pytest.approx(at.value, rel=VALUE)
    solved = np.linalg.solve(v, many_start.design(table, ("1", "x", "w", "v", "vx")))
    np.testing.assert_allclose(solved.T @ (table.y - mean), 0, atol=1e-8)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("seed", [1])
def test_the_gradient_is_the_criterions(case, reml, seed):
    blocks, entries, _ = case
    theta, factor = factor_of(blocks, entries, seed)
    at = profile(blocks, [factor], reml)
    exact = slopes(blocks, at, [factor], entries).gradient(at)
    numeric = differences(lambda t: profile(blocks, matrices(t, entries, blocks.levels), reml).value, theta)
    assert np.abs(exact - numeric).max() < GRADIENT * np.abs(exact).max()


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("seed", [2])
def test_the_hessian_is_the_gradients(case, reml, seed):
    blocks, entries, _ = case

    def gradient(theta):
        at = profile(blocks, matrices(theta, entries, blocks.levels), reml)
        return slopes(blocks, at, matrices(theta, entries, blocks.levels), entries).gradient(at)

    theta, factor = factor_of(blocks, entries, seed)
    at = profile(blocks, [factor], reml)
    exact = slopes(blocks, at, [factor], entries).hessian(at)
    assert np.array_equal(exact, exact.T)
    assert np.abs(exact - differences(gradient, theta)).max() < HESSIAN * np.abs(exact).max()


def differences(function, theta, relative=1e-3):
    """Differentiate by five points in each direction."""
    out = []
    for i, value in enumerate(theta):
        step = np.zeros(len(theta))
        step[i] = relative * max(abs(value), 0.1)
        near = np.asarray(function(theta + step)) - np.asarray(function(theta - step))
        far = np.asarray(function(theta + 2 * step)) - np.asarray(function(theta - 2 * step))
        out.append((8 * near - far) / (12 * step[i]))
    return np.array(out)


def test_the_derivative_of_c(case):
    blocks, entries, _ = case
    theta, factor = factor_of(blocks, entries, 4)
    found = slopes(blocks, profile(blocks, [factor], True), [factor], entries).dC
    numeric = differences(lambda t: profile(blocks, matrices(t, entries, blocks.levels), True).C, theta)
    assert np.abs(found - numeric).max() < HESSIAN * np.abs(found).max()


def test_at_a_zero_diagonal_the_gradient_vanishes(table):
    blocks = reduced(table, "(1 + x | g)")
    entries = free_entries(blocks.levels)
    factor = np.array([[0.7, 0.0], [0.2, 0.0]])
    at = profile(blocks, [factor], True)
    gradient = slopes(blocks, at, [factor], entries).gradient(at)
    assert gradient[entries.index((0, 1, 1))] == 0
    assert np.abs(gradient).max() > 1e-3


def test_only_the_product_of_the_factor_counts(table):
    blocks = reduced(table, "(1 + x | g)")
    factor = np.array([[0.7, 0.0], [0.2, 0.4]])
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    assert profile(blocks, [factor @ turn], True).value == pytest.approx(
        profile(blocks, [factor], True).value, rel=1e-13
    )


def test_without_variance_it_is_least_squares(table):
    blocks = reduced(table, "(1 | g)")
    x, y = many_start.design(table, ("1", "x", "w", "v", "vx")), table.y.to_numpy()
    rss = float(np.linalg.lstsq(x, y, rcond=None)[1][0])
    n, p = x.shape
    at = profile(blocks, [np.zeros((1, 1))], False)
    assert at.rss == pytest.approx(rss, rel=1e-12)
    assert at.value == pytest.approx(n * (1 + np.log(2 * np.pi * rss / n)), rel=1e-12)
    reml = profile(blocks, [np.zeros((1, 1))], True)
    expected = (n - p) * (1 + np.log(2 * np.pi * rss / (n - p))) + np.linalg.slogdet(x.T @ x)[1]
    assert reml.value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("factor", [np.full((1, 1), np.nan), np.full((1, 1), np.inf)])
def test_where_it_is_not_finite_it_says_so(table, factor):
    blocks = reduced(table, "(1 | g)")
    with np.errstate(all="ignore"):
        assert profile(blocks, [factor], True) is None


def test_directions_are_the_derivatives_of_t():
    factor = np.array([[1.2, 0.0], [-0.4, 0.5]])
    entries = ((0, 0, 0), (0, 1, 0), (0, 1, 1))
    for place, direction in zip(entries, directions([factor], entries)[0].dT, strict=True):
        moved = factor.copy()
        moved[place[1:]] += 1e-6
        np.testing.assert_allclose((moved @ moved.T - factor @ factor.T) / 1e-6, direction, atol=2e-6)
