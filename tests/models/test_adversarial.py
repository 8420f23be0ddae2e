"""Two hundred spiteful data sets (synthetic): no fit may end above the optimum of a slow many-start search.

WORSE: in units of -2 log L, what the stored optimum may lie below the fit. BETTER: what it may lie above it, the
slow search following flat valleys by finite differences.
SINGULAR: a fit whose relative covariance has an eigenvalue below this, and yet the status "converged", must have
missed the boundary; above NEAR no fit is a boundary fit. ANOVA: estimates against means of groups.
"""

import json
from functools import cache
from pathlib import Path

import adversarial
import many_start
import numpy as np
import pandas as pd
import pytest

from povstats.errors import FitError
from povstats.models import fit_hlm

WORSE, WORSE_SHARE = 1e-6, 1e-9
BETTER = 1e-6
SINGULAR = 1e-9
NEAR = 1e-6
ANOVA = 1e-6

STORED = json.loads((Path(__file__).parents[1] / "reference" / "adversarial.json").read_text(encoding="utf-8"))


@cache
def fits():
    return [(case, fit_hlm(case.formula, case.table, method=case.method)) for case in adversarial.cases()]


def in_scaled_units(case, fit):
    """Give T = cov(b)/σ² in a basis in which the average of z z' is the identity, from the rows."""
    cov = next(iter(fit.random_cov.values())).to_numpy() / fit.sigma2
    blocks, at = [], 0
    for block in case.blocks:
        z = many_start.design(case.table, block)
        change = np.linalg.qr(z)[1] / np.sqrt(len(z))
        size = len(block)
        blocks.append(change @ cov[at : at + size, at : at + size] @ change.T)
        at += size
    return blocks


@pytest.mark.parametrize("recipe", [recipe.name for recipe in adversarial.RECIPES])
def test_no_fit_is_worse_than_the_slow_search(recipe):
    seen = 0
    for (case, fit), stored in zip(fits(), STORED["cases"], strict=True):
        if case.name[4:] != recipe:
            continue
        assert (case.name, case.fingerprint) == (stored["name"], stored["fingerprint"])
        excess = -2 * fit.loglik - stored["criterion"]
        assert excess <= WORSE + WORSE_SHARE * abs(fit.loglik), case.name
        assert excess >= -BETTER, case.name
        seen += 1
    assert seen == 10


def test_what_is_singular_is_called_a_boundary_fit():
    known = {"groups that avoid each other", "tiny variances"}
    for case, fit in fits():
        # With x a million away an intercept's variance is 1e12 slope variances: no digit of the way back is left.
        if "x far" not in case.name:
            lowest = min(float(np.linalg.eigvalsh(block)[0]) for block in in_scaled_units(case, fit))
            assert lowest > SINGULAR if fit.status == "converged" else lowest < NEAR, case.name
        if case.name[4:] in known:
            assert fit.status == "boundary", case.name


def test_both_states_occur_and_the_boundary_is_not_overused():
    states = [fit.status for _, fit in fits()]
    assert set(states) == {"converged", "boundary"}
    assert 60 <= states.count("boundary") <= 120


def test_a_boundary_fit_is_no_worse_than_its_neighbours():
    """Away from the boundary the slow route's criterion is higher: it was right to stay there."""
    rng = np.random.default_rng(4)
    for case, fit in fits()[:40]:
        if fit.status != "boundary":
            continue
        task = many_start.problem(case.table, case.fixed, case.blocks, case.method)
        for size in (1e-3, 0.03, 0.3):
            theta = rng.normal(size=len(task.free[0])) * size
            assert task.criterion(theta) >= -2 * fit.loglik - 1e-6, case.name


def test_the_numbers_a_fit_reports_are_finite():
    for case, fit in fits():
        numbers = [fit.params, fit.std_errors, fit.pvalues, fit.loglik, fit.sigma2, *fit.random_effects["g"].to_numpy()]
        assert all(np.isfinite(np.asarray(part, dtype=float)).all() for part in numbers), case.name
        assert (fit.dof > 0).all(), case.name
        assert (np.linalg.eigvalsh(fit.random_cov["g"]) >= -1e-12 * np.abs(fit.random_cov["g"].to_numpy()).max()).all()


@pytest.fixture
def rows():
    rng = np.random.default_rng(6)
    group = np.repeat(np.arange(8), 6)
    return pd.DataFrame({"x": rng.normal(size=48), "z": rng.normal(size=48), "g": group})


UNBOUNDED = {
    "a line": lambda t: 2 * t.x + 1,
    "a line and group levels": lambda t: 2 * t.x + t.g,
    "group levels": lambda t: t.g * 1.0,
    "lines of its own": lambda t: t.x * t.g + t.g**2,
    "a constant": lambda t: 0 * t.x + 7,
    "zero": lambda t: 0 * t.x,
    "large, exact": lambda t: 1e9 + 1e6 * t.x + 1e5 * t.g,
}


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("outcome", UNBOUNDED)
def test_an_unbounded_likelihood_is_refused(rows, outcome, method):
    table = rows.assign(y=UNBOUNDED[outcome](rows))
    with pytest.raises(FitError, match=r"no maximum|does not vary|cannot be evaluated|same for all rows"):
        fit_hlm("y ~ x + (1 + x | g)", table, method=method)


@pytest.mark.parametrize("noise", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
def test_a_drowned_residual_keeps_the_degrees_of_freedom(rows, noise):
    """One-way layout: the intercept's df are groups - 1 whatever the ratio of the variances."""
    rng = np.random.default_rng(9)
    table = rows.assign(y=rng.normal(size=8)[rows.g] + noise * rng.normal(size=48))
    fit = fit_hlm("y ~ 1 + (1 | g)", table)
    assert fit.dof["Intercept"] == pytest.approx(7, rel=1e-3)
    means = table.groupby("g").y.mean()
    if noise >= 1e-3:  # where the residual is a millionth of the variance, and less, digits of both go
        assert fit.params["Intercept"] == pytest.approx(means.mean(), rel=ANOVA)
        assert fit.std_errors["Intercept"] == pytest.approx(means.std() / np.sqrt(8), rel=ANOVA)


@pytest.mark.parametrize(
    "text", ["y ~ C(g) + (1 | g)", "y ~ C(g) * x + (1 + x | g)", "y ~ C(g) + (1 | g) + (0 + x | g)"]
)
def test_groups_in_the_fixed_part_leave_nothing_to_vary(rows, text):
    rng = np.random.default_rng(1)
    table = rows.assign(y=rng.normal(size=8)[rows.g] + rows.x + rng.normal(size=48))
    with pytest.raises(FitError, match="coefficient for every group"):
        fit_hlm(text, table)
    assert fit_hlm("y ~ C(g) + (1 | g)", table, method="ml").status == "boundary"


def test_village_predictors_as_many_as_villages_leave_nothing_to_vary(rows):
    rng = np.random.default_rng(2)
    levels = rng.normal(size=(8, 7))
    table = rows.assign(y=rng.normal(size=48), **{f"v{k}": levels[rows.g, k] for k in range(7)})
    few, many = ("y ~ " + " + ".join(f"v{k}" for k in range(n)) + " + (1 | g)" for n in (6, 7))
    assert fit_hlm(few, table).nobs == 48
    with pytest.raises(FitError, match="coefficient for every group"):
        fit_hlm(many, table)
