"""Variance inflation and the condition number against car's vif() on fits of lme4 (make_vif.R).

STORED: lme4's search stops where its variances have some four digits, and they weight the rows of the inflation.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from test_referee import survey

import povstats as ps
from povstats.models.interpretation.refereeing.referee_fit import collinear, condition_number, inflation

STORED = 5e-5
STORE = json.loads((Path(__file__).parents[1] / "reference" / "vif.json").read_text(encoding="utf-8"))


def school():
    """Prepare High School and Beyond as make_vif.R does."""
    rows = ps.datasets.high_school_1982()
    rows["band"] = np.array(["a", "b", "c"])[rows.school % 3]
    rows["twin"] = rows.ses + 0.05 * np.sin(np.arange(1, len(rows) + 1))
    return rows


@pytest.mark.parametrize(
    ("case", "formula"),
    [
        ("plain", "math ~ ses * mean_ses + sector + minority + band + (1 + ses | school)"),
        ("twins", "math ~ ses + twin + sector + (1 | school)"),
    ],
)
def test_inflation_is_that_of_car(case, formula):
    fit = ps.fit_hlm(formula, school())
    stored, mine = STORE[case], inflation(fit)
    assert list(mine) == stored["terms"]
    assert [df for _, df in mine.values()] == stored["df"]
    assert [gvif for gvif, _ in mine.values()] == pytest.approx(stored["gvif"], rel=STORED)
    assert condition_number(fit) == pytest.approx(stored["condition"], rel=STORED)
    assert (collinear(fit).state == "trap") == (case == "twins")


def test_inflation_does_not_hang_on_where_a_moderator_has_its_zero():
    """Products with a moderator far from zero are not collinear for that; R's vif would call them so."""
    honest = survey(slope=0.5)
    near = ps.fit_hlm("y ~ x * center(m) + (1 | village)", honest)
    far = ps.fit_hlm("y ~ x * m + (1 | village)", honest)
    values = [list(dict(inflation(fit)).values()) for fit in (near, far)]
    assert np.array(values[0]) == pytest.approx(np.array(values[1]), rel=1e-6)
    assert max(gvif for gvif, _ in inflation(far).values()) < 1.5


def test_where_the_random_part_is_nothing_it_is_the_definition():
    """1/(1 − R²) of each predictor on the others, by least squares."""
    rows = survey().assign(v=lambda t: t.z + 0.5 * t.x + 0.3 * t.w)
    fit = ps.fit_hlm("y ~ x + v + z + (1 | village)", rows.assign(y=np.random.default_rng(77).normal(size=len(rows))))
    assert fit.random_cov["village"].iloc[0, 0] == pytest.approx(0, abs=1e-12)
    found, names = inflation(fit), ["x", "v", "z"]
    for name in names:
        X = np.column_stack([np.ones(len(rows)), rows[[one for one in names if one != name]]])
        y = rows[name].to_numpy()
        left = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
        assert found[name] == (pytest.approx(((y - y.mean()) ** 2).sum() / (left @ left), rel=1e-9), 1)
