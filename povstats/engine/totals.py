"""Weighted sums of row expressions by domain, stratum and PSU: all that a linearised variance needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import narwhals.stable.v2 as stable
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over the cells of a sample, a cell being the rows of one domain in one PSU.

    Parameters
    ----------
    names : what was summed, k names; the first is "weight", the weight itself.
    domains : the levels of the domains in their order; (None,) where the whole sample is the domain.
    strata : the levels of the strata; (None,) without strata.
    stratum_psus : PSUs of each stratum in the whole sample, kept rows or not; shape (strata,).
    sums : weighted sums of each cell; shape (cells, k). Cells are ordered by domain.
    rows : kept rows of each cell; shape (cells,).
    domain, stratum : places in `domains` and `strata`; shape (cells,).
    """

    names: tuple[str, ...]
    domains: tuple[Any, ...]
    strata: tuple[Any, ...]
    stratum_psus: Codes
    sums: Floats
    rows: Codes
    domain: Codes
    stratum: Codes

    def cells(self, domain: int) -> slice:
        """Find the cells of a domain, given by its place in `domains`."""
        first, after = np.searchsorted(self.domain, [domain, domain + 1])
        return slice(int(first), int(after))


def totals(
    frame: nw.DataFrame[Any],
    expressions: Mapping[str, nw.Expr],
    *,
    weight: str,
    keep: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
) -> Totals:
    """Sum `weight` × expression over the kept rows of each domain and PSU.

    Parameters
    ----------
    frame : the table, without missing values in the columns named below.
    expressions : what to sum, by name; each gives one number a row.
    weight : column of the weight.
    keep : column of truth values. A row that is not kept is in no sum, but its PSU still counts in its
        stratum, because the sample had it.
    by : column of the domain.
    strata : column of the stratum.
    psu : column of the PSU, whose names belong to their stratum; None makes every row a PSU.

    Returns
    -------
    Totals
        The same sums from any kind of table, in the same order.

    Raises
    ------
    DataError
        Where the levels of a column cannot be ordered.
    """
    kept = np.ones(len(frame), dtype=bool) if keep is None else frame[keep].to_numpy().astype(bool)
    domains, domain = _levels(frame, by)
    strata_levels, stratum = _levels(frame, strata)
    cluster, cluster_stratum = _nested(frame, stratum, psu)

    keys = domain[kept] * max(len(cluster_stratum), 1) + cluster[kept]
    cells, cell = np.unique(keys, return_inverse=True)
    cell_domain, cell_cluster = np.divmod(cells, max(len(cluster_stratum), 1))
    columns = {"weight": nw.lit(1.0), **expressions}
    values = frame.select(*((nw.col(weight) * e.cast(nw.Float64)).alias(name) for name, e in columns.items()))
    sums = [np.bincount(cell, values[name].to_numpy()[kept], minlength=len(cells)) for name in columns]
    return Totals(
        names=tuple(columns),
        domains=domains,
        strata=strata_levels,
        stratum_psus=np.bincount(cluster_stratum, minlength=len(strata_levels)),
        sums=np.column_stack(sums),
        rows=np.bincount(cell, minlength=len(cells)),
        domain=cell_domain,
        stratum=cluster_stratum[cell_cluster],
    )


def _levels(frame: nw.DataFrame[Any], column: str | None) -> tuple[tuple[Any, ...], Codes]:
    """Give the levels of a column in the order of their type, and each row's place among them."""
    if column is None:
        return (None,), np.zeros(len(frame), dtype=np.intp)
    series = frame[column]
    order: dict[Any, int] = {}
    if series.dtype in (nw.Categorical, nw.Enum):
        # The stable interface: only there narwhals still tells the order of a column's own categories.
        own = stable.from_native(series.to_native(), series_only=True).cat.get_categories().to_list()
        order = {str(level): place for place, level in enumerate(own)}
        series = series.cast(nw.String)
    elif series.dtype.is_temporal():
        series = series.cast(nw.String)
    codes, found = pd.factorize(series.to_numpy())
    values = np.asarray(found).tolist()
    try:
        sequence = sorted(range(len(values)), key=lambda i: order[values[i]] if order else values[i])
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in values})
        raise DataError(f"column {column!r} mixes {' and '.join(kinds)}; make its levels one kind") from error
    place = np.empty(len(values), dtype=np.intp)
    place[sequence] = np.arange(len(values))
    return tuple(values[i] for i in sequence), place[codes]


def _nested(frame: nw.DataFrame[Any], stratum: Codes, psu: str | None) -> tuple[Codes, Codes]:
    """Count PSUs through all strata: each row's PSU and each PSU's stratum."""
    if psu is None:
        return np.arange(len(frame), dtype=np.intp), stratum
    names, code = _levels(frame, psu)
    pairs, cluster = np.unique(stratum * len(names) + code, return_inverse=True)
    return cluster, pairs // len(names)
