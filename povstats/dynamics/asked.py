"""What is asked of a panel: who is followed, when, who is poor, and how the sample was drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any, Literal, Required, TypedDict

from povstats.errors import OptionError
from povstats.poverty.poor import POOR, checked_design
from povstats.survey import Design
from povstats.words import say

ROUTES = ("linearised", "census")


class Columns(TypedDict, total=False):
    """The keywords that every verb on a panel takes.

    unit, wave : columns of who is followed (household, person) and when (year, round). One row a unit and wave.
    welfare : column of income or consumption. line : a number above zero, a column, a line object such as that of
        relative_line, or a mapping from wave to any number or line object.
    poor : "<" (as where it is left out) or "<=": whether welfare on the line is poor. Without welfare and line, the
        column that says who is poor: true and false, or 1 and 0.
    design : weights, strata and PSUs; see `povstats.Design`. Without a psu column units are the clusters.
    """

    unit: Required[str]
    wave: Required[str]
    welfare: str | None
    line: Any
    poor: str | None
    design: Design | None


@dataclass(frozen=True)
class Asked:
    """Checked keywords.

    Attributes
    ----------
    unit, wave, welfare, by, design : as the verbs say.
    poor : the column that says who is poor; None where welfare and line say so.
    boundary : "<" or "<=".
    line : a number, a column's name, or a mapping from wave to number; None with `poor`.
    origin : the line objects, by wave ("" for all), where there were any.
    since : column of the wave in which the state began that a unit is first seen in; None without.
    check : column that says whether an exit was wrong; None without.
    """

    unit: str
    wave: str
    welfare: str | None
    poor: str | None
    boundary: Literal["<", "<="]
    line: Any
    by: str | None
    design: Design
    origin: Mapping[Any, Any]
    since: str | None = None
    check: str | None = None

    @property
    def state_columns(self) -> tuple[str, ...]:
        """The columns that say whether a row is poor."""
        if self.poor is not None:
            return (self.poor,)
        assert self.welfare is not None
        return (self.welfare, self.line) if isinstance(self.line, str) else (self.welfare,)

    def describe(self, lang: str) -> str:
        """Say who is poor, in one clause."""
        if self.poor is not None:
            return say("dynamics.poor_column", lang, column=self.poor)
        sign = "<" if self.boundary == "<" else "≤"
        if isinstance(self.line, str):
            line = say("dynamics.line_column", lang, column=self.line)
        elif isinstance(self.line, Mapping):
            line = say("dynamics.line_waves", lang, k=len(self.line))
        else:
            line = f"{self.line:,.6g}"
        clause = say("dynamics.poor_below", lang, welfare=self.welfare, sign=sign, line=line)
        if len(self.origin) == 1 and "" in self.origin:
            clause += say("dynamics.line_is", lang, line=self.origin[""].describe(lang))
        return clause


def asked_of(
    columns: Mapping[str, Any], by: str | None = None, since: str | None = None, check: str | None = None
) -> Asked:
    """Check the keywords of a verb.

    Raises
    ------
    OptionError
        Where a keyword is unknown or missing, welfare and line do not go together, the line is no line, or the design
        has a route to the variance that panels do not take.
    """
    unknown = sorted(set(columns) - set(Columns.__annotations__))
    if unknown:
        raise OptionError(f"{unknown} are no arguments here; a panel takes {', '.join(Columns.__annotations__)}")
    for role in ("unit", "wave"):
        if not isinstance(columns.get(role), str):
            raise OptionError(f"{role}= must name the column of {'who is followed' if role == 'unit' else 'time'}")
    design = checked_design(columns.get("design"))
    if design.route not in ROUTES or design.fpc is not None:
        raise OptionError(
            "panels take standard errors by linearisation over PSUs or units, without replicates, bootstrap or fpc; "
            "leave these out of the Design"
        )
    welfare, line, poor = columns.get("welfare"), columns.get("line"), columns.get("poor")
    ends = (columns["unit"], columns["wave"])
    if welfare is None:
        if line is not None or poor is None or poor in POOR:
            raise OptionError("say who is poor: welfare= and line=, or the column poor= of true and false")
        return Asked(*ends, None, str(poor), "<", None, by, design, {}, since, check)
    if line is None:
        raise OptionError(f"welfare={welfare!r} needs a line=: a number, a column, a line object, or a mapping by wave")
    if poor is not None and poor not in POOR:
        raise OptionError(f"poor={poor!r}: beside welfare and line it is '<' or '<=', or it is left out")
    value, origin = _line(line)
    boundary: Literal["<", "<="] = "<=" if poor == "<=" else "<"
    return Asked(*ends, welfare, None, boundary, value, by, design, origin, since, check)


def _line(line: Any) -> tuple[Any, dict[Any, Any]]:
    """Give the numbers of a line, and the objects that they come from."""
    if isinstance(line, str):
        return line, {}
    if isinstance(line, Mapping):
        if not line:
            raise OptionError("line={} names no wave")
        origin = {wave: one for wave, one in line.items() if not isinstance(one, Real)}
        return {wave: _number(one) for wave, one in line.items()}, origin
    return _number(line), {} if isinstance(line, Real) else {"": line}


def _number(line: Any) -> float:
    plain = isinstance(line, Real) and not isinstance(line, bool)
    if not plain and not (hasattr(line, "__float__") and hasattr(line, "describe")):
        raise OptionError(f"line={line!r} must be a number above 0, a column, a line object, or a mapping by wave")
    value = float(line)
    if not isfinite(value) or value <= 0:
        raise OptionError(f"line={line!r} must lie above 0, in the unit of welfare")
    return value
