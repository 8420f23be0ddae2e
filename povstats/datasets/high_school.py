"""Pupils in schools, United States, 1982: the textbook case of a hierarchical model."""

import pandas as pd

from povstats.contracts import check
from povstats.datasets.source import read_pickled, source


def high_school_1982() -> pd.DataFrame:
    """Load 7,185 pupils in 160 schools of High School and Beyond, 1982.

    The running example of Raudenbush and Bryk (2002), with published answers: the closest public twin of households
    in villages. The file's school means are rounded; `card("high_school_1982")` tells of the three centrings.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a pupil: school (code), sector ("Catholic"/"Public"), minority ("yes"/"no"),
        sex ("Female"/"Male"), ses and mean_ses (indices), math (score).

    Raises
    ------
    DataError
        Where the package with the data is not installed, or a file is not the one that povstats knows.
    ContractError
        Where the table breaks its contract, "high_school_1982".

    Source
    ------
    R package nlme, data sets MathAchieve and MathAchSchool; Raudenbush and Bryk (2002), chapter 4.
    """
    pupils = read_pickled(source("high_school_1982"))
    schools = read_pickled(source("high_school_1982", "schools")).set_index("School")["Sector"]
    table = pd.DataFrame(
        {
            "school": pupils["School"].astype("int64"),
            "sector": pupils["School"].map(schools).astype(str),
            "minority": pupils["Minority"].astype(str).str.lower(),
            "sex": pupils["Sex"].astype(str),
            "ses": pupils["SES"].astype("float64"),
            "mean_ses": pupils["MEANSES"].astype("float64"),
            "math": pupils["MathAch"].astype("float64"),
        }
    )
    check(table, "high_school_1982").raise_if_broken()
    return table
