"""Laws that hold for every table: replication, scale, bounds, boundary, parts and whole, order of rows."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povstats.poverty import Estimates, headcount, poverty_gap
from povstats.survey import Design

LINE = 100.0
# At most 40 rows are added, in another order on the two sides: a few last digits of numbers near 1.
SAME = 1e-12
# A variance of that size may be 0 in exact arithmetic; its root is then the root of the rounding error.
SPREAD = 1e-7

FULL = Design(weights="weight", strata="stratum", psu="psu", lonely="certainty")
VERBS = (headcount, poverty_gap)


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    """A table of 2 to 20 rows; a third of the values sits on the line or on simple fractions of it."""
    n = draw(st.integers(2, 20))
    welfare = st.one_of(st.sampled_from([0.0, 50.0, LINE, 150.0]), st.floats(0, 300, allow_subnormal=False))
    column = {
        "y": welfare,
        "weight": st.floats(0.1, 10),
        "stratum": st.sampled_from(["hill", "plain"]),
        "psu": st.integers(1, 3),
        "group": st.sampled_from(["a", "b", "c"]),
    }
    return pd.DataFrame({name: draw(st.lists(kind, min_size=n, max_size=n)) for name, kind in column.items()})


def equal(one: pd.Series, other: pd.Series, tolerance: float) -> None:
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), rtol=tolerance, atol=tolerance, equal_nan=True)


laws = settings(derandomize=True, database=None, deadline=None, max_examples=40)


@laws
@given(samples())
def test_rows_twice_are_weights_doubled(table: pd.DataFrame) -> None:
    twice = pd.concat([table, table])
    doubled = table.assign(weight=2 * table["weight"])
    for verb in VERBS:
        one, other, plain = (verb(t, "y", LINE, by="group", design=FULL) for t in (twice, doubled, table))
        equal(one.estimate, other.estimate, SAME)
        equal(one.population, other.population, SAME)
        # Within PSUs a copied row is the same as a doubled weight, and one factor on all changes nothing.
        equal(one.se, other.se, SPREAD)
        equal(one.se, plain.se, SPREAD)


@laws
@given(samples(), st.sampled_from([0.25, 2.0, 1024.0]))
def test_welfare_and_line_in_another_unit(table: pd.DataFrame, unit: float) -> None:
    """Powers of two, so that no value crosses the line by rounding."""
    for verb in VERBS:
        one = verb(table, "y", LINE, by="group", design=FULL)
        other = verb(table.assign(y=unit * table["y"]), "y", unit * LINE, by="group", design=FULL)
        equal(one.estimate, other.estimate, SAME)
        equal(one.se, other.se, SPREAD)


@laws
@given(samples())
def test_bounds_and_boundary(table: pd.DataFrame) -> None:
    strict, weak = (headcount(table, "y", LINE, by="group", design=FULL, poor=poor) for poor in ("<", "<="))
    gap = poverty_gap(table, "y", LINE, by="group", design=FULL)
    assert ((gap.estimate >= 0) & (gap.estimate <= strict.estimate + SAME)).all()
    assert ((strict.estimate <= weak.estimate + SAME) & (weak.estimate <= 1)).all()
    on_line = table.loc[table["y"] == LINE].groupby("group")["weight"].sum()
    added = on_line.reindex(strict.estimate.index, fill_value=0.0) / strict.population
    equal(weak.estimate - strict.estimate, added, SAME)


@laws
@given(samples())
def test_parts_add_to_the_whole(table: pd.DataFrame) -> None:
    for verb in VERBS:
        parts = verb(table, "y", LINE, by="group", design=FULL)
        whole = verb(table, "y", LINE, design=FULL)
        shares = parts.population / parts.population.sum()
        assert (shares * parts.estimate).sum() == pytest.approx(whole.estimate.iloc[0], abs=SAME)
        assert parts.population.sum() == pytest.approx(whole.population.iloc[0], rel=SAME)
        assert parts.n.sum() == whole.n.iloc[0] == len(table)


@laws
@given(samples(), st.randoms(use_true_random=False))
def test_order_of_rows(table: pd.DataFrame, order: Any) -> None:
    places = list(range(len(table)))
    order.shuffle(places)
    for verb in VERBS:
        one, other = (verb(t, "y", LINE, by="group", design=FULL) for t in (table, table.iloc[places]))
        equal(one.estimate, other.estimate, SAME)
        equal(one.se, other.se, SPREAD)
        assert one.estimate.index.tolist() == other.estimate.index.tolist()


def direct(table: pd.DataFrame, share: pd.Series, group: str) -> tuple[float, float]:
    """The formulas of the docstrings as loops over strata and PSUs, zeros written out."""
    inside = table["group"] == group
    weight = table["weight"].where(inside, 0.0)
    value = float((weight * share).sum() / weight.sum())
    z = weight * (share - value) / weight.sum()
    variance = 0.0
    for _, stratum in z.groupby(table["stratum"]):
        sums = stratum.groupby(table.loc[stratum.index, "psu"]).sum()
        if len(sums) > 1:
            variance += len(sums) / (len(sums) - 1) * float(((sums - sums.mean()) ** 2).sum())
    return value, math.sqrt(variance)


@laws
@given(samples())
def test_against_the_formula_on_rows(table: pd.DataFrame) -> None:
    shares = {
        headcount: (table["y"] < LINE).astype(float),
        poverty_gap: (LINE - table["y"]).clip(lower=0) / LINE,
    }
    for verb, share in shares.items():
        found: Estimates = verb(table, "y", LINE, by="group", design=FULL)
        for group in found.estimate.index:
            value, se = direct(table, share, group)
            assert found.estimate[group] == pytest.approx(value, abs=SAME)
            if found.reason[group] != "one_psu":
                assert found.se[group] == pytest.approx(se, abs=SPREAD)
