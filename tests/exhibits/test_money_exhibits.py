"""Exhibits of money, rules and accounts: what is synthetic says so, and both languages have the same numerals.

Second routes: sums and shares of the printed numbers by hand; packages applied to each patient in plain numpy.
"""

import re

import numpy as np
import pytest

import povstats as ps
from povstats.exhibits import everything, health, low_pay_register
from povstats.exhibits.money import yi_varied
from povstats.tables import Table
from povstats.words import LANGUAGES

KNOWN = {one.id: one for one in everything() if one.id.startswith(("money-", "rules-", "ledger-"))}
SYNTHETIC = [id for id, one in KNOWN.items() if one.data == "synthetic"]
MARK = {"zh": "模拟", "en": "ynthetic"}


def cells(id, lang="en"):
    return KNOWN[id].maker(lang).frame


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", SYNTHETIC)
def test_what_is_synthetic_says_so(id, lang):
    made = KNOWN[id].maker(lang)
    assert MARK[lang] in made.title
    assert any(MARK[lang] in note for note in made.notes)


@pytest.mark.parametrize("id", KNOWN)
def test_both_languages_have_the_same_numerals(id):
    zh, en = (KNOWN[id].maker(lang) for lang in ("zh", "en"))
    if isinstance(zh, Table):
        digits = [[re.findall(r"\d[\d.,]*", str(cell)) for cell in one.frame.to_numpy().ravel()] for one in (zh, en)]
        assert digits[0] == digits[1]
        return
    numbers = [one.numbers.select_dtypes("number").to_numpy() for one in (zh, en)]
    np.testing.assert_array_equal(*numbers)


def test_xunyang_by_hand():
    assert cells("money-package").iloc[:, 2].tolist() == ["+25.0", "+33.3", "+8.7", "-50.0"]
    relief = cells("money-relief")
    assert relief.iloc[-1, 1] == f"{981.3 + 1080 + 87.4 + 62.08:,.2f}" == "2,210.78"
    assert relief.iloc[:4, 2].tolist() == ["44.4", "48.9", "4.0", "2.8"]
    assert relief.iloc[:4, 3].tolist() == ["1,356", "769", "200", "160"]
    notes = KNOWN["money-relief"].maker("en").notes
    assert "257 yuan a registered poor person, 569" in notes[0]
    assert "about 3,000 were left, about 15%" in notes[1]


def test_funds_and_loans_by_hand():
    assert cells("money-four-funds").iloc[:, 2].tolist() == ["43,941", "989", "5,996", "823"]
    note = KNOWN["money-four-funds"].maker("en").notes[0]
    assert "26.2%" in note
    assert "no repayment rate" in note
    loans = cells("money-shangri-la")
    assert loans.iloc[2].tolist() == ["80,000", "33,333"]
    assert loans.iloc[3].tolist() == ["0.01", "1.00"]
    note = KNOWN["money-shangri-la"].maker("en").notes[0]
    assert "11.1% of them with 5,000 yuan" in note
    assert f"{6e8 / 30_000:,.0f} yuan a poor person, which is doubtful" in note
    use = cells("money-loan-use")
    assert use.iloc[:, 1].tolist() == ["19.8", "19.8", "10.4", "50.0", "100.0"]
    assert use.iloc[-1, 0] == "106"


def test_yi_county_s_terms_by_hand():
    annual = (100 * yi_varied().table["annual"]).round(2).tolist()
    assert annual[:3] == [14.81, 17.29, 17.25]
    assert annual[3] < 15.96 < annual[4]


def test_the_package_on_every_patient_in_plain_numpy():
    table = health.patients()
    cost, income = table["cost"].to_numpy(), table["income"].to_numpy()
    waived = 1e4 * 87.4 / 4371
    parts = {
        "before": (0.65, waived, 10_000), "waived": (0.65, 0, 10_000), "raised": (0.715, waived, 10_000),
        "serious": (0.65, waived, 5_000), "all": (0.715, 0, 5_000),
    }  # fmt: skip
    line = 3 * 2952
    for name, (rate, deductible, threshold) in parts.items():
        left = cost - rate * np.clip(cost - deductible, 0, None)
        left = left - 0.5 * np.clip(left - threshold, 0, None)
        found = health.scenario(name)
        assert found.totals.loc["out of pocket", "amount"] == pytest.approx(left.sum(), rel=1e-12)
        for at in (0.1, 0.25, 0.4):
            assert found.catastrophic[at] == pytest.approx(np.mean(left > at * income), rel=1e-12)
        assert found.impoverished == pytest.approx(np.mean((income >= line) & (income - left < line)), rel=1e-12)


def test_higher_caps_on_every_outpatient_in_plain_numpy():
    caps = {"chronic_one": (20_000, 25_000), "chronic_two": (1_500, 2_000), "chronic_several": (2_300, 2_500)}
    shown = iter(cells("money-chronic-caps").to_numpy().tolist())
    for kind, both in caps.items():
        table = health.outpatients(kind)
        cost, income = table["cost"].to_numpy(), table["income"].to_numpy()
        for cap in both:
            left = cost - np.minimum(0.6 * cost, cap)
            fallen = (income >= 3 * 2952) & (income - left < 3 * 2952)
            above = [np.mean(left > at * income) for at in (0.1, 0.25, 0.4)]
            first, *rest = [np.mean(0.6 * cost > cap), left.sum() / cost.sum(), *above, fallen.mean()]
            assert next(shown) == [f"{100 * first:.1f}", f"{left.mean():,.0f}", *(f"{100 * one:.1f}" for one in rest)]
        assert np.median(cost) == pytest.approx(health.CHRONIC_COST[kind], rel=0.05), "3.5 standard errors"


def test_low_pay_as_a_register_is_the_panel_again():
    """Events made from the panel, laid out as a panel again, hold the same low-paid; flows are the panel's moves."""
    wages = ps.datasets.wage_panel()
    line = float(ps.relative_line(wages, "wage", share=0.6))
    panel = ps.panel_from_registry(low_pay_register.events(), household="man", year="year", event="event").table
    low = wages[wages["wage"] < line][["man", "year"]]
    poor = panel[panel["poor"] == 1]
    assert set(zip(poor["household"], poor["year"], strict=True)) == set(zip(low["man"], low["year"], strict=True))
    frame = cells("ledger-low-pay")
    assert frame.iloc[-1, 1:4].tolist() == ["243", "83", "293"]
    moves = ps.transitions(wages, unit="man", wave="year", welfare="wage", line=line)
    assert moves.rate("entry").events == 243 - 135 + 83
    assert frame["Closing"].tolist()[:-1] == [str(n) for n in low.groupby("year").size()]
