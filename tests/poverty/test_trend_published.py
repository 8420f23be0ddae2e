"""Trends of printed series: the second route is what was computed from the same documents by another hand.

The expected rates were worked out when the documents were read, before this code was written, and are typed as they
were rounded then; values are those the documents print.
"""

import pandas as pd
import pytest

import povstats as ps

# Expectations are typed to the digits shown, so half a unit of the last digit is all that may differ.
TENTH_PER_CENT, HUNDREDTH, PERSON = 0.0005, 0.005, 0.5
NAN = float("nan")


def metric(found: ps.poverty.Trend, quantity: str, name: str, group: str = "") -> float:
    rows = found.metrics[(found.metrics["quantity"] == quantity) & (found.metrics["group"] == group)]
    assert len(rows) == 1
    return float(rows[name].iloc[0])


@pytest.fixture
def ganzhou() -> ps.poverty.Trend:
    table = pd.DataFrame({"year": [2010, 2015], "rate": [0.299, 0.093], "poor": [2_154_600, 702_000]})
    return ps.trend(table, time="year", value="rate", numerator="poor")


def test_ganzhou(ganzhou: ps.poverty.Trend) -> None:
    assert metric(ganzhou, "count", "annual_rate") == pytest.approx(-0.201, abs=TENTH_PER_CENT)
    assert metric(ganzhou, "share", "annual_rate") == pytest.approx(-0.208, abs=TENTH_PER_CENT)
    assert metric(ganzhou, "share", "change_per_year") == pytest.approx(-0.0412, abs=HUNDREDTH / 100)
    assert metric(ganzhou, "count", "change") == pytest.approx(-1_452_600, abs=PERSON)
    assert metric(ganzhou, "count", "exits_per_year") == pytest.approx(290_500, abs=50)
    assert metric(ganzhou, "population", "first") == pytest.approx(7_206_020, abs=PERSON)
    assert metric(ganzhou, "population", "last") == pytest.approx(7_548_387, abs=PERSON)
    assert metric(ganzhou, "share", "years_to_zero") == pytest.approx(2.26, abs=HUNDREDTH)
    assert metric(ganzhou, "share", "half_life") == pytest.approx(2.97, abs=HUNDREDTH)


def test_town_with_a_time_that_is_not_printed() -> None:
    """2014 and 2016 are printed, "now" is not: no rate to it, but the total change; read as 2020 a rate comes."""
    table = pd.DataFrame({"t": ["2014", "2016", "目前"], "rate": [0.085, 0.059, 0.0026], "poor": [5290, 3654, 169]})
    found = ps.trend(table, time="t", value="rate", numerator="poor")
    early = found.growth(2014, 2016).set_index("quantity")
    assert early.loc["share", "annual_rate"] == pytest.approx(-0.167, abs=TENTH_PER_CENT)
    assert early.loc["population", ["first", "last"]].tolist() == pytest.approx([62_235, 61_932], abs=PERSON)
    whole = found.growth("2014", "目前").set_index("quantity").loc["share"]
    assert whole["change"] == pytest.approx(-0.0824, rel=1e-12)
    assert whole[["years", "annual_rate", "change_per_year", "half_life", "years_to_zero"]].isna().all()
    assert whole["reason"] == "no_time"
    dated = ps.trend(table.assign(t=[2014, 2016, 2020]), time="t", value="rate", numerator="poor").growth(2016, 2020)
    assert dated["annual_rate"].iloc[0] == pytest.approx(-0.542, abs=TENTH_PER_CENT)


def test_xi_county_with_years_blotted_out() -> None:
    table = pd.DataFrame({"t": ["20XX", "20XX"], "rate": [0.208, 0.0655], "poor": [173_300, 54_600]})
    found = ps.trend(table, time="t", value="rate", numerator="poor")
    assert metric(found, "share", "relative_fall") == pytest.approx(0.685, abs=TENTH_PER_CENT)
    assert metric(found, "count", "relative_fall") == pytest.approx(0.6849, abs=TENTH_PER_CENT / 10)
    ends = [metric(found, "population", name) for name in ("first", "last")]
    assert ends == pytest.approx([833_173, 833_588], abs=PERSON)
    assert found.clock == ""


def test_sichuan_share_and_income() -> None:
    share = ps.trend(pd.DataFrame({"y": [2000, 2010], "v": [0.1522, 0.0548]}), time="y", value="v")
    income = ps.trend(pd.DataFrame({"y": [2000, 2010], "v": [1262, 4209]}), time="y", value="v", measure="amount")
    assert metric(share, "share", "annual_rate") == pytest.approx(-0.097, abs=TENTH_PER_CENT)
    assert metric(income, "amount", "annual_rate") == pytest.approx(0.128, abs=TENTH_PER_CENT)


def test_dousha_path_from_exits() -> None:
    """Registered poor 7,946 less the printed exits, over 20,961 residents; no exits are printed for 2016."""
    exits = {2014: 1464, 2015: 632, 2017: 4317, 2018: 691, 2019: 617}
    remaining = 7946 - pd.Series(exits).cumsum()
    assert remaining.tolist() == [6482, 5850, 1533, 842, 225]
    table = pd.DataFrame({"year": list(exits), "poor": remaining.to_numpy(), "residents": 20_961})
    found = ps.trend(table, time="year", numerator="poor", denominator="residents")
    assert found.table["value"].tolist() == pytest.approx([0.309, 0.279, 0.073, 0.040, 0.011], abs=TENTH_PER_CENT)
    assert metric(found, "population", "change") == 0
    assert metric(found, "count", "exits_per_year") == pytest.approx((6482 - 225) / 5, rel=1e-12)


def test_national_counts() -> None:
    """In 10,000 persons; the absolute poor and the low-income, whose counts are two series, not one."""
    absolute = {1978: 25_000, 1994: 8_000, 2000: 3_000, 2002: 2_820, 2003: 2_900, 2004: 2_610, 2005: 2_365}
    absolute |= {2006: 2_148, 2007: 1_479}
    low = {2003: 5_617, 2004: 4_977, 2005: 4_067, 2006: 3_550, 2007: 2_841}
    rows = [("absolute", *pair) for pair in absolute.items()] + [("low-income", *pair) for pair in low.items()]
    found = ps.trend(pd.DataFrame(rows, columns=["who", "year", "poor"]), time="year", value="poor", by="who")
    assert found.measure == "count"
    for who, start, end, rate in (
        ("absolute", 2002, 2007, -0.121),
        ("low-income", 2003, 2007, -0.157),
        ("absolute", 2006, 2007, -0.311),
        ("low-income", 2006, 2007, -0.200),
    ):
        growth = found.growth(start, end, by=who)
        assert growth["annual_rate"].tolist() == pytest.approx([rate], abs=TENTH_PER_CENT)
    rates = pd.DataFrame({"who": ["absolute", "low-income"], "y": 2004, "v": [0.028, 0.053], "n": [2610, 4977]})
    implied = ps.trend(rates, time="y", value="v", numerator="n", by="who").table["population"]
    assert (implied / 10_000).tolist() == pytest.approx([9.321, 9.391], abs=HUNDREDTH / 10)


def test_the_required_pace() -> None:
    """From 70 million, 12 million a year take 5.83 years to zero; the last year known before is 2015."""
    found = ps.trend(pd.DataFrame({"y": [2014, 2015], "v": [8200, 7000]}), time="y", value="v")
    assert metric(found, "count", "years_to_zero") == pytest.approx(5.83, abs=HUNDREDTH)
    quoted = ps.trend(pd.DataFrame({"y": [2015, 2016], "v": [5575, 4335]}), time="y", value="v")
    assert metric(quoted, "count", "change") == -1240
