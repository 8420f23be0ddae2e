"""Joint F tests against their definitions with dense n × n matrices; R's answers: test_against_r_inference.py."""

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from test_kenward_roger import BARS, DENSE, dense_kenward_roger, design
from test_recursion import table  # noqa: F401  (the synthetic survey)
from test_robust import KINDS, dense

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm


@pytest.mark.parametrize("bar", BARS[:3])
def test_joint_tests_against_the_definition(table, bar):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    terms = ["x", "w", "x:w"]
    L = np.eye(4)[[list(fit.params.index).index(term) for term in terms]]
    adjusted, [(scaling, m)] = dense_kenward_roger(fit, table, [L])
    value = fit.params[terms].to_numpy()
    F = scaling * value @ np.linalg.solve(L @ adjusted @ L.T, value) / 3
    found = fit.joint_test(terms, "kenward-roger")
    assert (found.statistic, found.ddf, found.scaling) == pytest.approx((F, m, scaling), rel=DENSE)
    assert found.pvalue == pytest.approx(f_distribution.sf(F, 3, m), rel=1e-3)
    assert found.ndf == 3


def dense_hotelling(parts, residual, cov, L, value):
    """Pustejovsky and Tipton's AHT by its definition: variances of each element of D over all pairs of clusters."""
    p = np.stack([L @ part for part in parts])  # t_c = p_c e
    omega = sum(one @ residual @ one.T for one in p)
    values, vectors = np.linalg.eigh(omega)
    p = (vectors / np.sqrt(values)) @ vectors.T @ p
    q, total = len(L), 0.0
    for one in p:
        for other in p:
            C = one @ residual @ other.T
            total += sum(C[s, s] * C[t, t] + C[s, t] * C[t, s] for s in range(q) for t in range(q))
    eta = q * (q + 1) / total
    scaling = (eta - q + 1) / eta
    return scaling * value @ np.linalg.solve(cov, value) / q, eta - q + 1, scaling


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("bar", "cluster"), [("(1 + x | village)", "village"), ("(1 + x | village) + (1 | county)", "county")]
)
def test_robust_joint_tests_against_the_definition(table, bar, cluster, kind):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    X, G, gamma = design(fit, table)
    V = sum(g * part for g, part in zip(gamma, G, strict=True))
    e, clusters = table.y.to_numpy() - X @ fit.params.to_numpy(), table[cluster].to_numpy()
    cov, _, parts = dense(V, X, e, clusters, kind)
    terms = ["w", "x:w"]
    L = np.eye(4)[[list(fit.params.index).index(term) for term in terms]]
    residual = V - X @ np.linalg.solve(X.T @ np.linalg.solve(V, X), X.T)
    expected = dense_hotelling(parts, residual, L @ cov @ L.T, L, fit.params[terms].to_numpy())
    found = fit.joint_test(terms, kind, cluster)
    assert (found.statistic, found.ddf, found.scaling) == pytest.approx(expected, rel=DENSE)
    assert found.pvalue == pytest.approx(f_distribution.sf(expected[0], 2, expected[1]), rel=1e-4)
    assert [note.key for note in found.notes][1:] == (["models.note_few_clusters"] if cluster == "county" else [])


def test_one_robust_contrast_is_the_robust_t_test_squared(table):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 | county/village)", table)
    robust, found = fit.robust(), fit.joint_test("x:w", "CR2")
    assert found.statistic == pytest.approx(robust.tstats["x:w"] ** 2, rel=1e-9)
    assert (found.ddf, found.scaling) == pytest.approx((robust.dof["x:w"], 1.0), rel=1e-9)


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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints(table, lang):  # noqa: F811
    fit = fit_hlm("y ~ C(crop) + x + (1 | village)", table)
    test = fit.joint_test("C(crop)", "kenward-roger")
    assert test.ndf == 3
    assert "Kenward" in str(test.summary(lang))
    assert "CR2" in str(fit.joint_test("C(crop)", "CR2").summary(lang))
    assert "<table>" in test._repr_html_()


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + w + (1 | village)", table)
    with pytest.raises(OptionError, match="'z' is no coefficient or term"):
        fit.joint_test(["x", "z"])
    with pytest.raises(OptionError, match="terms is empty"):
        fit.joint_test([])
    with pytest.raises(OptionError, match="method"):
        fit.joint_test("x", "wald")
    with pytest.raises(OptionError, match="method 'satterthwaite' has no clusters"):
        fit.joint_test("x", cluster="village")
    dummies = fit_hlm("y ~ x + w + C(county) + (1 | village)", table)
    with pytest.raises(FitError, match="clusters are too few for a robust test of 7 coefficients"):
        dummies.joint_test("C(county)", "CR2", cluster="county")
    crossed = fit_hlm("y ~ x + (1 | village) + (1 | enumerator)", table)
    with pytest.raises(FitError, match="crossed"):
        crossed.joint_test("x", "CR2")
    by_ml = fit_hlm("y ~ x + w + (1 | village)", table, method="ml")
    with pytest.raises(FitError, match="corrects a fit by REML"):
        by_ml.joint_test("x", "kenward-roger")
