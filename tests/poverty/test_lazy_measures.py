"""One answer on every engine: each statistic on DuckDB and on a polars LazyFrame against the table in memory.

Sums are added in another order, which costs the last digits; where rows are PSUs an engine sums squares of parts, which
costs a few more.
"""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from povstats import poverty as p
from povstats.engine import source
from povstats.errors import DataError, EngineError, OptionError
from povstats.survey import Design, Replicates

VALUE, SPREAD, LINE = 1e-11, 1e-9, 60.0
CLUSTERED = Design(weights="w", strata="layer", psu="village")
BY_ROW = Design(weights="w", strata="layer")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Six hundred rows with ties, on the line too, gaps, and groups of text."""
    rng = np.random.default_rng(5)
    n = 600
    income = np.round(np.exp(rng.normal(4.3, 0.7, n)), 0)
    made = pd.DataFrame(
        {
            "y": np.where(rng.random(n) < 0.04, np.nan, np.maximum(income, 1)),
            "w": rng.uniform(0.5, 3, n),
            "size": rng.integers(1, 6, n),
            "village": rng.integers(1, 9, n),
            "layer": rng.choice(["北", "中", "南"], n),
            "g": rng.choice(["a", "b"], n, p=[0.7, 0.3]),
            "all": 9,
        }
    )
    for i in range(8):
        made[f"r{i}"] = made["w"] * rng.uniform(0.5, 1.5, n)
    return made


def lazily(table: pd.DataFrame) -> dict[str, Any]:
    return {"duckdb": duckdb.from_df(table), "polars": pl.from_pandas(table).lazy()}


LINED = {
    "headcount": p.headcount,
    "poverty_gap": p.poverty_gap,
    "fgt": lambda t, y, z, **k: p.fgt(t, y, z, 1.5, **k),
    "watts": p.watts,
    "sen": p.sen,
    "sst": p.sst,
    "income_gap": p.income_gap,
    "poor_median": p.poor_median,
    "median_gap": p.median_gap,
}
PLAIN = {
    "gini": p.gini,
    "s_gini": lambda t, y, **k: p.s_gini(t, y, 1.3, **k),
    "theil": p.theil,
    "mld": p.mld,
    "entropy": lambda t, y, **k: p.generalized_entropy(t, y, -1, **k),
    "atkinson": lambda t, y, **k: p.atkinson(t, y, 0.5, **k),
    "quantile_ratio": p.quantile_ratio,
    "share_ratio": p.share_ratio,
    "palma": lambda t, y, **k: p.palma(t, y, cuts="exact", **k),
    "mean": p.mean,
    "quantile": lambda t, y, **k: p.quantile(t, y, 0.4, rule="middle", **k),
}


def same(found: p.Estimates, expected: p.Estimates) -> None:
    pd.testing.assert_frame_equal(
        found.tidy().drop(columns=["se", "low", "high"]),
        expected.tidy().drop(columns=["se", "low", "high"]),
        rtol=VALUE,
    )
    for name in ("se", "low", "high"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=SPREAD, err_msg=found.measure)
    assert found.estimate.index.tolist() == expected.estimate.index.tolist()
    assert (found.rows, found.psus, found.strata) == (expected.rows, expected.psus, expected.strata)
    assert list(found.reason) == list(expected.reason)


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@pytest.mark.parametrize("name", [*LINED, *PLAIN])
def test_every_statistic(table: pd.DataFrame, engine: str, name: str) -> None:
    other = lazily(table)[engine]
    for design, by in ((CLUSTERED, "g"), (CLUSTERED, None), (BY_ROW, "g"), (Design(), None)):
        if name in PLAIN:
            same(PLAIN[name](other, "y", design=design, by=by), PLAIN[name](table, "y", design=design, by=by))
            continue
        same(LINED[name](other, "y", LINE, design=design, by=by), LINED[name](table, "y", LINE, design=design, by=by))


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@pytest.mark.parametrize("design", [CLUSTERED, BY_ROW], ids=["clusters", "rows"])
def test_estimated_lines(table: pd.DataFrame, engine: str, design: Design) -> None:
    other = lazily(table)[engine]
    for of in ("median", "mean"):
        ours, theirs = (p.relative_line(t, "y", 0.8, of, design=design, size="size") for t in (table, other))
        assert theirs.value == pytest.approx(ours.value, rel=VALUE)
        assert theirs.se == pytest.approx(ours.se, rel=SPREAD)
        for verb in LINED.values():
            asked = {"design": design, "size": "size", "by": "g"}
            same(verb(other, "y", theirs, **asked), verb(table, "y", ours, **asked))


def test_designs(table: pd.DataFrame) -> None:
    others = [
        Design(weights="w", replicates=Replicates(columns=[f"r{i}" for i in range(8)], kind="bootstrap")),
        CLUSTERED.bootstrap(50, rng=3),
        Design.census(),
        Design(weights="w", strata="layer", psu="village", fpc="all"),
    ]
    for design in others:
        for other in lazily(table).values():
            verbs = [lambda t, y, **k: p.poverty_gap(t, y, LINE, **k)]
            verbs += [] if design.resampling else [p.gini]  # every replicate of it sorts anew
            for verb in verbs:
                same(verb(other, "y", design=design, by="g"), verb(table, "y", design=design, by="g"))


def test_differences_need_no_rows(table: pd.DataFrame) -> None:
    for other in lazily(table).values():
        ours, theirs = (p.headcount(t, "y", LINE, design=CLUSTERED, by="g") for t in (table, other))
        pd.testing.assert_frame_equal(ours.covariance(), theirs.covariance(), rtol=SPREAD)
        assert p.difference(ours, theirs).samples == "same"
        by_row = p.headcount(other, "y", LINE, design=BY_ROW, by="g")
        with pytest.raises(DataError, match="stayed in the engine"):
            by_row.difference("a", "b")


def test_large_files_stay_where_they_are(table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Parquet file beyond the limit goes through DuckDB; only small tables are ever collected."""
    import narwhals as nw

    path = tmp_path / "large.parquet"
    table.to_parquet(path)
    expected = p.gini(path, "y", design=CLUSTERED)
    monkeypatch.setattr(source, "LARGE", 1)
    sizes: list[int] = []
    collect = nw.LazyFrame.collect

    def counted(frame: Any, *args: Any, **options: Any) -> Any:
        found = collect(frame, *args, **options)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(nw.LazyFrame, "collect", counted)
    same(p.gini(path, "y", design=CLUSTERED), expected)
    assert sizes
    assert max(sizes) <= table.groupby(["layer", "village"]).ngroups < len(table) / 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": lambda t: t["y"].where(t.index != 3, np.inf)}, "'y' (welfare) is infinite in 1 rows"),
        ({"y": lambda t: t["g"]}, "'y' (welfare) must hold numbers"),
        ({"w": lambda t: t["w"].where(t.index != 3)}, "'w' (weights) is missing in 1 rows"),
        ({"w": lambda t: t["w"].where(t.index != 3, -1.0)}, "'w' (weights) is negative in 1 rows"),
        ({"size": lambda t: t["size"].where(t.index > 4, 0)}, "'size' (size) is zero or negative in 5 rows"),
        ({"village": lambda t: t["village"].astype(float).where(t.index != 3)}, "'village' (psu) is missing"),
        ({"y": lambda t: t["y"] * np.nan}, "nothing to estimate"),
    ],
)
def test_refusals_are_those_of_tables_in_memory(table: pd.DataFrame, change: Any, words: str) -> None:
    broken = table.assign(**change)
    for other in lazily(broken).values():
        with pytest.raises(DataError) as caught:
            p.headcount(other, "y", LINE, design=CLUSTERED, size="size")
        assert words in str(caught.value)


def test_what_rows_without_order_cannot_answer(table: pd.DataFrame) -> None:
    for other in lazily(table).values():
        with pytest.raises(EngineError, match="no order"):
            p.gini(other, "y", ranks="upper")
        with pytest.raises(DataError, match="in memory"):
            p.gini(other, "y", design=Design().bootstrap(50))
        with pytest.raises(DataError, match="no column 'yy'"):
            p.gini(other, "yy")
        line = p.relative_line(other, "y")
        with pytest.raises(OptionError, match="other rows"):
            p.headcount(table[table["g"] == "a"], "y", line)
