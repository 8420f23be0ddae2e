"""Entry, exit, three return rates and the curve of return against a plain loop over households, on panels with gaps.

The loop knows nothing of codes or tallies: it walks through each household's years in a dictionary.
"""

from collections import defaultdict

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps

LINE, FIRST = 1.2, 2010
ASKED = {"unit": "hh", "wave": "year", "welfare": "y", "line": LINE, "design": ps.Design(weights="w")}


def panel(seed, homes=60, waves=7):
    """Draw a panel with late entry, gaps, rows in no order, weights that differ by row."""
    rng, rows = np.random.default_rng(seed), []
    for home in range(homes):
        mean, weight = rng.normal(0.2, 0.4), rng.uniform(0.5, 2)
        for wave in range(rng.integers(0, 3) if rng.random() < 0.3 else 0, waves):
            if rng.random() < 0.88:
                y = float(np.round(np.exp(mean + rng.normal(0, 0.4)), 1))
                rows.append((f"h{home}", FIRST + wave, y, weight * rng.uniform(0.9, 1.1)))
    return pd.DataFrame(rows, columns=["hh", "year", "y", "w"]).sample(frac=1, random_state=seed)


def walked(table):
    """Add up the weights of numerators and denominators, and those at risk and returning by years since the exit."""
    top, bottom = defaultdict(float), defaultdict(float)
    risk, back = defaultdict(float), defaultdict(float)
    third = sorted(table["year"].unique())[2]
    for _, one in table.groupby("hh"):
        held = {int(t): (y < LINE, w) for t, y, w in zip(one["year"], one["y"], one["w"], strict=True)}
        ever = False
        for t in sorted(held):
            poor, w = held[t]
            after = held.get(t + 1)
            if after is not None:
                name = "exit" if poor else "entry"
                bottom[name] += w
                top[name] += w * (after[0] != poor)
            if after is not None and t + 1 >= third:
                left, returns = poor and not after[0], ever and not poor and after[0]
                bottom["hazard"] += w * (ever and not poor)
                bottom["per_exit"] += w * left
                top["hazard"] += w * returns
                top["per_exit"] += w * returns
            if poor and t >= third:
                bottom["share_of_poor"] += w
                before = held.get(t - 1)
                came = before is not None and not before[0] and any(held[s][0] for s in held if s < t - 1)
                top["share_of_poor"] += w * came
            ever = ever or poor
            if not poor and held.get(t - 1, (False, 0))[0]:
                age, at = 1, t
                while at + 1 in held:
                    risk[age] += held[at][1]
                    if held[at + 1][0]:
                        back[age] += held[at][1]
                        break
                    age, at = age + 1, at + 1
    rates = {name: top[name] / bottom[name] for name in bottom}
    ages = sorted(risk)
    return rates, dict(zip(ages, np.cumprod([1 - back[age] / risk[age] for age in ages]), strict=True))


def held_against_the_loop(table, given_as):
    rates, curve = walked(table)
    moves = ps.transitions(given_as, **ASKED)
    found = {name: moves.rate(name).estimate for name in ("entry", "exit")}
    for name in ("hazard", "per_exit", "share_of_poor"):
        found[name] = ps.return_rate(given_as, definition=name, **ASKED).estimate
    assert found == pytest.approx(rates, rel=1e-12)
    survival = ps.survival(given_as, of="return", **ASKED).table.set_index("time")["survival"]
    assert survival.to_dict() == pytest.approx(curve, rel=1e-12, abs=1e-15)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_in_memory(seed):
    table = panel(seed)
    held_against_the_loop(table, table)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_an_engine(seed):
    table = panel(seed)
    held_against_the_loop(table, duckdb.from_df(table))
