"""Hourly wages of young men in the United States, 1980 to 1987: low pay, not poverty."""

import hashlib
import io

import numpy as np
import pandas as pd

from povstats.contracts import check
from povstats.datasets.source import source
from povstats.errors import DataError
from povstats.files import data_file


def wage_panel() -> pd.DataFrame:
    """Load 545 men in eight years, 1980 to 1987: low pay, not household poverty; `card("wage_panel")` tells more.

    Returns
    -------
    pandas.DataFrame
        A new frame at each call, one row a man and year: man (number), year, wage (dollars an hour), log_wage,
        experience and education (years), hours (in the year), occupation (code 1 to 9), union, married, black,
        hispanic ("yes"/"no").

    Raises
    ------
    DataError
        Where the file is missing or is not the one that povstats knows.
    ContractError
        Where the table breaks its contract, "wage_panel".

    Source
    ------
    Vella and Verbeek (1998), Journal of Applied Econometrics 13(2), 163-183; through linearmodels.
    """
    origin = source("wage_panel")
    # Line ends are made alike, since a checkout on Windows may change them.
    content = data_file(f"examples/wage_panel/{origin.file}").read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != origin.sha256:
        raise DataError(f"wage_panel: {origin.file} has SHA-256 {found}, expected {origin.sha256}; it was not read")
    table = pd.read_csv(io.BytesIO(content))
    table.insert(2, "wage", np.exp(table["log_wage"]))
    check(table, "wage_panel").raise_if_broken()
    return table
