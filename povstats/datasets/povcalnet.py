"""Grouped distributions of China, as the World Bank's PovcalNet published them."""

import io

import pandas as pd

from povstats.files import proven_file

FOLDER = "povcalnet"


def povcalnet_china() -> pd.DataFrame:
    """Load the points of 28 Lorenz curves: rural and urban China in 14 years from 1981 to 2013.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a point: file (the distribution), year, coverage ("Rural", "Urban"), p and L
        (cumulative shares 0–1), mean and line (2011 PPP dollars a person and month; the line is 1.90 a day).

    Raises
    ------
    DataError
        Where a file is missing or is not the one that povstats knows.

    Source
    ------
    World Bank, PovcalNet, detailed output; data/povcalnet/card.md.
    """
    summary = povcalnet_fits()[["mean_month_ppp2011", "line_month_ppp2011"]]
    told = summary.rename(columns={"mean_month_ppp2011": "mean", "line_month_ppp2011": "line"})
    points = _read("lorenz_points.csv")[["file", "year", "coverage", "p", "L"]]
    return points.join(told, on="file")


def povcalnet_fits() -> pd.DataFrame:
    """Load the World Bank's own results from these points, one row a distribution, by `file`.

    Returns
    -------
    pandas.DataFrame
        The columns of data/povcalnet/card.md; measures in per cent.

    Raises
    ------
    DataError
        Where the file is missing or is not the one that povstats knows.
    """
    return _read("summary.csv").set_index("file")


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(proven_file(FOLDER, name)))
