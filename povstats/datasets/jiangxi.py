"""Rice-growing households of Jiangxi, 2010: who bought weather insurance after hearing of others."""

import pandas as pd

from povstats.contracts import check
from povstats.datasets.source import read_pickled, source


def jiangxi_insurance() -> pd.DataFrame:
    """Load 1,410 households in 44 administrative villages of Jiangxi from an experiment on weather insurance, 2010.

    Rural households of China in villages, with a figure of their neighbours' decisions that leaves out their own. There
    is no consumption in it; the outcome is binary; `card("jiangxi_insurance")` tells more.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a household: village and natural_village (names), takeup (0/1), intensive and
        default_buy ("yes"/"no"), first_round (share of the natural village's first-round households that bought), male
        ("yes"/"no"), age (years), literate ("yes"/"no"), household_size (persons), rice_area (mu), risk_aversion (0 to
        1), disaster_probability (%). male, age, literate, household_size and rice_area have missing values.

    Raises
    ------
    DataError
        Where the package with the data is not installed, or its file is not the one that povstats knows.
    ContractError
        Where the table breaks its contract, "jiangxi_insurance".

    Source
    ------
    Cai, de Janvry and Sadoulet (2015), American Economic Journal: Applied Economics 7(2), 81-108; R package causaldata,
    data set social_insure.
    """
    raw = read_pickled(source("jiangxi_insurance"))
    table = pd.DataFrame(
        {
            "village": raw["village"].astype(str),
            "natural_village": raw["address"].astype(str),
            "takeup": raw["takeup_survey"].astype("int64"),
            "intensive": _answer(raw["intensive"]),
            "default_buy": _answer(raw["default"]),
            "first_round": raw["pre_takeup_rate"].astype("float64"),
            "male": _answer(raw["male"]),
            "age": raw["age"].astype("float64"),
            "literate": _answer(raw["literacy"]),
            "household_size": raw["agpop"].astype("float64"),
            "rice_area": raw["ricearea_2010"].astype("float64"),
            "risk_aversion": raw["risk_averse"].astype("float64"),
            "disaster_probability": raw["disaster_prob"].astype("float64"),
        }
    )
    check(table, "jiangxi_insurance").raise_if_broken()
    return table


def _answer(coded: pd.Series) -> pd.Series:
    """Write 1 and 0 as "yes" and "no"; what is missing stays missing."""
    return coded.map({1: "yes", 0: "no"})
