"""Small vectors with published answers, and closed forms of the lognormal.

The ten incomes are those of the documentation of R's ineq (Zeileis), whose values are printed there: Gini,
Atkinson(.5), Watts at 2,000, headcount. Values at 5,000 are by hand from the definitions: five poor, with fractions
written out below.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from povstats import poverty as p
from povstats.survey import Design

TEN = pd.DataFrame({"y": [541.0, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]})
# Printed with seven digits.
PRINTED = 5e-7
# Elementary sums of ten numbers.
EXACT = 1e-13


def value(found: p.Estimates) -> float:
    return float(found.estimate.iloc[0])


def test_the_ten_incomes_of_ineq() -> None:
    assert value(p.gini(TEN, "y")) == pytest.approx(0.4620911, rel=PRINTED)
    assert value(p.atkinson(TEN, "y", 0.5)) == pytest.approx(0.1796591, rel=PRINTED)
    assert value(p.watts(TEN, "y", 2000)) == pytest.approx(0.1620141, rel=PRINTED)
    assert value(p.headcount(TEN, "y", 2000)) == 0.2


def test_the_poor_of_the_ten_by_hand() -> None:
    """Shortfalls 4459, 3537, 2555, 1562, 563 of 5,000; the Gini coefficient of the five poor by pairs."""
    poor, z = TEN["y"][:5].to_numpy(), 5000
    gaps = (z - poor) / z
    assert value(p.headcount(TEN, "y", z)) == 0.5
    assert value(p.poverty_gap(TEN, "y", z)) == pytest.approx(0.25352, rel=EXACT)
    assert value(p.poverty_severity(TEN, "y", z)) == pytest.approx(0.166711552, rel=EXACT)
    assert value(p.watts(TEN, "y", z)) == pytest.approx(0.4662122938, rel=1e-9)
    assert value(p.income_gap(TEN, "y", z)) == pytest.approx(gaps.mean(), rel=EXACT)
    pairs = np.abs(poor[:, None] - poor).sum() / (2 * 25 * poor.mean())
    assert value(p.sen(TEN, "y", z)) == pytest.approx(0.5 * (gaps.mean() + (1 - gaps.mean()) * pairs), rel=EXACT)
    assert value(p.sen(TEN, "y", z)) == pytest.approx(0.331656, rel=2e-6)
    everyone = np.concatenate([gaps, np.zeros(5)])
    inequality = np.abs(everyone[:, None] - everyone).sum() / (2 * 100 * everyone.mean())
    assert value(p.sst(TEN, "y", z)) == pytest.approx(everyone.mean() * (1 + inequality), rel=EXACT)
    assert value(p.sst(TEN, "y", z)) == pytest.approx(0.419348, rel=2e-6)


def test_the_gini_of_everybody_is_not_in_sens_index() -> None:
    """With it the index is 0.367416, which some programs print."""
    whole = value(p.gini(TEN, "y"))
    gap = value(p.income_gap(TEN, "y", 5000))
    assert 0.5 * (gap + (1 - gap) * whole) == pytest.approx(0.367416, rel=2e-6)
    assert abs(value(p.sen(TEN, "y", 5000)) - 0.367416) > 0.03


def test_quantile_rules_where_weights_reach_the_share() -> None:
    """Incomes 1, 2, 3, 4: R's survey gives the median 2, laeken 3, the middle 2.5."""
    table = pd.DataFrame({"y": [4.0, 2.0, 1.0, 3.0]})
    found = {rule: value(p.median(table, "y", rule=rule)) for rule in ("lower", "middle", "upper")}
    assert found == {"lower": 2.0, "middle": 2.5, "upper": 3.0}
    tenths = pd.DataFrame({"y": np.arange(10.0), "w": 0.1})  # ten times 0.1 is not 1 in doubles
    assert value(p.quantile(tenths, "y", 0.3, design=Design(weights="w"))) == 2.0


@pytest.fixture(scope="module")
def lognormal() -> pd.DataFrame:
    """The distribution with parameters 9 and 0.6 as 200,000 equal parts of probability."""
    n = 200_000
    return pd.DataFrame({"y": np.exp(9 + 0.6 * stats.norm.ppf((np.arange(n) + 0.5) / n))})


# Midpoints of 200,000 parts miss the tails, which count more the higher the power of y.
PARTS, SQUARE = 1e-4, 5e-4


def test_closed_forms_of_the_lognormal(lognormal: pd.DataFrame) -> None:
    s, z = 0.6, 5000.0
    a = (math.log(z) - 9) / s
    mean = math.exp(9 + s**2 / 2)
    normal = stats.norm.cdf
    head = normal(a)
    gap = head - mean / z * normal(a - s)
    severity = head - 2 * mean / z * normal(a - s) + (mean / z) ** 2 * math.exp(s**2) * normal(a - 2 * s)
    watts = s * (a * head + stats.norm.pdf(a))
    for found, expected in (
        (p.headcount(lognormal, "y", z), head),
        (p.poverty_gap(lognormal, "y", z), gap),
        (p.poverty_severity(lognormal, "y", z), severity),
        (p.watts(lognormal, "y", z), watts),
        (p.gini(lognormal, "y"), 2 * normal(s / math.sqrt(2)) - 1),
        (p.s_gini(lognormal, "y", 2), 2 * normal(s / math.sqrt(2)) - 1),
        (p.theil(lognormal, "y"), s**2 / 2),
        (p.mld(lognormal, "y"), s**2 / 2),
        (p.atkinson(lognormal, "y", 1), 1 - math.exp(-(s**2) / 2)),
        (p.atkinson(lognormal, "y", 2), 1 - math.exp(-(s**2))),
        (p.generalized_entropy(lognormal, "y", -1), (math.exp(s**2) - 1) / 2),
        (p.quantile_ratio(lognormal, "y"), math.exp(2 * s * stats.norm.ppf(0.9))),
        (p.palma(lognormal, "y"), normal(s - stats.norm.ppf(0.9)) / normal(stats.norm.ppf(0.4) - s)),
        (p.share_ratio(lognormal, "y"), normal(s - stats.norm.ppf(0.8)) / normal(stats.norm.ppf(0.2) - s)),
        (p.median(lognormal, "y"), math.exp(9)),
    ):
        assert value(found) == pytest.approx(expected, rel=PARTS), found.measure
    assert value(p.generalized_entropy(lognormal, "y", 2)) == pytest.approx((math.exp(s**2) - 1) / 2, rel=SQUARE)
    stored = {"headcount": 0.2105027549, "gap": 0.0551707621, "severity": 0.0212365908, "watts": 0.0715316023}
    assert (head, gap, severity, watts) == pytest.approx(tuple(stored.values()), rel=1e-8)


def test_standard_error_of_the_mean_log_deviation(lognormal: pd.DataFrame) -> None:
    """Of the lognormal, the influence log(mean/y) + y/mean − 1 − L has a variance in closed form."""
    s2, n = 0.36, len(lognormal)
    variance = s2 + math.exp(s2) - 1 - 2 * s2
    assert p.mld(lognormal, "y").se.iloc[0] == pytest.approx(math.sqrt(variance / n), rel=SQUARE)


def test_s_gini_of_two_incomes_by_hand() -> None:
    """Of 1 and 3, W = 1·(1 − 1/2^ν) + 3/2^ν, and the mean is 2."""
    table = pd.DataFrame({"y": [1.0, 3.0]})
    for nu in (1.5, 2.0, 4.0):
        expected = 1 - (1 + 2 / 2**nu) / 2
        assert value(p.s_gini(table, "y", nu)) == pytest.approx(expected, rel=EXACT)
