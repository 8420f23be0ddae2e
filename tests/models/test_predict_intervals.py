"""Intervals of predictions against dense n × n matrices, R's stored answers, and the truth of simulated surveys.

THETA: rounding of inverses of 300 rows, and differences with a step of a thousandth of a standard error, which leave
1e-6 of the second-order term. RELATIVE, COMPONENT: R's answers are at lme4's optimum, held to the package's
tolerances of standard errors and of variance components (test_lme4.py). SAME: the same sums in another order.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables, tables
from scipy import stats
from test_kenward_roger import design
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import DataError, FitError, OptionError
from povstats.models import fit_hlm
from povstats.models.interpretation.prediction.prediction_errors import prediction_errors
from povstats.models.interpretation.prediction.prediction_rows import open_rows

THETA, RELATIVE, COMPONENT, SAME = 1e-5, 1e-6, 1e-4, 1e-12
STORED = json.loads((Path(__file__).parents[1] / "reference" / "predictions.json").read_text(encoding="utf-8"))[
    "models"
]
CASES = [
    ("(1 + x | village)", None),
    ("(1 | county/village)", None),
    ("(1 + x | county/village)", "county:village"),
    ("(1 | county) + (x || village)", "village"),
    ("(1 | region/county/village)", "region:county"),
    ("(1 + x | village) + (1 | enumerator)", "enumerator"),
    ("(1 | village) + (1 | enumerator)", "village"),
]


@pytest.fixture(scope="module")
def lively(table):  # noqa: F811
    """The synthetic survey with slopes of villages and counties and effects of regions and enumerators put in."""
    rng = np.random.default_rng(8)
    slopes = 0.6 * rng.normal(size=40)[table.village] + 0.8 * rng.normal(size=8)[table.county]
    high = np.array([-3, 0, 3])[table.region] + 0.7 * rng.normal(size=5)[table.enumerator]
    return table.assign(y=table.y + slopes * table.x + high)


def spoiled(fit, rows, new):
    """Give rows of new groups labels of their own, in the columns of the groupings that are new."""
    names = list(fit.random_cov) if new is None else [new]
    if new is not None and new.count(":"):
        names += [name for name in fit.random_cov if name.startswith(f"{new}:")]
    return rows.assign(**{name.split(":")[-1]: 1000 + np.arange(len(rows)) for name in names})


def dense(fit, sample, rows):
    """By row m + z'Tz, tr(WM) and the gradient of the former, with W, all from n × n matrices.

    M_kl = (c_k − G_k w)'P(c_l − G_l w) with w the weights of the best linear unbiased prediction, c their covariance
    with the target; W is twice the inverse Hessian of the restricted deviance.
    """
    n = len(sample)
    X, G, gamma = design(fit, pd.concat([sample, rows], ignore_index=True))
    y, x, X = sample.y.to_numpy(), X[n:], X[:n]
    own = [part[:n, :n] for part in G]
    V, phi, P, W = inverses(X, own, gamma, y)
    out = []
    for i in range(len(rows)):
        c = [part[n + i, :n] for part in G[:-1]] + [np.zeros(n)]
        t = np.array([part[n + i, n + i] for part in G[:-1]] + [0.0])
        cov = sum(g * part for g, part in zip(gamma, c, strict=True))
        a = x[i] - X.T @ V @ cov
        w = V @ cov + V @ X @ phi @ a
        bends = np.array([part - own[k] @ w for k, part in enumerate(c)])
        gradient = t - 2 * np.array(c) @ w + np.array([w @ part @ w for part in own])
        total = float(t @ gamma) - cov @ V @ cov + a @ phi @ a
        out.append((total, float((W * (bends @ P @ bends.T)).sum()), gradient))
    return out, W


def inverses(X, G, gamma, y):
    """V⁻¹, (X'V⁻¹X)⁻¹, P and twice the inverse of the restricted deviance's Hessian."""
    V = np.linalg.inv(sum(g * part for g, part in zip(gamma, G, strict=True)))
    phi = np.linalg.inv(X.T @ V @ X)
    P = V - V @ X @ phi @ X.T @ V
    PG = [P @ part for part in G]
    Py = [part @ (P @ y) for part in G]
    return (
        V,
        phi,
        P,
        2
        * np.linalg.inv(
            [
                [-(a * b.T).sum() + 2 * u @ P @ v for b, v in zip(PG, Py, strict=True)]
                for a, u in zip(PG, Py, strict=True)
            ]
        ),
    )


@pytest.mark.parametrize(("bar", "new"), CASES)
def test_errors_are_those_of_the_dense_matrices(lively, bar, new):
    fit = fit_hlm(f"y ~ x * w + {bar}", lively)
    assert fit.status == "converged"
    rows = lively.iloc[[0, 17, 101]].assign(x=[0.0, 3.0, 2.0])
    other = spoiled(fit, rows, new)
    expected, W = dense(fit, lively, pd.concat([rows, other], ignore_index=True))
    e = np.append(np.zeros(len(W) - 1), 1.0)
    for asked, effects, own in ((rows, "conditional", expected[:3]), (other, "new group", expected[3:])):
        for interval in ("mean", "outcome"):
            found = fit.predict(asked, effects, interval=interval, new=new if effects == "new group" else None)
            for row, (total, theta, gradient) in zip(found.itertuples(), own, strict=True):
                residual = float(interval == "outcome")
                variance, slope = total + residual * fit.sigma2, gradient + residual * e
                assert row.se**2 == pytest.approx(variance + 2 * theta, rel=THETA)
                dof = 2 * (variance + 2 * theta) ** 2 / (slope @ W @ slope)
                assert row.df == pytest.approx(max(dof, 2.0), rel=THETA)
                half = stats.t.ppf(0.975, row.df) * row.se
                assert [row.low, row.high] == pytest.approx([row.predicted - half, row.predicted + half], rel=SAME)


@pytest.mark.parametrize("bar", ["(1 + x | village)", "(1 + x | county/village)", "(1 | village) + (1 | enumerator)"])
def test_the_marginal_line_has_kenward_and_rogers_variance(lively, bar):
    """x'β̂ is a contrast of coefficients; W is from the observed information. Of an outcome anyone's may be meant."""
    fit = fit_hlm(f"y ~ x * w + {bar}", lively)
    X, G, gamma = design(fit, lively)
    V, phi, P, W = inverses(X, G, gamma, lively.y.to_numpy())
    VX = V @ X
    U = sum(W[a, b] * VX.T @ G[a] @ P @ G[b] @ VX for a in range(len(G)) for b in range(len(G)))
    x = design(fit, lively.head(4))[0]
    found = fit.predict(lively.head(4), "marginal", interval="mean")
    assert (found.se**2).to_numpy() == pytest.approx(np.diag(x @ (phi + 2 * phi @ U @ phi) @ x.T), rel=THETA)
    wide = fit.predict(lively.head(4), "marginal", interval="outcome")
    anyone = fit.predict(lively.head(4), "new group", interval="outcome")
    pd.testing.assert_frame_equal(wide, anyone)


@cache
def stored_tables():
    return {**tables(), **level_tables()}


@pytest.mark.parametrize("case", STORED, ids=[case["data"] for case in STORED])
def test_known_variances_against_hendersons_equations_in_r(case):
    """make_predictions.R: the inverse of the mixed model equations at lme4's estimates; insight for the marginal."""
    sample = stored_tables()[case["data"]]
    fit = fit_hlm(case["formula"], sample)
    rows = sample.iloc[case["rows"]]
    errors = prediction_errors(fit, open_rows(fit, rows, range(len(fit.random_cov))))
    np.testing.assert_allclose(fit.sigma2 * errors.variance, case["variance"], rtol=COMPONENT)
    np.testing.assert_allclose(fit.predict(rows), case["predicted"], rtol=RELATIVE)
    line = prediction_errors(fit, open_rows(fit, rows, []))
    np.testing.assert_allclose(np.sqrt(fit.sigma2 * line.variance), case["marginal_se"], rtol=RELATIVE)
    np.testing.assert_allclose(fit.predict(rows, "marginal"), case["marginal"], rtol=RELATIVE)


def test_a_balanced_layout_by_hand():
    """One-way, G groups of m: b̂ = w(ȳ_j − ȳ), all variances by hand; Prasad and Rao's term from Var(T̂) of ANOVA."""
    G, m = 30, 6
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(G), m)
    rows = pd.DataFrame({"y": 5 + rng.normal(size=G)[group] + rng.normal(size=G * m), "g": group})
    fit = fit_hlm("y ~ 1 + (1 | g)", rows)
    s2, t = fit.sigma2, fit.random_cov["g"].iloc[0, 0]
    total = t + s2 / m
    known = t * s2 / m / total + (s2 / m / total) ** 2 * total / G
    # ∂b̂/∂(t, s2) has weights ∂w = (s2/m, −t/m) / total² on ȳ_j − ȳ, whose variance is total (G − 1) / G.
    within, between = 2 * s2**2 / (G * (m - 1)), 2 * total**2 / (G - 1)
    W = np.array([[between + within / m**2, -within / m], [-within / m, within]])
    slope = np.array([s2 / m, -t / m]) / total**2
    theta = slope @ W @ slope * total * (G - 1) / G
    found = fit.predict(rows.head(1), interval="mean")
    assert found.se.iloc[0] ** 2 == pytest.approx(known + 2 * theta, rel=THETA)
    new = fit.predict(rows.head(1), "new group", interval="mean").iloc[0]
    # The mean of a group that is new and the line's error, total/G, have the variance t + total/G.
    assert new.se**2 == pytest.approx(t + total / G, rel=THETA)
    gradient = np.array([1 + 1 / G, 1 / m / G])
    assert new.df == pytest.approx(2 * (t + total / G) ** 2 / (gradient @ W @ gradient), rel=THETA)


@pytest.mark.parametrize("bar", ["(1 | village)", "(1 + x | county/village)"])
def test_units_and_origins_do_not_matter(lively, bar):
    fit = fit_hlm(f"y ~ x * w + {bar}", lively)
    moved = lively.assign(y=1000 * lively.y - 5e5, x=lively.x * 100 + 1e4)
    other = fit_hlm(f"y ~ x * w + {bar}", moved)
    for effects in ("conditional", "marginal", "new group"):
        own = fit.predict(lively.head(5), effects, interval="mean")
        found = other.predict(moved.head(5), effects, interval="mean")
        # Two searches for one optimum; the variances of variances follow it more loosely.
        np.testing.assert_allclose(found.predicted, 1000 * own.predicted - 5e5, rtol=1e-6)
        np.testing.assert_allclose(found.se, 1000 * own.se, rtol=1e-4)
        np.testing.assert_allclose(found.df, own.df, rtol=1e-3)


def test_a_new_village_in_a_known_county_lies_between(lively):
    fit = fit_hlm("y ~ x * w + (1 | county/village)", lively)
    rows = lively.head(4)
    county = fit.random_effects["county"]["Intercept"]
    line = fit.predict(rows, "marginal")
    inside = fit.predict(rows.drop(columns="village"), "new group", new="county:village")
    np.testing.assert_allclose(inside, line + county.loc[rows.county].to_numpy(), rtol=SAME)
    outside = rows.drop(columns=["village", "county"])
    np.testing.assert_allclose(fit.predict(outside, "new group"), line, rtol=SAME)
    np.testing.assert_allclose(fit.predict(outside, "new group", new="county"), line, rtol=SAME)
    widths = [
        fit.predict(rows, interval="mean").se,
        fit.predict(rows, "new group", new="county:village", interval="mean").se,
        fit.predict(rows, "new group", interval="mean").se,
        fit.predict(rows, "new group", interval="outcome").se,
    ]
    assert (np.diff(np.array(widths), axis=0) > 0).all()


def test_chunks_and_the_order_of_rows_do_not_matter(lively, monkeypatch):
    fit = fit_hlm("y ~ x * w + (1 + x | county/village)", lively)
    whole = fit.predict(lively, interval="mean")
    monkeypatch.setattr("povstats.models.interpretation.prediction.prediction_errors.CHUNK", 7)
    back = fit.predict(lively.iloc[::-1], interval="mean").iloc[::-1]
    np.testing.assert_allclose(back, whole, rtol=1e-10)
    assert list(whole.columns) == ["predicted", "se", "low", "high", "df"]


def test_missing_rows_stay_missing_in_every_column(lively):
    fit = fit_hlm("y ~ x + (1 | village)", lively)
    rows = lively.head(6).set_index(pd.Index(list("abcdef")))
    rows.loc["b", "x"] = np.nan
    found = fit.predict(rows, interval="outcome")
    assert list(found.index) == list("abcdef")
    assert found.loc["b"].isna().all()
    assert found.drop(index="b").notna().all(axis=None)


def test_on_the_boundary_the_zero_is_taken_as_known():
    """Dyestuff2: T̂ = 0, so that the mean of every batch is the grand mean, whose variance is σ²/n."""
    rows = tables()["Dyestuff2"]
    fit = fit_hlm("Yield ~ 1 + (1 | Batch)", rows)
    assert fit.status == "boundary"
    found = fit.predict(rows.head(1), interval="mean").iloc[0]
    assert found.se == pytest.approx(np.sqrt(fit.sigma2 / 30), rel=1e-9)
    assert found.df == pytest.approx(29, rel=1e-6)


def test_a_variance_that_is_hardly_there_does_not_blow_the_interval_up():
    """T̂ is a twentieth of its own standard error: no wider, by a tenth, than the village's own mean has it."""
    rng = np.random.default_rng(20)
    group = np.repeat(np.arange(12), 4)
    e = rng.normal(size=48)
    mean = pd.Series(e).groupby(group).transform("mean")
    # Between and within mean squares are set: their ratio is 1.05, so that T̂ = 0.0125 σ̂².
    between, within = rng.normal(size=12)[group], (e - mean).to_numpy()
    between = between - between.mean()
    between = between / np.sqrt((between**2).sum() / 11) * np.sqrt(1.05)
    within = within / np.sqrt((within**2).sum() / 36)
    fit = fit_hlm("y ~ 1 + (1 | g)", pd.DataFrame({"y": between + within, "g": group}))
    assert fit.random_cov["g"].iloc[0, 0] / fit.sigma2 == pytest.approx(0.0125, rel=1e-5)
    rows = pd.DataFrame({"g": np.arange(12)})
    known = fit.predict(rows, interval="mean")
    assert ((known.high - known.low) / 2 < stats.t.ppf(0.975, 36) * np.sqrt(fit.sigma2 / 4) * 1.1).all()
    new = fit.predict(rows.head(1), "new group", interval="mean").iloc[0]
    assert new.df == 2.0
    assert new.high - new.low < 4 * np.sqrt(fit.sigma2)


def test_large_samples_have_the_normal_quantile(lively):
    fit = fit_hlm("y ~ x + (1 | village)", lively, df="normal")
    found = fit.predict(lively.head(2), interval="mean")
    assert np.isinf(found.df).all()
    np.testing.assert_allclose((found.high - found.low) / 2, stats.norm.ppf(0.975) * found.se, rtol=1e-9)
    narrow = fit.predict(lively.head(2), interval="mean", level=0.5)
    np.testing.assert_allclose((narrow.high - narrow.low) / 2, stats.norm.ppf(0.75) * found.se, rtol=1e-9)


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"interval": "both"}, OptionError, "'mean', 'outcome'"),
        ({"interval": "mean", "level": 95}, OptionError, "level=95"),
        ({"new": "village"}, OptionError, "goes with effects='new group'"),
        ({"effects": "new group", "new": "town"}, OptionError, "'county:village', 'county'"),
        ({"scale": "yuan"}, OptionError, "'model', 'log', 'level', 'median'"),
        ({"scale": "level"}, OptionError, "log_outcome=True"),
    ],
)
def test_what_is_refused(lively, asked, error, told):
    fit = fit_hlm("y ~ x + (1 | county/village)", lively)
    with pytest.raises(error, match=told):
        fit.predict(lively.head(2), **asked)


def test_a_village_in_another_county_is_refused(lively):
    fit = fit_hlm("y ~ x + (1 | county) + (1 | village)", lively)
    rows = lively.head(3).assign(county=(lively.county + 1) % 8)
    with pytest.raises(DataError, match=r"lies in another county than in the fit, in 3 rows \(from 0: \[0, 1, 2\]\)"):
        fit.predict(rows)
    assert fit.predict(rows, "new group", new="village").notna().all()


def test_weights_have_no_outcome_to_predict(lively):
    rows = lively.assign(v=1.0 + lively.village % 2)
    sampled = fit_hlm("y ~ x + (1 | village)", rows, method="ml", sampling_weights={"village": "v"})
    with pytest.raises(FitError, match="pseudo-likelihood"):
        sampled.predict(rows, interval="mean")
    assert sampled.predict(rows).notna().all()
    precise = fit_hlm("y ~ x + (1 | village)", rows, precision="v")
    with pytest.raises(FitError, match="σ²/w"):
        precise.predict(rows, interval="outcome")
    assert (precise.predict(rows, interval="mean").se > 0).all()


def test_intervals_hold_the_truth():
    """44 × 10, as in benchmarks/prediction_coverage.py, of which this is a small part: 2,640 known villages' means.

    For a new village the chance to be held is worked out from the normal distribution of its effect.
    """
    rng, known, new = np.random.default_rng(20261126), [], []
    village = np.repeat(np.arange(44), 10)
    for _ in range(60):
        b = 0.3 * rng.normal(size=44)
        rows = pd.DataFrame({"y": b[village] + 0.5 * rng.normal(size=440), "g": village})
        fit = fit_hlm("y ~ 1 + (1 | g)", rows)
        found = fit.predict(pd.DataFrame({"g": np.arange(44)}), interval="mean")
        known.append(((found.low <= b) & (b <= found.high)).mean())
        low, high = fit.predict(pd.DataFrame({"g": [0]}), "new group", interval="mean")[["low", "high"]].to_numpy()[0]
        new.append(stats.norm.cdf(high, scale=0.3) - stats.norm.cdf(low, scale=0.3))
    for shares in (known, new):
        # Three Monte Carlo standard errors about the nominal level, and half a point for what is left to third order.
        assert abs(np.mean(shares) - 0.95) < 3 * np.std(shares) / np.sqrt(60) + 0.005
