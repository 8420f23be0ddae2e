"""Laws of the measures, on random tables with ties: what a definition or a program's route must not change.

Tolerances: both sides add the same few dozen doubles in another order.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povstats import poverty as p
from povstats.poverty import Estimates
from povstats.survey import Design

SAME = 1e-9
Z = 60.0
WEIGHTED = Design(weights="w")

LINED: dict[str, Any] = {
    "headcount": p.headcount,
    "poverty_gap": p.poverty_gap,
    "poverty_severity": p.poverty_severity,
    "watts": p.watts,
    "sen": p.sen,
    "sst": p.sst,
}
UNEQUAL: dict[str, Any] = {
    "gini": p.gini,
    "s_gini": lambda t, y, **k: p.s_gini(t, y, 3, **k),
    "theil": p.theil,
    "mld": p.mld,
    "entropy": lambda t, y, **k: p.generalized_entropy(t, y, 2, **k),
    "atkinson": lambda t, y, **k: p.atkinson(t, y, 0.5, **k),
    "quantile_ratio": lambda t, y, **k: p.quantile_ratio(t, y, (0.8, 0.3), **k),
    "share_ratio": lambda t, y, **k: p.share_ratio(t, y, top=0.3, bottom=0.4, cuts="exact", **k),
}
EVERY = {**{name: lambda t, y, verb=verb, **k: verb(t, y, Z, **k) for name, verb in LINED.items()}, **UNEQUAL}


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Six to thirty rows; welfare on a coarse grid, so that there are ties, some on both sides of the line."""
    n = draw(st.integers(6, 30))
    incomes = draw(st.lists(st.integers(1, 24), min_size=n, max_size=n))
    incomes[:2] = [4, 20]
    weights = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    return pd.DataFrame({"y": np.array(incomes) * 5.0, "w": np.array(weights, dtype=float)})


def number(found: Estimates) -> float:
    return float(found.estimate.iloc[0])


def close(a: Estimates, b: Estimates) -> None:
    assert number(a) == pytest.approx(number(b), rel=SAME, abs=1e-12), a.measure
    assert float(a.se.iloc[0]) == pytest.approx(float(b.se.iloc[0]), rel=1e-7, abs=1e-10), a.measure


laws = settings(max_examples=8, deadline=None)


@pytest.mark.parametrize("name", EVERY)
@laws
@given(table=tables())
def test_scale_of_weights_and_order_of_rows(name: str, table: pd.DataFrame) -> None:
    verb = EVERY[name]
    first = verb(table, "y", design=WEIGHTED)
    if name not in ("quantile_ratio", "share_ratio"):  # whose bandwidth knows the size of the population
        close(first, verb(table.assign(w=table["w"] * 37.5), "y", design=WEIGHTED))
    shuffled = table.sample(frac=1, random_state=len(table))
    assert number(first) == pytest.approx(number(verb(shuffled, "y", design=WEIGHTED)), rel=SAME, nan_ok=True)


@pytest.mark.parametrize("name", EVERY)
@laws
@given(table=tables())
def test_replication(name: str, table: pd.DataFrame) -> None:
    """Every row as often as its weight says, each a PSU with its copies, is the weighted table."""
    verb = EVERY[name]
    table = table.assign(unit=np.arange(len(table)))
    copies = table.loc[table.index.repeat(table["w"].astype(int))]
    weighted = verb(table, "y", design=Design(weights="w", psu="unit"))
    repeated = verb(copies, "y", design=Design(psu="unit"))
    assert number(weighted) == pytest.approx(number(repeated), rel=SAME, nan_ok=True)
    if name not in ("quantile_ratio", "share_ratio"):
        close(weighted, repeated)


@pytest.mark.parametrize("name", UNEQUAL)
@laws
@given(table=tables(), factor=st.floats(0.01, 1000))
def test_inequality_does_not_change_with_the_unit(name: str, table: pd.DataFrame, factor: float) -> None:
    verb = UNEQUAL[name]
    scaled = table.assign(y=table["y"] * factor)
    # Products of a factor round, so that welfare at a cut may move across it; other measures do not care.
    a, b = number(verb(table, "y", design=WEIGHTED)), number(verb(scaled, "y", design=WEIGHTED))
    assert a == pytest.approx(b, rel=SAME, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", LINED)
@laws
@given(table=tables(), power=st.integers(-3, 6))
def test_poverty_does_not_change_with_the_unit(name: str, table: pd.DataFrame, power: int) -> None:
    factor = 2.0**power  # exact, so that rows on the line stay there
    close(
        LINED[name](table, "y", Z, design=WEIGHTED),
        LINED[name](table.assign(y=table["y"] * factor), "y", Z * factor, design=WEIGHTED),
    )


@laws
@given(table=tables(), shift=st.floats(1, 500))
def test_absolute_gini_does_not_change_with_a_shift(table: pd.DataFrame, shift: float) -> None:
    """Gini times the mean is the mean absolute difference, halved."""
    moved = table.assign(y=table["y"] + shift)
    before = number(p.gini(table, "y", design=WEIGHTED)) * number(p.mean(table, "y", design=WEIGHTED))
    after = number(p.gini(moved, "y", design=WEIGHTED)) * number(p.mean(moved, "y", design=WEIGHTED))
    assert after == pytest.approx(before, rel=1e-8)


@pytest.mark.parametrize("name", LINED)
@laws
@given(table=tables(), rise=st.floats(1, 1000))
def test_focus(name: str, table: pd.DataFrame, rise: float) -> None:
    """What the rich have does not matter."""
    richer = table.assign(y=table["y"].where(table["y"] < Z, table["y"] + rise))
    assert number(LINED[name](table, "y", Z)) == pytest.approx(number(LINED[name](richer, "y", Z)), rel=SAME)


@pytest.mark.parametrize("name", LINED)
@laws
@given(table=tables())
def test_monotonicity(name: str, table: pd.DataFrame) -> None:
    """A loss of a poor household never lowers poverty, and raises all but the headcount."""
    poorer = table.assign(y=table["y"].where(table.index != table["y"].idxmin(), table["y"] / 2))
    before, after = (number(LINED[name](t, "y", Z)) for t in (table, poorer))
    assert after == before if name == "headcount" else after > before


@pytest.mark.parametrize("name", ["gini", "s_gini", "theil", "mld", "entropy", "atkinson"])
@laws
@given(table=tables())
def test_transfer(name: str, table: pd.DataFrame) -> None:
    """A transfer from the richest to the poorest lowers inequality where their order stays."""
    low, high = table["y"].idxmin(), table["y"].idxmax()
    given_away = (table["y"][high] - table["y"][low]) / 4
    moved = table.copy()
    moved.loc[low, "y"] += given_away
    moved.loc[high, "y"] -= given_away
    assert number(UNEQUAL[name](moved, "y")) < number(UNEQUAL[name](table, "y"))


@laws
@given(table=tables())
def test_order_of_powers_and_of_lines(table: pd.DataFrame) -> None:
    """Shortfalls are below 1, so that higher powers are smaller; a higher line finds no less poverty."""
    powers = [number(p.fgt(table, "y", Z, alpha, design=WEIGHTED)) for alpha in (0, 0.5, 1, 1.5, 2, 3)]
    assert powers == sorted(powers, reverse=True)
    for verb in LINED.values():
        if verb is not p.sen:
            rising = [number(verb(table, "y", line, design=WEIGHTED)) for line in (30, 45, 60, 90)]
            assert rising == sorted(rising)
    weak, strict = (number(p.headcount(table, "y", Z, poor=poor)) for poor in ("<=", "<"))
    assert weak - strict == pytest.approx((table["y"] == Z).mean(), abs=1e-12)


@pytest.mark.parametrize("name", ["headcount", "poverty_gap", "poverty_severity", "watts"])
@laws
@given(table=tables())
def test_parts_make_the_whole(name: str, table: pd.DataFrame) -> None:
    """Weighted by their population shares, groups add up to the whole."""
    split = table.assign(g=np.where(np.arange(len(table)) % 2 == 0, "a", "b"))
    whole = LINED[name](split, "y", Z, design=WEIGHTED)
    parts = LINED[name](split, "y", Z, by="g", design=WEIGHTED)
    weights = parts.population / parts.population.sum()
    assert number(whole) == pytest.approx(float((weights * parts.estimate).sum()), rel=SAME)


@laws
@given(table=tables())
def test_entropy_divides_into_within_and_between(table: pd.DataFrame) -> None:
    """Theil's index: income shares times those of the groups, plus that of the groups' means."""
    split = table.assign(g=np.where(np.arange(len(table)) % 3 == 0, "a", "b"))
    parts = p.theil(split, "y", by="g", design=WEIGHTED)
    means = p.mean(split, "y", by="g", design=WEIGHTED)
    income = means.estimate * parts.population
    share = income / income.sum()
    between = float((share * np.log(means.estimate / (income.sum() / parts.population.sum()))).sum())
    within = float((share * parts.estimate).sum())
    assert number(p.theil(split, "y", design=WEIGHTED)) == pytest.approx(within + between, rel=SAME, abs=1e-12)


@laws
@given(table=tables())
def test_equal_incomes_have_no_inequality(table: pd.DataFrame) -> None:
    same = table.assign(y=80.0)
    for name in ("gini", "theil", "mld", "entropy", "atkinson", "s_gini"):
        found = UNEQUAL[name](same, "y", design=WEIGHTED)
        assert number(found) == pytest.approx(0, abs=1e-12)


@laws
@given(table=tables())
def test_s_gini_at_two_is_gini_and_sst_is_gap_times_inequality(table: pd.DataFrame) -> None:
    close(p.gini(table, "y", design=WEIGHTED), p.s_gini(table, "y", 2, design=WEIGHTED))
    gaps = table.assign(x=(Z - table["y"]).clip(lower=0) / Z)
    inequality = number(p.gini(gaps, "x", design=WEIGHTED))
    gap = number(p.poverty_gap(table, "y", Z, design=WEIGHTED))
    assert number(p.sst(table, "y", Z, design=WEIGHTED)) == pytest.approx(gap * (1 + inequality), rel=SAME)
