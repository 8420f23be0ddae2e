"""From terms to narwhals expressions, from a stated list of functions; no text is ever run as code.

What a factor learns from the data (levels, centres, the polynomial's recurrence) is learned once, on the rows that
the model uses, and is applied unchanged to new data.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import narwhals as nw

from povstats.errors import DataError, FormulaError
from povstats.models.polynomial import orthogonal

FUNCTIONS = ("log", "exp", "sqrt", "center", "scale", "C", "I", "poly")
Frame = nw.DataFrame[Any]


@dataclass(frozen=True, slots=True)
class Factor:
    """What one factor contributes: numeric pieces, or one indicator a level.

    Attributes
    ----------
    text : the factor as formulaic gives it, odd column names in backticks.
    name : the same as it is printed.
    columns : the table's columns it reads.
    pieces : narwhals expression by piece name; for a categorical factor one 0/1 piece a level.
    levels : the levels in order, or None for a numeric factor.
    """

    text: str
    name: str
    columns: tuple[str, ...]
    pieces: Mapping[str, nw.Expr]
    levels: tuple[str, ...] | None


def columns_of(text: str) -> tuple[str, ...]:
    """Name the table's columns that a factor reads, in order of appearance."""
    tree, quoted = _tree(text)
    names = [quoted.get(node.id, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(name for name in names if not _is_call_name(tree, name)))


def learn(text: str, frame: Frame) -> Factor:
    """Compile one factor against the rows that the model uses.

    Parameters
    ----------
    text : the factor, such as "x", "C(county)", "log(`total cost`)" or "poly(age, 2)".
    frame : the used rows, without missing values in the factor's columns.

    Raises
    ------
    FormulaError
        Where the text asks for anything but columns, numbers, arithmetic and the listed functions.
    DataError
        Where a column's kind does not fit (dates, text inside log(), one level only).
    """
    tree, quoted = _tree(text)
    name = text.strip("`") if re.fullmatch(r"`[^`]+`", text) else text
    columns = columns_of(text)
    call = tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""
    if call == "C" or (isinstance(tree, ast.Name) and not _numeric(frame, columns[0])):
        inner = _only_argument(tree, text) if call == "C" else tree
        if not isinstance(inner, ast.Name):
            raise FormulaError(f"{text!r}: C() takes one column")
        pieces = _indicators(frame, columns[0], name)
        return Factor(text, name, columns, pieces, tuple(pieces))
    if call == "poly":
        return Factor(text, name, columns, _polynomial(tree, text, frame, quoted), None)
    return Factor(text, name, columns, {name: _compile(tree, text, frame, quoted)}, None)


def _tree(text: str) -> tuple[ast.expr, dict[str, str]]:
    """Parse a factor into a syntax tree, with backticked names under stand-ins."""
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        key = f"quoted_{len(quoted)}_"
        quoted[key] = match.group(1)
        return key

    try:
        return ast.parse(re.sub(r"`([^`]+)`", stand_in, text), mode="eval").body, quoted
    except SyntaxError as error:
        raise FormulaError(f"{text!r} cannot be read; odd column names stand in backticks") from error


def _is_call_name(tree: ast.expr, name: str) -> bool:
    """Tell a function's name from a column's: the same word may not be both in one factor."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )


def _refuse(text: str, what: str) -> FormulaError:
    return FormulaError(
        f"{text!r}: {what} is not on the list; a formula may use columns, numbers, + - * / ** inside I(), and "
        f"{', '.join(f + '()' for f in FUNCTIONS)}"
    )


def _only_argument(node: ast.expr, text: str) -> ast.expr:
    assert isinstance(node, ast.Call)
    if len(node.args) != 1 or node.keywords:
        raise FormulaError(f"{text!r}: {ast.unparse(node.func)}() takes one argument")
    return node.args[0]


def _compile(node: ast.expr, text: str, frame: Frame, quoted: Mapping[str, str]) -> nw.Expr:
    """Turn a numeric syntax tree into a narwhals expression."""
    match node:
        case ast.Name(id=name):
            column = quoted.get(name, name)
            if not _numeric(frame, column):
                raise DataError(f"{text!r}: column {column!r} is {frame.schema[column]}, not a number")
            return nw.col(column).cast(nw.Float64)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return nw.lit(float(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return 0.0 - _compile(operand, text, frame, quoted)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(
                op, _compile(left, text, frame, quoted), _compile(right, text, frame, quoted), text
            )
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS and name not in ("C", "poly"):
            inner = _compile(_only_argument(node, text), text, frame, quoted)
            return _function(name, inner, text, frame)
    raise _refuse(text, ast.unparse(node)[:40])


def _arithmetic(op: ast.operator, left: nw.Expr, right: nw.Expr, text: str) -> nw.Expr:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return left**right
    raise _refuse(text, f"the operator {type(op).__name__}")


def _function(name: str, inner: nw.Expr, text: str, frame: Frame) -> nw.Expr:
    match name:
        case "log":
            return inner.log()
        case "exp":
            return inner.exp()
        case "sqrt":
            return inner.sqrt()
        case "center":
            return inner - float(frame.select(m=inner.mean())["m"][0])
        case "scale":
            mean, sd = frame.select(m=inner.mean(), s=inner.std(ddof=1)).row(0)
            if not sd > 0:
                raise DataError(f"{text!r}: the column does not vary, so it cannot be scaled")
            return (inner - float(mean)) / float(sd)
    return inner


def _polynomial(node: ast.expr, text: str, frame: Frame, quoted: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Read poly(x, degree) and learn its recurrence."""
    match node:
        case ast.Call(args=[inner, ast.Constant(value=int() as degree)], keywords=[]) if 1 <= degree <= 9:
            x = _compile(inner, text, frame, quoted)
        case _:
            raise FormulaError(f"{text!r}: write poly(x, 2) with a degree from 1 to 9")
    values = frame.select(x=x)["x"].to_numpy()
    return {f"{text}[{k}]": piece for k, piece in enumerate(orthogonal(x, values, degree, text), 1)}


def near(column: str, known: Sequence[str]) -> str:
    """Say that a column is not there, with the names near to it."""
    close = get_close_matches(column, known, 3, 0.5)
    hint = f"near to it: {', '.join(close)}" if close else f"the table has {', '.join(known[:12])}"
    return f"the table has no column {column!r}; {hint}"


def _numeric(frame: Frame, column: str) -> bool:
    if column not in frame.columns:
        raise FormulaError(near(column, frame.columns))
    return frame.schema[column].is_numeric()


def _indicators(frame: Frame, column: str, name: str) -> dict[str, nw.Expr]:
    """Learn the levels: text alphabetically, categoricals in their own order; unused levels are left out."""
    numeric = _numeric(frame, column)
    dtype, series = frame.schema[column], frame[column]
    expr = nw.col(column)
    if isinstance(dtype, nw.Boolean):
        levels: list[Any] = [value for value in (False, True) if value in series.unique().to_list()]
        pieces = {str(v): (expr if v else ~expr).cast(nw.Float64) for v in levels}
    elif isinstance(dtype, nw.Categorical | nw.Enum):
        order = [str(v) for v in series.cat.get_categories().to_list()]
        present = {str(v) for v in series.unique().to_list()}
        pieces = {v: (expr.cast(nw.String) == v).cast(nw.Float64) for v in order if v in present}
    elif numeric or isinstance(dtype, nw.String):
        pieces = {str(v): (expr == v).cast(nw.Float64) for v in sorted(series.unique().to_list())}
    else:
        raise DataError(f"column {column!r} is {dtype}; turn it into numbers, text or a categorical first")
    if len(pieces) < 2:
        raise DataError(f"column {column!r} has one level only ({next(iter(pieces), 'none')}); leave it out")
    return {f"{name}[{level}]": piece for level, piece in pieces.items()}
