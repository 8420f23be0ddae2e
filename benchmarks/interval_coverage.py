"""How often 95 % intervals hold the truth with 44 villages of 10 households: synthetic surveys, seed and design below.

    .venv/bin/python benchmarks/interval_coverage.py [--replicates 10000]

writes benchmarks/results/coverage.json and coverage.md. The predictors are drawn once and kept; the outcome is drawn
anew each time, straight as the sufficient statistics that the likelihood reads. Every method judges the same
replicates: z, t with Satterthwaite's and with Kenward and Roger's degrees of freedom (REML), CR2 with its own degrees
of freedom, and the profile likelihood (ML), whose interval holds the truth where twice the drop of the log-likelihood
there is below the 95 % point of χ²(1).
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track
from scipy.special import chdtri, stdtrit

import povstats as ps
from povstats.models.inference.df import satterthwaite
from povstats.models.inference.kenward_roger import adjust, single_dof
from povstats.models.inference.robust import sandwich_of
from povstats.models.inference.simulate import draws
from povstats.models.likelihood import profile
from povstats.models.optimum import matrices
from povstats.models.refits import refit, with_outcome

SEED, VILLAGES, HOUSEHOLDS = 20261125, 44, 10
FORMULA = "y ~ education + land + trust * village_mean + (1 + trust | village)"
TRUTH = {
    "Intercept": 7.0,
    "education": 0.029,
    "land": 0.17,
    "trust": 0.05,
    "village_mean": 0.8,
    "trust:village_mean": -0.06,
}
"""Coefficients; the focal ones are those of trust. A village's intercept has standard deviation 0.30, its slope of
trust 0.08, their correlation is −0.3, and the residual's is 0.50: a stand-in for log consumption, no estimate of it."""
T = np.array([[0.30**2, -0.3 * 0.30 * 0.08], [-0.3 * 0.30 * 0.08, 0.08**2]])
SIGMA = 0.50
FOCAL = ("trust", "trust:village_mean")
RESULTS = Path(__file__).parent / "results"


def survey() -> pd.DataFrame:
    """Draw the predictors: synthetic. Trust is a five-point item, village_mean a log figure from outside the sample."""
    rng = np.random.default_rng(SEED)
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    n = len(village)
    return pd.DataFrame(
        {
            "village": village,
            "education": rng.normal(6, 3, n).clip(0, 16),
            "land": rng.gamma(2, 0.6, n),
            "trust": rng.integers(1, 6, n) - 3.0,
            "village_mean": rng.normal(0, 0.4, VILLAGES)[village],
            "y": rng.normal(7, 1, n),  # replaced in every replicate
        }
    )


def truth(fit: Any) -> Any:
    """Put the true parameters in the place of the estimates."""
    at, units = fit.optimum.profile, fit.units
    beta = np.linalg.solve(units.x, np.array([TRUTH[name] for name in fit.params.index]) - units.shift) / units.scale
    back = np.linalg.inv(units.z[0])
    root = np.linalg.cholesky(back @ T @ back.T / SIGMA**2)
    parts = replace(at, beta=beta, rss=at.dof * (SIGMA / units.scale) ** 2)
    return replace(fit, optimum=replace(fit.optimum, factors=(root,), profile=parts))


def held(fit: Any, outcome: Any, theta: Any) -> dict[str, list[bool]]:
    """Tell for each method and focal coefficient whether the interval of this replicate holds the truth."""
    blocks = with_outcome(fit.optimum.blocks, outcome)
    factors = matrices(theta, fit.optimum.entries, blocks.levels)
    optimum = replace(fit.optimum, blocks=blocks, factors=factors, profile=profile(blocks, factors, True))
    at, units = optimum.profile, fit.units
    places = [list(fit.params.index).index(name) for name in FOCAL]
    x = units.x[places]
    beta = units.scale * x @ at.beta + units.shift[places]
    error = np.abs(beta - [TRUTH[name] for name in FOCAL])
    scale2 = units.scale**2 * at.rss / at.dof
    model = np.sqrt(scale2 * np.diag(x @ at.C @ x.T))
    adjusted = adjust(optimum)
    kr = np.sqrt(scale2 * np.diag(x @ adjusted.cov @ x.T))
    robust = sandwich_of(blocks, factors, (at.C, at.beta), np.arange(VILLAGES), "CR2", x)
    cr2 = units.scale * np.sqrt(np.diag(x @ robust.cov @ x.T))
    cuts = {
        "z": 1.959964 * model,
        "Satterthwaite": stdtrit(satterthwaite(optimum, x), 0.975) * model,
        "Kenward-Roger": stdtrit(single_dof(adjusted, x), 0.975) * kr,
        "CR2": stdtrit(robust.dof, 0.975) * cr2,
    }
    return {name: (error <= cut).tolist() for name, cut in cuts.items()}


def profiled(ml: Any, outcomes: Any) -> Any:
    """Tell for each replicate and focal coefficient whether the ML profile interval holds the truth, shape (n, 2)."""
    whole = refit(ml.optimum, outcomes).value
    blocks, out = ml.optimum.blocks, []
    for name in FOCAL:
        # Fixing a coefficient of the user's units is fixing a line of the scaled β: turn X so that it is one column.
        place = list(ml.params.index).index(name)
        x, q, p = ml.units.x, blocks.full.shape[1] - blocks.p - 1, blocks.p
        turn = np.eye(q + p + 1)
        turn[q : q + p, q : q + p] = np.linalg.inv(x)
        value = (TRUTH[name] - ml.units.shift[place]) / ml.units.scale
        column = q + place
        # [Z X] turned, y less the fixed column: then the column is left out.
        turn[:, -1] -= value * turn[:, column]
        inverse = turn
        keep = [i for i in range(q + p + 1) if i != column]
        full = inverse.T @ with_outcome(blocks, outcomes[0]).full @ inverse
        changed = []
        for outcome in outcomes:
            moved = inverse.T @ with_outcome(blocks, outcome).full @ inverse
            changed.append(moved[:, keep, -1])
        less = replace(blocks, full=full[:, keep][:, :, keep], p=p - 1)
        small = refit(replace(ml.optimum, blocks=less), np.array(changed)).value
        out.append(small - whole <= chdtri(1, 0.05))
    return np.column_stack(out)


def main() -> None:
    """Run, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=10_000)
    n = parser.parse_args().replicates
    start, table = time.time(), survey()
    first = ps.fit_hlm(FORMULA, table)
    fit, ml = truth(first), truth(ps.fit_hlm(FORMULA, table, method="ml"))
    counts: dict[str, Any] = {}
    boundary = failed = done = 0
    rng = np.random.default_rng(SEED + 1)
    batches = list(draws(fit, n, rng))
    for outcomes in track(batches, description="coverage"):
        found = refit(fit.optimum, outcomes)
        boundary += int(found.boundary.sum())
        failed += int((~found.converged).sum())
        done += len(outcomes)
        for outcome, theta in zip(outcomes, found.theta, strict=True):
            for name, hits in held(fit, outcome, theta).items():
                counts[name] = counts.get(name, 0) + np.array(hits)
        counts["ML profile"] = counts.get("ML profile", 0) + profiled(ml, outcomes).sum(axis=0)
    rows = [
        {"method": name, "coefficient": focal, "coverage": float(hits[i] / done)}
        for name, hits in counts.items()
        for i, focal in enumerate(FOCAL)
    ]
    design = {"seed": SEED, "formula": FORMULA, "villages": VILLAGES, "households": HOUSEHOLDS, "truth": TRUTH}
    design |= {"T": T.tolist(), "sigma": SIGMA, "data": "synthetic"}
    seconds = round(time.time() - start)
    RESULTS.mkdir(exist_ok=True)
    report = {"design": design, "replicates": done, "boundary": boundary / done, "failed": failed, "coverage": rows}
    report |= {"seconds": seconds, "povstats": ps.__version__, "numpy": np.__version__}
    (RESULTS / "coverage.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    wide = pd.DataFrame(rows).pivot(index="method", columns="coefficient", values="coverage")
    error = 100 * 1.96 * np.sqrt(0.95 * 0.05 / done)
    lines = [
        "# Coverage of 95 % intervals, 44 villages × 10 households",
        "",
        f"Synthetic data; design and seed in `benchmarks/interval_coverage.py`. {done:,} replicates, the same for "
        f"every method; simulation error about ±{error:.1f} points. {100 * boundary / done:.0f} % of the REML fits lie "
        "on the boundary.",
        "",
        "| method | " + " | ".join(f"`{name}`" for name in FOCAL) + " |",
        "|---|" + "---|" * len(FOCAL),
        *(f"| {m} | " + " | ".join(f"{100 * wide.loc[m, name]:.1f} %" for name in FOCAL) + " |" for m in counts),
        "",
    ]
    (RESULTS / "coverage.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
