"""Histories in memory: rows sorted by unit and wave, codes by comparing each row with its neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.dynamics.asked import Asked
from povstats.dynamics.histories import codes
from povstats.dynamics.histories.account import Account, spacing_of
from povstats.dynamics.histories.columns import Read, cluster_rows, read_columns
from povstats.dynamics.histories.opened import UnitSums
from povstats.dynamics.histories.tally import Clusters, Tally, coded
from povstats.engine.layout import Codes, Floats
from povstats.errors import DataError

Small = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class ArrayHistory:
    """A panel in memory (the protocol is `histories.History`); all arrays lie by unit and wave.

    Parameters
    ----------
    asked : the keywords. account : rows, units, waves. groups : levels of `by`.
    code : the columns of `histories.codes`, by name, shape (n,).
    unit : the unit of each row, as a place among `units`. units : their labels.
    weight : shape (n,), None where all are 1. cluster : of each row. clusters : of the panel.
    relative : welfare over the line; None with a poor column.
    rows : each row's place in the caller's table. backend : the kind of that table.
    """

    asked: Asked
    account: Account
    groups: tuple[Any, ...]
    code: dict[str, NDArray[Any]]
    unit: Codes
    units: tuple[Any, ...]
    weight: Floats | None
    cluster: Codes
    clusters: Clusters
    relative: Floats | None
    rows: Codes
    backend: Any

    def tally(self, names: Sequence[str]) -> Tally:
        """Add up weights by cluster and combination of codes, GROUP first."""
        named = (codes.GROUP, *names)
        columns = [self.code[name] for name in named if name in self.code]
        items, item = coded(columns)
        if codes.GROUP not in self.code:
            items = np.column_stack([np.zeros(len(items), dtype=np.intp), items])
        return Tally(named, items, self.cluster, item, self.weight, None, self.clusters)

    @cached_property
    def starts(self) -> Codes:
        """Where each run of a state starts."""
        return np.flatnonzero(self.code["start"])

    @cached_property
    def unit_starts(self) -> Codes:
        """Where each unit starts."""
        return np.flatnonzero(np.diff(self.unit, prepend=-1))

    def runs(self) -> nw.DataFrame[Any]:
        """Give a row for each run of a state."""
        starts, n, waves = self.starts, len(self.unit), np.asarray(self.account.waves)
        ends = np.append(starts[1:], n) - 1
        unit = self.unit[starts]
        first = np.searchsorted(unit, unit, side="left")
        groups = self.code[codes.GROUP][starts] if codes.GROUP in self.code else np.zeros(len(starts), dtype=np.int8)
        found = {
            codes.UNIT: np.asarray(self.units)[unit],
            codes.GROUP: np.asarray(self.groups)[groups],
            codes.RUN: np.arange(len(starts)) - first + 1,
            codes.STATE: self.code[codes.STATE][starts],
            "start": waves[self.code[codes.WAVE][starts]],
            "end": waves[self.code[codes.WAVE][ends]],
            "length": ends - starts + 1,
            codes.LEFT: self.code[codes.LEFT][starts],
            codes.RIGHT: _right(self.code, ends, self.unit),
            codes.AGE: self.code[codes.AGE][starts],
            codes.WEIGHT: np.ones(len(starts)) if self.weight is None else self.weight[starts],
        }
        return nw.from_dict({k: nw.new_series(k, v, backend=self.backend) for k, v in found.items()})

    def unit_sums(self, expressions: Mapping[str, nw.Expr]) -> UnitSums:
        """Add up row expressions by unit."""
        sizes = np.diff(np.append(self.starts, len(self.unit)))
        columns = {
            "poor": (self.code[codes.STATE] >= codes.POOR).astype(float),
            "length": np.repeat(sizes, sizes).astype(float),
            codes.WAVE: self.code[codes.WAVE].astype(float),
        }
        if self.relative is not None:
            columns[codes.RELATIVE] = self.relative
        frame = nw.from_dict({k: nw.new_series(k, v, backend="pyarrow") for k, v in columns.items()})
        made = frame.select(**{name: e.cast(nw.Float64) for name, e in expressions.items()})
        first = self.unit_starts
        sums = {name: np.add.reduceat(np.asarray(made[name].to_numpy(), dtype=float), first) for name in expressions}
        weight = np.ones(len(first)) if self.weight is None else self.weight[first]
        group = self.code[codes.GROUP][first] if codes.GROUP in self.code else np.zeros(len(first), dtype=np.intp)
        rows = np.diff(np.append(first, len(self.unit)))
        return UnitSums(sums, rows, weight, self.cluster[first], group.astype(np.intp), self.clusters)


def _right(code: dict[str, NDArray[Any]], ends: Codes, unit: Codes) -> Small:
    """Say how each run ends."""
    after = np.minimum(ends + 1, len(unit) - 1)
    again = (unit[after] == unit[ends]) & (after != ends)
    following = code[codes.NEXT][ends]
    ended = following <= 1
    last = following == codes.LAST
    found = np.where(ended, codes.ENDED, np.where(last, codes.OPEN, np.where(again, codes.GAP, codes.LOST)))
    return np.asarray(found, dtype=np.int8)


def array_history(frame: nw.DataFrame[Any], asked: Asked) -> ArrayHistory:
    """Check a table in memory, sort its rows and code them."""
    read = read_columns(frame, asked)
    unit, wave, rows = _sorted(read, asked)
    poor = read.poor.take(rows) if rows is not None else read.poor
    code, counts = _coded(unit, wave, poor, len(read.waves))
    cluster, clusters = cluster_rows(frame, asked, read, rows, unit)
    order = np.flatnonzero(read.kept) if rows is None else read.places(rows)
    if asked.by is not None:
        code[codes.GROUP] = _taken(read.group, rows)
    if read.check is not None:
        code[codes.CHECK] = _taken(read.check, rows)
    code[codes.AGE] = _ages(code, _taken(read.since, rows), asked, read.waves)
    account = Account(
        read.read,
        len(unit),
        read.dropped,
        len(read.units),
        read.waves,
        spacing_of(read.waves),
        **counts,
    )
    weight = None if read.weight is None else _taken(read.weight, rows)
    relative = None if read.relative is None else _taken(read.relative, rows)
    return ArrayHistory(
        asked, account, read.groups, code, unit, read.units, weight, cluster, clusters, relative, order,
        frame.implementation,
    )  # fmt: skip


def _taken(values: Any, rows: Codes | None) -> Any:
    return values if values is None or rows is None else values.take(rows)


def _sorted(read: Read, asked: Asked) -> tuple[Codes, Small, Codes | None]:
    """Order rows by unit and wave, and refuse two rows of one unit and wave."""
    key = read.unit * np.int64(len(read.waves)) + read.wave
    step = np.diff(key)
    rows = None
    if (step < 0).any():
        rows = np.argsort(key, kind="stable")
        key = key[rows]
        step = np.diff(key)
    if (step == 0).any():
        again = key[1:][step == 0]
        unit, wave = divmod(int(again[0]), len(read.waves))
        raise DataError(
            f"{len(np.unique(again))} units have more than one row of a wave, such as {asked.unit}="
            f"{read.units[unit]!r} in {asked.wave}={read.waves[wave]!r}; a panel has one row a unit and wave"
        )
    return _taken(read.unit, rows), _taken(read.wave, rows), rows


def _coded(
    unit: Codes, wave: Small, poor: NDArray[np.bool_], waves: int
) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
    """Code sorted rows by what lies before and after them; count late, lost and interrupted units."""
    n = len(unit)
    fresh = np.ones(n, dtype=bool)
    np.not_equal(unit[1:], unit[:-1], out=fresh[1:])
    follows = np.zeros(n, dtype=bool)
    follows[1:] = ~fresh[1:] & (wave[1:] == wave[:-1] + 1)
    gap = ~fresh & ~follows
    start = ~follows
    start[1:] |= poor[1:] != poor[:-1]
    ever = _before(poor, fresh)
    state = np.where(poor, codes.POOR, np.where(ever, codes.AFTER_EXIT, codes.NEVER)).astype(np.int8)
    back = np.zeros(n, dtype=bool)
    back[1:] = poor[1:] & follows[1:] & (state[:-1] == codes.AFTER_EXIT)
    state[back] = codes.BACK
    following = np.full(n, codes.UNSEEN, dtype=np.int8)
    following[:-1][follows[1:]] = poor[1:][follows[1:]]
    following[wave == waves - 1] = codes.LAST
    left = np.where(gap, codes.GAP, np.where(fresh, np.where(wave == 0, codes.FIRST, codes.LATE), codes.SEEN))
    ends = np.append(fresh[1:], True)
    counts = {
        "late": int((fresh & (wave > 0)).sum()),
        "lost": int((ends & (wave < waves - 1)).sum()),
        "gaps": len(np.unique(unit[gap])),
        "skipped": int(gap.sum()),
    }
    code = {codes.WAVE: wave, codes.STATE: state, codes.NEXT: following, "start": start}
    # A run keeps the code of its first row.
    first = np.maximum.accumulate(np.where(start, np.arange(n), 0))
    code[codes.LEFT] = left.astype(np.int8)[first]
    code["place"] = (np.arange(n) - first).astype(np.int16)
    return code, counts


def _before(poor: NDArray[np.bool_], fresh: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell the rows whose unit was poor in an earlier row."""
    before = np.cumsum(poor, dtype=np.int32)
    before -= poor
    starts = np.flatnonzero(fresh)
    base = np.repeat(before[starts], np.diff(np.append(starts, len(poor))))
    return np.asarray(before > base)


def _ages(code: dict[str, NDArray[Any]], since: Floats | None, asked: Asked, waves: tuple[Any, ...]) -> NDArray[Any]:
    """Give the waves since a run began, this one included; 0 where the beginning is not known."""
    place = code.pop("place")
    if since is None:
        return np.where(code[codes.LEFT] == codes.SEEN, place + 1, 0).astype(np.int16)
    spacing = spacing_of(waves)
    if spacing is None:
        raise DataError(f"since={asked.since!r} needs waves that are numbers at equal distances")
    first = np.maximum.accumulate(np.where(code["start"], np.arange(len(place)), 0))
    began = (np.asarray(waves, dtype=float)[code[codes.WAVE][first]] - since[first]) / spacing
    known = code[codes.LEFT] == codes.SEEN
    if ((began < 0) & ~known).any():
        raise DataError(
            f"column {asked.since!r} (since) lies after the wave in which the unit is first seen in that state, in "
            f"{int(((began < 0) & ~known & code['start']).sum())} runs; it is the wave in which the state began"
        )
    age = np.where(known, 0.0, np.round(began)) + place + 1
    return np.where(np.isfinite(age), age, 0).astype(np.int16)
