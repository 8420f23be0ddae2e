"""Make wages.csv from the table that linearmodels carries.

    python data/examples/wage_panel/make.py

Columns are renamed, codes written out, hourly wages taken from their logarithm; no row is changed.
"""

from pathlib import Path

import numpy as np
from linearmodels.datasets import wage_panel

raw = wage_panel.load().sort_values(["nr", "year"])
table = raw[["nr", "year"]].rename(columns={"nr": "man"})
table["log_wage"] = raw["lwage"]
table["experience"] = raw["exper"]
table["education"] = raw["educ"]
table["hours"] = raw["hours"]
table["occupation"] = raw["occupation"]
for name, column in {"union": "union", "married": "married", "black": "black", "hispanic": "hisp"}.items():
    table[name] = np.where(raw[column] == 1, "yes", "no")
table.to_csv(Path(__file__).with_name("wages.csv"), index=False, lineterminator="\n")
