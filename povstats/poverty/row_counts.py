"""What became of the rows of an estimate, and what is refused of them on every engine."""

from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np

from povstats.engine.forms import WELFARE, Sample
from povstats.engine.layout import BY, PSU, STRATUM, Codes, Floats
from povstats.errors import DataError
from povstats.poverty.estimate import Definition, RowCount

REPLICATE = "replicate {}"
ROLES = {BY: "by", STRATUM: "strata", PSU: "psu"}
"""Arguments, by the fixed names of their columns."""


@dataclass(frozen=True, eq=False)
class Rows:
    """A checked table.

    Parameters
    ----------
    sample : the rows with welfare; their weight is the final weight × size.
    count : rows read, used and dropped.
    drawn : share of each stratum's PSUs that was drawn, shape (H,); 0 where they count as drawn with replacement.
    """

    sample: Sample
    count: RowCount
    drawn: Floats


def labels_of(asked: Definition) -> dict[str, str]:
    """Give the columns of labels by their fixed name."""
    design = asked.design
    found = {BY: asked.by, STRATUM: design.strata, PSU: design.psu}
    return {name: column for name, column in found.items() if column is not None}


def count_rows(asked: Definition, *, read: int, kept: int, zero: int, negative: int, mass: float) -> RowCount:
    """Count the rows, and refuse a table with nothing to estimate."""
    if not mass > 0:
        raise DataError(
            f"no row of {read} has both {asked.welfare!r} and a positive weight, so there is "
            "nothing to estimate; check that these are the right columns"
        )
    lost = read - kept
    return RowCount(read, kept, {asked.welfare: lost} if lost else {}, zero, negative)


def leave_out(count: RowCount, asked: Definition, sign: str) -> tuple[RowCount, nw.Expr | None]:
    """Refuse or leave out welfare that a measure cannot take.

    Parameters
    ----------
    count : the rows so far. asked : what was asked; `nonpositive` says "fail" or "drop".
    sign : "any", "nonnegative" or "positive": what the measure can take.

    Returns
    -------
    tuple
        The rows, and which of them are among those measured; None where all are.

    Raises
    ------
    DataError
        Where there are such rows and `nonpositive` is "fail".
    """
    low = count.negative + count.zero
    bad = {"any": 0, "nonnegative": count.negative, "positive": low}[sign]
    if sign != "any" and low and asked.nonpositive == "drop":
        left = replace(count, used=count.used - low, left_out=low, zero=0, negative=0)
        return left, nw.col(WELFARE) > 0
    if bad:
        what = "negative" if sign == "nonnegative" else "zero or negative"
        raise DataError(
            f"column {asked.welfare!r} (welfare) is {what} in {bad} rows, where the measure is not defined; correct "
            'these values, or choose nonpositive="drop", which measures the rows above zero alone and says so'
        )
    return count, None


def share_drawn(column: str, low: Floats, high: Floats, psus: Codes) -> Floats:
    """Give the share of each stratum's PSUs that was drawn, from its number of PSUs or that share itself."""
    if (low != high).any():
        raise DataError(
            f"column {column!r} (fpc) differs within {int((low != high).sum())} strata; it is one number each"
        )
    drawn = np.where(high <= 1, high, psus / np.maximum(high, 1e-300))
    if (drawn > 1).any():
        raise DataError(
            f"column {column!r} (fpc): {int((drawn > 1).sum())} strata have more PSUs in the sample than in the "
            "population"
        )
    return np.asarray(drawn)
