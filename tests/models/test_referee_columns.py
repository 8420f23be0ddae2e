"""referee() on group means and on graded predictors: reliability and linearity by second routes. Synthetic data.

EXACT: the same number from the same moments by another way; rounding only.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import povstats as ps
from povstats.errors import DataError
from povstats.models.interpretation.refereeing.referee_grades import graded, hints, ordinal
from povstats.models.interpretation.refereeing.referee_means import noisy_means

EXACT = 1e-9


def survey(seed=3, villages=40, size=10, tau=0.4, bend=0.0):
    """Draw villages with a grade of five steps; `tau` is its spread between villages, `bend` an unequal step."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    latent = tau * rng.normal(size=villages)[village] + rng.normal(size=n)
    grade = 1 + np.searchsorted([-1.2, -0.4, 0.4, 1.2], latent)
    table = pd.DataFrame({"village": village, "grade": grade, "x": rng.normal(size=n), "people": rng.poisson(1.0, n)})
    y = 0.1 * grade + bend * (grade == 2) + 0.3 * rng.normal(size=villages)[village] + 0.5 * rng.normal(size=n)
    return table.assign(y=y, money=np.exp(y), mean=table.groupby("village")["grade"].transform("mean"))


def test_the_reliability_of_a_mean_is_one_less_one_over_f():
    """Second route: of equal groups λ = 1 − 1/F of scipy's analysis of variance (Snijders & Bosker 2012, eq. 3.21)."""
    table = survey()
    finding = noisy_means(ps.fit_hlm("y ~ grade + mean + x + (1 | village)", table))
    [number] = finding.numbers
    f = stats.f_oneway(*(part["grade"] for _, part in table.groupby("village"))).statistic
    assert (number["term"], number["group"]) == ("mean", "village")
    assert number["estimate"] == pytest.approx(1 - 1 / f, rel=EXACT)
    assert finding.state == "trap"
    assert f"reliability of {1 - 1 / f:.2f}" in finding.told("en")


def test_between_is_a_mean_too_and_a_figure_from_outside_is_none():
    table = survey()
    mean = noisy_means(ps.fit_hlm("y ~ grade + mean + (1 | village)", table))
    split = noisy_means(ps.fit_hlm("y ~ within(grade) + between(grade) + (1 | village)", table))
    assert split.numbers[0]["term"] == "between(grade)"
    assert split.numbers[0]["estimate"] == pytest.approx(mean.numbers[0]["estimate"], rel=EXACT)
    rounded = noisy_means(ps.fit_hlm("y ~ grade + mean + (1 | village)", table.assign(mean=table["mean"].round(1))))
    assert rounded.state == "trap"
    outside = table["mean"] + 0.3 * np.random.default_rng(1).normal(size=40)[table["village"]]
    other = noisy_means(ps.fit_hlm("y ~ grade + mean + (1 | village)", table.assign(mean=outside)))
    assert (other.state, other.numbers) == ("clean", ())


def test_a_mean_of_many_rows_is_clean():
    finding = noisy_means(ps.fit_hlm("y ~ grade + mean + (1 | village)", survey(size=80)))
    assert finding.state == "clean"
    assert finding.numbers[0]["estimate"] > 0.9


def test_the_slope_between_groups_shrinks_by_the_reliability():
    """What the evidence says, by simulation: the contextual slope 1 comes out as about λ (here 0.5), within 5%."""
    rng, found = np.random.default_rng(8), []
    for _ in range(60):
        group = np.repeat(np.arange(60), 10)
        own = rng.normal(size=60)[group] * np.sqrt(0.1)
        x = own + rng.normal(size=600)
        table = pd.DataFrame({"g": group, "x": x, "y": own + 0.3 * rng.normal(size=600)})
        table["m"] = table.groupby("g")["x"].transform("mean")
        found.append(np.polyfit(table["m"], table["y"], 1)[0])
    assert np.mean(found) == pytest.approx(0.1 / (0.1 + 1 / 10), rel=0.05)


def test_steps_are_held_against_the_line():
    """Second route: the joint F of a polynomial's upper powers, which span what the dummies span."""
    table = survey(bend=0.5)
    fit = ps.fit_hlm("y ~ grade + x + (1 | village)", table)
    finding = ordinal(fit, table)
    powers = ps.fit_hlm("y ~ poly(grade, 4) + x + (1 | village)", table)
    joint = powers.joint_test([f"poly(grade, 4)[{k}]" for k in (2, 3, 4)])
    assert finding.state == "trap"
    assert finding.numbers[0]["estimate"] == pytest.approx(joint.statistic, rel=1e-5)
    # Satterthwaite's joint degrees of freedom depend a little on the basis of the contrasts.
    assert finding.numbers[0]["df"] == pytest.approx(joint.ddf, rel=1e-3)
    assert "C(grade)" in finding.remedy.say("zh")
    assert "grade has 5 whole values" in finding.told("en")
    straight = survey()
    assert ordinal(ps.fit_hlm("y ~ grade + x + (1 | village)", straight), straight).state == "clean"


def test_only_graded_straight_lines_are_asked():
    table = survey(bend=0.5).assign(share=lambda t: t["people"] / 7)
    dummies = ps.fit_hlm("y ~ C(grade) + x + (1 | village)", table)
    assert graded(dummies) == {}
    assert ordinal(dummies, table).state == "clean"
    assert graded(ps.fit_hlm("y ~ grade + I(grade ** 2) + (1 | village)", table)) == {}
    assert graded(ps.fit_hlm("y ~ center(grade) + share + x + (1 | village)", table)) == {"center(grade)": "grade"}


def test_the_table_is_the_fits():
    table = survey()
    fit = ps.fit_hlm("y ~ grade + x + (1 | village)", table)
    with pytest.raises(DataError, match="give the table of the fit"):
        ps.referee(fit, table=table.iloc[:-1])
    assert [one.key for one in ps.referee(fit, table=table).findings].count("ordinal") == 1
    assert "ordinal" not in [one.key for one in ps.referee(fit).findings]


def test_hints_at_what_no_fit_shows():
    table = survey()
    assert hints(ps.fit_hlm("y ~ x + (1 | village)", table)) == []
    assert hints(ps.fit_hlm("y ~ grade + (1 | village)", table)) == ["grades"]
    assert hints(ps.fit_hlm("log(money) ~ people + x + (1 | village)", table)) == ["grades", "divisor"]
    answers = table.assign(poor=(table["y"] < 0.2).astype(float), share=1 / (1 + np.exp(-table["y"])))
    assert hints(ps.fit_hlm("poor ~ x + (1 | village)", answers)) == ["cut"]
    ends = answers["share"].where(answers.index > 1, answers.index.to_series().astype(float))
    assert hints(ps.fit_hlm("share ~ x + (1 | village)", answers.assign(share=ends))) == []
    asked = ps.referee(ps.fit_hlm("log(money) ~ people + (1 | village)", table))
    assert "divisor" in asked.unseen
    assert "lowers an amount per head by arithmetic" in asked.explain("en")
    assert "give table=" in asked.explain("en")
    assert "give table=" not in ps.referee(asked.fit, table=table).explain("en")
