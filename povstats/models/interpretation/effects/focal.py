"""Which columns of X move with a predictor, and how fast."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.moments import evaluate
from povstats.errors import DataError, OptionError
from povstats.models.model import Model
from povstats.models.terms import Factor, same_text, tree_of

FAR = 2.0**40
"""Values ± this tell the slope of an affine function to all digits, whatever its constant."""
STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
"""Weights of f(x + kh) − f(x − kh), k = 1 … 4: exact for polynomials up to degree 8."""
STEP = 1e-4
"""h as a share of x: small against the distance to where a function ends, large against rounding."""


@dataclass(frozen=True, slots=True)
class Focal:
    """What a slope is taken in.

    Attributes
    ----------
    name : as it is printed.
    kind : "slope", or "difference" of a level from the reference.
    moves : derivative of each piece that moves with it, where that is a constant.
    column : the table's column on whose own value the slope depends, or None.
    factors : the functions of that column. bent : those of them that are no straight line.
    levels : the level and the reference of a difference.
    """

    name: str
    kind: str = "slope"
    moves: Mapping[str, float] = field(default_factory=dict)
    column: str | None = None
    factors: tuple[Factor, ...] = ()
    bent: tuple[Factor, ...] = ()
    levels: tuple[str, str] = ("", "")

    @property
    def pieces(self) -> frozenset[str]:
        """The pieces that move."""
        return frozenset(self.moves) | {piece for factor in self.bent for piece in factor.pieces}


def predictors(model: Model) -> list[Factor]:
    """List the factors of the fixed part."""
    used = {piece for column in model.fixed for piece in column.pieces}
    return [factor for factor in model.factors.values() if used & set(factor.pieces)]


def level_of(factor: Factor, piece: str) -> str:
    """Give the level that an indicator stands for."""
    return piece[len(factor.name) + 1 : -1]


def own_columns(factor: Factor) -> tuple[str, ...]:
    """Name the columns that a factor is a function of; of within(x, g) and between(x, g) the grouping is none."""
    return factor.columns if factor.groups is None else tuple(c for c in factor.columns if c != factor.groups[0])


def find_focal(model: Model, term: str) -> Focal:
    """Find what moves with a predictor.

    Parameters
    ----------
    model : the compiled formula.
    term : a column, a factor of the formula such as "log(land)" or "within(ses, school)", or the coefficient of a
        level, such as "farm[T.yes]". The slope in a column takes in all functions of it; within(x, g) moves with a
        household's own x, between(x, g) does not.

    Raises
    ------
    OptionError
        Where the term is no predictor, has several levels, or moves with others that it does not name.
    """
    factors = predictors(model)
    for factor in factors:
        for piece in (factor.levels or ())[1:]:
            if same_text(term, f"{factor.name}[T.{piece[len(factor.name) + 1 :]}"):
                return _difference(factor, piece)
        _refuse_reference(factor, term)
    term = spelled(term, [name for factor in factors for name in (factor.name, *factor.columns)])
    named = next((factor for factor in factors if term == factor.name), None)
    if named is None:
        named = next((f for f in factors if f.levels is not None and f.columns[0] == term), None)
    if named is not None and named.levels is not None:
        if len(named.levels) > 2:
            listed = ", ".join(f"{named.name}[T.{piece[len(named.name) + 1 :]}" for piece in named.levels[1:])
            raise OptionError(f"{term!r} has {len(named.levels)} levels; ask for one of {listed}")
        return _difference(named, named.levels[1])
    if named is None or isinstance(tree_of(named.text)[0], ast.Name) or len(named.pieces) > 1:
        return _in_column(factors, term if named is None else named.columns[0], term)
    return _alone(factors, named)


def spelled(name: str, known: Sequence[str]) -> str:
    """Give a known name as it is written there, whatever its spaces and backticks; other names as they are."""
    return name if name in known else next((one for one in known if same_text(name, one)), name)


def _refuse_reference(factor: Factor, term: str) -> None:
    """Say what to ask for where a level is named that is the reference, or as its own coefficient."""
    if factor.levels is None:
        return
    asked = next((p for p in factor.levels if same_text(term.replace("[T.", "["), p)), None)
    if asked is not None:
        offered = ", ".join(f"{factor.name}[T.{piece[len(factor.name) + 1 :]}" for piece in factor.levels[1:])
        reference = level_of(factor, factor.levels[0])
        raise OptionError(
            f"{term!r}: levels of {factor.name} are compared with its reference, {reference}; ask for one of {offered}"
        )


def derivatives(model: Model, focal: Focal, x: Array | None) -> dict[str, float | Array]:
    """Differentiate the pieces that move.

    Parameters
    ----------
    model, focal : of the fit. x : shape (n,), the column's own values, where the slope depends on them.

    Raises
    ------
    OptionError
        Where a function has no slope there.
    """
    moves: dict[str, float | Array] = dict(focal.moves)
    if focal.column is None or x is None:
        return moves
    for factor in focal.bent:
        h = STEP * np.where(x == 0, 1.0, np.abs(x))
        try:
            for k, weight in enumerate(STENCIL, 1):
                right, left = (evaluated(factor, {focal.column: x + side * h}) for side in (k, -k))
                for piece in factor.pieces:
                    moves[piece] = moves.get(piece, 0.0) + weight * (right[piece] - left[piece]) / h
        except DataError as error:
            raise OptionError(f"{factor.name} has no slope at {focal.column} = {x.tolist()}") from error
    return moves


def evaluated(factor: Factor, columns: Mapping[str, Array]) -> dict[str, Array]:
    """Evaluate a numeric factor's pieces on values of its columns."""
    frame = open_table(pd.DataFrame(dict(columns)))
    return {name: evaluate(frame, name, piece) for name, piece in factor.pieces.items()}


def _difference(factor: Factor, piece: str) -> Focal:
    assert factor.levels is not None
    reference = factor.levels[0]
    name = f"{factor.name}[T.{piece[len(factor.name) + 1 :]}"
    levels = (level_of(factor, piece), level_of(factor, reference))
    return Focal(name, "difference", {piece: 1.0, reference: -1.0}, levels=levels)


def _call(factor: Factor) -> str:
    """Name the function that a factor is; "" for other expressions."""
    tree = tree_of(factor.text)[0]
    return tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""


def _alone(factors: list[Factor], named: Factor) -> Focal:
    """Move one factor as it stands, where no other goes with it."""
    others = [
        other.name
        for other in factors
        if other is not named and set(own_columns(other)) & set(own_columns(named)) and _call(other) != "between"
    ]
    if others and _call(named) != "between":
        raise OptionError(
            f"{named.name} cannot move alone: {', '.join(others)} would move too; ask for the slope in the column "
            f"{', '.join(own_columns(named))} itself"
        )
    return Focal(named.name, moves={next(iter(named.pieces)): 1.0})


def _in_column(factors: list[Factor], column: str, term: str) -> Focal:
    """Move a column, and with it every function of it."""
    moving = [factor for factor in factors if column in own_columns(factor) and _call(factor) != "between"]
    if not moving:
        names = ", ".join(factor.name for factor in factors) or "none"
        raise OptionError(f"{term!r} is no predictor of this model; it has {names}")
    moves: dict[str, float] = {}
    bent: list[Factor] = []
    for factor in moving:
        tree = tree_of(factor.text)[0]
        if factor.levels is not None or len(own_columns(factor)) > 1:
            raise OptionError(f"{column!r} enters as {factor.name}, so that the model has no one slope in it")
        if factor.groups is not None:
            if not (isinstance(tree, ast.Call) and isinstance(tree.args[0], ast.Name)):
                raise OptionError(f"the slope in {column!r} is not plain in {factor.name}; ask for {factor.name!r}")
            moves[factor.name] = 1.0
        elif isinstance(tree, ast.Name):
            moves[factor.name] = 1.0
        elif _affine(tree):
            ends = next(iter(evaluated(factor, {column: np.array([-FAR, FAR])}).values()))
            moves[next(iter(factor.pieces))] = float((ends[1] - ends[0]) / (2 * FAR))
        else:
            bent.append(factor)
    if not bent:
        return Focal(column, moves=moves)
    inner = [factor.name for factor in moving if factor.groups is not None]
    if inner:
        raise OptionError(f"{column!r} enters as {bent[0].name} and as {inner[0]}: its slope differs from row to row")
    return Focal(column, moves=moves, column=column, factors=tuple(moving), bent=tuple(bent))


def _affine(node: ast.expr) -> bool:
    """Tell whether an expression is a straight line in its column."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.UnaryOp(operand=inner):
            return _affine(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _affine(left) and _affine(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _affine(left) and _affine(right) and (_constant(left) or _constant(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _affine(left) and _constant(right)
        case ast.Call(func=ast.Name(id="center" | "scale" | "I"), args=[inner]):
            return _affine(inner)
    return False


def _constant(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.Name) for part in ast.walk(node))
