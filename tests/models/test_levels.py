"""Every stored answer of lme4 and lmerTest on several levels and crossed groupings (tests/reference/make_levels.R).

The tolerances are those of test_lme4.py: LOGLIK absolute and relative to the log-likelihood; RELATIVE for coefficients
and standard errors; COVARIANCE of the geometric mean of two variances, and never below FLOOR of the residual variance;
DF relative. BLUP, conditional standard errors and predictions are relative to the effects' standard deviation.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from export_data import level_tables

from povstats.models import fit_hlm

LOGLIK, LOGLIK_SHARE = 1e-7, 1e-9
RELATIVE = 1e-6
COVARIANCE, FLOOR = 1e-4, 1e-6
DF = 1e-3
BLUP = 5e-5

REFERENCES = {
    name: json.loads((Path(__file__).parents[1] / "reference" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("levels", "inference")
}
STORED = REFERENCES["levels"]["models"]
TABLES = {name: table for reference in REFERENCES.values() for name, table in reference["tables"].items()}
REML = [key for key in STORED if key.endswith("/reml")]


@cache
def data():
    return level_tables()


@cache
def fitted(key):
    stored = STORED[key]
    return fit_hlm(stored["formula"], data()[stored["data"]], method=stored["method"])


def own_name(term):
    return "Intercept" if term == "(Intercept)" else term


def close(own, expected):
    assert abs(own - expected) <= LOGLIK + LOGLIK_SHARE * abs(expected)


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_of_the_references(name):
    stored = TABLES[name]
    assert len(data()[name]) == stored["rows"]
    for column, expected in stored["sums"].items():
        assert data()[name][column].sum() == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("key", STORED)
def test_log_likelihood(key):
    close(fitted(key).loglik, STORED[key]["loglik"])


@pytest.mark.parametrize("key", STORED)
def test_aic_and_bic(key):
    for name in ("aic", "bic"):
        close(getattr(fitted(key), name) / 2, STORED[key][name] / 2)


@pytest.mark.parametrize("key", STORED)
def test_coefficients_and_standard_errors(key):
    fit, stored = fitted(key), STORED[key]
    # R writes MachineB where we write Machine[T.B].
    assert [own.replace("[T.", "").replace("]", "") for own in fit.params.index] == [
        own_name(term) for term in stored["terms"]
    ]
    np.testing.assert_allclose(fit.params, list(stored["fixef"].values()), rtol=RELATIVE)
    np.testing.assert_allclose(fit.std_errors, list(stored["se"].values()), rtol=RELATIVE)


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
    variances = {(row["group"], own_name(row["term1"])): row["value"] for row in rows if row["term2"] is None}
    assert set(variances) == {(name, term) for name, found in fit.random_cov.items() for term in found.index}
    for row in rows:
        group, first, second = row["group"], own_name(row["term1"]), own_name(row["term2"] or row["term1"])
        size = max(np.sqrt(variances[group, first] * variances[group, second]), FLOOR * residual)
        assert abs(fit.random_cov[group].loc[first, second] - row["value"]) <= COVARIANCE * size
    if "||" in stored["formula"]:
        for found in fit.random_cov.values():
            assert np.count_nonzero(found - np.diag(np.diag(found))) == 0


@pytest.mark.parametrize("key", REML)
def test_satterthwaite(key):
    fit, stored = fitted(key), STORED[key]["satterthwaite"]
    np.testing.assert_allclose(fit.dof, list(stored["df"].values()), rtol=DF)
    # A p-value far out in the tail moves by |log p| times the change of df.
    for own, expected in zip(fit.pvalues, stored["p"].values(), strict=True):
        assert own == pytest.approx(expected, rel=DF * max(1, -np.log(max(own, 1e-300)) / 10), abs=1e-300)


@pytest.mark.parametrize("key", STORED)
def test_predicted_effects_and_their_standard_errors(key):
    fit, groupings = fitted(key), set()
    for row in STORED[key]["ranef"]:
        name, term = row["grouping"], own_name(row["term"])
        groupings.add(name)
        effects = fit.random_effects[name].rename(index=str)
        allowed = BLUP * max(np.sqrt(fit.random_cov[name].loc[term, term]), 1e-9)
        assert abs(effects.loc[row["group"], term] - row["value"]) <= allowed
        assert abs(effects.loc[row["group"], f"se({term})"] - row["sd"]) <= allowed
    assert groupings == set(fit.random_effects)


@pytest.mark.parametrize("key", STORED)
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
    assert fit.ngroups == stored["ngroups"]
    assert fit.method == stored["method"]


def test_both_kinds_of_answers_are_among_them():
    assert {STORED[key]["singular"] for key in STORED} == {True, False}
    assert len(STORED) >= 30
