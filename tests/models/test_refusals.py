"""Every model that cannot be estimated is refused, by a message that names the fault and the remedy."""

import numpy as np
import pandas as pd
import pytest

from povstats.errors import DataError, FitError, FormulaError, OptionError, PovstatsError
from povstats.models import fit_hlm


@pytest.fixture
def table():
    rng = np.random.default_rng(29)
    group = np.repeat(np.arange(8), 6)
    x = rng.normal(size=48)
    y = 1 + x + rng.normal(size=8)[group] + rng.normal(size=48)
    return pd.DataFrame(
        {
            "y": y,
            "x": x,
            "z": rng.normal(size=48),
            "double": 2 * x,
            "same": 4.0,
            "zero": 0.0,
            "row": np.arange(48),
            "pair": np.arange(48) // 2,
            "c": ["p", "q", "r"] * 16,
            "one": "only",
            "g": group,
        }
    )


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("y ~ x + (1 | one)", FitError, "'one' has one group only"),
        ("y ~ x + (1 | row)", FitError, "48 groups of 'row' with 1 effects each against 48 rows"),
        ("y ~ x + (1 + x | pair)", FitError, "24 groups of 'pair' with 2 effects each against 48 rows"),
        ("y ~ C(row) + (1 | g)", FitError, "48 rows are too few for 48 fixed effects"),
        ("g ~ x + (1 | g)", FitError, "same for all rows of a group of 'g'"),
        ("same ~ x + (1 | g)", FitError, "same for all rows of a group"),
        ("y ~ x + same + (1 | g)", FitError, "same does not vary"),
        ("y ~ x + zero + (1 | g)", FitError, "zero does not vary"),
        ("y ~ 0 + zero + (1 | g)", FitError, "zero does not vary"),
        ("y ~ x + double + (1 | g)", FitError, "double is a linear combination of .*x"),
        ("y ~ x + z + I(x - z) + (1 | g)", FitError, r"I\(x - z\) is a linear combination of .*x, z"),
        ("y ~ C(g) + g + (1 | pair)", FitError, "is a linear combination"),
        ("y ~ x + (1 + same | g)", FitError, "the same up to a factor"),
        ("y ~ x + (0 + x + double | g)", FitError, "the same up to a factor"),
        ("y ~ one + (1 | g)", DataError, "one level only"),
        ("y ~ log(z) + (1 | g)", DataError, "undefined"),
        ("y ~ log(c) + (1 | g)", DataError, "not a number"),
        ("one ~ x + (1 | g)", DataError, "one level only"),
        ("c ~ x + (1 | g)", FormulaError, "one numeric column"),
    ],
)
@pytest.mark.parametrize("method", ["reml", "ml"])
def test_refused(table, text, error, told, method):
    with pytest.raises(error, match=told):
        fit_hlm(text, table, method=method)


def test_an_outcome_that_the_fixed_part_reproduces(table):
    with pytest.raises(FitError, match=r"computed from the outcome|reproduced by the predictors"):
        fit_hlm("y ~ x + z + (1 | g)", table.assign(y=3 + table.x - table.z))


def test_a_predictor_computed_from_the_outcome(table):
    with pytest.raises(FitError, match=r"computed from the outcome|reproduced by the predictors"):
        fit_hlm("y ~ x + leak + (1 | g)", table.assign(leak=2 * table.y - table.x))


def test_a_nearly_collinear_column_is_still_estimated(table):
    rng = np.random.default_rng(3)
    near = table.assign(near=table.x + 1e-3 * rng.normal(size=48))
    assert fit_hlm("y ~ x + near + (1 | g)", near).std_errors["near"] > 50


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"method": "REML"}, "method='REML' is not one of 'reml', 'ml'"),
        ({"method": "mle"}, "'reml', 'ml'"),
        ({"method": None}, "'reml', 'ml'"),
        ({"df": "residual"}, "df='residual' is not one of 'satterthwaite', 'kenward-roger', 'normal'"),
    ],
)
def test_options(table, options, told):
    with pytest.raises(OptionError, match=told):
        fit_hlm("y ~ x + (1 | g)", table, **options)
    with pytest.raises(ValueError, match="is not one of"):
        fit_hlm("y ~ x + (1 | g)", table, **options)


def test_options_are_given_by_name(table):
    with pytest.raises(TypeError):
        fit_hlm("y ~ x + (1 | g)", table, "ml")


def test_a_refusal_leaves_the_table_as_it_was(table):
    before = table.copy(deep=True)
    for text in ("y ~ x + double + (1 | g)", "y ~ log(z) + (1 | g)"):
        with pytest.raises(PovstatsError):
            fit_hlm(text, table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("groups", [2, 3])
def test_few_groups_are_fitted_as_they_are(groups):
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(groups), 10)
    y = 3 * rng.normal(size=groups)[g] + rng.normal(size=10 * groups)
    fit = fit_hlm("y ~ 1 + (1 | g)", pd.DataFrame({"y": y, "g": g}))
    assert fit.ngroups == {"g": groups}
    assert fit.status == "converged"


@pytest.mark.parametrize("formula", [None, 3, ["y ~ x"]])
def test_a_formula_is_text(formula):
    with pytest.raises(FormulaError, match="a formula is text"):
        fit_hlm(formula, pd.DataFrame({"y": [1.0]}))
