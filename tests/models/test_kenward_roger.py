"""Kenward and Roger's tests and the joint F tests against their definitions with dense n × n matrices.

DENSE: rounding of inverses of 120 to 280 rows and of differences between them. PUBLISHED: pbkrtest's values for
sleepstudy come from lme4's optimum, which is short of the optimum by about 1e-7 of the variance components.
"""

import numpy as np
import pandas as pd
import pytest
from export_data import tables
from scipy.stats import f as f_distribution
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm

DENSE, PUBLISHED = 1e-6, 2e-6
BARS = [
    "(1 + x | village)",
    "(x || village)",
    "(1 | county/village)",
    "(1 + x | village) + (1 | county)",
    "(1 | village) + (1 | enumerator)",
]


def design(fit, rows):
    """X, and the matrices G of V = σ²I + Σ γ G, with the fit's γ; σ² last."""
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
    return X, [*G, np.eye(len(rows))], np.array([*gamma, fit.sigma2])


def dense_kenward_roger(fit, rows, L):
    """pbkrtest's formulas: adjusted covariance, scaling and denominator df of Lβ."""
    X, G, gamma = design(fit, rows)
    V = np.linalg.inv(sum(g * part for g, part in zip(gamma, G, strict=True)))
    phi = np.linalg.inv(X.T @ V @ X)
    P = [-X.T @ V @ part @ V @ X for part in G]
    Q = [[X.T @ V @ one @ V @ other @ V @ X for other in G] for one in G]
    k = len(G)
    info = np.array(
        [
            [
                np.trace(V @ G[a] @ V @ G[b]) - 2 * np.trace(phi @ Q[a][b]) + np.trace(phi @ P[a] @ phi @ P[b])
                for b in range(k)
            ]
            for a in range(k)
        ]
    )
    W = 2 * np.linalg.inv(info)
    U = sum(W[a, b] * (Q[a][b] - P[a] @ phi @ P[b]) for a in range(k) for b in range(k))
    adjusted = phi + 2 * phi @ U @ phi
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
    return adjusted, m / (expected * (m - 2)), m


@pytest.mark.parametrize("bar", BARS)
def test_against_the_definition(table, bar):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table, df="kenward-roger")
    for i in range(len(fit.params)):
        adjusted, _, m = dense_kenward_roger(fit, table, np.eye(len(fit.params))[[i]])
        assert fit.std_errors.iloc[i] ** 2 == pytest.approx(adjusted[i, i], rel=DENSE)
        assert fit.dof.iloc[i] == pytest.approx(m, rel=DENSE)
    np.testing.assert_allclose(fit.covariance("kenward-roger"), fit.cov, rtol=1e-12)


@pytest.mark.parametrize("bar", BARS[:3])
def test_joint_tests_against_the_definition(table, bar):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    terms = ["x", "w", "x:w"]
    L = np.eye(4)[[list(fit.params.index).index(term) for term in terms]]
    adjusted, scaling, m = dense_kenward_roger(fit, table, L)
    value = fit.params[terms].to_numpy()
    F = scaling * value @ np.linalg.solve(L @ adjusted @ L.T, value) / 3
    found = fit.joint_test(terms, "kenward-roger")
    assert (found.statistic, found.ddf, found.scaling) == pytest.approx((F, m, scaling), rel=DENSE)
    assert found.pvalue == pytest.approx(f_distribution.sf(F, 3, m), rel=1e-3)
    assert found.ndf == 3


def test_one_contrast_is_the_t_test_squared(table):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table)
    adjusted = fit_hlm("y ~ x * w + (1 + x | village)", table, df="kenward-roger")
    for method, own in (("satterthwaite", fit), ("kenward-roger", adjusted)):
        test = fit.joint_test("w:x", method)
        assert test.terms == ("x:w",)
        assert test.statistic == pytest.approx(own.tstats["x:w"] ** 2, rel=1e-9)
        assert (test.ddf, test.pvalue) == pytest.approx((own.dof["x:w"], own.pvalues["x:w"]), rel=1e-6)


def test_joint_satterthwaite_by_its_formula(table):  # noqa: F811
    """The contrasts are rotated by hand, each one's df comes from a model in which it is a coefficient."""
    fit = fit_hlm("y ~ x + w + (1 + x | village)", table)
    terms = ["x", "w"]
    spread, vectors = np.linalg.eigh(fit.cov.loc[terms, terms])
    t2 = (vectors.T @ fit.params[terms].to_numpy()) ** 2 / spread
    turned = table.assign(a=table[terms] @ vectors[:, 0], b=table[terms] @ vectors[:, 1])
    # x = (a, b)'s first row of vectors, so that the random slope of x stays the same variable.
    again = fit_hlm("y ~ a + b + (1 + x | village)", turned)
    dof = again.dof[["a", "b"]].to_numpy()
    E = (dof / (dof - 2)).sum()
    found = fit.joint_test(terms)
    assert found.statistic == pytest.approx(t2.mean(), rel=1e-8)
    assert found.ddf == pytest.approx(2 * E / (E - 2), rel=1e-5)
    assert found.tidy().loc[0, "df"] == found.ddf


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
    fit = fit_hlm("y ~ x + w + (1 | village)", table)
    with pytest.raises(OptionError, match="'z' is no coefficient or term"):
        fit.joint_test(["x", "z"])
    with pytest.raises(OptionError, match="terms is empty"):
        fit.joint_test([])
    with pytest.raises(OptionError, match="method"):
        fit.joint_test("x", "wald")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints(table, lang):  # noqa: F811
    fit = fit_hlm("y ~ C(crop) + x + (1 | village)", table)
    test = fit.joint_test("C(crop)", "kenward-roger")
    assert test.ndf == 3
    assert "Kenward" in str(test.summary(lang))
    assert "<table>" in test._repr_html_()
