"""Zhejiang's line. Second route: the rule followed row by row in plain Python; every engine gives the same."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError


def panel(seed=3, households=60, years=range(2007, 2016)):
    rng = np.random.default_rng(seed)
    start = rng.normal(0, 0.6, households)
    parts = [
        pd.DataFrame(
            {
                "hh": [f"h{i}" for i in range(households)],
                "year": year,
                "income": np.exp(8 + 0.1 * (year - 2007) + start + rng.normal(0, 0.3, households)),
                "size": rng.integers(1, 6, households),
            }
        )
        for year in years
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(index=rng.choice(len(table), 25, replace=False)).reset_index(drop=True)


def by_hand(table, share, floor, years):
    """Follow the rule with dictionaries."""
    told, first = {}, min(table["year"]) + 1
    lines = {}
    for year, rows in table.groupby("year"):
        rows = rows.sort_values("income")
        weight = rows["size"].cumsum() / rows["size"].sum()
        low = rows["income"][weight >= floor - 1e-12].iloc[0]
        middle = (rows["income"] * rows["size"]).sum() / rows["size"].sum()
        lines[year + 1] = max(share * middle, low)
    income = {(row.hh, row.year): row.income for row in table.itertuples()}
    size = {(h, y): s for h, y, s in zip(table["hh"], table["year"], table["size"], strict=True)}
    for year in lines:
        base = first + (year - first) // years * years
        here = [h for h, y in income if y == year - 1]
        term = {h for h in here if income.get((h, base - 1), np.inf) <= lines[base]}
        yearly = {h for h in here if income[h, year - 1] <= lines[year]}
        told[year] = (lines[base], lines[year], here, term, yearly)
    rows = {}
    for year, (line, own, here, term, yearly) in told.items():
        before = told.get(year - 1)
        row = {"term_line": line, "yearly_line": own}
        for name, now, place in (("term", term, 3), ("yearly", yearly, 4)):
            both = set(here) & set(before[2]) if before else set()
            row[f"{name}_listed"] = sum(size[h, year - 1] for h in now)
            row[f"{name}_entered"] = sum(size[h, year - 1] for h in both if h in now and h not in before[place])
            row[f"{name}_left"] = sum(size[h, year - 1] for h in both if h not in now and h in before[place])
        row["missed"] = sum(size[h, year - 1] for h in yearly - term)
        row["kept"] = sum(size[h, year - 1] for h in term - yearly)
        rows[year] = row
    return pd.DataFrame(rows).T


@pytest.mark.parametrize(("share", "floor", "years"), [(0.45, 0.10, 5), (0.2, 0.2, 3), (0.6, 0.01, 1)])
def test_the_rule_by_hand(share, floor, years):
    table = panel()
    found = ps.zhejiang_line(
        table, "income", unit="hh", year="year", size="size", rule=ps.TermRule(share, floor, years)
    ).years
    expected = by_hand(table, share, floor, years)
    for column in expected:
        after = slice(1, None) if column.endswith(("entered", "left")) else slice(None)
        np.testing.assert_allclose(found[column].to_numpy()[after], expected[column].to_numpy()[after], rtol=1e-12)
    assert set(found["yearly_bound"]) == ({"floor"} if share < 0.3 else {"share"})


@pytest.mark.parametrize("wrap", [pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_every_engine_gives_the_same(wrap):
    table = panel()
    here = ps.zhejiang_line(table, "income", unit="hh", year="year", size="size").years
    there = ps.zhejiang_line(wrap(table), "income", unit="hh", year="year", size="size").years
    numbers = here.select_dtypes("number").columns
    np.testing.assert_allclose(
        there[numbers].to_numpy(dtype=float), here[numbers].to_numpy(dtype=float), rtol=1e-12, atol=1e-9
    )


def test_the_list_holds_the_floor_and_a_term_of_a_year_is_the_yearly_rule():
    table = panel()
    low = ps.zhejiang_line(table, "income", unit="hh", year="year", rule=ps.TermRule(0.05, 0.1, 5)).years
    assert (low["yearly_listed"] / low["population"] >= 0.1).all()
    same = ps.zhejiang_line(table, "income", unit="hh", year="year", rule=ps.TermRule(years=1))
    assert same.churn["term"] == same.churn["yearly"]
    assert (same.years["missed"] == 0).all()


def test_a_term_moves_its_list_less():
    found = ps.zhejiang_line(panel(), "income", unit="hh", year="year")
    assert found.churn["term"] < found.churn["yearly"]
    assert found.years["missed"].sum() > 0
    assert "45%" in found.explain("en")
    assert "45%" in found.explain("zh")
    assert len(found.tidy()) == 2 * 4 * len(found.years) + 2


def test_what_the_rule_cannot_take_is_refused():
    table = panel()
    with pytest.raises(DataError, match="occur more than once"):
        ps.zhejiang_line(pd.concat([table, table.head(1)]), "income", unit="hh", year="year")
    with pytest.raises(DataError, match=r"no rows of \[2010\]"):
        ps.zhejiang_line(table[table["year"] != 2010], "income", unit="hh", year="year")
    with pytest.raises(DataError, match="'income' in 1 rows"):
        ps.zhejiang_line(table.assign(income=table["income"].mask(table.index == 3)), "income", unit="hh", year="year")
    with pytest.raises(DataError, match="household"):
        ps.zhejiang_line(table, "income", unit="household", year="year")
    for rule in ({"share": 0}, {"floor": 1.0}, {"years": 0}):
        with pytest.raises(OptionError):
            ps.TermRule(**rule)
