"""The errors that povstats raises. Each message names the column, the rows and the remedy."""

from collections.abc import Iterable
from itertools import pairwise
from math import isfinite
from numbers import Integral, Real
from typing import Any


class PovstatsError(Exception):
    """Parent of every error below, so that one `except` catches what povstats refuses."""


class ContractError(PovstatsError):
    """A table does not keep its contract."""


class FormulaError(PovstatsError):
    """A formula cannot be read, or asks for something that is not on the stated list."""


class FitError(PovstatsError):
    """A model cannot be estimated from these data, or an answer it does not have was asked of it."""


class EngineError(PovstatsError):
    """A table cannot be opened or reduced."""


class DataError(PovstatsError):
    """Values in a table are not usable: wrong kind, infinite, outside a function's domain."""


class OptionError(PovstatsError, ValueError):
    """An argument is not among its allowed values."""


class SmallSampleWarning(UserWarning):
    """An interval or test rests on large samples, and there are few groups."""


def share(name: str, value: object, example: float = 0.95) -> None:
    """Refuse what is no number between 0 and 1.

    Parameters
    ----------
    name : the argument's name, as the caller wrote it.
    value : what was given.
    example : a value to be shown.

    Raises
    ------
    OptionError
        Where `value` is no number, or does not lie between 0 and 1.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < 1:
        raise OptionError(f"{name}={value!r} must lie between 0 and 1, such as {example}")


def rising_shares(name: str, values: Iterable[Any]) -> tuple[float, ...]:
    """Refuse what are no shares between 0 and 1 that rise, and give them as numbers.

    Parameters
    ----------
    name : the argument's name, as the caller wrote it.
    values : what was given.

    Raises
    ------
    OptionError
        Where there is none, one is not between 0 and 1, or one is not above the one before.
    """
    found = []
    for value in values:
        share(name, value, 0.1)
        found.append(float(value))
    if not found or any(after <= before for before, after in pairwise(found)):
        raise OptionError(f"{name}={found!r} must be shares that rise, such as (0.1, 0.2, 0.5)")
    return tuple(found)


def finite(value: object) -> bool:
    """Tell whether a value is a number that is neither infinite nor missing."""
    return not isinstance(value, bool) and isinstance(value, Real) and isfinite(float(value))


def whole(name: str, value: object) -> None:
    """Refuse what is no whole number.

    Parameters
    ----------
    name : the argument's name, as the caller wrote it.
    value : what was given.

    Raises
    ------
    OptionError
        Where `value` is not an integer.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise OptionError(f"{name}={value!r} must be a whole number")


def allowed(name: str, value: object, options: tuple[str, ...]) -> None:
    """Refuse an option that is not on its list.

    Parameters
    ----------
    name : the argument's name, as the caller wrote it.
    value : what was given.
    options : the allowed values.

    Raises
    ------
    OptionError
        Where `value` is not one of `options`; the message lists them.
    """
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise OptionError(f"{name}={value!r} is not one of {listed}")
