"""The slow reference agrees with its definition and lme4; the stored optima belong to the generated data.

Tolerances, in units of -2 log L: DEFINITION is rounding of the dense route on 100 rows; LME4 is what lme4's
finished optimum leaves (its criterion is rounded at 1e-13 of some thousands); STORED is what a short search
may miss.
"""

import json
from pathlib import Path

import adversarial
import many_start
import numpy as np
import pytest
from export_data import tables

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
MODELS = json.loads((REFERENCE / "models.json").read_text(encoding="utf-8"))["models"]
STORED_CASES = json.loads((REFERENCE / "adversarial.json").read_text(encoding="utf-8"))
DEFINITION = 1e-8
LME4 = 1e-7
STORED = 1e-6

CLASSICS = {
    "sleepstudy/rs": ("Reaction", "Subject", ("Days",), (("1", "Days"),)),
    "sleepstudy/uncorrelated": ("Reaction", "Subject", ("Days",), (("1",), ("Days",))),
    "Dyestuff2/singular": ("Yield", "Batch", (), (("1",),)),
    "Oxboys/rs_linear": ("height", "Subject", ("age",), (("1", "age"),)),
}


@pytest.fixture(scope="module")
def classics():
    return tables()


@pytest.fixture(scope="module")
def cases():
    return list(adversarial.cases())


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("key", CLASSICS)
def test_the_search_finds_what_lme4_finds(classics, key, method):
    response, group, fixed, blocks = CLASSICS[key]
    table = classics[key.split("/")[0]].rename(columns={response: "y", group: "g"})
    task = many_start.problem(table, fixed, blocks, method)
    found = many_start.optimum(task, np.random.default_rng(1), starts=6)
    assert abs(found.criterion + 2 * MODELS[f"{key}/{method}"]["loglik"]) < LME4


@pytest.mark.parametrize("place", [0, 1, 13, 15, 17, 20, 21, 33, 37])
def test_the_criterion_is_the_definition(cases, place):
    case = cases[place]
    task = many_start.problem(case.table, case.fixed, case.blocks, case.method)
    theta = np.random.default_rng(place).standard_normal(len(task.free[0]))
    factor = np.zeros((task.q, task.q))
    factor[task.free] = theta
    # The search works in a basis of its own: back to the columns' units through z_own = z_basis @ change.
    own = np.hstack([many_start.design(case.table, block) for block in case.blocks])
    basis = np.hstack([many_start._basis(many_start.design(case.table, block)) for block in case.blocks])
    change = np.linalg.lstsq(own, basis, rcond=None)[0]
    covariance = change @ factor @ factor.T @ change.T
    dense = many_start.dense_criterion(case.table, case.fixed, case.blocks, case.method, covariance)
    assert abs(task.criterion(theta) - dense) < DEFINITION


def test_the_stored_optima_belong_to_these_data(cases):
    assert STORED_CASES["data"] == "synthetic"
    assert STORED_CASES["seed"] == adversarial.SEED
    told = [(row["name"], row["formula"], row["method"], row["fingerprint"]) for row in STORED_CASES["cases"]]
    assert told == [(case.name, case.formula, case.method, case.fingerprint) for case in cases]
    assert {case.method for case in cases} == {"reml", "ml"}
    assert max(len(case.table) for case in cases) <= 200


@pytest.mark.parametrize("place", range(3, 200, 29))
def test_a_short_search_confirms_the_stored_optima(cases, place):
    case, stored = cases[place], STORED_CASES["cases"][place]["criterion"]
    task = many_start.problem(case.table, case.fixed, case.blocks, case.method)
    found = many_start.optimum(task, np.random.default_rng(7), starts=4)
    assert found.criterion > stored - STORED
    assert found.criterion < stored + STORED
