"""The parts of the study against other programs, laws and hand counts, on a survey that the generator did not make.

lme4, lmerTest, lm and psych gave the numbers of reference/guizhou_models.json (versions inside). Estimates are alike to
1e-4 of their standard errors, since two optimisers stop within that of the same maximum.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from povstats.errors import DataError, OptionError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.correlations import correlations
from povstats.guizhou.decisions import decisions
from povstats.guizhou.descriptives import descriptives
from povstats.guizhou.item_models import item_model
from povstats.guizhou.null_baseline import null_baseline
from povstats.guizhou.poor_capital import poor_capital
from povstats.guizhou.variables import variables
from povstats.guizhou.villages import villages

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "guizhou_models.json").read_text(encoding="utf-8")
)
ITEMS = ("trust", "participation", "harmony", "cadre_relation")


def test_the_survey_is_the_one_that_the_other_programs_read(analysed):
    stored = REFERENCE["check"]
    assert len(analysed.table) == stored["rows"]
    assert analysed.table["consumption"].sum() == pytest.approx(stored["consumption"], rel=1e-12)


def test_the_null_models_icc_is_lme4s_and_lies_in_its_interval(analysed):
    found = null_baseline(analysed)
    assert found.icc.estimate == pytest.approx(REFERENCE["null"]["icc"], rel=1e-5)
    assert found.icc.low < found.icc.estimate < found.icc.high
    # By hand from the printed variances of the two models.
    village = [fit.random_cov["village"].iloc[0, 0] for fit in (analysed.null, analysed.baseline)]
    assert found.taken[0] == pytest.approx(1 - village[1] / village[0], rel=1e-12)


def test_an_items_model_is_lme4s(analysed):
    found = item_model(analysed, "cadre_relation")
    stored = REFERENCE["item"]
    names = [name.replace("(Intercept)", "Intercept") for name in stored["terms"]]
    names = [":".join(f"center({one[2:]})" if one[:2] == "c_" else one for one in name.split(":")) for name in names]
    params, errors = found.varying.params[names].to_numpy(), found.varying.std_errors[names].to_numpy()
    assert (np.abs(params - stored["estimate"]) / stored["se"]).max() < 1e-4
    assert errors == pytest.approx(stored["se"], rel=1e-4)
    assert found.varying.loglik == pytest.approx(stored["loglik"], abs=1e-6)


def test_the_dummies_column_is_a_regression_on_village_dummies(analysed):
    found = item_model(analysed, "cadre_relation").within
    stored = REFERENCE["within"]
    assert found.params["cadre_relation"] == pytest.approx(stored["cadre_relation"], rel=1e-9)
    product = stored["cadre_relation:c_village_consumption"]
    assert found.params["cadre_relation:center(village_consumption)"] == pytest.approx(product, rel=1e-9)


def test_slopes_at_values_in_yuan_are_lmertests(analysed, uneven):
    found = poor_capital(Analysis(uneven(), Plan(at=(1500.0, 3000.0))))
    rows = found.slopes["cadre_relation"].table.iloc[-2:][["estimate", "se", "df"]].to_numpy()
    stored = np.array(REFERENCE["item"]["slopes"])
    assert rows[:, :2] == pytest.approx(stored[:, :2], rel=1e-4)
    # lmerTest differentiates numerically, ours exactly.
    assert rows[:, 2] == pytest.approx(stored[:, 2], rel=1e-2)
    assert found.values[3:] == (1500.0, 3000.0)
    own = analysed.table.groupby("village")["village_consumption"].first()
    assert found.values[:3] == pytest.approx(np.quantile(own, [0.1, 0.5, 0.9]), rel=1e-12)


def test_the_raw_model_has_the_same_slope_as_the_centred_one(analysed):
    """The law: centring is a change of coordinates, so b + b_W·W + b_F·mean F + b_M·mean M is the slope at W."""
    raw = analysed.model("participation", centred=False)
    used = analysed.table.dropna(subset=["education", "participation"])
    means = {name: used[name].mean() for name in ("aid_funds", "village_migration")}
    found = poor_capital(analysed).slopes["participation"]
    for value, slope in zip(poor_capital(analysed).values, found.table["estimate"], strict=True):
        at = {"village_consumption": value, **means}
        by_hand = raw.params["participation"] + sum(raw.params[f"participation:{k}"] * v for k, v in at.items())
        # Two searches for one maximum: alike to 1e-3 of the slope's standard error.
        assert slope == pytest.approx(by_hand, abs=1e-3 * found.table["se"].min())


def test_villages_in_a_region_are_those_whose_own_interval_excludes_zero(analysed):
    """Each village's slope at its own value, tested by `slopes`, not by the regions' quadratic."""
    found = poor_capital(analysed)
    own = analysed.table.groupby("village")["village_consumption"].first()
    fit = analysed.model("cadre_relation")
    ends = fit.slopes("cadre_relation", {"village_consumption": [float(one) for one in own]}).table
    assert found.counted("cadre_relation", 1) == int((ends["low"] > 0).sum()) == 30
    assert found.counted("cadre_relation", -1) == int((ends["high"] < 0).sum()) == 0


def test_inflation_is_that_of_lm_and_of_statsmodels(analysed):
    found = correlations(analysed)
    for group in ("items", "full"):
        assert found.inflation[group].to_numpy() == pytest.approx(REFERENCE["vif"][group], rel=1e-9)
    assert found.spearman.to_numpy() == pytest.approx(np.array(REFERENCE["spearman"]), rel=1e-9)
    known = analysed.table[[*ITEMS]].loc[analysed.table[["education", *ITEMS]].notna().all(axis=1)]
    matrix = np.column_stack([np.ones(len(known)), known])
    by_statsmodels = [variance_inflation_factor(matrix, at) for at in range(1, 5)]
    assert found.inflation["items"].to_numpy() == pytest.approx(by_statsmodels, rel=1e-9)


def test_collinear_items_reach_the_threshold_and_a_copy_is_refused(uneven):
    rng = np.random.default_rng(3)
    table = uneven()
    close = table.assign(harmony=table["participation"] + (rng.random(len(table)) < 0.02))
    found = correlations(Analysis(close, Plan()))
    assert found.inflation["full"].max() > 10
    assert "reaches the usual threshold of 10" in found.explain("en")
    with pytest.raises(DataError, match="is a combination of the others"):
        correlations(Analysis(table.assign(harmony=2 * table["participation"]), Plan()))
    with pytest.raises(DataError, match="trust has one value"):
        correlations(Analysis(table.assign(trust=3.0), Plan()))


def test_descriptives_count_households_by_row_and_villages_once(analysed):
    found = descriptives(analysed).frame.set_index(["variable", "who"])
    table = analysed.table
    poor = [row["mean"] for row in REFERENCE["describe"]]
    assert found.loc[[("trust", "poor"), ("education", "poor")], "mean"].to_numpy() == pytest.approx(poor, rel=1e-9)
    sd = [row["sd"] for row in REFERENCE["describe"]]
    assert found.loc[[("trust", "poor"), ("education", "poor")], "sd"].to_numpy() == pytest.approx(sd, rel=1e-9)
    assert found.loc[("trust", "poor"), "n"] == REFERENCE["describe"][0]["n"]
    assert found.loc[("aid_funds", "all"), "n"] == 40
    by_hand = np.mean([table["aid_funds"][table["village"] == one].iloc[0] for one in sorted(set(table["village"]))])
    assert found.loc[("aid_funds", "all"), "mean"] == pytest.approx(by_hand, rel=1e-12)
    assert ("aid_funds", "poor") not in found.index
    # The whole is the mean of its parts.
    parts = found.loc[[("consumption", "poor"), ("consumption", "others")]]
    assert np.average(parts["mean"], weights=parts["n"]) == pytest.approx(table["consumption"].mean(), rel=1e-12)


def test_a_villages_column_that_varies_in_villages_is_counted_by_row(uneven):
    table = uneven()
    rest = Analysis(table.assign(aid_funds=table["aid_funds"] + np.arange(len(table)) % 2), Plan(poor=None))
    found = descriptives(rest).frame.set_index("variable")
    assert (found.loc["aid_funds", "level"], found.loc["aid_funds", "n"]) == ("household", 505)
    assert descriptives(rest).share is None
    assert {one.name: one.level for one in variables(rest).found}["aid_funds"] == "household"


def test_who_is_poor_by_column_before_line(uneven):
    marked = pd.Series(np.arange(505) % 2, dtype="Int64")
    marked[0] = pd.NA
    found = Analysis(uneven(poor=marked), Plan(line=1500)).poor
    assert found.isna().sum() == 1
    assert found.sum() == 252
    assert Analysis(uneven(), Plan()).poor is None


def test_decisions_are_the_specification_tests_and_a_refusal_is_a_status(analysed, uneven):
    import povstats as ps

    test = ps.specification_test(analysed.plan.formula("harmony"), analysed.table)
    found = decisions(analysed)
    assert found.decision("harmony") == test.decision
    row = found.table("en").frame.loc["Harmony with neighbours"]
    assert row.iloc[0] == f"{test.mundlak.statistic:.2f} ({test.mundlak.pvalue:.3f})"
    table = uneven()
    few = Analysis(table[table["village"] < "v04"], Plan())
    refused = decisions(few)
    assert {refused.decision(item) for item in ITEMS} <= {"refused", "undecided"}
    assert refused.tidy().shape[1] == 9
    assert refused.table("zh").frame.shape[0] == 4


def test_a_village_mean_of_the_outcome_is_found_told_and_left_out_of_the_villages(uneven):
    table = uneven()
    own = Analysis(table.assign(village_consumption=table.groupby("village")["consumption"].transform("mean")), Plan())
    assert own.contained == ("village_consumption",)
    assert any("contains the outcome" in note for note in item_model(own, "trust").table("en").notes)
    found = villages(own)
    assert found.without == ("village_consumption",)
    assert found.spreads["level"].min() > 0.05
    # With gaps the mean of the rows used is another, so that the test does not see it; nothing is decided all the same.
    told = decisions(own)
    assert told.tests["trust"].decision != "undecided"
    assert told.decision("trust") == "undecided"
    assert any("contains the outcome" in note for note in told.table("en").notes)
    # Without gaps the test itself does not decide; an outside figure is not taken for the mean.
    whole = table.dropna()
    again = whole.groupby("village")["consumption"].transform("mean")
    exact = decisions(Analysis(whole.assign(village_consumption=again), Plan()))
    assert exact.tests["participation"].decision == "undecided"
    assert Analysis(table, Plan()).contained == ()


def test_villages_levels_are_the_raw_models_lines_at_the_mean_grade(analysed):
    """u0 + u1·mean of the model that does not centre the item, whose maximum is the same."""
    found = villages(analysed)
    raw = analysed.model("cadre_relation").random_effects["village"]
    centre = analysed.table.dropna(subset=["education", "cadre_relation"])["cadre_relation"].mean()
    own = found.effects[found.effects["item"] == "cadre_relation"].set_index(["effect", "group"])["estimate"]
    assert own["slope"].to_numpy() == pytest.approx(raw["cadre_relation"].to_numpy(), abs=1e-4)
    by_hand = raw["Intercept"] + centre * raw["cadre_relation"]
    assert own["level"].to_numpy() == pytest.approx(by_hand.to_numpy(), abs=1e-4)
    tied = found.spreads.set_index("item")["of_slope"]
    assert tied["cadre_relation"] == "free"
    fit = analysed.model("trust")
    edge = fit.random_cov["village"]
    assert abs(edge.iloc[0, 1]) / np.sqrt(edge.iloc[0, 0] * edge.iloc[1, 1]) > 1 - 1e-6
    assert tied["trust"] == "tied"
    ends = found.effects[(found.effects["item"] == "trust") & (found.effects["effect"] == "slope")]
    assert ends["low"].isna().all()


def test_an_unknown_item_and_a_plan_without_its_column_are_refused(analysed, uneven):
    with pytest.raises(OptionError, match="'trust'"):
        item_model(analysed, "faith")
    with pytest.raises(DataError, match="no column 'harmony'"):
        Analysis(uneven(harmony=None), Plan())
