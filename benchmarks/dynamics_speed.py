"""How long transitions, spells and return rates take on twenty million household-years in memory, and how much memory.

    .venv/bin/python benchmarks/dynamics_speed.py [--households 2000000] [--years 10]

The panel is synthetic: income follows a first-order process about a household's own mean; one household-year in fifty
is missing. Households are the clusters (the costly case: two million of them), rows are weighted, and every number
comes with its standard error. The table is a Polars frame in memory, its rows in the order of household and year, and
once more in random order. The goal, of issue 9: under 30 s and 8 GB on two cores, for the three together. Beside the
time on the clock stands that of the processor, since the machine may have other work. Memory is the highest that the
process held, the table with it. The same calls on DuckDB's view of a fiftieth of the table stand beside, and must give
the same numbers as in memory. Results: benchmarks/results/dynamics_speed.json and .md.
"""

import argparse
import json
import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

import povstats as ps

SEED, LINE = 20261126, 0.8
RESULTS = Path(__file__).parent / "results"
GOAL_SECONDS, GOAL_GIGABYTES = 30.0, 8.0
AGREE = 1e-9


def panel(households: int, years: int) -> pl.DataFrame:
    """Draw the panel."""
    rng = np.random.default_rng(SEED)
    mean = rng.normal(0, 0.5, households).astype(np.float32)
    now = mean + 0.4 * rng.standard_normal(households, dtype=np.float32)
    log = np.empty((households, years), dtype=np.float32)
    for t in range(years):
        now = mean + 0.6 * (now - mean) + 0.32 * rng.standard_normal(households, dtype=np.float32)
        log[:, t] = now
    there = rng.random((households, years), dtype=np.float32) > 0.02
    house = np.repeat(np.arange(households, dtype=np.int32), years)[there.ravel()]
    year = np.tile(np.arange(2011, 2011 + years, dtype=np.int16), households)[there.ravel()]
    weight = rng.uniform(0.5, 2, households)[house]
    return pl.DataFrame({"house": house, "year": year, "weight": weight, "income": np.exp(log.ravel()[there.ravel()])})


def measured(table: Any) -> tuple[dict[str, float], dict[str, float]]:
    """Time the three verbs, and keep some of their numbers."""
    who = {"unit": "house", "wave": "year", "welfare": "income", "line": LINE, "design": ps.Design(weights="weight")}
    seconds, numbers = {}, {}
    start, used = time.perf_counter(), time.process_time()
    moves = ps.transitions(table, **who)
    seconds["transitions"] = time.perf_counter() - start
    for name in ("entry", "exit"):
        numbers |= {f"{name} {part}": float(moves.rate(name)[part]) for part in ("estimate", "se")}
    del moves
    start = time.perf_counter()
    spells = ps.spells(table, **who)
    seconds["spells"] = time.perf_counter() - start
    numbers["spells"] = float(spells.counts["spells"].sum())
    del spells
    start = time.perf_counter()
    rates = ps.return_rates(table, years=3, **who)
    seconds["return rates"] = time.perf_counter() - start
    seconds["processor"] = time.process_time() - used
    frame = rates.frame()
    for part in ("estimate", "se"):
        numbers |= {f"return {name} {part}": float(v) for name, v in zip(frame["definition"], frame[part], strict=True)}
    return seconds, numbers


def agree(a: dict[str, float], b: dict[str, float]) -> float:
    """Give the largest relative difference."""
    return max(abs(a[name] - b[name]) / abs(a[name]) for name in a)


def main() -> None:
    """Run, and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=2_000_000)
    parser.add_argument("--years", type=int, default=10)
    asked = parser.parse_args()
    table = panel(asked.households, asked.years)
    found: dict[str, Any] = {"rows": len(table), "households": asked.households, "years": asked.years, "seed": SEED}
    found["load"] = os.getloadavg()[0]
    found["seconds"], numbers = measured(table)
    found["gigabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=1)
    found["seconds, rows in random order"], again = measured(shuffled)
    del shuffled
    found["gigabytes, rows in random order"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    part = table.filter(pl.col("house") < asked.households // 50)
    _, inside = measured(part)
    found["seconds, a fiftieth in DuckDB"], outside = measured(duckdb.from_arrow(part.to_arrow()))
    found["largest relative difference"] = {"order": agree(numbers, again), "engine": agree(inside, outside)}
    found["numbers"] = numbers
    found["machine"] = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    found["versions"] = {"numpy": np.__version__, "polars": pl.__version__, "duckdb": duckdb.__version__}
    write(found)


def write(found: dict[str, Any]) -> None:
    """Write json and a table to read; refuse where the routes disagree."""
    assert max(found["largest relative difference"].values()) < AGREE, found["largest relative difference"]
    (RESULTS / "dynamics_speed.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    lines = [
        f"# Panels: {found['rows']:,} household-years", "",
        "Written by benchmarks/dynamics_speed.py. Synthetic panel; households are the clusters; every number has its",
        "standard error. A Polars frame in memory. Seconds on the clock, and of the processor for all three.",
        "", "| | transitions | spells | return rates | together | processor | memory (GB) |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    memory = {"seconds": "gigabytes", "seconds, rows in random order": "gigabytes, rows in random order"}
    for key in ("seconds", "seconds, rows in random order", "seconds, a fiftieth in DuckDB"):
        own = found[key]
        held = f"{found[memory[key]]:.1f}" if key in memory else ""
        cells = " | ".join(f"{value:.1f}" for name, value in own.items() if name != "processor")
        used = own["processor"]
        lines.append(f"| {key} | {cells} | {sum(own.values()) - used:.1f} | {used:.1f} | {held} |")
    used = found["seconds"]["processor"]
    total, worst = sum(found["seconds"].values()) - used, found["largest relative difference"]
    clock, spent = ("met" if value < GOAL_SECONDS else "not met" for value in (total, used))
    memory_met = "met" if found["gigabytes"] < GOAL_GIGABYTES else "not met"
    lines += [
        "", f"Goal of {GOAL_SECONDS:g} s: {spent} in processor time ({used:.1f} s), {clock} on the clock "
        f"({total:.1f} s) at a load of {found['load']:.1f} by other work on {found['machine']['cores']} cores. Goal of "
        f"{GOAL_GIGABYTES:g} GB: {memory_met}.",
        f"Largest relative difference: {worst['order']:.1e} by the order of rows, {worst['engine']:.1e} between memory "
        "and DuckDB.",
    ]  # fmt: skip
    (RESULTS / "dynamics_speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
