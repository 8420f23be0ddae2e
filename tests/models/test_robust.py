"""Cluster-robust covariances against their definitions with dense matrices, on unbalanced data.

DENSE: rounding of inverses and roots of matrices of up to 280 rows; the roots of B lose half of the digits of its
smallest eigenvalues. R's stored answers are in test_against_r_inference.py.
"""

import numpy as np
import pandas as pd
import pytest
from test_kenward_roger import apart, design, stored_tables
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm
from povstats.models.inference.robust import pieces_of, sandwich_of
from povstats.models.inference.simulate import draws
from povstats.models.likelihood import profile
from povstats.models.refits import with_outcome

DENSE = 1e-6
KINDS = ["CR0", "CR1", "CR2", "CR3"]


def dense(V, X, e, clusters, kind):
    """Bell and McCaffrey's covariance and the degrees of freedom of each coefficient, as they are defined.

    The third is the matrix by which each cluster's residuals enter the coefficients, shape (clusters, p, n).
    """
    M = np.linalg.inv(X.T @ np.linalg.solve(V, X))
    H = X @ M @ np.linalg.solve(V, X).T
    parts, meat = [], np.zeros_like(M)
    for label in np.unique(clusters):
        c = clusters == label
        Vc, A = V[np.ix_(c, c)], np.eye(c.sum())
        if kind == "CR2":
            D = np.linalg.cholesky(Vc).T
            values, vectors = np.linalg.eigh(D @ (Vc - X[c] @ M @ X[c].T) @ D.T)
            kept = values > 1e-10 * values[-1]
            A = D.T @ (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T @ D
        elif kind == "CR3":
            A = np.linalg.inv(A - H[np.ix_(c, c)])
        score = X[c].T @ np.linalg.solve(Vc, A)
        meat += np.outer(score @ e[c], score @ e[c])
        parts.append((c, score))
    padded = np.zeros((len(parts), len(M), len(V)))
    for j, (c, score) in enumerate(parts):
        padded[j][:, c] = M @ score
    residual, dof = V - X @ M @ X.T, []
    for i in range(len(M)):
        omega = padded[:, i] @ residual @ padded[:, i].T
        dof.append(np.trace(omega) ** 2 / (omega**2).sum())
    cov = M @ meat @ M * (len(parts) / (len(parts) - 1) if kind == "CR1" else 1)
    return cov, np.array(dof), padded


@pytest.mark.parametrize("kind", KINDS)
def test_precision_weights_are_those_of_the_whitened_rows(kind):
    rows = stored_tables()["uneven"]
    fit = fit_hlm("y ~ x * w + (1 + x | village)", rows, precision="household_weight")
    X, G, gamma = design(fit, rows, rows.household_weight)
    V, root = sum(g * part for g, part in zip(gamma, G, strict=True)), np.sqrt(rows.household_weight.to_numpy())
    e = rows.y.to_numpy() - X @ fit.params.to_numpy()
    cov, dof, _ = dense(V * np.outer(root, root), X * root[:, None], e * root, rows.village.to_numpy(), kind)
    found = fit.robust(kind)
    assert apart(found.cov, cov) < DENSE
    np.testing.assert_allclose(found.dof, dof, rtol=DENSE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("bar", "cluster"),
    [
        ("(1 + x | village)", "village"),
        ("(1 | county/village)", "county"),
        ("(1 + x | village) + (1 | county)", "county"),
    ],
)
def test_against_the_definition(table, bar, cluster, kind):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    X, G, gamma = design(fit, table)
    V = sum(g * part for g, part in zip(gamma, G, strict=True))
    cov, dof, _ = dense(V, X, table.y.to_numpy() - X @ fit.params.to_numpy(), table[cluster].to_numpy(), kind)
    found = fit.robust(kind)
    assert (found.cluster, found.nclusters) == (cluster, table[cluster].nunique())
    np.testing.assert_allclose(found.std_errors**2, np.diag(cov), rtol=DENSE)
    se = np.sqrt(np.diag(cov))
    assert np.abs((found.cov - cov) / np.outer(se, se)).to_numpy().max() < DENSE
    np.testing.assert_allclose(found.dof, dof, rtol=DENSE * 10)
    np.testing.assert_allclose(fit.covariance(kind, cluster=cluster), found.cov, rtol=1e-12)


def test_clusters_above_the_groups(table):  # noqa: F811
    """County dummies with village effects, clustered by county: a county's dummy is fitted by its cluster alone."""
    fit = fit_hlm("y ~ x * w + C(county) + (1 | village)", table)
    counties = sorted(table.county.unique())
    columns = {"Intercept": np.ones(len(table)), "x": table.x, "w": table.w, "x:w": table.x * table.w}
    columns |= {f"C(county)[T.{c}]": (table.county == c).astype(float) for c in counties}
    X = np.column_stack([columns[name] for name in fit.params.index])
    same = table.village.to_numpy()[:, None] == table.village.to_numpy()
    V = fit.sigma2 * np.eye(len(table)) + float(fit.random_cov["village"].iloc[0, 0]) * same
    e = table.y.to_numpy() - X @ fit.params.to_numpy()
    for kind in ("CR0", "CR2"):
        slopes = [i for i, name in enumerate(fit.params.index) if name in ("x", "x:w")]
        cov, dof, _ = dense(V, X, e, table.county.to_numpy(), kind)
        found = fit.robust(kind, cluster="county")
        assert found.nclusters == len(counties)
        assert found.notes[-1].key == "models.note_few_clusters"
        np.testing.assert_allclose(found.std_errors.iloc[slopes] ** 2, np.diag(cov)[slopes], rtol=DENSE)
        np.testing.assert_allclose(found.dof.iloc[slopes], dof[slopes], rtol=DENSE * 10)


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_cr2_is_unbiased_whatever_the_groups_variance(size):
    """Σ_c S_c − h_cMh_c' is CR2's expectation under V, which is M; with V's scale no direction may get lost."""
    rows = stored_tables()["uneven"]
    effect = size * np.random.default_rng(0).normal(size=rows.village.nunique())
    fit = fit_hlm("y ~ x * w + (1 + x | village)", rows.assign(y=rows.y + effect[pd.factorize(rows.village)[0]]))
    M, codes, L = fit.optimum.profile.C, np.arange(rows.village.nunique()), np.eye(4)
    at = (M, fit.optimum.profile.beta)
    found = pieces_of(fit.optimum.blocks, fit.optimum.factors, at, codes, "CR2", L)
    expected = (found.S - found.h @ M @ np.swapaxes(found.h, 1, 2)).sum(axis=0)
    assert apart(expected, M) < DENSE


def test_cr2_is_unbiased_where_the_model_is_right(table):  # noqa: F811
    """E(CR2) under the fitted V is the model's covariance: the law that defines the adjustment."""
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table)
    optimum, found = fit.optimum, []
    codes, M = np.arange(len(optimum.blocks.full)), optimum.profile.C
    for outcome in np.concatenate(list(draws(fit, 400, np.random.default_rng(4)))):
        again = with_outcome(optimum.blocks, outcome)
        beta = profile(again, optimum.factors, True).beta
        found.append(np.diag(sandwich_of(again, optimum.factors, (M, beta), codes, "CR2", fit.units.x).cov))
    expected = np.diag(optimum.profile.rss / optimum.profile.dof * M)
    # The mean of 400 draws whose spread is up to four tenths of their mean: four of its standard errors.
    assert np.abs(np.mean(found, axis=0) / expected - 1).max() < 0.08


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | county/village)", table)
    with pytest.raises(OptionError, match="lies within 'county'"):
        fit.robust(cluster="county:village")
    with pytest.raises(OptionError, match="neither a grouping of the model nor a categorical factor"):
        fit.robust(cluster="region")
    with pytest.raises(OptionError, match="kind"):
        fit.robust("CR4")
    with pytest.raises(OptionError, match="has no clusters"):
        fit.covariance("model", cluster="county")
    split = fit_hlm("y ~ x + C(crop) + (1 | village)", table)
    with pytest.raises(OptionError, match="lies in several"):
        split.robust(cluster="crop")
    dummies = fit_hlm("y ~ x + C(county) + (1 | village)", table)
    with pytest.raises(FitError, match="CR3, which leaves out each cluster, does not exist; take CR2"):
        dummies.robust("CR3", cluster="county")
    crossed = fit_hlm("y ~ x + (1 | village) + (1 | enumerator)", table)
    with pytest.raises(FitError, match="crossed"):
        crossed.robust()


def test_order_and_units_do_not_matter(table):  # noqa: F811
    one = fit_hlm("y ~ x * w + (1 | county/village)", table).robust()
    other = fit_hlm(
        "y ~ x * w + (1 | county/village)", table.sample(frac=1, random_state=2).assign(y=lambda t: 3 * t.y)
    )
    np.testing.assert_allclose(other.robust().std_errors, 3 * one.std_errors, rtol=1e-7)
    np.testing.assert_allclose(other.robust().dof, one.dof, rtol=1e-6)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_and_tidies(table, lang):  # noqa: F811
    found = fit_hlm("y ~ x + (1 | county/village)", table).robust("CR1")
    assert "CR1" in str(found.summary(lang))
    assert found.notes[-1].key == "models.note_few_clusters"  # eight counties
    tidy = found.tidy()
    assert tidy["term"].tolist() == ["Intercept", "x"]
    assert isinstance(found.conf_int(0.9), pd.DataFrame)
    with pytest.raises(OptionError, match="level"):
        found.conf_int(1.5)
