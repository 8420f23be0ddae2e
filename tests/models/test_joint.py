"""Joint F tests against pbkrtest, lmerTest, and their definitions.

STORED, P: see test_kenward_roger.py. NUMERICAL: lmerTest's gradients and Hessian are by finite differences.
"""

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from test_kenward_roger import BARS, DENSE, REFERENCE, STORED, P, dense_kenward_roger, own_names, stored_fit
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm

NUMERICAL = 1e-4


@pytest.mark.parametrize("key", REFERENCE)
def test_every_stored_joint_test(key):
    fit, stored = stored_fit(key), REFERENCE[key]
    names = own_names(fit, stored)
    for expected in stored["kenward_roger"]["joint"]:
        found = fit.joint_test([names[term] for term in expected["terms"]], "kenward-roger")
        own = (found.statistic, found.ndf, found.ddf, found.scaling)
        assert own == pytest.approx([expected[part] for part in ("F", "ndf", "ddf", "scaling")], rel=STORED)
        assert found.pvalue == pytest.approx(expected["p"], rel=P)
    for expected in stored["satterthwaite"]["joint"]:
        found = fit.joint_test([names[term] for term in expected["terms"]])
        assert (found.statistic, found.ndf) == pytest.approx((expected["F"], expected["ndf"]), rel=STORED)
        assert found.ddf == pytest.approx(expected["ddf"], rel=NUMERICAL)
        assert found.pvalue == pytest.approx(expected["p"], rel=NUMERICAL)


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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints(table, lang):  # noqa: F811
    fit = fit_hlm("y ~ C(crop) + x + (1 | village)", table)
    test = fit.joint_test("C(crop)", "kenward-roger")
    assert test.ndf == 3
    assert "Kenward" in str(test.summary(lang))
    assert "<table>" in test._repr_html_()


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + w + (1 | village)", table)
    with pytest.raises(OptionError, match="'z' is no coefficient or term"):
        fit.joint_test(["x", "z"])
    with pytest.raises(OptionError, match="terms is empty"):
        fit.joint_test([])
    with pytest.raises(OptionError, match="method"):
        fit.joint_test("x", "wald")
    by_ml = fit_hlm("y ~ x + w + (1 | village)", table, method="ml")
    with pytest.raises(FitError, match="corrects a fit by REML"):
        by_ml.joint_test("x", "kenward-roger")
