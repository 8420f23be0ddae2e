"""Every stored answer of lme4 and lmerTest (tests/reference/make_models.R) against the fit.

The tolerances are those asked of the package: LOGLIK absolute and relative to the log-likelihood; RELATIVE for
coefficients and standard errors, of which none is near zero here; COVARIANCE of the geometric mean of two variances,
since a small component is weakly determined, and never below FLOOR of the residual variance; DF relative. BLUP,
conditional standard errors and predictions inherit half of COVARIANCE's looseness: they are relative to the effects'
standard deviation.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from export_data import tables

from povstats.models import fit_hlm

LOGLIK, LOGLIK_SHARE = 1e-7, 1e-9
RELATIVE = 1e-6
COVARIANCE, FLOOR = 1e-4, 1e-6
DF = 1e-3
BLUP = 5e-5

STORED = json.loads((Path(__file__).parents[1] / "reference" / "models.json").read_text(encoding="utf-8"))["models"]
REML = [key for key in STORED if key.endswith("/reml")]


@cache
def data():
    return tables()


@cache
def fitted(key):
    stored = STORED[key]
    return fit_hlm(stored["formula"], data()[stored["data"]], method=stored["method"])


def own_name(term):
    return "Intercept" if term == "(Intercept)" else term


def group_of(key):
    return next(iter(fitted(key).random_cov))


@pytest.mark.parametrize("key", STORED)
def test_log_likelihood(key):
    expected = STORED[key]["loglik"]
    assert abs(fitted(key).loglik - expected) <= LOGLIK + LOGLIK_SHARE * abs(expected)


@pytest.mark.parametrize("key", STORED)
def test_aic_and_bic(key):
    for name in ("aic", "bic"):
        expected = STORED[key][name]
        assert abs(getattr(fitted(key), name) - expected) <= 2 * (LOGLIK + LOGLIK_SHARE * abs(expected))


@pytest.mark.parametrize("key", STORED)
def test_coefficients_and_standard_errors(key):
    fit, stored = fitted(key), STORED[key]
    assert len(fit.params) == len(stored["terms"])
    np.testing.assert_allclose(fit.params, list(stored["fixef"].values()), rtol=RELATIVE)
    np.testing.assert_allclose(fit.std_errors, list(stored["se"].values()), rtol=RELATIVE)


@pytest.mark.parametrize("key", STORED)
def test_the_order_of_terms(key):
    for own, theirs in zip(fitted(key).params.index, STORED[key]["terms"], strict=True):
        # R writes SectorPublic where we write Sector[T.Public], and I(age^2) where we write I(age ** 2).
        assert own.replace("[T.", "").replace("]", "").replace(" ** ", "^") == own_name(theirs)


@pytest.mark.parametrize("key", STORED)
def test_the_covariance_of_the_coefficients(key):
    fit, expected = fitted(key), np.array(STORED[key]["vcov"])
    se = np.sqrt(np.diag(expected))
    assert np.abs((fit.cov.to_numpy() - expected) / np.outer(se, se)).max() < 2 * RELATIVE
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), fit.std_errors, rtol=1e-14)


@pytest.mark.parametrize("key", STORED)
def test_variance_components(key):
    fit, stored = fitted(key), STORED[key]
    rows = [row for row in stored["variance"] if row["group"] != "Residual"]
    (residual,) = (row["value"] for row in stored["variance"] if row["group"] == "Residual")
    assert fit.sigma2 == pytest.approx(residual, rel=COVARIANCE)
    variances = {row["term1"]: row["value"] for row in rows if row["term2"] is None}
    found = fit.random_cov[group_of(key)]
    assert [own_name(term) for term in variances] == list(found.index)
    for row in rows:
        first, second = row["term1"], row["term2"] or row["term1"]
        size = max(np.sqrt(variances[first] * variances[second]), FLOOR * residual)
        assert abs(found.loc[own_name(first), own_name(second)] - row["value"]) <= COVARIANCE * size
    if "||" in stored["formula"]:
        assert found.to_numpy()[0, 1] == 0


@pytest.mark.parametrize("key", REML)
def test_satterthwaite(key):
    fit, stored = fitted(key), STORED[key]["satterthwaite"]
    np.testing.assert_allclose(fit.dof, list(stored["df"].values()), rtol=DF)
    # A p-value far out in the tail moves by |log p| times the change of df; R writes those below 1e-308 as zero.
    for own, expected in zip(fit.pvalues, stored["p"].values(), strict=True):
        assert own == pytest.approx(expected, rel=DF * max(1, -np.log(max(own, 1e-300)) / 10), abs=1e-300)


@pytest.mark.parametrize("key", STORED)
def test_predicted_effects_and_their_standard_errors(key):
    fit, name = fitted(key), group_of(key)
    effects, sd = fit.random_effects[name].rename(index=str), np.sqrt(np.diag(fit.random_cov[name]))
    size = dict(zip(fit.random_cov[name].index, sd, strict=True))
    for row in STORED[key]["ranef"]:
        term = own_name(row["term"])
        allowed = BLUP * max(size[term], 1e-9)
        assert abs(effects.loc[row["group"], term] - row["value"]) <= allowed
        assert abs(effects.loc[row["group"], f"se({term})"] - row["sd"]) <= allowed


@pytest.mark.parametrize("key", [key for key in STORED if "predict" in STORED[key]])
@pytest.mark.parametrize("effects", ["conditional", "marginal"])
def test_predictions(key, effects):
    stored = STORED[key]
    rows = data()[stored["data"]].head(stored["predict"]["rows"])
    found = fitted(key).predict(rows, effects=effects)
    np.testing.assert_allclose(found, stored["predict"][effects], rtol=RELATIVE * 10)


@pytest.mark.parametrize("key", STORED)
def test_status_and_counts(key):
    fit, stored = fitted(key), STORED[key]
    assert fit.status == ("boundary" if stored["singular"] else "converged")
    assert fit.nobs == stored["nobs"]
    assert fit.ngroups == {group_of(key): stored["ngroups"]}
    assert fit.method == stored["method"]


def test_both_kinds_of_answers_are_among_them():
    assert {STORED[key]["singular"] for key in STORED} == {True, False}
    assert len(STORED) >= 30
