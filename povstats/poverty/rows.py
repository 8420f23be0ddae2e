"""The rows of an estimate: what is refused, what is left out and counted, what is kept as it is."""

from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine import open_lazily
from povstats.engine.forms import OTHER, WELFARE
from povstats.engine.layout import BY, PSU, STRATUM, Codes, Floats, Layout, lay_out
from povstats.engine.sample import ArraySample, find_places
from povstats.poverty.estimate import Definition
from povstats.poverty.lazy_rows import lazy_rows
from povstats.poverty.row_counts import REPLICATE, ROLES, Rows, count_rows, labels_of, share_drawn
from povstats.survey import (
    missing_rows,
    require_column,
    require_complete,
    require_number,
    require_numbers,
    require_weights,
)


def checked_rows(table: Any, asked: Definition) -> Rows:
    """Check every column of a definition and bring the rows under fixed names.

    Rows without welfare are dropped and counted. Zero and negative welfare stays as it is and is counted.

    Parameters
    ----------
    table : what `povstats.engine.open_lazily` opens. asked : columns and design.

    Raises
    ------
    DataError
        Where a column is not there; welfare is text or infinite; a weight, size, stratum, PSU or group is
        missing; a weight is negative or a size not positive; no row with welfare and weight is left.
    """
    frame = open_lazily(table)
    return lazy_rows(frame, asked) if isinstance(frame, nw.LazyFrame) else _array_rows(frame, asked)


def _array_rows(frame: nw.DataFrame[Any], asked: Definition) -> Rows:
    """Check and prepare a table in memory."""
    named = _checked_columns(frame, asked)
    gone = missing_rows(frame, asked.welfare)
    kept: Any = ~gone if gone.any() else slice(None)  # a slice copies nothing
    welfare, weights = _doubles(frame, asked.welfare)[kept], asked.design.weights
    size = 1.0 if asked.size is None else _doubles(frame, asked.size)
    weight = (np.ones(len(frame)) if weights is None else _doubles(frame, weights)) * size
    count = count_rows(
        asked,
        read=len(frame),
        kept=len(welfare),
        zero=int((welfare == 0).sum()),
        negative=int((welfare < 0).sum()),
        mass=float(weight[kept].sum()),
    )
    labels = nw.from_dict({name: frame[column] for name, column in named.items()}) if named else frame
    layout, domain, psu = lay_out(labels, weight, by=BY in named, strata=STRATUM in named, psu=PSU in named)
    columns = () if asked.design.replicates is None else asked.design.replicates.columns
    alternatives = {REPLICATE.format(i): (_doubles(frame, c) * size)[kept] for i, c in enumerate(columns)}
    kinds = {WELFARE: welfare} | {OTHER.format(part): _doubles(frame, name)[kept] for part, name in asked.others}
    made = nw.from_dict({n: nw.new_series(n, v, backend=frame.implementation) for n, v in kinds.items()})
    places = find_places(layout, domain[kept], psu[kept])
    sample = ArraySample(layout, made, weight[kept], places, alternatives)
    return Rows(sample, count, _drawn(frame, asked, layout, psu))


def _drawn(frame: nw.DataFrame[Any], asked: Definition, layout: Layout, psu: Codes) -> Floats:
    """Give the shares of PSUs that were drawn."""
    strata = len(layout.strata)
    if asked.design.fpc is None:
        return np.zeros(strata)
    population, stratum = _doubles(frame, asked.design.fpc), layout.stratum[psu]
    low, high = np.full(strata, np.inf), np.full(strata, -np.inf)
    np.minimum.at(low, stratum, population)
    np.maximum.at(high, stratum, population)
    return share_drawn(asked.design.fpc, low, high, layout.stratum_psus)


def _checked_columns(frame: nw.DataFrame[Any], asked: Definition) -> dict[str, str]:
    """Check the columns, and give those of labels by their fixed name."""
    design = asked.design
    require_number(frame, "welfare", asked.welfare)
    if design.weights is not None:
        require_weights(frame, "weights", design.weights)
    if asked.size is not None:
        require_weights(frame, "size", asked.size, positive=True)
    if design.fpc is not None:
        require_weights(frame, "fpc", design.fpc, positive=True)
    for part, column in asked.others:
        require_numbers(frame, part, (column,))
    if design.replicates is not None:
        require_numbers(frame, "replicates", design.replicates.columns)
    named = {}
    for name, column in labels_of(asked).items():
        named[name] = require_complete(frame, ROLES[name], require_column(frame, ROLES[name], column))
    return named


def _doubles(frame: nw.DataFrame[Any], column: str) -> Floats:
    """Give a column of numbers as doubles."""
    return np.asarray(frame[column].cast(nw.Float64).to_numpy(), dtype=float)
