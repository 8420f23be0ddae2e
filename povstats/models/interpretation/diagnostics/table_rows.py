"""The rows of a fit, read from its table again: their columns of Z, X and y, and the check that they are the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.columns import ROW
from povstats.engine.groups import Codes, group_rows
from povstats.engine.moments import evaluate_all
from povstats.engine.source import Table
from povstats.errors import DataError, FitError
from povstats.models.design import multiplied
from povstats.models.interpretation.prediction.prediction_kinds import refuse_other_labels
from povstats.models.model import needed_columns
from povstats.models.rows import complete
from povstats.models.standard import averages
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

SAME = 1e-6
"""Sums of products in unit scale may differ by so much a row: rounding, where columns lie far from zero."""
Frame = nw.DataFrame[Any]


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """The rows that a fit uses, in its scaled basis; with precision weights w every column is multiplied by √w.

    Attributes
    ----------
    index : the rows' labels in the table. groups : each row's group label, one column a grouping.
    codes : shape (n,), each row's lowest group.
    places : shape (n, q), the columns of its effects among those of the blocks. Z : shape (n, q), their values.
    X : shape (n, p). y : shape (n,). outcome : y in its own unit. root : √w, ones without weights.
    """

    index: pd.Index
    groups: pd.DataFrame
    codes: Codes
    places: Codes
    Z: Array
    X: Array
    y: Array
    outcome: Array
    root: Array

    def products(self, row: int, width: int) -> Array:
        """Give [Z X y]'[Z X y] of one row in the columns of the blocks, shape (width, width)."""
        line = np.zeros(width)
        line[self.places[row]] = self.Z[row]
        line[width - self.X.shape[1] - 1 : -1] = self.X[row]
        line[-1] = self.y[row]
        return np.outer(line, line)


def read_rows(fit: "HLMResult", table: Table) -> TableRows:
    """Read the rows of a fit from its table.

    Parameters
    ----------
    fit : the model. table : the table that it was fitted to, in memory or a file; its rows may stand in another order.

    Raises
    ------
    FitError
        Where the fit has sampling weights: the variance of its residuals is not that of the model.
    DataError
        Where the table has other rows, groups or values than the fit.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError(
            "with sampling weights the model's variance of a residual does not hold, and a deletion changes the scaled "
            "weights: fit without sampling_weights to see which rows and groups stand out, or compare predict() with "
            "the outcome"
        )
    weight = fit.weights.rows if fit.weights.precision else None
    columns = [*needed_columns(fit.model.formula), *([] if weight is None else [weight])]
    frame = open_table(table)
    used, account = complete(frame, tuple(dict.fromkeys(columns)))
    assert isinstance(used, nw.DataFrame)
    if account.used != fit.nobs:
        raise DataError(
            f"the table has {account.used:,} complete rows, the fit {fit.nobs:,}: give the table of the fit"
        )
    codes = {name: _codes(fit, name, by, used) for name, by in fit.model.groupings.items()}
    root = np.ones(len(used)) if weight is None else np.sqrt(np.asarray(used[weight].to_numpy(), dtype=float))
    found = _assembled(fit, used, codes, root, _labels(frame, used))
    _same(fit, found)
    return found


def _labels(frame: Frame, used: Frame) -> pd.Index:
    native = frame.to_native()
    index = native.index if isinstance(native, pd.DataFrame) else pd.RangeIndex(len(frame))
    return index[used[ROW].to_numpy()] if ROW in used.columns else index


def _codes(fit: "HLMResult", name: str, by: tuple[str, ...], used: Frame) -> Codes:
    codes, labels = group_rows(used, by)
    if labels != fit.cells.groupings[name].labels:
        known = fit.cells.groupings[name].labels
        refuse_other_labels(by, known, [label for label in labels if label not in set(known)])
        strange = sorted(map(str, set(labels) ^ set(fit.cells.groupings[name].labels)))
        raise DataError(
            f"the groups of {name!r} are not those of the fit (only in one of them: {', '.join(strange[:5])}): give "
            "the table of the fit"
        )
    return codes


def _assembled(fit: "HLMResult", used: Frame, codes: dict[str, Codes], root: Array, index: pd.Index) -> TableRows:
    """Evaluate the columns of the model on the rows, in the scaled basis."""
    model, units, blocks = fit.model, fit.units, fit.optimum.blocks
    pieces = model.applied
    values = evaluate_all(used, {name: pieces[name] for product in model.products for name in product})
    outcome = values[model.response]
    parts, places, at = [], [], 0
    for level, z in zip(blocks.levels, units.z, strict=True):
        own = [column for columns in model.sets(level.name) for column in columns]
        parts.append(multiplied(own, values, outcome.shape) @ z)
        start = codes[level.name] * level.q if level.repeat > 1 else np.zeros(len(outcome), dtype=np.intp)
        places.append(at + start[:, None] + np.arange(level.q))
        at += level.width
    labels = {name: np.array(fit.cells.groupings[name].labels, dtype=object)[own] for name, own in codes.items()}
    return TableRows(
        index=index,
        groups=pd.DataFrame(labels, index).infer_objects(),
        codes=codes[blocks.levels[0].name],
        places=np.concatenate(places, axis=1),
        Z=np.concatenate(parts, axis=1) * root[:, None],
        X=multiplied(model.fixed, values, outcome.shape) @ units.x * root[:, None],
        y=(outcome - blocks.y_shift) / units.scale * root,
        outcome=outcome,
        root=root,
    )


def _same(fit: "HLMResult", rows: TableRows) -> None:
    """Refuse rows whose sums of products by lowest group are not those of the fit."""
    blocks, level = fit.optimum.blocks, fit.optimum.blocks.levels[0]
    r = blocks.p + 1
    own = np.column_stack([rows.X, rows.y])
    apart = np.zeros(level.slots)
    counts = np.bincount(rows.codes, rows.root**2, level.slots)
    for j in range(r):
        for i in range(j + 1):
            sums = np.bincount(rows.codes, own[:, i] * own[:, j], level.slots)
            apart = np.maximum(apart, np.abs(sums - blocks.full[:, i - r, j - r]))
    bad = np.flatnonzero(apart > SAME * (1 + counts))
    at = 0
    for one, average in zip(blocks.levels, averages(blocks), strict=True):
        Z = rows.Z[:, at : at + one.q]
        if np.abs(Z.T @ Z / blocks.size - average).max() > SAME:
            raise DataError(f"the predictors with effects by {one.name!r} are not those of the fit: give its table")
        at += one.q
    if len(bad):
        named = ", ".join(str(level.labels[i]) for i in bad[:5])
        raise DataError(
            f"outcome or predictors are not those of the fit in {len(bad)} groups of {level.name!r}, such as {named}: "
            "give the table that the model was fitted to, unchanged"
        )
