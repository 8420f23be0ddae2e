"""Predicted headcounts against the truth of simulated populations: mean squared errors, intervals. Synthetic.

    .venv/bin/python benchmarks/headcount_errors.py [--populations 400]

writes benchmarks/results/headcount_errors.json and .md. In each replicate a population of villages is drawn, of which
some have households in the sample; a model is fitted by REML to the sample, headcounts and gaps of all villages are
predicted with a bootstrap of 100 refits, and are compared with what the villages' households are. For every design: the
mean squared error, the average of its estimates, and the share of the true headcounts that the 95 % intervals hold.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

import povstats as ps

SEED, LINE, REFITS = 20261127, 900.0, 100
DESIGNS = {
    "44 of 60 villages × 10, sd 0.35": (60, 44, 10, 40, 0.35),
    "18 of 24 villages × 6, sd 0.35": (24, 18, 6, 20, 0.35),
    "44 of 60 villages × 10, sd 0.15": (60, 44, 10, 40, 0.15),
}
"""Villages, those in the sample, sampled households of each, households predicted in each village, standard deviation
of the villages' effects on log consumption; the residual's is 0.50, and about a third of the households are poor."""
RESULTS = Path(__file__).parent / "results"


def population(design: tuple[int, int, int, int, float], rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a sample, and the households that are predicted, others than those of the sample."""
    villages, sampled, households, predicted, sd = design
    village = np.repeat(np.arange(villages), households + predicted)
    x, b = rng.normal(size=len(village)), sd * rng.normal(size=villages)
    y = np.exp(7 + 0.3 * x + b[village] + 0.5 * rng.normal(size=len(village)))
    frame = pd.DataFrame({"y": y, "x": x, "village": village})
    place = frame.groupby("village").cumcount()
    return frame[(place < households) & (village < sampled)], frame[place >= households].reset_index(drop=True)


def replicate(design: tuple[int, int, int, int, float], rng: np.random.Generator, seed: int) -> dict[str, float]:
    """Draw, fit, predict; average over sampled villages and over the others."""
    sample, census = population(design, rng)
    fit = ps.fit_hlm("log(y) ~ x + (1 | village)", sample)
    frame = ps.predicted_headcount(fit, census, LINE, n=REFITS, rng=seed).areas.astype(float)
    poor = census.assign(headcount=census.y < LINE, gap=(1 - census.y / LINE).clip(lower=0))
    truth = poor.groupby("village")[["headcount", "gap"]].mean()
    out = {"boundary": float(fit.status == "boundary")}
    for kind, rows in (("sampled", frame.index < design[1]), ("synthetic", frame.index >= design[1])):
        for measure in ("headcount", "gap"):
            own, true = frame[rows], truth[measure][rows]
            held = (own[f"{measure}_low"] <= true) & (true <= own[f"{measure}_high"])
            out[f"{kind}, {measure}: MSE"] = float(((own[measure] - true) ** 2).mean())
            out[f"{kind}, {measure}: its estimate"] = float((own[f"{measure}_se"] ** 2).mean())
            out[f"{kind}, {measure}: coverage"] = float(held.mean())
    return out


def main() -> None:
    """Run all designs and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--populations", type=int, default=400)
    n = parser.parse_args().populations
    found, errors = {}, {}
    for name, design in DESIGNS.items():
        rng = np.random.default_rng([SEED, len(found)])
        frame = pd.DataFrame([replicate(design, rng, seed) for seed in track(range(n), name)])
        found[name] = frame.mean().to_dict()
        errors[name] = (frame.std() / np.sqrt(n)).to_dict()
    RESULTS.mkdir(exist_ok=True)
    out = {"data": "synthetic", "seed": SEED, "populations": n, "refits": REFITS, "mean": found}
    out["monte_carlo_se"] = errors
    (RESULTS / "headcount_errors.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", "utf-8")
    largest = max(v for own in errors.values() for k, v in own.items() if "coverage" in k)
    lines = [
        "# Errors of predicted headcounts",
        "",
        f"Synthetic; designs in `benchmarks/headcount_errors.py`. {n:,} populations a design, {REFITS} refits each, "
        f"seed {SEED}. Roots of mean squared errors in points; Monte Carlo standard errors of coverages are at most "
        f"{100 * largest:.1f}.",
        "",
        f"| {' | '.join(['', *found])} |",
        f"|{'---|' * (len(found) + 1)}",
    ]
    for key in next(iter(found.values())):
        square = key.endswith(("MSE", "estimate"))
        cells = [
            f"{100 * (np.sqrt(own[key]) if square else own[key]):.{2 if square else 1}f}" for own in found.values()
        ]
        lines.append(f"| {'root ' if square else ''}{key} | {' | '.join(cells)} |")
    (RESULTS / "headcount_errors.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
