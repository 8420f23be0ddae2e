"""China's official poverty lines, counts and incidences, as they were published."""

import io

import pandas as pd

from povstats.files import proven_file

FOLDER, FILE = "lines", "official_series.csv"


def china_rural_poverty(*, recalled: bool = False) -> pd.DataFrame:
    """Load the official series: lines, poor persons, incidence and persons who returned, by year and standard.

    Parameters
    ----------
    recalled : also rows that were written from memory, whose status is "recalled".

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a figure; the columns are those of data/lines/card.md. Vintages are kept: a
        year can have two figures.

    Raises
    ------
    DataError
        Where the file is missing or is not the one that povstats knows.

    Source
    ------
    National Bureau of Statistics and others, named in each row.
    """
    table = pd.read_csv(io.BytesIO(proven_file(FOLDER, FILE)), keep_default_na=False)
    table["value"] = table["value"].astype(float)
    return table if recalled else table[table["status"] == "sourced"].reset_index(drop=True)
