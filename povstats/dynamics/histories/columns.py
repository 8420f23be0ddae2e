"""The columns of a panel in memory, checked and under fixed names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.dynamics.asked import Asked
from povstats.dynamics.histories.tally import Clusters
from povstats.engine.layout import PSU, STRATUM, Codes, Floats, lay_out, levels_of
from povstats.errors import DataError
from povstats.survey import missing_rows, require_column, require_complete, require_number, require_weights

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Read:
    """A panel's used rows in the order of the table.

    Attributes
    ----------
    read : rows of the table. kept : which are used, shape (read,). dropped : the others, by column.
    unit, wave, poor : of the used rows. units, waves : labels.
    weight, relative, since, check, group : the same, None where not asked for. groups : labels.
    """

    read: int
    kept: Bools
    dropped: Mapping[str, int]
    unit: Codes
    units: tuple[Any, ...]
    wave: NDArray[np.int16]
    waves: tuple[Any, ...]
    poor: Bools
    weight: Floats | None
    relative: Floats | None
    since: Floats | None
    check: NDArray[np.int8] | None
    group: NDArray[np.int16] | None
    groups: tuple[Any, ...]

    def places(self, rows: Codes) -> Codes:
        """Give the places in the table of used rows."""
        return np.flatnonzero(self.kept)[rows]


def read_columns(frame: nw.DataFrame[Any], asked: Asked) -> Read:
    """Check the columns that were asked for."""
    for role, column in (("unit", asked.unit), ("wave", asked.wave)):
        require_complete(frame, role, require_column(frame, role, column))
    kept, dropped = _kept(frame, asked)
    used = frame if kept.all() else frame.filter(nw.new_series("kept", kept, backend=frame.implementation))
    units, unit = levels_of(used, asked.unit)
    waves, wave = levels_of(used, asked.wave)
    if len(waves) < 2:
        raise DataError(f"column {asked.wave!r} (wave) has {len(waves)} waves; a panel has two or more")
    short = wave.astype(np.int16)
    poor, relative = _states(used, asked, waves, short)
    weights = asked.design.weights
    weight = None if weights is None else _doubles(used, require_weights(frame, "weights", weights))
    if weight is not None and not weight.sum() > 0:
        raise DataError(f"column {weights!r} (weights) is zero in all rows that say who is poor")
    groups, group = ("",), None
    if asked.by is not None:
        groups, found = levels_of(used, require_complete(frame, "by", asked.by))
        group = found.astype(np.int16)
    since = None if asked.since is None else _doubles(used, require_number(frame, "since", asked.since))
    check = None if asked.check is None else _answers(used, asked.check)
    return Read(
        len(frame), kept, dropped, unit, units, short, waves, poor, weight, relative, since, check, group, groups
    )


def _kept(frame: nw.DataFrame[Any], asked: Asked) -> tuple[Bools, dict[str, int]]:
    """Keep the rows that say whether they are poor."""
    kept, dropped = np.ones(len(frame), dtype=bool), {}
    for column in asked.state_columns:
        gone = missing_rows(frame, require_column(frame, "welfare" if asked.poor is None else "poor", column))
        if gone.any():
            dropped[column] = int((gone & kept).sum())
            kept &= ~gone
    if not kept.any():
        raise DataError(f"no row of {len(frame)} says whether it is poor; check {', '.join(asked.state_columns)}")
    return kept, dropped


def _states(
    used: nw.DataFrame[Any], asked: Asked, waves: tuple[Any, ...], wave: NDArray[np.int16]
) -> tuple[Bools, Floats | None]:
    """Tell who is poor, and welfare over the line."""
    if asked.poor is not None:
        return _truths(used, asked.poor, "poor") == 1, None
    assert asked.welfare is not None
    welfare = _doubles(used, require_number(used, "welfare", asked.welfare))
    line: Any = asked.line
    if isinstance(line, str):
        line = _doubles(used, require_weights(used, "line", line, positive=True))
    elif isinstance(line, Mapping):
        line = np.array(lines_of(asked, waves)).take(wave)
    poor = welfare < line if asked.boundary == "<" else welfare <= line
    return poor, np.asarray(welfare / line)


def lines_of(asked: Asked, waves: tuple[Any, ...]) -> list[float]:
    """Give the line of every wave."""
    lacking = [wave for wave in waves if wave not in asked.line]
    if lacking:
        raise DataError(f"line= has no line for the waves {lacking[:5]}; it has {list(asked.line)[:12]}")
    return [asked.line[wave] for wave in waves]


def _truths(used: nw.DataFrame[Any], column: str, role: str) -> NDArray[np.int8]:
    """Read true and false, or 1 and 0; 2 where missing."""
    kind = used.schema[column]
    if not (kind == nw.Boolean or kind.is_numeric()):
        raise DataError(f"column {column!r} ({role}) must be true and false, or 1 and 0; it holds {kind}")
    values = np.asarray(used[column].cast(nw.Float64).to_numpy(), dtype=float)
    odd = ~(np.isin(values, (0.0, 1.0)) | np.isnan(values))
    if odd.any():
        raise DataError(
            f"column {column!r} ({role}) holds other numbers than 0 and 1 in {int(odd.sum())} rows, such as "
            f"{values[odd][0]:g}; recode it"
        )
    return np.asarray(np.nan_to_num(values, nan=2.0), dtype=np.int8)


def _answers(used: nw.DataFrame[Any], column: str) -> NDArray[np.int8]:
    return _truths(used, require_column(used, "check", column), "check")


def _doubles(frame: nw.DataFrame[Any], column: str) -> Floats:
    return np.asarray(frame[column].cast(nw.Float64).to_numpy(), dtype=float)


def cluster_rows(
    frame: nw.DataFrame[Any], asked: Asked, read: Read, rows: Codes | None, unit: Codes
) -> tuple[Codes, Clusters]:
    """Give each sorted row's cluster: its PSU, or its unit; and refuse units that lie in several.

    Parameters
    ----------
    frame : the table. rows : the order of the used rows. unit : of the sorted rows.
    """
    design = asked.design
    if design.psu is None and design.strata is None:
        size = len(read.units)
        return unit, Clusters(np.zeros(size, dtype=np.intp), np.array([size]), design.lonely, design.full_count)
    for role, column in (("psu", design.psu), ("strata", design.strata)):
        if column is not None:
            require_complete(frame, role, column)
    place = np.flatnonzero(read.kept) if rows is None else read.places(rows)
    columns = {PSU: design.psu or asked.unit} | ({} if design.strata is None else {STRATUM: design.strata})
    labels = nw.from_dict({name: frame[column] for name, column in columns.items()})[place.tolist()]
    layout, _, cluster = lay_out(labels, np.ones(len(place)), by=False, strata=STRATUM in columns, psu=True)
    moved = (unit[1:] == unit[:-1]) & (cluster[1:] != cluster[:-1])
    if moved.any():
        raise moving(asked, len(np.unique(unit[1:][moved])), read.units[unit[1:][moved][0]])
    return cluster, Clusters(layout.stratum, layout.stratum_psus, design.lonely, design.full_count)


def moving(asked: Asked, count: int, example: Any) -> DataError:
    """Write the refusal of units that lie in several clusters."""
    named = [column for column in (asked.design.strata, asked.design.psu) if column is not None]
    return DataError(
        f"{count} units lie in more than one of {' and '.join(named)}, such as {asked.unit}={example!r}; clusters must "
        "hold whole units: give every unit the stratum and PSU in which it was drawn"
    )
