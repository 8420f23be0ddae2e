"""Alkire and Foster, and the guarantees: hand counts, laws, the float trap, engines held equal, refusals.

R is in test_against_r.py. Published values on SWZ MICS 2014 and nlsw88 need data that no registry here has.
"""

from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.targeting.deprivation.exact import weights

CENSUS = ps.Design.census()
FOUR = {"a": "1/3", "b": "1/3", "c": "1/6", "d": "1/6"}
NONE = dict.fromkeys(("food", "clothing", "education", "medical", "housing", "water"))


def made(seed: int, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lean = rng.random(n)
    table = pd.DataFrame({name: (rng.random(n) < 0.3 + 0.4 * lean).astype(int) for name in "abcd"})
    table["w"], table["size"] = rng.uniform(0.5, 3, n), rng.integers(1, 6, n)
    table["village"], table["layer"], table["g"] = rng.integers(0, 12, n), rng.choice(["n", "s"], n), rng.choice(3, n)
    return table


def test_four_persons_by_hand():
    """Four persons and dimensions of equal weight, the deprivations of Alkire and Foster's (2011) own example.

    Scores are 0, 2/4, 4/4 and 1/4; with k = 2/4 two of four are poor, A = 3/4, M0 = 3/8 as published; contributions
    are counted here.
    """
    table = pd.DataFrame(
        [[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], columns=["income", "schooling", "health", "services"]
    )
    found = ps.alkire_foster(table, dict.fromkeys(table, 1), "1/2", design=CENSUS)
    assert found.whole["headcount"].estimate[""] == 0.5
    assert found.whole["intensity"].estimate[""] == 0.75
    assert found.whole["m0"].estimate[""] == 0.375
    assert found.indicators["uncensored"].tolist() == [0.25, 0.75, 0.25, 0.5]
    assert found.indicators["censored"].tolist() == [0.25, 0.5, 0.25, 0.5]
    np.testing.assert_allclose(found.indicators["contribution"], [1 / 6, 1 / 3, 1 / 6, 1 / 3], rtol=1e-12)


def test_decimals_do_not_decide_who_is_poor():
    """A row deprived in all of thirds and sixths is poor at k = 1, though its decimals can sum to less than 1."""
    decimals = [1 / 6, 1 / 6, 1 / 3, 1 / 3]
    assert sum([0.1] * 10) < 1  # the trap, in the small
    table = pd.DataFrame([[1, 1, 1, 1], [1, 1, 1, 0]], columns=list("abcd"))
    for value in (dict(zip("abcd", decimals, strict=True)), FOUR, {"a": 2, "b": 2, "c": 1, "d": 1}):
        assert ps.alkire_foster(table, value, 1, design=CENSUS).whole["headcount"].estimate[""] == 0.5
    tenths = pd.DataFrame(np.ones((1, 10), dtype=int)).rename(columns=str)
    assert ps.alkire_foster(tenths, dict.fromkeys(tenths, 0.1), 1, design=CENSUS).whole["m0"].estimate[""] == 1
    # A cut-off of one third of thirds is reached, by the fraction and by the decimal.
    third = pd.DataFrame([[1, 0, 0]], columns=list("abc"))
    for k in (1 / 3, "1/3", Fraction(1, 3)):
        found = ps.alkire_foster(third, dict.fromkeys("abc", 1 / 3), k, design=CENSUS)
        assert found.whole["headcount"].estimate[""] == 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.sampled_from(["1/6", "1/3", "1/2", "2/3", "5/6", 1]))
def test_laws(seed, k):
    """M0 = H A; contributions sum to 1; M0 is the weighted sum of censored headcounts and the mean of the groups'."""
    table = made(seed)
    design = ps.Design(weights="w", strata="layer", psu="village")
    found = ps.alkire_foster(table, FOUR, k, by="g", design=design, size="size", sweep=("1/6", "2/3", 1))
    h, a, m0 = (found.whole[name].estimate[""] for name in ("headcount", "intensity", "m0"))
    if h == 0:
        assert m0 == 0
        return
    own = found.indicators
    assert m0 == pytest.approx(h * a, rel=1e-12)
    assert (own["weight"] * own["censored"]).sum() == pytest.approx(m0, rel=1e-12)
    assert own["contribution"].sum() == pytest.approx(1, rel=1e-12)
    assert (own["censored"] <= own["uncensored"] + 1e-12).all()
    shares = {kind: {g: one.estimate[""] for g, one in part.items()} for kind, part in found.parts.items()}
    assert sum(shares["contribution"].values()) == pytest.approx(1, rel=1e-12)
    by_group = found.groups["m0"].estimate
    assert sum(shares["share"][g] * by_group[g] for g in by_group.index) == pytest.approx(m0, rel=1e-12)
    for g in by_group.index:
        assert shares["contribution"][g] == pytest.approx(shares["share"][g] * by_group[g] / m0, rel=1e-9)
    swept = found.sweep.query("measure == 'headcount'")["estimate"]
    assert swept.is_monotonic_decreasing
    # At the smallest weight it is the union, at 1 the intersection.
    weight = table["w"] * table["size"]
    flags = table[list("abcd")]
    assert swept.iloc[0] == pytest.approx(np.average(flags.max(axis=1), weights=weight), rel=1e-12)
    assert swept.iloc[-1] == pytest.approx(np.average(flags.min(axis=1), weights=weight), rel=1e-12)


@pytest.mark.parametrize("design", [ps.Design(weights="w", strata="layer", psu="village"), ps.Design(weights="w")])
def test_engines_agree(design):
    """Flags with gaps, and as truth values."""
    table = made(3)
    table["a"] = table["a"].astype(float).mask(table.index % 17 == 0)
    table["b"] = table["b"] == 1
    asked = {"by": "g", "design": design, "size": "size", "sweep": ("1/2", 1)}
    memory = ps.alkire_foster(table, FOUR, "1/2", **asked)
    assert memory.asked.missing["a"] == int(table["a"].isna().sum())
    kinds = (duckdb.from_df(table), pl.from_pandas(table).lazy(), pl.from_pandas(table).to_arrow())
    for lazy in kinds:
        a, b = ps.alkire_foster(lazy, FOUR, "1/2", **asked).tidy(), memory.tidy()
        assert a[["measure", "group", "term"]].equals(b[["measure", "group", "term"]])
        np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-12)
        np.testing.assert_allclose(a["se"], b["se"], rtol=1e-8, atol=1e-12)


def test_weights_are_fractions():
    assert weights({"a": 0.5, "b": 0.25, "c": 0.25}).parts == {"a": 2, "b": 1, "c": 1}
    assert weights({"a": "1/3", "b": "1/2", "c": "1/6"}).whole == 6
    assert weights({"a": 10, "b": 20}).parts == {"a": 1, "b": 2}
    assert weights(FOUR).scores() == tuple(Fraction(i, 6) for i in range(1, 7))
    assert weights({str(i): 2**i for i in range(6)}).scores() is None
    found = weights(FOUR)
    assert [found.cutoff(Fraction(k)) for k in ("1/100", "1/3", "34/100", "1")] == [1, 2, 3, 6]


def test_refusals():
    table = made(1)
    with pytest.raises(OptionError, match=r"sum to 0\.666"):
        ps.alkire_foster(table, {"a": 0.333, "b": 0.333}, 0.5)
    with pytest.raises(OptionError, match="must be above 0"):
        ps.alkire_foster(table, {"a": 0, "b": 1}, 0.5)
    with pytest.raises(OptionError, match="cannot be read"):
        ps.alkire_foster(table, {"a": "half"}, 0.5)
    with pytest.raises(OptionError, match="must map columns"):
        ps.alkire_foster(table, ["a"], 0.5)
    with pytest.raises(OptionError, match=r"k=1\.5"):
        ps.alkire_foster(table, FOUR, 1.5)
    with pytest.raises(DataError, match="no column 'z'"):
        ps.alkire_foster(table, {"z": 1}, 0.5)
    with pytest.raises(DataError, match="neither 0 nor 1"):
        ps.alkire_foster(table.assign(a=table["a"] * 2), FOUR, 0.5)
    with pytest.raises(DataError, match=r"column 'g' \(by\) is missing"):
        ps.alkire_foster(table.assign(g=table["g"].astype(float).mask(table.index == 0)), FOUR, 0.5, by="g")
    with pytest.raises(DataError, match="nothing to estimate"):
        ps.alkire_foster(table.assign(a=np.nan), FOUR, 0.5)


def test_guarantees_by_hand():
    """Six persons: lacking, free, unknown; one known lack decides whatever else is unknown."""
    nan = np.nan
    table = pd.DataFrame(
        {"food": [0, 1, 0, nan, nan, 0], "school": [0, 0, 1, 0, 1, 0], "water": [0, 0, 1, 0, nan, nan]}
    )
    asked = {**NONE, "food": "food", "education": "school", "water": "water"}
    all_asked = {**asked, "clothing": "food", "medical": "food", "housing": "food"}
    found = ps.two_worries_three_guarantees(table, all_asked, design=CENSUS)
    rule = {name: one.estimate[""] for name, one in found.rule.items()}
    assert rule == pytest.approx({"blocked": 3 / 6, "undecided": 2 / 6, "blocked_at_most": 5 / 6})
    assert found.missing == {"food": 2, "clothing": 2, "education": 0, "medical": 2, "housing": 2, "water": 2}
    # With three guarantees not asked nobody is free.
    few = ps.two_worries_three_guarantees(table, asked, k="2/3", design=CENSUS)
    assert few.rule["undecided"].estimate[""] == 0.5
    assert few.rule["blocked_at_most"].estimate[""] == 1
    assert few.unknown == ("clothing", "medical", "housing")
    # Of the three complete rows one lacks one of three, one two, one none.
    assert few.measure.whole["headcount"].estimate[""] == pytest.approx(1 / 3)
    assert few.only_by_union.estimate[""] == pytest.approx(1 / 3)
    assert few.only_by_union.n[""] == 3


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_rule_is_the_union(seed):
    """Without gaps the rule blocks those with a score above zero, and the cut-off some of them."""
    table = made(seed).rename(columns={"a": "food", "b": "education", "c": "medical", "d": "water"})
    table["clothing"], table["housing"] = 0, table["water"]
    design = ps.Design(weights="w", strata="layer", psu="village")
    found = ps.two_worries_three_guarantees(table, {name: name for name in NONE}, k="1/2", design=design)
    union = np.average(table[list(NONE)].max(axis=1), weights=table["w"])
    blocked = found.rule["blocked"]
    assert blocked.estimate[""] == pytest.approx(union, rel=1e-12)
    assert found.rule["undecided"].estimate[""] == 0
    both = found.measure.whole["headcount"].estimate[""] + found.only_by_union.estimate[""]
    assert both == pytest.approx(union, rel=1e-12)
    lazy = ps.two_worries_three_guarantees(duckdb.from_df(table), {name: name for name in NONE}, k="1/2", design=design)
    assert lazy.rule["blocked"].se[""] == pytest.approx(blocked.se[""], rel=1e-9)


def test_guarantees_refuse():
    table = made(1)
    with pytest.raises(OptionError, match="'clothing', 'education', 'medical', 'housing', 'water' not named"):
        ps.two_worries_three_guarantees(table, {"food": "a"})
    with pytest.raises(OptionError, match="'roads' is none"):
        ps.two_worries_three_guarantees(table, {**NONE, "roads": "a"})
    with pytest.raises(OptionError, match="no column at all"):
        ps.two_worries_three_guarantees(table, NONE)
    with pytest.raises(OptionError, match="shares must name"):
        ps.two_worries_three_guarantees(table, {**NONE, "food": "a"}, shares={"water": 1})
    with pytest.raises(DataError, match="food='z'"):
        ps.two_worries_three_guarantees(table, {**NONE, "food": "z"})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_and_charts(lang):
    table = made(2)
    table.loc[:3, "a"] = np.nan
    found = ps.alkire_foster(table, FOUR, "1/2", by="g")
    shown = f"{found.whole['m0'].estimate['']:.4f}"
    for words in (str(found.summary(lang)), found.explain(lang)):
        assert shown in words
        assert "1/2" in words
    assert "a 缺失 4 行" in found.explain("zh")
    assert len(found.plot_sweep(lang=lang).numbers) == 2 * 2 * 6
    rule = ps.two_worries_three_guarantees(table, {**NONE, "food": "a", "water": "b"})
    share = f"{100 * rule.rule['blocked'].estimate['']:.2f}"
    assert share in str(rule.summary(lang))
    assert share in rule.explain(lang)
    assert ("clothing" if lang == "en" else "住房安全") in rule.explain(lang)
    assert {"blocked", "only_by_union", "m0"} <= set(rule.tidy()["measure"])
