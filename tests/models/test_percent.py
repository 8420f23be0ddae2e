"""Effects in per cent.

EXACT: two ways to one number. QUADRATURE: the integral over a chi-square. DRAWS: of a million, five standard errors.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special, stats
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import FitError, OptionError
from povstats.models import fit_hlm
from povstats.models.interpretation.effects.percent import unbiased_factor

EXACT, QUADRATURE, DRAWS = 1e-12, 1e-9, 5.0


@pytest.fixture(scope="module")
def logged(table):  # noqa: F811
    rows = table.assign(money=np.exp(table.y / 3), land=1 + np.exp(table.w + table.x / 5))
    rows["kind"], rows["old"] = np.where(table.crop > 1, "a", "b"), (table.enumerator > 2) * 1
    return rows


@pytest.fixture(scope="module")
def fit(logged):
    return fit_hlm("log(money) ~ x * kind + log(land) + old + w + I(w ** 2) + (1 + x | county/village)", logged)


@pytest.mark.parametrize("df", [3.0, 17.5, 400.0])
@pytest.mark.parametrize("variance", [1e-4, 0.05, 0.8])
def test_the_unbiased_factor_is_unbiased(variance, df):
    """With V̂ = V χ²/df, E 0F1(m; −mV̂/2) = exp(−V/2): with b normal about β, exp(b) times it has the mean exp(β)."""

    def part(x):
        return unbiased_factor(variance * x / df, df) * stats.chi2.pdf(x, df)

    top = stats.chi2.isf(1e-14, df)
    mean = integrate.quad(part, 0, top, epsabs=1e-13, epsrel=1e-12, limit=300)[0]
    assert mean == pytest.approx(np.exp(-variance / 2), rel=QUADRATURE)


def test_the_unbiased_factor_against_scipy_and_its_limit():
    for variance in (0.01, 0.3, 2.0):
        for df in (2.0, 9.0, 60.0):
            assert unbiased_factor(variance, df) == pytest.approx(special.hyp0f1(df / 2, -df / 4 * variance), rel=1e-10)
        assert unbiased_factor(variance, np.inf) == pytest.approx(np.exp(-variance / 2), rel=EXACT)
    with pytest.raises(FitError, match="too large for an effect in per cent"):
        unbiased_factor(30.0, 5.0)


def test_every_column_by_its_formula(fit):
    found = fit.percent_effects(level=0.9)
    for term, row in found.table.iterrows():
        D = {"log(land)": np.log(1.01)}.get(term, 1.0)
        b, V, df = fit.params[term] * D, (fit.std_errors[term] * D) ** 2, fit.dof[term]
        half = stats.t.ppf(0.95, df) * np.sqrt(V)
        assert row["percent"] == pytest.approx(100 * (np.exp(b) - 1), rel=1e-10)
        assert row["kennedy"] == pytest.approx(100 * (np.exp(b - V / 2) - 1), rel=1e-9)
        exact = 100 * (np.exp(b) * special.hyp0f1(df / 2, -df / 4 * V) - 1)
        assert row["exact"] == pytest.approx(exact, rel=1e-8)
        assert [row["low"], row["high"]] == pytest.approx(100 * np.expm1([b - half, b + half]), rel=1e-9)
        assert row["p"] == fit.pvalues[term]
    kinds = dict(zip(found.table.index, found.table["kind"], strict=True))
    assert kinds == {
        "x": "level",
        "kind[T.b]": "dummy",
        "log(land)": "log",
        "old": "dummy",
        "x:kind[T.b]": "interaction",
    }
    assert found.left == ("w", "I(w ** 2)")
    assert found.interacting == ("x", "kind[T.b]")


def test_changes_of_a_predictor(fit):
    wide = fit.percent_effects({"x": 2.5, "log(land)": 10}).table
    assert wide.percent["x"] == pytest.approx(100 * np.expm1(2.5 * fit.params["x"]), rel=1e-10)
    assert wide.percent["log(land)"] == pytest.approx(100 * (1.1 ** fit.params["log(land)"] - 1), rel=1e-10)
    assert (wide.change["x"], wide.change["old"]) == (2.5, 1.0)
    less = fit.percent_effects(-1, terms="x").table.loc["x"]
    more = fit.percent_effects(1, terms="x").table.loc["x"]
    assert (1 + less["percent"] / 100) * (1 + more["percent"] / 100) == pytest.approx(1, rel=1e-12)
    assert (1 + less["low"] / 100) * (1 + more["high"] / 100) == pytest.approx(1, rel=1e-12)
    # In other units of the predictor the same change is the same per cent.
    twice = fit.percent_effects({"x": 2, "x:kind[T.b]": 2}).table
    assert twice.percent["x:kind[T.b]"] == pytest.approx(100 * np.expm1(2 * fit.params["x:kind[T.b]"]), rel=1e-10)


def test_large_samples_make_unbiased_and_kennedy_one(logged):
    found = fit_hlm("log(money) ~ x + (1 | village)", logged, df="normal").percent_effects().table
    assert found["exact"].item() == pytest.approx(found["kennedy"].item(), rel=EXACT)


def test_three_answers_under_a_random_slope_by_formula(logged):
    one = fit_hlm("log(money) ~ x + (1 + x | village)", logged)
    T, b = one.random_cov["village"].to_numpy(), one.params["x"]
    for D in (1.0, 2.0, -0.5):
        row = one.percent_effects(D).random.loc["x"]
        logs = [b * D, b * D + D**2 * T[1, 1] / 2, b * D + D * T[0, 1] + D**2 * T[1, 1] / 2]
        assert [row["median"], row["mean"], row["ratio"]] == pytest.approx(100 * np.expm1(logs), rel=1e-9)
        width = np.log1p(row["median_high"] / 100) - np.log1p(row["median"] / 100)
        for key in ("mean", "ratio"):
            assert np.log1p(row[f"{key}_high"] / 100) - np.log1p(row[key] / 100) == pytest.approx(width, rel=1e-8)
    assert row["median_low"] < row["median"] < row["median_high"]


def test_three_answers_under_a_random_slope_by_simulation():
    """Villages drawn from the fitted distribution: the median of their effects, its mean, the ratio of the means."""
    rng = np.random.default_rng(3)
    village, n = np.repeat(np.arange(80), 12), 960
    x, z = rng.normal(1, 1, n), rng.normal(2, 1, n)
    b = rng.multivariate_normal([0, 0, 0], [[0.2, 0.05, 0.02], [0.05, 0.15, 0.06], [0.02, 0.06, 0.1]], 80)[village]
    y = 0.3 * x + b[:, 0] + b[:, 1] * x + b[:, 2] * z + rng.normal(0, 0.3, n)
    rows = pd.DataFrame({"y": np.exp(y), "x": x, "z": z, "village": village})
    fit = fit_hlm("log(y) ~ x + z + (1 + x + z | village)", rows)
    row = fit.percent_effects(1.5, terms="x").random.loc["x"]
    u = rng.multivariate_normal(np.zeros(3), fit.random_cov["village"].to_numpy(), 1_000_000)
    effects = np.exp(1.5 * (fit.params["x"] + u[:, 1]))
    spread = effects.std() / 1000
    assert np.median(effects) - 1 == pytest.approx(row["median"] / 100, abs=DRAWS * 1.5 * spread)
    assert effects.mean() - 1 == pytest.approx(row["mean"] / 100, abs=DRAWS * spread)
    at = np.exp(u[:, 0] + z.mean() * u[:, 2])
    ratio = (at * effects).mean() / at.mean()
    error = (at * effects - ratio * at).std() / at.mean() / 1000
    assert ratio - 1 == pytest.approx(row["ratio"] / 100, abs=DRAWS * error)


def test_slopes_at_two_levels_add_up(fit):
    T, D = fit.random_cov, 1.0
    row = fit.percent_effects(D).random.loc["x"]
    extra = sum(cov.loc["x", "x"] for cov in T.values()) / 2
    links = sum(cov.loc["Intercept", "x"] for cov in T.values())
    b = fit.params["x"]
    assert row["mean"] == pytest.approx(100 * np.expm1(b + extra), rel=1e-9)
    assert row["ratio"] == pytest.approx(100 * np.expm1(b + links + extra), rel=1e-9)
    assert fit.percent_effects().random.index.tolist() == ["x"]


def test_a_column_of_logarithms_must_be_said():
    fit = fit_hlm("log_expenditure_per_head ~ education * urban + (1 | commune)", ps.datasets.vietnam_1998())
    with pytest.raises(OptionError, match="log_outcome=True"):
        fit.percent_effects()
    found = fit.percent_effects(log_outcome=True).table
    again = ps.datasets.vietnam_1998().assign(money=lambda t: np.exp(t.log_expenditure_per_head))
    same = fit_hlm("log(money) ~ education * urban + (1 | commune)", again).percent_effects().table
    # Two searches for one optimum.
    numbers = ["percent", "kennedy", "exact", "low", "high"]
    np.testing.assert_allclose(found[numbers], same[numbers], rtol=1e-5)
    assert found.kind["urban[T.yes]"] == "dummy"


def test_what_is_refused(fit, logged):
    for change, words in ((0, "other than zero"), (np.nan, "other than zero"), ({"z": 1}, "no coefficient")):
        with pytest.raises(OptionError, match=words):
            fit.percent_effects(change)
    with pytest.raises(OptionError, match="leaves nothing"):
        fit.percent_effects(-100, terms="log(land)")
    with pytest.raises(OptionError, match="intercept is a level"):
        fit.percent_effects(terms="Intercept")
    with pytest.raises(OptionError, match="cannot change alone"):
        fit.percent_effects(terms=["x", "w"])
    with pytest.raises(OptionError, match="level"):
        fit.percent_effects(level=95)
    with pytest.raises(OptionError, match="is no log"):
        fit_hlm("money ~ x + (1 | village)", logged).percent_effects()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_print_explain_and_tidy(fit, logged, lang):
    found = fit.percent_effects()
    tidy = found.tidy()
    assert tidy.measure.value_counts().to_dict() == {
        "percent": 5,
        "percent_kennedy": 5,
        "percent_exact": 5,
        "percent_median_group": 1,
        "percent_mean_group": 1,
        "percent_marginal_ratio": 1,
    }
    assert len(str(found.summary(lang)).splitlines()) > 12
    assert "<table>" in found._repr_html_()
    told = found.explain(lang)
    assert f"{len(logged):,}" in told
    assert "{" not in told
    assert repr(found)
    plain = fit_hlm("log(money) ~ x + (1 | village)", logged).percent_effects()
    assert plain.random.empty
    assert "0F1" in plain.explain(lang)
