"""R's stored inference (tests/reference/make_inference.R) against the package.

The tolerances are those of test_lme4.py. RELATIVE for standard errors, for KR's and CR's degrees of freedom, smooth in
the variances, and for the likelihood-ratio p-values; twice that for F and χ², squares of t. DF for Satterthwaite's
degrees of freedom: lmerTest takes the variances' covariance from numerical second derivatives. COVARIANCE for what is
a component or a share of it (T, σ², ICC, R², reliability). LOGLIK absolute and relative. A p-value moves by |log p|
times the change of its statistic or degrees of freedom. ALGEBRA for estimators without a search (within, Swamy–Arora,
Hausman): rounding alone. SMALL for Hausman's test by REML, whose V₁ − V₀ is a small difference of two covariances.
Profile intervals are held to R's in test_profile.py.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from export_data import level_tables

from povstats.errors import FitError
from povstats.models import compare, fit_hlm, fit_within, specification_test

LOGLIK, LOGLIK_SHARE = 1e-7, 1e-9
RELATIVE, DF, COVARIANCE, ALGEBRA, SMALL = 1e-6, 1e-4, 1e-4, 1e-11, 1e-5

R = json.loads((Path(__file__).parents[1] / "reference" / "inference.json").read_text(encoding="utf-8"))
STORED, WEIGHTED, PANELS, MUNDLAK = (R[name] for name in ("models", "weighted", "panels", "mundlak"))
CLUSTERED = [(key, cluster) for key, stored in STORED.items() for cluster in stored.get("robust", {})]


@cache
def data():
    return level_tables()


@cache
def fitted(key, df=None):
    stored = STORED[key]
    return fit_hlm(stored["formula"], data()[stored["data"]], df=df)


@cache
def specified(key):
    stored = PANELS[key]
    return specification_test(f"{stored['formula']} + (1 | {stored['group']})", data()[stored["data"]])


def values(stored):
    return list(stored.values()) if isinstance(stored, dict) else stored


def close(own, expected):
    assert abs(own - expected) <= LOGLIK + LOGLIK_SHARE * abs(expected)


def same(own, expected, size=RELATIVE):
    np.testing.assert_allclose(own, values(expected), rtol=size)


def same_p(own, expected, size=RELATIVE):
    for one, other in zip(np.atleast_1d(own), np.atleast_1d(values(expected)), strict=True):
        assert one == pytest.approx(other, rel=4 * size * max(1, -np.log(max(other, 1e-300))), abs=1e-300)


def same_covariance(own, expected, size=RELATIVE):
    expected = np.array(expected)
    se = np.sqrt(np.diag(expected))
    assert np.abs((np.asarray(own) - expected) / np.outer(se, se)).max() < 2 * size


def joint_is(fit, terms, method, stored, size):
    found = fit.joint_test(terms, method)
    assert found.ndf == stored["ndf"]
    same(found.statistic, stored["F"], 2 * RELATIVE)
    same(found.ddf, stored["ddf"], size)
    same(found.scaling, stored.get("scaling", 1.0))
    same_p(found.pvalue, stored["p"], size)


def joints_are(key, fit, method, joints, size):
    names = dict(zip(STORED[key]["terms"], fit.params.index, strict=True))
    assert joints
    for joint in joints:
        joint_is(fit, [names[term] for term in joint["terms"]], method, joint, size)


@pytest.mark.parametrize("key", STORED)
def test_the_fit(key):
    fit, stored = fitted(key), STORED[key]
    close(fit.loglik, stored["loglik"])
    same(fit.params, stored["fixef"])
    same(fit.std_errors, stored["se"])
    same_covariance(fit.cov, stored["vcov"])
    same(fit.sigma2, stored["sigma2"], COVARIANCE)


@pytest.mark.parametrize("key", STORED)
def test_satterthwaite(key):
    fit, stored = fitted(key), STORED[key]["satterthwaite"]
    same(fit.dof, stored["df"], DF)
    same_p(fit.pvalues, stored["p"], DF)
    joints_are(key, fit, "satterthwaite", stored["joint"], DF)


@pytest.mark.parametrize("key", STORED)
def test_kenward_roger(key):
    fit, stored = fitted(key, "kenward-roger"), STORED[key]["kenward_roger"]
    same_covariance(fit.cov, stored["vcov"])
    same(fit.std_errors, stored["se"])
    same(fit.dof, stored["df"])
    same_p(fit.pvalues, stored["p"])
    joints_are(key, fit, "kenward-roger", stored["joint"], RELATIVE)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2", "CR3"])
@pytest.mark.parametrize(("key", "cluster"), CLUSTERED)
def test_robust(key, cluster, kind):
    stored = STORED[key]["robust"][cluster][kind]
    theirs, dense = stored["clubSandwich"], stored["dense"]
    if "refused" in theirs:  # a cluster has a dummy of its own: I - H is singular, and CR3 its inverse
        assert kind == "CR3"
        with pytest.raises(FitError, match="a cluster alone determines a coefficient"):
            fitted(key).robust(kind, cluster=cluster)
        return
    found = fitted(key).robust(kind, cluster=cluster)
    same(found.std_errors, theirs["se"])
    same_p(found.pvalues, theirs["p"])
    for source in (theirs, dense):
        same(found.dof, source["df"])
        same_covariance(found.cov, source["vcov"])


@pytest.mark.parametrize("key", STORED)
def test_shares_of_variance(key):
    fit, stored = fitted(key), STORED[key]["nakagawa"]
    assert set(fit.random_cov) == set(stored["icc_by_group"])
    names = ["icc_adjusted", "icc_conditional", "r2_marginal", "r2_conditional"]
    table = fit.variance_shares(n=0).table["estimate"]
    found = table[[(name, "") for name in ("icc", *names[1:])]]
    same(found, [stored[name] for name in names], COVARIANCE)
    if "||" not in STORED[key]["formula"]:  # there the package performance leaves the slope's variance out
        same(found, [stored["performance"][name] for name in names], COVARIANCE)
    same([fit.icc(), *fit.r2()[["marginal", "conditional"]]], found.iloc[[0, 2, 3]], 1e-12)
    for group, value in stored["icc_by_group"].items():
        same(fit.icc(group), value, COVARIANCE)
        if len(fit.random_cov) > 1:
            same(table["icc", group], value, COVARIANCE)


@pytest.mark.parametrize("key", [key for key in STORED if "hlm" in STORED[key]])
def test_reliability(key):
    fit, stored = fitted(key), STORED[key]["hlm"]
    (group,) = fit.random_cov
    found = fit.reliability().table.loc[group]
    for (_, row), expected in zip(found.iterrows(), stored["terms"].values(), strict=True):
        assert (row.groups, row.of, row.df) == (stored["groups_used"], stored["groups"], expected["df"])
        same(row.reliability, expected["reliability"], COVARIANCE)
        same(row.chi2, expected["chisq"])
        same_p(row.p, expected["p"])


@pytest.mark.parametrize("stored", R["likelihood_ratio"], ids=lambda r: f"{r['alternative']} {r['method']}")
def test_likelihood_ratio(stored):
    fits = [fit_hlm(stored[name], data()[stored["data"]], method=stored["method"]) for name in ("null", "alternative")]
    unknown = stored["boundary"] and stored["p_mixture"] is None
    if unknown:
        with pytest.raises(FitError, match="one random effect at a time"):
            compare(*fits)
    found = compare(*fits, simulate=19 if unknown else 0)
    test = found.table.iloc[1]
    np.testing.assert_allclose(found.table.loglik, stored["loglik"], atol=LOGLIK, rtol=LOGLIK_SHARE)
    assert abs(test.chi2 - stored["chisq"]) <= 4 * (LOGLIK + LOGLIK_SHARE * max(np.abs(stored["loglik"])))
    assert (test.df, found.method, found.refitted) == (stored["df"], stored["method"], False)
    same_p(test.p_chi2, stored["p"])
    assert (test.chi2 == 0) == (stored["chisq"] == 0)
    if not unknown:
        same_p(test.p, stored["p_mixture"] if stored["boundary"] else test.p_chi2)


@pytest.mark.parametrize("key", WEIGHTED)
def test_weighted_likelihood(key):
    stored = WEIGHTED[key]
    design = {"sampling_weights": stored["sampling_weights"], "scaling": stored["scaling"]}
    fit = fit_hlm(stored["formula"], data()[stored["data"]], method=stored["method"], **design)
    close(fit.loglik, stored["loglik"])
    same(fit.params, stored["fixef"])
    same(fit.sigma2, stored["sigma2"], COVARIANCE)
    same_covariance(fit.random_cov["village"], stored["T"], COVARIANCE)
    factor = stored["clusters"] / (stored["clusters"] - 1)
    same(fit.std_errors, np.sqrt(factor) * np.array(stored["se_sandwich"]))
    same_covariance(fit.cov, factor * np.array(stored["vcov_sandwich"]))


@pytest.mark.parametrize("key", PANELS)
def test_within(key):
    panel, stored = PANELS[key], PANELS[key]["within"]
    rows, n, k = data()[panel["data"]], panel["nobs"], len(panel["terms"])
    classical = fit_within(panel["formula"], rows, group=panel["group"], cov="classical")
    assert classical.params.index.tolist() == panel["terms"]
    assert (classical.nobs, classical.dof.iloc[0]) == (n, stored["df_residual"])
    for name, term in (("params", "coef"), ("std_errors", "se"), ("sigma2", "sigma2")):
        same(getattr(classical, name), stored[term], ALGEBRA)
    same_covariance(classical.cov, stored["vcov"], ALGEBRA)
    # plm's "sss" counts N - K where Stata and we count the constant too.
    clustered = fit_within(panel["formula"], rows, group=panel["group"])
    G = clustered.nclusters
    same(clustered.std_errors, np.sqrt((n - k) / (n - k - 1)) * np.array(stored["se_clustered_sss"]), ALGEBRA)
    factor = np.sqrt(G / (G - 1) * (n - 1) / (n - k - 1))
    same(clustered.std_errors, factor * np.array(stored["se_clustered_HC0"]), ALGEBRA)


@pytest.mark.parametrize("key", PANELS)
def test_swamy_arora_and_hausman(key):
    found, stored = specified(key), PANELS[key]
    for own, theirs in (("within", stored["within"]), ("random", stored["random_swar"])):
        for name, term in ((own, "coef"), (f"se({own})", "se")):
            same(found.estimates[name], [theirs[term][x] for x in stored["terms"]], ALGEBRA)
    if key == "uneven":
        # V of within less V of random has eigenvalues of both signs: plm's quadratic form is then no chi-square.
        assert not found.hausman.defined
        assert found.hausman.reason.key == "models.spec_not_definite"
        return
    same([found.hausman.statistic, found.hausman.df], [stored["hausman"][name] for name in ("chisq", "df")], ALGEBRA)
    same_p(found.hausman.pvalue, stored["hausman"]["p"], ALGEBRA)
    # With balanced groups the regression on group means is Mundlak's, whatever the variances; with others plm gives
    # the transformed model a constant of ones.
    same(found.mundlak_classical.statistic * found.mundlak_classical.df, stored["auxiliary"]["chisq"], 2 * RELATIVE)


@pytest.mark.parametrize("key", MUNDLAK)
def test_mundlak(key):
    found, stored, q = specified(key), MUNDLAK[key], len(PANELS[key]["terms"])
    fit, means = found.mundlak_fit, found.terms.index.tolist()
    close(fit.loglik, stored["loglik"])
    same(fit.params, stored["fixef"])
    same(fit.std_errors, stored["se"])
    same(found.mundlak_classical.statistic * found.mundlak_classical.df, stored["wald"]["chisq"], 2 * RELATIVE)
    for method, size in (("satterthwaite", DF), ("kenward-roger", RELATIVE)):
        joint_is(fit, means, method, stored["joint"][method.replace("-", "_")], size)
    V, gamma = fit.covariance("CR2").loc[means, means], found.terms.estimate
    same(found.terms.se_robust, np.sqrt(np.diag(V)))
    same(gamma @ np.linalg.solve(V, gamma), stored["wald_CR2"], 2 * RELATIVE)
    assert found.mundlak.defined == (key == "uneven")  # ten firms are too few for it
    if (robust := found.mundlak).defined:  # F = (eta - q + 1) / (eta q) Q with df2 = eta - q + 1
        same(robust.statistic * (robust.df2 + q - 1) * q / robust.df2, stored["wald_CR2"], 2 * RELATIVE)
    # Hausman's statistic with REML's random effects instead of Swamy and Arora's, from its parts.
    inner = fit_within(stored["formula"], data()[stored["data"]], group=stored["group"], cov="classical")
    names, random = inner.params.index, found.random_fit
    gap, V = inner.params - random.params[names], inner.cov - random.cov.loc[names, names]
    same(gap @ np.linalg.solve(V, gap), stored["hausman_reml"]["chisq"], SMALL)
