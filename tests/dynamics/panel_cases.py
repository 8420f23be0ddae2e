"""Small panels of which every number is known by hand, and one with everything that can go wrong."""

import numpy as np
import pandas as pd
import pytest

WAVES = (2011, 2012, 2013, 2014, 2015)

# P poor, o not poor, . not seen
HISTORIES = {
    "a": "oPooP",  # enters, leaves, returns after two waves
    "b": "PoPoo",  # poor at the start, leaves, returns at once, leaves again
    "c": "PPPPP",  # always poor
    "d": "ooooo",  # never
    "e": "Po.oP",  # leaves, is unseen, is back in poverty later
    "f": "Poo..",  # leaves and is lost
    "g": "..PPo",  # comes late, poor already
    "h": "oooPo",  # enters, leaves
}


def panel(histories=None, weight=None):
    """Write histories as a table; income 50 of the poor, 150 of others, the line being 100."""
    rows = [
        {"house": name, "year": year, "poor": sign == "P", "income": 50.0 if sign == "P" else 150.0}
        for name, signs in (histories or HISTORIES).items()
        for year, sign in zip(WAVES, signs, strict=False)
        if sign != "."
    ]
    table = pd.DataFrame(rows)
    return table if weight is None else table.assign(weight=table["house"].map(weight).astype(float))


WHO = {"unit": "house", "wave": "year", "poor": "poor"}
INCOME = {"unit": "house", "wave": "year", "welfare": "income", "line": 100.0}


def messy(seed=1, units=200, waves=6):
    """A panel with gaps, late and lost units, missing incomes, weights, villages in counties, two years a wave."""
    rng = np.random.default_rng(seed)
    n = units * waves
    table = pd.DataFrame(
        {"house": np.repeat(np.arange(units), waves), "year": np.tile(2010 + 2 * np.arange(waves), units)}
    )
    table["weight"] = rng.uniform(0.5, 2.0, units).repeat(waves)
    table["village"] = "v" + (table["house"] // 10).astype(str)
    table["county"] = table["house"] // 50
    table["group"] = np.where(table["house"] % 2, "odd", "even")
    table["size"] = rng.integers(1, 7, n).astype(float)
    table["income"] = rng.lognormal(0, 0.6, units).repeat(waves) * rng.lognormal(0, 0.4, n)
    table["since"] = np.where(rng.random(n) < 0.5, 2004.0, np.nan)
    table = table[rng.random(n) < 0.85].sample(frac=1, random_state=seed)
    table.loc[table.index[:20], "income"] = np.nan
    return table.reset_index(drop=True)


MESSY = {"unit": "house", "wave": "year", "welfare": "income", "line": 0.8}


def engines(table):
    """The same table as every engine takes it."""
    duckdb, pl = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    frame = pl.from_pandas(table)
    return {"pandas": table, "polars": frame, "lazy": frame.lazy(), "duckdb": duckdb.from_df(table)}
