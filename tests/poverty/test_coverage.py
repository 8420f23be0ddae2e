"""Simulated coverage: samples of villages from a population whose poverty is known in closed form.

Log welfare is N(mean, between² + within²) over villages and households. With d = (log z − mean) / sd, the
headcount is Φ(d) and the gap Φ(d) − exp(mean + sd²/2) / z · Φ(d − sd).
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from povstats.poverty import Estimates, headcount, poverty_gap
from povstats.survey import Design

pytestmark = pytest.mark.slow

RUNS, VILLAGES, HOUSEHOLDS = 400, 40, 10
MEAN, BETWEEN, WITHIN, LINE = 8.0, 0.4, 0.5, 2300.0
SD = math.hypot(BETWEEN, WITHIN)
D = (math.log(LINE) - MEAN) / SD
TRUE = {
    "headcount": norm.cdf(D),
    "poverty_gap": norm.cdf(D) - math.exp(MEAN + SD**2 / 2) / LINE * norm.cdf(D - SD),
}
# Four binomial standard errors of a coverage of .95 in RUNS samples; four standard errors of a ratio of variances
# with RUNS − 1 df. The seed is fixed, so this is decided once; a wrong formula is far outside (last test).
COVERAGE = 4 * math.sqrt(0.95 * 0.05 / RUNS)
VARIANCE = 4 * math.sqrt(2 / (RUNS - 1))


def sample(rng: np.random.Generator) -> pd.DataFrame:
    """Two strata of villages; the second has half the weight. Synthetic."""
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    log = MEAN + rng.normal(0, BETWEEN, VILLAGES)[village] + rng.normal(0, WITHIN, len(village))
    stratum = village % 2
    return pd.DataFrame({"y": np.exp(log), "village": village, "stratum": stratum, "weight": 1 / (1 + stratum)})


@pytest.fixture(scope="module")
def runs() -> dict[str, list[Estimates]]:
    rng = np.random.default_rng(20260101)
    clustered = Design(weights="weight", strata="stratum", psu="village")
    found: dict[str, list[Estimates]] = {"headcount": [], "poverty_gap": [], "rows": []}
    for _ in range(RUNS):
        table = sample(rng)
        found["headcount"].append(headcount(table, "y", LINE, design=clustered))
        found["poverty_gap"].append(poverty_gap(table, "y", LINE, design=clustered))
        found["rows"].append(headcount(table, "y", LINE, design=Design(weights="weight")))
    return found


def covered(found: list[Estimates], true: float) -> float:
    return float(np.mean([one.low.iloc[0] <= true <= one.high.iloc[0] for one in found]))


@pytest.mark.parametrize("measure", ["headcount", "poverty_gap"])
def test_intervals_cover_and_variances_are_right(runs: dict[str, list[Estimates]], measure: str) -> None:
    values = [one.estimate.iloc[0] for one in runs[measure]]
    assert np.mean(values) == pytest.approx(TRUE[measure], abs=4 * np.std(values) / math.sqrt(RUNS))
    assert covered(runs[measure], TRUE[measure]) == pytest.approx(0.95, abs=COVERAGE)
    mean_square = np.mean([one.se.iloc[0] ** 2 for one in runs[measure]])
    assert mean_square == pytest.approx(np.var(values, ddof=1), rel=VARIANCE)


def test_leaving_out_the_villages_does_not_cover(runs: dict[str, list[Estimates]]) -> None:
    """The same samples taken for rows drawn one by one: the bounds above can tell."""
    assert covered(runs["rows"], TRUE["headcount"]) < 0.95 - 2 * COVERAGE
