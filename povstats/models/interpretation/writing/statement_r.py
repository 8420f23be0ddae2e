"""The model in R: lme4 with lmerTest, and nlme."""

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from povstats.models.formula import Term
from povstats.models.interpretation.writing.statement_parts import (
    TABLE,
    Arithmetic,
    Bar,
    Statement,
    bare,
    bars,
    edge_notes,
    groups,
    learned,
    level_names,
    read_columns,
    safe_name,
)
from povstats.models.notes import Note
from povstats.models.terms import Factor, tree_of

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

RESERVED = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "NA"}


def r_name(column: str) -> str:
    """Write a column's name; an odd one stands in backticks."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9._]*", column) and column not in RESERVED
    return column if plain else f"`{column}`"


def _learned(name: str, inner: str) -> str:
    centred = f"({inner} - mean({bare(inner)}))"
    return centred if name == "center" else f"({centred} / sd({bare(inner)}))"


R = Arithmetic(r_name, "^", {"log": "log", "exp": "exp", "sqrt": "sqrt"}, _learned)


class _Table:
    """Columns to be made before the model, and what each factor is called in it."""

    def __init__(self, fit: "HLMResult") -> None:
        self.names: dict[str, str] = {}
        named = ", ".join(f'"{name}"' for name in read_columns(fit))
        self.steps = [f"{TABLE} <- {TABLE}[complete.cases({TABLE}[, c({named})]), ]"] if fit.rows.dropped else []
        numeric = {c for f in fit.model.factors.values() if f.levels is None for c in f.columns}
        for text, factor in fit.model.factors.items():
            self.names[text] = self._factor(text, factor, numeric)

    def _factor(self, text: str, factor: Factor, numeric: set[str]) -> str:
        if factor.levels is not None:
            return self._category(factor, numeric)
        tree, quoted = tree_of(text)
        if factor.groups is not None:
            assert isinstance(tree, ast.Call)
            inner, by = R.write(tree.args[0], quoted), r_name(factor.groups[0])
            mean = f"ave({bare(inner)}, {by})"
            deviation = isinstance(tree.func, ast.Name) and tree.func.id == "within"
            return self._make(text, f"{inner} - {mean}" if deviation else mean)
        if learned(text):
            return self._make(text, bare(R.write(tree, quoted)))
        match tree:
            case ast.Call(func=ast.Name(id="poly"), args=[x, ast.Constant(value=int() as degree)]):
                return f"poly({bare(R.write(x, quoted))}, {degree})"
            case ast.Name():
                return R.write(tree, quoted)
            case ast.Call(func=ast.Name(id="log" | "exp" | "sqrt")):
                return R.write(tree, quoted)
        return f"I({bare(R.write(tree, quoted))})"

    def _make(self, text: str, expression: str) -> str:
        name = safe_name(text, self.names)
        self.steps.append(f"{TABLE}${r_name(name)} <- with({TABLE}, {expression})")
        return r_name(name)

    def _category(self, factor: Factor, numeric: set[str]) -> str:
        (column,) = factor.columns
        # A column that is a number elsewhere keeps its own name for that.
        name = r_name(f"{column}_factor" if column in numeric else column)
        levels = level_names(factor)
        source = f"{TABLE}${r_name(column)}"
        if set(levels) <= {"True", "False"}:
            levels, source = [level.upper() for level in levels], f"toupper({source})"
        listed = ", ".join(f'"{level}"' for level in levels)
        self.steps.append(f"{TABLE}${name} <- factor({source}, levels = c({listed}))")
        return name

    def sum(self, terms: Sequence[Term]) -> str:
        """Write terms as the right side of a formula."""
        said = [":".join(self.names[text] for text in term) for term in terms if term]
        return " + ".join(said if () in terms and said else ["1" if () in terms else "0", *said])

    def varying(self, terms: Sequence[Term]) -> str:
        """Write what varies, the intercept always said."""
        said = [":".join(self.names[text] for text in term) for term in terms if term]
        return " + ".join(["1" if () in terms else "0", *said])


def lme4(fit: "HLMResult") -> Statement:
    """Say the model to lme4, with lmerTest for its degrees of freedom."""
    if fit.weights.sampling:
        return Statement("lme4", "", (Note("statements.lme4_sampling"),))
    table = _Table(fit)
    formula = f"{table.names[fit.model.formula.response]} ~ {table.sum(fit.model.formula.fixed)}"
    for bar in bars(fit):
        sign = "|" if bar.correlated else "||"
        formula += f" + ({table.varying(bar.terms)} {sign} {':'.join(map(r_name, bar.by))})"
    weights = f", weights = {r_name(str(fit.weights.rows))}" if fit.weights.precision else ""
    reml = "TRUE" if fit.method == "reml" else "FALSE"
    tests = {"satterthwaite": ', ddf = "Satterthwaite"', "kenward-roger": ', ddf = "Kenward-Roger"', "normal": ""}
    lines = [
        "library(lme4)" if fit.df_method == "normal" else "library(lmerTest)",
        *table.steps,
        f"fit <- lmer({formula}, data = {TABLE}, REML = {reml}{weights})",
        f"summary(fit{tests[fit.df_method]})",
    ]
    notes = [Note("statements.lme4_normal")] if fit.df_method == "normal" else []
    return Statement("lme4", "\n".join(lines), tuple(notes))


def nlme(fit: "HLMResult") -> Statement:
    """Say the model to nlme::lme."""
    if fit.weights.sampling:
        return Statement("nlme", "", (Note("statements.nlme_sampling"),))
    table = _Table(fit)
    crossed = groups(fit).crossed
    if crossed and not all(bar.intercept_only for bar in bars(fit)):
        return Statement("nlme", "", (Note("statements.nlme_crossed"),))
    random = _crossed(fit, table) if crossed else _nested(fit, table)
    weights = ""
    if fit.weights.precision:
        table.steps.append(f"{TABLE}$one_over_weight <- 1 / {TABLE}${r_name(str(fit.weights.rows))}")
        weights = ", weights = varFixed(~ one_over_weight)"
    fixed = f"{table.names[fit.model.formula.response]} ~ {table.sum(fit.model.formula.fixed)}"
    method = fit.method.upper()
    lines = [
        "library(nlme)",
        *table.steps,
        f'fit <- lme(fixed = {fixed}, random = {random}, data = {TABLE}, method = "{method}"{weights})',
        "summary(fit)",
    ]
    return Statement("nlme", "\n".join(lines), (Note("statements.nlme_dof"), *edge_notes(fit)))


def _nested(fit: "HLMResult", table: _Table) -> str:
    """Write the random part of nested groupings, from the top down."""
    parts = []
    found = bars(fit)
    for name in groups(fit).nested:
        mine = [bar for bar in found if bar.name == name]
        parts.append(f"{_factor_of(mine[0].by, table)} = {_blocks(mine, table)}")
    if len(parts) == 1 and " = ~" in parts[0]:
        group, formula = parts[0].split(" = ", 1)
        return f"{formula} | {group}"
    return f"list({', '.join(parts)})"


def _factor_of(by: tuple[str, ...], table: _Table) -> str:
    """Name a grouping's factor; of several columns it is made first."""
    if len(by) == 1:
        return r_name(by[0])
    name = r_name("_".join(by))
    made = ", ".join(f"{TABLE}${r_name(column)}" for column in by)
    step = f"{TABLE}${name} <- interaction({made}, drop = TRUE)"
    if step not in table.steps:
        table.steps.append(step)
    return name


def _blocks(mine: Sequence[Bar], table: _Table) -> str:
    """Write the covariance structure of one grouping's effects."""
    formulas = [f"~ {table.varying(bar.terms)}" for bar in mine]
    kinds = ["pdSymm" if bar.correlated else "pdDiag" for bar in mine]
    if len(mine) > 1:
        return f"pdBlocked(list({', '.join(f'{k}({f})' for k, f in zip(kinds, formulas, strict=True))}))"
    return formulas[0] if mine[0].correlated else f"pdDiag({formulas[0]})"


def _crossed(fit: "HLMResult", table: _Table) -> str:
    """Write crossed intercepts: one group of all rows, a block of equal variances for each grouping."""
    names = [_factor_of(bar.by, table) for bar in bars(fit)]
    for name, bar in zip(names, bars(fit), strict=True):
        if len(bar.by) == 1:
            table.steps.append(f"{TABLE}${name} <- factor({TABLE}${name})")
    table.steps.append(f"{TABLE}$all_rows <- factor(rep(1, nrow({TABLE})))")
    blocks = ", ".join(f"pdIdent(~ 0 + {name})" for name in names)
    return f"list(all_rows = pdBlocked(list({blocks})))"
