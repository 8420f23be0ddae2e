"""Johnson–Neyman regions.

ROOT: a root is refined to rounding, and so is the p there. UNIROOT: R's ends come from lmerTest's numerical degrees of
freedom, at an optimum of its own. CLOSED: the quadratic's roots lose digits where they are far out.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.datasets import high_school_1982
from povstats.errors import DataError, OptionError
from povstats.models import fit_hlm
from povstats.models.interpretation.effects.contrast import Precision
from povstats.models.interpretation.effects.contrast import tested as judged
from povstats.models.interpretation.effects.regions import Line, critical_p, regions

ROOT, UNIROOT, CLOSED = 1e-10, 2e-5, 1e-8
STORED = json.loads((Path(__file__).parents[1] / "reference" / "effects.json").read_text())["regions"]


def ends_of(found):
    ends = found.regions[["low", "high"]].to_numpy().ravel()
    return sorted(end for end in ends if np.isfinite(end))


@pytest.mark.parametrize("name", STORED)
def test_ends_are_those_of_r(name):
    """R: uniroot on |t(w)| − quantile with lmerTest::contest1D (make_effects.R)."""
    fit = fit_hlm(STORED[name]["formula"], level_tables()[name])
    term, moderator = ("cses", "MEANSES") if name == "hsb44" else ("x", "w")
    for case in STORED[name]["found"]:
        found = fit.johnson_neyman(term, moderator, level=case["level"])
        assert ends_of(found) == pytest.approx(case["ends"], rel=UNIROOT)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger", "normal"])
def test_at_an_end_p_is_one_less_the_level(table, df):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(y=table.y - table.x * (1 - table.w)), df=df)
    for level in (0.9, 0.95, 0.999):
        found = fit.johnson_neyman("x", "w", level=level)
        ends = ends_of(found)
        assert len(ends) == 2
        p = fit.slopes("x", {"w": ends}).table["p"]
        np.testing.assert_allclose(p, 1 - level, rtol=ROOT)


def test_with_normal_tests_the_ends_are_those_of_the_quadratic(table):  # noqa: F811
    """(g1 + g3 w)² = z²(V11 + 2wV13 + w²V33) in closed form."""
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(y=table.y - table.x * (1 - table.w)), df="normal")
    g1, g3 = fit.params["x"], fit.params["x:w"]
    V = fit.cov.loc[["x", "x:w"], ["x", "x:w"]].to_numpy()
    z2 = stats.norm.ppf(0.975) ** 2
    roots = np.roots([g3**2 - z2 * V[1, 1], 2 * (g1 * g3 - z2 * V[0, 1]), g1**2 - z2 * V[0, 0]])
    assert ends_of(fit.johnson_neyman("x", "w")) == pytest.approx(sorted(roots.real), rel=CLOSED)


@given(st.integers(0, 10_000), st.sampled_from([4.0, 30.0, np.inf]))
def test_regions_hold_what_pointwise_tests_say(seed, df):
    """Any line: inside the regions every p is below alpha, outside above, and the sign is that of the slope."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3))
    known = Precision(rng.normal(size=3) * rng.choice([0.3, 3.0]), root @ root.T, lambda rows: np.full(len(rows), df))
    line = Line(rng.normal(size=3), rng.normal(size=3), 50.0, 7.0)
    found = regions(known, line, 0.05)
    w = np.concatenate([np.linspace(-100, 200, 301), [-1e6, 1e6]])
    own = judged(known, line.rows(w), 0.95)
    for region in found:
        inside = (w > region.low) & (w < region.high)
        assert (own["p"][inside] < 0.05 * (1 + 1e-6)).all()
        assert (np.sign(own["estimate"][inside]) == region.sign).all()
    outside = ~np.any([(w > region.low) & (w < region.high) for region in found], axis=0) if found else w > -np.inf
    assert (own["p"][outside] > 0.05 * (1 - 1e-6)).all()


def test_none_everywhere_and_open_regions():
    line = Line(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.0, 1.0)

    def at(*params):
        return regions(Precision(np.array(params), np.eye(2), lambda rows: np.full(len(rows), np.inf)), line, 0.05)

    assert at(0.1, 0.1) == ()
    assert at(0.0, 0.1) == ()
    # t² of (5, 0) falls with w: 25/(1 + w²), so that the region is bounded.
    (middle,) = at(5.0, 0.0)
    assert [middle.low, middle.high] == pytest.approx(np.array([-1, 1]) * np.sqrt(25 / stats.norm.ppf(0.975) ** 2 - 1))
    low, high = at(0.0, 5.0)
    assert (low.low, low.sign, high.high, high.sign) == (-np.inf, -1, np.inf, 1)
    certain = Precision(np.array([5.0, 0.1]), np.diag([1.0, 1e-6]), lambda rows: np.full(len(rows), np.inf))
    assert [region.sign for region in regions(certain, line, 0.05)] == [-1, 1]


def test_a_steady_slope_holds_all_of_the_data(table):  # noqa: F811
    found = fit_hlm("y ~ x * w + (1 | village)", table.assign(y=table.y + 3 * table.x)).johnson_neyman("x", "w")
    (row,) = [r for r in found.regions.itertuples() if r.low <= found.span[0] and r.high >= found.span[1]]
    assert (row.sign, row.groups, row.rows) == (1, 1.0, 1.0)
    assert "above zero at every value" in found.explain("en")
    assert "均显著为正" in found.explain("zh")


def test_shares_are_counted_on_the_rows(table):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(y=table.y - table.x * (1 - table.w)))
    found = fit.johnson_neyman("x", "w")
    own = table.groupby("village").w.first()
    assert len(found.regions) == 2
    for row in found.regions.itertuples():
        assert row.groups == pytest.approx(own.between(row.low, row.high).mean(), rel=1e-12)
        assert row.rows == pytest.approx(table.w.between(row.low, row.high).mean(), rel=1e-12)
        assert ((found.groups.sign == row.sign) == found.groups.value.between(row.low, row.high)).all()
    assert found.span == (table.w.min(), table.w.max())
    assert found.groups.rows.sum() == len(table)


def test_the_false_discovery_rate_is_benjamini_and_hochbergs(table):  # noqa: F811
    """Against scipy's adjusted p-values, and by the law that the regions hold just the rejected groups."""
    fit = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(y=table.y - table.x * (1 - 0.3 * table.w)))
    found = fit.johnson_neyman("x", "w", control="fdr")
    wanted = stats.false_discovery_control(found.groups.p) <= 0.05
    assert 0 < wanted.sum() < len(wanted)
    assert found.rejected == wanted.sum()
    assert ((found.groups.sign != 0) == wanted).all()
    assert found.alpha == pytest.approx(0.05 * wanted.sum() / len(wanted), rel=1e-12)
    inside = np.any([found.groups.value.between(r.low, r.high) for r in found.regions.itertuples()], axis=0)
    assert (inside == wanted).all()
    p = fit.slopes("x", {"w": ends_of(found)}).table["p"]
    np.testing.assert_allclose(p, found.alpha, rtol=ROOT)
    plain = fit.johnson_neyman("x", "w")
    assert (found.groups.sign != 0).sum() <= (plain.groups.sign != 0).sum()


def test_where_no_test_is_rejected_the_smallest_step_remains():
    assert critical_p(np.array([0.2, 0.6, 0.9]), 0.05) == pytest.approx((0.05 / 3, 0))
    assert critical_p(np.array([0.04, 0.045, 0.049]), 0.05) == pytest.approx((0.05, 3))


def test_centred_and_scaled_moderators_are_told_in_their_own_unit(table):  # noqa: F811
    rows = table.assign(y=table.y - table.x * (1 - table.w), w=1000 + 50 * table.w)
    plain = fit_hlm("y ~ x * w + (1 | village)", rows).johnson_neyman("x", "w")
    for inner in ("center(w)", "scale(w)"):
        found = fit_hlm(f"y ~ x * {inner} + (1 | village)", rows).johnson_neyman("x", "w")
        # Two searches for one optimum.
        np.testing.assert_allclose(found.regions.to_numpy(), plain.regions.to_numpy(), rtol=1e-6)
        np.testing.assert_allclose(found.groups.value, plain.groups.value, rtol=1e-12)
    scaled = fit_hlm("y ~ x * scale(w) + (1 | village)", rows).johnson_neyman("x", "scale(w)")
    expected = [(end - rows.w.mean()) / rows.w.std() for end in ends_of(plain)]
    assert ends_of(scaled) == pytest.approx(expected, rel=1e-6)


def test_a_moderator_that_varies_in_villages_is_counted_by_their_means(table):  # noqa: F811
    rows = table.assign(z=np.random.default_rng(4).normal(size=len(table)))
    found = fit_hlm("y ~ x * z + (1 | village)", rows).johnson_neyman("x", "z")
    np.testing.assert_allclose(found.groups.value, rows.groupby("village").z.mean(), atol=1e-12)
    assert not found.constant
    assert "share_rows" not in set(found.tidy().measure)
    assert found.span == (rows.z.min(), rows.z.max())
    assert "varies within groups" in found.explain("en")
    assert "no table was given" in found.explain("en")


def test_given_the_table_the_rows_are_counted_there(table):  # noqa: F811
    rows = table.assign(
        y=table.y - table.x * (1 - table.w), z=table.w + np.random.default_rng(4).normal(size=len(table))
    )
    rows.loc[5:9, "x"] = np.nan
    fit = fit_hlm("y ~ x * scale(z) + (1 | village)", rows)
    found = fit.johnson_neyman("x", "z", table=rows)
    assert len(found.regions) > 0
    for region in found.regions.itertuples():
        assert region.rows == pytest.approx(rows.dropna().z.between(region.low, region.high).mean(), rel=1e-12)
    assert "share_rows" in set(found.tidy().measure)
    for other in (rows.head(100), rows.assign(z=rows.z + 1)):
        with pytest.raises(DataError, match="not that of the fit"):
            fit.johnson_neyman("x", "z", table=other)


def test_other_moderators_stand_at_their_means(table):  # noqa: F811
    rows = table.assign(v=np.random.default_rng(4).normal(2, 1, 40)[table.village])
    fit = fit_hlm("y ~ x * (w + v) + (1 | village)", rows)
    found = fit.johnson_neyman("x", "w")
    at = {"w": [-1.0, 2.0], "v": rows.v.mean()}
    line = fit.slopes("x", at).table
    own = np.interp([-1, 2], *np.array([found.curve.value, found.curve.estimate]))
    assert found.held[0].name == "v"
    np.testing.assert_allclose(own, line.estimate, rtol=1e-9)


REFUSED = [
    ("y ~ x + w + (1 | village)", ("x", "w"), "does not change with 'w'; it changes with nothing"),
    ("y ~ x * log(w + 9) + (1 | village)", ("x", "w"), r"ask for moderator='log\(w \+ 9\)'"),
    ("y ~ x * (w + I(w ** 2)) + (1 | village)", ("x", "w"), "bends with 'w'"),
    ("y ~ x * poly(w, 2) + (1 | village)", ("x", "poly(w, 2)"), "bends with"),
    ("y ~ x * C(crop) + (1 | village)", ("x", "crop"), "has levels, and no regions"),
    ("y ~ (x + I(x ** 2)) * w + (1 | village)", ("x", "w"), "depends on x itself"),
]


@pytest.mark.parametrize(("formula", "names", "words"), REFUSED, ids=[case[2] for case in REFUSED])
def test_what_is_refused(table, formula, names, words):  # noqa: F811
    with pytest.raises(OptionError, match=words):
        fit_hlm(formula, table).johnson_neyman(*names)


def test_options(table):  # noqa: F811
    fit = fit_hlm("y ~ x * w + (1 | village)", table)
    with pytest.raises(OptionError, match="control"):
        fit.johnson_neyman("x", "w", control="bonferroni")
    with pytest.raises(OptionError, match="level"):
        fit.johnson_neyman("x", "w", level=1)


@pytest.mark.parametrize("control", ["pointwise", "fdr"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_print_explain_tidy_and_draw(table, lang, control):  # noqa: F811
    for shift in (1.0, 0.0, 1.2):
        rows = table.assign(y=np.exp(0.2 * (table.y - table.x * (shift - table.w / 2))))
        fit = fit_hlm("log(y) ~ x * w + (1 + x | village)", rows)
        found = fit.johnson_neyman("x", "w", control=control)
        told = found.explain(lang)
        assert f"{len(table):,}" in told
        assert "{" not in told
        assert len(str(found.summary(lang)).splitlines()) > 3
        assert "<" in found._repr_html_()
        assert repr(found)
        tidy = found.tidy()
        assert tidy.measure.value_counts().get("region", 0) == len(found.regions)
        figure = found.plot(lang=lang, labels={"village": "村", "x": "信任"})
        kinds = figure.numbers["kind"].value_counts()
        assert kinds["group"] == 40
        assert kinds["slope"] == len(found.curve)
        drawn = figure.numbers.loc[figure.numbers["kind"].isin(["above", "below"]), ["x", "to"]].to_numpy()
        inner = found.regions[(found.regions.low < found.span[1]) & (found.regions.high > found.span[0])]
        np.testing.assert_allclose(drawn, inner[["low", "high"]].clip(*found.span).to_numpy())
        assert "信任" in figure.title


def test_a_region_between_two_ends_reads_without_a_blank():
    pupils = high_school_1982()
    formula = "math ~ within(ses, school) * between(ses, school) + (1 | school)"
    found = fit_hlm(formula, pupils).johnson_neyman("within(ses, school)", "between(ses, school)")
    assert np.isfinite(found.regions[["low", "high"]].to_numpy()).all()
    assert "之间时斜率显著为正：落在其中的组占 school 组数的 100.0%" in found.explain("zh")


def test_a_level_has_regions_too(table):  # noqa: F811
    rows = table.assign(kind=np.where(table.crop > 1, "a", "b"))
    fit = fit_hlm("y ~ kind * w + (1 | village)", rows)
    found = fit.johnson_neyman("kind", "w")
    assert found.term == "kind[T.b]"
    row = fit.slopes("kind", {"w": found.span}).table
    np.testing.assert_allclose(found.curve.estimate.iloc[[0, -1]], row.estimate, rtol=1e-9)
    assert isinstance(found.regions, pd.DataFrame)
