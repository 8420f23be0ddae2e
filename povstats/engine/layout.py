"""Where the rows of a sample lie: the levels of domains and strata in their order, and the PSUs of every stratum."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import narwhals.stable.v2 as stable
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.engine.columns import plain_numbers
from povstats.engine.groups import numbered, texts
from povstats.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Levels = tuple[Any, ...]
BY, STRATUM, PSU = "by", "stratum", "psu"
"""The names under which every sample has these columns."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The domains, strata and PSUs of the whole sample, kept rows or not.

    Parameters
    ----------
    domains, strata : levels in the order of their type; (None,) where the sample is not divided.
    names : the name of every PSU, shape (P,); None where every row is a PSU.
    stratum : the stratum of every PSU, shape (P,); shape (0,) where every row is one and rows stay in the engine.
    stratum_psus : PSUs of each stratum, shape (H,).
    mass : sum of weights of every PSU over all its rows, shape of `stratum`: with it two samples are told apart.
    """

    domains: Levels
    strata: Levels
    names: Levels | None
    stratum: Codes
    stratum_psus: Codes
    mass: Floats

    @property
    def psus(self) -> int:
        """Number of PSUs."""
        return int(self.stratum_psus.sum())

    def same(self, other: "Layout") -> bool:
        """Tell whether another layout is of the same sample: the same strata, PSUs and weights."""
        if self is other:
            return True
        if len(self.stratum) == 0 or self.strata != other.strata or self.names != other.names:
            return False
        alike = np.array_equal(self.stratum, other.stratum)
        return alike and bool(np.allclose(self.mass, other.mass, rtol=1e-9, atol=0.0))


def add_up(codes: Codes, values: Floats, size: int) -> Floats:
    """Add up values by code, 0 to `size` − 1."""
    return np.asarray(np.bincount(codes, values, minlength=size), dtype=float)


def levels_of(frame: nw.DataFrame[Any], column: str | None) -> tuple[Levels, Codes]:
    """Give the levels of a column in the order of their type, and each row's place among them.

    Parameters
    ----------
    frame : complete in the column.
    column : a column; without one, all rows have one level, None.

    Raises
    ------
    DataError
        Where the levels cannot be ordered.
    """
    if column is None:
        return (None,), np.zeros(len(frame), dtype=np.intp)
    numbers = plain_numbers(frame, column)
    if numbers is not None:
        codes, found = numbered(numbers)
        return tuple(found.tolist()), codes
    series = frame[column]
    order: dict[Any, int] = {}
    if series.dtype in (nw.Categorical, nw.Enum):
        # The stable interface: only there narwhals still tells the order of a column's own categories.
        own = stable.from_native(series.to_native(), series_only=True).cat.get_categories().to_list()
        order = {str(level): place for place, level in enumerate(own)}
        series = series.cast(nw.String)
    elif series.dtype.is_temporal():
        series = series.cast(nw.String)
    if not order and series.dtype == nw.String and not isinstance(series.to_native(), pd.Series):
        codes, labels = texts(series)
        return labels, codes
    return _ordered(series, order)


def _ordered(series: nw.Series[Any], order: dict[Any, int]) -> tuple[Levels, Codes]:
    """Give levels and codes of any other column, by `order` where there is one."""
    codes, found = pd.factorize(series.to_numpy())
    values = np.asarray(found).tolist()
    try:
        sequence = sorted(range(len(values)), key=lambda i: order[values[i]] if order else values[i])
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in values})
        raise DataError(f"column {series.name!r} mixes {' and '.join(kinds)}; make its levels one kind") from error
    place = np.empty(len(values), dtype=np.intp)
    place[sequence] = np.arange(len(values))
    return tuple(values[i] for i in sequence), place[codes]


def lay_out(
    frame: nw.DataFrame[Any], weight: Floats, *, by: bool, strata: bool, psu: bool
) -> tuple[Layout, Codes, Codes]:
    """Find the domain and the PSU of every row.

    Parameters
    ----------
    frame : with the columns BY, STRATUM, PSU where `by`, `strata`, `psu` say so, complete.
    weight : shape (n,).

    Returns
    -------
    tuple
        The layout; each row's domain; each row's PSU. A PSU's name belongs to its stratum.
    """
    domains, domain = levels_of(frame, BY if by else None)
    strata_levels, stratum = levels_of(frame, STRATUM if strata else None)
    if not psu:
        names, rows = None, np.arange(len(frame), dtype=np.intp)
        psu_stratum, mass = stratum, weight
    else:
        names, rows, psu_stratum = _nested(frame, stratum)
        mass = add_up(rows, weight, len(names))
    counts = np.bincount(psu_stratum, minlength=len(strata_levels))
    return Layout(domains, strata_levels, names, psu_stratum, counts, mass), domain, rows


def _nested(frame: nw.DataFrame[Any], stratum: Codes) -> tuple[Levels, Codes, Codes]:
    """Count PSUs through all strata: their names, each row's PSU and each PSU's stratum."""
    names, code = levels_of(frame, PSU)
    if not len(names):
        return (), code, code
    cluster, pairs = numbered(stratum * len(names) + code)
    return tuple(names[i] for i in pairs % len(names)), cluster, np.asarray(pairs // len(names), dtype=np.intp)
