"""How wrong the study's estimates become when trust follows welfare, or funds follow poverty.

    .venv/bin/python benchmarks/guizhou_endogeneity.py [--surveys 500]

writes data/guizhou/endogeneity.csv. Synthetic surveys of 440 households. Trust: minus the correlation of latent trust
and the household's own residual grows; the coefficient is that of trust at the villages' means. Funds: minus the
correlation of log aid and the village's own residual grows; the coefficient is that of 100 yuan. Estimators: the
study's model with fixed slope (its village consumption holds the outcome), the same without village consumption, and
two-stage least squares as in povstats.guizhou. Medians and quartiles, since two-stage estimates have no mean.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

from povstats.datasets.guizhou import GuizhouAssumptions, guizhou_effects, guizhou_synthetic
from povstats.guizhou import Plan
from povstats.guizhou.instruments import funds_rows, instrumented, item_rows
from povstats.models import fit_hlm

SEED, SIZES = 20091231, (0.0, 0.1, 0.2, 0.3, 0.4)
FEEDBACKS = {"trust_follows_welfare": "trust", "funds_follow_poverty": "aid_funds"}
ESTIMATORS = ("study", "without", "iv")
FILE = Path(__file__).parent.parent / "data" / "guizhou" / "endogeneity.csv"
Found = tuple[str, float, float, bool]
"""Estimator, estimate, truth, and whether its 95% interval or set has the truth."""


def judged(table: pd.DataFrame, term: str) -> list[Found]:
    """Estimate the coefficient of trust or of 100 yuan of funds in every way."""
    plan, unit = Plan(), 1.0 if term == "trust" else 100.0
    truth = true_value(table, term)
    found: list[Found] = []
    short = replace(plan, village=("aid_funds", "village_migration"), moderator="aid_funds")
    for name, one in (("study", plan), ("without", short)):
        # Trust about its mean, so that the coefficient of funds is that at the average grade.
        fit = fit_hlm(f"{one.fixed('center(trust)')} + (1 | village)", table, method="reml")
        row = f"center({term})"
        low, high = fit.conf_int().loc[row, ["low", "high"]]
        found.append((name, unit * float(fit.params[row]), truth, bool(low <= truth / unit <= high)))
    iv = instrumented(item_rows(table, plan, term) if term == "trust" else funds_rows(table, plan))
    inside = iv.low <= truth / unit <= iv.high
    found.append(("iv", unit * iv.estimate, truth, {"interval": inside, "rays": not inside, "line": True}[iv.region]))
    return found


def true_value(table: pd.DataFrame, term: str) -> float:
    """Give what the generator put in, at the means of the survey's moderators."""
    effects = guizhou_effects("trust")
    if term == "aid_funds":
        return 100 * effects["aid_funds"]
    names = ("village_consumption", "aid_funds", "village_migration")
    return effects["trust"] + sum(effects[f"trust:{name}"] * float(table[name].mean()) for name in names)


def main() -> None:
    """Draw the surveys, estimate, and write the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=500)
    n, rows = parser.parse_args().surveys, []
    for feedback, term in FEEDBACKS.items():
        for size in SIZES:
            told = GuizhouAssumptions(**{feedback: size})
            seeds = np.random.default_rng([SEED, round(10 * size)]).integers(0, 2**31, n)
            found = [
                one
                for seed in track(seeds, description=f"{feedback} {size}")
                for one in judged(guizhou_synthetic(int(seed), assumptions=told), term)
            ]
            frame = pd.DataFrame(found, columns=["estimator", "estimate", "truth", "covered"])
            frame["error"] = frame["estimate"] - frame["truth"]
            for estimator in ESTIMATORS:
                own = frame[frame["estimator"] == estimator]
                low, middle, high = own["error"].quantile([0.25, 0.5, 0.75])
                # The 95% interval of a median, from its order statistics.
                ranks = np.clip([0.5 - 0.98 / np.sqrt(n), 0.5 + 0.98 / np.sqrt(n)], 0, 1)
                ends = own["error"].quantile(list(ranks)).to_numpy()
                rows.append(
                    {"feedback": feedback, "size": size, "term": term, "estimator": estimator, "surveys": n,
                     "truth": own["truth"].mean(), "bias": middle, "low": ends[0], "high": ends[1],
                     "quarter": low, "three_quarters": high, "coverage": own["covered"].mean(), "seed": SEED}
                )  # fmt: skip
    FILE.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows).round(6).to_csv(FILE, index=False, lineterminator="\n")
    print(pd.DataFrame(rows).to_string())


if __name__ == "__main__":
    main()
