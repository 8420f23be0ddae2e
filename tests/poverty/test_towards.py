"""Elasticity and pace of stated series. Second route: the documents' own arithmetic, and logarithms by hand."""

import math

import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError


def trend(first, last, measure, times=(2000, 2010)):
    return ps.trend(pd.DataFrame({"year": times, "v": [first, last]}), time="year", value="v", measure=measure)


def test_elasticity_of_two_counties():
    """Xi County: incidence 20.8 to 6.55 per cent while income rose from 5,380 to 7,772: −3.14."""
    found = trend(0.208, 0.0655, "share").elasticity(trend(5380, 7772, "amount"), 2000, 2010).iloc[0]
    assert found["elasticity"] == pytest.approx(math.log(6.55 / 20.8) / math.log(7772 / 5380), rel=1e-12)
    assert round(found["elasticity"], 2) == -3.14
    assert found["arc"] == pytest.approx((6.55 - 20.8) / 27.35 * 13152 / 2392, rel=1e-12)
    assert found["simple"] == pytest.approx((6.55 / 20.8 - 1) / (7772 / 5380 - 1), rel=1e-12)
    # A province whose poor share went from 15.22 to 5.48 per cent with incomes from 1,262 to 4,209: −0.85.
    other = trend(0.1522, 0.0548, "share").elasticity(trend(1262, 4209, "amount"), 2000, 2010)
    assert round(other["elasticity"].iloc[0], 2) == -0.85


def test_the_pace_of_a_target():
    """70 million poor: 12 million a year take 5.83 years; five years need 14 million."""
    poor = trend(82_490_000, 70_000_000, "count")
    assert round(poor.pace(per_year=12_000_000)["years"], 2) == 5.83
    assert poor.pace(years=5)["per_year"] == 14_000_000
    half = poor.pace(35_000_000, years=10)
    assert half["annual_rate"] == pytest.approx(0.5**0.1 - 1, rel=1e-12)
    assert math.isnan(poor.pace(years=5)["annual_rate"])


def test_what_has_no_elasticity_or_pace_is_refused():
    poor = trend(0.3, 0.1, "share")
    with pytest.raises(DataError, match="changes"):
        poor.elasticity(trend(100, 100, "amount"), 2000, 2010)
    for asked in ({}, {"years": 5, "per_year": 1}, {"years": 0}, {"per_year": -1}):
        with pytest.raises(OptionError):
            poor.pace(**asked)
    groups = pd.DataFrame({"year": [2000, 2010] * 2, "v": [0.3, 0.1, 0.4, 0.2], "place": ["a", "a", "b", "b"]})
    with pytest.raises(DataError, match="name one group"):
        ps.trend(groups, time="year", value="v", by="place").pace(years=5)
