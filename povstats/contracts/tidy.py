"""The nine columns that every result's tidy() has."""

from collections.abc import Iterable, Mapping

import pandas as pd

from povstats.errors import ContractError

TIDY_COLUMNS = ("measure", "group", "term", "estimate", "se", "df", "p", "low", "high")
NUMBERS = TIDY_COLUMNS[3:]


def tidy_frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Make the nine-column frame of a result.

    Parameters
    ----------
    rows : one mapping a row. `measure` says what the row is (coef, variance, fit, icc, headcount, nobs …) and is
        obligatory; a text column left out is "", a number left out is missing.

    Raises
    ------
    ContractError
        Where a row has no measure, or a column that is not one of the nine.
    """
    filled = []
    for row in rows:
        unknown = set(row) - set(TIDY_COLUMNS)
        if unknown or not row.get("measure"):
            raise ContractError(f"a tidy row needs a measure and only {TIDY_COLUMNS}; got {sorted(row)}")
        filled.append([row.get(c, float("nan") if c in NUMBERS else "") for c in TIDY_COLUMNS])
    frame = pd.DataFrame(filled, columns=list(TIDY_COLUMNS))
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype(float)
    return frame
