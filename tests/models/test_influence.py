"""Deletion of groups, households and rows against the model fitted anew to what is left.

SAME: two searches for one optimum, started apart; variances are the least determined. LME4: refits by lme4 with tight
settings and Newton steps (tests/reference/make_influence.R), whose optima are short by about 1e-8 of the criterion, so
that variances keep half of those digits. LOOSE: lme4's own influence(), at lme4's own tolerance.
"""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_data import level_tables, tables
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import DataError, FitError, OptionError
from povstats.models import fit_hlm
from povstats.models.interpretation.diagnostics import units_deleted
from povstats.models.interpretation.diagnostics.deletion import lost_columns

SAME, LME4, LOOSE = 1e-6, 1e-5, 1e-4
STORED = json.loads((Path(__file__).parents[1] / "reference" / "influence.json").read_text(encoding="utf-8"))


@cache
def data():
    return {**level_tables(), **tables()}


def flat_components(fit):
    return [*(value for cov in fit.random_cov.values() for value in np.diag(cov)), fit.sigma2]


@cache
def sleep(method="reml"):
    return fit_hlm("Reaction ~ Days + (1 + Days | Subject)", data()["sleepstudy"], method=method)


@pytest.mark.parametrize("key", STORED["deletions"])
def test_against_refits_by_lme4(key):
    stored, (name, level, method) = STORED["deletions"][key], key.split("/")
    rows = data()[name]
    fit = fit_hlm(stored["formula"], rows, method=method)
    found = fit.influence(level, rows if level == "row" else None)
    assert [f"{label:03d}" if level == "row" else label for label in found.table.index] == stored["units"]
    without = {name: np.array([one[name] for one in stored["without"]]) for name in stored["without"][0]}
    p = len(fit.params)
    without |= {"fixef": without["fixef"].reshape(-1, p), "vcov": without["vcov"].reshape(-1, p, p)}
    se = fit.std_errors.to_numpy()
    assert np.abs((found.params.to_numpy() - without["fixef"]) / se).max() < LME4
    np.testing.assert_allclose(found.std_errors, np.sqrt(without["vcov"].diagonal(0, 1, 2)), rtol=LME4)
    # lme4 lists the lowest grouping first, as povstats does, and σ² last; in units of σ², some variances being tiny.
    unit = found.components[("residual", "")].to_numpy()[:, None]
    order = [stored["component_names"].index(lme4_name(*key)) for key in found.components.columns]
    assert np.abs((found.components.to_numpy() - without["components"][:, order]) / unit).max() < 10 * LME4
    move = without["fixef"] - np.array(stored["fixef"])
    V = np.atleast_2d(stored["vcov"])
    cook = np.einsum("gi,ij,gj->g", move, np.linalg.inv(V), move) / len(V)
    np.testing.assert_allclose(found.table.cook, cook, rtol=10 * LME4, atol=LME4 * cook.max())
    mdffits = [m @ np.linalg.inv(v) @ m / len(V) for m, v in zip(move, without["vcov"], strict=True)]
    np.testing.assert_allclose(found.table.mdffits, mdffits, rtol=10 * LME4, atol=LME4 * cook.max())
    ratio = [np.linalg.det(v) / np.linalg.det(V) for v in without["vcov"]]
    np.testing.assert_allclose(found.table.covratio, ratio, rtol=10 * LME4)
    if "displacement" in without:  # differences of log-likelihoods near a maximum
        np.testing.assert_allclose(found.table.displacement, without["displacement"], rtol=1e-4, atol=1e-6)


def lme4_name(group, term):
    if group == "residual":
        return "Residual|"
    return f"{':'.join(reversed(group.split(':')))}|{'(Intercept)' if term == 'Intercept' else term}"


def test_against_lme4s_own_influence():
    """lme4's Cook's distance has (m − p)/m of ours; its DFBETAS are in the standard errors of the refit, as ours."""
    stored, found = STORED["lme4_influence"], sleep().influence("Subject")
    units = [str(unit) for unit in stored["units"]]
    np.testing.assert_allclose(found.table.cook[units] * (18 - 2) / 18, stored["cook"], rtol=LOOSE)
    np.testing.assert_allclose(found.dfbetas.loc[units], stored["dfbetas"], rtol=0, atol=LOOSE)


STRUCTURES = [
    ("y ~ x * w + (1 + x | village)", None, "village"),
    ("y ~ x * w + (1 | county/village)", "county", "county"),
    ("y ~ x + (1 | county/village)", "village", "village"),
    ("y ~ x + (1 | village) + (1 | enumerator)", "enumerator", "enumerator"),
    ("y ~ x + (1 | village) + (1 | enumerator)", "village", "village"),
]


@pytest.mark.parametrize(("formula", "level", "column"), STRUCTURES)
def test_without_a_group_is_the_fit_of_the_other_rows(table, formula, level, column):  # noqa: F811
    method = "ml" if level == "county" else "reml"
    fit = fit_hlm(formula, table, method=method)
    found = fit.influence(level)
    assert len(found.table) == table[column].nunique()
    assert found.table["rows"].sum() == len(table)
    for label in found.table.index[[0, 3, -1]]:
        own = table[column].astype(str) == str(label).split(":")[-1]
        check_refit(found, label, fit_hlm(formula, table[~own], method=method))


def check_refit(found, label, again):
    np.testing.assert_allclose(found.params.loc[label], again.params, rtol=SAME, atol=SAME * again.std_errors.max())
    np.testing.assert_allclose(found.std_errors.loc[label], again.std_errors, rtol=SAME)
    np.testing.assert_allclose(found.dof.loc[label], again.dof, rtol=1e-4)
    np.testing.assert_allclose(found.pvalues.loc[label], again.pvalues, rtol=1e-4, atol=1e-9)
    components = flat_components(again)
    np.testing.assert_allclose(found.components.loc[label], components, rtol=10 * SAME, atol=SAME * components[-1])
    assert found.table.status[label] == again.status


@pytest.mark.parametrize("bar", ["(1 + x | village)", "(1 | village) + (1 | enumerator)"])
def test_rows_and_households_by_a_second_pass(table, bar):  # noqa: F811
    rows = table.assign(household=table.index // 3).set_index(pd.Index([f"r{i}" for i in table.index]))
    rows.loc[["r5", "r9"], "x"] = np.nan
    formula = f"y ~ x + w + {bar}"
    fit = fit_hlm(formula, rows)
    found = fit.influence("household", rows.sample(frac=1, random_state=2))
    assert found.level == "household"
    assert found.table["rows"].sum() == len(rows) - 2
    for label in (0, 1, 40):
        check_refit(found, label, fit_hlm(formula, rows[rows.household != label]))
    single = fit.influence("person", rows, top=4)
    assert (len(single.table), single.every) == (4, len(rows) - 2)
    for label in single.table.index:
        check_refit(single, label, fit_hlm(formula, rows.drop(label)))


def test_the_top_rows_are_the_top_rows():
    """The distance at the fit's variances ranks single rows as the exact one does at the top."""
    every, some = sleep().influence("row", data()["sleepstudy"]), sleep().influence("row", data()["sleepstudy"], top=12)
    assert set(every.table.cook.nlargest(4).index) <= set(some.table.index)
    pd.testing.assert_frame_equal(some.params, every.params.loc[some.params.index])
    assert some.threshold == every.threshold == 4 / 180


def test_kenward_roger_and_precision_weights_go_along(table):  # noqa: F811
    rows = table.assign(u=np.random.default_rng(1).uniform(0.5, 3, len(table)))
    formula = "y ~ x + w + (1 | village)"
    fit = fit_hlm(formula, rows, df="kenward-roger")
    check_refit(fit.influence(), 7, fit_hlm(formula, rows[rows.village != 7], df="kenward-roger"))
    weighted = fit_hlm(formula, rows, precision="u")
    check_refit(weighted.influence(), 7, fit_hlm(formula, rows[rows.village != 7], precision="u"))
    check_refit(weighted.influence("row", rows, top=1), *one_less(weighted, rows, formula))


def one_less(fit, rows, formula):
    label = fit.influence("row", rows, top=1).table.index[0]
    return label, fit_hlm(formula, rows.drop(label), precision="u")


def test_a_lost_column_is_told(table):  # noqa: F811
    """A dummy that one village alone has: without the village there is nothing to estimate it from."""
    rows = table.assign(alone=(table.village == 11) * 1.0 * (table.x > 2), name=table.village.map("v{}".format))
    fit = fit_hlm("y ~ x + alone + (1 | name)", rows)
    found = fit.influence()
    assert found.table.status["v11"] == "not estimable"
    assert found.reasons["v11"].values == {"columns": "alone"}
    assert found.params.loc["v11"].isna().all()
    assert "v11" in found.flagged
    assert found.carries("alone").loc["v11", ["sign", "significance", "lost"]].tolist() == [False, False, True]
    assert (found.table.status.drop("v11") != "not estimable").all()
    assert "alone no longer varies" in found.explain("en")
    assert "alone 不再变化" in found.explain("zh")
    assert len(found.plot(lang="en").numbers) == 39


def test_too_few_groups_and_nothing_at_all(table):  # noqa: F811
    two = table[table.village < 2]
    found = fit_hlm("y ~ x + (1 | village)", two).influence()
    assert (found.table.status == "not estimable").all()
    assert found.reasons[0].key == "diagnostics.one_group_left"
    assert found.explain("en")
    assert str(found.summary("zh"))
    with pytest.raises(FitError, match="nothing to draw"):
        found.plot()
    assert lost_columns(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])) == [1, 2]


def test_without_the_only_village_that_varies_there_is_no_maximum(table):  # noqa: F811
    """All others have one outcome each, so that nothing is left to the residual."""
    rows = table.assign(y=np.where(table.village == 3, table.y, table.village % 7))
    found = fit_hlm("y ~ 1 + (1 | village)", rows).influence()
    assert found.table.status[3] == "failed"
    assert found.reasons[3].key == "diagnostics.no_maximum"
    assert (found.table.status.drop(3) == "converged").all()


def test_effects_that_the_fixed_part_takes_up_are_told():
    """Synthetic: a dummy for every village but two, which share one: without either, nothing is left to an effect."""
    rng = np.random.default_rng(2)
    village = np.repeat(np.arange(6), 5)
    rows = pd.DataFrame({"village": village, "dummy": np.where(village < 4, village, 4).astype(str)})
    rows["y"] = rng.normal(size=6)[village] + rng.normal(size=30)
    found = fit_hlm("y ~ dummy + (1 | village)", rows).influence()
    assert found.table.status[[4, 5]].tolist() == ["not estimable"] * 2
    assert {found.reasons[at].key for at in (4, 5)} == {"diagnostics.nothing_left"}
    assert {found.reasons[at].key for at in (0, 1)} == {"diagnostics.column_lost"}


def one_village_makes_it():
    """Synthetic: an interaction that village 0 alone brings about."""
    rng = np.random.default_rng(8)
    village = np.repeat(np.arange(24), 12)
    rows = pd.DataFrame({"village": village, "trust": rng.normal(size=288), "funds": rng.normal(size=24)[village]})
    rows.loc[village == 0, "funds"] = 4.0
    slope = np.where(village == 0, 1.5, 0.0)
    rows["y"] = rng.normal(size=24)[village] * 0.3 + slope * rows.trust + rng.normal(size=288)
    return rows


def test_which_village_carries_the_interaction():
    rows = one_village_makes_it()
    fit = fit_hlm("y ~ trust * funds + (1 | village)", rows)
    found = fit.influence("village")
    carried = found.carries("trust:funds")
    assert fit.pvalues["trust:funds"] < 0.05
    assert carried.index.tolist() == [0]
    assert carried.loc[0, "significance"]
    assert carried.loc[0, "p"] > 0.05
    assert found.flagged[0] == 0
    assert found.dfbeta.loc[0, "trust:funds"] < 0
    assert found.carries("trust:funds", level=0.999999).index.tolist() == []
    for lang, words in (("en", "trust:funds (without 0)"), ("zh", "trust:funds（剔除的单位：0）")):
        assert words in found.explain(lang)
    numbers = found.plot("trust:funds", lang="en").numbers
    assert numbers.changes.sum() == 1
    assert numbers[numbers.changes].unit.tolist() == [0]


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | county/village)", table)
    with pytest.raises(OptionError, match="give the table of the fit too"):
        fit.influence("household")
    with pytest.raises(OptionError, match="top"):
        fit.influence("village", top=3)
    with pytest.raises(OptionError, match="between 1 and"):
        fit.influence("row", table, top=0)
    with pytest.raises(OptionError, match="has several"):
        fit.influence("crop", table, top=2)
    found = fit.influence("county")
    with pytest.raises(OptionError, match="term"):
        found.carries("w")
    with pytest.raises(OptionError, match="level"):
        found.carries("x", 5)
    with pytest.raises(DataError, match="missing in 1 rows"):
        fit.influence("who", table.assign(who=[None, *range(len(table) - 1)]))
    with pytest.raises(DataError, match="complete rows"):
        fit.influence("row", table.head(50))
    weighted = fit_hlm("y ~ x + (1 | village)", table.assign(v=2.0), method="ml", sampling_weights={"village": "v"})
    with pytest.raises(FitError, match="sampling weights"):
        weighted.influence()


def test_endless_work_is_refused(table, monkeypatch):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    monkeypatch.setattr(units_deleted, "MOST", 1000)
    with pytest.raises(FitError, match="take too long"):
        fit.influence()
    assert len(fit.influence("row", table, top=3).table) == 3


@cache
def high_school():
    return fit_hlm("math ~ mean_ses + ses + (1 | school)", ps.datasets.high_school_1982()).influence()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_high_school_prints_and_draws(lang):
    found = high_school()
    assert (len(found.table), found.level) == (160, "school")
    assert len(str(found.summary(lang)).splitlines()) > 20
    assert "<table>" in found._repr_html_()
    tidy = found.tidy()
    assert tidy.measure.value_counts().to_dict() == {
        **dict.fromkeys(["cook", "mdffits", "covratio", "displacement"], 160),
        **dict.fromkeys(["coef", "dfbetas"], 480),
    }
    assert str(found.flagged[0]) in found.explain(lang)
    distances = re.findall(r"[（(](0\.\d+)[)）]", found.explain(lang))
    assert len(distances) == len(found.flagged)
    assert {len(value.removeprefix("0.").lstrip("0")) for value in distances} == {3}
    chart, dots = found.plot(lang=lang), found.plot("ses", lang=lang)
    np.testing.assert_array_equal(chart.numbers.value, found.table.cook)
    assert len(dots.numbers) == 30
    far = (found.params.ses - found.fit.params.ses).abs().nlargest(30)
    assert set(dots.numbers.unit) == set(far.index)
    for figure in (chart, dots):
        assert len(figure._repr_png_()) > 10_000


def test_long_rows_of_distances_are_thinned():
    from povstats.viz import charts

    values = np.random.default_rng(4).exponential(size=3000)
    frame = pd.DataFrame({"unit": np.arange(3000), "value": values})
    words = {"lang": "en", "title": "Synthetic", "unit": "", "source": "synthetic"}
    figure = charts.cooks(frame, line=(2.0, "line"), x_label="row", **words)
    assert sorted(figure.numbers.value) == sorted(values)[-1000:]
    assert "The largest 1,000 of 3,000" in " ".join(t.get_text() for t in figure.drawing.texts)
