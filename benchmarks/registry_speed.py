"""How long a province's registry takes: 6.23 million persons in two million households, 2014 to 2020.

    .venv/bin/python benchmarks/registry_speed.py [--households 2000000]

The registry is synthetic; only its size is that of a province in the documents (6.23 million poor persons). Events and
yearly incomes are drawn household by household: identified in 2014 or 2015, an exit, a return in one exit of twenty,
one household in a hundred that splits, one in two hundred that dies out. Each verb runs on a Polars frame in memory and
on a Parquet file through DuckDB, each in a process of its own, so that memory is that of the verb; both must give the
same numbers. Results: benchmarks/results/registry_speed.json and .md.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import povstats as ps

SEED, PERSONS, LINE = 20261127, 6_230_000, 3000.0
RESULTS = Path(__file__).parent / "results"
FIRST, LAST = 2014, 2020
KEYS = {"household": "household", "year": "year", "event": "event", "other": "other"}
VERBS = ("registry_flows", "panel_from_registry", "compare_registers", "warning_lead")
ROUTES = ("memory", "DuckDB on Parquet")


def events(households: int) -> pl.DataFrame:
    """Draw what happens to each household."""
    rng = np.random.default_rng(SEED)
    size = np.clip(rng.poisson(PERSONS / households - 1, households) + 1, 1, 12)
    county = rng.integers(0, 80, households)
    found = FIRST + (rng.random(households) < 0.1)
    out = found + rng.integers(1, 6, households)
    back = np.where((rng.random(households) < 0.05) & (out < LAST), out + 1, 0)
    gone = np.where((rng.random(households) < 0.005) & (out < LAST - 1), LAST, 0)
    split = np.where((rng.random(households) < 0.01) & (size > 1) & (out > found + 1), found + 1, 0)
    home = np.arange(households)
    parts = [(home, found, "identified", size), (home, out, "exited", size), (home, back, "returned", size)]
    parts += [(home, np.where(back > 0, np.where(back < LAST, LAST, 0), gone), "died", size)]
    rows = [
        pl.DataFrame(
            {"household": h[keep], "year": y[keep], "persons": s[keep], "county": county[h[keep]]}
        ).with_columns(event=pl.lit(name), other=pl.lit(None, dtype=pl.Int64))
        for h, y, name, s in parts
        if (keep := (y >= FIRST) & (y <= LAST)).any()
    ]
    new = home[split > 0]
    rows.append(
        pl.DataFrame({"household": new + households, "year": split[new], "persons": 1, "county": county[new]})
        .with_columns(event=pl.lit("split"), other=pl.Series(new))
        .with_columns(pl.col("persons").cast(pl.Int64))
        .select(rows[0].columns)
    )
    return pl.concat(rows).sample(fraction=1.0, shuffle=True, seed=1)


def incomes(households: int) -> pl.DataFrame:
    """Draw a panel of incomes."""
    rng, years = np.random.default_rng(SEED + 1), LAST - FIRST + 1
    lasting = rng.normal(8.4, 0.4, households)
    drawn = np.exp(lasting[:, None] + rng.normal(0, 0.25, (households, years)))
    home = np.repeat(np.arange(households), years)
    return pl.DataFrame(
        {"household": home, "year": np.tile(np.arange(FIRST, LAST + 1), households), "income": drawn.ravel()}
    )


def versions(households: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw two versions of a register: one household in fifty went, as many came, one in twenty has another size."""
    rng = np.random.default_rng(SEED + 2)
    old = pl.DataFrame({"household": np.arange(households), "persons": rng.integers(1, 7, households)})
    new = old.with_columns(household=pl.col("household") + households // 50)
    changed = rng.random(households) < 0.05
    return old, new.with_columns(persons=pl.col("persons") + pl.Series(changed.astype(int)))


def called(verb: str, tables: dict[str, Any]) -> dict[str, float]:
    """Call a verb, and give some of its numbers."""
    if verb == "registry_flows":
        made = ps.registry_flows(tables["events"], **KEYS, persons="persons", place="county")
        return {
            f"{u} {n}": float(made[made["unit"] == u][n].sum())
            for u in ("households", "persons")
            for n in ("closing", "exited")
        }
    if verb == "panel_from_registry":
        made = ps.panel_from_registry(tables["events"], **KEYS)
        return {name: float(n) for name, n in made.counts.items()}
    if verb == "compare_registers":
        made = ps.compare_registers(
            tables["old"], tables["new"], keys=["household"], columns=["persons"], persons="persons"
        )
        return {f"{kind} {unit}": float(v) for kind, row in made.counts.iterrows() for unit, v in row.items() if v == v}
    asked = {"unit": "household", "wave": "year", "welfare": "income", "line": LINE}
    made = ps.warning_lead(tables["incomes"], multiples=[1.2, 1.5, 2.0], **asked)
    return {
        f"{name} {m:g}": float(row[name])
        for m, row in made.table.iterrows()
        for name in ("sensitivity", "sensitivity_se", "lead")
    }


def timed(verb: str, route: str, folder: str, sent: Any) -> None:
    """Run a verb by one route, in a process of its own."""
    names = {"compare_registers": ("old", "new"), "warning_lead": ("incomes",)}.get(verb, ("events",))
    if route == "memory":
        tables: dict[str, Any] = {name: pl.read_parquet(f"{folder}/{name}.parquet") for name in names}
    else:
        connection = duckdb.connect(config={"memory_limit": "3GB"})
        connection.execute("set enable_progress_bar = false")
        tables = {name: connection.read_parquet(f"{folder}/{name}.parquet") for name in names}
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.perf_counter()
    numbers = called(verb, tables)
    seconds = time.perf_counter() - start
    sent.put((seconds, held, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, numbers))


def apart(verb: str, route: str, folder: str) -> tuple[float, float, float, dict[str, float]]:
    """Start a process for a verb and a route."""
    context = multiprocessing.get_context("spawn")
    sent = context.Queue()
    process = context.Process(target=timed, args=(verb, route, folder, sent))
    process.start()
    found = sent.get()
    process.join()
    return found


def main() -> None:
    """Run, and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=2_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old, new = versions(asked.households)
        tables = {"events": events(asked.households), "incomes": incomes(asked.households), "old": old, "new": new}
        for name, table in tables.items():
            table.write_parquet(f"{folder}/{name}.parquet")
        rows = {name: len(table) for name, table in tables.items()}
        persons = int(tables["events"].filter(pl.col("event") == "identified")["persons"].sum())
        del tables, old, new
        found: dict[str, Any] = {
            "households": asked.households,
            "persons": persons,
            "rows": rows,
            "load": os.getloadavg()[0],
        }
        for verb in VERBS:
            runs = {route: apart(verb, route, folder) for route in ROUTES}
            here, there = (runs[route][3] for route in ROUTES)
            worst = max(abs(here[name] - there[name]) / max(abs(here[name]), 1e-300) for name in here)
            assert worst < 1e-9, (verb, here, there)
            found[verb] = {
                route: dict(zip(("seconds", "before", "gigabytes"), run[:3], strict=True))
                for route, run in runs.items()
            }
            found[verb]["largest relative difference"] = worst
    found["machine"] = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    found["versions"] = {"pandas": pd.__version__, "polars": pl.__version__, "duckdb": duckdb.__version__}
    write(found)


def write(found: dict[str, Any]) -> None:
    """Write json and a table to read."""
    (RESULTS / "registry_speed.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    rows, cores = found["rows"], found["machine"]["cores"]
    lines = [
        f"# A registry of {found['persons']:,} persons",
        "",
        f"Written by benchmarks/registry_speed.py. Synthetic: {found['households']:,} households,",
        f"{rows['events']:,} events, {rows['incomes']:,} rows of income, two registers of {rows['old']:,}.",
        f"Seconds on the clock at a load of {found['load']:.1f} on {cores} cores; memory is the most that its process",
        "held, with the table.",
        "",
        "| | memory: seconds | GB | DuckDB on Parquet: seconds | GB | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for verb in VERBS:
        runs = [found[verb][route] for route in ROUTES]
        cells = [f"{run[name]:.1f}" for run in runs for name in ("seconds", "gigabytes")]
        lines.append(f"| {verb} | {' | '.join(cells)} | {runs[1]['seconds'] / runs[0]['seconds']:.1f} |")
    worst = max(found[verb]["largest relative difference"] for verb in VERBS)
    lines += ["", f"Largest relative difference between the routes: {worst:.1e}."]
    (RESULTS / "registry_speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
