"""What the study's method recovers of the effects that were put in: 1,000 synthetic surveys of the Guizhou study.

    nice .venv/bin/python benchmarks/guizhou_recovery.py [--surveys 1000] [--processes 2]

writes data/guizhou/recovery.csv and benchmarks/results/guizhou_recovery.md. Every survey is drawn under both readings
of the printed percentage points, and each of the four items enters alone, by REML, tests and intervals with
Satterthwaite's degrees of freedom. Trust has no random slope, the others have one: the text says so of trust and of
participation. Models: "study" has the mean of the village's own households as the text has it; "without_mean" is the
same on surveys in which a village's mean has no effect, and is not in the model: all that differs is the trap of a mean
that contains the outcome. Data are synthetic.
"""

import argparse
import os
import time
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

import povstats as ps
from povstats.guizhou import Plan

FIRST = 100_000
"""The seed of the first survey; the next has the next one."""
READINGS = ("coefficient", "literal")
NO_MEAN = ps.datasets.GuizhouAssumptions(village_consumption=0.0, by_consumption=(0.0,) * 4)
MODELS = {
    "study": (Plan(data="synthetic"), ps.datasets.GuizhouAssumptions()),
    "without_mean": (
        Plan(data="synthetic", village=("aid_funds", "village_migration"), moderator="village_migration"),
        NO_MEAN,
    ),
}
KEYS = ["reading", "model", "item", "quantity"]
ROOT = Path(__file__).resolve().parent.parent


@cache
def effects(item: str, reading: Any, model: str) -> dict[str, float]:
    """Give what was put in; the mean grade of the item's population is `grade`."""
    told = MODELS[model][1]
    shares = told.grade_shares[Plan().items.index(item)]
    found = ps.datasets.guizhou_effects(item, reading=reading, assumptions=told)
    return found | {"grade": float(np.dot(np.arange(1, 6), shares))}


def truth(item: str, reading: str, model: str, table: pd.DataFrame) -> dict[str, float]:
    """Give the coefficients put in, at this survey's means.

    The item's own is that in the average village, and `at_zero` that where village figures are zero; a village
    figure's is that at the item's mean.
    """
    put, plan = effects(item, reading, model), MODELS[model][0]
    found = {name: put[name] for name in plan.household}
    found["at_zero"] = put[item]
    found[item] = put[item] + sum(put[f"{item}:{name}"] * table[name].mean() for name in plan.village)
    for name in plan.village:
        found[name] = put[name] + put[f"{item}:{name}"] * table[item].mean()
        found[f"{item}:{name}"] = put[f"{item}:{name}"]
    return found


def fitted(item: str, plan: Plan, table: pd.DataFrame) -> tuple[dict[str, tuple[float, ...]], bool]:
    """Give estimate, standard error, p and the ends of the interval by quantity, and whether the fit is on the edge."""
    fit = ps.fit_hlm(plan.formula(item, slope=item != "trust"), table)
    ends = fit.conf_int()
    found = {}
    for term in fit.params.index[1:]:
        row = (fit.params[term], fit.std_errors[term], fit.pvalues[term], *ends.loc[term])
        found[term.replace("center(", "").replace(")", "")] = row
    asked = {"at_zero": fit.slopes(item, at={name: [0] for name in plan.village})}
    asked |= {name: fit.slopes(name, at={item: [table[item].mean()]}) for name in plan.village}
    for quantity, slopes in asked.items():
        one = slopes.tidy().iloc[0]
        found[quantity] = (one["estimate"], one["se"], one["p"], one["low"], one["high"])
    return found, fit.status == "boundary"


def survey(seed: int) -> list[tuple[Any, ...]]:
    """Draw one survey under both readings and for both models, and judge every item's model."""
    rows: list[tuple[Any, ...]] = []
    for reading in READINGS:
        for model, (plan, told) in MODELS.items():
            table = ps.datasets.guizhou_synthetic(seed, reading=reading, assumptions=told)
            for item in plan.items:
                put = truth(item, reading, model, table)
                found, edge = fitted(item, plan, table)
                for quantity, (estimate, error, p, low, high) in found.items():
                    value = put[quantity]
                    held, seen = low <= value <= high, p < 0.05
                    name = "main" if quantity == item else quantity.replace(f"{item}:", "by_")
                    rows.append((reading, model, item, name, value, estimate, error, held, seen, edge))
    return rows


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Average over the surveys."""
    rows = rows.assign(bias=rows["estimate"] - rows["put_in"])
    by = rows.groupby(KEYS, sort=False)
    return pd.DataFrame(
        {
            "put_in": by["put_in"].mean(),
            "recovered": by["estimate"].mean(),
            "bias": by["bias"].mean(),
            # About what was put in, since that moves a little with the survey's own means.
            "empirical_se": by["bias"].std(),
            "mean_se": by["error"].mean(),
            "coverage": by["held"].mean(),
            "power": by["seen"].mean(),
            "boundary": by["edge"].mean(),
            "surveys": by.size(),
        }
    ).reset_index()


def page(found: pd.DataFrame, seconds: float) -> str:
    """Write the report."""
    n = int(found["surveys"].max())
    lines = [
        f"# What the study's method recovers: {n:,} synthetic surveys of 44 villages × 10 households",
        "",
        "Synthetic data, made by `ps.datasets.guizhou_synthetic`; design, seeds: `benchmarks/guizhou_recovery.py`. "
        f"Shares have a simulation error of about ±{100 * 1.96 * np.sqrt(0.25 / n):.1f} points at most and "
        f"±{100 * 1.96 * np.sqrt(0.05 * 0.95 / n):.1f} at 5 or 95 %. {seconds:.0f} seconds; povstats {ps.__version__}, "
        f"numpy {np.__version__}. `main` is the item in the average village, `at_zero` the item where village figures "
        "are zero; a village figure is read at the item's mean. All rows: `data/guizhou/recovery.csv`.",
    ]
    for (reading, model, item), rows in found.groupby(KEYS[:3], sort=False):
        edge = 100 * rows["boundary"].iloc[0]
        lines += ["", f"## {item}, reading {reading}, model {model}: {edge:.0f} % of fits on the boundary", ""]
        lines += ["| quantity | put in | recovered | bias | empirical s.e. | mean s.e. | coverage | power |"]
        lines += ["|---|" + "---|" * 7]
        for row in rows.to_dict("records"):
            cells = [f"{row[name]:.3g}" for name in ("put_in", "recovered", "bias", "empirical_se", "mean_se")]
            cells += [f"{100 * row[name]:.1f} %" for name in ("coverage", "power")]
            lines.append(f"| {row['quantity']} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Run, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    told = parser.parse_args()
    seeds, start, rows = range(FIRST, FIRST + told.surveys), time.time(), []
    with Pool(told.processes) as pool:
        for one in track(pool.imap(survey, seeds, chunksize=5), total=told.surveys, description="surveys"):
            rows += one
    columns = [*KEYS, "put_in", "estimate", "error", "held", "seen", "edge"]
    found = summed(pd.DataFrame(rows, columns=columns))
    (ROOT / "data" / "guizhou").mkdir(exist_ok=True)
    found.to_csv(ROOT / "data" / "guizhou" / "recovery.csv", index=False, float_format="%.6g", lineterminator="\n")
    report = page(found, time.time() - start)
    (ROOT / "benchmarks" / "results" / "guizhou_recovery.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    # One thread a process: the matrices are small.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
