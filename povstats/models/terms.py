"""From terms to narwhals expressions, from a stated list of functions; no text is ever run as code.

What a factor learns from the data (levels, centres, the polynomial's recurrence) is learned once, on the rows that
the model uses, and is applied unchanged to new data.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import narwhals.stable.v2 as stable

from povstats.engine.columns import Piece, near
from povstats.engine.learn import AnyFrame, distinct, dtype_of, means_by, names_of, spread_of
from povstats.engine.moments import evaluate
from povstats.errors import DataError, FormulaError
from povstats.models.polynomial import orthogonal

FUNCTIONS = ("log", "exp", "sqrt", "center", "scale", "within", "between", "C", "I", "poly")
SIMPLE = ("log", "exp", "sqrt", "center", "scale", "I")
"""Those that stand inside others too: functions of one expression, row by row once centre and scale are known."""
LONGEST = 300
"""Parts (names, numbers, operators) of one factor; a recursion over more could run out of stack."""
SPACES = re.compile(r"[\s`]+")
Frame = nw.DataFrame[Any]


@dataclass(frozen=True, slots=True)
class Factor:
    """What one factor contributes: numeric pieces, or one indicator a level.

    Attributes
    ----------
    text : the factor as formulaic gives it, odd column names in backticks.
    name : the same as it is printed.
    columns : the table's columns it reads.
    pieces : expression, or column taken as it is, by piece name; for a categorical factor one 0/1 piece a level.
    levels : the levels in order, or None for a numeric factor.
    applied : the pieces for rows that the fit has not seen, where they differ: means by group come from the fit.
    groups : the column and the groups whose means were learned.
    kind : of a categorical factor, what its column held: "number", "text", "boolean" or "category".
    """

    text: str
    name: str
    columns: tuple[str, ...]
    pieces: Mapping[str, Piece]
    levels: tuple[str, ...] | None
    applied: Mapping[str, Piece] | None = None
    groups: tuple[str, tuple[Any, ...]] | None = None
    kind: str = "number"


def columns_of(text: str) -> tuple[str, ...]:
    """Name the table's columns that a factor reads, in order of appearance."""
    tree, quoted = tree_of(text)
    # A word before a bracket names a function, even where a column has the same name.
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called]
    return tuple(dict.fromkeys(quoted.get(node.id, node.id) for node in names))


def learn(text: str, frame: AnyFrame, group: str | None = None) -> Factor:
    """Compile one factor against the rows that the model uses.

    Parameters
    ----------
    text : the factor, such as "x", "C(county)", "log(`total cost`)" or "poly(age, 2)".
    frame : the used rows, without missing values in the factor's columns; eager or lazy.
    group : the grouping that within(x) and between(x) mean where they do not name one.

    Raises
    ------
    FormulaError
        Where the text asks for anything but columns, numbers, arithmetic and the listed functions.
    DataError
        Where a column's kind does not fit (dates, text inside log(), one level only).
    """
    tree, quoted = tree_of(text)
    name = text.strip("`") if re.fullmatch(r"`[^`]+`", text) else text
    columns = columns_of(text)
    if not columns:
        _compile(tree, text, frame, quoted)  # says what is not on the list, where that is the fault
        raise FormulaError(f"{text!r} reads no column of the table; leave it out")
    call = tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""
    if call == "C" or (isinstance(tree, ast.Name) and not _numeric(frame, columns[0])):
        inner = _only_argument(tree, text) if call == "C" else tree
        if not isinstance(inner, ast.Name):
            raise FormulaError(f"{text!r}: C() takes one column")
        pieces = _indicators(frame, columns[0], name)
        return Factor(text, name, columns, pieces, tuple(pieces), kind=kind_of(dtype_of(frame, columns[0])))
    if call in ("within", "between"):
        return _about_groups(tree, (text, name), frame, quoted, group)
    if call == "poly":
        return Factor(text, name, columns, _polynomial(tree, text, frame, quoted), None)
    compiled = _compile(tree, text, frame, quoted)  # refuses what is no number
    plain = isinstance(tree, ast.Name)
    return Factor(text, name, columns, {name: columns[0] if plain else compiled}, None)


def same_text(one: str, other: str) -> bool:
    """Tell whether two factors differ in spaces and backticks alone, as within(x,g) and within(x, g) do."""
    return one == other or SPACES.sub("", one) == SPACES.sub("", other)


def tree_of(text: str) -> tuple[ast.expr, dict[str, str]]:
    """Parse a factor into a syntax tree, with backticked names under stand-ins."""
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        key = f"quoted_{len(quoted)}_"
        quoted[key] = match.group(1)
        return key

    try:
        tree = ast.parse(re.sub(r"`([^`]+)`", stand_in, text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"{text[:80]!r} cannot be read; odd column names stand in backticks") from error
    if sum(1 for _ in ast.walk(tree)) > LONGEST:
        raise FormulaError(f"{text[:80]!r} … is too long for one factor; compute a column of it first")
    return tree, quoted


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


def _about_groups(
    tree: ast.expr, named: tuple[str, str], frame: AnyFrame, quoted: Mapping[str, str], group: str | None
) -> Factor:
    """Read within(x, g), x less its mean in the group, or between(x, g), that mean, over the used rows."""
    text, name = named
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    match tree.args:
        case [inner, ast.Name(id=given)] if not tree.keywords:
            by = quoted.get(given, given)
        case [inner] if group is not None and not tree.keywords:
            by = group
        case _:
            raise FormulaError(
                f"{text!r}: write {tree.func.id}(x, village), with the grouping column where the model has several"
            )
    if by not in names_of(frame):
        raise FormulaError(near(by, names_of(frame)))
    x = _compile(inner, text, frame, quoted)
    spread_of(frame, text, x)  # refuses what is not finite, with its rows
    learned = means_by(frame, text, x, by)
    own = x.mean().over(by)
    seen = nw.col(by).replace_strict(list(learned), list(learned.values()), return_dtype=nw.Float64)
    deviation = tree.func.id == "within"
    columns = tuple(dict.fromkeys([*columns_of(text), by]))
    fitted, applied = (x - own, x - seen) if deviation else (own, seen)
    return Factor(text, name, columns, {name: fitted}, None, {name: applied}, (by, tuple(learned)))


def _compile(node: ast.expr, text: str, frame: AnyFrame, quoted: Mapping[str, str]) -> nw.Expr:
    """Turn a numeric syntax tree into a narwhals expression."""
    match node:
        case ast.Name(id=name):
            column = quoted.get(name, name)
            if not _numeric(frame, column):
                raise DataError(f"{text!r}: column {column!r} is {dtype_of(frame, column)}, not a number")
            return nw.col(column).cast(nw.Float64)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return nw.lit(float(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return 0.0 - _compile(operand, text, frame, quoted)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _compile(left, text, frame, quoted), _compile(right, text, frame, quoted), text)
        case ast.Call(func=ast.Name(id=name)) if name in SIMPLE:
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


def _function(name: str, inner: nw.Expr, text: str, frame: AnyFrame) -> nw.Expr:
    match name:
        case "log":
            return inner.log()
        case "exp":
            return inner.exp()
        case "sqrt":
            return inner.sqrt()
        case "center":
            return inner - spread_of(frame, text, inner).mean
        case "scale":
            found = spread_of(frame, text, inner)
            if found.low == found.high:
                raise DataError(f"{text!r}: the column does not vary, so it cannot be scaled")
            return (inner - found.mean) / found.sd
    return inner


def _polynomial(node: ast.expr, text: str, frame: AnyFrame, quoted: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Read poly(x, degree) and learn its recurrence."""
    if isinstance(frame, nw.LazyFrame):
        raise FormulaError(
            f"{text!r}: orthogonal polynomials are learned from all values at once; in a table that stays in its "
            "engine write x + I(x ** 2), or compute the columns first"
        )
    match node:
        case ast.Call(args=[inner, ast.Constant(value=int() as degree)], keywords=[]) if (
            degree is not True and 1 <= degree <= 9
        ):
            x = _compile(inner, text, frame, quoted)
        case _:
            raise FormulaError(f"{text!r}: write poly(x, 2) with a degree from 1 to 9")
    values = evaluate(frame, text, x)
    return {f"{text}[{k}]": piece for k, piece in enumerate(orthogonal(x, values, degree, text), 1)}


def kind_of(dtype: Any) -> str:
    """Say what a column holds: "number", "text", "boolean", "category", or "" for anything else."""
    if dtype.is_numeric():
        return "number"
    kinds = {"boolean": nw.Boolean, "text": nw.String, "category": nw.Categorical | nw.Enum}
    return next((kind for kind, one in kinds.items() if isinstance(dtype, one)), "")


def _numeric(frame: AnyFrame, column: str) -> bool:
    if column not in names_of(frame):
        raise FormulaError(near(column, names_of(frame)))
    return bool(dtype_of(frame, column).is_numeric())


def _indicators(frame: AnyFrame, column: str, name: str) -> dict[str, nw.Expr]:
    """Learn the levels: text alphabetically, categoricals in their own order; unused levels are left out."""
    numeric = _numeric(frame, column)
    series = distinct(frame, column)
    dtype = dtype_of(frame, column)
    expr = nw.col(column)
    if isinstance(dtype, nw.Boolean):
        levels: list[Any] = [value for value in (False, True) if value in series.unique().to_list()]
        pieces = {str(v): (expr if v else ~expr).cast(nw.Float64) for v in levels}
    elif isinstance(dtype, nw.Categorical | nw.Enum):
        # The stable interface: only there narwhals still tells the order of a column's own categories.
        own = stable.from_native(series.to_native(), series_only=True).cat.get_categories()
        order = [str(v) for v in own.to_list()]
        present = {str(v) for v in series.unique().to_list()}
        pieces = {v: (expr.cast(nw.String) == v).cast(nw.Float64) for v in order if v in present}
    elif numeric or isinstance(dtype, nw.String):
        pieces = {str(v): (expr == v).cast(nw.Float64) for v in sorted(series.unique().to_list())}
    else:
        raise DataError(f"column {column!r} is {dtype}; turn it into numbers, text or a categorical first")
    if len(pieces) < 2:
        raise DataError(f"column {column!r} has one level only ({next(iter(pieces), 'none')}); leave it out")
    return {f"{name}[{level}]": piece for level, piece in pieces.items()}
