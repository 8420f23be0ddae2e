"""Odd inputs of the money room: what is at a limit, what has one period, what cannot be worked out.

Second routes: packages in a loop of plain Python, written from the words of a policy; rates in closed form; the same
schedule in other units of time or shifted by a period.
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
from povstats.words import LANGUAGES

COLUMNS = ["period", "received", "principal", "interest"]
TERMS = {"rate": 0.08, "upfront": 0.5, "first": 3, "last": 52, "part": 0.02, "final": (51, 52)}


def flows(rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def once(at, interest, start=0):
    return flows([(start, 100, 0, 0), (start + at, 0, 100, interest)])


# Schedules


def test_terms_by_month_are_held_to_months():
    """All at the end of twelve months: the effective rate is the flat one."""
    terms = ps.LoanTerms(rate=0.1, upfront=0, first=12, last=12, part=1.0, final=(12,), periods=12)
    schedule = ps.repayment_schedule(terms)
    found = ps.effective_rate(schedule)
    assert found.annual == pytest.approx(0.1, rel=1e-10)
    assert found.periods == 12
    assert ps.effective_rate(schedule, 12).annual == found.annual
    with pytest.raises(OptionError, match="leave periods out"):
        ps.effective_rate(schedule, 52)
    # The same payments with twelve periods in half a year, not in one: the rate of a year is that of two such terms.
    assert found.tornado({"periods": [24]}).table["annual"].tolist() == pytest.approx([1.1**2 - 1], rel=1e-10)


def test_a_table_says_its_periods():
    with pytest.raises(OptionError, match="12 for months"):
        ps.effective_rate(once(1, 10))
    assert ps.effective_rate(once(1, 10), np.int64(1)).annual == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize("wrap", [pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_a_schedule_is_any_table(wrap):
    table = flows([(0, 100, 0, 0), (1, 0, 60, 5), (2, 0, 40, 5)])
    assert ps.effective_rate(wrap(table), 4).annual == ps.effective_rate(table, 4).annual


def test_a_loan_of_one_period():
    terms = ps.LoanTerms(rate=0.05, upfront=0, first=1, last=1, part=1.0, final=(1,), periods=1)
    found = ps.effective_rate(ps.repayment_schedule(terms))
    assert [found.annual, found.nominal, found.simple, found.mean_balance] == pytest.approx([0.05, 0.05, 0.05, 1])
    # Half of the interest on day 0: 97.5 in hand, 102.5 after a year.
    half = ps.effective_rate(ps.repayment_schedule(ps.LoanTerms(**{**terms.__dict__, "upfront": 0.5})))
    assert half.annual == pytest.approx(1.025 / 0.975 - 1, rel=1e-10)


@given(st.integers(0, 30), st.integers(1, 40), st.floats(0, 50))
@settings(max_examples=30)
def test_when_a_loan_starts_and_empty_periods_change_nothing(start, length, interest):
    plain = ps.effective_rate(once(length, interest), 12)
    around = flows([(start + length + 5, 0, 0, 0)] + ([(0, 0, 0, 0)] if start else []))
    moved = ps.effective_rate(pd.concat([once(length, interest, start), around]), 12)
    for name in ("annual", "simple", "mean_balance"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-9, abs=1e-12)


def test_days_over_years_and_dear_loans():
    """1,200 days, and a loan that pays back more than its millionfold: both in closed form."""
    days = pd.concat([once(1200, 30), flows([(at, 0, 0, 0) for at in range(1, 1200)])])
    assert ps.effective_rate(days, 365).annual == pytest.approx(1.3 ** (365 / 1200) - 1, rel=1e-9)
    assert ps.effective_rate(once(1, 1e10), 1).annual == pytest.approx(1e8, rel=1e-9)
    assert ps.effective_rate(once(7, 0), 12).annual == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"first": 1.5}, "first=1.5 must be a whole number"),
        ({"first": 0}, "first=0"),
        ({"first": 53}, "last=52 is before first=53"),
        ({"last": 51}, "part=1/49 repays it"),
        ({"final": 52}, r"such as \(51, 52\)"),
        ({"final": (0,)}, "final=0"),
        ({"final": (51.5,)}, "final=51.5"),
        ({"upfront": "half"}, "upfront='half'"),
        ({"part": float("nan")}, "part=1/50"),
        ({"periods": 0}, "periods=0"),
    ],
)
def test_terms_that_are_no_terms(change, told):
    with pytest.raises(OptionError, match=told):
        ps.LoanTerms(**{**TERMS, **change})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "a change at least"),
        ({"rate": 0.07}, "list of values"),
        ({"rate": []}, "list of values"),
        ({"grace": [{"first": 1, "last": 50}]}, "grace"),
        ({"first": [1]}, "part=1/52 repays it"),
    ],
)
def test_changes_that_are_none(changes, told):
    with pytest.raises(OptionError, match=told):
        ps.effective_rate(ps.repayment_schedule(ps.LoanTerms(**TERMS))).tornado(changes)


def test_tables_that_are_no_schedules():
    with pytest.raises(DataError, match="convert these columns"):
        ps.effective_rate(once(1, 10).astype({"interest": str}), 52)
    with pytest.raises(DataError, match="'interest' in 2 rows"):
        ps.effective_rate(once(1, 10).assign(interest=pd.array([None, None], dtype="Int64")), 52)


# Packages


def paid_by_words(cost, layers):
    """Apply a package to one claim, as a clerk would."""
    left, parts = cost, []
    for one in layers:
        pays = 0.0
        if left > one.deductible:
            pays = one.rate * (left - one.deductible)
        if one.ceiling is not None and left - pays > one.ceiling * cost:
            pays = left - one.ceiling * cost
        if one.cap is not None and pays > one.cap:
            pays = one.cap
        parts.append(pays)
        left -= pays
    return [*parts, left]


SHARE = st.floats(0, 1)
LAYER = st.builds(
    lambda **held: held,
    rate=SHARE,
    deductible=st.floats(0, 5e3),
    cap=st.none() | st.floats(0, 2e4),
    ceiling=st.none() | SHARE,
)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=8), st.lists(LAYER, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_packages_against_a_clerk_eager_and_lazy(costs, layers):
    made = [ps.Layer(name=f"payer {at}", **held) for at, held in enumerate(layers)]
    table = pd.DataFrame({"cost": costs})
    eager = ps.reimburse(table, made, cost="cost")
    want = np.array([paid_by_words(cost, made) for cost in costs])
    np.testing.assert_allclose(eager.table.iloc[:, 1:].to_numpy(), want, rtol=1e-9, atol=1e-6)
    assert (eager.table["out of pocket"] >= -1e-6).all()
    for one in made:
        if one.cap is not None:
            assert (eager.table[f"paid by {one.name}"] <= one.cap).all(), "no payer pays above its cap"
    lazy = ps.reimburse(pl.from_pandas(table).lazy(), made, cost="cost")
    pd.testing.assert_frame_equal(lazy.totals, eager.totals, rtol=1e-12)


@pytest.mark.parametrize("layer", [{"rate": 0.9}, {"rate": 0.0, "ceiling": 0.1}])
@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_what_is_at_a_limit_is_not_above_it(layer, wrap):
    """A tenth of the costs is left and a tenth of the resources allowed: nobody is above, at whatever whole amount."""
    amounts = np.arange(1.0, 2001.0)
    table = wrap(pd.DataFrame({"cost": amounts, "income": amounts}))
    found = ps.reimburse(table, [ps.Layer(name="a", **layer)], cost="cost", resources="income", line=900.0)
    assert found.catastrophic[0.1] == 0
    # 1,000 − 100 is at the line, not below it: 900 to 999 fall, a hundred amounts.
    assert found.impoverished == pytest.approx(100 / 2000)
    just = ps.reimburse(
        wrap(pd.DataFrame({"cost": amounts * (1 + 1e-9), "income": amounts})),
        [ps.Layer(name="a", **layer)],
        cost="cost",
        resources="income",
    )
    assert just.catastrophic[0.1] == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_costs_have_no_shares(lang):
    found = ps.reimburse(
        pd.DataFrame({"cost": [0, 0], "income": [1, 2]}),
        [ps.Layer(name="a", rate=0.5)],
        cost="cost",
        resources="income",
    )
    assert found.totals[["amount", "claims"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert found.totals[["share", "mean"]].isna().all().all()
    assert found.catastrophic.tolist() == [0, 0, 0]
    for told in (str(found.summary(lang)), found.explain(lang)):
        assert "nan" not in told
    assert str(found.summary(lang)).count("—") == 4


def test_an_account_that_is_no_income_has_no_shares():
    for loss in (-5, -50):
        found = ps.income_account({"a": 5, "b": loss}, persons=1)
        assert found.table["share"].isna().all()
        assert "nan" not in str(found.summary("en"))


def test_columns_of_the_caller_are_not_written_over():
    """The package applied a second time to its own table would take what a payer paid for the costs."""
    table = pd.DataFrame({"cost": [1000.0]})
    layer = ps.Layer(name="a", rate=0.5)
    for name in ("out of pocket", "paid by a"):
        with pytest.raises(DataError, match="rename or drop"):
            ps.reimburse(table.rename(columns={"cost": name}), [layer], cost=name)
    again = ps.reimburse(table, [layer], cost="cost").table
    with pytest.raises(DataError, match="already has"):
        ps.reimburse(again, [layer], cost="cost")


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_costs_that_cannot_be_worked_with(wrap):
    layers, good = [ps.Layer(name="a", rate=0.5)], pd.DataFrame({"cost": [1.0, 2.0], "income": [1.0, 2.0]})

    def run(table):
        ps.reimburse(wrap(table), layers, cost="cost", resources="income")

    with pytest.raises(DataError, match="no rows"):
        run(good.head(0))
    with pytest.raises(DataError, match="'cost' is infinite in 1 rows"):
        run(good.assign(cost=[np.inf, 1.0]))
    with pytest.raises(DataError, match="'income' is infinite in 1 rows"):
        run(good.assign(income=[np.inf, 1.0]))
    with pytest.raises(DataError, match="convert these columns"):
        run(good.assign(cost=["a", "b"]))
    with pytest.raises(DataError, match="'income' in 1 rows"):
        run(good.assign(income=[np.nan, 1.0]))
    whole = ps.reimburse(wrap(good.assign(cost=[1000, 501])), layers, cost="cost")
    assert nw.from_native(whole.totals)["amount"].to_list() == [750.5, 750.5]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"line": 0}, "line=0"),
        ({"line": float("nan")}, "line=nan"),
        ({"line": "3500"}, "line='3500'"),
        ({"thresholds": (10,)}, "shares of the resources"),
        ({"thresholds": 0.1}, "shares of the resources"),
        ({"thresholds": (float("nan"),)}, "shares of the resources"),
        ({"thresholds": (0.1, 0.1)}, "twice"),
        ({"layers": ps.Layer(name="a")}, "list of Layer"),
        ({"layers": [("a", 0.5)]}, "list of Layer"),
        ({"layers": []}, "list of Layer"),
    ],
)
def test_requests_that_make_no_sense(given, told):
    table = pd.DataFrame({"cost": [1.0], "income": [1.0]})
    with pytest.raises(OptionError, match=told):
        ps.reimburse(table, cost="cost", resources="income", **{"layers": [ps.Layer(name="a")], **given})


@pytest.mark.parametrize("held", [{"ceiling": True}, {"ceiling": "x"}, {"name": ""}, {"name": "out of pocket"}])
def test_layers_that_make_no_sense(held):
    with pytest.raises(OptionError):
        ps.Layer(**{"name": "a", **held})


def test_funds_that_are_no_amounts():
    themes = {"a": "t", "b": "t"}
    for wrong in (float("inf"), float("nan"), "1"):
        with pytest.raises(DataError, match=r"wrong: \{"):
            ps.funds_against_causes({"a": wrong}, {"b": 1}, themes)
    with pytest.raises(OptionError, match="stated"):
        ps.funds_against_causes({"a": 1}, {"b": 1}, themes, stated=0)
    with pytest.raises(OptionError, match=r"no theme for \['b'\]"):
        ps.funds_against_causes({"a": 1}, {"b": 1}, {"a": "t", "b": None})


def test_who_is_left_at_the_line_is_not_below_it():
    """A tenth of the costs is left, and the income lies above the line by just that, at whatever amount."""
    amounts = np.arange(1.0, 2001.0)
    table = pd.DataFrame({"cost": amounts, "income": 900 + amounts / 10})
    layers = [ps.Layer(name="a", rate=0.9)]
    assert ps.reimburse(table, layers, cost="cost", resources="income", line=900.0).impoverished == 0
    below = table.assign(income=table["income"] - 1e-6)
    assert ps.reimburse(below, layers, cost="cost", resources="income", line=900.0).impoverished == pytest.approx(1)


def test_a_safety_net_with_nothing_to_add_pays_no_claims():
    """Seven tenths are paid and three allowed to stay: the net has nothing to pay, but for rounding."""
    table = pd.DataFrame({"cost": np.arange(1.0, 2001.0)})
    layers = [ps.Layer(name="basic", rate=0.7), ps.Layer(name="net", rate=0.0, ceiling=0.3)]
    found = ps.reimburse(table, layers, cost="cost").totals
    assert found["claims"].tolist() == [2000, 0, 2000]
    assert found.loc["net", "amount"] == pytest.approx(0, abs=1e-9)


def test_days_since_long_ago_are_days():
    """A calendar's day numbers in place of 0 and 365."""
    assert ps.effective_rate(once(365, 10, start=45_000), 365).annual == pytest.approx(0.1, rel=1e-9)
