"""The rows of a table as a fitted model sees them: their X, their Z, and the groups that they are in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.columns import ROW, as_expression, label_text, missing, near
from povstats.engine.moments import evaluate
from povstats.engine.source import Table
from povstats.errors import DataError, FormulaError
from povstats.models.design import Column, multiplied
from povstats.models.interpretation.prediction.prediction_kinds import refuse_kinds, refuse_other_labels
from povstats.models.levels import Codes
from povstats.models.model import Model, predictor_texts
from povstats.models.terms import Frame

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Complete rows, in the order of the table; levels are those of the fit, from the lowest up.

    Attributes
    ----------
    frame : the n complete rows, with the columns that were read; the column ROW holds their numbers in the table.
    read : rows of the table. index : its index where it is a pandas frame.
    missing : rows with a missing value, by column; a row may count under several.
    X : shape (n, p). Z : by level, shape (n, q). Both in user's units.
    place : by level, shape (n,), the place of the row's group among the level's labels; groups that the fit has not
        seen are numbered on from there; −1 where the level was not asked for.
    strangers : by level, the labels of the groups that the fit has not seen.
    """

    frame: Frame
    read: int
    index: Any
    missing: Mapping[str, int]
    X: Array
    Z: tuple[Array, ...]
    place: tuple[Codes, ...]
    strangers: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        """Give the number of complete rows."""
        return len(self.X)

    def spread_out(self, values: Array) -> Array:
        """Put one value a complete row into an array of the table's rows, missing elsewhere."""
        out = np.full(self.read, np.nan)
        out[self.frame[ROW].to_numpy()] = values
        return out


def open_rows(
    fit: "HLMResult", table: Table, looked_up: Sequence[int], *, strangers: bool = False, others: Sequence[str] = ()
) -> Rows:
    """Read a table for prediction.

    Parameters
    ----------
    fit : the model.
    table : the predictors, and the groups of the levels asked for, under the names of the fit; the outcome is not
        needed.
    looked_up : places of the levels whose groups are looked up.
    strangers : allow groups that the fit has not seen.
    others : more columns to read.

    Raises
    ------
    FormulaError
        Where a column is not there.
    DataError
        Where a row has a level of a categorical predictor that the fit has not seen, or (without `strangers`) such a
        group, or is in a group of an upper level that its lower group was not in.
    """
    model, levels = fit.model, fit.optimum.blocks.levels
    whole = open_table(table)
    texts = predictor_texts(model.formula)
    columns = dict.fromkeys(name for text in texts for name in model.factors[text].columns)
    for i in looked_up:
        columns |= dict.fromkeys(model.groupings[levels[i].name])
    columns |= dict.fromkeys(others)
    absent = [name for name in columns if name not in whole.columns]
    if absent:
        raise FormulaError("; ".join(near(name, whole.columns) for name in absent))
    native = whole.to_native()
    frame = whole.select(*columns).with_row_index(ROW) if columns else whole.with_row_index(ROW)
    gone = {name: frame.select(gone=missing(frame, name))["gone"].to_numpy().astype(bool) for name in columns}
    kept = ~np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *gone.values()])
    used = frame if kept.all() else frame.filter(kept.tolist())
    refuse_kinds([model.factors[text] for text in texts], used)
    _known_levels(model, used, texts)
    X = design(model, used, model.fixed)
    Z = tuple(design(model, used, [c for one in model.sets(level.name) for c in one]) for level in levels)
    nowhere = np.full(len(used), -1, dtype=np.intp)
    found = [_placed(fit, i, used, strangers) if i in looked_up else (nowhere, ()) for i in range(len(levels))]
    place = tuple(codes for codes, _ in found)
    _consistent(fit, place, used)
    return Rows(
        frame=used,
        read=len(frame),
        index=native.index if isinstance(native, pd.DataFrame) else None,
        missing={name: int(rows.sum()) for name, rows in gone.items() if rows.any()},
        X=X,
        Z=Z,
        place=place,
        strangers=tuple(labels for _, labels in found),
    )


def design(model: Model, frame: Frame, columns: Sequence[Column]) -> Array:
    """Evaluate columns of X or Z on rows."""
    pieces = model.applied
    names = dict.fromkeys(piece for column in columns for piece in column.pieces)
    return multiplied(columns, {name: evaluate(frame, name, pieces[name]) for name in names}, (len(frame),))


def labels_of(frame: Frame, columns: Sequence[str]) -> list[Any]:
    """Name each row's group: the value of one column, or the texts of several joined by ":"."""
    parts = [frame[name].to_list() for name in columns]
    return parts[0] if len(parts) == 1 else [":".join(map(label_text, label)) for label in zip(*parts, strict=True)]


def _known_levels(model: Model, frame: Frame, texts: Sequence[str]) -> None:
    """Refuse levels that the fit has not seen: they would be predicted as the reference."""
    for text in texts:
        factor = model.factors[text]
        if factor.groups is not None:
            by, known = factor.groups
            new = sorted({str(value) for value in frame[by].unique().to_list() if value not in set(known)})
            if new:
                raise DataError(
                    f"{factor.name}: groups of {by!r} that the fit has not seen, {', '.join(new[:5])}, have no known "
                    "mean"
                )
        if factor.levels is None:
            continue
        column = factor.columns[0]
        hit = frame.select(hit=nw.sum_horizontal(*map(as_expression, factor.pieces.values())))["hit"].to_numpy()
        if (hit == 0).any():
            unseen = sorted({str(value) for value in frame[column].filter((hit == 0).tolist()).to_list()})
            raise DataError(f"column {column!r} has levels the fit has not seen: {', '.join(unseen[:5])}")


def _placed(fit: "HLMResult", i: int, frame: Frame, strangers: bool) -> tuple[Codes, tuple[Any, ...]]:
    """Look up each row's group of one level."""
    level = fit.optimum.blocks.levels[i]
    labels = labels_of(frame, fit.model.groupings[level.name])
    places = pd.Index(level.labels).get_indexer(labels).astype(np.intp)
    new = np.flatnonzero(places < 0)
    if not len(new):
        return places, ()
    unseen = pd.Index([labels[i] for i in new])
    refuse_other_labels(fit.model.groupings[level.name], level.labels, unseen)
    if not strangers:
        shown = sorted({str(label) for label in unseen})
        raise DataError(
            f"{level.name!r} has groups the fit has not seen: {', '.join(shown[:5])}"
            f"{' …' if len(shown) > 5 else ''}; predict them with effects='marginal' or effects='new group'"
        )
    codes, found = pd.factorize(unseen)
    places[new] = len(level.labels) + codes
    return places, tuple(found)


def _consistent(fit: "HLMResult", place: Sequence[Codes], frame: Frame) -> None:
    """Refuse a row whose lower group lay in another upper group in the fit."""
    levels = fit.optimum.blocks.levels
    for i, (lower, upper) in enumerate(pairwise(levels)):
        if upper.repeat > 1:
            break
        both = (place[i] >= 0) & (place[i] < len(lower.labels)) & (place[i + 1] >= 0)
        rows = np.flatnonzero(both)
        odd = rows[lower.parent[place[i][rows]] != place[i + 1][rows]]
        if len(odd):
            label = lower.labels[place[i][odd[0]]]
            numbers = frame[ROW].to_numpy()[odd[:5]].tolist()
            raise DataError(
                f"{lower.name} {label!r} lies in another {upper.name} than in the fit, in {len(odd)} rows (from 0: "
                f"{numbers}); correct the groups, or predict with effects='new group'"
            )
