"""Transitions, by hand on eight histories; a plain pandas computation; the published counts of low pay.

Second routes: the counts below were read off the histories in panel_cases.py; standard errors are those of R's survey
(svyratio on the rows at risk is a ratio of totals over clusters), written out here with numpy.
"""

import numpy as np
import pandas as pd
import pytest
from panel_cases import INCOME, MESSY, WHO, engines, messy, panel

import povstats as ps
from povstats.errors import DataError, OptionError


def test_counts_by_hand():
    found = ps.transitions(panel(), **WHO)
    entry, left = found.rate("entry"), found.rate("exit")
    # Not poor and seen in the wave after: a 11, 13, 14; b 12, 14; d four times; e 14 (e 12 precedes a gap); f 12; h 11,
    # 12, 13. Of these a 11, a 14, b 12, e 14 and h 13 are poor next.
    assert (entry["events"], entry["n"]) == (5, 14)
    # Poor and seen after: a12; b11, b13; c x4; e11; f11; g13, g14; h14. Left: a, b, b, e, f, g14, h.
    assert (left["events"], left["n"]) == (7, 12)
    assert left["estimate"] == pytest.approx(7 / 12, rel=1e-12)
    assert found.rate("persistence")["estimate"] == pytest.approx(5 / 12, rel=1e-12)
    # Unseen in the wave after: e in 13 (was not poor in 12) and f in 14 (not poor in 13).
    assert found.rate("lost_not_poor")["events"] == 2
    assert found.rate("lost_poor")["events"] == 0
    assert found.account.gaps == 1
    assert found.account.skipped == 1
    assert (found.account.late, found.account.lost) == (1, 1)
    first = found.matrix("2011")
    # 2011 to 2012: not poor a, d, h: a enters; poor b, c, e, f: three leave.
    assert first.loc["not_poor", "poor"] == pytest.approx(1 / 3, rel=1e-12)
    assert first.loc["poor", "not_poor"] == pytest.approx(3 / 4, rel=1e-12)


def test_rows_of_the_matrix_add_up_to_one_and_incomes_say_the_same():
    by_column, by_income = ps.transitions(panel(), **WHO), ps.transitions(panel(), **INCOME)
    pd.testing.assert_frame_equal(by_column.rates, by_income.rates)
    np.testing.assert_allclose(by_column.matrix().sum(axis=1), 1.0, rtol=1e-12)


def test_low_pay_of_545_men():
    """Entry 0.059, exit 0.509, 293 exits: counted in pandas by group and shift."""
    table = ps.datasets.wage_panel()
    line = ps.relative_line(table, "wage", share=0.6)
    found = ps.transitions(table, unit="man", wave="year", welfare="wage", line=line)
    low = table["wage"] < float(line)
    after = low.groupby(table["man"]).shift(-1)
    seen = after.notna()
    counted = after[seen & ~low].astype(bool)
    assert found.rate("entry")["estimate"] == pytest.approx(counted.mean(), rel=1e-12)
    assert round(found.rate("entry")["estimate"], 3) == 0.059
    assert round(found.rate("exit")["estimate"], 3) == 0.509
    assert found.rate("exit")["events"] == 293
    assert "taken as known" in found.explain("en")


def test_standard_error_is_that_of_a_ratio_over_clusters():
    """The linearised variance of a ratio, written out: m/(m − 1) Σ (z_c − z̄)² within strata."""
    table = messy()
    design = ps.Design(weights="weight", psu="village", strata="county")
    found = ps.transitions(table, design=design, **MESSY).rate("exit")
    kept = table.dropna(subset="income").sort_values(["house", "year"])
    low = kept["income"] < 0.8
    step = kept.groupby("house")["year"].shift(-1) == kept["year"] + 2
    after = low.groupby(kept["house"]).shift(-1)
    risk = kept[step & low].assign(left=~after[step & low].astype(bool))
    ratio = (risk["weight"] * risk["left"]).sum() / risk["weight"].sum()
    z = (
        (risk["weight"] * (risk["left"] - ratio) / risk["weight"].sum())
        .groupby([risk["county"], risk["village"]])
        .sum()
    )
    villages = kept.drop_duplicates(["county", "village"]).groupby("county").size()
    variance = 0.0
    for county, m in villages.items():
        own = z.get(county, pd.Series(dtype=float)).to_numpy()
        own = np.append(own, np.zeros(m - len(own)))
        variance += m / (m - 1) * ((own - own.mean()) ** 2).sum()
    assert found["estimate"] == pytest.approx(ratio, rel=1e-12)
    assert found["se"] == pytest.approx(np.sqrt(variance), rel=1e-10)
    assert found["low"] < found["estimate"] < found["high"]


def test_weights_groups_and_engines():
    table = messy()
    design = ps.Design(weights="weight", psu="village", strata="county")
    found = [ps.transitions(one, by="group", design=design, **MESSY) for one in engines(table).values()]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other.rates, found[0].rates, check_exact=False, rtol=1e-9)
        pd.testing.assert_frame_equal(other.flows, found[0].flows, check_exact=False, rtol=1e-9)
        assert other.account == found[0].account
    assert set(found[0].rates["group"]) == {"even", "odd"}


def test_a_parquet_file_in_memory_and_out_of_it(tmp_path):
    duckdb, pl = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    path = tmp_path / "panel.parquet"
    messy().to_parquet(path)
    ways = (path, duckdb.read_parquet(str(path)), pl.scan_parquet(path))
    found = [ps.transitions(one, design=ps.Design(weights="weight"), **MESSY).rates for one in ways]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_exact=False, rtol=1e-9)


def test_lines_by_wave_by_column_and_on_the_line():
    table = panel().assign(z=100.0)
    lines = {year: 100.0 for year in (2011, 2012, 2013, 2014, 2015)}
    whole = ps.transitions(table, **INCOME).rates
    by_wave = ps.transitions(table, **{**INCOME, "line": lines}).rates
    by_column = ps.transitions(table, **{**INCOME, "line": "z"}).rates
    pd.testing.assert_frame_equal(whole, by_wave)
    pd.testing.assert_frame_equal(whole, by_column)
    at = {**INCOME, "line": 150.0}
    assert ps.transitions(table, **at).rate("entry")["n"] == 14
    assert ps.transitions(table, poor="<=", **at).rate("persistence")["estimate"] == 1.0
    with pytest.raises(DataError, match="no line for the waves"):
        ps.transitions(table, **{**INCOME, "line": {2011: 100.0}})


def test_census_has_no_error():
    found = ps.transitions(panel(), design=ps.Design.census(), **WHO).rate("exit")
    assert found["se"] == 0.0
    assert "full count" in ps.transitions(panel(), design=ps.Design.census(), **WHO).explain("en")


@pytest.mark.parametrize(
    ("table", "change", "error", "words"),
    [
        (panel(), {"poor": None}, OptionError, "say who is poor"),
        (panel(), {"welfare": "income"}, OptionError, "needs a line"),
        (panel(), {"wave": "month"}, DataError, "no column 'month'"),
        (panel(), {"poor": "house"}, DataError, "true and false"),
        (panel(), {"poor": "income"}, DataError, "other numbers than 0 and 1"),
        (panel({"a": "P"}), {}, DataError, "two or more"),
        (pd.concat([panel(), panel({"a": "P"})]), {}, DataError, "of a wave, such as house='a' in year=2011"),
        (panel(), {"line": 3.0}, OptionError, "say who is poor"),
        (panel().assign(v=panel()["year"] % 2), {"design": ps.Design(psu="v")}, DataError, "whole units"),
        (panel(), {"design": ps.Design().bootstrap(100)}, OptionError, "linearisation"),
    ],
)  # fmt: skip
def test_refusals(table, change, error, words):
    with pytest.raises(error, match=words):
        ps.transitions(table, **{**WHO, **change})


def test_lazy_refusals():
    frames = engines(pd.concat([panel(), panel({"a": "P"})], ignore_index=True))
    for name in ("lazy", "duckdb"):
        with pytest.raises(DataError, match="such as house='a'"):
            ps.transitions(frames[name], **WHO)
        with pytest.raises(DataError, match="no column 'month'"):
            ps.transitions(frames[name], **{**WHO, "wave": "month"})
