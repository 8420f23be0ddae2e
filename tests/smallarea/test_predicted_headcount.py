"""Predicted headcounts: their formula by dense matrices, laws, refusals, real data.

DENSE: rounding of inverses of 300 rows. SAME: the same sums in another order.
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import norm

import povstats as ps
from povstats.errors import DataError, FitError, FormulaError, OptionError

DENSE, SAME = 1e-8, 1e-12


def survey(rng, counties=6, villages=5, households=8):
    """Synthetic consumption of households in villages of counties."""
    village = np.repeat(np.arange(counties * villages), households)
    county = village // villages
    x, n = rng.normal(size=len(village)), len(village)
    log = 7 + 0.3 * x + 0.3 * rng.normal(size=counties)[county] + 0.4 * rng.normal(size=village.max() + 1)[village]
    log = log + 0.3 * rng.normal(size=village.max() + 1)[village] * x + 0.5 * rng.normal(size=n)
    frame = {"y": np.exp(log), "x": x, "village": village, "county": county, "size": rng.integers(1, 8, n)}
    return pd.DataFrame(frame)


@pytest.fixture(scope="module")
def table():
    return survey(np.random.default_rng(12))


@pytest.fixture(scope="module")
def fit(table):
    return ps.fit_hlm("log(y) ~ x + (1 + x | village) + (1 | county)", table)


def test_the_formula_by_dense_matrices(table, fit):
    """Mean and variance of each household's log consumption given the sample's, from n × n matrices at β̂ and T̂.

    Three villages are new, one of them in a new county.
    """
    census = survey(np.random.default_rng(13), counties=7).query("village >= 12").reset_index(drop=True)
    sample = table[table.village != 17]
    fit = ps.fit_hlm("log(y) ~ x + (1 + x | village) + (1 | county)", sample)
    both = pd.concat([sample, census], ignore_index=True)
    n, V = len(sample), np.zeros((len(both), len(both)))
    for group, T in fit.random_cov.items():
        Z = np.column_stack([np.ones(len(both)), both.x])[:, : len(T)]
        V += (both[group].to_numpy()[:, None] == both[group].to_numpy()) * (Z @ T.to_numpy() @ Z.T)
    line = np.column_stack([np.ones(len(both)), both.x]) @ fit.params.to_numpy()
    inverse = np.linalg.inv(V[:n, :n] + fit.sigma2 * np.eye(n))
    mu = line[n:] + V[n:, :n] @ inverse @ (np.log(sample.y) - line[:n]).to_numpy()
    variance = np.diag(V[n:, n:] - V[n:, :n] @ inverse @ V[:n, n:]) + fit.sigma2
    p = norm.cdf((np.log(900) - mu) / np.sqrt(variance))
    found = ps.predicted_headcount(fit, census, 900, size="size", n=0)
    expected = (census.assign(p=p * census["size"]).groupby("village")[["p", "size"]].sum()).eval("p / size")
    np.testing.assert_allclose(found.areas.headcount.astype(float), expected, rtol=DENSE)
    assert list(found.areas.index) == sorted(census.village.unique())
    assert found.areas.synthetic.tolist() == [float(v == 17 or v >= 30) for v in found.areas.index]
    assert found.frame.filter(like="_se").isna().all(axis=None)


def test_areas_add_up_to_the_whole_whatever_they_are(table, fit):
    found = ps.predicted_headcount(fit, table, 900, size="size", n=0)
    for by in ("county", "size", None):
        other = ps.predicted_headcount(fit, table, 900, size="size", by=by, n=0)
        for name in ("headcount", "gap", "households", "persons"):
            assert other.whole[name] == pytest.approx(found.whole[name], rel=SAME)
        for name in ("headcount", "gap"):
            average = np.average(other.areas[name], weights=other.areas.persons)
            assert average == pytest.approx(found.whole[name], rel=SAME)
        assert other.areas.households.sum() == len(table)


def test_the_order_of_rows_and_the_kind_of_table_do_not_matter(table):
    fit = ps.fit_hlm("log(y) ~ x + (1 | village)", table)
    found = ps.predicted_headcount(fit, table, 900, n=40, rng=3)
    other = ps.predicted_headcount(fit, pl.from_pandas(table.sample(frac=1, random_state=2)), 900, n=40, rng=3)
    np.testing.assert_allclose(other.frame.to_numpy(), found.frame.to_numpy(), rtol=1e-9)


def test_it_rises_with_the_line_from_none_to_all(table):
    lines = [1e-9, 300, 900, 2000, 1e30]
    simple = ps.fit_hlm("log(y) ~ x + (1 | village)", table)
    found = [ps.predicted_headcount(simple, table, line, n=40) for line in lines]
    heads = np.array([one.frame.headcount for one in found])
    gaps = np.array([one.frame.gap for one in found])
    assert (np.diff(heads, axis=0) >= 0).all()
    assert (np.diff(gaps, axis=0) >= 0).all()
    assert (gaps <= heads + SAME).all()
    np.testing.assert_allclose(heads[[0, -1]], [np.zeros(31), np.ones(31)], atol=1e-12)
    for one in (found[0], found[-1]):
        assert (one.frame.headcount_se < 1e-9).all()
        np.testing.assert_allclose(one.frame.headcount_low, one.frame.headcount, atol=1e-9)
    middle = found[2].frame
    assert ((middle.headcount_low < middle.headcount) & (middle.headcount < middle.headcount_high)).all()
    assert ((middle.gap_low < middle.gap) & (middle.gap < middle.gap_high)).all()


def test_with_many_sampled_households_it_is_the_share_of_their_own_village():
    """As the villages' variance grows against the line's error, the effects are known, and the village's own chance is
    what counts: with 2,000 households each it is near the direct share."""
    rng = np.random.default_rng(5)
    village = np.repeat(np.arange(12), 2000)
    log = 7 + 2.0 * rng.normal(size=12)[village] + 0.5 * rng.normal(size=len(village))
    rows = pd.DataFrame({"y": np.exp(log), "village": village})
    fit = ps.fit_hlm("log(y) ~ 1 + (1 | village)", rows)
    found = ps.predicted_headcount(fit, rows, 1000, n=0).areas.headcount.astype(float)
    direct = (rows.y < 1000).groupby(rows.village).mean()
    # Shares of 2,000 draws: four standard errors of the largest.
    assert np.abs(found - direct).max() < 4 * np.sqrt(0.25 / 2000)


def test_a_column_of_logs_and_the_unit_of_money(table, fit):
    found = ps.predicted_headcount(fit, table, 900, n=0)
    said = ps.fit_hlm("z ~ x + (1 + x | village) + (1 | county)", table.assign(z=np.log(table.y)))
    with pytest.raises(OptionError, match="'z' is not known to be one"):
        ps.predicted_headcount(said, table, 900)
    other = ps.predicted_headcount(said, table, 900, n=0, log_outcome=True)
    np.testing.assert_allclose(other.areas.headcount, found.areas.headcount, rtol=1e-6)
    cents = ps.fit_hlm("log(y) ~ x + (1 + x | village) + (1 | county)", table.assign(y=100 * table.y))
    other = ps.predicted_headcount(cents, table, 90_000, n=0)
    np.testing.assert_allclose(other.areas.headcount, found.areas.headcount, rtol=1e-5)  # two searches


def test_rows_with_missing_values_are_left_out_and_counted(table, fit):
    gaps = table.copy()
    gaps.loc[[1, 2], "x"], gaps.loc[9, "county"] = np.nan, np.nan
    found = ps.predicted_headcount(fit, gaps, 900, n=0)
    assert (found.rows.read, found.rows.used, dict(found.rows.missing)) == (240, 237, {"x": 2, "county": 1})
    kept = ps.predicted_headcount(fit, table.drop([1, 2, 9]), 900, n=0)
    np.testing.assert_allclose(found.frame.headcount, kept.frame.headcount, rtol=SAME)
    assert "x is missing in 2" in found.explain("en")
    with pytest.raises(DataError, match="none of 240 rows is complete"):
        ps.predicted_headcount(fit, table.assign(x=np.nan), 900)


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"line": 0}, OptionError, "above 0"),
        ({"line": -5.0}, OptionError, "above 0"),
        ({"line": np.inf}, OptionError, "above 0"),
        ({"line": True}, OptionError, "above 0"),
        ({"line": "900"}, OptionError, "not its logarithm"),
        ({"n": 5}, OptionError, "at least 40"),
        ({"by": "town"}, DataError, "no column 'town'"),
        ({"size": "none"}, DataError, "zero or negative"),
    ],
)
def test_what_is_refused(table, fit, asked, error, told):
    with pytest.raises(error, match=told):
        ps.predicted_headcount(fit, table.assign(none=0), **{"line": 900, "n": 0, **asked})


def test_fits_and_tables_that_do_not_go_are_refused(table, fit):
    with pytest.raises(FormulaError, match="no column 'village'"):
        ps.predicted_headcount(fit, table.drop(columns="village"), 900)
    with pytest.raises(DataError, match="lies in another county"):
        ps.predicted_headcount(fit, table.assign(county=0), 900)
    rows = table.assign(v=1.0 + table.village % 2)
    for weights in ({"precision": "v"}, {"sampling_weights": {"village": "v"}, "method": "ml"}):
        weighted = ps.fit_hlm("log(y) ~ x + (1 | village)", rows, **weights)
        with pytest.raises(FitError, match="the fit has weights"):
            ps.predicted_headcount(weighted, rows, 900)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_explains_draws_and_tidies(table, fit, lang):
    census = pd.concat([table, table.assign(village=table.village + 100, county=9)])
    found = ps.predicted_headcount(fit, census, 900, size="size", n=40)
    told = found.explain(lang)
    for number in ("900", "240", "480", "40"):
        assert number in told
    assert len(str(found.summary(lang)).splitlines()) > 40
    assert "<table>" in found._repr_html_()
    tidy = found.tidy()
    assert tidy.measure.value_counts().to_dict() == dict.fromkeys(("headcount", "poverty_gap", "nobs", "synthetic"), 61)
    for measure in ("headcount", "gap"):
        figure = found.plot(measure, lang=lang)
        np.testing.assert_allclose(figure.numbers.estimate, found.areas[measure].astype(float), rtol=SAME)
        title = found.plot(measure, lang=lang, labels={"village": "行政村"}).title
        assert ("行政村" in title, "village" in title) == (True, False)
        # A gap is a share of the line, not of persons.
        unit = {"en": ("% of ", "% of the line"), "zh": ("按", "占贫困线的百分比")}[lang]
        assert unit[measure == "gap"] in title
        assert (unit[1] in title) == (measure == "gap")
    bare = ps.predicted_headcount(fit, table, 900, n=0)
    assert "—" in str(bare.summary(lang))
    with pytest.raises(DataError, match="n=200"):
        bare.plot()


def test_viet_nam_as_a_direct_estimate_has_it():
    """Real data: over all communes the model's headcount is near the sample's own, which it has not been told."""
    table = ps.datasets.vietnam_1998()
    line = ps.datasets.poverty_line("vietnam_1998").value
    fit = ps.fit_hlm("log_expenditure_per_head ~ education + household_size + farm + urban + (1 | commune)", table)
    found = ps.predicted_headcount(fit, table, line, size="household_size", n=0, log_outcome=True)
    direct = ps.headcount(table, "expenditure_per_head", line, size="household_size").estimate.iloc[0]
    assert found.whole.headcount == pytest.approx(direct, abs=0.02)  # two points: lognormality is not exact
    own = ps.headcount(table, "expenditure_per_head", line, by="commune", size="household_size").estimate
    assert np.corrcoef(own.to_numpy(), found.areas.headcount.astype(float))[0, 1] > 0.95
