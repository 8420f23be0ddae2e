"""How long a simulated survey takes in simulate_power beside a loop of lmerTest fits, and whether both tell one power.

    .venv/bin/python benchmarks/power_speed.py [--rounds 5]

44 villages × 10 households, a cross-level interaction with a random slope, as assumed below: synthetic. R's loop
(power_speed.R) is what simr does without its own overhead: draw predictors and outcome, lmer, t tests with
Satterthwaite's degrees of freedom. Our clock has everything in it: drawing, fitting, testing. Rounds alternate, so
that a busy machine slows both; ratios are medians over the rounds. The compiled loops must be there (make setup).
Results: benchmarks/results/power.json and power.md.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

import povstats as ps
from povstats.models.speed import compiled

HERE = Path(__file__).parent
VILLAGES, HOUSEHOLDS, OURS, THEIRS = 44, 10, 1000, 60
TERM = "trust:aid"
PLAN = ps.Assumed(
    "y ~ education + trust * aid + (1 + trust | village)",
    {"education": 0.1, "trust": 0.1, TERM: 0.08},
    icc=0.25,
    sd=0.6,
    slope_sd={"trust": 0.12},
    village=["aid"],
)


def ours(seed: int) -> tuple[float, float]:
    """Time our surveys; give milliseconds a survey and the power."""
    start = time.perf_counter()
    found = ps.simulate_power(PLAN, VILLAGES, HOUSEHOLDS, effects={TERM: PLAN.effects[TERM]}, n=OURS, rng=seed)
    seconds = time.perf_counter() - start
    return 1e3 * seconds / OURS, float(found.table.loc[(VILLAGES, HOUSEHOLDS, TERM), "power"])


def theirs(seed: int) -> dict[str, Any]:
    """Run R's loop once."""
    command = ["Rscript", str(HERE / "power_speed.R"), str(seed), str(THEIRS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Race, and write what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if not compiled(VILLAGES):
        raise SystemExit("the compiled loops are not on disk; run make setup first")
    ours(0)
    rows = []
    for seed in range(1, rounds + 1):
        peer, (own, power) = theirs(seed), ours(seed)
        rows.append({"povstats": own, "lmerTest": peer["ms"], "quick": peer["ms_quick"], "power": power} | {
            "power_lmerTest": peer["power"], "singular": peer["singular"]})  # fmt: skip
        print(rows[-1], flush=True)
    middle = {key: statistics.median(row[key] for row in rows) for key in ("povstats", "lmerTest", "quick")}
    ratios = {key: statistics.median(row[key] / row["povstats"] for row in rows) for key in ("lmerTest", "quick")}
    powers = [float(np.mean([row[key] for row in rows])) for key in ("power", "power_lmerTest")]
    error = float(np.sqrt(powers[0] * (1 - powers[0]) * (1 / (rounds * OURS) + 1 / (2 * rounds * THEIRS))))
    out = {"villages": VILLAGES, "households": HOUSEHOLDS, "surveys": [OURS, THEIRS], "rounds": rows, "ms": middle}
    out |= {"ratio": ratios, "power": powers, "power_error": error, "versions": peer["versions"]}
    (HERE / "results" / "power.json").write_text(json.dumps(out, indent=1) + "\n")
    versions = ", ".join(f"{name} {number}" for name, number in peer["versions"].items())
    text = f"""# Simulated surveys: time and power (synthetic)

{VILLAGES} villages × {HOUSEHOLDS} households, `{PLAN.formula}`;
{rounds} rounds in turn, of {OURS:,} surveys here and 2 × {THEIRS} in R ({versions}).

| | ms a survey | times povstats |
|--|--|--|
| `ps.simulate_power`: draw, fit, test | {middle["povstats"]:.2f} | 1 |
| lmerTest loop, defaults | {middle["lmerTest"]:.1f} | {ratios["lmerTest"]:.0f} |
| lmerTest loop, calc.derivs = FALSE | {middle["quick"]:.1f} | {ratios["quick"]:.0f} |

Power to find {TERM} = {PLAN.effects[TERM]}: {powers[0]:.3f} here, {powers[1]:.3f} in R; a difference of
{powers[1] - powers[0]:+.3f} beside a Monte Carlo standard error of {error:.3f}.
"""
    (HERE / "results" / "power.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
