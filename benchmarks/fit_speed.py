"""How long fits take beside lme4, nlme, statsmodels, mixedlm, mixedlm-rs and lme-python, in one run on the same data.

    make bench            (or .venv/bin/python benchmarks/fit_speed.py [--quick])

It installs the Python peers into an environment of its own (build/bench-venv); R with lme4 and nlme is used where it is
there (on Debian: r-cran-lme4 r-cran-nlme r-cran-jsonlite). The surveys are synthetic (speed_data.py). Our clock runs
from the call on a pandas frame to coefficients, standard errors, log-likelihood and Satterthwaite's degrees of freedom;
lmer's is the fit alone, without derivatives. Every answer is held against lme4 with tight tolerances (or against ours
where that takes too long): a wrong one is reported as wrong and not raced. Ratios are peer / povstats, medians over
rounds in which both run. Results: benchmarks/results/speed.json, speed.md and two charts.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from speed_data import CASES, FIXED, TWO, survey, write_columns
from speed_report import report

import povstats as ps
from povstats.models.optimum import optimise

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
PYTHON = HERE.parent / "build" / "bench-venv" / "bin" / "python"
LIMIT = 120
PEERS = ("statsmodels", "mixedlm", "mixedlm-rs", "lme-python")
AGREE = {"loglik": 1e-3, "params": 1e-3}
"""lme4's and statsmodels' own stopping rules leave up to this much of the log-likelihood, and of a standard error."""


def install() -> list[str]:
    """Install the Python peers; tell which programs are missing."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parent.parent)], check=True)
        packages = ["statsmodels", "mixedlm", "mixedlm-rs", "lme-python", "pandas"]
        subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", *packages], check=True)
    found = subprocess.run(
        ["Rscript", "-e", "library(lme4); library(nlme); library(jsonlite)"], capture_output=True, check=False
    )
    return [] if found.returncode == 0 else ["R with lme4, nlme and jsonlite"]


def run(command: list[str], limit: float) -> dict[str, Any]:
    """Run a peer and read its JSON; say so where it takes too long or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {"error": f"over {LIMIT} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["failed"])[-1][:120]}
    out: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {
        name: value[0] if name in ("loglik", "extra_mb", "version") and isinstance(value, list) else value
        for name, value in out.items()
    }


def peer(name: str, folder: Path, formula: str, repeats: int) -> dict[str, Any]:
    """Run one peer on one case."""
    limit = LIMIT * (1 if repeats == 1 else 2) + 60
    if name in ("lmer", "nlme", "tight", "bootMer"):
        return run(["Rscript", str(HERE / "speed_lme4.R"), str(folder), formula, name, str(repeats)], limit)
    return run([str(PYTHON), str(HERE / "speed_peers.py"), name, str(folder), formula, str(repeats)], limit)


def ours(table: pd.DataFrame, formula: str, repeats: int) -> tuple[list[float], Any]:
    """Time our fit, warm."""
    seconds, fit = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        fit = ps.fit_hlm(formula, table)
        seconds.append(time.perf_counter() - start)
    return seconds, fit


def fresh(folder: Path, formula: str, warm: bool) -> dict[str, float]:
    """Time a fit in a fresh process, the first there or not, and the memory that it adds."""
    code = "\n".join(
        [
            "import resource, sys, time",
            "from pathlib import Path",
            "sys.path.insert(0, '.')",
            "from speed_data import read_columns",
            f"table = read_columns(Path({str(folder)!r}))",
            "import povstats as ps",
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024",
            "ps.fit_hlm('y ~ land + (1 + trust | village)', table.head(2_000))" if warm else "",
            "before, start = peak(), time.perf_counter()",
            f"ps.fit_hlm({formula!r}, table)",
            "print(time.perf_counter() - start, peak() - before)",
        ]
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE)
    seconds, extra = map(float, done.stdout.split())
    return {"seconds": seconds, "extra_mb": extra}


def wrong(answer: dict[str, Any], right: dict[str, Any], se: np.ndarray) -> str | None:
    """Tell how an answer differs from the right one; peers that order coefficients otherwise are sorted first."""
    gap = abs(answer["loglik"] - right["loglik"])
    if not gap < AGREE["loglik"] * max(1.0, abs(right["loglik"]) * 1e-5):
        return f"log-likelihood {answer['loglik'] - right['loglik']:+.3g}"
    apart = np.abs(np.sort(answer["params"]) - np.sort(right["params"])).max() / se.min()
    return None if apart < 0.05 else f"coefficients off by {apart:.2g} standard errors"


def case(name: str, rounds: int, missing: list[str]) -> dict[str, Any]:
    """Race all peers on one case."""
    rows, villages, counties, bar = CASES[name]
    formula, folder = f"{FIXED} + {bar}", BUILD / "".join(sign for sign in name if sign.isalnum())
    table = survey(rows, villages, counties)
    write_columns(table, folder)
    repeats = 15 if rows < 1_000 else 3
    ours(table, formula, 1)
    fit = ps.fit_hlm(formula, table)
    se = fit.std_errors.to_numpy()
    mine = {"loglik": fit.loglik, "params": fit.params.tolist()}
    tight = {} if missing or rows > 200_000 or counties else peer("tight", folder, formula, 1)
    right = tight if "loglik" in tight else mine
    search = min(_timed(lambda: optimise(fit.optimum.blocks, True)) for _ in range(repeats))
    out: dict[str, Any] = {
        "case": name,
        "rows": rows,
        "villages": villages,
        "counties": counties,
        "formula": formula,
        "reference": "lme4, tight" if right is tight else "povstats",
        "povstats_loglik": fit.loglik,
        "optimisation_seconds": search,
        "status": fit.status,
        "peers": {},
        "cold": fresh(folder, formula, False),
        "warm_process": fresh(folder, formula, True),
    }
    if "loglik" in tight:
        out["povstats_wrong"] = wrong(mine, tight, se)
    names = [
        p
        for p in (*(() if missing else ("lmer", "nlme")), *PEERS)
        if not (counties and p in ("statsmodels", "mixedlm-rs"))
    ]
    times: list[float] = []
    for p in names:
        ratios, found = [], {}
        for _ in range(1 if rows > 200_000 or p == "nlme" else rounds):
            found = peer(p, folder, formula, 5 if rows < 1_000 else 1)
            if "error" in found:
                break
            own, _ = ours(table, formula, repeats)
            times += own
            ratios.append(statistics.median(found["seconds"]) / statistics.median(own))
        row = {key: found[key] for key in ("error", "seconds", "cold", "loglik", "extra_mb", "version") if key in found}
        if ratios:
            row |= {"ratio": statistics.median(ratios), "wrong": wrong(found, right, se)}
        out["peers"][p] = row
        Console().print(name, p, row.get("ratio"), row.get("wrong"), row.get("error"))
    out["povstats_seconds"] = statistics.median(times or ours(table, formula, repeats)[0])
    return out


def _timed(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def extras(missing: list[str], quick: bool) -> dict[str, Any]:
    """Time the bootstrap of the first case against bootMer, and Kenward–Roger on the 100,000 rows."""
    table = survey(*CASES["440 / 44"][:3])
    fit = ps.fit_hlm(f"{FIXED} + {TWO}", table)
    fit.bootstrap(40, rng=1)
    own = min(_timed(lambda: fit.bootstrap(1000, rng=1)) for _ in range(3))
    out: dict[str, Any] = {"bootstrap_1000_seconds": own}
    if not missing:
        folder = BUILD / "44044"
        theirs = peer("bootMer", folder, f"{FIXED} + {TWO}", 20 if quick else 50)
        if "seconds" in theirs:
            out |= {"bootMer_1000_seconds": 1000 * statistics.median(theirs["seconds"])}
            out["bootstrap_ratio"] = out["bootMer_1000_seconds"] / own
    large = survey(*CASES["100k / 2,000"][:3])
    formula = f"{FIXED} + {TWO}"
    pairs = [
        (_timed(lambda: ps.fit_hlm(formula, large, df="kenward-roger")), _timed(lambda: ps.fit_hlm(formula, large)))
        for _ in range(5)
    ]
    out["kenward_roger_cost"] = statistics.median(a / b for a, b in pairs)
    return out


def grid(missing: list[str], quick: bool) -> list[dict[str, Any]]:
    """Time against rows (50 a village) and against villages (100,000 rows)."""
    sizes = [(n, n // 50, "rows") for n in (1_000, 10_000, 100_000, *(() if quick else (1_000_000,)))]
    sizes += [(100_000, g, "villages") for g in (50, 500, 5_000, 20_000)]
    out = []
    for rows, villages, axis in sizes:
        table, folder = survey(rows, villages), BUILD / f"grid{rows}x{villages}"
        write_columns(table, folder)
        ours(table, f"{FIXED} + {TWO}", 1)
        point: dict[str, Any] = {"axis": axis, "rows": rows, "villages": villages}
        point["povstats"] = statistics.median(ours(table, f"{FIXED} + {TWO}", 3)[0])
        for p in [p for p in ("lmer", "mixedlm-rs", "mixedlm") if not (p == "lmer" and (missing or rows > 100_000))]:
            found = peer(p, folder, f"{FIXED} + {TWO}", 1)
            point[p] = statistics.median(found["seconds"]) if "seconds" in found else None
        out.append(point)
        Console().print(point)
    return out


def main() -> None:
    """Run everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the million rows, one round")
    quick = parser.parse_args().quick
    missing = install()
    if missing:
        Console().print(f"not raced, for want of {missing[0]}: lmer, nlme, bootMer")
    names = [name for name in CASES if not (quick and name.startswith("1M"))]
    found = {"cases": [case(name, 1 if quick else 3, missing) for name in names], "missing": missing}
    found |= {"extras": extras(missing, quick), "grid": grid(missing, quick)}
    found["versions"] = {"povstats": ps.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}
    found["machine"] = {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    results = HERE / "results" if not quick else BUILD
    results.mkdir(parents=True, exist_ok=True)
    (results / "speed.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    report(found, results)


if __name__ == "__main__":
    main()
