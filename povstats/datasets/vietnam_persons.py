"""Persons of Viet Nam, 1997-98: who was ill, who was insured."""

import numpy as np
import pandas as pd

from povstats.contracts import check
from povstats.datasets.source import read_pickled, source


def vietnam_persons_1998() -> pd.DataFrame:
    """Load 27,765 persons in 5,741 households of the Viet Nam Living Standards Survey 1997-98.

    The source has no household number: rows of one commune with the same total expenditure are taken as one household,
    for which `card("vietnam_persons_1998")` gives the evidence. There are no sampling weights.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a person: commune, household, sex, age (years), insured ("yes"/"no"),
        illnesses, ill_days, limited_days, injured ("yes"/"no"), pharmacy_visits, education_code (of the household),
        household_size and expenditure_per_head (thousand dong per person and year).

    Raises
    ------
    DataError
        Where the package with the data is not installed, or its file is not the one that povstats knows.
    ContractError
        Where the table breaks its contract, "vietnam_persons_1998".

    Source
    ------
    R package Ecdat, data set VietNamI; Cameron and Trivedi (2005), Microeconometrics.
    """
    raw = read_pickled(source("vietnam_persons_1998"))
    # Numbered in the order of communes and, within them, of expenditure.
    household = raw.groupby(["commune", "lnhhexp"]).ngroup() + 1
    size = household.map(household.value_counts())
    table = pd.DataFrame(
        {
            "commune": raw["commune"].astype("int64"),
            "household": household.astype("int64"),
            "sex": raw["sex"].astype(str),
            "age": np.exp(raw["age"]).round().astype("int64"),
            "insured": raw["insurance"].map({1: "yes", 0: "no"}),
            "illnesses": raw["illness"].astype("int64"),
            "ill_days": raw["illdays"].astype("int64"),
            "limited_days": raw["actdays"].astype("int64"),
            "injured": raw["injury"].map({1: "yes", 0: "no"}),
            "pharmacy_visits": raw["pharvis"].astype("int64"),
            "education_code": raw["educ"].astype("int64"),
            "household_size": size.astype("int64"),
            "expenditure_per_head": 1000 * np.exp(raw["lnhhexp"]) / size,
        }
    )
    check(table, "vietnam_persons_1998").raise_if_broken()
    return table
