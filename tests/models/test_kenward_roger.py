"""Kenward and Roger's tests against their definition with dense n × n matrices.

DENSE: rounding of inverses of 120 to 550 rows and of differences between them. PUBLISHED: pbkrtest's values for
sleepstudy come from lme4's optimum, which is short of the optimum by about 1e-7 of the variance components. R's stored
answers are in test_against_r_inference.py.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables, tables
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError
from povstats.models import fit_hlm

DENSE, PUBLISHED = 1e-6, 2e-6
BARS = [
    "(1 + x | village)",
    "(x || village)",
    "(1 | county/village)",
    "(1 + x | village) + (1 | county)",
    "(1 | village) + (1 | enumerator)",
]


@cache
def stored_tables():
    return level_tables()


def apart(own, expected):
    """The largest deviation of a covariance, in units of the standard errors."""
    se = np.sqrt(np.diag(expected))
    return np.abs((np.asarray(own) - expected) / np.outer(se, se)).max()


def design(fit, rows, precision=None):
    """X, and the matrices G of V = σ²I + Σ γ G, with the fit's γ; σ² last, by the rows' precision where given."""
    values = {"x": rows.x.to_numpy(), "w": rows.w.to_numpy(), "Intercept": np.ones(len(rows))}
    X = np.column_stack([np.prod([values[part] for part in name.split(":")], axis=0) for name in fit.params.index])
    G, gamma = [], []
    for group, cov in fit.random_cov.items():
        labels = rows[group.split(":")].astype(str).agg(":".join, axis=1).to_numpy()
        same = labels[:, None] == labels
        for one in fit.model.sets(group):
            names = [column.name for column in one]
            for i, a in enumerate(names):
                for b in names[i:]:
                    product = np.outer(values[a], values[b])
                    G.append(same * (product if a == b else product + product.T))
                    gamma.append(cov.loc[a, b])
    own = np.ones(len(rows)) if precision is None else 1 / precision.to_numpy()
    return X, [*G, np.diag(own)], np.array([*gamma, fit.sigma2])


def dense_kenward_roger(fit, rows, contrasts, precision=None):
    """pbkrtest's formulas: the adjusted covariance, and for each L the scaling and denominator df of Lβ."""
    X, G, gamma = design(fit, rows, precision)
    V = np.linalg.inv(sum(g * part for g, part in zip(gamma, G, strict=True)))
    phi, VX, VG = np.linalg.inv(X.T @ V @ X), V @ X, [V @ part for part in G]
    P = [-VX.T @ part @ VX for part in G]
    Q = [[VX.T @ one @ V @ other @ VX for other in G] for one in G]
    k = len(G)
    info = np.array(
        [
            [
                (VG[a] * VG[b].T).sum() - 2 * np.trace(phi @ Q[a][b]) + np.trace(phi @ P[a] @ phi @ P[b])
                for b in range(k)
            ]
            for a in range(k)
        ]
    )
    W = 2 * np.linalg.inv(info)
    U = sum(W[a, b] * (Q[a][b] - P[a] @ phi @ P[b]) for a in range(k) for b in range(k))
    return phi + 2 * phi @ U @ phi, [dense_denominator(phi, P, W, L) for L in contrasts]


def dense_denominator(phi, P, W, L):
    """λ and m of Kenward and Roger (1997), section 3."""
    k = len(P)
    theta = L.T @ np.linalg.inv(L @ phi @ L.T) @ L
    T = [theta @ phi @ p @ phi for p in P]
    A1 = sum(W[a, b] * np.trace(T[a]) * np.trace(T[b]) for a in range(k) for b in range(k))
    A2 = sum(W[a, b] * np.trace(T[a] @ T[b]) for a in range(k) for b in range(k))
    q = len(L)
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    c = np.array([g, q - g, q + 2 - g]) / (3 * q + 2 * (1 - g))
    expected = 1 / (1 - A2 / q)
    variance = 2 / q * (1 + c[0] * B) / ((1 - c[1] * B) ** 2 * (1 - c[2] * B))
    m = 4 + (q + 2) / (q * variance / (2 * expected**2) - 1)
    return m / (expected * (m - 2)), m


def hold(fit, rows, precision=None):
    """Compare covariance and degrees of freedom with the definition."""
    adjusted, tests = dense_kenward_roger(fit, rows, np.eye(len(fit.params))[:, None], precision)
    assert apart(fit.cov, adjusted) < DENSE
    np.testing.assert_allclose(fit.std_errors**2, np.diag(adjusted), rtol=DENSE)
    np.testing.assert_allclose(fit.dof, [m for _, m in tests], rtol=DENSE)


@pytest.mark.parametrize("bar", BARS)
def test_against_the_definition(table, bar):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table, df="kenward-roger")
    hold(fit, table)
    np.testing.assert_allclose(fit.covariance("kenward-roger"), fit.cov, rtol=1e-12)


@pytest.mark.parametrize("bar", ["(1 | county/village)", "(1 + x | county/village)"])
def test_on_the_boundary(bar):
    """The information is that of the entries of T, which a variance of zero leaves as it is."""
    rows = stored_tables()["nested_flat"]
    fit = fit_hlm(f"y ~ x + w + {bar}", rows, df="kenward-roger")
    assert fit.status == "boundary"
    hold(fit, rows)


@pytest.mark.parametrize("size", [10, 1000])
def test_where_nearly_all_the_variance_lies_between_groups(size):
    """σ²'s own direction is a difference, V − Σ γG: its digits go as the groups' variance grows."""
    rows = stored_tables()["uneven"]
    effect = size * np.random.default_rng(0).normal(size=rows.village.nunique())
    rows = rows.assign(y=rows.y + effect[pd.factorize(rows.village)[0]])
    hold(fit_hlm("y ~ x * w + (1 + x | village)", rows, df="kenward-roger"), rows)


def test_with_precision_weights():
    rows = stored_tables()["uneven"]
    fit = fit_hlm("y ~ x * w + (1 + x | village)", rows, df="kenward-roger", precision="household_weight")
    hold(fit, rows, rows.household_weight)


def test_a_shifted_predictor_keeps_its_test():
    """Dense matrices give up here: with x near 1000 the intercepts' variance is a million times the slopes'."""
    rows = stored_tables()["uneven"]
    plain = fit_hlm("y ~ x * w + (1 + x | village)", rows, df="kenward-roger")
    other = fit_hlm("y ~ x * w + (1 + x | village)", rows.assign(x=rows.x + 1000), df="kenward-roger")
    slopes = ["x", "x:w"]
    np.testing.assert_allclose(other.std_errors[slopes], plain.std_errors[slopes], rtol=1e-8)
    np.testing.assert_allclose(other.dof[slopes], plain.dof[slopes], rtol=1e-8)


def test_balanced_intercepts_have_the_degrees_of_freedom_of_anova():
    """One-way, balanced: the mean's t test has groups − 1 degrees of freedom, and nothing is adjusted."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(12), 5)
    rows = pd.DataFrame({"y": rng.normal(size=12)[group] + rng.normal(size=60), "g": group})
    fit = fit_hlm("y ~ 1 + (1 | g)", rows, df="kenward-roger")
    assert fit.dof.iloc[0] == pytest.approx(11, rel=1e-8)
    assert fit.std_errors.iloc[0] == pytest.approx(rows.groupby("g").y.mean().std() / np.sqrt(12), rel=1e-8)


def test_sleepstudy_as_published():
    fit = fit_hlm("Reaction ~ Days + (Days | Subject)", tables()["sleepstudy"], df="kenward-roger")
    assert fit.dof.to_numpy() == pytest.approx([17, 17], rel=1e-8)
    assert fit.tstats["Days"] ** 2 == pytest.approx(45.85296, rel=PUBLISHED)  # lme-rs golden manifest, pbkrtest 0.5.5


def test_units_do_not_matter(table):  # noqa: F811
    plain = fit_hlm("y ~ x * w + (1 + x | village)", table, df="kenward-roger")
    other = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(y=1000 * table.y, x=table.x / 50), df="kenward-roger")
    np.testing.assert_allclose(other.dof, plain.dof, rtol=1e-6)
    scale = 1000 * np.array([1, 50, 1, 50])
    np.testing.assert_allclose(other.std_errors, plain.std_errors * scale, rtol=1e-6)


def test_what_is_refused(table):  # noqa: F811
    with pytest.raises(FitError, match="corrects a fit by REML"):
        fit_hlm("y ~ x + (1 | village)", table, method="ml", df="kenward-roger")
    fit = fit_hlm("y ~ x + w + (1 | village)", table, method="ml")
    with pytest.raises(FitError, match="corrects a fit by REML"):
        fit.covariance("kenward-roger")
