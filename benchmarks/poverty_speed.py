"""How long poverty by county takes with standard errors, beside Polars and DuckDB with the numbers alone, in one run.

    make bench            (or .venv/bin/python benchmarks/poverty_speed.py [--rows 10000000])

Ten million synthetic rows of 66 counties and 3,300 villages, weighted. povstats gives headcount, gap, severity and Gini
coefficient by county with linearised standard errors and intervals, villages as PSUs and counties as strata; Polars and
DuckDB give the same four numbers by county and nothing else, each written in the fastest way that was found, with
threads as they like. All three read the same columns in memory: Polars and povstats a Polars frame, DuckDB Arrow's
view of it. povstats on DuckDB itself, whose rows it leaves there, runs beside. The numbers must agree. Seconds are
medians of rounds in which one runs right after the other; the ratio is povstats over the better of the two. Results:
benchmarks/results/poverty_speed.json and poverty_speed.md.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals
import numpy as np
import polars as pl

import povstats as ps

SEED, LINE, COUNTIES, VILLAGES = 20261126, 5000.0, 66, 50
RESULTS = Path(__file__).parent / "results"
MEASURES = ("headcount", "poverty_gap", "poverty_severity", "gini")
AGREE = 1e-10
"""The same sums over ten million rows in another order; the least of them is a hundredth of the largest."""
GOAL = 3.0


def survey(rows: int) -> pl.DataFrame:
    """Draw the synthetic survey: log welfare with a village's and a household's part."""
    rng = np.random.default_rng(SEED)
    village = rng.integers(0, COUNTIES * VILLAGES, rows)
    log = 9 + 0.2 * rng.normal(size=COUNTIES * VILLAGES)[village] + 0.6 * rng.normal(size=rows)
    columns = {"county": village % COUNTIES, "village": village, "weight": rng.uniform(0.5, 2, rows)}
    return pl.DataFrame(columns | {"welfare": np.exp(log)})


def ours(table: Any) -> dict[str, np.ndarray]:
    """Give povstats' numbers; their standard errors are there too."""
    design = ps.Design(weights="weight", strata="county", psu="village")
    found = ps.poverty_profile(table, "welfare", LINE, MEASURES, by="county", design=design)
    assert all(np.isfinite(found[name].se).all() for name in MEASURES)
    return {name: found[name].estimate.to_numpy() for name in MEASURES}


def in_polars(table: pl.DataFrame) -> dict[str, np.ndarray]:
    """Sort once by county and welfare, then one aggregation."""
    y, w = pl.col("welfare"), pl.col("weight")
    gap = ((LINE - y) / LINE).clip(lower_bound=0)
    found = (
        table.lazy()
        .sort("county", "welfare")
        .group_by("county", maintain_order=True)
        .agg(
            headcount=(w * (y < LINE)).sum() / w.sum(),
            poverty_gap=(w * gap).sum() / w.sum(),
            poverty_severity=(w * gap * gap).sum() / w.sum(),
            gini=(w * y * (2 * w.cum_sum() - w)).sum() / (w.sum() * (w * y).sum()) - 1,
        )
        .collect()
    )
    return {name: found[name].to_numpy() for name in MEASURES}


def in_polars_by_group(table: pl.DataFrame) -> dict[str, np.ndarray]:
    """Sort within groups."""
    y, w = pl.col("welfare"), pl.col("weight")
    gap = ((LINE - y) / LINE).clip(lower_bound=0)
    rising, own = y.sort(), w.sort_by(y)
    found = (
        table.lazy()
        .group_by("county")
        .agg(
            headcount=(w * (y < LINE)).sum() / w.sum(),
            poverty_gap=(w * gap).sum() / w.sum(),
            poverty_severity=(w * gap * gap).sum() / w.sum(),
            gini=(own * rising * (2 * own.cum_sum() - own)).sum() / (w.sum() * (w * y).sum()) - 1,
        )
        .sort("county")
        .collect()
    )
    return {name: found[name].to_numpy() for name in MEASURES}


def in_duckdb(table: Any) -> dict[str, np.ndarray]:
    """One window by county and welfare, then one aggregation."""
    gap = f"greatest(0, ({LINE} - y) / {LINE})"
    query = f"""
        with ranked as (
            select county, weight as w, welfare as y,
                sum(weight) over (partition by county order by welfare rows unbounded preceding) as upto
            from table_here
        )
        select county, sum(w * (y < {LINE})::int) / sum(w) as headcount, sum(w * {gap}) / sum(w) as poverty_gap,
            sum(w * {gap} * {gap}) / sum(w) as poverty_severity,
            sum(w * y * (2 * upto - w)) / (sum(w) * sum(w * y)) - 1 as gini
        from ranked group by county order by county"""
    found = _asked(query, table)
    return {name: found[name] for name in MEASURES}


def _asked(query: str, table_here: Any) -> dict[str, np.ndarray]:
    """Run a query in which the table has a name."""
    return duckdb.sql(query).fetchnumpy()


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Time a call."""
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def main() -> None:
    """Run the rounds, compare the numbers, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    table = survey(asked.rows)
    arrow = table.to_arrow()
    runs: dict[str, Callable[[], Any]] = {
        "povstats": lambda: ours(table),
        "Polars, one sort": lambda: in_polars(table),
        "Polars, sorted by group": lambda: in_polars_by_group(table),
        "DuckDB": lambda: in_duckdb(arrow),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    answers = {}
    for _ in range(asked.rounds):
        for name, run in runs.items():
            spent, answers[name] = timed(run)
            seconds[name].append(spent)
    lazily, lazy = timed(lambda: ours(duckdb.from_arrow(arrow)))
    answers["povstats on DuckDB"], seconds["povstats on DuckDB"] = lazy, [lazily]
    off = {
        name: max(float(np.abs(found[m] / answers["povstats"][m] - 1).max()) for m in MEASURES)
        for name, found in answers.items()
    }
    assert max(off.values()) < AGREE, off
    medians = {name: statistics.median(spent) for name, spent in seconds.items()}
    best = min(medians[name] for name in runs if name != "povstats")
    told = {
        "rows": asked.rows,
        "rounds": asked.rounds,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"polars": pl.__version__, "duckdb": duckdb.__version__, "narwhals": narwhals.__version__},
        "seconds": {name: [round(one, 3) for one in spent] for name, spent in seconds.items()},
        "ratio": round(medians["povstats"] / best, 3),
        "apart": off,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "poverty_speed.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "poverty_speed.md").write_text(report(told, medians), encoding="utf-8")
    print(report(told, medians))


def report(told: dict[str, Any], medians: dict[str, float]) -> str:
    """Write the table."""
    lines = [
        "# Poverty by county with standard errors, beside the numbers alone (synthetic)",
        "",
        f"{told['rows']:,} weighted rows, 66 counties, {told['machine']}, medians of {told['rounds']} rounds "
        "(benchmarks/poverty_speed.py). povstats: headcount, gap, severity and Gini coefficient with linearised "
        "standard errors and intervals, 3,300 villages as PSUs. Polars and DuckDB: the four numbers alone.",
        "",
        "| who | seconds |",
        "|---|---|",
        *(f"| {name} | {spent:.2f} |" for name, spent in medians.items()),
        "",
        f"povstats takes {told['ratio']:.2f} times the best of the others (goal: at most {GOAL:g}).",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
