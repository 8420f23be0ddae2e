"""Outcomes that are logarithms, and what a change on their scale is in per cent."""

import ast
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.models.terms import tree_of

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

AROUND = ("I", "center", "within")
"""What may stand around a logarithm and leave its unit."""


def outcome_is_log(fit: "HLMResult", said: bool | None) -> bool:
    """Tell whether the outcome is a natural logarithm: as the caller says, else as the formula shows.

    Parameters
    ----------
    fit : whose outcome it is. said : True for a column that holds logarithms, such as log_expenditure_per_head.
    """
    if said is not None:
        return said
    return is_log(fit.model.formula.response)


def is_log(text: str) -> bool:
    """Tell whether a factor is log(…), perhaps inside I() or centred."""
    tree = tree_of(text)[0]
    while isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in AROUND:
        tree = tree.args[0]
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "log"


def in_percent(change: float | Array) -> Array:
    """Turn a change of the logarithm into per cent: 100(exp(b) − 1)."""
    found: Array = 100 * np.expm1(np.asarray(change, dtype=float))
    return found


def outcome_name(fit: "HLMResult") -> str:
    """Name the outcome as the formula has it."""
    return fit.model.formula.response.strip("`")
