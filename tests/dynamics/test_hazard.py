"""Hazards against R's glm, svyglm and glmer (tests/reference/make_dynamics.R), statsmodels, numerical integration,
and a simulated panel whose hazard is known; the large simulation is benchmarks/hazard_recovery.py.
"""

import json
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panel_cases import MESSY, WHO, engines, messy, panel
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import gamma as gamma_law

import povstats as ps
from povstats.dynamics.discrete_time.likelihood import NEAR, Normal, Rows, _by_variance, gamma
from povstats.dynamics.discrete_time.links import ROW
from povstats.errors import DataError, FitError, FormulaError, OptionError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "dynamics.json").read_text(encoding="utf-8"))
FORMULA = "education + black + union"


@pytest.fixture(scope="module")
def wages():
    return ps.datasets.wage_panel().assign(weight=lambda t: 1.0 + t["man"] % 5)


@pytest.fixture(scope="module")
def low_pay():
    return {
        "unit": "man",
        "wave": "year",
        "welfare": "wage",
        "line": REFERENCE["line"],
        "of": "return",
        "baseline": "log",
    }


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_glm_of_r(link, wages, low_pay):
    """R's glm ends its iterations at 1e-8 of the deviance, so its coefficients are good to six digits or so."""
    found = ps.hazard(wages, FORMULA, link=link, **low_pay)
    assert (found.nobs, found.counts["events"]) == (REFERENCE["rows"], REFERENCE["events"])
    np.testing.assert_allclose(found.params, REFERENCE[link]["params"], rtol=2e-5)
    assert found.loglik == pytest.approx(REFERENCE[link]["loglik"], rel=1e-10)


def test_weights_and_clusters_of_svyglm(wages, low_pay):
    """The logit is canonical: observed and expected information are the same, and so are the standard errors, but for
    R's earlier end of iterations.
    """
    found = ps.hazard(wages, FORMULA, link="logit", design=ps.Design(weights="weight"), **low_pay)
    np.testing.assert_allclose(found.params, REFERENCE["logit_weighted"]["params"], rtol=1e-5)
    np.testing.assert_allclose(found.std_errors, REFERENCE["logit_weighted"]["se"], rtol=5e-5)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_normal_frailty_of_lme4(link, wages, low_pay):
    """glmer, adaptive quadrature with 25 points; its optimizer stops early on a flat top, ours is not below it."""
    found, r = ps.hazard(wages, FORMULA, link=link, frailty="normal", **low_pay), REFERENCE[f"normal_{link}"]
    assert found.loglik >= r["loglik"] - 1e-6
    assert found.loglik == pytest.approx(r["loglik"], abs=2e-5)
    np.testing.assert_allclose(found.params, r["params"], rtol=5e-3)
    assert np.sqrt(found.frailty_variance) == pytest.approx(r["sd"], rel=2e-2)
    assert found.status == "converged"


def test_statsmodels_gives_the_clustered_errors_of_the_logit(wages, low_pay):
    """GLM with cov_type cluster, whose small-sample factor is G/(G − 1)·(N − 1)/(N − k)."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    found = ps.hazard(wages, FORMULA, link="logit", **low_pay)
    low = wages["wage"] < REFERENCE["line"]
    by = low.groupby(wages["man"])
    risk = wages[(~low) & (by.cumsum() > 0) & by.shift(-1).notna()].copy()
    run = (low != by.shift(1)).groupby(wages["man"]).cumsum()
    age = wages.groupby([wages["man"], run]).cumcount() + 1
    x = np.column_stack([np.ones(len(risk)), np.log(age[risk.index]), risk["education"], risk["black"] == "yes",
                         risk["union"] == "yes"])  # fmt: skip
    y = by.shift(-1)[risk.index].astype(float)
    other = GLM(y, x, family=Binomial()).fit(cov_type="cluster", cov_kwds={"groups": risk["man"].to_numpy()})
    factor = np.sqrt((len(risk) - 1) / (len(risk) - 5))
    np.testing.assert_allclose(found.std_errors * factor, other.bse, rtol=1e-6)


def rows_of(seed, units=40):
    """A few rows of a few units, with up to three events each."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, units)
    unit = np.repeat(np.arange(units), sizes)
    x = np.column_stack([np.ones(len(unit)), rng.normal(size=len(unit))])
    event = (rng.random(len(unit)) < 0.4).astype(float)
    return Rows(event, x, unit, np.ones(units), np.arange(units), np.zeros(units, dtype=np.intp))


def test_gamma_closed_form_is_the_integral_over_frailty():
    """The closed form against quad over the gamma density, unit by unit."""
    rows, theta, v = rows_of(3, 12), np.array([-0.5, 0.3]), 0.7
    found, _ = gamma(rows)(rows, np.append(theta, np.log(v)))
    eta = rows.x @ theta
    for i in range(12):
        own = rows.unit == i

        def product(frailty, own=own):
            value, _, _ = ROW["cloglog"](rows.event[own], eta[own] + np.log(frailty))
            return float(np.exp(value.sum())) * gamma_law.pdf(frailty, 1 / v, scale=v)

        whole = quad(product, 0, 60, limit=400, points=[0.01, 0.1, 1, 5], epsrel=1e-11)[0]
        assert np.exp(found[i]) == pytest.approx(whole, rel=1e-7)


@pytest.mark.parametrize("likelihood", ["gamma", "cloglog", "logit"])
def test_scores_are_the_slopes(likelihood):
    """Analytic scores against central differences."""
    rows, theta = rows_of(5), np.array([-0.4, 0.5, -0.8])
    model = gamma(rows) if likelihood == "gamma" else Normal(likelihood, 20)
    _, scores = model(rows, theta)
    for k in range(3):
        move = np.eye(3)[k] * 1e-6
        slope = (model(rows, theta + move)[0] - model(rows, theta - move)[0]) / 2e-6
        np.testing.assert_allclose(scores[:, k], slope, rtol=1e-5, atol=1e-8)


def test_a_frailty_of_almost_no_variance_is_none():
    """At a variance of 1e-8 the closed form is the model without frailty."""
    rows, theta = rows_of(7), np.array([-0.4, 0.5])
    value, _ = gamma(rows)(rows, np.append(theta, np.log(1e-8)))
    plain = rows.by_unit(ROW["cloglog"](rows.event, rows.x @ theta)[0])
    np.testing.assert_allclose(value, plain, rtol=1e-6)


def simulated(seed, units, variance):
    """A panel in which poverty begins in wave 1 and ends by a known hazard, after a wave out of it that is seen."""
    rng = np.random.default_rng(seed)
    frailty = rng.gamma(1 / variance, variance, units) if variance else np.ones(units)
    x = rng.normal(size=units)
    rows, poor = [], np.zeros(units, dtype=bool)
    for wave in range(9):
        if wave == 1:
            poor[:] = True
        elif wave > 1:
            h = -np.expm1(-frailty * np.exp(-0.6 - 0.4 * np.log(wave - 1) + 0.5 * x))
            poor &= rng.random(units) >= h
        rows.append(pd.DataFrame({"unit": np.arange(units), "wave": wave, "poor": poor.copy(), "x": x}))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(("variance", "frailty"), [(0.0, "none"), (0.8, "gamma")])
def test_a_known_hazard_is_recovered(variance, frailty):
    """1,500 units: within four standard errors of the truth (−0.6, −0.4, 0.5)."""
    table = simulated(11, 1500, variance)
    found = ps.hazard(table, "x", baseline="log", frailty=frailty, unit="unit", wave="wave", poor="poor")
    off = (found.params.to_numpy() - [-0.6, -0.4, 0.5]) / found.std_errors.to_numpy()
    assert (np.abs(off) < 4).all()
    if frailty == "gamma":
        assert abs(found.frailty_variance - variance) < 4 * found.frailty_se
        assert found.test.p < 0.01
        # Without frailty the covariate's effect is too small and the hazard seems to fall faster.
        plain = ps.hazard(table, "x", baseline="log", unit="unit", wave="wave", poor="poor")
        assert plain.params["x"] < found.params["x"]
        assert plain.params["log(age)"] < found.params["log(age)"]


def test_no_frailty_in_the_data_is_the_edge_or_nearly():
    found = ps.hazard(
        simulated(2, 400, 0.0), "x", baseline="log", frailty="gamma", unit="unit", wave="wave", poor="poor"
    )
    assert found.test.p > 0.05
    if found.status == "boundary":
        assert found.frailty_variance == 0.0
        assert np.isnan(found.frailty_se)
        assert "edge" in found.explain("en")


def test_dummies_reproduce_the_shares():
    """Without covariates a constant an age is the share of events at that age: the saturated model."""
    found = ps.hazard(messy(), **MESSY)
    shares = found.by_age.assign(age=found.by_age["age"].clip(upper=found.model.top)).groupby("age").sum()
    fitted = found.baseline_hazard().set_index("age")["hazard"]
    np.testing.assert_allclose(fitted, shares["events"] / shares["n"], rtol=1e-8)
    logit = ps.hazard(messy(), link="logit", **MESSY)
    np.testing.assert_allclose(expit(logit.params), fitted, rtol=1e-8)


def test_engines_agree():
    found = [ps.hazard(one, "log(size) + C(group)", baseline="log", **MESSY) for one in engines(messy()).values()]
    for other in found[1:]:
        np.testing.assert_allclose(other.params, found[0].params, rtol=1e-9)
        np.testing.assert_allclose(other.std_errors, found[0].std_errors, rtol=1e-6)


@pytest.mark.parametrize(
    ("formula", "change", "error", "words"),
    [
        ("__import__('os').getcwd()", {}, FormulaError, "not on the list|cannot be read"),
        ("y ~ size", {}, FormulaError, "covariates alone"),
        ("size + (1 | village)", {}, FormulaError, "frailty="),
        ("sise", {}, DataError, "near to it: size"),
        ("size + I(2 * size)", {}, FitError, "collinear"),
        ("", {"link": "probit"}, OptionError, "link="),
        ("", {"frailty": "gamma", "link": "logit"}, OptionError, "closed form"),
        ("", {"frailty": "gamma", "since": "since"}, OptionError, "late entry"),
        ("", {"design": ps.Design(weights="size")}, OptionError, "changes within"),
    ],
)
def test_refusals(formula, change, error, words):
    with pytest.raises(error, match=words):
        ps.hazard(messy(), formula, **{**MESSY, **change})


def test_no_event_is_no_hazard():
    with pytest.raises(DataError, match="all rows at risk have the event, or none has"):
        ps.hazard(panel({"a": "oPPPP", "b": "oPPPP"}), **WHO)


@pytest.mark.parametrize("part", [0.01, 0.99, 1.01, 100.0])
def test_the_slope_in_the_frailty_s_variance_near_zero(part):
    """d/dv of −ln(1 + vs)/v on both sides of the switch to its series, against sixty digits.

    The closed form loses twice the digits of vs; NEAR leaves it eight.
    """
    s = 1.7
    v = part * NEAR / s
    with localcontext() as context:
        context.prec = 60
        exact_v, exact_s = Decimal(v), Decimal(s)
        grown = 1 + exact_v * exact_s
        exact = grown.ln() / exact_v**2 - exact_s / (exact_v * grown)
    assert _by_variance(v, np.array([s]))[0] == pytest.approx(float(exact), rel=1e-7)
