"""referee(): every trap on data that have it and on data that have not; its numbers by a second route.

EXACT: two fits of the same model by different ways, alike to what the search leaves. All data but High School and
Beyond are synthetic. Collinearity is in test_inflation.py.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import povstats as ps
from povstats.contracts import TIDY_COLUMNS
from povstats.errors import OptionError
from povstats.models.interpretation.refereeing.finding import CONCERNS
from povstats.models.interpretation.refereeing.referee import CHECKS

EXACT = 1e-6


def survey(seed=2, villages=40, size=12, slope=0.0):
    """Draw villages in which x is the same everywhere on average, w and m belong to the village, m far from zero."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    x = rng.normal(size=n)
    x -= pd.Series(x).groupby(village).transform("mean")
    out = pd.DataFrame({"village": village, "county": village // 10, "x": x, "z": rng.normal(size=n)})
    out["w"], out["m"] = rng.normal(size=villages)[village], rng.uniform(20, 30, villages)[village]
    own = rng.normal(size=(villages, 2))[village]
    out["y"] = 1 + 0.5 * x + 0.3 * out.w + 0.4 * own[:, 0] + slope * own[:, 1] * x + 0.4 * x * out.w
    return out.assign(y=out.y + rng.normal(size=n))


def found(fit, key, **options):
    if options:
        (finding,) = [one for one in ps.referee(fit, **options).findings if one.key == key]
        return finding
    finding = CHECKS[key](fit)
    assert finding.key == key
    return finding


def state(fit, key, **options):
    return found(fit, key, **options).state


def row(fit, key, **where):
    frame = pd.DataFrame(found(fit, key).numbers)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame.iloc[0]


@pytest.fixture(scope="module")
def honest():
    return survey(slope=0.5)


@pytest.fixture(scope="module")
def sound(honest):
    return ps.fit_hlm("y ~ x * w + (1 + x | village)", honest)


def test_a_sound_fit_has_no_traps(sound):
    report = ps.referee(sound)
    assert report.traps == ()
    assert [one.key for one in report.of("clean")] == [key for key in CONCERNS if key not in ("chosen", "ordinal")]
    assert "none of the 14 traps checked for applies" in report.explain("en")
    assert "检查 14 项，均未见问题" in str(report.summary("zh"))
    assert (report.tidy().query("measure == 'trap'").estimate == 0).all()


def test_severity_orders_the_findings():
    order = list(dict.fromkeys(CONCERNS.values()))
    assert order == ["estimates", "tests", "reading"]
    assert [order.index(one) for one in CONCERNS.values()] == sorted(order.index(one) for one in CONCERNS.values())
    crowded = survey(villages=8).assign(gap=lambda t: t.z.where(t.index % 7 > 0))
    report = ps.referee(ps.fit_hlm("y ~ x * m + gap + (1 | village)", crowded))
    keys = [one.key for one in report.traps]
    assert keys == [key for key in CONCERNS if key in keys]
    assert {"dropped", "slope", "groups", "uncentred"} <= set(keys)


def test_the_outcome_inside_a_predictor(sound, honest):
    rows = honest.assign(mean=honest.groupby("village").y.transform("mean"))
    fit = ps.fit_hlm("y ~ x + mean + (1 | village)", rows)
    trap = found(fit, "outcome")
    assert trap.state == "trap"
    assert ps.referee(fit).traps[0].key == "outcome"
    assert f"The coefficient of mean is {fit.params['mean']:.4g}" in trap.told("en")
    assert "split_half_mean" in trap.remedy.say("zh")
    assert row(fit, "outcome", term="mean").estimate == fit.params["mean"]
    assert state(sound, "outcome") == "clean"


def test_the_outcome_hidden_by_household_predictors(honest, sound):
    """A mean from before rows were left out, beside a predictor that differs between villages: no note of fit_hlm."""
    rng = np.random.default_rng(6)
    own = rng.normal(size=40)[honest.village]
    rows = honest.assign(x=honest.x + own, y=honest.y + rng.normal(size=40)[honest.village])
    rows["mean"] = rows.groupby("village").y.transform("mean")
    rows["outside"] = rows["mean"] + 0.5 * rng.normal(size=40)[rows.village]
    rows["gap"] = rows.z.where(rng.random(len(rows)) > 0.12)
    fit = ps.fit_hlm("y ~ x + mean + gap + (1 | village)", rows)
    assert [note.key for note in fit.notes if "outcome" in note.key] == []
    trap = found(fit, "outcome")
    assert trap.state == "trap"
    assert "mean moves with them" in trap.told("en")
    assert "很可能由因变量算得" in trap.told("zh")
    assert state(ps.fit_hlm("y ~ x + outside + gap + (1 | village)", rows), "outcome") == "clean"


def test_slopes_within_and_between(honest):
    own = honest.groupby("village").w.transform("first")
    rows = honest.assign(x=honest.x + own, y=honest.y + 2 * own)
    fit = ps.fit_hlm("y ~ x + z + (1 | village)", rows)
    means = rows.groupby("village")[["x", "z"]].transform("mean").add_prefix("mean_")
    other = ps.fit_hlm("y ~ x + z + mean_x + mean_z + (1 | village)", rows.join(means))
    trap, joint = found(fit, "contextual"), other.joint_test(["mean_x", "mean_z"])
    assert trap.state == "trap"
    told = row(fit, "contextual", term="mean(x)")
    assert told.estimate == pytest.approx(other.params["mean_x"], rel=EXACT)
    assert told.se == pytest.approx(other.std_errors["mean_x"], rel=EXACT)
    assert told.df == pytest.approx(other.dof["mean_x"], rel=1e-4)
    whole = row(fit, "contextual", term="joint F")
    assert (whole.estimate, whole.df) == pytest.approx((joint.statistic, joint.ddf), rel=1e-4)
    assert "within(x) + between(x)" in trap.remedy.say("en")
    split = ps.fit_hlm("y ~ within(x) + between(x) + z + (1 | village)", rows)
    assert state(split, "contextual") == "clean"
    assert state(ps.fit_hlm("y ~ x + mean_x + z + (1 | village)", rows.join(means)), "contextual") == "clean"


def test_the_remedy_for_a_categorical_predictor_is_its_share(honest):
    share = stats.norm.cdf(honest.w)
    poor = np.random.default_rng(3).random(len(honest)) < share
    rows = honest.assign(poor=np.where(poor, "yes", "no"), y=honest.y + 3 * honest.w)
    trap = found(ps.fit_hlm("y ~ poor + (1 | village)", rows), "contextual")
    assert trap.state == "trap"
    assert "share of poor[T.yes] in each group of village" in trap.remedy.say("en")


def test_contextual_effects_are_not_asked_where_they_cannot_be(honest):
    few = ps.fit_hlm("y ~ x + z + (1 | village)", survey(villages=9))
    assert state(few, "contextual") == "unchecked"
    weights = honest.assign(u=1.5)
    fit = ps.fit_hlm("y ~ z + (1 | village)", weights, method="ml", sampling_weights={"household": "u"})
    report = ps.referee(fit)
    assert {one.key for one in report.of("unchecked")} == {"contextual", "reliability", "influence"}
    assert "Not checked: slopes that differ" in report.explain("en")
    assert "beyond the weights" in report.explain("en")
    crossed = honest.assign(who=np.arange(len(honest)) % 11)
    assert state(ps.fit_hlm("y ~ z + (1 | village) + (1 | who)", crossed), "contextual") == "unchecked"


def test_a_cross_level_interaction_without_its_slope(honest, sound):
    fit = ps.fit_hlm("y ~ x * w + (1 | village)", honest)
    trap = found(fit, "slope")
    assert trap.state == "trap"
    assert row(fit, "slope", group="village").estimate == fit.tstats["x:w"]
    again = row(fit, "slope", group="village, with slope")
    assert again.estimate == pytest.approx(sound.tstats["x:w"], rel=EXACT)
    assert again.p == pytest.approx(sound.pvalues["x:w"], rel=1e-4)
    assert f"its t is {sound.tstats['x:w']:.2f}" in trap.told("en")
    assert "(1 + x | village)" in trap.remedy.say("zh")
    assert abs(again.estimate) < abs(fit.tstats["x:w"])
    assert state(ps.fit_hlm("y ~ x * z + w + (1 | village)", honest), "slope") == "clean"


def test_the_slope_belongs_to_the_level_of_the_moderator():
    rng = np.random.default_rng(5)
    rows = survey(villages=120, size=6).assign(aid=lambda t: rng.normal(size=12)[t.county])
    at_village = ps.fit_hlm("y ~ x * aid + (1 | county) + (1 + x | county:village)", rows)
    assert [n["group"] for n in found(at_village, "slope").numbers] == ["county", "county, with slope"]
    assert state(ps.fit_hlm("y ~ x * aid + (1 + x | county) + (1 | county:village)", rows), "slope") == "clean"


def test_z_tests_with_few_clusters():
    rows = survey(villages=12)
    z = ps.fit_hlm("y ~ w + x + (1 | village)", rows, df="normal")
    t = ps.fit_hlm("y ~ w + x + (1 | village)", rows)
    trap = found(z, "normal")
    assert trap.state == "trap"
    told = row(z, "normal", term="w")
    assert told.df == pytest.approx(t.dof["w"], rel=EXACT)
    assert told.p == pytest.approx(t.pvalues["w"], rel=EXACT)
    assert told.estimate == pytest.approx(2 * stats.t.sf(stats.norm.isf(0.025), t.dof["w"]), rel=EXACT)
    assert "satterthwaite" in trap.remedy.say("en")
    assert state(t, "normal") == "clean"
    assert state(ps.fit_hlm("y ~ x + (1 | village)", survey(villages=150), df="normal"), "normal") == "clean"


def test_z_tests_that_decide_otherwise_are_named():
    rows = survey(villages=12)
    fit = ps.fit_hlm("y ~ w + (1 | village)", rows, df="normal")
    t = abs(fit.tstats["w"])
    shift = fit.params["w"] - np.sign(fit.params["w"]) * 2.1 * fit.std_errors["w"]  # |t| becomes 2.1
    again = ps.fit_hlm("y ~ w + (1 | village)", rows.assign(y=rows.y - shift * rows.w), df="normal")
    assert abs(again.tstats["w"]) == pytest.approx(2.1, rel=EXACT)
    assert t != pytest.approx(2.1, rel=1e-2)
    told = found(again, "normal").told("en")
    p = 2 * stats.t.sf(2.1, row(again, "normal", term="w").df)
    assert f"By t instead of z the p of w is {p:.3f} instead of {2 * stats.norm.sf(2.1):.3f}" in told


def test_few_clusters_under_sampling_weights():
    rows = survey(villages=14).assign(u=1.5)
    fit = ps.fit_hlm("y ~ w + (1 | village)", rows, method="ml", sampling_weights={"household": "u"})
    assert state(fit, "normal") == "trap"
    assert row(fit, "normal", term="w").df == 13


def test_few_groups(sound):
    fit = ps.fit_hlm("y ~ x + (1 | county/village)", survey())
    trap = found(fit, "groups")
    assert trap.state == "trap"
    assert "county has 4 groups" in trap.told("en")
    assert "C(county)" in trap.remedy.say("zh")
    assert row(fit, "groups", group="county").estimate == 4
    assert state(sound, "groups") == "clean"


def test_rows_left_out(honest, sound):
    lost = honest.assign(z=honest.z.where(honest.index % 10 > 0))
    fit = ps.fit_hlm("y ~ z + (1 | village)", lost)
    assert state(fit, "dropped") == "trap"
    assert row(fit, "dropped").estimate == pytest.approx(lost.z.isna().mean())
    assert "48 of 480 rows (10.0%)" in found(fit, "dropped").told("en")
    few = honest.assign(z=honest.z.where(honest.index % 25 > 0))
    assert state(ps.fit_hlm("y ~ z + (1 | village)", few), "dropped") == "clean"
    assert state(sound, "dropped") == "clean"


def test_a_verdict_that_hangs_on_one_village(honest, sound):
    rows = honest.assign(w=honest.w.where(honest.village > 0, 12.0))
    rows["y"] = rows.y.where(rows.village > 0, rows.y + 6) - 0.3 * honest.w
    fit = ps.fit_hlm("y ~ x + w + (1 | village)", rows)
    trap = found(fit, "influence")
    assert trap.state == "trap"
    told = row(fit, "influence", group="0", term="w")
    left = ps.fit_hlm("y ~ x + w + (1 | village)", rows[rows.village > 0])
    assert told.estimate == pytest.approx(left.params["w"], rel=EXACT)
    assert told.p == pytest.approx(left.pvalues["w"], rel=1e-4)
    assert "Without village 0 the coefficient of w is" in trap.told("en")
    assert 'fit.influence("village")' in trap.remedy.say("zh")
    assert state(sound, "influence") == "clean"


def test_a_sign_that_changes_without_any_significance_is_no_verdict(honest):
    fit = ps.fit_hlm("y ~ x + z + m + (1 | village)", honest.assign(y=honest.y - 0.3 * honest.w))
    carried = fit.influence("village").carries("m")
    assert carried["sign"].any()
    assert not carried["significance"].any()
    assert state(fit, "influence") == "clean"


def test_many_groups_are_not_left_out_one_by_one():
    fit = ps.fit_hlm("y ~ z + (1 | village)", survey(villages=401, size=3))
    finding = found(fit, "influence")
    assert finding.state == "unchecked"
    assert "401 groups" in finding.told("en")


def test_variances_of_zero_and_correlations_of_one(honest, sound):
    flat = honest.assign(y=np.random.default_rng(77).normal(size=len(honest)))
    fit = ps.fit_hlm("y ~ x + (1 + x || village)", flat)
    zero = [term for term in ("Intercept", "x") if fit.random_cov["village"].loc[term, term] < 1e-12]
    assert zero
    trap = found(fit, "boundary")
    assert trap.state == "trap"
    assert all(f"variance of {term} over village" in trap.told("en") for term in zero)
    assert all(f"village 各组的 {'截距' if term == 'Intercept' else term} 方差" in trap.told("zh") for term in zero)
    school = ps.fit_hlm("math ~ mean_ses + sector + ses + (1 + ses | school)", ps.datasets.high_school_1982())
    exact = ps.fit_hlm("math ~ mean_ses * ses + sector * ses + (1 + ses | school)", ps.datasets.high_school_1982())
    assert state(exact, "correlation") == "trap"
    assert state(exact, "boundary") == "clean"
    assert "correlation of Intercept and ses over school is estimated as +1" in found(exact, "correlation").told("en")
    assert row(exact, "correlation").estimate == pytest.approx(1)
    assert (state(school, "correlation") == "trap") == (school.status == "boundary")
    assert state(sound, "boundary") == state(sound, "correlation") == "clean"


def test_an_effect_that_is_a_combination_of_others():
    """z's effect is the sum of the others': about half of the fits lie on the boundary, and each of these is told."""
    seen = set()
    for seed in range(20, 28):
        rng, rows = np.random.default_rng(seed), survey(villages=30, size=10)
        own = rng.normal(size=(30, 2))[rows.village]
        rows["y"] = own[:, 0] + own[:, 1] * rows.x + own.sum(axis=1) * rows.z + 1.5 * rng.normal(size=len(rows))
        fit = ps.fit_hlm("y ~ x + z + (1 + x + z | village)", rows)
        assert (state(fit, "correlation") == "trap") == (fit.status == "boundary")
        assert ("one is a combination of the others" in found(fit, "correlation").told("en")) == (
            fit.status == "boundary"
        )
        seen.add(fit.status)
    assert seen == {"boundary", "converged"}


def test_groups_with_hardly_a_row(sound):
    rng = np.random.default_rng(1)
    rows = survey()
    ones = rows.assign(village=np.where(rows.index < 160, 1000 + rows.index, rows.village))
    fit = ps.fit_hlm("y ~ z + (1 | village)", ones.assign(y=ones.y + rng.normal(size=len(ones))))
    sizes = ones.village.value_counts()
    assert state(fit, "single") == "trap"
    assert row(fit, "single").estimate == pytest.approx((sizes == 1).mean())
    assert state(sound, "single") == "clean"


def test_main_effects_at_a_zero_that_is_not_there(honest):
    fit = ps.fit_hlm("y ~ x * m + (1 + x | village)", honest)
    trap = found(fit, "uncentred")
    assert trap.state == "trap"
    told = row(fit, "uncentred", term="x", group="m")
    se = fit.std_errors
    assert told.estimate == pytest.approx(fit.cov.loc["x", "x:m"] / se["x"] / se["x:m"], rel=1e-12)
    assert (told.low, told.high) == (honest.m.min(), honest.m.max())
    assert told.estimate < -0.9
    centred = ps.fit_hlm("y ~ x * center(m) + (1 + x | village)", honest)
    assert state(centred, "uncentred") == "clean"
    # What the remedy says: the interaction stays, the main effect moves by it.
    assert centred.params["x:center(m)"] == pytest.approx(fit.params["x:m"], rel=1e-5)
    moved = fit.params["x"] + fit.params["x:m"] * honest.m.mean()
    assert centred.params["x"] == pytest.approx(moved, rel=1e-5)
    assert state(
        ps.fit_hlm("y ~ x * m + C(county) + (1 + x | village)", honest.assign(m=honest.m - 25)), "uncentred"
    ) == ("clean")


def test_crossed_labels(sound):
    rows = survey().assign(number=lambda t: t.village % 10)
    fit = ps.fit_hlm("y ~ x + (1 | county) + (1 | number)", rows)
    assert state(fit, "crossed") == "trap"
    assert state(sound, "crossed") == "clean"


def test_a_model_chosen_by_a_test(honest, sound):
    plain = ps.fit_hlm("y ~ x * w + (1 | village)", honest)
    choice = ps.compare(plain, sound)
    trap = found(sound, "chosen", chosen_by=choice)
    assert trap.state == "trap"
    assert "2 models were compared" in trap.told("en")
    gap = abs(np.diff(choice.table.aic))[0]
    assert f"lie {gap:.2f} apart" in trap.told("en")
    assert "how many models" not in ps.referee(sound, chosen_by=choice).explain("en")
    assert "how many models" in ps.referee(sound).explain("en")
    test = ps.specification_test("y ~ z + w + (1 | village)", honest)
    told = found(plain, "chosen", chosen_by=test).told("en")
    assert "specification_test at 0.05" in told
    assert "decision: random effects" in told
    stranger = ps.fit_hlm("y ~ z + (1 | village)", honest)
    assert state(stranger, "chosen", chosen_by=choice) == "unchecked"


def test_selection_makes_p_values_too_small():
    """What `chosen` says: drop w unless it is significant, and the p of those kept is below 0.05 always."""
    rng, kept = np.random.default_rng(1), []
    for _ in range(200):
        t = rng.standard_t(30)
        p = 2 * stats.t.sf(abs(t), 30)
        if p < 0.05:
            kept.append(p)
    assert 0 < len(kept) < 30
    assert max(kept) < 0.05


def test_what_cannot_be_seen_is_said(sound, honest):
    report = ps.referee(sound)
    assert report.unseen == ("design", "selection", "measurement", "causes", "shape", "search", "reml")
    ml = ps.referee(ps.fit_hlm("y ~ z + (1 | village)", honest, method="ml"))
    assert "reml" not in ml.unseen
    assert "errors of measurement" in report.explain("en")
    assert "测量误差" in str(report.summary("zh"))


def test_the_result(honest):
    fit = ps.fit_hlm("y ~ x * m + (1 | village)", honest)
    report = ps.referee(fit)
    tidy = report.tidy()
    assert list(tidy) == list(TIDY_COLUMNS)
    hit = tidy.query("measure == 'trap' and estimate == 1").term
    assert list(hit) == [trap.key for trap in report.traps]
    frame = report.to_frame("zh")
    assert list(frame.columns) == ["问题", "影响", "证据", "处理办法", "文献"]
    assert len(frame) == len(report.traps) > 0
    english = str(report.summary("en"))
    assert repr(report) == english
    assert all(trap.title("en") in english and trap.source("en") in english for trap in report.traps)
    assert all(trap.told("zh") in report.explain("zh") for trap in report.traps)
    assert "<table>" in report._repr_html_()


def test_refusals(sound, honest):
    with pytest.raises(OptionError, match="takes the result of fit_hlm, not WithinResult"):
        ps.referee(ps.fit_within("y ~ x", honest, group="village"))
    with pytest.raises(OptionError, match="chosen_by=str must be the result of specification_test"):
        ps.referee(sound, chosen_by="aic")
