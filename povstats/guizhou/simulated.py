"""What Monte Carlo found of the treatments and of the choice of a model, committed in data/guizhou. Synthetic data."""

from functools import cache

import pandas as pd

from povstats.files import data_file

VILLAGE_MEANS, PRETEST = "guizhou/village_means.csv", "guizhou/pretest.csv"


@cache
def village_means() -> pd.DataFrame:
    """Give the shares of surveys in which each treatment rejects, by icc, case and treatment."""
    return pd.read_csv(data_file(VILLAGE_MEANS))


@cache
def pretest() -> pd.DataFrame:
    """Give the size of each rule that chooses a model, by correlation, slope_sd and rule."""
    return pd.read_csv(data_file(PRETEST))


def shares(treatment: str, case: str, column: str) -> pd.Series:
    """Give by icc how often a treatment calls the interaction significant, or how often its interval holds the truth.

    Parameters
    ----------
    case : "none", "interaction" or "zero", as benchmarks/guizhou_village_means.py has them.
    column : "rejected" or "coverage".
    """
    found = village_means()
    rows = found[(found["treatment"] == treatment) & (found["case"] == case)]
    return rows.set_index("icc")[column]
