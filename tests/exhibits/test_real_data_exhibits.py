"""The study's models on Viet Nam and Jiangxi: every number by a second route, and what the data lack said everywhere.

Second routes: lme4 and a dummy regression by lm on the households as they come, with the communes' means, the centring
and the logarithms computed in R (make_real.R, versions in real.json); Bell and McCaffrey's adjustment written out here
with dense matrices; the reliability of a mean against the correlation of disjoint draws, by the law of parallel forms.
ESTIMATE: lme4's optimiser stops at 1e-10 of its own parameters; standard errors and variances follow with fewer digits.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text
from scipy import stats

from povstats.errors import FitError
from povstats.exhibits import everything, guizhou_real, jiangxi, show
from povstats.models import fit_hlm
from povstats.words import LANGUAGES

STORED = json.loads((Path(__file__).parents[1] / "reference" / "real.json").read_text(encoding="utf-8"))
ESTIMATE, SPREAD = 1e-5, 1e-4
VIETNAM = [
    f"vietnam-village-{name}"
    for name in ("slopes", "regions", "schooling", "models", "means", "units", "decisions", "reliability")
]


def agree(fit, stored, terms):
    """Compare coefficients, errors, variances and likelihood; `terms` maps ours to R's."""
    assert fit.nobs == stored["nobs"]
    for ours, theirs in terms.items():
        error = stored["se"][theirs]
        assert fit.params[ours] == pytest.approx(stored["params"][theirs], rel=ESTIMATE, abs=ESTIMATE * error)
        assert fit.std_errors[ours] == pytest.approx(error, rel=SPREAD)
    assert len(terms) == len(stored["params"])
    assert fit.loglik == pytest.approx(stored["loglik"], rel=1e-8)
    found = sorted(row["vcov"] for row in stored["variances"] if row["var2"] is None)
    ours = [value for cov in fit.random_cov.values() for value in np.diag(cov)]
    np.testing.assert_allclose(sorted([*ours, fit.sigma2]), found, rtol=SPREAD)


@pytest.mark.parametrize("mean", ["money", "log"])
@pytest.mark.parametrize("item", guizhou_real.ITEMS)
def test_the_models_of_viet_nam_are_lme4s(item, mean):
    fit = guizhou_real.analysis(mean).model(item)
    terms = {name: name.replace("center(", "").replace(")", "") for name in fit.params.index}
    terms["Intercept"] = "(Intercept)"
    agree(fit, STORED["vietnam"][f"{item} {mean}"], terms)


def test_the_null_model_of_viet_nam_is_lme4s():
    agree(guizhou_real.analysis("money").null, STORED["vietnam"]["null"], {"Intercept": "(Intercept)"})


@pytest.mark.parametrize("mean", ["money", "log"])
@pytest.mark.parametrize("item", guizhou_real.ITEMS)
def test_interactions_per_standard_deviation(item, mean):
    spread = STORED["spread"][mean]
    lme4, dummies = STORED["vietnam"][f"{item} {mean}"], STORED["vietnam"][f"within {item} {mean}"]
    at = next(name for name in lme4["params"] if ":" in name and mean in name)
    expected = {
        "varying": (spread * lme4["params"][at], spread * lme4["se"][at]),
        "within": (spread * dummies["estimate"], spread * dummies["se"]),
    }
    for how, (estimate, error) in expected.items():
        found = guizhou_real.interaction(item, mean, how)
        assert found == pytest.approx((estimate, error), rel=SPREAD, abs=SPREAD * error)


@pytest.mark.parametrize("item", guizhou_real.ITEMS)
def test_the_covariance_of_intercept_and_slope_is_lme4s(item):
    stored = STORED["vietnam"][f"covariance {item}"]
    estimate, p = guizhou_real.from_covariance(item)
    assert estimate == pytest.approx(stored["estimate"], rel=1e-3)
    # A chi-square near zero is a difference of two likelihoods near 3,000.
    assert p == pytest.approx(float(stats.chi2.sf(stored["chi2"], 1)), abs=1e-4)


@pytest.mark.parametrize("item", guizhou_real.ITEMS)
def test_the_mean_of_the_other_households_is_refused(item):
    study = guizhou_real.analysis("log")
    sizes, own = study.table.groupby("commune")["log"].transform("size"), study.table["log_expenditure_per_head"]
    others = (study.table["log"] * sizes - own) / (sizes - 1)
    with pytest.raises(FitError, match="leave-one-out"):
        fit_hlm(study.plan.formula(item), study.table.assign(log=others))


def test_of_random_halves_the_median_counts_the_luck_of_the_split():
    found = [guizhou_real._interaction("farm", "log_half", "varying", split) for split in guizhou_real.SPLITS]
    estimates = sorted(one[0] for one in found)
    middle = estimates[len(estimates) // 2]
    estimate, error = guizhou_real.interaction("farm", "log_half", "varying")
    assert estimate == middle
    assert guizhou_real._interaction("farm", "log_half", "varying", guizhou_real.median_split("farm"))[0] == middle
    # A split's own error, and beside it its distance from the median: together more than the error alone.
    assert error >= np.median([one[1] for one in found])
    assert guizhou_real.significant("farm") == np.mean([abs(one[0] / one[1]) > 1.97 for one in found])


def test_no_households_own_outcome_is_in_the_mean_of_the_other_half():
    table = guizhou_real.analysis("log_half", 1).table
    whole = guizhou_real.households()
    sums = whole.groupby("commune")["log_expenditure_per_head"].agg(["sum", "size"])
    fitted = table.groupby("commune")["log_expenditure_per_head"].agg(["sum", "size"])
    others = (sums["sum"] - fitted["sum"]) / (sums["size"] - fitted["size"])
    np.testing.assert_allclose(table.groupby("commune")["log_half"].first(), others, rtol=1e-12)


def test_two_means_of_a_commune_correlate_by_their_reliability():
    found = guizhou_real.parallel_means()
    assert found.index.tolist() == list(guizhou_real.SIZES)
    # Of all communes; where n is large some fall out, and the variance between those that stay may be another.
    assert ((found["formula"] - found["drawn"]).abs() < 0.005).all()
    assert found["formula"].between(found["low"], found["high"]).all()
    assert found["drawn"].is_monotonic_increasing


@pytest.mark.parametrize("name", jiangxi.FORMULAS)
def test_the_models_of_jiangxi_are_lme4s(name):
    fit = jiangxi.model(name)
    terms = {term: term.replace("[T.yes]", "yes").replace("center(first_round)", "first") for term in fit.params.index}
    agree(fit, STORED["jiangxi"][name], terms | {"Intercept": "(Intercept)"})


def test_robust_errors_of_the_linear_probability_model_by_dense_matrices():
    """A_j = D'(D(V_j − X_j M X_j')D')^(−1/2)D with D'D = V_j (Pustejovsky and Tipton 2018, eq. 8)."""
    fit = jiangxi.model("traits")
    rows = jiangxi._households().dropna()
    yes = {name: rows[name] == "yes" for name in ("male", "literate", "intensive")}
    plain = [rows[name] for name in ("age", "household_size", "risk_aversion", "disaster_probability")]
    ones, area = np.ones(len(rows)), np.log(rows["rice_area"])
    columns = (ones, yes["male"], *plain[:2], yes["literate"], area, *plain[2:], yes["intensive"])
    X = np.column_stack(columns).astype(float)
    y, tau = rows["takeup"].to_numpy(float), float(fit.random_cov["village"].iloc[0, 0])
    parts = [np.flatnonzero(rows["village"] == name) for name in rows["village"].unique()]
    V = [tau + fit.sigma2 * np.eye(len(part)) for part in parts]
    M = np.linalg.inv(sum(X[p].T @ np.linalg.solve(v, X[p]) for p, v in zip(parts, V, strict=True)))
    beta = M @ sum(X[p].T @ np.linalg.solve(v, y[p]) for p, v in zip(parts, V, strict=True))
    meat = np.zeros_like(M)
    for p, v in zip(parts, V, strict=True):
        D = np.linalg.cholesky(v).T
        values, vectors = np.linalg.eigh(D @ (v - X[p] @ M @ X[p].T) @ D.T)
        root = vectors @ np.diag(np.where(values > 1e-10, np.abs(values), np.inf) ** -0.5) @ vectors.T
        score = X[p].T @ np.linalg.solve(v, D.T @ root @ D @ (y[p] - X[p] @ beta))
        meat += np.outer(score, score)
    np.testing.assert_allclose(beta, fit.params, rtol=1e-6, atol=1e-8)
    errors = fit.robust("CR2").tidy().query("measure == 'coef'")["se"]
    np.testing.assert_allclose(np.sqrt(np.diag(M @ meat @ M)), errors, rtol=1e-6)


def test_fitted_probabilities_outside_zero_and_one_are_counted():
    fit, rows = jiangxi.model("peers"), jiangxi._households().dropna()
    yes = {name: (rows[name] == "yes").astype(float) for name in ("male", "literate", "intensive")}
    first = rows["first_round"] - rows["first_round"].mean()
    columns = {f"{name}[T.yes]": told for name, told in yes.items()}
    columns |= {name: rows[name] for name in ("age", "household_size", "risk_aversion", "disaster_probability")}
    columns |= {"Intercept": 1.0, "log(rice_area)": np.log(rows["rice_area"]), "center(first_round)": first}
    columns["intensive[T.yes]:center(first_round)"] = yes["intensive"] * first
    assert set(columns) == set(fit.params.index)
    own = rows["village"] + ":" + rows["natural_village"]
    fitted = sum(fit.params[term] * column for term, column in columns.items())
    for group, names in (("village", rows["village"]), ("village:natural_village", own)):
        fitted = fitted + names.map(fit.random_effects[group]["Intercept"])
    assert jiangxi.outside_the_unit_interval("peers") == (int((fitted < 0).sum()), int((fitted > 1).sum()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", VIETNAM)
def test_every_exhibit_of_viet_nam_says_that_it_has_no_social_capital(id, lang):
    made = show(id, lang)
    texts = made.notes if hasattr(made, "notes") else [one.get_text() for one in made.drawing.findobj(Text)]
    words = " ".join(" ".join(texts).split())
    assert ("no social capital" if lang == "en" else "无社会资本变量") in words.replace("， ", "，")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_take_up_is_called_a_linear_probability_model_without_consumption(lang):
    made = show("jiangxi-takeup", lang)
    words = {"en": ("linear probability model", "without consumption"), "zh": ("线性概率模型", "不含消费")}
    assert all(word in made.title for word in words[lang])
    assert "CR2" in made.notes[0]


def test_all_of_the_notebook_are_real():
    mine = [one for one in everything() if one.notebook == guizhou_real.NOTEBOOK]
    assert {one.data for one in mine} == {"real"}
    assert set(VIETNAM) | {"jiangxi-takeup"} <= {one.id for one in mine}
