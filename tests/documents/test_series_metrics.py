"""Derived metrics of S01 to S08, computed from the loaded values, against those worked out by hand from the texts.

Second route: the expected numbers were derived from the printed texts before the data were loaded here, and are
typed as they were written down. Tolerance: half a unit of the last digit written.
"""

import math

import pytest

import povstats as ps


def points(id: str, indicator: str, group: str, role: str = "point") -> list[float]:
    table = ps.series(id).table
    chosen = table[(table["indicator"] == indicator) & (table["group"] == group) & (table["role"] == role)]
    return chosen["value"].tolist()


def near(digits: str) -> object:
    """The number as written, within half a unit of its last digit."""
    decimals = len(digits.partition(".")[2])
    return pytest.approx(float(digits), abs=0.5 * 10**-decimals * (1 + 1e-9), rel=0)


def yearly(first: float, last: float, years: float) -> float:
    return 100 * ((last / first) ** (1 / years) - 1)


def test_ganzhou():
    poor, share = points("S01", "poor_population", "all"), points("S01", "poverty_incidence", "all")
    assert yearly(*poor, 5) == near("-20.1")
    assert yearly(*share, 5) == near("-20.8")
    assert 100 * (share[0] - share[1]) / 5 == near("4.12")
    assert [n / p for n, p in zip(poor, share, strict=True)] == [near("7206020"), near("7548387")]
    # Both of the incidence: along its straight line, along its exponential.
    assert share[1] / ((share[0] - share[1]) / 5) == near("2.26")
    assert math.log(2) / -(math.log(share[1] / share[0]) / 5) == near("2.97")
    assert (poor[0] - poor[1]) / 1e4 == near("145.26")


def test_town():
    poor, share = points("S02", "poor", "persons"), points("S02", "poverty_incidence", "persons")
    assert [n / p for n, p in zip(poor, share, strict=True)] == [near("62235"), near("61932"), near("65000")]
    registered = points("S02", "registered", "persons")
    assert [registered[1] - registered[0], registered[2] - registered[1]] == [769, -228]
    assert 100 * points("S02", "exited_total", "persons")[0] / registered[2] == near("97.1")
    watched = points("S02", "monitored_exited", "persons")[0] + points("S02", "marginal", "persons")[0]
    assert watched == 210
    assert watched / poor[2] == near("1.24")
    assert yearly(share[0], share[1], 2) == near("-16.7")


def test_xi_county():
    poor, share = points("S03", "poor_population", "all"), points("S03", "poverty_incidence", "all")
    income = points("S03", "income_per_head", "all")
    assert 100 * (1 - poor[1] / poor[0]) == near("68.49")
    assert 100 * points("S03", "poor_reduction_share", "all", "stated")[0] == near("68.5")
    assert [n / p for n, p in zip(poor, share, strict=True)] == [near("833173"), near("833588")]
    assert math.log(share[1] / share[0]) / math.log(income[1] / income[0]) == near("-3.14")
    assert math.log(income[1] / income[0]) / math.log(1.1) == near("3.86")
    assert poor[1] / points("S03", "prefecture_share", "all", "stated")[0] == near("372188")


def test_province():
    share, income = points("S04", "poverty_share", "all"), points("S04", "poor_income", "all")
    assert yearly(*share, 10) == near("-9.7")
    assert yearly(*income, 10) == near("12.8")
    assert math.log(share[1] / share[0]) / math.log(income[1] / income[0]) == near("-0.85")


def test_dousha():
    persons, households = points("S05", "exited", "persons"), points("S05", "exited", "households")
    start = points("S05", "registered", "persons")[0]
    remaining = [start - sum(persons[: n + 1]) for n in range(5)]
    assert remaining == [6482, 5850, 1533, 842, 225]
    base = points("S05", "residents", "persons", "context")[0]
    assert [100 * n / base for n in remaining] == [near(x) for x in ("30.9", "27.9", "7.3", "4.0", "1.1")]
    size = [n / h for n, h in zip(persons, households, strict=True)]
    assert size == [near(x) for x in ("5.03", "4.98", "4.52", "3.11", "3.91", "3.17")]
    assert 100 * persons[2] / start == near("54.3")
    assert points("S05", "exited_total", "persons")[0] - sum(persons[:5]) == 19
    assert points("S05", "exited_total", "households")[0] - sum(households[:5]) == 4


def test_dengta():
    persons, households = points("S06", "exited", "persons"), points("S06", "exited", "households")
    assert (sum(households), sum(persons)) == (122, 262)
    stated = [points("S06", "exited_total", group, "stated")[0] for group in ("households", "persons")]
    assert stated == [116, 251]
    size = [n / h for n, h in zip(persons, households, strict=True)]
    assert size == [near(x) for x in ("3.21", "2.09", "1.43", "1.94", "2.73", "2.00")]
    population = points("S06", "registered_population", "persons", "context")[0]
    assert 100 * points("S06", "registered", "persons")[0] / population == near("7.0")


def test_national_counts():
    poor = points("S07", "rural_poor", "absolute")
    assert [n / 1e4 for n in poor] == [25000, 8000, 3000, 2820, 2900, 2610, 2365, 2148, 1479]
    low = points("S07", "rural_poor", "low_income")
    low2003 = low[0] - points("S07", "change", "low_income", "stated")[0]
    assert low2003 / 1e4 == 5617
    assert yearly(poor[3], poor[8], 5) == near("-12.1")
    assert yearly(low2003, low[3], 4) == near("-15.7")
    assert [100 * (poor[8] / poor[7] - 1), 100 * (low[3] / low[2] - 1)] == [near("-31.1"), near("-20.0")]
    rates = [points("S07", "rural_rate", group)[0] for group in ("absolute", "low_income")]
    assert [poor[5] / rates[0] / 1e8, low[0] / rates[1] / 1e8] == [near("9.321"), near("9.391")]
    moved = [points("S07", "rate_change", group, "stated")[0] for group in ("absolute", "low_income")]
    assert [poor[4] / (rates[0] - moved[0]) / 1e8, low2003 / (rates[1] - moved[1]) / 1e8] == [
        near("9.355"),
        near("9.362"),
    ]


def test_later_standard():
    counts = points("S08", "rural_poor", "all")
    assert [n / 1e4 for n in counts] == [8249, 7000, 5575, 4335]
    assert (counts[2] - counts[3]) / 1e4 == 1240
    assert counts[1] / points("S08", "annual_pace", "all", "stated")[0] == near("5.83")
