"""A second route that several tests take."""

import numpy as np
import pytest


@pytest.fixture
def jackknife():
    """Give the standard errors that leaving out a PSU at a time within strata gives; columns weight and village."""

    def spread(table, value, stratum="stratum"):
        variance = 0.0
        for level, part in table.groupby(stratum):
            psus = part["village"].unique()
            n = len(psus)
            more = table.assign(weight=table["weight"] * np.where(table[stratum] == level, n / (n - 1), 1))
            drawn = np.array([value(more[more["village"] != psu]) for psu in psus])
            variance = variance + (n - 1) / n * ((drawn - drawn.mean(axis=0)) ** 2).sum(axis=0)
        return np.sqrt(variance)

    return spread
