"""explain(lang) of every result: that it is there, in both languages, and that its numbers are the fit's.

The second route of a reading in words is the coefficient itself, turned to per cent by hand with numpy; sentences are
compared as text, so that there is no tolerance. The survey is synthetic.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats import contracts, dynamics, models, poverty, smallarea
from povstats.errors import FitError
from povstats.models.summary import decimals

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CAUSAL = re.compile(
    r"\b(causes?|caused|causal(?!ity)|impact|leads? to|results? in|because of|due to)\b|导致|造成|引起|使得",
    re.IGNORECASE,
)


def survey(seed=4):
    """Draw a synthetic survey: 30 villages of 8 to 15 households in six counties, with gaps in `land`."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(30), rng.integers(8, 16, 30))
    n = len(village)
    frame = pd.DataFrame({"village": village, "county": village // 5})
    frame["schooling"] = rng.integers(0, 13, n).astype(float)
    frame["size"] = rng.integers(1, 9, n)
    frame["farm"] = rng.choice(["no", "yes"], n)
    frame["funds"] = rng.uniform(2, 9, 30)[village]
    frame["land"] = np.where(rng.random(n) < 0.1, np.nan, rng.normal(3, 1, n))
    own = rng.multivariate_normal([0, 0], [[0.08, 0.0], [0.0, 0.0004]], 30)[village]
    y = 7 + 0.06 * frame.schooling - 0.4 * np.log(frame["size"]) + 0.1 * (frame.farm == "yes") + own[:, 0]
    y += own[:, 1] * frame.schooling + 0.01 * frame.schooling * frame.funds + 0.3 * rng.normal(size=n)
    return frame.assign(income=np.exp(y), log_income=y)


@pytest.fixture(scope="module")
def rows():
    return survey()


@pytest.fixture(scope="module")
def fit(rows):
    return ps.fit_hlm("log(income) ~ schooling * funds + log(size) + farm + land + (1 + schooling | village)", rows)


def sound(words, lang):
    """Check what any paragraph must be."""
    assert len(words) > 80
    assert not re.search(r"[{}]|\bnan\b|= None|None\)|  |。。|\.\.|，，", words), words
    assert bool(CHINESE.search(words)) == (lang == "zh"), words
    assert words.endswith("。" if lang == "zh" else "."), words[-40:]
    assert not CAUSAL.search(words), CAUSAL.search(words)
    return words


def result_classes():
    """List the dataclasses of the rooms that answer with results, where they have tidy() and summary()."""
    found = {}
    for room in (contracts, dynamics, models, poverty, smallarea):
        for info in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for _, one in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
                own = one.__module__.startswith("povstats") and dataclasses.is_dataclass(one)
                if own and hasattr(one, "tidy") and hasattr(one, "summary"):
                    found[one.__name__] = one
    return found


def test_every_result_explains_itself():
    classes = result_classes()
    assert {"HLMResult", "WithinResult", "Comparison", "Referee", "CheckReport", "Estimates", "Trend"} <= set(classes)
    assert [name for name, one in classes.items() if not callable(getattr(one, "explain", None))] == []
    asked = {name: list(inspect.signature(one.explain).parameters.values())[1:] for name, one in classes.items()}
    assert {name for name, (lang,) in asked.items() if (lang.name, lang.default) != ("lang", None)} == set()
    assert [name for name, one in classes.items() if not one.__dataclass_params__.frozen] == []


def two_years(rows):
    first = rows.assign(year=2007, hh=range(len(rows)))
    return pd.concat([first, first.assign(year=2008, income=rows["income"] * 1.1 ** (rows["size"] % 3))])


LOW = {"unit": "man", "wave": "year", "welfare": "wage", "line": {year: 3.0 for year in range(1980, 1988)}}


@cache
def panel():
    """The first two hundred men of the panel of wages, with a wave that one of them misses."""
    wages = ps.datasets.wage_panel()
    return wages[(wages["man"] < 3200) & ~((wages["man"] == 13) & (wages["year"] == 1983))]


def small(rows):
    return ps.fit_hlm("log(income) ~ schooling * funds + log(size) + farm + land + (1 | village)", rows)


def flagged(rows):
    return rows.assign(low=rows["income"] < 1500.0, landless=(rows["land"] < rows["land"].median()).astype(float))


def vulnerable(rows):
    fit = ps.fit_hlm("log(income) ~ schooling + (1 | village)", rows)
    return ps.vulnerability(fit, rows, 1500.0, threshold=0.5)


ROUND = {"registered": 0, "exited": 0, "outside": 10_000}

MAKERS = {
    "HLMResult": lambda fit, rows: fit,
    "WithinResult": lambda fit, rows: ps.fit_within("log(income) ~ schooling + farm + land", rows, group="village"),
    "RobustResult": lambda fit, rows: fit.robust(),
    "JointTest": lambda fit, rows: fit.joint_test(["schooling", "farm"]),
    "ProfileResult": lambda fit, rows: small(rows).profile(),
    "BootstrapResult": lambda fit, rows: small(rows).bootstrap(60),
    "Comparison": lambda fit, rows: ps.compare(small(rows), fit),
    "VarianceTests": lambda fit, rows: fit.variance_tests(),
    "VarianceShares": lambda fit, rows: fit.variance_shares(n=0),
    "Reliability": lambda fit, rows: fit.reliability(),
    "Family": lambda fit, rows: ps.family({"slopes": fit, "intercepts": small(rows)}, ["schooling", "farm[T.yes]"]),
    "SpecificationTest": lambda fit, rows: ps.specification_test(
        "log(income) ~ schooling + land + (1 | village)", rows
    ),
    "Certificate": lambda fit, rows: fit.certificate(),
    "Referee": lambda fit, rows: ps.referee(fit),
}


OTHERS = {
    "Chronic": lambda fit, rows: ps.chronic(panel(), method="foster", cutoff=0.5, **LOW),
    "HazardResult": lambda fit, rows: ps.hazard(panel(), "education", of="return", **LOW),
    "ReturnRate": lambda fit, rows: ps.return_rate(panel(), definition="cumulative", years=3, by="union", **LOW),
    "ReturnRates": lambda fit, rows: ps.return_rates(panel(), years=2, **LOW),
    "Spells": lambda fit, rows: ps.spells(panel(), by="union", **LOW),
    "Survival": lambda fit, rows: ps.survival(panel(), **LOW),
    "Transitions": lambda fit, rows: ps.transitions(panel(), by="union", **LOW),
    "CheckReport": lambda fit, rows: ps.check(ps.datasets.vietnam_1998(), "vietnam_1998"),
    "Difference": lambda fit, rows: ps.headcount(rows, "income", 1500.0, by="farm").difference("yes", "no"),
    "Equations": lambda fit, rows: fit.equations(),
    "Estimates": lambda fit, rows: ps.headcount(rows, "income", 1500.0, by="farm"),
    "EstimatedLine": lambda fit, rows: ps.relative_line(rows, "income"),
    "Influence": lambda fit, rows: small(rows).influence("village"),
    "JohnsonNeyman": lambda fit, rows: fit.johnson_neyman("schooling", "funds"),
    "MainEffect": lambda fit, rows: fit.main_effect("schooling"),
    "Grouped": lambda fit, rows: ps.grouped([0.2, 0.4, 0.6, 0.8], [0.08, 0.2, 0.37, 0.6], 100.0),
    "Profile": lambda fit, rows: ps.poverty_profile(rows, "income", 1500.0, by="farm"),
    "Change": lambda fit, rows: ps.decompose(two_years(rows), "income", 1500.0, period=("year", 2007, 2008)),
    "Curve": lambda fit, rows: ps.tip_curve(rows, "income", 1500.0, by="farm"),
    "Decomposition": lambda fit, rows: ps.decompose(rows, "income", by="farm", measure="theil"),
    "Dominance": lambda fit, rows: ps.dominance(
        rows, "income", by="farm", between=("yes", "no"), lines=(1000.0, 2000.0)
    ),
    "GrowthIncidence": lambda fit, rows: ps.growth_incidence(
        two_years(rows), "income", period=("year", 2007, 2008), line=1500.0
    ),
    "Equivalised": lambda fit, rows: ps.equivalised(rows, "income", size="size", scale="square_root"),
    "OfficialLine": lambda fit, rows: ps.line("CN-2010", 2013),
    "TermLines": lambda fit, rows: ps.zhejiang_line(
        two_years(rows),
        "income",
        unit="hh",
        year="year",
    ),
    "PercentEffects": lambda fit, rows: fit.percent_effects(),
    "PooledResult": lambda fit, rows: ps.pool(
        [fit, ps.fit_hlm(fit.formula, rows.assign(land=rows.land + 0.1 * rows.size))]
    ),
    "PowerResult": lambda fit, rows: ps.simulate_power(small(rows), [20], [8], n=100),
    "Residuals": lambda fit, rows: fit.residuals(rows),
    "SimpleSlopes": lambda fit, rows: fit.slopes("schooling", at={"funds": [2, 5]}),
    "SmallArea": lambda fit, rows: ps.predicted_headcount(
        ps.fit_hlm("log(income) ~ schooling + (1 | village)", rows), rows, 1500.0, n=40
    ),
    "Statements": lambda fit, rows: fit.statements(),
    "AlkireFoster": lambda fit, rows: ps.alkire_foster(flagged(rows), {"low": 1, "landless": 1}, "1/2", by="farm"),
    "Calibration": lambda fit, rows: vulnerable(rows).calibrate(rows["income"] < 1500.0),
    "Guarantees": lambda fit, rows: ps.two_worries_three_guarantees(
        flagged(rows),
        {**dict.fromkeys(("clothing", "medical", "housing", "water")), "food": "low", "education": "landless"},
    ),
    "Incidence": lambda fit, rows: ps.aid_incidence(rows, "funds", "income"),
    "ProxyMeans": lambda fit, rows: ps.proxy_means(rows, "income ~ schooling + farm", 1500.0, folds=3),
    "Rates": lambda fit, rows: ps.three_rates(
        rows.assign(status="outside", poor=rows["income"] < 1500.0), "status", "poor", ROUND
    ),
    "Targeting": lambda fit, rows: ps.targeting_errors(rows, "funds", welfare="income", line=1500.0),
    "Vulnerability": lambda fit, rows: vulnerable(rows),
    "Trend": lambda fit, rows: ps.trend(
        pd.DataFrame({"year": [2010, 2012, 2014], "poor": [0.4, 0.3, 0.1]}), time="year", value="poor"
    ),
}


def test_no_result_is_left_out():
    """A new result class gets a maker above, so that its paragraph is looked at in both languages."""
    assert set(result_classes()) - {*MAKERS, *OTHERS} == set()


@pytest.mark.parametrize("name", OTHERS)
def test_other_paragraphs_in_both_languages(name, fit, rows):
    for lang in ("en", "zh"):
        sound(OTHERS[name](fit, rows).explain(lang), lang)


@pytest.mark.parametrize("name", MAKERS)
def test_paragraphs_in_both_languages(name, fit, rows):
    result = MAKERS[name](fit, rows)
    assert type(result).__name__ == name
    for lang in ("en", "zh"):
        words = sound(result.explain(lang), lang)
        if name != "Family":
            used = result.nobs if name == "WithinResult" else fit.nobs
            if name == "SpecificationTest":
                used = result.rows.used
            assert str(used) in words
            assert f"{len(rows)}" in words
            assert "village" in words
            assert "30" in words
            lost = int(rows.land.isna().sum())
            assert (f"land {lost}" if lang == "en" else f"land 缺失 {lost} 行") in words
    assert result.explain() == result.explain("en")


def test_coefficients_are_read_in_per_cent(fit):
    words, chinese = fit.explain("en"), fit.explain("zh")
    ends = fit.conf_int()
    b, low, high = (100 * np.expm1([fit.params["farm[T.yes]"], *ends.loc["farm[T.yes]"]])).tolist()
    assert f"farm yes instead of no goes with income higher by {b:.1f}%" in words
    assert f"(95% interval {low:.1f}% to {high:.1f}%, p " in words
    assert f"farm 为 yes 者与 no 相比，income 高 {b:.1f}%（95% 置信区间 {low:.1f}% 至 {high:.1f}%，p " in chinese
    size = 100 * (1.01 ** fit.params["log(size)"] - 1)
    assert f"one per cent more of size goes with income lower by {-size:.3f}%" in words
    assert "where funds = 0" in words
    product = f"{fit.params['schooling:funds']:.{decimals(fit.std_errors['schooling:funds'])}f}"
    assert f"with one unit more of funds the coefficient of schooling is higher by {product} on the log" in words
    assert "cannot be told from zero: " in words
    assert "land" in re.search(r"cannot be told from zero: ([^.]*)\.", words).group(1)


def test_the_random_part_and_the_shares(fit):
    words = fit.explain("en")
    cov = fit.random_cov["village"]
    sd = np.sqrt(np.diag(cov))
    assert f"Intercept (standard deviation {sd[0]:.4f})" in words
    low, high = (f"{fit.params['schooling'] + z * sd[1]:.4f}" for z in (-1.959964, 1.959964))
    assert f"between {low} and {high})" in words
    assert f"Intercept and schooling {cov.iloc[0, 1] / sd[0] / sd[1]:.2f}" in words
    assert f"{100 * fit.icc():.1f}% lies between groups" in words
    assert f"{100 * fit.r2()['marginal']:.1f}% of the outcome's variance" in words
    assert "Satterthwaite" in words
    assert fit.formula in words


def test_an_outcome_in_levels_is_read_in_its_units(rows):
    fit = ps.fit_hlm("log_income ~ scale(schooling) + center(size) + (1 | village)", rows)
    words = fit.explain("en")
    b, size = (f"{abs(b):.{decimals(se)}f}" for b, se in zip(fit.params[1:], fit.std_errors[1:], strict=True))
    assert "Coefficients are in the units of log_income" in words
    assert f"one standard deviation more of schooling goes with log_income higher by {b} (" in words
    assert f"one unit more of size goes with log_income lower by {size} (" in words
    assert "100(exp" not in words
    assert "No row was left out" in words
    assert "未剔除任何行" in sound(fit.explain("zh"), "zh")


def test_curves_and_full_codings_are_not_read_one_by_one(rows):
    fit = ps.fit_hlm("log(income) ~ 0 + farm + poly(schooling, 2) + farm:size + (1 | village)", rows)
    words = fit.explain("en")
    assert "not read coefficient by coefficient: poly(schooling, 2)[1], poly(schooling, 2)[2]" in words
    assert "farm[no] goes" not in words
    assert re.search(r"one unit more of size goes with income lower by [\d.]+%, where farm = no \(", words)
    assert "no intercept in common" in words
    squared = ps.fit_hlm("log(income) ~ schooling + I(schooling ** 2) + (1 | village)", rows).explain("en")
    assert "not read coefficient by coefficient: schooling, I(schooling ** 2)" in squared
    split = ps.fit_hlm("log(income) ~ within(schooling) + between(schooling) + (1 | village)", rows).explain("en")
    assert "one unit more of within(schooling) goes with" in split


def test_a_change_too_large_for_per_cent_is_told_on_the_log_scale(rows):
    fit = ps.fit_hlm("log(income) ~ share + (1 | village)", rows.assign(share=rows.schooling / 1000))
    assert re.search(r"one unit more of share goes with income higher by [\d.]+ on the log scale", fit.explain("en"))


def test_notes_status_and_null_model_are_told(rows):
    flat = rows.assign(y=np.random.default_rng(2).normal(size=len(rows)))
    fit = ps.fit_hlm("y ~ 1 + (1 | county) + (1 | village)", flat)
    words = sound(fit.explain("en"), "en")
    assert "The fixed part is the intercept alone" in words
    assert "boundary" in words
    for note in fit.notes:
        assert note.say("zh") in fit.explain("zh")
    assert "county has only 6 groups" in words
    assert "associations" not in words


def test_sampling_weights_are_named(rows):
    weighted = rows.assign(w=np.random.default_rng(1).uniform(1, 3, len(rows)))
    fit = ps.fit_hlm(
        "log(income) ~ schooling + (1 | village)", weighted, method="ml", sampling_weights={"household": "w"}
    )
    words = sound(fit.explain("en"), "en")
    assert "maximum pseudo-likelihood with sampling weights" in words
    assert "Sampling weights (w)" in words
    assert "伪极大似然" in sound(fit.explain("zh"), "zh")


def test_a_row_that_lacks_several_values_is_said_so(rows):
    both = rows.assign(other=rows.land)
    words = ps.fit_hlm("log(income) ~ land + other + (1 | village)", both.assign(other=both.other**2)).explain("en")
    assert "a row may lack several" in words
    with pytest.raises(FitError):
        ps.fit_hlm("log(income) ~ land + other + (1 | village)", both)


def test_robust_verdicts_are_set_beside_the_models(fit):
    robust = fit.robust("CR2")
    words = robust.explain("en")
    ratio = robust.std_errors / fit.std_errors
    assert f"{ratio.min():.2f} to {ratio.max():.2f} times" in words
    changed = [t for t in fit.params.index if (fit.pvalues[t] < 0.05) != (robust.pvalues[t] < 0.05)]
    assert ("No verdict" in words) == (not changed)
    half = dataclasses.replace(robust, pvalues=robust.pvalues.where(robust.pvalues.index != "log(size)", 0.5))
    assert "log(size) (p < 0.001 in the fit, = 0.500 here)" in half.explain("en")


def test_other_results_tell_their_numbers(fit, rows):
    joint = fit.joint_test(["schooling", "farm"], "CR2")
    assert f"F = {joint.statistic:.3f} on 2 and {joint.ddf:.1f} degrees" in joint.explain("en")
    profile = fit.profile(which="components")
    row = profile.table.loc[("sd", "village", "Intercept")]
    assert f"({row.low:.4f} to {row.high:.4f})" in profile.explain("en")
    boot = small(rows).bootstrap(60, "wild")
    assert "60" in boot.explain("zh")
    assert "野聚类" in sound(boot.explain("zh"), "zh")
    found = ps.compare(small(rows), fit)
    assert f"χ² = {found.table['chi2'].iloc[1]:.3f}" in found.explain("zh")
    test = ps.specification_test("log(income) ~ schooling + land + (1 | village)", rows)
    assert test.reason in test.explain("en")
    shares = fit.variance_shares(n=50)
    assert f"R², fixed part {shares.table.loc[('r2_marginal', ''), 'estimate']:.3f} (" in shares.explain("en")
    certificate = fit.certificate()
    assert certificate.fingerprint in certificate.explain("zh")
    assert certificate.formula in certificate.explain("en")


def test_a_check_says_what_was_looked_at():
    table = ps.datasets.vietnam_1998()
    kept, broken = ps.check(table, "vietnam_1998"), ps.check(table.drop(columns="age"), "vietnam_1998")
    for lang in ("en", "zh"):
        for report in (kept, broken):
            words = sound(report.explain(lang), lang)
            assert "5,999" in words
            assert "household_size" in words
        assert broken.summary(lang).splitlines()[1].removeprefix("- ") in broken.explain(lang)
    assert "No breach was found" in kept.explain("en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_real_data(lang):
    vietnam = ps.fit_hlm(
        "log(expenditure_per_head) ~ education * urban + farm + (1 + education | commune)", ps.datasets.vietnam_1998()
    )
    words = sound(vietnam.explain(lang), lang)
    value = 100 * np.expm1(vietnam.params["education"])
    assert (f"by {value:.2f}%, where urban = no" if lang == "en" else f"高 {value:.2f}%") in words
    assert "194" in words
