"""Simple slopes and main effects under interactions.

ESTIMATE, SPREAD, DF: R's optimum is searched on its own, to a gradient of 1e-6 at best, and lmerTest differentiates
numerically. MIXEDLM: statsmodels stops farther from the optimum, and marginaleffects takes
differences. ROUNDING: two routes through the same optimum. ANEW: a second search for one optimum, in other units.
DERIVATIVE: differences of predictions are derivatives up to their step and rounding.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables, tables
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import OptionError
from povstats.models import fit_hlm

ESTIMATE, SPREAD, DF, MIXEDLM = 1e-6, 1e-6, 1e-4, 1e-5
ROUNDING, ANEW, DERIVATIVE = 1e-9, 2e-6, 1e-6
STORED = json.loads((Path(__file__).parents[1] / "reference" / "effects.json").read_text())
PYTHON = json.loads((Path(__file__).parents[1] / "reference" / "slopes.json").read_text())
KINDS = {"satterthwaite": "satterthwaite", "kenward-roger": "kenward_roger"}


@cache
def data():
    found = level_tables() | {"hsb": tables()["hsb"]}
    found["uneven"] = found["uneven"].assign(u=np.exp(found["uneven"].w / 2))
    return found


@cache
def fitted(name, formula, df="satterthwaite"):
    return fit_hlm(formula.replace("SES^2", "SES**2"), data()[name], df=df)


@pytest.mark.parametrize("df", KINDS)
@pytest.mark.parametrize("case", STORED["slopes"], ids=lambda case: f"{case['data']}-{case['name']}")
def test_slopes_are_those_of_emtrends(case, df):
    """R: emmeans::emtrends on a tight fit of lme4 (make_effects.R)."""
    rows = case[KINDS[df]]
    keys = list(rows[0]["at"])
    at = {key: list(dict.fromkeys(row["at"][key] for row in rows)) for key in keys}
    found = fitted(case["data"], case["formula"], df).slopes(case["term"], at)
    assert len(found.table) == len(rows)
    for row in rows:
        place = [all(point[key] == row["at"][key] for key in keys) for point in found.points.to_dict("records")]
        own = found.table[place].iloc[0]
        assert own["estimate"] == pytest.approx(row["estimate"], rel=ESTIMATE, abs=ESTIMATE * row["se"])
        assert own["se"] == pytest.approx(row["se"], rel=SPREAD)
        assert own["df"] == pytest.approx(row["df"], rel=DF)
        assert own["p"] == pytest.approx(row["p"], rel=DF)
        assert [own["low"], own["high"]] == pytest.approx([row["low"], row["high"]], abs=10 * SPREAD * row["se"])


@pytest.mark.parametrize("case", PYTHON["slopes"], ids=lambda case: case["data"])
def test_slopes_are_those_of_marginaleffects(case):
    """Python: marginaleffects' slopes and avg_slopes on statsmodels' MixedLM, large-sample z (make_slopes.py)."""
    fit = fitted(case["data"], case["formula"], "normal")
    assert fit.loglik == pytest.approx(case["loglik"], rel=1e-9)
    at = fit.slopes(case["term"], case["at"])
    mean = fit.slopes(case["term"]).table.iloc[0]
    for row, own in zip([*case["rows"], case["average"]], [*at.table.to_dict("records"), mean], strict=True):
        assert own["estimate"] == pytest.approx(row["estimate"], abs=MIXEDLM * row["se"])
        assert own["se"] == pytest.approx(row["se"], rel=MIXEDLM)
        assert own["p"] == pytest.approx(row["p"], rel=10 * MIXEDLM, abs=1e-12)
    assert at.points.to_dict("records") == [{key: row[key] for key in case["at"]} for row in case["rows"]]


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger", "normal"])
def test_a_slope_is_the_coefficient_of_the_model_moved_there(table, df):  # noqa: F811
    """Aiken & West: with w − 0.7 as the moderator, the coefficient of x is the slope at w = 0.7, with all its tests."""
    moved = fit_hlm("y ~ x * w + (1 + x | village)", table.assign(w=table.w - 0.7), df=df)
    row = fit_hlm("y ~ x * w + (1 + x | village)", table, df=df).slopes("x", {"w": 0.7}).table.iloc[0]
    expected = [moved.params["x"], moved.std_errors["x"], moved.pvalues["x"], *moved.conf_int().loc["x"]]
    assert [row["estimate"], row["se"], row["p"], row["low"], row["high"]] == pytest.approx(expected, rel=ANEW)
    assert row["df"] == pytest.approx(moved.dof["x"], rel=ANEW) or row["df"] == moved.dof["x"] == np.inf


CURVES = [
    ("y ~ x * w + (1 | village)", "x", {"w": 0.4}),
    ("y ~ log(p) * w + (1 | village)", "p", {"p": [0.5, 3], "w": [-1, 2]}),
    ("y ~ x * log(p) + (1 | village)", "x", {"p": 2.5}),
    ("y ~ (x + I(x ** 2)) * w + (1 | village)", "x", {"x": [-1, 0, 2], "w": 0.3}),
    ("y ~ poly(x, 3) * w + (1 | village)", "x", {"x": [0, 2.2], "w": -1}),
    ("y ~ center(x) * scale(w) + (1 | village)", "x", {"w": [-1, 1]}),
    ("y ~ x * log(x + 9) + w + (1 | village)", "x", {"x": [0, 1, 4]}),
    ("y ~ sqrt(exp(x)) * I(w / 2) * p + (1 | village)", "x", {"x": 1.5, "w": 1, "p": [1, 2]}),
    ("y ~ x * w * p + (1 | village)", "x", {"w": [0.5, -0.5], "p": 1}),
    ("y ~ scale(x) * C(crop) + (1 | village)", "x", {"crop": [0, 2]}),
]


@pytest.mark.parametrize(("formula", "term", "at"), CURVES, ids=[case[0] for case in CURVES])
def test_a_slope_is_the_derivative_of_predictions(table, formula, term, at):  # noqa: F811
    rows = table.assign(p=np.exp(table.w - 0.3 * table.x / 3))
    fit = fit_hlm(formula, rows)
    found = fit.slopes(term, at)
    h = 1e-4
    point = pd.DataFrame({"x": 1.0, "w": 0.0, "p": 1.0, "crop": 0}, index=found.points.index)
    for key in at:
        point[key] = found.points[key]
    ends = [fit.predict(point.assign(**{term: point[term] + side * h}), "marginal") for side in (1, -1)]
    np.testing.assert_allclose(found.table["estimate"], (ends[0] - ends[1]) / (2 * h), rtol=DERIVATIVE, atol=1e-8)


def test_what_is_not_given_stands_at_its_mean(table):  # noqa: F811
    """The mean slope over the rows, from predictions of all rows at x + 1 and x, is the slope at the means."""
    rows = table.assign(kind=np.where(table.crop > 1, "a", "b"))
    fit = fit_hlm("y ~ x * (w + kind + log(w + 9)) + (1 | village)", rows)
    step = (fit.predict(rows.assign(x=rows.x + 1), "marginal") - fit.predict(rows, "marginal")).mean()
    found = fit.slopes("x")
    assert found.table["estimate"].item() == pytest.approx(step, rel=ROUNDING)
    held = {one.name: dict(one.means) for one in found.held}
    assert held["w"][""] == pytest.approx(rows.w.mean(), rel=ROUNDING)
    assert held["log(w + 9)"][""] == pytest.approx(np.log(rows.w + 9).mean(), rel=ROUNDING)
    assert held["kind"] == pytest.approx({"a": (rows.crop > 1).mean(), "b": (rows.crop <= 1).mean()}, rel=ROUNDING)


def test_with_weights_the_means_are_weighted(table):  # noqa: F811
    rows = table.assign(u=np.random.default_rng(1).uniform(0.5, 3, len(table)), twice=1.0 + (table.village % 3 == 0))
    fit = fit_hlm("y ~ x * w + (1 | village)", rows, precision="u")
    assert fit.slopes("x").held[0].means[0][1] == pytest.approx(np.average(rows.w, weights=rows.u), rel=ROUNDING)
    fit = fit_hlm("y ~ x * w + (1 | village)", rows, method="ml", sampling_weights={"village": "twice"})
    found = fit.slopes("x")
    assert found.held[0].means[0][1] == pytest.approx(np.average(rows.w, weights=rows.twice), rel=ROUNDING)
    contrast = np.array([1.0, found.held[0].means[0][1]])
    cov = fit.cov.loc[["x", "x:w"], ["x", "x:w"]]
    assert found.table["se"].item() == pytest.approx(np.sqrt(contrast @ cov @ contrast), rel=ROUNDING)
    assert np.isinf(found.table["df"].item())


def test_levels_and_parts_of_a_mundlak_model(table):  # noqa: F811
    rows = table.assign(kind=np.where(table.crop > 1, "a", "b"))
    fit = fit_hlm("y ~ within(x, village) * w + between(x, village) * kind + (1 | village)", rows)
    inner = fit.slopes("within(x, village)", {"w": 2}).table["estimate"].item()
    assert inner == pytest.approx(
        fit.params["within(x, village)"] + 2 * fit.params["within(x, village):w"], rel=ROUNDING
    )
    assert fit.slopes("x", {"w": 2}).table["estimate"].item() == pytest.approx(inner, rel=ROUNDING)
    outer = fit.slopes("between(x, village)", {"kind": "b"}).table["estimate"].item()
    assert outer == pytest.approx(
        fit.params["between(x, village)"] + fit.params["between(x, village):kind[T.b]"], rel=ROUNDING
    )
    level = fit.slopes("kind", {"between(x, village)": 1.5})
    expected = fit.params["kind[T.b]"] + 1.5 * fit.params["between(x, village):kind[T.b]"]
    assert level.table["estimate"].item() == pytest.approx(expected, rel=ROUNDING)
    assert level.focal.kind == "difference"
    assert fit.slopes("kind[T.b]", {"between(x, village)": 1.5}).table["estimate"].item() == pytest.approx(expected)


def test_a_factor_coded_in_full_gives_the_same_slopes(table):  # noqa: F811
    """x:c spells out one slope a level, x * c a slope and its changes."""
    rows = table.assign(c=table.crop.map(lambda k: f"crop {k}"))
    levels = {"c": [f"crop {k}" for k in range(4)]}
    one = fit_hlm("y ~ c + x:c + (1 | village)", rows).slopes("x", levels).table
    two = fit_hlm("y ~ x * c + (1 | village)", rows).slopes("x", levels).table
    np.testing.assert_allclose(one[["estimate", "se", "df"]], two[["estimate", "se", "df"]], rtol=ANEW)


def test_main_effects_raw_centred_and_in_three_villages(table):  # noqa: F811
    formula = "y ~ x * w + (1 + x | village)"
    fit = fit_hlm(formula, table)
    main = fit.main_effect("x")
    found = main.table
    raw = found.loc["raw"]
    assert [raw["estimate"], raw["se"], raw["df"]] == pytest.approx(
        [fit.params["x"], fit.std_errors["x"], fit.dof["x"]], rel=ROUNDING
    )
    centred = fit_hlm(formula, table.assign(w=table.w - table.w.mean()))
    row = found.loc["centred"]
    assert [row["estimate"], row["se"], row["df"]] == pytest.approx(
        [centred.params["x"], centred.std_errors["x"], centred.dof["x"]], rel=ANEW
    )
    own = table.groupby("village").w.first()
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        row = found.loc[name]
        gaps = (own - own.quantile(share)).abs()
        assert gaps[row["group"]] == pytest.approx(gaps.min(), rel=ROUNDING)
        w = main.values.loc[name, "w"]
        assert w == pytest.approx(own[row["group"]], rel=ROUNDING)
        assert row["estimate"] == pytest.approx(fit.params["x"] + w * fit.params["x:w"], rel=ROUNDING)


@pytest.mark.parametrize("unit", [-1.0, 1 / 3, 1e4 / 7])
def test_of_two_villages_about_the_median_the_larger_is_shown_in_any_unit(table, unit):  # noqa: F811
    """Forty villages: the median lies halfway between two, and rounding must not choose; counted by pandas."""
    own = table.groupby("village").w.agg(["first", "size"]).sort_values("first").iloc[19:21]
    assert own["size"].nunique() == 2
    found = fit_hlm("y ~ x * w + (1 | village)", table.assign(w=unit * table.w + 0.1)).main_effect("x").table
    assert found.loc["p50", "group"] == own["size"].idxmax()


def test_with_several_moderators_villages_are_ranked_by_their_slope():
    fit = fit_hlm(
        "math ~ mean_ses * within(ses, school) + sector * within(ses, school) + (1 | school)",
        ps.datasets.high_school_1982(),
    )
    found = fit.main_effect("within(ses, school)")
    schools = ps.datasets.high_school_1982().groupby("school")[["mean_ses", "sector"]].first()
    b = fit.params
    slope = b["within(ses, school)"] + b["mean_ses:within(ses, school)"] * schools.mean_ses
    slope += b["within(ses, school):sector[T.Public]"] * (schools.sector == "Public")
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        row, gaps = found.table.loc[name], (slope - slope.quantile(share)).abs()
        assert gaps[row["group"]] == pytest.approx(gaps.min(), abs=1e-12)
        assert row["estimate"] == pytest.approx(slope[row["group"]], rel=ROUNDING)
    assert found.spans["mean_ses"] == (schools.mean_ses.min(), schools.mean_ses.max())
    assert found.references == {"sector": "Catholic"}
    assert "zero lies in the data" in found.explain("en")


def test_three_villages_are_three_where_moderators_coincide():
    fit = fit_hlm("log_expenditure_per_head ~ education * urban + (1 | commune)", ps.datasets.vietnam_1998())
    found = fit.main_effect("education", log_outcome=True)
    chosen = found.table["group"].iloc[2:]
    assert chosen.is_unique
    tidy = found.tidy().set_index("measure")
    assert tidy.estimate["percent_raw"] == pytest.approx(100 * np.expm1(fit.params["education"]), rel=ROUNDING)


REFUSED = [
    ("y ~ x * w + (1 | village)", "z", None, "no predictor"),
    ("y ~ x * w + (1 | village)", "x", {"crop": 1}, "does not depend on 'crop'; it depends on w"),
    ("y ~ x + w + (1 | village)", "x", {"w": 1}, "it depends on nothing else"),
    ("y ~ x * w + (1 | village)", "x", {"w": []}, "is empty"),
    ("y ~ x * w + (1 | village)", "x", {"w": "high"}, "must be a number"),
    ("y ~ x * w + (1 | village)", "x", {"w": np.nan}, "finite"),
    ("y ~ x + I(x ** 2) + (1 | village)", "x", None, "depends on x itself, through I"),
    ("y ~ x + I(x ** 2) + (1 | village)", "I(x ** 2)", None, "cannot move alone: x would move too"),
    ("y ~ log(x + 9) + (1 | village)", "x", {"x": -20}, "has no slope at x"),
    ("y ~ x * log(w + 9) + (1 | village)", "x", {"w": -20}, "undefined at a value"),
    ("y ~ x * log(w + 9) + (1 | village)", "x", {"log(w + 9)": 2}, "give w itself"),
    ("y ~ x * C(crop) + (1 | village)", "x", {"crop": 7}, "has no level 7; it has 0, 1, 2, 3"),
    ("y ~ x * C(crop) + (1 | village)", "C(crop)", None, "has 4 levels; ask for one of"),
    ("y ~ x * I(w * crop) + (1 | village)", "x", {"w": 1}, "give crop too"),
    ("y ~ x * I(w * crop) + (1 | village)", "w", None, "enters as I"),
    ("y ~ within(log(x + 9), village) + (1 | village)", "x", None, "not plain"),
    ("y ~ log(x + 9) + within(x, village) + (1 | village)", "x", {"x": 1}, "differs from row to row"),
]


@pytest.mark.parametrize(("formula", "term", "at", "words"), REFUSED, ids=[case[3] for case in REFUSED])
def test_what_slopes_refuse(table, formula, term, at, words):  # noqa: F811
    fit = fit_hlm(formula, table)
    with pytest.raises(OptionError, match=words.replace("(", r"\(").replace("*", r"\*")):
        fit.slopes(term, at)


def test_what_main_effects_refuse(table):  # noqa: F811
    fit = fit_hlm("y ~ x + I(x ** 2) + w + (1 | village)", table)
    with pytest.raises(OptionError, match="depends on x itself"):
        fit.main_effect("x")
    with pytest.raises(OptionError, match="stands in no interaction"):
        fit.main_effect("w")
    with pytest.raises(OptionError, match="level"):
        fit.main_effect("w", level=95)
    with pytest.raises(OptionError, match="level"):
        fit.slopes("w", level=95)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_print_explain_and_tidy(lang):
    fit = fitted("hsb44", STORED["slopes"][0]["formula"])
    slopes = fit.slopes("cses", {"MEANSES": [-0.5, 0, 0.5, 1]}, log_outcome=True)
    assert slopes.tidy().measure.tolist() == ["slope", "percent"] * 4
    assert slopes.tidy().high.iloc[1] == pytest.approx(100 * np.expm1(slopes.table["high"].iloc[0]), rel=ROUNDING)
    for found in (slopes, fit.main_effect("cses"), fit.slopes("Sector[T.Public]", {"cses": 1})):
        assert len(str(found.summary(lang)).splitlines()) > 4
        assert "<table>" in found._repr_html_()
        told = found.explain(lang)
        assert "566" in told
        assert "44" in told
        assert "{" not in told
        assert repr(found)
    meant = {"en": ("derivative", "less its row at the reference"), "zh": ("的导数", "在参照组的一行")}[lang]
    difference = fit.slopes("Sector[T.Public]", {"cses": 1})
    assert [words in slopes.explain(lang) for words in meant] == [True, False]
    assert [words in difference.explain(lang) for words in meant] == [False, True]
    figure = slopes.plot(lang=lang, labels={"cses": "SES", "MEANSES": "学校平均 SES"})
    np.testing.assert_allclose(figure.numbers["estimate"], slopes.table["estimate"])
    assert "学校平均 SES = -0.5" in figure.numbers["term"].iloc[0]


def test_a_lazy_table_and_crossed_groups_give_the_same(table):  # noqa: F811
    """The engine's own sums against those of arrays; the moderator's means and the villages come from them."""
    duckdb = pytest.importorskip("duckdb")
    rows = table.assign(kind=np.where(table.crop > 1, "a", "b"))
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        lazy = fit_hlm("y ~ x * (w + kind) + (1 | village) + (1 | enumerator)", connection.table("rows"))
    eager = fit_hlm("y ~ x * (w + kind) + (1 | village) + (1 | enumerator)", rows)
    for verb in ("slopes", "main_effect"):
        one, two = (getattr(fit, verb)("x").table.select_dtypes("number") for fit in (lazy, eager))
        np.testing.assert_allclose(one, two, rtol=ANEW)
    assert lazy.main_effect("x").table["group"].tolist() == eager.main_effect("x").table["group"].tolist()
    ends = [fit.johnson_neyman("x", "w").curve.to_numpy() for fit in (lazy, eager)]
    np.testing.assert_allclose(*ends, rtol=1e-5)
