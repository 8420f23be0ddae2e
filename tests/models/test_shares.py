"""ICC, R², reliability and families of tests.

RELATIVE: the rows' own variance of Xβ̂ and trace of ZTZ' against the sums by group: rounding. PUBLISHED: as many digits
as are printed. COVERAGE is in the bootstrap's tests; here the intervals are held against refits row by row.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_kenward_roger import design
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import OptionError
from povstats.models import fit_hlm

RELATIVE = 1e-9
BARS = ["(1 | village)", "(1 + x | village)", "(1 + x | county/village)", "(1 | village) + (1 | enumerator)"]


@pytest.mark.parametrize("bar", BARS)
def test_shares_are_those_of_the_rows(table, bar):  # noqa: F811
    fit = fit_hlm(f"y ~ x * w + {bar}", table)
    X, G, gamma = design(fit, table)
    own = {name: 0.0 for name in fit.random_cov}
    at = 0
    for group in fit.random_cov:
        size = sum(len(s) * (len(s) + 1) // 2 for s in fit.model.sets(group))
        own[group] = sum(g * np.trace(part) for g, part in zip(gamma[at : at + size], G[at : at + size], strict=True))
        own[group] /= len(table)
        at += size
    fixed, between = np.var(X @ fit.params.to_numpy(), ddof=1), sum(own.values())
    total = fixed + between + fit.sigma2
    assert fit.icc() == pytest.approx(between / (between + fit.sigma2), rel=RELATIVE)
    for group, value in own.items():
        assert fit.icc(group) == pytest.approx(value / (between + fit.sigma2), rel=RELATIVE)
    assert fit.r2()["marginal"] == pytest.approx(fixed / total, rel=RELATIVE)
    assert fit.r2()["conditional"] == pytest.approx((fixed + between) / total, rel=RELATIVE)
    shares = fit.variance_shares(n=0)
    assert shares.table.loc[("icc_conditional", ""), "estimate"] == pytest.approx(between / total, rel=RELATIVE)
    assert shares.table[["low", "high"]].isna().all(axis=None)


def test_without_an_intercept_the_mean_is_still_taken_off(table):  # noqa: F811
    fit = fit_hlm("y ~ 0 + x + w + (1 | village)", table)
    fixed = np.var(table[["x", "w"]].to_numpy() @ fit.params.to_numpy(), ddof=1)
    total = fixed + fit.random_cov["village"].iloc[0, 0] + fit.sigma2
    assert fit.r2()["marginal"] == pytest.approx(fixed / total, rel=RELATIVE)


def test_precision_weights_stand_for_their_average(table):  # noqa: F811
    """Whatever their unit, σ² over their mean and the weighted variances; all ones are as no weights."""
    rows = table.assign(one=1.0, u=np.random.default_rng(1).uniform(0.5, 3, len(table)))
    plain, ones = (
        fit_hlm("y ~ x * w + (1 | village)", rows),
        fit_hlm("y ~ x * w + (1 | village)", rows, precision="one"),
    )
    assert list(ones.r2()) == pytest.approx(list(plain.r2()), rel=RELATIVE)
    fit = fit_hlm("y ~ x * w + (1 | village)", rows, precision="u")
    again = fit_hlm("y ~ x * w + (1 | village)", rows.assign(u=10 * rows.u), precision="u")
    v, sigma2, n = fit.random_cov["village"].iloc[0, 0], fit.sigma2 / rows.u.mean(), len(rows)
    line = design(fit, rows)[0] @ fit.params.to_numpy()
    fixed = np.average((line - np.average(line, weights=rows.u)) ** 2, weights=rows.u) * n / (n - 1)
    assert fit.icc() == pytest.approx(v / (v + sigma2), rel=RELATIVE)
    assert fit.r2()["marginal"] == pytest.approx(fixed / (fixed + v + sigma2), rel=RELATIVE)
    # The optimum in the other unit is found anew: the search's tolerance.
    assert [again.icc(), *again.r2()] == pytest.approx([fit.icc(), *fit.r2()], rel=1e-6)


def test_a_village_that_counts_twice_is_two_villages(table):  # noqa: F811
    rows = table.assign(twice=1.0 + (table.village % 3 == 0))
    copies = rows[rows.twice == 2].assign(village=lambda t: t.village + 1000)
    weighted = fit_hlm("y ~ x * w + (1 | village)", rows, method="ml", sampling_weights={"village": "twice"})
    double = fit_hlm("y ~ x * w + (1 | village)", pd.concat([rows, copies]), method="ml")
    # Two searches for one optimum.
    assert [weighted.icc(), *weighted.r2()] == pytest.approx([double.icc(), *double.r2()], rel=1e-6)


def test_intervals_hold_the_estimate_and_shrink_with_the_level(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 + x | village)", table)
    wide, narrow = fit.variance_shares(0.95, n=200, rng=3).table, fit.variance_shares(0.5, n=200, rng=3).table
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()
    assert ((wide.low < wide.estimate) & (wide.estimate < wide.high)).all()
    pd.testing.assert_frame_equal(wide, fit.variance_shares(0.95, n=200, rng=3).table)


def test_the_bootstrap_of_the_icc_is_that_of_anova():
    """Balanced one-way: F·(1 − ICC)/(1 + (m − 1) ICC) is F-distributed, which gives the exact interval."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(40), 8)
    rows = pd.DataFrame({"y": rng.normal(size=40)[group] + rng.normal(size=320), "g": group})
    fit = fit_hlm("y ~ 1 + (1 | g)", rows)
    low, high = fit.variance_shares(n=2000, rng=2).table.loc[("icc", ""), ["low", "high"]]
    icc = fit.icc()
    ratio = 1 + 8 * icc / (1 - icc)
    # Under the fitted ICC the F statistic is `ratio` times an F(39, 280): so are the refits' ICCs.
    quantiles = ratio * stats.f.ppf([0.025, 0.975], 39, 280)
    expected = (quantiles - 1) / (quantiles + 7)
    assert [low, high] == pytest.approx(expected, abs=0.02)  # quantiles of 2,000 draws


def test_high_school_and_beyond_as_published():
    """Raudenbush & Bryk (2002), p. 71 ff. and HLM's printout: reliability 0.901, chi-square 1660.2 on 159."""
    fit = fit_hlm("math ~ 1 + (1 | school)", ps.datasets.high_school_1982())
    row = fit.reliability().table.loc[("school", "Intercept")]
    assert row.reliability == pytest.approx(0.901, abs=0.0005)
    assert (row.chi2, row.df) == pytest.approx((1660.2, 159), abs=0.05)
    assert (row.groups, row.of) == (160, 160)


def test_reliability_from_regressions_group_by_group(table):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table)
    T, sigma2, rows = fit.random_cov["village"].to_numpy(), fit.sigma2, []
    for _, own in table.groupby("village"):
        Z = np.column_stack([np.ones(len(own)), own.x])
        X = np.column_stack([Z, own.w, own.x * own.w])
        b = np.linalg.lstsq(Z, own.y - X @ fit.params.to_numpy(), rcond=None)[0]
        rows.append((b, sigma2 * np.diag(np.linalg.inv(Z.T @ Z))))
    b, v = (np.array([row[i] for row in rows]) for i in (0, 1))
    found = fit.reliability().table
    np.testing.assert_allclose(found.reliability, (np.diag(T) / (np.diag(T) + v)).mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(found.chi2, (b**2 / v).sum(axis=0), rtol=1e-8)
    assert found.df.tolist() == [40 - 2, 40 - 2]  # intercept and w; x and x:w
    np.testing.assert_allclose(found.p, stats.chi2.sf(found.chi2, 38), rtol=1e-8)


def test_villages_that_cannot_tell_are_counted(table):  # noqa: F811
    few = pd.concat([table, table.head(1).assign(village=99)], ignore_index=True)
    found = fit_hlm("y ~ x + (1 + x | village)", few).reliability().table
    assert (found.groups == 40).all()
    assert (found.of == 41).all()


def test_upper_levels_have_theirs(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | county/village)", table)
    found = fit.reliability().table
    assert found.index.get_level_values("group").tolist() == ["county:village", "county"]
    assert found.loc[("county", "Intercept"), "df"] == 7
    assert ((found.reliability > 0) & (found.reliability < 1)).all()


def test_families_by_their_definitions(table):  # noqa: F811
    fits = {name: fit_hlm(f"y ~ x + {name} + (1 | village)", table) for name in ("w", "crop", "enumerator", "region")}
    found = ps.family(fits, list(fits))
    p = found.table.p.to_numpy()
    assert found.table.index.tolist() == [(name, name) for name in fits]
    holm = [max(min(1, p[j] * (p >= p[j]).sum()) for j in range(4) if p[j] <= p[i]) for i in range(4)]
    fdr = [min(min(1, 4 * p[j] / (p <= p[j]).sum()) for j in range(4) if p[j] >= p[i]) for i in range(4)]
    np.testing.assert_allclose(found.table.p_holm, holm, rtol=1e-12)
    np.testing.assert_allclose(found.table.p_fdr, fdr, rtol=1e-12)
    assert (found.rejected.holm <= found.rejected.fdr).all()
    one = ps.family([fits["w"]], "w").table
    assert (one.p_holm == one.p).all()
    assert one.index[0] == (fits["w"].formula, "w")


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.raises(OptionError, match="no model has the coefficient 'z'"):
        ps.family({"a": fit}, ["x", "z"])
    with pytest.raises(OptionError, match="no model has"):
        ps.family([], "x")
    with pytest.raises(OptionError, match="the same formula; name them"):
        ps.family([fit, fit], "x")
    with pytest.raises(OptionError, match="level"):
        ps.family([fit], "x", level=5)
    with pytest.raises(OptionError, match="level"):
        fit.variance_shares(95)
    with pytest.raises(OptionError, match="group"):
        fit.icc("county")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_print_and_tidy(table, lang):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | county/village)", table)
    for found in (fit.variance_shares(n=50), fit.reliability(), ps.family([fit], "x")):
        assert len(str(found.summary(lang)).splitlines()) > 4
        assert "<table>" in found._repr_html_()
        assert len(found.tidy()) >= 3
