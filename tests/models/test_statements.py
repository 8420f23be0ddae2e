"""One model said to other programs.

Second routes: R ran the lme4 and nlme texts as they stand (tests/reference/statements.json, make_statements.R, versions
inside); statsmodels runs its own here. LOGLIK and SEARCH are absolute, on log-likelihoods of 100 to 20,000: lmer and
lme stop within 4e-7 of the maximum, MixedLM within 2e-6. Coefficients are flat there: ESTIMATE is in standard errors.
Stata and HLM are not on the machine: their texts are held against what was written out by hand after the manuals.
"""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statement_cases import CASES, fitted, table

from povstats.errors import OptionError
from povstats.models import fit_hlm

LOGLIK, SEARCH, ESTIMATE, DOF = 1e-6, 1e-5, 1e-3, 1e-3
STORED = json.loads((Path(__file__).parents[1] / "reference" / "statements.json").read_text(encoding="utf-8"))["cases"]
SES = "within(ses, school)"


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """Synthetic: 480 households in 24 villages of 4 counties, 6 enumerators."""
    rng = np.random.default_rng(11)
    village, enumerator = np.repeat(np.arange(24), 20), rng.integers(0, 6, 480)
    frame = pd.DataFrame({"village": village, "county": village // 6, "enumerator": enumerator})
    frame = frame.assign(x=rng.normal(size=480), w=rng.normal(size=24)[village], farm=rng.choice(["no", "yes"], 480))
    frame = frame.assign(hw=rng.uniform(1, 2, 480), vw=1.0 + village % 3)
    effects = rng.normal(size=24)[village] + rng.normal(size=6)[enumerator] + rng.normal(size=24)[village] * frame["x"]
    return frame.assign(y=frame["x"] + frame["w"] + effects + rng.normal(size=480))


@pytest.mark.parametrize("program", ["lme4", "nlme"])
@pytest.mark.parametrize("case", CASES)
def test_r_ran_these_very_words_and_found_the_same_maximum(case, program):
    fit, stored = fitted(case), STORED[case][program]
    assert fit.statements()[program] == stored["code"]
    assert stored["loglik"] == pytest.approx(fit.loglik, abs=LOGLIK)
    assert stored["nobs"] == fit.nobs
    difference = (np.atleast_1d(stored["fixef"]) - fit.params.to_numpy()) / fit.std_errors.to_numpy()
    assert np.abs(difference).max() < ESTIMATE


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][2].get("df") != "normal"])
def test_the_degrees_of_freedom_are_those_that_were_asked_for(case):
    stored = np.atleast_1d(STORED[case]["lme4"]["df"])
    assert stored == pytest.approx(fitted(case).dof.to_numpy(), rel=DOF)


@pytest.mark.parametrize("case", ["functions", "uncorrelated", "cross_level", "kenward", "nested", "crossed"])
def test_statsmodels_says_and_finds_the_same(case):
    code = fitted(case).statements()["statsmodels"]
    made = {"d": table(CASES[case][0])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, on convergence and boundaries
        exec(code.rsplit("\n", 1)[0], made)  # without the last line, which prints
    assert made["fit"].llf == pytest.approx(fitted(case).loglik, abs=SEARCH)


def test_stata_of_a_cross_level_model():
    assert fitted("cross_level").statements()["stata"] == (
        "egen double within_ses_school = mean(ses), by(school)\n"
        "replace within_ses_school = ses - within_ses_school\n"
        "egen double between_ses_school = mean(ses), by(school)\n"
        'label define sector_code 1 "Catholic" 2 "Public"\n'
        "encode sector, generate(sector_code) label(sector_code)\n"
        "mixed math within_ses_school between_ses_school i.sector_code c.within_ses_school#c.between_ses_school "
        "c.within_ses_school#i.sector_code ///\n"
        "    || school: within_ses_school, covariance(unstructured) reml dfmethod(satterthwaite)"
    )


@pytest.mark.parametrize(
    ("formula", "options", "told"),
    [
        ("y ~ x + (1 | village)", {}, "mixed y x ///\n    || village:, reml dfmethod(satterthwaite)"),
        ("y ~ x + (1 | village)", {"df": "kenward-roger"}, "|| village:, reml dfmethod(kroger)"),
        ("y ~ x + (1 | village)", {"method": "ml", "df": "normal"}, "|| village:, mle"),
        ("y ~ x + (1 + x || village)", {}, "|| village: x, covariance(independent) reml"),
        ("y ~ x + (0 + x | village)", {}, "|| village: x, noconstant reml"),
        (
            "y ~ x + (1 + x | county) + (1 | village)",
            {},
            "|| county: x, covariance(unstructured) ///\n    || village:, reml",
        ),
        (
            "y ~ x + (1 | county/village)",
            {},
            "egen long county_village = group(county village)\n"
            "mixed y x ///\n    || county: ///\n    || county_village:, reml",
        ),
        ("y ~ x + (1 + x | village) + (1 | enumerator)", {}, "|| _all: R.enumerator ///\n    || village: x, cov"),
        ("y ~ 0 + farm + x:farm + (1 | village)", {}, "mixed y ibn.farm_code ibn.farm_code#c.x, noconstant ///"),
        ("y ~ C(county) * x + (1 | village)", {}, "mixed y i.county x i.county#c.x ///"),
        (
            "y ~ x + (1 | village)",
            {"method": "ml", "sampling_weights": {"household": "hw", "village": "vw"}},
            "mixed y x [pw = hw] ///\n    || village:, pweight(vw) mle pwscale(size)",
        ),
        (
            "y ~ scale(x) + (1 | village)",
            {},
            "generate double part_1 = x\nquietly summarize part_1\n"
            "replace part_1 = (part_1 - r(mean)) / r(sd)\nrename part_1 scale_x",
        ),
    ],
)
def test_stata_by_hand(survey, formula, options, told):
    said = fit_hlm(formula, survey, **options).statements().statement("stata")
    assert told in said.code
    assert said.notes[0].key == "statements.not_run"


@pytest.mark.parametrize("case", CASES)
def test_stata_uses_no_name_that_is_not_there(case):
    """Every variable of the command is a column or made before; names are plain and of at most 32 signs."""
    code = fitted(case).statements()["stata"]
    if not code:
        return
    steps, command = code.split("mixed ", 1)
    made = set(re.findall(r"(?:generate|egen)(?: double| byte| long)? (\w+) =", steps))
    made |= {name for found in re.findall(r"generate\(([\w ]+)\)", steps) for name in found.split()}
    made |= set(re.findall(r"rename \w+ (\w+)", steps)) | set(re.findall(r"-> (\w+)", steps))
    known = made | set(table(CASES[case][0]).columns)
    before_options = "\n".join(line.split(",")[0] for line in command.splitlines())
    used = set(re.findall(r"\w+", re.sub(r"\b(?:c|i|ibn|R)\.|_all|\bpw\b|///|\|\|", " ", before_options)))
    assert used <= known
    assert all(len(name) <= 32 and re.fullmatch(r"[a-zA-Z_]\w*", name) for name in used)


def test_hlm_in_its_own_equations():
    code = fitted("cross_level").statements("en")["hlm"]
    assert code.splitlines() == [
        "Module: HLM2",
        f"Level-1 file: school, math, {SES}",
        "Level-2 file: school, between(ses, school), sector[Public]",
        f"Columns to make first: {SES}, between(ses, school), sector[Public]",
        f"HLM can centre itself (group mean or grand mean) in place of: {SES}",
        "Level-1 Model",
        f"  math = β_0j + β_1j*({SES}) + r_ij",
        "Level-2 Model",
        "  β_0j = γ_00 + γ_01*(between(ses, school)) + γ_02*(sector[Public]) + u_0j",
        "  β_1j = γ_10 + γ_11*(between(ses, school)) + γ_12*(sector[Public]) + u_1j",
        "Estimation: restricted maximum likelihood",
    ]
    chinese = fitted("cross_level").statements("zh")["hlm"]
    assert "第 2 层模型" in chinese
    assert "估计方法：限制性极大似然" in chinese


def test_hlm_of_three_levels_crossed_groupings_and_weights(survey):
    three = fit_hlm("y ~ x * w + (1 | county/village)", survey).statements("en").statement("hlm")
    assert "Module: HLM3" in three.code
    assert "Coefficients without a random effect (switch it off): π_1jk, β_01k, β_10k, β_11k" in three.code
    assert "statements.hlm_upper" in [note.key for note in three.notes]
    assert "Module: HCM2" in fit_hlm("y ~ x + (1 | village) + (1 | enumerator)", survey).statements("en")["hlm"]
    weights = {"household": "hw", "village": "vw"}
    weighted = fit_hlm("y ~ x + (1 | village)", survey, method="ml", sampling_weights=weights).statements("en")["hlm"]
    assert "Sampling weights: village: vw, r: hw" in weighted
    assert "full maximum likelihood" in weighted


@pytest.mark.parametrize(
    ("formula", "options", "silent"),
    [
        (
            "y ~ x + (1 | village)",
            {"method": "ml", "sampling_weights": {"village": "vw"}},
            {"lme4": "lme4_sampling", "nlme": "nlme_sampling", "statsmodels": "statsmodels_weights"},
        ),
        (
            "y ~ x + (1 | village)",
            {"precision": "hw"},
            {"stata": "stata_precision", "hlm": "hlm_precision", "statsmodels": "statsmodels_weights"},
        ),
        ("y ~ x + (1 + x || village)", {}, {"hlm": "hlm_covariances"}),
        (
            "y ~ x + (1 + x | village) + (1 | enumerator)",
            {},
            {"nlme": "nlme_crossed", "statsmodels": "statsmodels_covariances"},
        ),
        (
            "y ~ x + (1 | village) + (1 + x | enumerator)",
            {},
            {"stata": "stata_crossed", "nlme": "nlme_crossed", "statsmodels": "statsmodels_covariances"},
        ),
        ("y ~ x + (1 + x | county/village)", {}, {"statsmodels": "statsmodels_covariances"}),
        ("y ~ w + (1 + w | village)", {}, {"hlm": "hlm_within_level"}),
    ],
)
def test_what_a_program_cannot_say_is_said_in_words(survey, formula, options, silent):
    told = fit_hlm(formula, survey, **options).statements("en")
    assert {program for program in told if not told[program]} == set(silent)
    for program, key in silent.items():
        (note,) = told.statement(program).notes
        assert note.key == f"statements.{key}"
        for lang in ("zh", "en"):
            assert note.say(lang) in told.explain(lang)


def test_precision_weights_are_lme4s_and_nlmes(survey):
    told = fit_hlm("y ~ x + (1 | village)", survey, precision="hw").statements()
    assert "REML = TRUE, weights = hw)" in told["lme4"]
    assert "weights = varFixed(~ one_over_weight)" in told["nlme"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_and_tidies(survey, lang):
    fit = fit_hlm("y ~ x + (1 | village)", survey)
    told = fit.statements(lang)
    text = str(told.summary())
    assert "lmer(y ~ x + (1 | village), data = d, REML = TRUE)" in text
    assert f"{fit.loglik:.4f}" in text
    assert "|| village:" in text
    assert "<pre>" in told._repr_html_()
    frame = told.tidy()
    assert frame["group"].tolist() == ["lme4", "nlme", "stata", "hlm", "statsmodels"]
    assert frame["estimate"].tolist() == [1.0] * 5
    assert fit.formula in told.explain()
    with pytest.raises(OptionError, match="'sas'"):
        told["sas"]
