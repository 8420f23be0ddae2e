"""Each contestant in a process of its own: installs the peers, runs them within a limit, reads what they print."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
PYTHON = HERE.parent / "build" / "bench-venv" / "bin" / "python"
LIMIT = 120
START = 60
"""Seconds that a process may take to start and to read the data, beside the limit of the fit."""
R_PEERS = ("lmer", "nlme", "tight", "bootMer")
DEBIAN = ("r-base-core", "r-cran-lme4", "r-cran-nlme", "r-cran-jsonlite")


def install() -> list[str]:
    """Install the peers; tell which programs are missing: R's come from Debian and need root."""
    done = PYTHON.parent.parent / "peers.txt"
    wanted = HERE / "peers.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PYTHON.parent.parent)], check=True)
        subprocess.run([str(PYTHON), "-m", "pip", "install", "-qq", "-r", str(wanted)], check=True)
        shutil.copy(wanted, done)
    if not _has_r() and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN], **quiet)
    return (
        [] if _has_r() else [f"R with lme4, nlme and jsonlite (on Debian, as root: apt-get install {' '.join(DEBIAN)})"]
    )


def _has_r() -> bool:
    libraries = "library(lme4); library(nlme); library(jsonlite)"
    found = shutil.which("Rscript") and subprocess.run(["Rscript", "-e", libraries], capture_output=True, check=False)
    return bool(found) and found.returncode == 0


def peer(name: str, folder: Path, formula: str, repeats: int) -> dict[str, Any]:
    """Run one peer on one case.

    Gives seconds (warm), cold (with the import), loglik, params, version and, of R, extra_mb; or error.
    """
    command = [str(PYTHON), str(HERE / "speed_peers.py"), name, str(folder), formula, str(repeats)]
    if name in R_PEERS:
        command = ["Rscript", str(HERE / "speed_lme4.R"), str(folder), formula, name, str(repeats)]
    try:
        # A fit over the limit is not repeated, so the limit of one fit holds whatever follows.
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * LIMIT + START, check=False, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {"error": f"over {LIMIT} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["failed"])[-1][:120]}
    out: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for key in ("loglik", "extra_mb", "version", "cold"):
        out |= {key: out[key][0]} if isinstance(out.get(key), list) else {}
    return {"error": f"over {LIMIT} s"} if min(out["seconds"]) > LIMIT else out


FRESH = """
import sys, time
from pathlib import Path
sys.path.insert(0, ".")
from speed_data import memory, read_columns
folder, formula, warm = sys.argv[1:]
table = read_columns(Path(folder))
start = time.perf_counter()
import povstats as ps
if warm == "warm":
    ps.fit_hlm("y ~ land + (1 + trust | village)", table.head(5_000))
    start = time.perf_counter()
before = memory("VmRSS")
ps.fit_hlm(formula, table)
print(time.perf_counter() - start, memory("VmHWM") - before)
"""


def fresh(folder: Path, formula: str, warm: bool) -> dict[str, float]:
    """Time our fit in a fresh process, with the import or after a small fit; and tell the memory added."""
    command = [sys.executable, "-c", FRESH, str(folder), formula, "warm" if warm else "cold"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE)
    seconds, extra = map(float, done.stdout.split())
    return {"seconds": seconds, "extra_mb": extra}
