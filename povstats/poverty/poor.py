"""Who is poor: said here once, with the line and the shortfall."""

import math
from numbers import Real
from typing import Any, Literal

import narwhals as nw

from povstats.engine.forms import Expressions
from povstats.errors import OptionError, allowed
from povstats.poverty.density import BANDWIDTH, bandwidths, kernel
from povstats.poverty.estimate import Definition
from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.measure import Fixed, welfare
from povstats.survey import Design

Poor = Literal["<", "<="]
POOR: tuple[Poor, ...] = ("<", "<=")
Nonpositive = Literal["fail", "drop"]
NONPOSITIVE: tuple[Nonpositive, ...] = ("fail", "drop")
DENSITY = "density at the line"


def defined(
    welfare: str,
    line: object,
    by: str | None,
    design: object,
    poor: Poor,
    size: str | None,
    nonpositive: Nonpositive = "fail",
) -> Definition:
    """Check the line and the options, and put what was asked into one object.

    Raises
    ------
    OptionError
        Where the line is no positive number, or an option is not on its list.
    """
    value = _number(line)
    if value is None or not math.isfinite(value) or value <= 0:
        raise OptionError(
            f"line={line!r} must be one number above 0, in the unit of {welfare!r}, or a line from relative_line"
        )
    allowed("poor", poor, POOR)
    allowed("nonpositive", nonpositive, NONPOSITIVE)
    origin: Any = None if isinstance(line, Real) else line
    return Definition(welfare, value, poor, by, size, checked_design(design), origin, nonpositive)


def without_line(
    welfare: str, by: str | None, design: object, size: str | None, nonpositive: Nonpositive = "fail"
) -> Definition:
    """Put what was asked of a measure without a line into one object."""
    allowed("nonpositive", nonpositive, NONPOSITIVE)
    return Definition(welfare, None, "<", by, size, checked_design(design), None, nonpositive)


def checked_design(design: object) -> Design:
    """Take None for a simple random sample of rows, and refuse what is no design."""
    drawn = Design() if design is None else design
    if not isinstance(drawn, Design):
        raise OptionError(f"design must be a povstats.Design, not a {type(design).__name__}")
    return drawn


def _number(line: object) -> float | None:
    """Give the number of a line: a real number, or an object that says so by itself."""
    if isinstance(line, bool | str) or not hasattr(line, "__float__"):
        return None
    if not isinstance(line, Real) and not hasattr(line, "describe"):
        return None
    return float(line)


def is_poor(asked: Definition) -> nw.Expr:
    """Write who is poor, the one place where the boundary is decided."""
    return welfare() < asked.line if asked.poor == "<" else welfare() <= asked.line


def among_poor(asked: Definition, value: nw.Expr) -> nw.Expr:
    """Write a value of the poor that is zero for others."""
    return nw.when(is_poor(asked)).then(value).otherwise(nw.lit(0.0))


def shortfall(asked: Definition) -> nw.Expr:
    """Write (z − y)/z, of rows that are poor."""
    assert asked.line is not None
    return (nw.lit(asked.line) - welfare()) / asked.line


def needs_density(asked: Definition) -> bool:
    """Tell whether the density at the line enters the standard error: where the line is estimated."""
    return isinstance(asked.origin, EstimatedLine) and asked.design.route in ("linearised", "bootstrap")


def density_terms(asked: Definition) -> tuple[Expressions, Fixed | None]:
    """Give the row expression of the density of welfare at the line and the numbers it needs first; see `Measure`."""
    if not needs_density(asked):
        return {}, None
    assert asked.line is not None
    return {DENSITY: kernel(asked.line)}, lambda sample: {BANDWIDTH: bandwidths(sample)}
