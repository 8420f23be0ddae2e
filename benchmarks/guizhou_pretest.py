"""What happens to size and intervals when a specification test chooses the model that is then reported.

    .venv/bin/python benchmarks/guizhou_pretest.py [--surveys 1000]

writes data/guizhou/pretest.csv. Synthetic surveys of 44 villages with 10 households: log C = 7.4 + u0 + (β + u1) x + e
with β = 0.1, an item x of five grades about its average grade, a tenth of its latent variance between villages, and a
random part of variance 0.25 of which a tenth lies between villages. Varied are the standard deviation of the true
slopes u1, and the correlation of u0 with the village part of x: 0 (random effects are right) and 0.4 (they are wrong by
an amount that the test sees in some surveys only).

Every rule tests β = 0.1 at 5 per cent and gives a 95 per cent interval:

- always_fixed_slope: random intercept, (1 | village).
- always_random_slope: (1 + x | village).
- slope_test: the likelihood ratio on the boundary decides between these two.
- specification_test: the rule of povstats.specification_test; "fixed" is the within model, clustered by village.
- always_within: the within model, clustered by village.

One process; about ten minutes.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track
from scipy.special import ndtri

from povstats.models import fit_hlm, fit_within, specification_test

SEED, VILLAGES, HOUSEHOLDS, LEVEL = 20091128, 44, 10, 0.05
GRADES = (0.20, 0.27, 0.28, 0.17, 0.08)
TRUTH, TOTAL, ICC, SHARE = 0.1, 0.25, 0.10, 0.10
SLOPE_SDS, CORRELATIONS = (0.0, 0.025, 0.05, 0.075, 0.10, 0.15), (0.0, 0.4)
RULES = ("always_fixed_slope", "always_random_slope", "slope_test", "specification_test", "always_within")
RESULT = Path(__file__).parents[1] / "data" / "guizhou" / "pretest.csv"


def survey(rng: np.random.Generator, slope_sd: float, correlation: float) -> pd.DataFrame:
    """Draw a survey: synthetic."""
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    place, own, slope = rng.standard_normal((3, VILLAGES))
    level = np.sqrt(TOTAL * ICC) * (correlation * place + np.sqrt(1 - correlation**2) * own)
    latent = np.sqrt(SHARE) * place[village] + np.sqrt(1 - SHARE) * rng.standard_normal(len(village))
    x = 1.0 + np.searchsorted(ndtri(np.cumsum(GRADES)[:-1]), latent) - np.dot(np.arange(1, 6), GRADES)
    y = 7.4 + level[village] + (TRUTH + slope_sd * slope[village]) * x
    y += rng.normal(0, np.sqrt(TOTAL * (1 - ICC)), len(village))
    return pd.DataFrame({"village": village, "x": x, "y": y})


def judged(table: pd.DataFrame) -> tuple[dict[str, tuple[float, float, bool]], str, bool]:
    """Give by rule the estimate, its error and whether the truth is in the interval; then what the two tests chose."""
    test = specification_test("y ~ x + (1 + x | village)", table)
    fits: dict[str, Any] = {
        "always_fixed_slope": fit_hlm("y ~ x + (1 | village)", table),
        "always_random_slope": test.random_fit,
        "always_within": fit_within("y ~ x", table, group="village"),
    }
    varies = test.slopes["x"].defined and test.slopes["x"].pvalue < LEVEL
    fits["slope_test"] = fits["always_random_slope" if varies else "always_fixed_slope"]
    chosen = {"fixed": "always_within", "random slope": "always_random_slope"}
    fits["specification_test"] = fits[chosen.get(test.decision, "always_fixed_slope")]
    found = {}
    for rule in RULES:
        ends = fits[rule].conf_int().loc["x"]
        numbers = float(fits[rule].params["x"]), float(fits[rule].std_errors["x"])
        found[rule] = (*numbers, bool(ends.low <= TRUTH <= ends.high))
    return found, test.decision, varies


def main() -> None:
    """Run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=1000)
    surveys, start, rows = parser.parse_args().surveys, time.time(), []
    cells = [(sd, correlation) for correlation in CORRELATIONS for sd in SLOPE_SDS]
    for (sd, correlation), root in zip(cells, np.random.SeedSequence(SEED).spawn(len(cells)), strict=True):
        found: dict[str, list[Any]] = {rule: [] for rule in RULES}
        decisions, varied = [], []
        for child in track(root.spawn(surveys), description=f"slope sd {sd:g}, correlation {correlation:g}"):
            one, decision, varies = judged(survey(np.random.default_rng(child), sd, correlation))
            decisions.append(decision)
            varied.append(varies)
            for rule, numbers in one.items():
                found[rule].append(numbers)
        shares = {
            "slope_significant": float(np.mean(varied)),
            "chosen_within": decisions.count("fixed") / surveys,
            "chosen_random_slope": decisions.count("random slope") / surveys,
        }
        for rule, numbers in found.items():
            cell = {"slope_sd": sd, "correlation": correlation, "rule": rule, "surveys": surveys}
            rows.append(cell | told(numbers) | {name: round(value, 4) for name, value in shares.items()})
    frame = pd.DataFrame(rows).assign(seed=SEED)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(RESULT, index=False)
    print(frame.to_string(index=False))
    print(f"{time.time() - start:.0f} seconds")


def told(numbers: list[Any]) -> dict[str, float]:
    """Turn the results of a rule into a bias, standard errors meant and found, and the size of its test."""
    estimate, error, covered = np.array(numbers, dtype=float).T
    size = float(1 - covered.mean())
    return {
        "bias": round(float(estimate.mean() - TRUTH), 5),
        "spread": round(float(estimate.std(ddof=1)), 5),
        "mean_se": round(float(error.mean()), 5),
        "size": round(size, 4),
        "error": round(float(np.sqrt(size * (1 - size) / len(covered))), 4),
        "coverage": round(float(covered.mean()), 4),
    }


if __name__ == "__main__":
    main()
