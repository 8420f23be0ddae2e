"""The rows of an estimate, of a table in an engine."""

from typing import Any

import narwhals as nw
import numpy as np

from povstats.engine.forms import OTHER, WEIGHT, WELFARE
from povstats.engine.layout import BY, PSU, STRATUM, Floats, levels_of
from povstats.engine.lazy_sample import LazySample, lazy_sample
from povstats.engine.learn import missing_lazily, one_row, refuse_quotes
from povstats.poverty.estimate import Definition, RowCount
from povstats.poverty.row_counts import REPLICATE, ROLES, Rows, count_rows, labels_of, share_drawn
from povstats.survey import require_lazily

KEPT, POPULATION = "kept", "psus of the stratum in the population"


def lazy_rows(frame: nw.LazyFrame[Any], asked: Definition) -> Rows:
    """Check and prepare a table in an engine; only counts come into memory."""
    _check(frame, asked)
    made = _renamed(frame, asked)
    count = _count(made, asked)
    named = labels_of(asked)
    sample = lazy_sample(made, nw.col(KEPT), by=BY in named, strata=STRATUM in named, psu=PSU in named)
    return Rows(sample, count, _drawn(made, asked, sample))


def _check(frame: nw.LazyFrame[Any], asked: Definition) -> None:
    """Refuse what cannot be used."""
    design = asked.design
    demands: list[Any] = [("welfare", asked.welfare, "number")]
    parts = (("weights", design.weights, "weights"), ("size", asked.size, "positive"), ("fpc", design.fpc, "positive"))
    demands += [part for part in parts if part[1] is not None]
    demands += [(ROLES[name], column, "complete") for name, column in labels_of(asked).items()]
    demands += [(part, column, "factor") for part, column in asked.others]
    demands += [("replicates", column, "factor") for column in _replicates(asked)]
    refuse_quotes(frame, [column for _, column, _ in demands])
    require_lazily(frame, demands)


def _replicates(asked: Definition) -> tuple[str, ...]:
    replicates = asked.design.replicates
    return () if replicates is None else tuple(replicates.columns)


def _renamed(frame: nw.LazyFrame[Any], asked: Definition) -> nw.LazyFrame[Any]:
    """Bring the columns under fixed names."""
    size = nw.lit(1.0) if asked.size is None else nw.col(asked.size).cast(nw.Float64)
    weights, fpc = asked.design.weights, asked.design.fpc
    weight = nw.lit(1.0) if weights is None else nw.col(weights).cast(nw.Float64)
    return frame.select(
        (~missing_lazily(frame, asked.welfare)).alias(KEPT),
        nw.col(asked.welfare).cast(nw.Float64).alias(WELFARE),
        (weight * size).alias(WEIGHT),
        *(nw.col(column).alias(name) for name, column in labels_of(asked).items()),
        *((nw.col(c).cast(nw.Float64) * size).alias(REPLICATE.format(i)) for i, c in enumerate(_replicates(asked))),
        *(nw.col(column).cast(nw.Float64).alias(OTHER.format(part)) for part, column in asked.others),
        *(() if fpc is None else (nw.col(fpc).cast(nw.Float64).alias(POPULATION),)),
    )


def _count(made: nw.LazyFrame[Any], asked: Definition) -> RowCount:
    """Count rows."""
    kept = nw.col(KEPT)
    flags = {"kept": kept, "zero": kept & (nw.col(WELFARE) == 0), "negative": kept & (nw.col(WELFARE) < 0)}
    mass = nw.when(kept).then(nw.col(WEIGHT)).otherwise(nw.lit(0.0)).sum()
    counts = {name: flag.cast(nw.Int64).sum() for name, flag in flags.items()}
    row = {name: value or 0.0 for name, value in one_row(made.select(read=nw.len(), mass=mass, **counts)).items()}
    read, kept_rows, zero, negative = (int(row[name]) for name in ("read", "kept", "zero", "negative"))
    return count_rows(asked, read=read, kept=kept_rows, zero=zero, negative=negative, mass=row["mass"])


def _drawn(made: nw.LazyFrame[Any], asked: Definition, sample: LazySample) -> Floats:
    """Give the shares of PSUs that were drawn."""
    psus = sample.layout.stratum_psus
    if asked.design.fpc is None:
        return np.zeros(len(psus))
    keyed = made if STRATUM in labels_of(asked) else made.with_columns(nw.lit(0).alias(STRATUM))
    population = nw.col(POPULATION)
    ends = keyed.group_by(STRATUM).agg(low=population.min(), high=population.max()).collect()
    order = np.argsort(levels_of(ends, STRATUM)[1])
    low, high = (np.asarray(ends[name].to_numpy(), dtype=float)[order] for name in ("low", "high"))
    return share_drawn(asked.design.fpc, low, high, psus)
