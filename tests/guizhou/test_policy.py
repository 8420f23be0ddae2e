"""Aid funds and policy: a fit with the item about its mean, and households drawn one by one, as second routes.

DRAWN: 4,000 draws of every household's village effects and residual; four standard errors of their mean.
"""

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.funds import BASELINE, aid_funds
from povstats.guizhou.policy import policy_simulation

PLAN = Plan(data="synthetic", items=("participation", "cadre_relation"))


@pytest.fixture(scope="module")
def study():
    return Analysis(ps.datasets.guizhou_synthetic(2009), PLAN)


def test_funds_at_the_average_item_are_the_main_effect_about_it(study):
    """Second route: the same model with the item centred, whose own coefficient of funds is read off."""
    found = aid_funds(study, 50.0)
    formula = PLAN.formula("participation").replace("participation", "center(participation)")
    other = ps.fit_hlm(formula, study.table)
    row, term = found.effects.loc["participation"], "center(aid_funds)"
    assert row["estimate"] == pytest.approx(50 * other.params[term], rel=1e-6)  # two optima of one model
    assert row["se"] == pytest.approx(50 * other.std_errors[term], rel=1e-5)
    assert found.effects.loc[BASELINE, "estimate"] == pytest.approx(50 * study.baseline.params[term], rel=1e-12)
    assert found.money(1000.0).loc["participation", "estimate"] == pytest.approx(1000 * np.expm1(row["estimate"]))


def drawn(study, table, item, beta, rng):
    """Draw consumption of every household: mean consumption and share below the line, with their errors."""
    fit = study.model(item)
    mu = pd.Series(fit.predict(table, effects="marginal", scale="log")).to_numpy()
    z = np.column_stack([np.ones(len(table)), table[item]])
    b = rng.multivariate_normal(np.zeros(2), fit.random_cov["village"].to_numpy(), (4000, len(table)))
    y = mu + (b * z).sum(axis=2) + rng.normal(0, fit.sigma2**0.5, b.shape[:2])
    return np.exp(y).mean(axis=1), (y < np.log(beta)).mean(axis=1)


@pytest.mark.parametrize("scenario", ["item", "funds"])
def test_changes_are_those_of_households_drawn_one_by_one(study, scenario):
    found = policy_simulation(study, n=200)
    item, table = "participation", study.table
    if scenario == "item":
        after = table.assign(participation=np.minimum(table[item] + 1, 5))
    else:
        after = table.assign(aid_funds=table["aid_funds"] + 100)
    old, new = (drawn(study, one, item, found.line, np.random.default_rng(7)) for one in (table, after))
    for measure, before, later in (("consumption", old[0], new[0]), ("headcount", old[1], new[1])):
        change = later - before
        row = found.changes.loc[(item, scenario, measure)]
        assert row["estimate"] == pytest.approx(change.mean(), abs=4 * change.std() / len(change) ** 0.5)
        assert row["low"] < row["estimate"] < row["high"]


def test_intervals_are_those_of_the_coefficients(study):
    """Second route: the delta method, which for so small a change is near the draws' standard deviation."""
    found = policy_simulation(study, n=4000)
    row = found.changes.loc[("participation", "funds", "percent")]
    fit = aid_funds(study).effects.loc["participation"]
    assert (row["high"] - row["low"]) / (2 * 1.96) == pytest.approx(100 * fit["se"], rel=0.1)  # exp and weights bend it


def test_who_is_at_the_top_stays_there(study):
    found = policy_simulation(study, n=200)
    assert found.moved["participation"] == pytest.approx((study.table["participation"] < 5).mean())
    flat = study.table.assign(participation=np.where(study.table["participation"] > 2, 5, 4))
    assert policy_simulation(Analysis(flat, PLAN), n=200).moved["participation"] < 1


def test_the_same_seed_gives_the_same_interval(study):
    one, other = (policy_simulation(study, n=200, rng=3).changes for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(policy_simulation(study, n=200, rng=4).changes)


def test_a_line_of_the_plan_comes_first(study):
    given = Plan(items=("participation",), line=1500.0)
    found = policy_simulation(Analysis(study.table, given), n=200)
    assert (found.line, found.implied) == (1500.0, False)
    assert policy_simulation(study, n=200).implied


@pytest.mark.parametrize("step", [0, -5, np.inf, True, "100"])
def test_a_step_that_is_no_amount_is_refused(study, step):
    for verb in (aid_funds, policy_simulation):
        with pytest.raises(OptionError, match="step="):
            verb(study, step)


def test_what_cannot_be_simulated_is_refused(study):
    with pytest.raises(OptionError, match="n=50"):
        policy_simulation(study, n=50)
    mixed = study.table.assign(poor=np.arange(len(study.table)) % 2)
    with pytest.raises(DataError, match="no poverty line"):
        policy_simulation(Analysis(mixed, PLAN))
    bare = Plan(items=("trust",), village=("village_consumption",), funds=None)
    with pytest.raises(DataError, match="no column of aid funds"):
        aid_funds(Analysis(study.table, bare))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_say_that_they_are_no_causes_and_synthetic(study, lang):
    found = policy_simulation(study, n=200)
    for made in (found.table(lang), found.plot(lang=lang)):
        assert {"zh": "非因果", "en": "not causal"}[lang] in made.title
        assert {"zh": "模拟", "en": "ynthetic"}[lang] in made.title
    assert found.explain(lang)
    assert aid_funds(study).explain(lang)
    assert len(found.tidy()) == len(found.changes)
    assert set(aid_funds(study).tidy()["measure"]) == {"funds_log", "funds_percent", "funds_money"}
