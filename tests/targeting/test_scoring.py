"""Proxy means: hand counts, laws, folds, engines held equal, refusals. pROC and glm are in test_against_r.py."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, FitError, FormulaError, OptionError
from povstats.poverty.discrimination import area, roc
from povstats.targeting.scoring.score import dealt, out_of_fold

ASKED = {"design": ps.Design(weights="w", strata="layer", psu="village"), "size": "size", "folds": 5}


def made(seed: int = 1, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"x": rng.normal(size=n), "kind": rng.choice(["a", "b"], n), "w": rng.uniform(0.5, 3, n)})
    table["village"], table["layer"], table["size"] = rng.integers(0, 20, n), rng.choice(["n", "s"], n), 2
    table["y"] = np.exp(1 + 0.6 * table["x"] + 0.3 * (table["kind"] == "b") + rng.normal(0, 0.5, n))
    return table


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), min_size=4, max_size=30))
def test_the_area_counts_pairs(rows):
    """Every pair of a poor and another row, by a double loop; weights are rows written several times."""
    risk, poor, weight = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    value, influence = area(risk, poor, weight)
    pairs = [(a > b) + 0.5 * (a == b) for a, p, v in rows for b, q, w in rows if p and not q for _ in range(v * w)]
    if not pairs:
        assert np.isnan(value)
        return
    assert value == pytest.approx(np.mean(pairs), rel=1e-12)
    assert (weight * influence).sum() == pytest.approx(0, abs=1e-12)
    long = [np.repeat(part, weight.astype(int)) for part in (risk, poor)]
    assert area(*long, np.ones(len(long[0])))[0] == pytest.approx(value, rel=1e-12)
    curve = roc(risk, poor, weight)
    assert np.trapezoid(curve["true_positive"], curve["false_positive"]) == pytest.approx(value, rel=1e-12)


def test_the_influence_is_the_derivative():
    """Central differences by each weight; a step of 1e-5 is good to 1e-9."""
    rng = np.random.default_rng(2)
    risk, poor, weight = rng.integers(0, 9, 30).astype(float), (rng.random(30) < 0.4) * 1.0, rng.uniform(1, 3, 30)
    influence = area(risk, poor, weight)[1]
    for i in range(30):
        step = np.zeros(30)
        step[i] = 1e-5
        slope = (area(risk, poor, weight + step)[0] - area(risk, poor, weight - step)[0]) / 2e-5
        assert influence[i] == pytest.approx(slope, abs=1e-8)


def test_folds_keep_psus_together_and_scores_do_not_see_themselves():
    """A row's score is that of a regression on the other folds, written out here."""
    table = made()
    found = ps.proxy_means(table, "y ~ x + kind", 2.5, **ASKED)
    per_psu = found.rows.groupby(["layer", "village"])["fold"].nunique()
    assert set(per_psu) == {1}
    x = np.column_stack([np.ones(len(table)), table["kind"] == "b", table["x"]]).astype(float)
    for fold in range(5):
        out = (found.rows["fold"] == fold).to_numpy()
        w = np.diag(table["w"].to_numpy()[~out])
        beta = np.linalg.solve(x[~out].T @ w @ x[~out], x[~out].T @ w @ np.log(table["y"].to_numpy()[~out]))
        np.testing.assert_allclose(found.rows["score"][out], x[out] @ beta, rtol=1e-9)
    sizes = np.bincount(dealt(np.arange(23), 5, np.random.default_rng(1)))
    assert sizes.tolist() == [5, 5, 5, 4, 4]


def test_errors_at_a_budget():
    """The lowest scores by hand, in persons; at a budget of the poor's share both errors are alike."""
    table = made()
    found = ps.proxy_means(table, "y ~ x", 2.5, **ASKED)
    rows = found.rows.sort_values("score")
    rows["reached"] = rows["weight"].cumsum() / rows["weight"].sum()
    chosen = rows["reached"].shift(fill_value=0) < 0.3
    poor = rows["poor"] * rows["weight"]
    errors = found.errors(0.3)
    assert errors["exclusion_error"].estimate[""] == pytest.approx(poor[~chosen].sum() / poor.sum(), rel=1e-9)
    inclusion = 1 - poor[chosen].sum() / rows["weight"][chosen].sum()
    assert errors["inclusion_error"].estimate[""] == pytest.approx(inclusion, rel=1e-9)
    share = poor.sum() / rows["weight"].sum()
    at = found.errors(share)
    assert at["exclusion_error"].estimate[""] == pytest.approx(at["inclusion_error"].estimate[""], abs=0.01)
    wide = found.budgets.pivot(index="budget", columns="measure", values="estimate")
    assert wide["exclusion_error"].is_monotonic_decreasing
    np.testing.assert_allclose(wide["coverage"], wide.index, atol=0.02)


def test_noise_has_an_area_of_a_half():
    """Predictors that know nothing: out of fold a half, within three standard errors; in the sample more."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(size=(400, 9)), columns=list("abcdefghi"))
    table["y"] = rng.lognormal(size=400)
    found = ps.proxy_means(table, "y ~ a + b + c + d + e + f + g + h + i", 0.7)
    assert abs(found.area.value - 0.5) < 3 * found.area.se
    assert found.area_inside > 0.52


def test_the_logit_orders_alike():
    """With one rising predictor both methods order rows as it does, in a fold and over all nearly so."""
    table = made()
    a, b = (ps.proxy_means(table, "y ~ x", 2.5, method=method, **ASKED) for method in ("ols", "logit"))
    assert a.area_inside == pytest.approx(b.area_inside, rel=1e-12)
    assert b.area.value == pytest.approx(a.area.value, abs=0.02)
    assert np.isnan(b.r2)
    assert 0 < a.r2 < 1


def test_engines_agree():
    table = made()
    memory = ps.proxy_means(table, "y ~ x + kind", 2.5, **ASKED)
    found = ps.proxy_means(duckdb.from_df(table), "y ~ x + kind", 2.5, **ASKED)
    assert found.area.value == pytest.approx(memory.area.value, rel=1e-9)
    assert found.area.se == pytest.approx(memory.area.se, rel=1e-9)


def test_rows_left_out_are_told():
    table = made()
    table.loc[:4, "x"] = np.nan
    found = ps.proxy_means(table, "y ~ x", 2.5, **ASKED)
    assert (found.asked.lacking, len(found.rows)) == ({"x": 5}, 295)
    assert "x is missing in 5 rows" in found.explain("en")


def test_refusals():
    table = made()
    for formula in ("log(y) ~ x", "y", "~ x", 3):
        with pytest.raises(FormulaError, match="welfare ~ predictors"):
            ps.proxy_means(table, formula, 2.5)
    with pytest.raises(FormulaError, match="no such columns"):
        ps.proxy_means(table, "y ~ z", 2.5)
    with pytest.raises(OptionError, match="folds=1"):
        ps.proxy_means(table, "y ~ x", 2.5, folds=1)
    with pytest.raises(OptionError, match="method='probit'"):
        ps.proxy_means(table, "y ~ x", 2.5, method="probit")
    with pytest.raises(OptionError, match="line=0"):
        ps.proxy_means(table, "y ~ x", 0)
    with pytest.raises(DataError, match="nobody"):
        ps.proxy_means(table, "y ~ x", 1e-9)
    with pytest.raises(DataError, match="zero or negative in 1 rows"):
        ps.proxy_means(table.assign(y=[0, *table["y"][1:]]), "y ~ x", 2.5)
    with pytest.raises(DataError, match="cannot be dealt to 50 folds"):
        ps.proxy_means(table, "y ~ x", 2.5, design=ps.Design(psu="village"), folds=50)
    with pytest.raises(OptionError, match="cannot use"):
        ps.proxy_means(table, "y ~ x", 2.5, design=ps.Design().bootstrap(50))
    with pytest.raises(FitError, match="separate the poor"):
        ps.proxy_means(table.assign(p=(table["y"] < 2.5) * 1.0), "y ~ p", 2.5, method="logit")
    with pytest.raises(OptionError, match="budget=2"):
        ps.proxy_means(table, "y ~ x", 2.5).errors(2)
    x = np.ones((4, 1))
    with pytest.raises(FitError, match="all rows are poor"):
        out_of_fold("logit", x, np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4), np.array([0, 0, 1, 1]))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_and_charts(lang):
    found = ps.proxy_means(made(), "y ~ x", 2.5, **ASKED)
    shown = f"{found.area.value:.3f}"
    assert shown in str(found.summary(lang))
    assert shown in found.explain(lang)
    assert len(found.plot_roc(lang=lang).numbers) == 101
    assert set(found.plot_budget(lang=lang).numbers["x"]) == set(found.budgets["budget"])
    assert set(found.tidy()["measure"]) >= {"area", "coef", "exclusion_error", "nobs"}
