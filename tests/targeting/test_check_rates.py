"""Three rates: hand counts, binomial tails, laws, decisions, refusals. R is in test_against_r.py."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.poverty.proportions import clopper_pearson, korn_graubard, wilson

TOTALS = {"registered": 1_000, "exited": 9_000, "outside": 90_000}


def checked(registered: tuple[int, int], exited: tuple[int, int], outside: tuple[int, int]) -> pd.DataFrame:
    """Counts: of each status the truly poor, and the checked."""
    rows = []
    for status, (found, n) in zip(TOTALS, (registered, exited, outside), strict=True):
        rows += [{"status": status, "poor": poor, "n": k} for poor, k in ((1, found), (0, n - found)) if k]
    return pd.DataFrame(rows)


def test_hand_counts():
    """Rates of 4 of 200, 3 of 300 and 10 of 100; the incidence (1,000 + 9,000 × 1 % + 90,000 × 2 %) / 100,000."""
    found = ps.three_rates(checked((90, 100), (3, 300), (4, 200)), "status", "poor", TOTALS, count="n").frame
    assert found["estimate"].to_dict() == pytest.approx(
        {
            "missed": 0.02,
            "wrong_exit": 0.01,
            "wrongly_registered": 0.1,
            "comprehensive": 0.0289,
            "missed_of_poor": (90 + 1800) / (900 + 90 + 1800),
        },
        rel=1e-12,
    )
    assert found.loc["wrong_exit", "se"] == pytest.approx(np.sqrt(0.01 * 0.99 / 299), rel=1e-12)
    # Delta method: the variance of a sum of two independent expanded totals.
    variance = (9_000**2 * 0.01 * 0.99 / 299 + 90_000**2 * 0.02 * 0.98 / 199) / 100_000**2
    assert found.loc["comprehensive", "se"] == pytest.approx(np.sqrt(variance), rel=1e-12)
    assert found.loc["comprehensive", "delta_low"] < 0.0289 < found.loc["comprehensive", "delta_high"]


def test_counts_are_rows_written_short():
    counts = checked((90, 100), (3, 300), (4, 200))
    rows = counts.loc[counts.index.repeat(counts["n"])].reset_index(drop=True)
    a = ps.three_rates(counts, "status", "poor", TOTALS, count="n").frame
    b = ps.three_rates(rows, "status", "poor", TOTALS).frame
    pd.testing.assert_frame_equal(a, b, rtol=1e-12)


def test_nothing_found_is_not_zero():
    """Of none of 300 the upper end is 1 − 0.025^(1/300); the delta method has no answer."""
    found = ps.three_rates(checked((100, 100), (0, 300), (4, 200)), "status", "poor", TOTALS, count="n")
    row = found.frame.loc["wrong_exit"]
    assert (row["estimate"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(1 - 0.025 ** (1 / 300), rel=1e-12)
    assert np.isnan(row["delta_high"])
    assert "Kish" in found.explain("zh")


@pytest.mark.parametrize(("x", "n"), [(0, 40), (1, 40), (7, 40), (40, 40)])
def test_intervals_against_scipy(x, n):
    """binomtest's exact and score intervals, and the tails that define the exact one."""
    test = binomtest(x, n)
    for ours, method in ((clopper_pearson(x, n), "exact"), (wilson(x, n), "wilson")):
        theirs = test.proportion_ci(method=method)
        assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    if 0 < x < n:
        low, high = clopper_pearson(x, n)
        assert binom.sf(x - 1, n, low) == pytest.approx(0.025, rel=1e-9)
        assert binom.cdf(x, n, high) == pytest.approx(0.025, rel=1e-9)


def test_simple_draws_keep_their_size():
    """With variance p(1 − p)/(n − 1) the effective size is n − 1 times t_{n−1}/t_{n−1}, capped at n."""
    ends, size = korn_graubard(0.1, 0.1 * 0.9 / 199, 200, 200, 199)
    assert size == pytest.approx(199, rel=1e-12)
    assert ends == pytest.approx(clopper_pearson(19.9, 199), rel=1e-12)
    assert korn_graubard(0.1, 1e-9, 200, 200, 199)[1] == 200


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(41, 90)), min_size=3, max_size=3), st.integers(2, 5))
def test_laws(counts, times):
    """Every estimate lies in its interval; splitting the population into equal strata changes no estimate."""
    table = checked(*counts)
    whole = ps.three_rates(table, "status", "poor", TOTALS, count="n").frame
    for kind in ("", "wilson_"):
        known = whole[whole["estimate"].notna()]
        assert (known[f"{kind}low"] <= known["estimate"] + 1e-12).all()
        assert (known["estimate"] <= known[f"{kind}high"] + 1e-12).all()
    split = pd.concat([table.assign(town=i) for i in range(times)])
    totals = {(i, status): n / times for i in range(times) for status, n in TOTALS.items()}
    apart = ps.three_rates(split, "status", "poor", totals, strata="town", count="n").frame
    np.testing.assert_allclose(apart["estimate"], whole["estimate"], rtol=1e-9)
    # As many times the units, the more sure.
    wide, narrow = ((found["high"] - found["low"]).dropna() for found in (whole, apart))
    assert (narrow <= wide + 1e-9).all()


def test_persons_of_households():
    """A household of n persons counts n; Kish's size tells that few households of many persons know little."""
    table = pd.DataFrame(
        {"status": ["outside"] * 4 + ["exited", "registered"], "poor": [1, 0, 0, 0, 0, 1], "n": [4, 2, 2, 2, 3, 3]}
    )
    found = ps.three_rates(table, "status", "poor", TOTALS, size="n").frame
    assert found.loc["missed", "estimate"] == pytest.approx(0.4, rel=1e-12)
    parts = np.array([4 * 0.6, -2 * 0.4, -2 * 0.4, -2 * 0.4]) / 10
    assert found.loc["missed", "se"] == pytest.approx(np.sqrt(4 / 3 * (parts**2).sum()), rel=1e-12)


def test_decisions():
    """The whole interval below the limit passes, all above fails, else it is open: the point does not decide."""
    sure = ps.three_rates(checked((2, 2), (1, 2_000), (2, 4_000)), "status", "poor", TOTALS, count="n")
    assert set(sure.decisions("centre")["decision"]) == {"passes"}
    open_ = ps.three_rates(checked((2, 2), (1, 200), (2, 200)), "status", "poor", TOTALS, count="n")
    told = open_.decisions("centre")
    assert told.loc["missed", ["point", "decision"]].tolist() == [True, "open"]
    # 1 % registered and 1 % missed: 1.945 % in all.
    assert told.loc["comprehensive", ["point", "decision"]].tolist() == [True, "open"]
    failed = ps.three_rates(checked((2, 2), (40, 200), (30, 200)), "status", "poor", TOTALS, count="n")
    assert set(failed.decisions("west")["decision"]) == {"fails"}
    assert failed.decisions("west")["limit"].tolist() == [0.02, 0.02, 0.03]
    assert sure.decisions("west", rate_limit=0.0001)["decision"].tolist()[:2] == ["open", "open"]
    with pytest.raises(OptionError, match="region='east'"):
        sure.decisions("east")
    with pytest.raises(OptionError, match="rate_limit=2"):
        sure.decisions("west", rate_limit=2)


def test_engines_and_chinese_words():
    table = checked((90, 100), (3, 300), (4, 200))
    words = {"registered": "未脱贫户", "exited": "脱贫户", "outside": "非建档立卡户"}
    chinese = table.assign(status=table["status"].map(words))
    asked = {"totals": {words[status]: n for status, n in TOTALS.items()}, "count": "n"}
    memory = ps.three_rates(chinese, "status", "poor", **asked).frame
    for lazy in (duckdb.from_df(chinese), pl.from_pandas(chinese).lazy()):
        pd.testing.assert_frame_equal(ps.three_rates(lazy, "status", "poor", **asked).frame, memory, rtol=1e-12)
    english = ps.three_rates(table, "status", "poor", TOTALS, count="n").frame
    pd.testing.assert_frame_equal(english, memory)


def test_refusals():
    table = checked((90, 100), (3, 300), (4, 200))
    with pytest.raises(DataError, match="holds 'moved'"):
        ps.three_rates(table.replace("exited", "moved"), "status", "poor", TOTALS)
    with pytest.raises(OptionError, match="totals lacks 1 numbers, such as"):
        ps.three_rates(table, "status", "poor", {k: v for k, v in TOTALS.items() if k != "exited"})
    with pytest.raises(OptionError, match="totals has the key 'gone'"):
        ps.three_rates(table, "status", "poor", {**TOTALS, "gone": 3})
    with pytest.raises(DataError, match="no sampled row"):
        ps.three_rates(table[table["status"] != "exited"], "status", "poor", TOTALS)
    with pytest.raises(DataError, match="nobody is there"):
        ps.three_rates(table, "status", "poor", {**TOTALS, "exited": 0})
    with pytest.raises(DataError, match="neither 0 nor 1"):
        ps.three_rates(table.assign(poor=3), "status", "poor", TOTALS)
    with pytest.raises(DataError, match="is not above 0 in 6 rows"):
        ps.three_rates(table.assign(size=0), "status", "poor", TOTALS, size="size")
    with pytest.raises(OptionError, match="leave one out"):
        ps.three_rates(table.assign(v=1), "status", "poor", TOTALS, count="n", psu="v")
    with pytest.raises(OptionError, match="single PSU"):
        ps.three_rates(table.assign(v=1), "status", "poor", TOTALS, psu="v")
    with pytest.raises(OptionError, match="must map"):
        ps.three_rates(table, "status", "poor", 1000)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words(lang):
    found = ps.three_rates(checked((90, 100), (3, 300), (4, 200)), "status", "poor", TOTALS, count="n")
    for words in (str(found.summary(lang)), found.explain(lang)):
        assert "2.89" in words
    assert len(found.tidy()) == 10
