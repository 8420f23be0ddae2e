"""Residuals by level against lme4, dense matrices, and laws.

LME4: lme4's residuals at tight optima, and their variances by definition in R with dense matrices
(tests/reference/make_influence.R). DENSE: the same definitions here, rounding of inverses of some three hundred rows.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables
from scipy import stats
from test_kenward_roger import design
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import DataError, FitError
from povstats.models import fit_hlm
from povstats.models.interpretation.diagnostics.residuals import normal_scores
from povstats.models.interpretation.prediction import joint_effects

LME4, DENSE = 1e-6, 1e-8
STORED = json.loads((Path(__file__).parents[1] / "reference" / "influence.json").read_text(encoding="utf-8"))
BARS = [
    "(1 | village)",
    "(1 + x | village)",
    "(x || village)",
    "(1 + x | county/village)",
    "(1 | village) + (1 | enumerator)",
    "(1 | county/village) + (1 + x | enumerator)",
]


@cache
def data():
    return level_tables()


@pytest.mark.parametrize("name", STORED["residuals"])
def test_against_lme4_and_dense_matrices_in_r(name):
    stored, rows = STORED["residuals"][name], data()[name]
    fit = fit_hlm(stored["formula"], rows)
    found = fit.residuals(rows)
    size = fit.sigma2**0.5
    for own in ("fitted", "fitted_marginal", "residual"):
        np.testing.assert_allclose(found.frame[own] / size, np.array(stored[own]) / size, rtol=0, atol=10 * LME4)
    np.testing.assert_allclose(found.frame.leverage, stored["leverage"], rtol=10 * LME4)
    np.testing.assert_allclose(found.frame.standardised, stored["standardised"], rtol=0, atol=10 * LME4)
    for lme4_name, level in stored["levels"].items():
        group = ":".join(reversed(lme4_name.split(":")))
        frame = found.levels[group]
        labels = [":".join(reversed(str(label).split(":"))) for label in level["groups"]]
        frame = frame.loc[labels]
        effects = [level["effects"]] if isinstance(level["effects"], str) else level["effects"]
        for j, effect in enumerate(effects):
            own = "Intercept" if effect == "(Intercept)" else effect
            value, sd = (np.array(level[key]).reshape(len(frame), -1)[:, j] for key in ("value", "sd"))
            np.testing.assert_allclose(frame[own] / sd, value / sd, rtol=0, atol=100 * LME4)
            np.testing.assert_allclose(frame[f"std({own})"], value / sd, rtol=0, atol=100 * LME4)
        np.testing.assert_allclose(frame.mahalanobis, level["distance"], rtol=100 * LME4, atol=100 * LME4)
        assert (frame.df == len(effects)).all()


def dense(fit, rows, weight=None):
    """Residual, its variance, and b̂ with its variance over outcomes, from V of all rows."""
    X, G, gamma = design(fit, rows, weight)
    V = sum(g * part for g, part in zip(gamma, G, strict=True))
    W = np.linalg.inv(V)
    Q = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    R = gamma[-1] * G[-1]
    return X, R @ Q @ rows.y.to_numpy(), np.diag(R @ Q @ R), Q


@pytest.mark.parametrize("bar", BARS)
def test_against_dense_matrices(table, bar, monkeypatch):  # noqa: F811
    monkeypatch.setattr(joint_effects, "CHUNK", 500)  # several chunks
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    X, e, variance, Q = dense(fit, table)
    found = fit.residuals(table)
    frame, size = found.frame, fit.sigma2**0.5
    y = table.y.to_numpy()
    np.testing.assert_allclose(frame.residual, e, atol=DENSE * size, rtol=0)
    np.testing.assert_allclose(frame.fitted, y - e, atol=DENSE * size, rtol=DENSE)
    np.testing.assert_allclose(frame.residual_marginal, y - X @ fit.params, atol=DENSE * size, rtol=0)
    np.testing.assert_allclose(frame.fitted_marginal, X @ fit.params, atol=DENSE * size, rtol=DENSE)
    np.testing.assert_allclose(1 - frame.leverage, variance / fit.sigma2, rtol=DENSE * 100)
    np.testing.assert_allclose(frame.standardised, e / np.sqrt(variance), rtol=0, atol=DENSE * 100)
    for group, cov in fit.random_cov.items():
        check_level(found, fit, table, (group, cov.to_numpy()), Q)


def check_level(found, fit, rows, named, Q):
    group, T = named
    labels = rows[group.split(":")].astype(str).agg(":".join, axis=1).to_numpy()
    values = {"Intercept": np.ones(len(rows)), "x": rows.x.to_numpy()}
    Z = np.column_stack([values[name] for name in fit.model.effects(group)])
    frame = found.levels[group]
    for label in frame.index[[0, 2, -1]]:
        own = Z * (labels == str(label))[:, None]
        b, D = T @ own.T @ Q @ rows.y.to_numpy(), T @ own.T @ Q @ own @ T
        for j, name in enumerate(fit.model.effects(group)):
            assert frame.loc[label, name] == pytest.approx(b[j], abs=1e-7)
            assert frame.loc[label, f"std({name})"] == pytest.approx(b[j] / np.sqrt(D[j, j]), abs=1e-6)
        assert frame.loc[label, "mahalanobis"] == pytest.approx(b @ np.linalg.pinv(D, rcond=1e-6) @ b, abs=1e-5)


def test_precision_weights_divide_a_rows_variance(table):  # noqa: F811
    rows = table.assign(u=np.random.default_rng(1).uniform(0.5, 3, len(table)))
    fit = fit_hlm("y ~ x * w + (1 + x | village)", rows, precision="u")
    _, e, variance, _ = dense(fit, rows, rows.u)
    found = fit.residuals(rows).frame
    np.testing.assert_allclose(found.residual, e, atol=DENSE, rtol=0)
    np.testing.assert_allclose(found.standardised, e / np.sqrt(variance), atol=DENSE * 100, rtol=0)


def test_rows_that_are_left_out_keep_the_others_labels(table):  # noqa: F811
    rows = table.rename(index="r{}".format)
    rows.loc[["r3", "r7"], "x"] = np.nan
    fit = fit_hlm("y ~ x + (1 | village)", rows)
    found, again = fit.residuals(rows), fit.residuals(rows.sample(frac=1, random_state=4))
    assert list(found.frame.index) == [label for label in rows.index if label not in ("r3", "r7")]
    pd.testing.assert_frame_equal(found.frame, again.frame.loc[found.frame.index], rtol=1e-9)
    kept = found.frame
    np.testing.assert_allclose(kept.fitted, fit.predict(rows).loc[kept.index], rtol=1e-9)
    np.testing.assert_array_equal(kept.village, rows.village[kept.index])
    assert "2" in found.explain("en")


def test_other_tables_give_the_same(table, tmp_path):  # noqa: F811
    """polars, a Parquet file, and a fit that never saw the rows in memory."""
    pl = pytest.importorskip("polars")
    rows = table.assign(village=table.village.map("v{}".format))
    expected = fit_hlm("y ~ x + C(crop) + (1 | village)", rows).residuals(rows).frame
    rows.to_parquet(tmp_path / "rows.parquet")
    fit = fit_hlm("y ~ x + C(crop) + (1 | village)", pl.from_pandas(rows).lazy())
    for other in (pl.from_pandas(rows), tmp_path / "rows.parquet"):
        pd.testing.assert_frame_equal(fit.residuals(other).frame, expected, rtol=1e-6, check_index_type=False)
    found = fit.influence("enumerator", pl.from_pandas(rows))
    assert found.table["rows"].to_dict() == rows.enumerator.value_counts().to_dict()


def test_centred_and_within_columns_are_those_of_the_fit(table):  # noqa: F811
    fit = fit_hlm("y ~ within(x, village) + between(x, village) + scale(w) + C(crop) + (1 | village)", table)
    frame = fit.residuals(table).frame
    np.testing.assert_allclose(frame.fitted, fit.predict(table), rtol=1e-9)


def test_residuals_of_the_model_itself_are_standard_normal():
    """A law: 200 outcomes simulated from a synthetic model have squares of mean 1, of rows and of effects."""
    rng = np.random.default_rng(3)
    village = np.repeat(np.arange(150), 6)
    rows = pd.DataFrame({"village": village, "x": rng.normal(size=900)})
    sums = []
    for _ in range(12):
        rows["y"] = rows.x + rng.normal(size=150)[village] + 2 * rng.normal(size=900)
        found = fit_hlm("y ~ x + (1 | village)", rows).residuals(rows)
        frame = found.levels["village"]
        sums.append(
            [np.mean(found.frame.standardised**2), np.mean(frame["std(Intercept)"] ** 2), frame.mahalanobis.mean()]
        )
    # Twelve means of 900 and of 150 squares of mean 1 and variance 2.
    assert np.mean(sums, axis=0) == pytest.approx(1, abs=0.12)
    assert np.mean([one[0] for one in sums]) == pytest.approx(1, abs=0.05)


def test_a_zero_variance_has_no_standardised_effects(table):  # noqa: F811
    flat = table.assign(y=table.y - table.groupby("village").y.transform("mean"))
    fit = fit_hlm("y ~ x + (1 | village)", flat)
    assert fit.status == "boundary"
    found = fit.residuals(flat)
    assert found.levels["village"][["std(Intercept)", "mahalanobis"]].isna().all(axis=None)
    assert (found.levels["village"].df == 0).all()
    assert np.isnan(found.moments.loc[("village", "Intercept"), "sd"])
    # With no random effects the leverage is the hat value of least squares.
    X = np.column_stack([np.ones(len(flat)), flat.x])
    np.testing.assert_allclose(found.frame.leverage, np.diag(X @ np.linalg.pinv(X)), rtol=1e-8)
    assert "estimated as zero" in found.explain("en")
    assert "方差估计值为零" in found.explain("zh")
    assert found.plot(lang="en").numbers.panel.nunique() == 2


def test_a_row_that_is_reproduced_is_told(table):  # noqa: F811
    rows = table.assign(alone=(table.index == 5) * 1.0)
    found = fit_hlm("y ~ x + alone + (1 | village)", rows).residuals(rows)
    assert found.frame.leverage[5] == pytest.approx(1, abs=1e-9)
    assert found.frame.standardised.isna().sum() == 1
    assert np.isnan(found.frame.standardised[5])
    assert "reproduces 1 rows" in found.explain("en")


def test_moments_are_scipys(table):  # noqa: F811
    found = fit_hlm("y ~ x + (1 + x | village)", table).residuals(table)
    tidy = found.tidy().set_index(["measure", "group", "term"]).estimate
    for group, term, values in [
        ("residual", "", found.frame.standardised),
        ("village", "x", found.levels["village"]["std(x)"]),
    ]:
        own = stats.describe(values)
        assert tidy["skewness", group, term] == pytest.approx(own.skewness)
        assert tidy["kurtosis", group, term] == pytest.approx(own.kurtosis)
        assert tidy["sd", group, term] == pytest.approx(own.variance**0.5)
        assert (tidy["low", group, term], tidy["high", group, term]) == pytest.approx(own.minmax)


def test_normal_scores():
    """Blom's scores of three values: Φ⁻¹(5/26), 0, Φ⁻¹(21/26); a missing value has none."""
    scores = normal_scores(np.array([7.0, np.nan, -1.0, 3.0]))
    np.testing.assert_allclose(scores, [stats.norm.ppf(21 / 26), np.nan, stats.norm.ppf(5 / 26), 0], atol=1e-12)


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 + w | village)", table)
    with pytest.raises(DataError, match="complete rows"):
        fit.residuals(table.head(100))
    with pytest.raises(DataError, match="groups of 'village' are not those"):
        fit.residuals(table.assign(village=table.village + 1))
    with pytest.raises(DataError, match=r"not those of the fit in 1 groups of 'village', such as 4"):
        fit.residuals(table.assign(y=table.y + (table.village == 4)))
    with pytest.raises(DataError, match="not those of the fit"):
        fit.residuals(table.assign(x=-table.x))
    with pytest.raises(DataError, match="effects by 'village' are not those"):
        fit.residuals(table.assign(w=2 * table.w))
    weighted = fit_hlm("y ~ x + (1 | village)", table.assign(v=2.0), method="ml", sampling_weights={"village": "v"})
    with pytest.raises(FitError, match="sampling weights"):
        weighted.residuals(table.assign(v=2.0))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_viet_nam_prints_and_draws(lang):
    """Real data, 5,999 households: hexagons and thinned quantiles; the file stays below the limit of an exhibit."""
    rows = ps.datasets.vietnam_1998()
    fit = fit_hlm("log(expenditure_per_head) ~ education + household_size + (1 + education | commune)", rows)
    found = fit.residuals(rows)
    assert len(str(found.summary(lang)).splitlines()) > 25
    assert "<table>" in found._repr_html_()
    assert "5,999" in found.explain(lang)
    figure = found.plot(lang=lang)
    numbers = figure.numbers
    assert numbers[numbers.panel == ""]["count"].sum() == len(rows)
    assert numbers.panel.nunique() == 4
    rest = numbers[numbers.panel != ""]
    assert ((rest.low < rest.x) & (rest.x < rest.high)).all()
    from povstats.viz.formats import draw

    assert len(draw(figure.drawing, "svg", figure.title)) < 300_000


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_few_rows_are_drawn_as_they_are(lang):
    rows = data()["sleepstudy"]
    figure = fit_hlm("Reaction ~ Days + (1 + Days | Subject)", rows).residuals(rows).plot(lang=lang)
    points = figure.numbers[figure.numbers.panel == ""]
    assert len(points) == 180
    assert (points["count"] == 1).all()
    band = figure.numbers[figure.numbers.panel == figure.numbers.panel.unique()[-1]]
    n = len(band)
    ends = stats.norm.ppf(stats.beta.ppf([0.025, 0.975], 1, n))
    np.testing.assert_allclose(band.iloc[0][["low", "high"]].astype(float), ends, rtol=1e-9)
