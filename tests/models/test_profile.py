"""Profile-likelihood intervals against those of an independent slow profile in R (tests/reference/make_inference.R).

ENDS: R's ends hold to about 1e-6 of a parameter (its own optimiser's tolerance); that of a correlation is absolute.
UNITS: the same search in other units ends where rounding of the criterion, 1e-12 of a thousand, lets it: 1e-6.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from export_data import level_tables
from scipy.special import chdtri
from test_recursion import table  # noqa: F401  (the synthetic survey)

from povstats.errors import FitError, OptionError, SmallSampleWarning
from povstats.models import fit_hlm
from povstats.models.optimum import optimise

ENDS, UNITS = 1e-5, 1e-6
STORED = json.loads((Path(__file__).parents[1] / "reference" / "inference.json").read_text(encoding="utf-8"))[
    "profiles"
]


def named(key):
    measure, group, term = key
    return "sigma" if measure == "sigma" else " ".join([measure, group, *term.split(", ")])


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("key", STORED)
def test_components_against_r(key, method):
    stored = STORED[key]
    found = fit_hlm(stored["formula"], level_tables()[stored["data"]], method=method).profile(which="components")
    expected = {name.replace("(Intercept)", "Intercept"): ends for name, ends in stored[method]["intervals"].items()}
    assert {named(index) for index in found.table.index} == set(expected)
    for index, row in zip(found.table.index, found.table.itertuples(), strict=True):
        low, high = expected[named(index)]
        assert row.low == pytest.approx(low, rel=ENDS, abs=ENDS)
        assert row.high == pytest.approx(high, rel=ENDS, abs=ENDS)
        assert row.low_open == (low == 0 and index[0] == "sd")


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("key", STORED)
def test_coefficients_against_r(key, method):
    """Under either method they are profiled by ML."""
    stored = STORED[key]
    fit = fit_hlm(stored["formula"], level_tables()[stored["data"]], method=method)
    expected = np.array(list(stored["ml"]["coefficients"].values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        found = fit.conf_int(method="profile")
    size = expected[:, 1] - expected[:, 0]
    assert (np.abs(found.to_numpy() - expected) / size[:, None]).max() < ENDS
    assert found.index.tolist() == fit.params.index.tolist()


def test_at_the_ends_the_likelihood_has_dropped_by_the_quantile(table):  # noqa: F811
    """The definition, with the coefficient held by moving it to the outcome."""
    fit = fit_hlm("y ~ x + w + (1 + x | village)", table, method="ml")
    ends = fit.profile(0.9, "coefficients").table.loc[("coef", "", "w")]
    for end in (ends.low, ends.high):
        held = fit_hlm("y ~ x + (1 + x | village)", table.assign(y=table.y - end * table.w), method="ml")
        assert 2 * (fit.loglik - held.loglik) == pytest.approx(chdtri(1, 0.1), rel=1e-6)


def test_few_groups_are_warned_of(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.warns(SmallSampleWarning, match="with 40 groups their coverage falls short"):
        fit.conf_int(method="profile")
    many = table.assign(village=np.arange(len(table)) // 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_hlm("y ~ x + (1 | village)", many).conf_int(method="profile")


def test_units_do_not_matter(table):  # noqa: F811
    formula = "y ~ x + (1 + x | village)"
    plain = fit_hlm(formula, table).profile().table
    other = fit_hlm(formula, table.assign(y=100 * table.y, x=table.x / 10)).profile().table
    scale = np.array([100, 1000, 100, 1000, 1, 100])  # the two coefficients, two deviations, correlation, residual
    for column in ("low", "high"):
        np.testing.assert_allclose(other[column], plain[column] * scale, rtol=UNITS, atol=UNITS)


def test_on_the_boundary_ends_are_open(table):  # noqa: F811
    flat = table.assign(y=np.random.default_rng(2).normal(size=len(table)))
    found = fit_hlm("y ~ x + (1 | village)", flat).profile(which="components").table
    row = found.loc[("sd", "village", "Intercept")]
    assert (row.low, row.low_open) == (0.0, True)
    assert row.high > 0
    # No more than the residual's own spread can be the residual's deviation.
    sigma = found.loc[("sigma", "", "")]
    assert sigma.low < 1 < sigma.high


def test_what_is_refused(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    with pytest.raises(OptionError, match="level"):
        fit.profile(95)
    with pytest.raises(OptionError, match="which"):
        fit.profile(which="everything")
    weighted = fit_hlm("y ~ x + (1 | village)", table.assign(v=1.0), method="ml", sampling_weights={"village": "v"})
    with pytest.raises(FitError, match="pseudo-likelihood has no profile"):
        weighted.profile()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_and_tidies(table, lang):  # noqa: F811
    flat = table.assign(y=np.random.default_rng(2).normal(size=len(table)))
    found = fit_hlm("y ~ x + (1 | village)", flat).profile()
    assert "*" in str(found.summary(lang))
    assert "<table>" in found._repr_html_()
    assert found.tidy()["measure"].tolist() == ["coef", "coef", "sd", "sigma"]


def test_a_fit_that_others_use_is_not_changed(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | village)", table)
    before = fit.optimum.blocks.full.copy()
    fit.profile()
    assert np.array_equal(before, fit.optimum.blocks.full)
    assert optimise(fit.optimum.blocks, True).profile.value == fit.optimum.profile.value
