"""Limits of the design: every part's numbers by a second route, on a survey that the generator did not make.

EXACT: the same quantity by another formula; rounding and the optimiser's last digits only.
"""

import itertools

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.absent import absent_households, extremes
from povstats.guizhou.contents import parts
from povstats.guizhou.divisor import migrant_divisor
from povstats.guizhou.focal import VIEWS, focal_effects
from povstats.guizhou.grades import grade_linearity
from povstats.guizhou.lines import derived_share, headcount_lines
from povstats.guizhou.refereed import refereed

EXACT = 1e-6
OWN = ("focal", "divisor", "endogeneity", "grades", "absent", "lines", "referee")


@pytest.fixture(scope="module")
def analysis(uneven):
    table = uneven()
    size = 2 + np.random.default_rng(4).integers(0, 6, len(table))
    return Analysis(table.assign(household_size=np.maximum(size, table["migrants"] + 1)), Plan(line=1500))


@pytest.fixture(scope="module")
def synthetic(analysis):
    return Analysis(analysis.table, Plan(data="synthetic", line=1500))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id", OWN)
def test_a_part_is_worded_and_says_that_its_data_are_synthetic(analysis, synthetic, id, lang):
    mark = {"zh": "模拟", "en": "ynthetic"}[lang]
    for one, told in ((synthetic, True), (analysis, False)):
        [part] = [part for part in parts(one) if part.id == id]
        assert part.reason(one) is None
        found = part.made(one)
        assert (mark in found.table(lang).title) == told
        assert (mark in found.table(lang).notes[-1].lower()) == told
        assert (mark in part.drawn(one, lang).title) == told
        words = found.explain(lang)
        assert not any(odd in words for odd in ("{", "nan", "None", "  ", "。。", ".."))
        assert set(found.tidy()["measure"])


def test_raw_is_the_coefficient_of_the_uncentred_model(analysis):
    """The same model reparametrised: estimate, standard error and likelihood do not depend on centring."""
    found = focal_effects(analysis)
    for item in analysis.plan.items:
        raw, centred = (analysis.model(item, centred=centred) for centred in (False, True))
        row = found.effects.loc[(item, "raw")]
        assert row["estimate"] == pytest.approx(raw.params[item], rel=EXACT)
        assert row["se"] == pytest.approx(raw.std_errors[item], rel=EXACT)
        assert row["p"] == pytest.approx(raw.pvalues[item], rel=1e-4)
        assert found.effects.loc[(item, "centred"), "estimate"] == pytest.approx(centred.params[item], rel=EXACT)
        assert raw.loglik == pytest.approx(centred.loglik, rel=EXACT)


def test_villages_stand_at_their_own_values(analysis):
    """Second route: the products' coefficients times the villages' values, by hand."""
    found, plan = focal_effects(analysis), analysis.plan
    villages = analysis.table.groupby("village")[list(plan.village)].mean().sort_values(plan.moderator)
    raw = analysis.model("trust", centred=False).params
    for view, at in zip(VIEWS[2:], (0, (len(villages) - 1) // 2, -1), strict=True):
        own = villages.iloc[at]
        assert found.places.loc[view, "village"] == str(own.name)
        by_hand = raw["trust"] + sum(raw[f"trust:{name}"] * own[name] for name in plan.village)
        assert found.effects.loc[("trust", view), "estimate"] == pytest.approx(by_hand, rel=EXACT)
    assert set(found.outside) == set(plan.village)
    signs = np.sign(found.effects["estimate"].unstack())
    for item in plan.items:
        assert found.turns(item) == (signs.loc[item, list(VIEWS[2:])] != signs.loc[item, "raw"]).any()


def test_the_divisor_takes_one_nth(analysis):
    found = migrant_divisor(analysis)
    for n, change in found.bounds["change"].items():
        assert np.log1p(change) == pytest.approx(np.log((n - 1) / n) if n > 1 else -np.inf, rel=1e-12)
    assert found.bounds["households"].sum() == pytest.approx(1)
    estimate = found.effects.loc["measured", "estimate"]
    assert estimate == pytest.approx(np.expm1(analysis.baseline.params["migrants"]), rel=1e-12)
    assert found.equal_size == pytest.approx(1 / -estimate, rel=1e-12)


def test_per_resident_and_divisor_add_up(analysis):
    """By least squares log C·n/(n − m) and log (n − m)/n have coefficients that sum to that of log C exactly.

    The models here weigh villages by their own variances, so that the sum holds to a few hundredths of the parts.
    """
    found = migrant_divisor(analysis)
    logs = np.log1p(found.effects["estimate"])
    assert logs["resident"] + logs["arithmetic"] == pytest.approx(logs["measured"], abs=0.03 * abs(logs["arithmetic"]))
    home = analysis.table["household_size"] - analysis.table["migrants"]
    table = analysis.table.assign(per_resident=analysis.table["consumption"] * analysis.table["household_size"] / home)
    by_hand = ps.fit_hlm(analysis.plan.formula().replace("consumption", "per_resident", 1), table)
    assert np.log1p(found.effects.loc["resident", "estimate"]) == pytest.approx(by_hand.params["migrants"], rel=EXACT)


def test_households_with_nobody_at_home_are_counted(uneven):
    table = uneven(household_size=2)
    found = migrant_divisor(Analysis(table, Plan(line=1500)))
    assert found.left == (table["migrants"] >= 2).sum()
    assert f"{found.left:,} rows have nobody at home" in " ".join(found.table("en").notes)
    with pytest.raises(DataError, match="'household_size' must hold whole numbers from 1 on"):
        migrant_divisor(Analysis(uneven(household_size=0.5), Plan(line=1500)))
    with pytest.raises(OptionError, match="none of the plan's household columns"):
        migrant_divisor(Analysis(table, Plan(household=("education",), line=1500)))
    assert list(migrant_divisor(Analysis(uneven(), Plan())).effects.index) == ["measured"]


def test_grades_are_held_against_the_line(analysis):
    """Second route: the categorical factor's coefficients, and the joint F of upper powers by the same method."""
    found = grade_linearity(analysis)
    one = found.found["cadre_relation"]
    base = analysis.plan.formula()
    dummies = ps.fit_hlm(f"{base} + C(cadre_relation)", analysis.table)
    assert one.effects["estimate"].iloc[1:].to_numpy() == pytest.approx(
        dummies.params.filter(like="C(cadre_relation)").to_numpy(), rel=1e-5
    )
    powers = ps.fit_hlm(f"{base} + poly(cadre_relation, 4)", analysis.table)
    joint = powers.joint_test([f"poly(cadre_relation, 4)[{k}]" for k in (2, 3, 4)], method="kenward-roger")
    assert (one.test.statistic, one.test.pvalue) == pytest.approx((joint.statistic, joint.pvalue), rel=1e-3)
    assert one.effects["households"].sum() == analysis.table["cadre_relation"].notna().sum()


def test_a_bent_grade_is_found_and_a_score_is_left_out(uneven):
    table = uneven()
    table["consumption"] *= np.exp(0.8 * (table["harmony"] == 3))
    found = grade_linearity(Analysis(table.assign(trust=table["land"]), Plan(line=1500)))
    assert found.found["harmony"].test.pvalue < 0.001
    assert "the steps are not equal" in found.explain("en")
    assert "3 to 10 whole grades can be compared" in found.reasons["trust"]


def test_extremes_over_weights_are_those_of_all_corners():
    """Second route: every assignment of the largest and the smallest weight, 2^9 of them."""
    rng = np.random.default_rng(5)
    counts = rng.integers(3, 20, 9).astype(float)
    totals = counts * rng.random(9)
    corners = [(w @ totals) / (w @ counts) for w in map(np.array, itertools.product([1.0, 3.0], repeat=9))]
    assert extremes(totals, counts, 3.0) == pytest.approx((min(corners), max(corners)), rel=1e-12)
    assert extremes(totals, counts, 1.0) == pytest.approx((totals.sum() / counts.sum(),) * 2, rel=1e-12)


def test_absent_households_are_bounded_by_arithmetic(analysis):
    """Second route: the headcount of the table with the absent added, all poor or none."""
    ranges = absent_households(analysis).ranges
    poor = analysis.poor.astype(float)
    for row in ranges[ranges["kind"] == "absent"].itertuples():
        missing = row.size * len(poor) / (1 - row.size)
        ends = [(poor.sum() + all_poor * missing) / (len(poor) + missing) for all_poor in (0, 1)]
        assert (row.low, row.high) == pytest.approx(ends, rel=1e-12)
    plain = ranges[ranges["kind"] == "plain"].iloc[0]
    weights = ranges[ranges["kind"].isin(["village", "county"])]
    assert (weights["low"] < plain["low"]).all()
    assert (weights["mean_high"] > plain["mean_high"]).all()
    with pytest.raises(DataError, match="does not say who is poor"):
        absent_households(Analysis(analysis.table, Plan()))


def test_headcounts_are_shares_and_the_implied_line_is_the_poors(analysis):
    """Second route: means of a comparison; the clusters' interval has its own tests in tests/poverty."""
    found = headcount_lines(analysis, lines=(1000, 1500, 2500))
    spent = analysis.table["consumption"]
    assert found.curve["estimate"].tolist() == pytest.approx([(spent < line).mean() for line in (1000, 1500, 2500)])
    assert (found.curve["low"] < found.curve["estimate"]).all()
    assert found.marked == pytest.approx((spent < 1500).mean())
    assert found.implied == (spent[spent < 1500].max(), spent[spent >= 1500].min())
    assert found.design.psu == "village"
    assert found.design.strata == "county"
    other = Analysis(analysis.table.assign(poor=(analysis.table["land"] < 1).astype(int)), Plan())
    assert headcount_lines(other, lines=(1500,)).implied is None
    with pytest.raises(OptionError, match="must be amounts above zero"):
        headcount_lines(analysis, lines=(0.0,))


def test_the_share_of_poor_follows_from_three_means():
    """Second route: the mean of all is that of 129 poor and 311 others; the ends by all corners of the rounding."""
    found = derived_share(1977, 890, 2428, n=440)
    assert found.poor == 129
    assert abs((129 * 890 + 311 * 2428) / 440 - 1977) < 0.5
    corners = [
        (others - overall) / (others - poor)
        for overall, poor, others in itertools.product((1976.5, 1977.5), (889.5, 890.5), (2427.5, 2428.5))
    ]
    assert (found.low, found.high) == pytest.approx((min(corners), max(corners)), rel=1e-12)
    assert (f"{found.low:.4f}", f"{found.share:.3f}", f"{found.high:.4f}") == ("0.2926", "0.293", "0.2939")
    for wrong in (128, 130):
        assert abs((wrong * 890 + (440 - wrong) * 2428) / 440 - 1977) > 0.5
    with pytest.raises(OptionError, match="must rise from the poor"):
        derived_share(800, 890, 2428, n=440)


def test_the_referees_verdicts_are_those_of_single_reports(analysis):
    found = refereed(analysis)
    fit = analysis.model("harmony")
    single = ps.referee(fit, table=analysis.table)
    assert [one.key for one in found.reports["harmony"].traps] == [one.key for one in single.traps]
    column = found.table("en").frame["Harmony with neighbours"]
    assert (column == "found").sum() == len(single.traps)
    assert isinstance(found.tidy(), pd.DataFrame)


def test_charts_take_a_readers_words(analysis, synthetic):
    words = {"title": "Own words", "source": "own source", "labels": {"trust": "Faith", "consumption": "Spending"}}
    figures = [made(analysis).plot(lang="en", **words) for made in (migrant_divisor, grade_linearity, headcount_lines)]
    for figure in figures:
        assert "Own words" in figure.title
        assert "own source" in figure.drawing._supxlabel.get_text()
    assert any("Faith" in axes.get_title(loc="left") for axes in figures[1].drawing.axes)
    assert any("spending" in axes.get_xlabel() for axes in figures[2].drawing.axes)
    labelled = migrant_divisor(synthetic).plot(lang="en", **words)
    assert labelled.title.startswith("Synthetic survey: Own words")
    assert "own source" not in labelled.drawing._supxlabel.get_text()
