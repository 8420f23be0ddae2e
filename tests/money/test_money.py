"""Loans, health packages, accounts, funds.

Second routes: the value of the payments at the rate found is zero; annuities and two payments in closed form; claims by
hand; the figures that the documents print (about 16 %) and those worked out from them.
"""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError

YI = ps.LoanTerms(rate=0.08, upfront=0.5, first=3, last=52, part=0.02, final=(51, 52))


def flows(rows):
    return pd.DataFrame(rows, columns=["period", "received", "principal", "interest"])


def test_yi_county():
    found = ps.effective_rate(ps.repayment_schedule(YI))
    assert round(100 * found.annual, 2) == 15.96
    assert round(100 * found.nominal, 2) == 14.83
    assert round(100 * found.simple, 2) == 15.13
    assert round(100 * found.mean_balance, 1) == 52.9
    table = found.schedule
    flow = table["received"] - table["principal"] - table["interest"]
    worth = (flow * (1 + found.per_period) ** -table["period"]).sum()
    assert worth == pytest.approx(0, abs=1e-12)
    assert table["interest"].sum() == pytest.approx(0.08)
    varied = found.tornado({"upfront": [0.0, 1.0], "first": [{"first": 1, "last": 50}]})
    assert (100 * varied.table["annual"]).round(2).tolist() == [14.81, 17.29, 17.25]


def test_closed_forms():
    once = ps.effective_rate(flows([(0, 100, 0, 0), (12, 0, 100, 10)]), periods=12)
    assert once.annual == pytest.approx(0.1, rel=1e-12)
    assert once.simple == pytest.approx(0.1, rel=1e-12)
    # An annuity of ten payments at 2 per cent each.
    pay, rate, balance, rows = 100 * 0.02 / (1 - 1.02**-10), 0.02, 100.0, [(0, 100, 0, 0)]
    for t in range(1, 11):
        interest = rate * balance
        rows.append((t, 0, pay - interest, interest))
        balance -= pay - interest
    assert ps.effective_rate(flows(rows), periods=4).per_period == pytest.approx(0.02, rel=1e-10)


@settings(max_examples=40)
@given(st.floats(0, 0.4), st.floats(0, 0.95), st.floats(0.01, 0.05))
def test_interest_that_is_paid_sooner_costs_more(rate, upfront, more):
    first = YI.__class__(rate=rate, upfront=upfront, first=3, last=52, part=0.02, final=(51, 52))
    second = YI.__class__(rate=rate, upfront=min(upfront + more, 1), first=3, last=52, part=0.02, final=(51, 52))
    a, b = (ps.effective_rate(ps.repayment_schedule(one)).annual for one in (first, second))
    assert b >= a - 1e-12
    assert a >= -1e-12


def test_a_tornado_holds_the_rates_of_the_changed_loans():
    found = ps.effective_rate(ps.repayment_schedule(YI)).tornado({"rate": [0.07, 0.09], "upfront": [1.0]})
    assert found.base == pytest.approx(ps.effective_rate(ps.repayment_schedule(YI)).annual, rel=1e-15)
    for value, row in zip((0.07, 0.09), found.table.to_dict("records"), strict=False):
        loan = ps.LoanTerms(rate=value, upfront=0.5, first=3, last=52, part=0.02, final=(51, 52))
        assert row["annual"] == pytest.approx(ps.effective_rate(ps.repayment_schedule(loan)).annual, rel=1e-15)
        assert row["change"] == pytest.approx(row["annual"] - found.base, rel=1e-12)
    drawn = found.plot(lang="en", labels={"0.07": "7%"}).numbers
    assert drawn["group"].tolist() == ["flat rate", "flat rate", "interest upfront"]
    assert drawn["label"].tolist()[0] == "7%"


def test_schedules_without_one_rate_are_refused():
    with pytest.raises(DataError, match="2 times"):
        ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 150, 10), (2, 50, 0, 0)]), 52)
    with pytest.raises(DataError, match="0 times"):
        ps.effective_rate(flows([(0, 0, 0, 0), (1, 0, 0, 10)]), 52)
    with pytest.raises(DataError, match="must be the same"):
        ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 90, 20)]), 52)
    with pytest.raises(DataError, match="negative"):
        ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 100, -1)]), 52)
    with pytest.raises(DataError, match="no column 'interest'"):
        ps.effective_rate(flows([(0, 100, 0, 0)]).drop(columns="interest"), 52)
    with pytest.raises(DataError, match="more than once"):
        ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 50, 0), (1, 0, 50, 0)]), 52)
    with pytest.raises(OptionError, match="periods"):
        ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 100, 1)]), periods=0)
    with pytest.raises(OptionError, match=r"parts of 0\.02 repay 0\.98"):
        ps.LoanTerms(rate=0.08, upfront=0.5, first=3, last=51, part=0.02, final=(51,))
    with pytest.raises(OptionError, match="final"):
        ps.LoanTerms(rate=0.08, upfront=0.5, first=3, last=52, part=0.02)
    plain = ps.effective_rate(flows([(0, 100, 0, 0), (1, 0, 100, 1)]), 52)
    with pytest.raises(OptionError, match="terms can change"):
        plain.tornado({"upfront": [0]})
    with pytest.raises(OptionError, match="no terms"):
        ps.effective_rate(ps.repayment_schedule(YI)).tornado({"colour": [1]})


CLAIMS = pd.DataFrame({"cost": [20000.0, 500.0, 60000.0, 0.0], "income": [9000.0, 4000.0, 20000.0, 3000.0]})
LAYERS = [
    ps.Layer(name="basic", rate=0.7, deductible=1000, cap=30000),
    ps.Layer(name="serious", rate=0.5, deductible=5000),
    ps.Layer(name="net", ceiling=0.1, rate=0.0),
]


@pytest.mark.parametrize("wrap", [lambda t: t, pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_claims_by_hand_on_every_engine(wrap):
    found = ps.reimburse(wrap(CLAIMS), LAYERS, cost="cost", resources="income", line=3500.0)
    made = nw.from_native(found.table)
    made = (made.collect() if isinstance(made, nw.LazyFrame) else made).to_pandas().sort_values("cost", ascending=False)
    # 60,000: basic 30,000 (capped), serious (30,000 − 5,000) / 2 = 12,500, net to a tenth: 11,500, own 6,000.
    # 20,000: basic 13,300, serious (6,700 − 5,000) / 2 = 850, net 3,850, own 2,000. 500: nothing, then net 450, own 50.
    assert made["paid by basic"].tolist() == pytest.approx([30000, 13300, 0, 0])
    assert made["paid by serious"].tolist() == pytest.approx([12500, 850, 0, 0])
    assert made["paid by net"].tolist() == pytest.approx([11500, 3850, 450, 0])
    assert made["out of pocket"].tolist() == pytest.approx([6000, 2000, 50, 0])
    assert found.totals["share"].sum() == pytest.approx(1)
    assert found.totals.loc["basic", ["amount", "claims", "mean"]].tolist() == pytest.approx([43300, 2, 21650])
    # Shares of income: 0.30, 0.22, 0.0125, 0.
    assert found.catastrophic.to_dict() == {0.1: 0.5, 0.25: 0.25, 0.4: 0.0}
    assert found.impoverished == 0.0
    poorer = ps.reimburse(wrap(CLAIMS), LAYERS[:1], cost="cost", resources="income", line=3500.0)
    assert poorer.impoverished == pytest.approx(0.5)


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(0, 1), st.floats(0, 1e4), st.floats(0, 1e5))
def test_laws_of_packages(costs, rate, deductible, cap):
    layers = [ps.Layer(name="a", rate=rate, deductible=deductible, cap=cap), ps.Layer(name="b", rate=0.5)]
    table = pd.DataFrame({"cost": sorted(costs)})
    found = ps.reimburse(table, layers, cost="cost").table
    parts = found[["paid by a", "paid by b", "out of pocket"]]
    np.testing.assert_allclose(parts.sum(axis=1), found["cost"], rtol=1e-12, atol=1e-9)
    assert (parts >= -1e-9).all().all()
    assert (found["out of pocket"].diff().dropna() >= -1e-6).all(), "who has higher costs is left with no less"
    without = ps.reimburse(table, layers[:1], cost="cost").table
    assert (found["out of pocket"] <= without["out of pocket"] + 1e-9).all()


def test_packages_that_make_no_sense_are_refused():
    for wrong in ({"rate": 1.2}, {"deductible": -1}, {"cap": -1}, {"ceiling": 2}):
        with pytest.raises(OptionError, match="'x'"):
            ps.Layer(name="x", **wrong)
    with pytest.raises(OptionError, match="names"):
        ps.reimburse(CLAIMS, [LAYERS[0], LAYERS[0]], cost="cost")
    with pytest.raises(OptionError, match="resources"):
        ps.reimburse(CLAIMS, LAYERS, cost="cost", line=3500)
    with pytest.raises(DataError, match="negative in 4 rows"):
        ps.reimburse(CLAIMS.assign(cost=-1.0), LAYERS, cost="cost")
    with pytest.raises(DataError, match="not above 0 in 4 rows"):
        ps.reimburse(CLAIMS.assign(income=0.0), LAYERS, cost="cost", resources="income")
    with pytest.raises(DataError, match="'cost' in 1 rows"):
        ps.reimburse(CLAIMS.assign(cost=CLAIMS["cost"].mask(CLAIMS.index == 0)), LAYERS, cost="cost")


def test_an_income_account():
    found = ps.income_account({"land": 29250, "sheep": 10500, "loss": -500}, persons=31, line=4000)
    assert found.total == 39250
    assert found.per_head == pytest.approx(39250 / 31)
    assert found.gap == pytest.approx(4000 - 39250 / 31)
    assert found.table["share"].sum() == pytest.approx(1)
    assert ps.income_account({"land": 8000}, persons=1, line=4000).gap == 0
    for wrong in ({"persons": 0}, {"persons": 1, "line": 0}):
        with pytest.raises(OptionError):
            ps.income_account({"land": 1}, **wrong)
    with pytest.raises(DataError):
        ps.income_account({}, persons=1)


def test_funds_against_causes():
    themes = {"road": "transport", "no road": "transport", "course": "skills", "no skill": "skills", "house": "homes"}
    found = ps.funds_against_causes(
        {"road": 20, "course": 10, "house": 70}, {"no road": 40, "no skill": 60}, themes, stated=105
    )
    assert found.table.loc["transport"].tolist() == pytest.approx([0.4, 0.2, -0.2])
    assert found.overlap == pytest.approx(0.2 + 0.1)
    dissimilarity = (found.table["cause"] - found.table["money"]).abs().sum() / 2
    assert found.overlap == pytest.approx(1 - dissimilarity)
    assert "+5.00" in found.explain("en")
    with pytest.raises(OptionError, match="pipe"):
        ps.funds_against_causes({"pipe": 1}, {"no road": 1}, themes)
    with pytest.raises(DataError, match="funds"):
        ps.funds_against_causes({"road": -1}, {"no road": 1}, themes)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_result_speaks(lang):
    for one in (
        ps.effective_rate(ps.repayment_schedule(YI)),
        ps.effective_rate(ps.repayment_schedule(YI)).tornado({"upfront": [0.0]}),
        ps.reimburse(CLAIMS, LAYERS, cost="cost", resources="income"),
        ps.income_account({"land": 100}, persons=2, line=100),
        ps.funds_against_causes({"a": 1}, {"b": 1}, {"a": "t", "b": "t"}),
    ):
        assert str(one.summary(lang))
        assert one.explain(lang).endswith("。" if lang == "zh" else ".")
        assert len(one.tidy().columns) == 9
