"""Replicate weights, resampling, full counts: refusals, and constants by hand. Against R they are in tests/poverty."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from povstats import poverty as p
from povstats.errors import DataError, OptionError
from povstats.survey import Bootstrap, Design, Replicates

TWO = ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"columns": "a", "kind": "BRR"}, "two columns"),
        ({"columns": ["a"], "kind": "BRR"}, "two columns"),
        ({"columns": TWO, "kind": "jackknife"}, "'JK1', 'JKn'"),
        ({"columns": TWO, "kind": "JKn"}, "needs rscales"),
        ({"columns": TWO, "kind": "JK1", "rscales": [1.0]}, "rscales must be 2 numbers"),
        ({"columns": TWO, "kind": "JK1", "rscales": [1.0, -1.0]}, "rscales must be 2 numbers"),
        ({"columns": TWO, "kind": "Fay"}, "needs it"),
        ({"columns": TWO, "kind": "BRR", "rho": 0.5}, "no other kind"),
        ({"columns": TWO, "kind": "Fay", "rho": 1.0}, "below 1"),
        ({"columns": TWO, "kind": "BRR", "df": 1.5}, "whole number"),
    ],
)
def test_constants_that_do_not_fit(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        Replicates(**wrong)


def test_factors_by_hand() -> None:
    four = list("abcd")
    for replicates, expected in (
        (Replicates(columns=four, kind="JK1"), 3 / 4),
        (Replicates(columns=four, kind="BRR"), 1 / 4),
        (Replicates(columns=four, kind="bootstrap"), 1 / 3),
        (Replicates(columns=four, kind="Fay", rho=0.5), 1),
        (Replicates(columns=four, kind="JKn", rscales=[0.5] * 4), 0.5),
        (Replicates(columns=four, kind="BRR", scale=2), 2),
    ):
        np.testing.assert_allclose(replicates.factors(), expected)
    assert replicates.degrees == 3
    assert Replicates(columns=four, kind="BRR", df=20).degrees == 20


def test_routes_exclude_each_other() -> None:
    two = Replicates(columns=TWO, kind="BRR")
    for wrong, words in (
        ({"replicates": two, "psu": "v"}, "leave out psu"),
        ({"full_count": True, "strata": "s"}, "no sampling error"),
        ({"replicates": TWO}, r"povstats\.Replicates"),
        ({"fpc": "n", "resampling": Bootstrap(100, 1)}, "knows no fpc"),
    ):
        with pytest.raises(OptionError, match=words):
            Design(**wrong)  # type: ignore[arg-type]
    for n, rng in ((10, 1), (100, 1.5), (99.5, 1)):
        with pytest.raises(OptionError):
            Design(psu="v").bootstrap(n, rng)  # type: ignore[arg-type]


def test_a_bootstrap_keeps_strata_and_their_size() -> None:
    """In every replicate a stratum's factors add up to its PSUs; their variance is that of the multinomial."""
    stratum = np.repeat([0, 1, 2], [5, 8, 1])
    factors = Bootstrap(4000, 3).factors(stratum, np.array([5, 8, 1]))
    for h, n in ((0, 5), (1, 8)):
        np.testing.assert_allclose(factors[:, stratum == h].sum(axis=1), n)
        # (n/(n−1))² (n−1) (1/n)(1 − 1/n) is 1: weights vary as drawing with replacement has it.
        assert factors[:, stratum == h].var() == pytest.approx(1, rel=0.05)
    assert (factors[:, stratum == 2] == 1).all()
    np.testing.assert_array_equal(factors, Bootstrap(4000, 3).factors(stratum, np.array([5, 8, 1])))


def test_a_bootstrap_of_a_mean_is_the_linearised_error() -> None:
    """Within the noise of 2,000 replicates (a standard error's is 1/√(2·2000), 1.6 per cent) and of a ratio's bend."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"v": np.repeat(np.arange(60), 8)})
    table["y"] = np.exp(4 + rng.normal(0, 0.4, 60)[table["v"]] + rng.normal(0, 0.5, 480))
    table["s"] = table["v"] % 2
    design = Design(strata="s", psu="v")
    for verb in (p.mean, lambda t, y, **k: p.headcount(t, y, 50, **k)):
        linear, resampled = (float(verb(table, "y", design=d).se.iloc[0]) for d in (design, design.bootstrap(2000)))
        assert resampled / linear == pytest.approx(1, abs=0.06)
    assert "2000" in p.mean(table, "y", design=design.bootstrap(2000)).explain("zh")


def test_a_census_has_no_error() -> None:
    table = pd.DataFrame({"y": [10.0, 20, 90, 100], "persons": [1, 2, 3, 4]})
    for other in (table, duckdb.from_df(table)):
        found = p.headcount(other, "y", 50, design=Design.census(weights="persons"))
        assert found.estimate.iloc[0] == pytest.approx(0.3)
        assert (found.se.iloc[0], found.reason.iloc[0], found.interval) == (0, "", "none")
        assert found.low.iloc[0] == found.estimate.iloc[0] == found.high.iloc[0]
    assert "no sampling error" in found.explain("en")
    assert "不存在抽样误差" in found.explain("zh")


def test_finite_populations_are_checked() -> None:
    table = pd.DataFrame(
        {"y": [1.0, 2, 3, 4], "s": list("aabb"), "n": [10, 10, 20, 20], "bad": [10, 11, 20, 20], "few": 1.5}
    )
    design = Design(strata="s", fpc="n")
    free = p.mean(table, "y", design=Design(strata="s"))
    for other in (table, duckdb.from_df(table)):
        found = p.mean(other, "y", design=design)
        # Each stratum adds (1 − n/N) of 1/16·(0.5²·2)·2.
        assert found.se.iloc[0] ** 2 == pytest.approx(free.se.iloc[0] ** 2 * (0.8 + 0.9) / 2)
        with pytest.raises(DataError, match="differs within 1 strata"):
            p.mean(other, "y", design=Design(strata="s", fpc="bad"))
        with pytest.raises(DataError, match="more PSUs in the sample than in the population"):
            p.mean(other, "y", design=Design(strata="s", fpc="few"))
    assert "finite population correction by n" in design.describe("en")
    assert "with replacement" not in design.describe("en")


def test_replicate_columns_are_checked() -> None:
    table = pd.DataFrame(
        {"y": [1.0, 2, 3], "w": [1.0, 1, 1], "a": [1.0, np.nan, 1], "b": [1.0, 2, np.inf], "t": list("xyz")}
    )
    for columns, words in ((["a", "w"], "missing"), (["b", "w"], "infinite"), (["t", "w"], "must hold numbers")):
        design = Design(weights="w", replicates=Replicates(columns=columns, kind="BRR"))
        for other in (table, duckdb.from_df(table)):
            with pytest.raises(DataError, match=words):
                p.mean(other, "y", design=design)
