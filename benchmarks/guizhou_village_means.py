"""How often five treatments of a village's mean call an interaction significant, where there is none and where one is.

    .venv/bin/python benchmarks/guizhou_village_means.py [--surveys 1000]

writes data/guizhou/village_means.csv. Synthetic surveys of 44 villages with 10 households, the size of the Guizhou
study: log C = 7.4 + u0 + 0.1 x + u1 (x − c) + e with u1 = θ u0 + v, an item x of five grades of which a tenth of the
latent variance lies between villages, and a random part of variance 0.25 of which `icc` lies between villages. Cases:

- none: θ = 0, c = the average grade; the slope has nothing to do with the level.
- interaction: θ = −0.25 per log point, c = the average grade.
- zero: θ = 0, c = 0; the slope has nothing to do with the level at grade zero, which no household has. At the average
  grade the level holds the slope, and the two go together.

All treatments judge the same surveys at 5 per cent (REML, Satterthwaite; leave-one-out by CR2; the covariance by its
likelihood ratio). Coverage is that of −0.25 or zero by the 95 per cent interval. One process; about ten minutes.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track
from scipy.special import chdtrc, ndtri

from povstats.errors import FitError
from povstats.guizhou import Analysis, Plan, moderators
from povstats.guizhou.slope_on_level import deviance
from povstats.models import fit_hlm

SEED, VILLAGES, HOUSEHOLDS, LEVEL, SPLITS = 20091127, 44, 10, 0.05, 10
GRADES = (0.20, 0.27, 0.28, 0.17, 0.08)
MEAN_GRADE = float(np.dot(np.arange(1, 6), GRADES))
THETA, SLOPE_SD, TOTAL, OUTSIDE_ERROR = -0.25, 0.05, 0.25, 0.10
CASES = [(icc, case) for icc in (0.10, 0.30) for case in ("none", "interaction", "zero")]
PLAN = Plan(
    items=("x",), household=(), village=("village_mean",), county=None, moderator="village_mean", funds=None, poor=None
)
RESULT = Path(__file__).parents[1] / "data" / "guizhou" / "village_means.csv"


def survey(rng: np.random.Generator, icc: float, case: str) -> pd.DataFrame:
    """Draw a survey: synthetic."""
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    u0, v = rng.standard_normal((2, VILLAGES)) * np.array([[np.sqrt(TOTAL * icc)], [SLOPE_SD]])
    latent = np.sqrt(0.1) * rng.standard_normal(VILLAGES)[village] + np.sqrt(0.9) * rng.standard_normal(len(village))
    x = 1.0 + np.searchsorted(ndtri(np.cumsum(GRADES)[:-1]), latent)
    slope = v + (THETA * u0 if case == "interaction" else 0.0)
    about = x - (0.0 if case == "zero" else MEAN_GRADE)
    log = 7.4 + u0[village] + 0.1 * x + slope[village] * about
    log += rng.normal(0, np.sqrt(TOTAL * (1 - icc)), len(village))
    table = pd.DataFrame({"village": village, "x": x, "consumption": np.exp(log)})
    level = u0 + v * MEAN_GRADE if case == "zero" else u0
    outside = np.exp(7.4 + level + rng.normal(0, OUTSIDE_ERROR, VILLAGES))
    mean = table.groupby("village")["consumption"].transform("mean")
    return table.assign(outside=outside[village], village_mean=mean)


def judged(table: pd.DataFrame, rng: np.random.Generator, truth: float) -> dict[str, tuple[float, bool, bool, bool]]:
    """Give by treatment the estimate, and whether zero is rejected, the truth covered, the fit on the boundary.

    A treatment that refuses the survey is left out of its answer.
    """
    analysis = moderators.complete(Analysis(table, PLAN), "x")
    arguments: dict[str, tuple[Any, ...]] = {"split_half": (SPLITS, rng), "outside": ("outside",)}
    found = {}
    for name, method in moderators.METHODS.items():
        try:
            if name == "covariance":
                found[name] = _covariance(table, truth)
                continue
            one = method(analysis, "x", *arguments.get(name, ()))
        except FitError:
            continue
        found[name] = (one.estimate, one.p < LEVEL, one.low <= truth <= one.high, one.boundary)
    return found


def _covariance(table: pd.DataFrame, truth: float) -> tuple[float, bool, bool, bool]:
    """Do the same as slope_on_level, without looking for the ends of the interval."""
    fixed, about = "log(consumption) ~ x", table["x"] - table["x"].mean()
    fit = fit_hlm(f"{fixed} + (1 + about | village)", table.assign(about=about))
    cov = fit.random_cov["village"].to_numpy()
    if not cov[0, 0] > 1e-10 * fit.sigma2:
        raise FitError("the level does not vary")
    dropped = deviance(fixed, "x", "village", table, fit.loglik)
    at_zero = chdtrc(1, dropped(0.0))
    covered = at_zero if truth == 0 else chdtrc(1, dropped(truth))
    return float(cov[0, 1] / cov[0, 0]), bool(at_zero < LEVEL), bool(covered >= LEVEL), fit.status == "boundary"


def main() -> None:
    """Run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=1000)
    surveys, start = parser.parse_args().surveys, time.time()
    rows: list[dict[str, Any]] = []
    for (icc, case), root in zip(CASES, np.random.SeedSequence(SEED).spawn(len(CASES)), strict=True):
        truth = THETA if case == "interaction" else 0.0
        found: dict[str, list[Any]] = {name: [] for name in moderators.METHODS}
        for child in track(root.spawn(surveys), description=f"icc {icc:g}, {case}"):
            rng = np.random.default_rng(child)
            for name, numbers in judged(survey(rng, icc, case), rng, truth).items():
                found[name].append(numbers)
        for name, numbers in found.items():
            rows.append({"icc": icc, "case": case, "treatment": name, "surveys": surveys} | told(numbers, truth))
    frame = pd.DataFrame(rows).assign(seed=SEED)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(RESULT, index=False)
    print(frame.to_string(index=False))
    print(f"{time.time() - start:.0f} seconds")


def told(numbers: list[Any], truth: float) -> dict[str, Any]:
    """Turn the results of a treatment into shares and means."""
    estimate, rejected, covered, boundary = np.array(numbers, dtype=float).T
    share = float(rejected.mean())
    return {
        "judged": len(estimate),
        "truth": truth,
        "median": round(float(np.median(estimate)), 4),
        "rejected": round(share, 4),
        "error": round(float(np.sqrt(share * (1 - share) / len(estimate))), 4),
        "coverage": round(float(covered.mean()), 4),
        "boundary": round(float(boundary.mean()), 4),
    }


if __name__ == "__main__":
    main()
