"""Histories in an engine: the same codes by windows over units; sums by cluster and code come into memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from povstats.dynamics.asked import Asked
from povstats.dynamics.histories import codes
from povstats.dynamics.histories.account import Account, spacing_of
from povstats.dynamics.histories.columns import lines_of, moving
from povstats.dynamics.histories.opened import UnitSums
from povstats.dynamics.histories.tally import Clusters, Tally
from povstats.dynamics.histories.windows import by_windows
from povstats.engine.columns import near
from povstats.engine.layout import PSU, STRATUM, Codes, Floats, lay_out, levels_of
from povstats.engine.learn import dtype_of, missing_lazily, one_row, refuse_quotes
from povstats.engine.lookup import attach
from povstats.errors import DataError
from povstats.survey import require_lazily

RAW = "wave as it is"


@dataclass(frozen=True, eq=False)
class EngineHistory:
    """A panel in an engine (the protocol is `histories.History`).

    Parameters
    ----------
    asked, account, groups : as in memory.
    frame : UNIT, RAW (the wave), the columns of `histories.codes`, WEIGHT, and PSU, STRATUM where the design says so.
    """

    asked: Asked
    account: Account
    groups: tuple[Any, ...]
    frame: nw.LazyFrame[Any]

    def tally(self, names: Sequence[str]) -> Tally:
        """Add up weights by cluster and combination of codes, GROUP first."""
        named = (codes.GROUP, *names)
        keys = [name for name in named if name != codes.GROUP or self.asked.by is not None]
        parts = (
            self.frame.group_by(*self._cluster_columns, *keys)
            .agg(parts=nw.col(codes.WEIGHT).sum(), rows=nw.len())
            .collect()
        )
        cluster, clusters = self._clusters(parts)
        columns = [_numbers(parts, name) for name in names]
        group = levels_of(parts, codes.GROUP)[1] if self.asked.by is not None else np.zeros(len(parts), dtype=np.intp)
        items, item = np.unique(np.column_stack([group, *columns]), axis=0, return_inverse=True)
        weight = np.asarray(parts["parts"].to_numpy(), dtype=float)
        count = np.asarray(parts["rows"].to_numpy(), dtype=float)
        return Tally(named, items, cluster, item.reshape(-1), weight, count, clusters)

    def runs(self) -> nw.LazyFrame[Any]:
        """Give a row for each run of a state."""
        first = nw.col("start")
        own = {name: nw.when(first).then(nw.col(name)).max() for name in (codes.STATE, codes.AGE, codes.WEIGHT)}
        group = nw.lit("") if self.asked.by is None else nw.when(first).then(nw.col(codes.GROUP))
        made = self.frame.with_columns(group.alias(codes.GROUP)).group_by(codes.UNIT, codes.RUN).agg(
            nw.col(codes.GROUP).max(),
            nw.col(codes.LEFT).max(),
            nw.col(codes.RIGHT).max(),
            nw.len().alias("length"),
            nw.col(RAW).min().alias("first wave"),
            nw.col(RAW).max().alias("last wave"),
            **own,
        )  # fmt: skip
        order = (codes.UNIT, codes.GROUP, codes.RUN, codes.STATE)
        ends = (nw.col("first wave").alias("start"), nw.col("last wave").alias("end"))
        return made.select(*order, *ends, "length", codes.LEFT, codes.RIGHT, codes.AGE, codes.WEIGHT)

    def unit_sums(self, expressions: Mapping[str, nw.Expr]) -> UnitSums:
        """Add up row expressions by unit."""
        lengths = self.frame.with_columns(nw.len().over(codes.UNIT, codes.RUN).cast(nw.Float64).alias("length"))
        earliest = nw.col(codes.WAVE).min().over(codes.UNIT) == nw.col(codes.WAVE)
        keep = [codes.UNIT, *(name for name in (PSU, STRATUM) if name in self._cluster_columns)]
        group = [] if self.asked.by is None else [codes.GROUP]
        made = lengths.select(
            *keep,
            *(nw.when(earliest).then(nw.col(name)).alias(name) for name in (codes.WEIGHT, *group)),
            **{name: e.cast(nw.Float64) for name, e in expressions.items()},
        )
        parts = made.group_by(*keep).agg(
            nw.len().alias("rows of the unit"), *(nw.col(n).max() for n in (codes.WEIGHT, *group)),
            **{name: nw.col(name).sum() for name in expressions},
        ).collect()  # fmt: skip
        cluster, clusters = self._clusters(parts)
        code = levels_of(parts, codes.GROUP)[1] if group else np.zeros(len(parts), dtype=np.intp)
        sums = {name: np.asarray(parts[name].to_numpy(), dtype=float) for name in expressions}
        weight = np.asarray(parts[codes.WEIGHT].to_numpy(), dtype=float)
        return UnitSums(sums, _numbers(parts, "rows of the unit"), weight, cluster, code, clusters)

    @property
    def _cluster_columns(self) -> list[str]:
        design = self.asked.design
        return [*([STRATUM] if design.strata else []), PSU if design.psu else codes.UNIT]

    def _clusters(self, parts: nw.DataFrame[Any]) -> tuple[Codes, Clusters]:
        design = self.asked.design
        named = parts if design.psu else parts.with_columns(nw.col(codes.UNIT).alias(PSU))
        strata = design.strata is not None
        layout, _, cluster = lay_out(named, np.ones(len(parts)), by=False, strata=strata, psu=True)
        return cluster, Clusters(layout.stratum, layout.stratum_psus, design.lonely, design.full_count)


def _numbers(frame: nw.DataFrame[Any], name: str) -> Codes:
    return np.asarray(frame[name].to_numpy()).astype(np.intp)


def engine_history(frame: nw.LazyFrame[Any], asked: Asked) -> EngineHistory:
    """Check a lazy table and code its rows."""
    _check(frame, asked)
    flags = {f"gap {i}": missing_lazily(frame, column) for i, column in enumerate(asked.state_columns)}
    dropped, read = _dropped(frame, asked, flags)
    kept = frame.filter(~_any(list(flags.values()))) if dropped else frame
    labels = kept.select(nw.col(asked.wave).alias(RAW)).unique().collect()
    waves, place = levels_of(labels, RAW)
    if len(waves) < 2:
        raise DataError(f"column {asked.wave!r} (wave) has {len(waves)} waves; a panel has two or more")
    lines = lines_of(asked, waves) if isinstance(asked.line, Mapping) else [1.0] * len(waves)
    columns: dict[str, Floats] = {codes.WAVE: place.astype(float), "line": np.asarray(lines, dtype=float)[place]}
    if asked.since is not None:
        columns["number"] = np.asarray(waves, dtype=float)[place] if spacing_of(waves) else _refuse_since(asked)
    made = attach(_renamed(kept, asked), [RAW], labels, columns)
    made = made.with_columns(nw.col(codes.WAVE).cast(nw.Int64), **_state(asked))
    _refuse_twice(made, asked)
    _refuse_moving(made, asked)
    coded = by_windows(made, len(waves), spacing_of(waves), since=asked.since is not None)
    if asked.since is not None and one_row(coded.select(bad=(nw.col("early") < 0).cast(nw.Int64).sum()))["bad"]:
        raise DataError(f"column {asked.since!r} (since) lies after the wave in which the unit is first seen so")
    groups: tuple[Any, ...] = ("",)
    if asked.by is not None:
        groups = levels_of(coded.select(codes.GROUP).unique().collect(), codes.GROUP)[0]
    return EngineHistory(asked, _account(coded, read, dropped, waves), groups, coded)


def _check(frame: nw.LazyFrame[Any], asked: Asked) -> None:
    design = asked.design
    demands: list[Any] = [("unit", asked.unit, "complete"), ("wave", asked.wave, "complete")]
    if asked.welfare is not None:
        demands.append(("welfare", asked.welfare, "number"))
        demands += [("line", asked.line, "number")] if isinstance(asked.line, str) else []
    demands += [("weights", design.weights, "weights")] if design.weights else []
    for role, column in (("by", asked.by), ("psu", design.psu), ("strata", design.strata)):
        demands += [(role, column, "complete")] if column else []
    demands += [("since", asked.since, "number")] if asked.since else []
    refuse_quotes(frame, [column for _, column, _ in demands])
    require_lazily(frame, demands)
    if isinstance(asked.line, str):
        low = one_row(frame.select(low=nw.col(asked.line).cast(nw.Float64).min()))["low"]
        if low is not None and low <= 0:
            raise DataError(f"column {asked.line!r} (line) is zero or negative in some rows; a line lies above 0")
    for role, column in (("poor", asked.poor), ("check", asked.check)):
        if column is not None:
            _refuse_untrue(frame, role, column)


def _refuse_untrue(frame: nw.LazyFrame[Any], role: str, column: str) -> None:
    if column not in frame.columns:
        raise DataError(f"{role}={column!r}: {near(column, frame.columns)}")
    kind = dtype_of(frame, column)
    if not (kind == nw.Boolean or kind.is_numeric()):
        raise DataError(f"column {column!r} ({role}) must be true and false, or 1 and 0; it holds {kind}")
    value, gone = nw.col(column).cast(nw.Float64), missing_lazily(frame, column)
    odd = ~gone & ~((value == 0.0) | (value == 1.0))
    count = one_row(frame.select(odd=odd.cast(nw.Int64).sum()))["odd"]
    if count:
        raise DataError(f"column {column!r} ({role}) holds other numbers than 0 and 1 in {int(count)} rows; recode it")


def _refuse_since(asked: Asked) -> Floats:
    raise DataError(f"since={asked.since!r} needs waves that are numbers at equal distances")


def _any(flags: Sequence[nw.Expr]) -> nw.Expr:
    found = flags[0]
    for flag in flags[1:]:
        found = found | flag
    return found


def _dropped(frame: nw.LazyFrame[Any], asked: Asked, flags: Mapping[str, nw.Expr]) -> tuple[dict[str, int], int]:
    """Count the rows that do not say whether they are poor, each under the first column that is missing."""
    seen: list[nw.Expr] = []
    asks = {}
    for name, flag in flags.items():
        own = flag & ~_any(seen) if seen else flag
        asks[name] = own.cast(nw.Int64).sum()
        seen.append(flag)
    row = one_row(frame.select(rows=nw.len(), **asks))
    read = int(row["rows"] or 0)
    lost = {column: int(row[f"gap {i}"] or 0) for i, column in enumerate(asked.state_columns)}
    if sum(lost.values()) == read:
        raise DataError(f"no row of {read} says whether it is poor; check {', '.join(asked.state_columns)}")
    return {column: n for column, n in lost.items() if n}, read


def _renamed(frame: nw.LazyFrame[Any], asked: Asked) -> nw.LazyFrame[Any]:
    design = asked.design
    weight = nw.lit(1.0) if design.weights is None else nw.col(design.weights).cast(nw.Float64)
    named = {codes.UNIT: asked.unit, RAW: asked.wave, codes.GROUP: asked.by, PSU: design.psu, STRATUM: design.strata}
    if asked.poor is None:
        assert asked.welfare is not None
        line = nw.col(asked.line).cast(nw.Float64) if isinstance(asked.line, str) else nw.lit(1.0)
        value = {"welfare": nw.col(asked.welfare).cast(nw.Float64), "own line": line}
    else:
        value = {"truth": nw.col(asked.poor).cast(nw.Float64)}
    if asked.since is not None:
        value["since"] = nw.col(asked.since).cast(nw.Float64)
    if asked.check is not None:
        gone = missing_lazily(frame, asked.check)
        answer = nw.when(gone).then(nw.lit(2.0)).otherwise(nw.col(asked.check).cast(nw.Float64))
        value[codes.CHECK] = answer.cast(nw.Int64)
    return frame.select(
        *(nw.col(column).alias(name) for name, column in named.items() if column is not None),
        weight.alias(codes.WEIGHT),
        **value,
    )


def _state(asked: Asked) -> dict[str, nw.Expr]:
    """Write who is poor, and welfare over the line."""
    if asked.poor is not None:
        return {"poor": (nw.col("truth") == 1.0).cast(nw.Int64)}
    if isinstance(asked.line, str):
        line = nw.col("own line")
    else:
        line = nw.col("line") if isinstance(asked.line, Mapping) else nw.lit(float(asked.line))
    welfare = nw.col("welfare")
    poor = welfare < line if asked.boundary == "<" else welfare <= line
    return {"poor": poor.cast(nw.Int64), codes.RELATIVE: welfare / line}


def _refuse_twice(frame: nw.LazyFrame[Any], asked: Asked) -> None:
    twice = frame.group_by(codes.UNIT, RAW).agg(rows=nw.len()).filter(nw.col("rows") > 1)
    found = twice.select(codes.UNIT, RAW).sort(codes.UNIT, RAW).head(1).collect()
    if len(found):
        unit, wave = found.row(0)
        raise DataError(
            f"some units have more than one row of a wave, such as {asked.unit}={unit!r} in {asked.wave}={wave!r}; a "
            "panel has one row a unit and wave"
        )


def _refuse_moving(frame: nw.LazyFrame[Any], asked: Asked) -> None:
    own = [name for name, column in ((PSU, asked.design.psu), (STRATUM, asked.design.strata)) if column]
    if not own:
        return
    places = frame.select(codes.UNIT, *own).unique().group_by(codes.UNIT).agg(places=nw.len())
    found = places.filter(nw.col("places") > 1).select(codes.UNIT).sort(codes.UNIT).collect()
    if len(found):
        raise moving(asked, len(found), found.row(0)[0])


def _account(coded: nw.LazyFrame[Any], read: int, dropped: Mapping[str, int], waves: tuple[Any, ...]) -> Account:
    """Count rows, units and gaps."""
    flag = {name: nw.col(name).cast(nw.Int64).sum() for name in ("is late", "is lost", "is first", "after gap")}
    row = one_row(coded.select(used=nw.len(), **flag))
    gaps = coded.filter(nw.col("after gap") == 1).select(codes.UNIT).unique()
    count = one_row(gaps.select(units=nw.len()))["units"]
    used, late, lost, units, skipped = (
        int(row[name] or 0) for name in ("used", "is late", "is lost", "is first", "after gap")
    )
    return Account(read, used, dropped, units, waves, spacing_of(waves), late, lost, int(count or 0), skipped)
