"""Slopes by Python's marginaleffects on statsmodels' MixedLM, large-sample z, for tests/models/test_effects.py.

    python tests/reference/export_data.py FOLDER
    python tests/reference/make_slopes.py FOLDER tests/reference/slopes.json

The second line needs marginaleffects and statsmodels, in an environment of their own.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import marginaleffects as me
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

CASES = [
    {
        "data": "hsb",
        "formula": "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)",
        "fixed": "MathAch ~ MEANSES * cses + Sector * cses",
        "group": "School",
        "term": "cses",
        "at": {"MEANSES": [-0.6, 0.1, 0.5], "Sector": ["Catholic", "Public"]},
    },
    {
        "data": "uneven",
        "formula": "y ~ x * w + z + (1 + x | village)",
        "fixed": "y ~ x * w + z",
        "group": "village",
        "term": "x",
        "at": {"w": [-1.0, 0.0, 1.5]},
    },
]


def answered(case: dict, folder: Path) -> dict:
    """Fit one model and take its slopes at the points and their average over the rows."""
    rows = pd.read_csv(folder / f"{case['data']}.csv")
    for name in rows.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in rows.dtypes]]:
        rows[name] = rows[name].astype("category")
    model = smf.mixedlm(case["fixed"], rows, groups=rows[case["group"]], re_formula=f"~ {case['term']}")
    fit = model.fit(reml=True, method=["bfgs", "cg"], gtol=1e-9)
    # Both lines are straight: a wide step keeps the digits of the differences, which are differenced again for errors.
    asked = {"variables": case["term"], "vcov": covariance(fit), "eps": 1.0}
    grid = me.slopes(fit, newdata=me.datagrid(model=fit, **case["at"]), **asked)
    mean = me.avg_slopes(fit, **asked)
    columns = {"estimate": "estimate", "std_error": "se", "p_value": "p"}
    found = grid.select([*case["at"], *columns]).rename(columns).to_dicts()
    over = mean.select(list(columns)).rename(columns).to_dicts()[0]
    keys = ("data", "formula", "term", "at")
    return {key: case[key] for key in keys} | {"loglik": float(fit.llf), "rows": found, "average": over}


def covariance(fit) -> np.ndarray:
    """Give (X'V⁻¹X)⁻¹ at the fitted variances; MixedLM's own inverts a Hessian that has them as parameters too."""
    model, T = fit.model, np.asarray(fit.cov_re)
    total = np.zeros((model.k_fe, model.k_fe))
    for label in model.group_labels:
        rows = model.row_indices[label]
        X, Z = model.exog[rows], model.exog_re[rows]
        total += X.T @ np.linalg.solve(Z @ T @ Z.T + fit.scale * np.eye(len(X)), X)
    whole = np.zeros((len(fit.params), len(fit.params)))
    whole[: len(total), : len(total)] = np.linalg.inv(total)
    return whole


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder, target = map(Path, sys.argv[1:])
    versions = {name: version(name) for name in ("marginaleffects", "statsmodels", "pandas", "polars")}
    content = {"versions": versions, "slopes": [answered(case, folder) for case in CASES]}
    target.write_text(json.dumps(content, indent=1) + "\n")
