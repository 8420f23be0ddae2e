"""What a slope depends on, where it is to stand, and where the rest is held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.engine.cells import Array
from povstats.errors import DataError, OptionError
from povstats.models.interpretation.effects.contrast import derivative_rows, means
from povstats.models.interpretation.effects.focal import (
    Focal,
    derivatives,
    evaluated,
    level_of,
    own_columns,
    predictors,
    spelled,
)
from povstats.models.model import Model
from povstats.models.terms import Factor

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

At = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A moderator that was not given: its name, and its mean, or the shares of its levels."""

    name: str
    means: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Points at which a slope is asked for.

    Attributes
    ----------
    points : DataFrame (n, keys of `at`). rows : shape (n, p), the slope as l'β. held : the rest of what it depends on.
    """

    points: pd.DataFrame
    rows: Array
    held: tuple[Held, ...]


def moderators(model: Model, focal: Focal) -> list[Factor]:
    """List the factors that a predictor is multiplied with."""
    moving = focal.pieces
    beside = {
        piece for column in model.fixed if moving & set(column.pieces) for piece in column.pieces if piece not in moving
    }
    return [factor for factor in predictors(model) if beside & set(factor.pieces)]


def place(fit: "HLMResult", focal: Focal, at: At | None) -> Placed:
    """Give the rows of contrasts of a slope at given values of what it depends on.

    Parameters
    ----------
    fit : the fit. focal : the predictor.
    at : a value or several, by column; of within(x, g) and between(x, g) by that name; levels of a categorical one.
        Several moderators are combined each with each. Those not named stand at their means, as they enter the
        formula, factors at their shares.

    Raises
    ------
    OptionError
        Where `at` names what the slope does not depend on, or lacks the predictor's own value where it depends on it.
    """
    model, found = fit.model, moderators(fit.model, focal)
    names = [name for factor in (*found, *focal.factors) for name in (factor.name, *_keys(factor), *factor.columns)]
    points = _combined(at or {}).rename(columns=lambda key: spelled(key, names))
    keys = list(points.columns)
    values: dict[str, Array] = {name: np.full(len(points), mean) for name, mean in means(fit).items()}
    given: set[str] = set()
    if focal.column is not None:
        if focal.column not in keys:
            bent = ", ".join(factor.name for factor in focal.bent)
            raise OptionError(
                f"the slope in {focal.name!r} depends on {focal.column} itself, through {bent}: give its values, as "
                f"in at={{{focal.column!r}: […]}}"
            )
        given.add(focal.column)
    for factor in found:
        own = _given(factor, points)
        if own is not None:
            given |= set(own)
            values |= _values(factor, points, own)
    idle = [key for key in keys if key not in given]
    if idle:
        offered = ", ".join(dict.fromkeys(key for factor in found for key in _keys(factor))) or "nothing else"
        raise OptionError(f"the slope in {focal.name!r} does not depend on {idle[0]!r}; it depends on {offered}")
    x = None if focal.column is None else points[focal.column].to_numpy(dtype=float)
    moves = derivatives(model, focal, x)
    for factor in focal.factors:
        values |= evaluated(factor, {str(focal.column): np.asarray(x)})
    rows = derivative_rows(model.fixed, moves, values, len(points))
    return Placed(points, rows, held(fit, [factor for factor in found if not _given(factor, points)]))


def held(fit: "HLMResult", factors: Iterable[Factor]) -> tuple[Held, ...]:
    """Say at which values moderators stand that are not given."""
    average = means(fit)
    out = []
    for factor in factors:
        if factor.levels is None:
            told = tuple((name if len(factor.pieces) > 1 else "", average[name]) for name in factor.pieces)
        else:
            told = tuple((level_of(factor, piece), average[piece]) for piece in factor.levels)
        out.append(Held(factor.name if factor.levels is None else factor.columns[0], told))
    return tuple(out)


def label_of(points: pd.DataFrame, place: int) -> str:
    """Write a point: "village_consumption = 800, urban = yes"."""
    return ", ".join(f"{key} = {written(points[key].iloc[place])}" for key in points.columns)


def written(value: object) -> str:
    """Write a value of a predictor."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return str(value)
    return f"{float(value):,.10g}"


def rounded(value: float) -> str:
    """Write a computed value with four digits, and no fewer than its whole ones; a whole number as it is."""
    if value == np.round(value):
        return f"{value:,.0f}"
    digits = 3 - int(np.floor(np.log10(abs(value))))
    return f"{value:,.{max(digits, 0)}f}"


def _keys(factor: Factor) -> tuple[str, ...]:
    if factor.groups is not None:
        return (factor.name,)
    return factor.columns


def _given(factor: Factor, points: pd.DataFrame) -> tuple[str, ...] | None:
    """Name the keys of `at` that set a factor, or None."""
    names = set(points.columns)
    if factor.groups is not None or factor.levels is not None:
        return next(((name,) for name in (factor.name, factor.text, *_keys(factor)) if name in names), None)
    own = own_columns(factor)
    there = [column for column in own if column in names]
    if there and len(there) < len(own):
        lacking = ", ".join(column for column in own if column not in names)
        raise OptionError(f"{factor.name} takes {', '.join(own)}: give {lacking} too")
    if not there and factor.name in names:
        raise OptionError(f"give {', '.join(own)} itself in `at`, not {factor.name!r}; it is transformed as in the fit")
    return tuple(there) or None


def _values(factor: Factor, points: pd.DataFrame, keys: tuple[str, ...]) -> dict[str, Array]:
    """Evaluate a moderator at the points."""
    if factor.levels is not None:
        labels = [written_level(value) for value in points[keys[0]]]
        known = [level_of(factor, piece) for piece in factor.levels]
        unseen = sorted({label for label in labels if label not in known})
        if unseen:
            raise OptionError(f"{keys[0]!r} has no level {', '.join(unseen)}; it has {', '.join(known)}")
        return {
            piece: np.array([label == level for label in labels], dtype=float)
            for piece, level in zip(factor.levels, known, strict=True)
        }
    columns = {key: _numbers(key, points[key]) for key in keys}
    if factor.groups is not None:
        return {next(iter(factor.pieces)): columns[keys[0]]}
    try:
        return evaluated(factor, columns)
    except DataError as error:
        raise OptionError(f"{factor.name} is undefined at a value of `at`: {error}") from error


def written_level(value: object) -> str:
    """Write a level as the fit names it: 1.0 is 1."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _numbers(key: str, values: Iterable[Any]) -> Array:
    try:
        found = np.array([float(value) for value in values])
    except (TypeError, ValueError) as error:
        raise OptionError(f"at[{key!r}] must be a number or numbers, got {list(values)!r}") from error
    if not np.isfinite(found).all():
        raise OptionError(f"at[{key!r}] must be finite, got {found.tolist()}")
    return found


def _combined(at: At) -> pd.DataFrame:
    """Combine the values of each moderator with those of the others; without any, one point."""
    if not isinstance(at, Mapping):
        raise OptionError(f"at={at!r} must name what the values are of, such as at={{'trust': [1, 2]}}")
    lists: dict[str, list[Any]] = {}
    for key, value in at.items():
        several = (
            list(value)
            if isinstance(value, Sequence | np.ndarray | pd.Series) and not isinstance(value, str)
            else [value]
        )
        if not several:
            raise OptionError(f"at[{key!r}] is empty; give a value or several")
        lists[key] = several
    points = list(product(*lists.values()))
    return pd.DataFrame(points, columns=list(lists), index=range(len(points)))
