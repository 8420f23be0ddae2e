"""Exhibits of village means and of chosen models: labelled synthetic, and their Monte Carlo files as the card says.

Second routes: the laws that the simulations must obey (size of a valid test, attenuation by the reliability of a mean
of ten), and the first surveys of the treatments' benchmark judged again here.
"""

import re
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from povstats.exhibits import everything, guizhou_means
from povstats.guizhou.simulated import pretest, village_means
from povstats.models import fit_hlm
from povstats.tables import Table
from povstats.words import LANGUAGES

NAMES = ("treatments", "treatments-size", "reliability", "reliability-columns", "pretest", "fixed-readings")
KNOWN = {one.id: one for one in everything()}
CLAIMS = re.compile(r"\b(agrees?|confirms?|replicates?)\b|一致|证实|复现了", re.IGNORECASE)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_an_exhibit_says_that_it_is_synthetic_and_claims_nothing(name, lang):
    one = KNOWN[f"guizhou-{name}"]
    made = one.maker(lang)
    mark = {"zh": "模拟", "en": "synthetic"}[lang]
    assert one.data == "synthetic"
    assert made.title.startswith(one.title(lang))
    assert mark in made.title.lower()
    if isinstance(made, Table):
        told = [made.title, *made.notes]
        assert mark in made.notes[-1].lower()
    else:
        told = [text.get_text() for text in (made.drawing._suptitle, made.drawing._supxlabel)]
        assert mark in told[-1]
    assert CLAIMS.search(" ".join(told)) is None


def test_figures_show_the_committed_files():
    found = village_means().set_index(["case", "treatment", "icc"])["rejected"]
    assert sorted(guizhou_means.treatments_size("en").numbers["estimate"]) == sorted(found)
    sizes = pretest()["size"]
    assert sorted(guizhou_means.pretest_size("en").numbers["estimate"]) == sorted(sizes)


def test_a_mean_of_ten_attenuates_by_no_less_than_its_reliability():
    """Law: at an ICC ρ a mean of n has reliability nρ/(1 + (n − 1)ρ); the figure from outside has its own."""
    found = village_means().query("case == 'interaction'").set_index(["icc", "treatment"])
    for icc in (0.1, 0.3):
        shares = {n: n * icc / (1 + (n - 1) * icc) for n in (5, 10)}
        variance = 0.25 * icc
        expected = {"split_half": shares[5], "outside": variance / (variance + 0.01)}
        for treatment, share in expected.items():
            row = found.loc[(icc, treatment)]
            assert row["median"] == pytest.approx(-0.25 * share, rel=0.2), (icc, treatment)
        assert abs(found.loc[(icc, "naive"), "median"]) < 0.25 * shares[10] * 1.1
        assert found.loc[(icc, "covariance"), "median"] == pytest.approx(-0.25, rel=0.15)


def test_the_benchmark_judges_a_survey_as_its_models_do():
    path = Path(__file__).parents[2] / "benchmarks" / "guizhou_village_means.py"
    spec = util.spec_from_file_location("guizhou_village_means", path)
    script = util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rng = np.random.default_rng(1)
    table = script.survey(rng, 0.3, "interaction")
    assert (len(table), table["village"].nunique()) == (440, 44)
    found = script.judged(table, rng, -0.25)
    fit = fit_hlm("log(consumption) ~ x * center(log(outside)) + (1 + x | village)", table)
    estimate, rejected, covered, _ = found["outside"]
    ends = fit.conf_int().loc["x:center(log(outside))"]
    assert estimate == pytest.approx(fit.params["x:center(log(outside))"], rel=1e-5)
    assert rejected == (fit.pvalues["x:center(log(outside))"] < 0.05)
    assert covered == (ends.low <= -0.25 <= ends.high)
    assert set(found) == set(guizhou_means.TREATMENTS)


def test_a_model_chosen_by_a_test_has_a_size_between_those_of_the_two():
    """Laws: where slopes do not vary all rules hold 5 per cent; where they do, the size lies between the two models."""
    rules = pretest().pivot_table("size", ["correlation", "slope_sd"], "rule")
    flat = rules.loc[(0.0, 0.0)]
    assert ((flat - 0.05).abs() < 3 * 0.007 + 0.005).all(), flat
    for sd in (0.05, 0.075, 0.1):
        row = rules.loc[(0.0, sd)]
        assert row["always_random_slope"] - 0.005 <= row["slope_test"] <= row["always_fixed_slope"] + 0.005
