"""How long a fit takes beside statsmodels' MixedLM, in one run on the same data: medians of ratios, answers checked.

`make bench` runs it and writes build/fit_speed.json. The 440-household data are synthetic (seed below), shaped like a
village survey; Viet Nam 1997–98 is real. Times are of the whole call, formula to standard errors. Peers that end at
another log-likelihood are reported as such and not raced.
"""

import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import povstats as ps

SEED, REPEATS = 20261122, 7
AGREE = 1e-3
"""statsmodels stops early: a log-likelihood nearer than this counts as the same optimum."""


def synthetic(households: int, villages: int) -> pd.DataFrame:
    """Draw a village survey: synthetic, for timing only."""
    rng = np.random.default_rng(SEED)
    village = np.repeat(np.arange(villages), households // villages)
    table = pd.DataFrame(rng.normal(size=(len(village), 6)), columns=list("abcdef")).assign(village=village)
    for name in ("v", "w"):
        table[name] = rng.normal(size=villages)[village]
    effects = rng.normal(size=(villages, 2)) * (0.4, 0.2)
    slope = 0.3 + 0.1 * table["v"] + effects[village, 1]
    table["y"] = 7 + effects[village, 0] + slope * table["a"] + 0.1 * table["b"] + rng.normal(size=len(village))
    return table


CASES = {
    "440 households, 44 villages (synthetic)": (
        lambda: synthetic(440, 44),
        "y ~ a * (v + w) + b + c + d + e + f",
        "1 + a",
        "village",
    ),
    "Viet Nam 1997-98: 5,999 households, 194 communes": (
        ps.datasets.vietnam_1998,
        "log_expenditure_per_head ~ education + household_size + age",
        "1 + education",
        "commune",
    ),
}


def ours(table: pd.DataFrame, fixed: str, random: str, group: str) -> float:
    """Fit by povstats; give the REML log-likelihood."""
    return ps.fit_hlm(f"{fixed} + ({random} | {group})", table).loglik


def theirs(table: pd.DataFrame, fixed: str, random: str, group: str) -> float:
    """Fit by statsmodels; give the REML log-likelihood."""
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its convergence warnings are judged by the answer
        fitted = smf.mixedlm(fixed, table, groups=table[group], re_formula=f"~ {random}").fit(reml=True)
    return float(fitted.llf)


def timed(fit: Callable[..., float], *model: Any) -> tuple[float, float]:
    """Give seconds and answer of one fit."""
    start = time.perf_counter()
    answer = fit(*model)
    return time.perf_counter() - start, answer


def fresh_process(code: str) -> float:
    """Give the seconds that a new Python takes for `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def measure() -> list[dict[str, Any]]:
    """Time each case, the two packages in turn."""
    rows = []
    for case, (make, fixed, random, group) in CASES.items():
        model = (make(), fixed, random, group)
        cold, _ = timed(ours, *model)
        pairs = [(timed(ours, *model), timed(theirs, *model)) for _ in range(REPEATS)]
        gap = pairs[0][0][1] - pairs[0][1][1]
        rows.append(
            {
                "case": case,
                "povstats_seconds": statistics.median(a[0] for a, _ in pairs),
                "povstats_first_seconds": cold,
                "statsmodels_seconds": statistics.median(b[0] for _, b in pairs),
                "median_ratio": statistics.median(b[0] / a[0] for a, b in pairs),
                "loglik_gap": float(gap),
                "same_optimum": bool(abs(gap) < AGREE),
            }
        )
    return rows


def main() -> None:
    """Measure, print, and write build/fit_speed.json."""
    fit = "import povstats as ps, pandas as pd, numpy as np; g = np.repeat(range(9), 9)\n"
    fit += "ps.fit_hlm('y ~ x + (1 | g)', pd.DataFrame({'y': np.sin(range(81)) + g, 'x': np.cos(range(81)), 'g': g}))"
    starts = {
        "bare Python": fresh_process("pass"),
        "import povstats": fresh_process("import povstats"),
        "first fit": fresh_process(fit),
    }
    rows = measure()
    shown = Table("case", "povstats, s", "statsmodels, s", "statsmodels / povstats", "same optimum")
    for row in rows:
        ratio = f"{row['median_ratio']:.1f}" if row["same_optimum"] else "not raced: wrong answer"
        seconds = (f"{row['povstats_seconds']:.4f}", f"{row['statsmodels_seconds']:.3f}")
        shown.add_row(row["case"], *seconds, ratio, f"{row['same_optimum']} (gap {row['loglik_gap']:.1e})")
    console = Console()
    console.print(shown)
    console.print("fresh process, seconds:", {name: round(value, 2) for name, value in starts.items()})
    target = Path("build/fit_speed.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"fits": rows, "fresh_process_seconds": starts}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
