"""Columns of another kind than in the fit are refused: text for numbers, numbers for text."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import narwhals as nw

from povstats.engine.columns import label_text
from povstats.errors import DataError
from povstats.models.terms import Factor, Frame, kind_of

FITTING = {"number": ("number",), "boolean": ("boolean",), "text": ("text", "category")}
"""Kinds of columns that a factor can be worked out from, by the kind that the fit had; a category is read as text."""
NAMES = {"number": "numbers", "boolean": "true and false", "text": "text"}


def refuse_kinds(factors: Iterable[Factor], frame: Frame) -> None:
    """Refuse predictors that hold another kind of values than in the fit.

    Parameters
    ----------
    factors : of the model. frame : complete rows, with their columns.

    Raises
    ------
    DataError
        Where a predictor is of another kind; the message names both.
    """
    for factor in factors if len(frame) else ():
        by = None if factor.groups is None else factor.groups[0]
        for column in factor.columns:
            fitting = FITTING.get(factor.kind)
            if column == by or fitting is None or _kind(frame, column) in fitting:
                continue
            raise DataError(
                f"column {column!r} is {frame.schema[column]}, and in the fit it held {NAMES[factor.kind]}; turn it "
                f"into {NAMES[factor.kind]} as in the table of the fit"
            )


def _kind(frame: Frame, column: str) -> str:
    """Say what a column holds; of Python objects, whether all are numbers."""
    dtype = frame.schema[column]
    if not isinstance(dtype, nw.Object):
        return kind_of(dtype)
    values = frame[column].to_list()
    return "number" if all(isinstance(v, Real | Decimal) and not isinstance(v, bool) for v in values) else ""


def refuse_other_labels(columns: Sequence[str], known: Sequence[Any], unseen: Iterable[Any]) -> None:
    """Refuse groups that are those of the fit in another kind, such as "12" for 12.

    They would count as groups outside the sample.

    Parameters
    ----------
    columns : of the grouping. known : labels of the fit. unseen : labels of the table that are not among them.

    Raises
    ------
    DataError
        Where a label is written as one of the fit's; the message names both kinds.
    """
    written = {label_text(label): label for label in known}
    for label in unseen:
        own = written.get(label_text(label))
        if own is not None:
            raise DataError(
                f"column {columns[0]!r} holds {label!r} ({type(label).__name__}) where the fit had {own!r} "
                f"({type(own).__name__}); give the column the kind that it had in the table of the fit"
            )
