"""Elimination level by level against dense V = I + Σ Z T Z', for nested, crossed and weighted structures.

VALUE: rounding of determinants of some three hundred rows. GRADIENT, HESSIAN: central differences of the criterion
and of the exact gradient with a step of 1e-5 leave about 1e-8 of the largest entry. BLUP: the same rounding as VALUE.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povstats.engine import open_table
from povstats.engine.moments import moments
from povstats.models import fit_hlm
from povstats.models.fit import assemble
from povstats.models.formula import parse
from povstats.models.likelihood import profile, slopes
from povstats.models.model import compile_model
from povstats.models.optimum import free_entries, make_criterion, matrices

VALUE, GRADIENT, HESSIAN, BLUP = 1e-9, 1e-6, 1e-6, 1e-8
BARS = [
    "(1 | county/village)",
    "(1 + x | county/village)",
    "(1 | county) + (x || village)",
    "(0 + x | county) + (1 | village)",
    "(1 | region/county/village)",
    "(1 + x | village) + (1 | enumerator)",
    "(1 | county/village) + (1 + x | enumerator)",
    "(1 | enumerator) + (0 + x | crop)",
]


@pytest.fixture(scope="module")
def table():
    """A synthetic survey: 3 regions, 8 counties, 40 villages of 3 to 12 households, 5 enumerators who go anywhere."""
    rng = np.random.default_rng(5)
    village = np.repeat(np.arange(40), rng.integers(3, 13, 40))
    county = rng.permutation(np.arange(40) % 8)[village]
    n = len(village)
    out = pd.DataFrame({"village": village, "county": county, "region": county % 3, "x": rng.normal(2, 1, n)})
    out["enumerator"], out["crop"] = rng.integers(0, 5, n), rng.integers(0, 4, n)
    out["w"] = rng.normal(size=40)[village]
    out["y"] = out.x + rng.normal(size=40)[village] + 0.5 * rng.normal(size=8)[county] + rng.normal(size=n)
    return out.sample(frac=1, random_state=1, ignore_index=True)


def reduced(table, bar):
    frame = open_table(table)
    model = compile_model(parse(f"y ~ x * w + {bar}"), frame)
    blocks = assemble(model, moments(frame, model.pieces, model.products, list(model.groupings.values())))
    return model, blocks, free_entries(blocks.levels)


def dense(table, model, blocks, roots):
    """V and Z of every level from the rows, in the columns' own units."""
    one = {"Intercept": np.ones(len(table)), "x": table.x.to_numpy()}
    V, parts = np.eye(len(table)), []
    for level, root, A in zip(blocks.levels, roots, blocks.Az, strict=True):
        labels = table[list(model.groupings[level.name])].astype(str).agg(":".join, axis=1)
        columns = np.column_stack([one[name] for name in model.effects(level.name)])
        Z = np.hstack([columns * (labels == str(label)).to_numpy()[:, None] for label in level.labels])
        T = np.kron(np.eye(len(level.labels)), np.linalg.inv(A) @ root @ root.T @ np.linalg.inv(A).T)
        V += Z @ T @ Z.T
        parts.append((Z, T))
    return V, parts


def columns(table):
    return np.column_stack([np.ones(len(table)), table.x, table.w, table.x * table.w])


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("bar", BARS)
def test_the_criterion_is_that_of_dense_v(table, bar, reml):
    model, blocks, entries = reduced(table, bar)
    roots = matrices(np.random.default_rng(3).normal(size=len(entries)) * 0.7, entries, blocks.levels)
    V, _ = dense(table, model, blocks, roots)
    X, y = columns(table), table.y.to_numpy()
    XtV = np.linalg.solve(V, X).T
    beta = np.linalg.solve(XtV @ X, XtV @ y)
    rss = (y - X @ beta) @ np.linalg.solve(V, y - X @ beta)
    m = len(y) - X.shape[1] if reml else len(y)
    value = np.linalg.slogdet(V)[1] + m * (1 + np.log(2 * np.pi * rss / m))
    value += np.linalg.slogdet(XtV @ X)[1] if reml else 0
    at = profile(blocks, roots, reml)
    assert at.value == pytest.approx(value, rel=VALUE)
    assert at.rss == pytest.approx(rss, rel=VALUE)


@pytest.mark.parametrize("bar", BARS)
def test_derivatives_are_those_of_the_criterion(table, bar):
    _, blocks, entries = reduced(table, bar)
    criterion = make_criterion(blocks, entries, True)
    theta = np.random.default_rng(4).normal(size=len(entries)) * 0.7
    gradient, hessian = criterion(theta)[1]()
    step = 1e-5 * np.eye(len(theta))
    numeric = [(criterion(theta + e)[0] - criterion(theta - e)[0]) / 2e-5 for e in step]
    assert np.abs(gradient - numeric).max() < GRADIENT * np.abs(gradient).max()
    twice = [(criterion(theta + e)[1]()[0] - criterion(theta - e)[1]()[0]) / 2e-5 for e in step]
    assert np.abs(hessian - twice).max() < HESSIAN * np.abs(hessian).max()


@pytest.mark.parametrize("bar", BARS)
def test_predicted_effects_are_those_of_dense_v(table, bar):
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    blocks, sigma2 = fit.optimum.blocks, fit.sigma2
    raw = []
    for level in blocks.levels:  # a boundary fit has a singular T, which has an eigenvalue root
        values, vectors = np.linalg.eigh(fit.random_cov[level.name] / sigma2)
        raw.append(vectors * np.sqrt(np.maximum(values, 0)))
    model, plain, _ = reduced(table, bar)
    V, parts = dense(table, model, plain, [A @ root for A, root in zip(plain.Az, raw, strict=True)])
    residual = np.linalg.solve(V, table.y.to_numpy() - columns(table) @ fit.params.to_numpy())
    for level, (Z, T) in zip(blocks.levels, parts, strict=True):
        names = list(fit.model.effects(level.name))
        own = fit.random_effects[level.name]
        b = (T @ Z.T @ residual).reshape(-1, len(names))
        size = np.maximum(np.sqrt(np.diag(fit.random_cov[level.name])), 1e-3 * np.sqrt(sigma2))
        assert np.abs((own[names].to_numpy() - b) / size).max() < BLUP
        spread = np.diag(sigma2 * (T - T @ Z.T @ np.linalg.solve(V, Z @ T))).reshape(-1, len(names))
        se = own[[f"se({name})" for name in names]].to_numpy()
        assert np.abs((se**2 - spread) / size**2).max() < BLUP


@pytest.mark.parametrize("bar", ["(1 + x | village)", "(1 + x | county/village)", "(1 | region/county/village)"])
def test_a_group_of_weight_two_is_the_group_twice(table, bar):
    """At the top level: weighted elimination against rows repeated under a new name."""
    model, blocks, entries = reduced(table, bar)
    top = blocks.levels[-1]
    chosen = np.arange(top.slots) % 3 == 0
    weighted = replace(blocks, levels=(*blocks.levels[:-1], replace(top, weights=1.0 + chosen)))
    name = model.groupings[top.name][0]
    again = table[table[name].isin([top.labels[i] for i in np.flatnonzero(chosen)])].copy()
    for column in ("region", "county", "village"):
        again[column] += 1000
    _, twice, _ = reduced(pd.concat([table, again], ignore_index=True), bar)
    theta = np.random.default_rng(6).normal(size=len(entries)) * 0.7
    # The means that the columns were shifted by differ, so T is written for raw columns first.
    raw = [np.linalg.inv(A) @ root for A, root in zip(blocks.Az, matrices(theta, entries, blocks.levels), strict=True)]
    size = float(len(table) + len(again))
    at = profile(replace(weighted, size=size), matrices(theta, entries, blocks.levels), False)
    other = profile(twice, [A @ root for A, root in zip(twice.Az, raw, strict=True)], False)
    assert at.value == pytest.approx(other.value, rel=VALUE)
    assert at.rss == pytest.approx(other.rss, rel=VALUE)


def test_slopes_give_the_derivative_of_c(table):
    _, blocks, entries = reduced(table, "(1 + x | county/village)")
    theta = np.random.default_rng(8).normal(size=len(entries)) * 0.7
    roots = matrices(theta, entries, blocks.levels)
    found = slopes(blocks, profile(blocks, roots, True), roots, entries).dC
    step = 1e-5 * np.eye(len(theta))
    sides = [
        [profile(blocks, matrices(t, entries, blocks.levels), True).C for t in (theta + e, theta - e)] for e in step
    ]
    numeric = np.array([(up - down) / 2e-5 for up, down in sides])
    assert np.abs(found - numeric).max() < HESSIAN * np.abs(found).max()
