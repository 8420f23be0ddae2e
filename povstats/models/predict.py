"""Predictions for the rows of a table, as one expression a row."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.columns import ROW, as_expression, missing, near
from povstats.engine.moments import evaluate
from povstats.engine.source import Table
from povstats.errors import DataError, FormulaError
from povstats.models.design import Column
from povstats.models.model import Model, predictor_texts
from povstats.models.terms import Frame, columns_of


def predict(model: Model, params: pd.Series, blups: Mapping[str, pd.DataFrame], table: Table) -> pd.Series:
    """Evaluate Xβ, or Xβ + Zb, on a table.

    Parameters
    ----------
    model : the compiled model. params : β by term.
    blups : predicted effects by grouping and group; empty for Xβ alone.
    table : the rows.
    """
    frame = open_table(table)
    texts = predictor_texts(model.formula)
    columns = dict.fromkeys(name for text in texts for name in columns_of(text))
    for name in blups:
        columns |= dict.fromkeys(model.groupings[name])
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise FormulaError("; ".join(near(name, frame.columns) for name in absent))
    native = frame.to_native()
    frame = frame.select(*columns).with_row_index(ROW) if columns else frame.with_row_index(ROW)
    used = frame.filter(~nw.any_horizontal(*(missing(frame, name) for name in [*columns, ROW]), ignore_nulls=False))
    _known_levels(model, used, texts)
    values = _matrix(model, used, model.fixed) @ params.to_numpy()
    for name, effects in blups.items():
        Z = _matrix(model, used, [column for columns in model.sets(name) for column in columns])
        values = values + (Z * _own(model, name, used, effects)).sum(axis=1)
    out = np.full(len(frame), np.nan)
    out[used[ROW].to_numpy()] = values
    index = native.index if isinstance(native, pd.DataFrame) else None
    return pd.Series(out, index, name="predicted")


def _matrix(model: Model, frame: Frame, columns: Sequence[Column]) -> Array:
    """Evaluate columns of X or Z on rows."""
    pieces = model.applied
    names = dict.fromkeys(piece for column in columns for piece in column.pieces)
    evaluated = {name: evaluate(frame, name, pieces[name]) for name in names}
    out = np.ones((len(frame), len(columns)))
    for j, column in enumerate(columns):
        for piece in column.pieces:
            out[:, j] *= evaluated[piece]
    return out


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


def _own(model: Model, group: str, frame: Frame, blups: pd.DataFrame) -> Array:
    """Look up the effects of each row's group."""
    parts = [frame[name].to_list() for name in model.groupings[group]]
    labels = parts[0] if len(parts) == 1 else [":".join(map(str, label)) for label in zip(*parts, strict=True)]
    places = blups.index.get_indexer(labels)
    if (places < 0).any():
        unseen = sorted({str(labels[i]) for i in np.flatnonzero(places < 0)})
        raise DataError(
            f"{group!r} has groups the fit has not seen: {', '.join(unseen[:5])}"
            f"{' …' if len(unseen) > 5 else ''}; predict them with effects='marginal'"
        )
    own: Array = blups[list(model.effects(group))].to_numpy()[places]
    return own
