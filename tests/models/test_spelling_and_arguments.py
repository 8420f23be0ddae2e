"""Names as the formula spells them, and arguments of the wrong kind: refusals by name, never an error of Python's.

Second route: the same question in the printed spelling, to which answers are equal bit by bit.
"""

import numpy as np
import pandas as pd
import pytest

from povstats import fit_hlm, pool, predicted_headcount, simulate_power
from povstats.errors import FitError, OptionError

FORMULA = "log(c) ~ within(x,village)*z + between(x,village) + k + (1|village)"


@pytest.fixture(scope="module")
def table():
    """Twelve synthetic villages."""
    rng = np.random.default_rng(20261127)
    village = np.repeat(np.arange(12), 8)
    table = pd.DataFrame({"village": village, "x": rng.normal(size=96), "z": rng.normal(5, 1, 12)[village]})
    table["k"], table["w"] = rng.choice(list("abc"), 96), rng.uniform(1, 2, 96)
    table["y"] = 0.5 * table["x"] + rng.normal(0, 0.6, 12)[village] + rng.normal(size=96)
    return table.assign(c=np.exp(table["y"]))


@pytest.fixture(scope="module")
def fit(table):
    return fit_hlm(FORMULA, table)


def test_spaces_do_not_matter(fit):
    spaced, tight = "within(x, village)", "within(x,village)"
    pd.testing.assert_frame_equal(fit.slopes(tight, {"z": [4, 5]}).table, fit.slopes(spaced, {"z": [4, 5]}).table)
    pd.testing.assert_frame_equal(fit.slopes("z", {tight: 1}).table, fit.slopes("z", {spaced: 1}).table)
    for ask in (
        lambda name: fit.johnson_neyman("z", name).regions,
        lambda name: fit.main_effect(name).table,
        lambda name: fit.percent_effects(terms=name).table,
        lambda name: fit.joint_test([name, "k"]).tidy(),
    ):
        pd.testing.assert_frame_equal(ask(tight), ask(spaced))


def test_backticks_of_the_formula_may_be_written_or_not(table):
    odd = table.rename(columns={"x": "trust in state", "z": "village's mean"})
    fit = fit_hlm("y ~ `trust in state` * `village's mean` + (1 | village)", odd)
    plain = fit.slopes("trust in state", {"village's mean": 4}).table
    pd.testing.assert_frame_equal(fit.slopes("`trust in state`", {"`village's mean`": 4}).table, plain)


@pytest.mark.parametrize("term", ["k[T.a]", "k[a]", "k[b]"])
def test_a_level_that_is_compared_with_nothing_is_told(fit, term):
    with pytest.raises(OptionError, match=r"reference, a; ask for one of k\[T.b\], k\[T.c\]"):
        fit.slopes(term)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda fit, _: fit.conf_int("a"), "level='a' must lie between 0 and 1"),
        (lambda fit, t: fit.predict(t, interval="mean", level="0.9"), "level='0.9' must lie between 0 and 1"),
        (lambda fit, _: fit.slopes("z", level=None), "level=None must lie between 0 and 1"),
        (lambda fit, _: fit.slopes("z", 3), "at=3 must name"),
        (lambda fit, _: fit.joint_test(3), "terms=3 must be the name"),
        (lambda fit, _: fit.percent_effects(terms=3), "terms=3 must be the name"),
        (lambda fit, _: fit.percent_effects("a"), "change must be a number"),
        (lambda fit, _: fit.percent_effects(None), "change must be a number"),
        (lambda fit, _: fit.percent_effects({"z": "1"}), "change must be a number"),
        (lambda fit, _: fit.percent_effects(1e6), "beyond any number; take a smaller change"),
        (lambda fit, _: fit.influence(["village"]), "must be the name of a grouping"),
        (lambda fit, t: fit.influence("row", t, top=2.5), "top=2.5 must be a whole number"),
        (lambda fit, t: fit.influence("row", t, top="3"), "top='3' must be a whole number"),
        (lambda fit, t: predicted_headcount(fit, t, 3.0, n=50.5), "n=50.5: give 0"),
        (lambda fit, t: predicted_headcount(fit, t, 3.0, n="50"), "n='50': give 0"),
        (lambda _, t: predicted_headcount(t, t, 3.0), "fit is a DataFrame; give a fit of fit_hlm"),
        (lambda fit, _: simulate_power(fit, 20.5, 5), "villages=20.5 must be whole numbers"),
        (lambda fit, _: simulate_power(fit, None, 5), "villages=None must be whole numbers"),
        (lambda fit, _: simulate_power(fit, 20, 5, effects={"z": "a"}), "give a finite number"),
        (lambda fit, _: simulate_power(fit, 20, 5, effects=["z"]), "must give a size to each coefficient"),
        (lambda fit, _: simulate_power(fit, 20, 5, n=200.0), "n=200.0 must be a whole number"),
        (lambda fit, _: simulate_power(fit, 20, 5, rng="a"), "rng='a' must be a numpy Generator, or its seed"),
        (lambda fit, _: fit.bootstrap(40, rng=-1), "rng=-1 must be a numpy Generator, or its seed"),
        (lambda fit, t: predicted_headcount(fit, t, 3.0, n=40, rng=1.5), "rng=1.5 must be"),
        (lambda fit, _: simulate_power(fit, 20, 5, alpha="x"), "alpha='x' must lie between 0 and 1"),
    ],
)
def test_arguments_of_the_wrong_kind(fit, table, ask, told):
    with pytest.raises(OptionError, match=told):
        ask(fit, table)


def test_fits_with_other_weights_are_not_pooled(table):
    formula = "y ~ x + (1 | village)"
    with pytest.raises(FitError, match=r"fit 2 has weights \['w'\], fit 1 has \[\]"):
        pool([fit_hlm(formula, table), fit_hlm(formula, table, precision="w")])
