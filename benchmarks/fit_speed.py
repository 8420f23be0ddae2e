"""How long fits take beside lme4, nlme, statsmodels, mixedlm, mixedlm-rs and lme-python, in one run on the same data.

    make bench            (or .venv/bin/python benchmarks/fit_speed.py [--quick])

It installs the peers itself: those in Python (peers.txt) into an environment of their own (build/bench-venv), R with
lme4 and nlme from Debian where it may; what is missing is named and not raced. The surveys are synthetic
(speed_data.py). Our clock runs from the call on a pandas frame to coefficients, standard errors, log-likelihood and
Satterthwaite's degrees of freedom; lmer's and nlme's is the fit alone, lmer's with calc.derivs = FALSE, which is
faster than its default. Every answer is held against lme4 with tight tolerances (against ours at a million rows): a
wrong one is reported as wrong and not raced. Each contestant has a process of its own and 120 s a fit. Ratios are
peer / povstats, medians of warm fits in rounds in which one runs right after the other. Results:
benchmarks/results/speed.json, speed.md and two charts.
"""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from speed_data import CASES, FIXED, TWO, survey, write_columns
from speed_processes import BUILD, HERE, fresh, install, peer
from speed_report import report

import povstats as ps
from povstats.models.optimum import optimise

PYTHON_PEERS = ("statsmodels", "mixedlm", "mixedlm-rs", "lme-python")
NOT_WRITTEN = {"mixedlm-rs": "one grouping only", "statsmodels": "no correlated slopes at a second grouping"}
"""Why a peer does not run a model of three levels."""
AGREE = 1e-3
"""lme4's and statsmodels' own stopping rules leave up to this much of the log-likelihood (1e-8 of it where that is
more); coefficients agree within a twentieth of the least standard error."""


def ours(table: pd.DataFrame, formula: str, repeats: int) -> tuple[list[float], Any]:
    """Time our fit, warm."""
    seconds, fit = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        fit = ps.fit_hlm(formula, table)
        seconds.append(time.perf_counter() - start)
    return seconds, fit


def wrong(answer: dict[str, Any], right: dict[str, Any], se: np.ndarray) -> str | None:
    """Tell how an answer differs from the right one; peers that order coefficients otherwise are sorted first."""
    gap = abs(answer["loglik"] - right["loglik"])
    if not gap < max(AGREE, abs(right["loglik"]) * 1e-8):
        return f"log-likelihood {answer['loglik'] - right['loglik']:+.3g}"
    apart = np.abs(np.sort(answer["params"]) - np.sort(right["params"])).max() / se.min()
    return None if apart < 0.05 else f"coefficients off by {apart:.2g} standard errors"


def contestants(random: str, missing: list[str]) -> dict[str, str | None]:
    """List the peers of a model; with the reason where one cannot run it."""
    several, slopes = random.count("|") > 1, "trust" in random
    reasons = {"mixedlm-rs": several, "statsmodels": several and slopes}
    names = (*(() if missing else ("lmer", "nlme")), *PYTHON_PEERS)
    return {name: NOT_WRITTEN[name] if reasons.get(name) else None for name in names}


def race(name: str, where: tuple[Path, str, pd.DataFrame], rounds: int) -> tuple[dict[str, Any], list[float]]:
    """Run a peer and us in turn; give what the peer found, and our seconds."""
    folder, formula, table = where
    small, found, ratios, times = len(table) < 1_000, {}, [], []
    for _ in range(rounds):
        found = peer(name, folder, formula, 9 if small else 2)
        if "error" in found:
            return found, times
        own, _ = ours(table, formula, 15 if small else 5)
        times += own
        ratios.append(statistics.median(found["seconds"]) / statistics.median(own))
        if max(found["seconds"]) > 5:  # one round tells enough
            break
    return found | {"ratio": statistics.median(ratios)}, times


def case(name: str, rounds: int, missing: list[str]) -> dict[str, Any]:
    """Race all peers on one case."""
    rows, villages, counties, bar = CASES[name]
    formula, folder = f"{FIXED} + {bar}", BUILD / "".join(sign for sign in name if sign.isalnum())
    table = survey(rows, villages, counties)
    write_columns(table, folder)
    ours(table, formula, 1)
    fit = ps.fit_hlm(formula, table)
    se, mine = fit.std_errors.to_numpy(), {"loglik": fit.loglik, "params": fit.params.tolist()}
    tight = {} if missing or rows > 200_000 else peer("tight", folder, formula, 0)
    right = tight if "loglik" in tight else mine
    out: dict[str, Any] = {
        "case": name,
        "rows": rows,
        "villages": villages,
        "counties": counties,
        "formula": formula,
        "reference": "lme4, tight" if right is tight else "povstats",
        "povstats_loglik": fit.loglik,
        "povstats_wrong": wrong(mine, right, se),
        "status": fit.status,
        "peers": {},
        "cold": fresh(folder, formula, False),
        "warm_process": fresh(folder, formula, True),
    }
    times: list[float] = []
    for p, reason in contestants(bar, missing).items():
        found, own = race(p, (folder, formula, table), rounds) if reason is None else ({"error": reason}, [])
        times += own
        kept = ("error", "seconds", "ratio", "cold", "loglik", "extra_mb", "version")
        out["peers"][p] = {key: found[key] for key in kept if key in found}
        if "ratio" in found:
            out["peers"][p]["wrong"] = wrong(found, right, se)
        Console().print(name, p, found.get("ratio"), out["peers"][p].get("wrong"), found.get("error"))
    out["povstats_seconds"] = statistics.median(times or ours(table, formula, 5)[0])
    search = [_timed(lambda: optimise(fit.optimum.blocks, True)) for _ in range(31 if rows < 1_000 else 5)]
    out["optimisation_seconds"] = statistics.median(search)
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
    own = statistics.median(_timed(lambda: fit.bootstrap(1000, rng=1)) for _ in range(5))
    draws = 20 if quick else 50
    out: dict[str, Any] = {"bootstrap_1000_seconds": own, "bootMer_timed_on": draws}
    if not missing:
        theirs = peer("bootMer", BUILD / "44044", f"{FIXED} + {TWO}", draws)
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
        for p in ("mixedlm-rs", "mixedlm", *(() if missing else ("lmer",))):
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
    load = os.getloadavg()[0]
    missing = install()
    if missing:
        Console().print(f"not raced, for want of {missing[0]}: lmer, nlme, bootMer")
    names = [name for name in CASES if not (quick and name.startswith("1M"))]
    found: dict[str, Any] = {"cores": os.cpu_count(), "load": load, "missing": missing}
    found |= {"cases": [case(name, 1 if quick else 3, missing) for name in names]}
    found |= {"extras": extras(missing, quick), "grid": grid(missing, quick)}
    found["versions"] = {"povstats": ps.__version__, "numpy": np.__version__, "python": platform.python_version()}
    results = HERE / "results" if not quick else BUILD
    results.mkdir(parents=True, exist_ok=True)
    (results / "speed.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    report(found, results)


if __name__ == "__main__":
    main()
