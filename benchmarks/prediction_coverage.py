"""How often 95 % intervals of predictions hold the truth: synthetic surveys, seed and designs below.

    .venv/bin/python benchmarks/prediction_coverage.py [--replicates 1000]

writes benchmarks/results/prediction_coverage.json and .md. In each replicate a survey is drawn and fitted anew by REML,
and intervals are made for the mean outcome, at x = 1, of every village in the sample, of a village that is not in it,
of a household there, and for the marginal line. Intervals of known villages are made in five ways: with the variance at
known variance components and the normal quantile, as most programs do; with Student's t; and with the term of Kackar
and Harville for the estimated variance components none, once and twice, the last being that of `fit.predict`. For a
new village the chance that the interval holds the truth is worked out from the distribution of its effects, not drawn.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track
from scipy.special import ndtr, stdtrit

import povstats as ps
from povstats.models.interpretation.prediction.prediction_errors import prediction_errors
from povstats.models.interpretation.prediction.prediction_rows import open_rows

SEED, BETA, SIGMA, X = 20261126, np.array([7.0, 0.05]), 0.50, 1.0
DESIGNS = {
    "44 × 10, sd 0.30": (44, 10, "(1 | village)", np.diag([0.30**2, 0.0])),
    "44 × 10, sd 0.10": (44, 10, "(1 | village)", np.diag([0.10**2, 0.0])),
    "44 × 10, sd 0.30, slope 0.08": (44, 10, "(1 + x | village)", np.array([[0.09, -0.0072], [-0.0072, 0.0064]])),
    "12 × 10, sd 0.30": (12, 10, "(1 | village)", np.diag([0.30**2, 0.0])),
    "12 × 4, sd 0.20": (12, 4, "(1 | village)", np.diag([0.20**2, 0.0])),
}
"""Villages × households, the model's random part, and the covariance of a village's intercept and slope of x, a
five-point item about zero. The residual's standard deviation is 0.50."""
RESULTS = Path(__file__).parent / "results"


def replicate(design: tuple[int, int, str, Any], rng: np.random.Generator) -> dict[str, float]:
    """Draw a survey, fit it, and give the share of the truths that each interval holds."""
    villages, households, bar, T = design
    village = np.repeat(np.arange(villages), households)
    x = rng.integers(1, 6, len(village)) - 3.0
    b = rng.multivariate_normal(np.zeros(2), T, villages, method="eigh")
    y = BETA[0] + BETA[1] * x + b[village, 0] + b[village, 1] * x + SIGMA * rng.standard_normal(len(village))
    fit = ps.fit_hlm(f"y ~ x + {bar}", pd.DataFrame({"y": y, "x": x, "village": village}))
    asked = pd.DataFrame({"village": np.arange(villages), "x": X})
    z = np.array([1.0, X])
    line = float(BETA @ z)
    rows = open_rows(fit, asked, [0])
    errors = prediction_errors(fit, rows)
    away = (fit.predict(asked) - line - b @ z).abs().to_numpy()
    out = {"boundary": float(fit.status == "boundary")}
    quantile = stdtrit(np.minimum(errors.dof(False, False), 1e10), 0.975)
    ways = {"z": (1.959964, 0), "t": (quantile, 0), "t, θ once": (quantile, 1), "z, θ twice": (1.959964, 2)}
    for name, (q, times) in {**ways, "t, θ twice": (quantile, 2)}.items():
        half = q * np.sqrt(fit.sigma2 * (errors.variance + times * errors.theta))
        out[f"known village: {name}"] = float((away <= half).mean())
    spread = float(z @ T @ z)
    for interval, variance in (("mean", spread), ("outcome", spread + SIGMA**2)):
        found = fit.predict(asked.head(1), "new group", interval=interval).iloc[0]
        held = {"t": (found.low, found.high)}
        held["z"] = (found.predicted - 1.959964 * found.se, found.predicted + 1.959964 * found.se)
        for name, ends in held.items():
            below, above = (np.array(ends) - line) / np.sqrt(variance)
            out[f"new village, {interval}: {name}"] = float(ndtr(above) - ndtr(below))
    low, high = fit.predict(asked.head(1), "marginal", interval="mean")[["low", "high"]].to_numpy()[0]
    out["marginal line"] = float(low <= line <= high)
    return out


def main() -> None:
    """Run all designs and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=1000)
    n = parser.parse_args().replicates
    found, errors = {}, {}
    for name, design in DESIGNS.items():
        rng = np.random.default_rng([SEED, len(found)])
        frame = pd.DataFrame([replicate(design, rng) for _ in track(range(n), name)])
        found[name] = frame.mean().round(4).to_dict()
        errors[name] = (frame.std() / np.sqrt(n)).round(4).to_dict()
    RESULTS.mkdir(exist_ok=True)
    out = {"data": "synthetic", "seed": SEED, "replicates": n, "coverage": found, "monte_carlo_se": errors}
    (RESULTS / "prediction_coverage.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", "utf-8")
    ways = list(next(iter(found.values())))
    lines = [f"| {' | '.join(['', *found])} |", f"|{'---|' * (len(found) + 1)}"]
    lines += [f"| {way} | {' | '.join(f'{100 * found[name][way]:.1f}' for name in found)} |" for way in ways]
    largest = max(value for own in errors.values() for value in own.values())
    head = (
        "# Coverage of predictions\n\n"
        f"Coverage of nominal 95 % intervals of predictions, per cent; {n:,} synthetic surveys a design, seed {SEED}.\n"
        f"Monte Carlo standard errors are at most {100 * largest:.1f} points. boundary: share of fits with a zero "
        "variance or a correlation of ±1.\n\n"
    )
    (RESULTS / "prediction_coverage.md").write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
