"""A fitted model as other programs want to hear it: its bars, its factors, and arithmetic written in their language."""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from povstats.models.design import Column, columns
from povstats.models.formula import Term
from povstats.models.notes import Note
from povstats.models.terms import Factor, tree_of

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

TABLE = "d"
"""The name of the table in R and Python."""
LONGEST = 32
"""Signs of a name in Stata."""
LEARNED = ("center", "scale", "within", "between")
"""Functions that need the rows' mean, spread or groups: other programs make a column of them first."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one program is told.

    Attributes
    ----------
    program : "lme4", "nlme", "stata", "hlm" or "statsmodels".
    code : the statement; "" where the program cannot say this model.
    notes : what it cannot say, and what differs.
    """

    program: str
    code: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One random term of one grouping.

    Attributes
    ----------
    by : the grouping's columns. terms : what varies, as in the formula; columns : the same as columns of Z.
    correlated : its effects have covariances.
    """

    by: tuple[str, ...]
    terms: tuple[Term, ...]
    columns: tuple[Column, ...]
    correlated: bool

    @property
    def name(self) -> str:
        """The grouping as it is printed."""
        return ":".join(self.by)

    @property
    def intercept_only(self) -> bool:
        """Tell whether only the intercept varies."""
        return self.terms == ((),)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groupings of a model: nested ones from the top down, and those that cross them."""

    nested: tuple[str, ...]
    crossed: tuple[str, ...]


def bars(fit: "HLMResult") -> tuple[Bar, ...]:
    """List the random terms in the formula's order."""
    return tuple(
        Bar(one.group, one.terms, columns(one.terms, fit.model.factors), one.correlated)
        for one in fit.model.formula.random
    )


def groups(fit: "HLMResult") -> Groups:
    """Tell how the groupings lie in each other."""
    levels = fit.optimum.blocks.levels
    nested = [level.name for level in levels if level.repeat == 1]
    return Groups(tuple(reversed(nested)), tuple(level.name for level in levels if level.repeat > 1))


def edge_notes(fit: "HLMResult") -> list[Note]:
    """Warn of programs whose search is not made for a variance of zero."""
    return [Note("statements.boundary")] if fit.status == "boundary" else []


def read_columns(fit: "HLMResult") -> tuple[str, ...]:
    """Name the table's columns that the model reads, outcome first."""
    formula, factors = fit.model.formula, fit.model.factors
    found = [*factors[formula.response].columns]
    for factor in factors.values():
        found += factor.columns
    found += [name for one in formula.random for name in one.group]
    return tuple(dict.fromkeys([*found, *fit.weights.columns]))


def level_names(factor: Factor) -> list[str]:
    """Give a categorical factor's levels as text, in their order."""
    return [piece[len(factor.name) + 1 : -1] for piece in factor.levels or ()]


def by_contrasts(fit: "HLMResult", term: Term, text: str) -> bool:
    """Tell whether a categorical factor of a fixed term is coded by contrasts with its first level."""
    owner = {piece: key for key, factor in fit.model.factors.items() for piece in factor.pieces}
    mine = [c for c in fit.model.fixed if {owner[piece] for piece in c.pieces} == set(term)]
    return any(f"{fit.model.factors[text].name}[T." in column.name for column in mine)


def learned(text: str) -> bool:
    """Tell whether a factor rests on means or spreads of the rows."""
    calls = [node.func for node in ast.walk(tree_of(text)[0]) if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id in LEARNED for call in calls)


def safe_name(text: str, taken: Mapping[str, str]) -> str:
    """Make a plain name of a factor's text, such as within_ses_school, that is not taken yet."""
    name = re.sub(r"\W+", "_", text).strip("_") or "x"
    name = (f"v_{name}" if name[0].isdigit() else name)[:LONGEST]
    used, number = set(taken.values()), 2
    while name in used:
        tail = f"_{number}"
        name, number = name[: LONGEST - len(tail)].rstrip("_") + tail, number + 1
    return name


@dataclass(frozen=True)
class Arithmetic:
    """How a language writes numbers, columns and functions.

    Attributes
    ----------
    column : writes a column. power : the sign of powers. functions : log, exp, sqrt.
    call : writes center or scale of an expression that is already written.
    """

    column: Callable[[str], str]
    power: str
    functions: Mapping[str, str]
    call: Callable[[str, str], str]

    def text(self, factor: str) -> str:
        """Write a factor."""
        tree, quoted = tree_of(factor)
        return self.write(tree, quoted)

    def write(self, node: ast.expr, quoted: Mapping[str, str]) -> str:
        """Write a numeric syntax tree, with brackets around every operation inside another."""
        match node:
            case ast.Name(id=name):
                return self.column(quoted.get(name, name))
            case ast.Constant(value=value):
                return repr(value)
            case ast.UnaryOp(operand=operand):
                return f"(-{self.write(operand, quoted)})"
            case ast.BinOp(left=left, op=op, right=right):
                sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: self.power}[type(op)]
                return f"({self.write(left, quoted)} {sign} {self.write(right, quoted)})"
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]):
                said = self.write(inner, quoted)
                if name == "I":
                    return said
                return self.call(name, said) if name in LEARNED else f"{self.functions[name]}({bare(said)})"
        raise AssertionError(f"{ast.unparse(node)} was let through by the formula's reader")


def bare(text: str) -> str:
    """Take off the one pair of brackets that holds a whole expression."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1]
