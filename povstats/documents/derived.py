"""Numbers worked out from a series' facts, by the formulas that its file states."""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from povstats.errors import DataError

NAME = re.compile(r"F\d{4}")
_SIGNS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A number computed from facts of a series.

    Attributes
    ----------
    label : what it is, by language.
    value : shares as shares.
    unit : as in the series' table, or "ratio" or "years".
    formula : of facts by their ids, with + - * / and ln.
    """

    label: Mapping[str, str]
    value: float
    unit: str
    formula: str

    @property
    def facts(self) -> tuple[str, ...]:
        """The ids in the formula, in its order."""
        return tuple(NAME.findall(self.formula))


def worked_out(id: str, stated: list[dict[str, str]], table: pd.DataFrame) -> Iterator[Derived]:
    """Compute the numbers that a series' file asks for.

    Parameters
    ----------
    id : of the series, for messages.
    stated : the file's blocks, each with zh, en, formula and unit.
    table : rows of the series.

    Raises
    ------
    DataError
        Where a formula names no fact of the series, is not made of + - * / and ln, or sets values of one indicator
        and group side by side that rest on different bases.
    """
    rows = {row["fact"]: row for row in table.to_dict("records")}
    for block in stated:
        formula = block["formula"]
        names = NAME.findall(formula)
        lost = [name for name in names if name not in rows]
        if lost or not names:
            raise DataError(f"series {id}: formula {formula!r} needs facts of the series, not {lost}; correct it")
        _refuse_breaks(id, formula, [rows[name] for name in names])
        values = {name: float(rows[name]["value"]) for name in names}
        label = {lang: block[lang] for lang in ("zh", "en")}
        yield Derived(label=label, value=_computed(formula, values), unit=block["unit"], formula=formula)


def _refuse_breaks(id: str, formula: str, rows: list[dict[Any, Any]]) -> None:
    bases: dict[tuple[str, str], str] = {}
    for row in rows:
        known = bases.setdefault((row["indicator"], row["group"]), row["basis"])
        if known != row["basis"]:
            raise DataError(
                f"series {id}: formula {formula!r} compares {row['indicator']} across a change of basis "
                f"({known} and {row['basis']}); leave it out"
            )


def _computed(formula: str, values: Mapping[str, float]) -> float:
    """Work a formula out; nothing but these signs is understood, so no text can run code."""

    def of(node: ast.AST) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in values:
                return values[name]
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SIGNS:
                return _SIGNS[type(sign)](of(left), of(right))
            case ast.Call(func=ast.Name(id="ln"), args=[inner], keywords=[]):
                return math.log(of(inner))
        raise DataError(f"formula {formula!r} holds more than facts, numbers, + - * / and ln(); correct it")

    try:
        return of(ast.parse(formula, mode="eval").body)
    except SyntaxError as error:
        raise DataError(f"formula {formula!r} cannot be read; write it as F0001 - F0002") from error
