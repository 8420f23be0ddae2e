"""Predictions against X b + Z u written out by hand; what is learned stays learned; strangers are refused.

SAME: the same sums in another order.
"""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.errors import DataError, FormulaError, OptionError
from povstats.models import fit_hlm

SAME = 1e-12
MAKERS = {"pandas": lambda t: t, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(23)
    group = np.repeat(np.arange(9), 8)
    x = rng.lognormal(1, 0.5, 72)
    y = 2 + np.log(x) + rng.normal(size=9)[group] * (1 + 0.3 * x) + rng.normal(size=72)
    return pd.DataFrame(
        {"y": y, "x": x, "c": ["p", "q", "r"] * 24, "g": [f"v{i}" for i in group], "h": group % 2, "k": group}
    )


@pytest.fixture(scope="module")
def fit(table):
    return fit_hlm("y ~ log(x) * c + (1 + x | g)", table)


def by_hand(fit, rows, conditional):
    b, lx = fit.params, np.log(rows.x)
    out = b["Intercept"] + b["log(x)"] * lx
    for level in "qr":
        out = out + (rows.c == level) * (b[f"c[T.{level}]"] + b[f"log(x):c[T.{level}]"] * lx)
    if conditional:
        u = fit.random_effects["g"].loc[rows.g]
        out = out + u["Intercept"].to_numpy() + u["x"].to_numpy() * rows.x
    return out.to_numpy()


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("effects", ["conditional", "marginal"])
def test_predictions_are_the_model_written_out(table, fit, kind, effects):
    rows = table.sample(30, random_state=1)
    found = fit.predict(MAKERS[kind](rows), effects=effects)
    np.testing.assert_allclose(found, by_hand(fit, rows, effects == "conditional"), rtol=SAME, atol=SAME)
    assert found.name == "predicted"


def test_conditional_is_the_default_and_the_index_is_kept(table, fit):
    rows = table.head(5).set_index(pd.Index(list("vwxyz")))
    found = fit.predict(rows)
    assert list(found.index) == list("vwxyz")
    pd.testing.assert_series_equal(found, fit.predict(rows, effects="conditional"))


def test_residuals_and_effects_add_up_to_sigma(table):
    """The penalised sum of squares, of conditional residuals plus u'T⁻¹u, is m σ² (Bates et al. 2015, eq. 14)."""
    fit = fit_hlm("y ~ log(x) * c + (1 | g)", table)
    assert fit.status == "converged"
    residual = table.y - fit.predict(table)
    u = fit.random_effects["g"][["Intercept"]].to_numpy()
    penalty = np.einsum("gi,ij,gj->", u, np.linalg.inv(fit.random_cov["g"]), u) * fit.sigma2
    m = fit.nobs - len(fit.params)
    assert (float(residual @ residual) + penalty) / m == pytest.approx(fit.sigma2, rel=1e-7)


def test_the_outcome_and_the_groups_are_not_needed(table, fit):
    marginal = fit.predict(table[["x", "c"]], effects="marginal")
    np.testing.assert_allclose(marginal, by_hand(fit, table, False), rtol=SAME)
    assert fit.predict(table[["x", "c", "g"]]).notna().all()


def test_rows_with_a_missing_value_are_missing_and_the_others_stay(table, fit):
    rows = table.head(6).copy()
    rows.loc[1, "x"], rows.loc[3, "g"], rows.loc[4, "y"] = np.nan, None, np.nan
    found = fit.predict(rows)
    assert list(found.isna()) == [False, True, False, True, False, False]
    np.testing.assert_allclose(found.dropna(), by_hand(fit, rows.dropna(subset=["x", "g"]), True), rtol=SAME)
    assert list(fit.predict(rows, effects="marginal").isna()) == [False, True, False, False, False, False]


def test_an_empty_table(table, fit):
    assert len(fit.predict(table.head(0))) == 0
    assert fit.predict(table.head(3).assign(x=np.nan)).isna().all()


def test_the_null_model(table):
    null = fit_hlm("y ~ 1 + (1 | g)", table)
    assert np.array_equal(null.predict(table, effects="marginal"), np.full(72, null.params["Intercept"]))
    expected = null.params["Intercept"] + null.random_effects["g"]["Intercept"].loc[table.g].to_numpy()
    np.testing.assert_allclose(null.predict(table[["g"]]), expected, rtol=SAME)


def test_learned_centres_are_used_on_new_rows(table):
    plain = fit_hlm("y ~ x + (1 | g)", table)
    for text in ("center(x)", "scale(x)", "poly(x, 1)"):
        fit = fit_hlm(f"y ~ {text} + (1 | g)", table)
        new = table.tail(7)
        np.testing.assert_allclose(fit.predict(new), plain.predict(new), rtol=1e-7)


@pytest.mark.parametrize("by", ["k", "h:g", "k:h"])
def test_numeric_and_crossed_groups(table, by):
    fit = fit_hlm(f"y ~ x + (1 | {by})", table)
    effects = next(iter(fit.random_effects.values()))["Intercept"]
    labels = table[by.split(":")].astype(str).agg(":".join, axis=1)
    expected = fit.params["Intercept"] + fit.params["x"] * table.x + effects.rename(index=str).loc[labels].to_numpy()
    np.testing.assert_allclose(fit.predict(table), expected, rtol=SAME)


def test_categorical_rows_may_have_levels_in_another_order(table, fit):
    turned = table.assign(c=pd.Categorical(table.c, ["r", "q", "p"]), g=pd.Categorical(table.g))
    np.testing.assert_allclose(fit.predict(turned), fit.predict(table), rtol=SAME)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"c": "new"}, DataError, "'c' has levels the fit has not seen: new"),
        ({"g": "v77"}, DataError, "'g' has groups the fit has not seen: v77.*effects='marginal'"),
        ({"x": -1.0}, DataError, r"'log\(x\)' is undefined.* in 72 of 72 rows \(from 0: \[0, 1, 2, 3, 4\]\)"),
        ({"x": np.inf}, DataError, "undefined, infinite"),
    ],
)
def test_strangers_are_refused(table, fit, change, error, told):
    with pytest.raises(error, match=told):
        fit.predict(table.assign(**change))


def test_bad_rows_are_counted_in_the_callers_table(table, fit):
    rows = table.copy()
    rows.loc[2, "x"] = np.nan
    rows.loc[10, "x"] = 0.0
    with pytest.raises(DataError, match=r"in 1 of 71 rows \(from 0: \[10\]\)"):
        fit.predict(rows)


def test_an_unknown_group_does_not_hinder_marginal_predictions(table, fit):
    assert fit.predict(table.assign(g="v77"), effects="marginal").notna().all()


def test_absent_columns_and_options(table, fit):
    with pytest.raises(FormulaError, match="no column 'x'"):
        fit.predict(table.drop(columns="x"))
    with pytest.raises(FormulaError, match="no column 'g'"):
        fit.predict(table.drop(columns="g"))
    with pytest.raises(OptionError, match="'conditional', 'marginal'"):
        fit.predict(table, effects="fixed")


def test_the_table_is_not_changed(table, fit):
    before = table.copy(deep=True)
    fit.predict(table)
    pd.testing.assert_frame_equal(table, before)
