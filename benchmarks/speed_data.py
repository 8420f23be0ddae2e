"""Synthetic village surveys for the speed benchmark, and their columns as plain binary files that R reads fast.

Read in the peers' environment too, so it needs numpy and pandas alone.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20261125
FIXED = "y ~ education + land + transfers + trust * village_consumption + trust * aid_funds + trust * village_migration"
TWO = "(1 + trust | village)"
CASES = {
    "440 / 44": (440, 44, 0, TWO),
    "100k / 2,000": (100_000, 2_000, 0, TWO),
    "1M / 9,000": (1_000_000, 9_000, 0, TWO),
    "100k / 2,000 / 100, intercepts": (100_000, 2_000, 100, "(1 | county) + (1 | village)"),
    "100k / 2,000 / 100, slopes": (100_000, 2_000, 100, "(1 + trust | county) + (1 + trust | village)"),
}
"""Rows, villages, counties and random part; 11 fixed effects each."""


def survey(rows: int, villages: int, counties: int = 0) -> pd.DataFrame:
    """Draw a survey: synthetic, for timing only; villages are unequal, and clearly different in intercept and slope."""
    rng = np.random.default_rng(SEED + rows + villages + counties)
    share = rng.dirichlet(np.full(villages, 8.0))
    village = np.sort(np.concatenate([np.arange(villages), rng.choice(villages, rows - villages, p=share)]))
    out = pd.DataFrame({name: rng.normal(size=rows) for name in ("education", "land", "transfers", "trust")})
    for name in ("village_consumption", "aid_funds", "village_migration"):
        out[name] = rng.normal(size=villages)[village]
    effects = rng.normal(size=(villages, 2)) @ np.array([[0.5, 0.15], [0.0, 0.35]])
    y = 7 + effects[village, 0] + (0.2 + effects[village, 1] + 0.1 * out.village_consumption) * out.trust
    if counties:
        county = (np.arange(villages) % counties)[village]
        above = rng.normal(size=(counties, 2)) @ np.array([[0.4, 0.1], [0.0, 0.3]])
        y = y + above[county, 0] + above[county, 1] * out.trust
        out["county"] = county
    out["village"] = village
    return out.assign(y=y + 0.03 * out.education + 0.17 * out.land + rng.normal(size=rows) * 0.7)


def write_columns(table: pd.DataFrame, folder: Path) -> None:
    """Write each column as doubles, with a list of names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in table:
        table[name].to_numpy(dtype="<f8").tofile(folder / name)
    (folder / "columns.json").write_text(json.dumps({"rows": len(table), "columns": list(table)}))
    (folder / "columns.txt").write_text("\n".join([str(len(table)), *table, ""]))


def read_columns(folder: Path) -> pd.DataFrame:
    """Read them back; codes of villages and counties as whole numbers."""
    about = json.loads((folder / "columns.json").read_text())
    table = pd.DataFrame({name: np.fromfile(folder / name, dtype="<f8") for name in about["columns"]})
    return table.astype({name: "int64" for name in ("village", "county") if name in table})


def memory(what: str) -> float:
    """Give this process's resident memory now ("VmRSS") or its peak since the last call for it ("VmHWM"), in MB.

    Asking for the first starts the peak afresh, so that reading the data does not hide what a fit adds. Linux only.
    """
    found = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())[what]
    if what == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5")
    return int(found.split()[0]) / 1024
