"""How long a large Stata file takes: read with labels, checked against a contract, described in a codebook.

    .venv/bin/python benchmarks/read_speed.py [--rows 1000000]

The file is synthetic: 60 columns as in a survey (labelled answers with codes for "refused" and "don't know", whole
numbers, decimals with missing values, Chinese place names, dates), in Stata's format 118 (UTF-8) and as an old one
(114) in GBK. Each is read in a process of its own; seconds are of one run after imports, memory is the process's peak.
Results: benchmarks/results/read_speed.json and read_speed.md.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
SECONDS, GIGABYTES = 20, 4
"""What is to be kept: reading and checking within so many seconds, at a peak of so many gigabytes."""
LABELS = {1: "很不同意", 2: "不同意", 3: "一般", 4: "同意", 5: "很同意", -8: "不知道", 99: "拒答"}
ANSWERS, NUMBERS, AMOUNTS, PLACES, DATES = 25, 18, 12, 3, 2

CHILD = """
import json, resource, sys, time
import povstats as ps
from povstats.contracts import Column, Contract
from povstats.reading import read
start = time.perf_counter()
reading = read(sys.argv[1])
took = {"read": time.perf_counter() - start}
columns = tuple(
    Column(name=name, kind="integer", low=-9, high=99) if name.startswith("q")
    else Column(name=name, kind="text") if name.startswith("s")
    else Column(name=name, kind="number", low=0, missing=True)
    for name in reading.table.columns if not name.startswith("d")
)
start = time.perf_counter()
report = ps.check(reading.table, Contract(name="speed", columns=columns))
took["check"] = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
book = reading.codebook()
took["codebook"] = time.perf_counter() - start
assert report.ok, report
assert len(book.frame) == len(reading.table.columns)
print(json.dumps({
    **took, "rows": len(reading.table), "columns": len(reading.table.columns), "encoding": reading.encoding,
    "first": str(reading.table["s0"].iloc[0]), "labelled": len(reading.values), "peak_gb": peak / 1e6,
    "peak_gb_codebook": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
}))
"""


def survey(rows: int) -> pd.DataFrame:
    """Draw a synthetic survey."""
    rng = np.random.default_rng(6)
    columns: dict[str, Any] = {}
    for i in range(ANSWERS):
        columns[f"q{i}"] = rng.choice(np.array(list(LABELS), dtype=np.int8), rows)
    for i in range(NUMBERS):
        columns[f"n{i}"] = rng.integers(0, 30_000, rows).astype(np.int16 if i % 2 else np.int32)
    for i in range(AMOUNTS):
        columns[f"x{i}"] = np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(9, 1, rows))
    villages = np.array([f"贵州省{i:04d}村" for i in range(3_000)])
    for i in range(PLACES):
        columns[f"s{i}"] = villages[rng.integers(0, len(villages), rows)]
    for i in range(DATES):
        columns[f"d{i}"] = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), unit="D")
    return pd.DataFrame(columns)


def write_unicode(table: pd.DataFrame, path: Path) -> None:
    """Write the file as Stata 14 and later do."""
    labels: dict[Any, dict[float, str]] = {f"q{i}": dict(LABELS) for i in range(ANSWERS)}
    table.to_stata(path, version=118, write_index=False, value_labels=labels)


def write_gbk(table: pd.DataFrame, path: Path) -> None:
    """Write the file as Stata 12 did in China: pandas writes one character a byte, which the bytes of GBK become."""

    def as_bytes(text: str) -> str:
        return text.encode("gbk").decode("latin-1")

    old = table.copy(deep=False)
    for i in range(PLACES):
        places, levels = pd.factorize(table[f"s{i}"])
        old[f"s{i}"] = np.array([as_bytes(str(level)) for level in levels], dtype=object)[places]
    labels: dict[Any, dict[float, str]] = {
        f"q{i}": {code: as_bytes(label) for code, label in LABELS.items()} for i in range(ANSWERS)
    }
    old.to_stata(path, version=114, write_index=False, value_labels=labels)


def measure(path: Path) -> dict[str, Any]:
    """Read, check and describe one file in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH")))),
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True, env=environment
    )
    return {**json.loads(done.stdout), "file_mb": path.stat().st_size / 1e6}


def report(found: dict[str, dict[str, Any]], load: float) -> str:
    """Write the results as a page."""
    one = next(iter(found.values()))
    lines = [
        "# Reading a large Stata file (synthetic)",
        "",
        f"{one['rows']:,} rows × {one['columns']} columns, {one['labelled']} of them labelled, on {os.cpu_count()} "
        f"cores, Python {platform.python_version()}, pandas {pd.__version__}; one run of each, after imports. Other "
        f"work on the machine: {load:.1f} processes on average in the minute before.",
        f"To be kept: read and checked in {SECONDS} s and {GIGABYTES} GB.",
        "",
        "| | file, MB | read, s | check, s | together, s | peak, GB | codebook, s | peak with it, GB |",
        "|--|--|--|--|--|--|--|--|",
    ]
    for name, one in found.items():
        cells = (one["read"], one["check"], one["read"] + one["check"], one["peak_gb"], one["codebook"])
        numbers = " | ".join(f"{cell:.2f}" for cell in (*cells, one["peak_gb_codebook"]))
        lines.append(f"| {name}, text in {one['encoding']} | {one['file_mb']:.0f} | {numbers} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the files, measure, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    found: dict[str, dict[str, Any]] = {}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        table = survey(rows)
        for name, write in (("format 118", write_unicode), ("format 114", write_gbk)):
            path = Path(folder) / "survey.dta"
            write(table, path)
            found[name] = measure(path)
            assert found[name]["first"] == table["s0"].iloc[0]
    page = report(found, load)
    print(page)
    if rows >= 1_000_000:
        (HERE / "results" / "read_speed.json").write_text(json.dumps(found, indent=1) + "\n")
        (HERE / "results" / "read_speed.md").write_text(page)


if __name__ == "__main__":
    main()
