"""What can be deleted: the groups of a grouping, from the cells; households or other sets of rows, from the table."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.columns import ROW, missing
from povstats.engine.groups import Codes, group_rows
from povstats.engine.source import Table
from povstats.errors import DataError, FitError, OptionError, whole
from povstats.models.assemble import assemble
from povstats.models.blocks import Blocks
from povstats.models.inference.simulate import row_counts
from povstats.models.interpretation.diagnostics.deletion import Unit
from povstats.models.interpretation.diagnostics.table_rows import TableRows, read_rows
from povstats.models.interpretation.prediction.joint_effects import row_shares
from povstats.models.standard import ancestors

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

MOST = 100_000_000
"""Refits times lowest groups: some minutes of searches. More are refused."""


def grouping_of(fit: "HLMResult", level: str | None) -> str | None:
    """Find the grouping that a name means, in full or by its last column; the lowest without a name; None for rows."""
    names = fit.model.groupings
    if level is not None and not isinstance(level, str):
        raise OptionError(f"level={level!r} must be the name of a grouping or of a column, such as 'village'")
    if level is None:
        return fit.optimum.blocks.levels[0].name
    if level in names:
        return level
    last = [name for name, by in names.items() if by[-1] == level]
    if len(last) > 1:
        raise OptionError(f"level={level!r} may be {' or '.join(last)}; write the name in full")
    return last[0] if last else None


def group_units(fit: "HLMResult", name: str) -> tuple[int, Iterable[Unit]]:
    """Count and list the groups of a grouping, each with all its rows."""
    blocks = fit.optimum.blocks
    place = next(i for i, level in enumerate(blocks.levels) if level.name == name)
    level, sizes = blocks.levels[place], row_counts(fit.cells, blocks.levels[0])
    _moderate(len(level.labels), blocks)
    if level.repeat > 1:
        return level.repeat, (_crossed(fit, name, code) for code in range(level.repeat))
    above = ancestors(blocks.levels, place)
    order = np.argsort(above, kind="stable")
    parts = np.split(order, np.searchsorted(above[order], np.arange(1, level.slots)))
    return level.slots, [Unit(label, part, sizes[part]) for label, part in zip(level.labels, parts, strict=True)]


def _crossed(fit: "HLMResult", name: str, code: int) -> Unit:
    """Take a group of a crossed grouping out of every lowest group that it meets: its own cells, as blocks."""
    cells, own = fit.cells, fit.cells.groupings[name].codes == code
    alone = replace(cells, moments=cells.moments * own[:, None, None])
    full = in_unit_scale(fit, assemble(fit.model, alone))
    lowest = cells.groupings[fit.optimum.blocks.levels[0].name].codes
    rows = np.bincount(lowest[own], cells.counts[own], len(full)).astype(np.float64)
    met = np.flatnonzero(rows)
    return Unit(cells.groupings[name].labels[code], met, rows[met], full[met])


def in_unit_scale(fit: "HLMResult", blocks: Blocks) -> Array:
    """Scale the products of other cells as those of the fit are."""
    scales = []
    for level, z, A in zip(blocks.levels, fit.units.z, blocks.Az, strict=True):
        scales += [A @ z] * level.repeat
    scales += [blocks.Ax @ fit.units.x, np.array([[1 / fit.units.scale]])]
    width = sum(len(part) for part in scales)
    whole, at = np.zeros((width, width)), 0
    for part in scales:
        whole[at : at + len(part), at : at + len(part)] = part
        at += len(part)
    out: Array = whole.T @ blocks.full @ whole
    return out


def row_units(fit: "HLMResult", level: str, table: Table, top: int | None) -> tuple[int, Iterable[Unit]]:
    """Count and list the units of rows: one a row, or one a value where the table has a column of that name.

    Parameters
    ----------
    level : name of the units. table : that of the fit.
    top : keep only the rows with so many largest distances of Cook at the fit's variances, where a row is a unit.
    """
    rows, width = read_rows(fit, table), fit.optimum.blocks.full.shape[1]
    codes, labels = _units_of_rows(fit, level, table, rows)
    count = len(labels)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.searchsorted(codes[order], np.arange(1, count)))
    chosen: Sequence[int] = range(count)
    if top is not None:
        whole("top", top)
        if not 1 <= top <= count:
            raise OptionError(f"top={top!r} must lie between 1 and the {count:,} units of {level!r}")
        if count < len(codes):
            raise OptionError(f"top={top!r} ranks single rows, but a unit of {level!r} has several: leave top out")
        chosen = sorted(np.argsort(-approximate(fit, rows)[order], kind="stable")[:top].tolist())
    _moderate(len(chosen), fit.optimum.blocks)
    return count, (_of_rows(labels[i], parts[i], rows, width) for i in chosen)


def approximate(fit: "HLMResult", rows: TableRows) -> Array:
    """Give Cook's distance of every row at the fit's variances: x'Cx ê² / (p σ² (1 − h)²), x the rows of V⁻¹X."""
    at, shares = fit.optimum.profile, row_shares(fit.optimum, rows)
    size = np.einsum("ni,ij,nj->n", shares.X, at.C, shares.X)
    move = np.divide(shares.residual, shares.free, out=np.full(len(size), np.inf), where=shares.free > 1e-8)
    out: Array = size * move**2 / (len(at.beta) * at.rss / at.dof)
    return out


def _units_of_rows(fit: "HLMResult", level: str, table: Table, rows: TableRows) -> tuple[Codes, Sequence[object]]:
    """Give each row the number of its unit: the values of a column, or the rows themselves by their labels."""
    frame = open_table(table)
    if level not in frame.columns:
        return np.arange(len(rows.y)), list(rows.index)
    if len(frame) != len(rows.y):  # rows left out by the fit are no part of a unit
        index = (
            pd.RangeIndex(len(frame)) if not isinstance(frame.to_native(), pd.DataFrame) else frame.to_native().index
        )
        if not index.is_unique:
            raise DataError("the table's index has labels twice; reset it, so that rows can be told apart")
        frame = frame.with_row_index(ROW).filter(index.isin(rows.index).tolist())
    bad = int(frame.select(bad=missing(frame, level))["bad"].sum())
    if bad:
        raise DataError(f"column {level!r} is missing in {bad} rows of the fit: give every row its {level}")
    return group_rows(frame.select(level), (level,))


def _of_rows(label: object, part: Codes, rows: TableRows, width: int) -> Unit:
    """Take the products of a few rows off their lowest groups."""
    groups, own = np.unique(rows.codes[part], return_inverse=True)
    products = np.zeros((len(groups), width, width))
    for place, row in zip(own, part, strict=True):
        products[place] += rows.products(int(row), width)
    return Unit(label, groups, np.bincount(own).astype(float), products)


def _moderate(count: int, blocks: Blocks) -> None:
    """Refuse what would take longer than some minutes."""
    groups = len(blocks.full)
    if count * groups > MOST:
        raise FitError(
            f"{count:,} refits over {groups:,} groups take too long ({MOST:,} refits times groups are allowed): delete "
            f"the units of a higher grouping, or only the top={max(MOST // groups, 1):,} rows or fewer that matter most"
        )
