"""Households of Viet Nam, 1997-98."""

import numpy as np
import pandas as pd

from povstats.contracts import check
from povstats.datasets.source import read_pickled, source


def vietnam_1998() -> pd.DataFrame:
    """Load 5,999 households in 194 communes of the Viet Nam Living Standards Survey 1997-98.

    Expenditure per head is expenditure divided by household size. The survey's sampling weights are not in
    the source, so shares describe the sample, not the country; `card("vietnam_1998")` tells more.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a household: commune (1 to 194), urban and farm ("yes"/"no"), sex of
        the head ("female"/"male"), age and education of the head (years), household_size (persons),
        expenditure (thousand dong per household and year), expenditure_per_head (thousand dong per person and
        year) and log_expenditure_per_head (its natural logarithm).

    Raises
    ------
    DataError
        Where the package with the data is not installed, or its file is not the one that povstats knows.
    ContractError
        Where the table breaks its contract, "vietnam_1998".

    Source
    ------
    R package Ecdat, data set VietNamH; Cameron and Trivedi (2005), Microeconometrics, pp. 88-90.
    """
    raw = read_pickled(source("vietnam_1998"))
    size = raw["hhsize"].astype("int64")
    expenditure = np.exp(raw["lntotal"])
    table = pd.DataFrame(
        {
            "commune": raw["commune"].astype("int64"),
            "urban": raw["urban"].astype(str),
            "farm": raw["farm"].astype(str),
            "sex": raw["sex"].astype(str),
            "age": raw["age"].astype("int64"),
            "education": raw["educyr"].astype("float64"),
            "household_size": size,
            "expenditure": expenditure,
            "expenditure_per_head": expenditure / size,
            "log_expenditure_per_head": raw["lntotal"] - np.log(size),
        }
    )
    check(table, "vietnam_1998").raise_if_broken()
    return table
