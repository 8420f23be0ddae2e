"""How often the intervals of a field check hold the truth, and how often it decides wrongly: synthetic, seed below.

    .venv/bin/python benchmarks/field_check_coverage.py [--replicates 2000]

writes benchmarks/results/field_check_coverage.json and .md (a few minutes). The county is synthetic: three strata of
villages with a rate of the missed and of the wrongly exited that differs by stratum and, within it, by village (beta
distributed); their true rates are the averages over an endless population. Every replicate draws villages and, in
each, households of every status; rates are expanded by the strata's persons. Beside Korn and Graubard's intervals stand
the delta method's, which have no answer where nothing is found and are then counted as not holding the truth, and
intervals that take households as drawn singly.
"""

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import povstats as ps

SEED = 20261126
STRATA = ("a", "b", "c")
TOTALS = {"registered": (400, 900, 300), "exited": (4_000, 6_000, 2_500), "outside": (40_000, 60_000, 25_000)}
CASES = {
    "rare": {"exited": (0.004, 0.006, 0.010), "outside": (0.003, 0.005, 0.008)},
    "near the limit": {"exited": (0.015, 0.020, 0.030), "outside": (0.012, 0.016, 0.020)},
}
SPREAD = 60
"""A village's rate is Beta(60 r, 60 (1 − r)) around its stratum's r: an intraclass correlation of 1/61."""
VILLAGES, DRAWN = 15, {"registered": 2, "exited": 8, "outside": 16}
"""Sampled villages of a stratum, and households of each status in each."""
RESULTS = Path(__file__).parent / "results"


def truth(case: dict[str, tuple[float, ...]]) -> dict[str, float]:
    """Work out the rates and the incidence of the county."""
    expanded = {
        status: sum(n * rate for n, rate in zip(TOTALS[status], rates, strict=True)) for status, rates in case.items()
    }
    whole = sum(sum(persons) for persons in TOTALS.values())
    return {
        "missed": expanded["outside"] / sum(TOTALS["outside"]),
        "wrong_exit": expanded["exited"] / sum(TOTALS["exited"]),
        "comprehensive": (sum(TOTALS["registered"]) + expanded["exited"] + expanded["outside"]) / whole,
    }


def sample(rng: np.random.Generator, case: dict[str, tuple[float, ...]]) -> pd.DataFrame:
    """Draw villages and their households."""
    parts = []
    for h, town in enumerate(STRATA):
        for status, n in DRAWN.items():
            rate = 0.95 if status == "registered" else case[status][h]
            village = np.repeat(np.arange(VILLAGES), n)
            own = rng.beta(SPREAD * rate, SPREAD * (1 - rate), VILLAGES)
            poor = (rng.random(len(village)) < own[village]).astype(int)
            parts.append(pd.DataFrame({"town": town, "village": village, "status": status, "poor": poor}))
    return pd.concat(parts, ignore_index=True)


def simulated(name: str, replicates: int) -> list[dict[str, Any]]:
    """Draw checks of one county, and judge every interval by them."""
    rng, true = np.random.default_rng(SEED), truth(CASES[name])
    totals = {(town, status): n for status, own in TOTALS.items() for town, n in zip(STRATA, own, strict=True)}
    drawn: dict[str, list[pd.DataFrame]] = {"villages": [], "singly": []}
    for _ in range(replicates):
        table = sample(rng, CASES[name])
        for kind, psu in (("villages", "village"), ("singly", None)):
            drawn[kind].append(ps.three_rates(table, "status", "poor", totals, strata="town", psu=psu).frame)
    rows = []
    for rate, exact in true.items():
        for kind, low, high in (
            ("Korn–Graubard", "low", "high"), ("Wilson", "wilson_low", "wilson_high"),
            ("delta", "delta_low", "delta_high"), ("Korn–Graubard, drawn singly", "low", "high"),
        ):  # fmt: skip
            frames = drawn["singly" if kind.endswith("singly") else "villages"]
            found = pd.DataFrame([frame.loc[rate] for frame in frames])
            held = float(((found[low] <= exact) & (exact <= found[high])).mean())
            limit = 0.02
            rows.append(
                {
                    "county": name,
                    "rate": rate,
                    "interval": kind,
                    "truth": exact,
                    "mean": float(found["estimate"].mean()),
                    "spread": float(found["estimate"].std(ddof=1)),
                    "se": float(np.sqrt((found["se"] ** 2).mean())),
                    "width": float((found[high] - found[low]).mean()),
                    "coverage": held,
                    "error": math.sqrt(held * (1 - held) / replicates),
                    "passes": float((found[high] < limit).mean()),
                    "fails": float((found[low] >= limit).mean()),
                    "point below": float((found["estimate"] < limit).mean()),
                }
            )
    return rows


def report(told: dict[str, Any]) -> str:
    """Write the table."""
    lines = [
        "# Coverage of 95 % intervals of a field check's rates (synthetic)",
        "",
        f"{told['replicates']:,} checks of either county, seed {told['seed']} (benchmarks/field_check_coverage.py): 45 "
        "villages, 1,170 households. Passes and fails are the shares of checks whose whole interval lies below or "
        "above 2 %; the last column is the share whose point alone is below.",
        "",
        "| county | rate | interval | truth, % | mean | spread | se | width | coverage, % | passes | fails | point "
        "below |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in told["rows"]:
        numbers = " | ".join(f"{100 * row[key]:.3f}" for key in ("truth", "mean", "spread", "se", "width"))
        shares = " | ".join(f"{100 * row[key]:.1f}" for key in ("passes", "fails", "point below"))
        lines.append(
            f"| {row['county']} | {row['rate']} | {row['interval']} | {numbers} | {100 * row['coverage']:.1f} ± "
            f"{100 * row['error']:.1f} | {shares} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--replicates", type=int, default=2000)
    replicates = parser.parse_args().replicates
    start = time.perf_counter()
    rows = [row for name in CASES for row in simulated(name, replicates)]
    told = {"seed": SEED, "replicates": replicates, "seconds": round(time.perf_counter() - start), "rows": rows}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "field_check_coverage.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "field_check_coverage.md").write_text(report(told), encoding="utf-8")
    print(report(told))


if __name__ == "__main__":
    main()
