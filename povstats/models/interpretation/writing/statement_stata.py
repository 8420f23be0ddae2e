"""The model in Stata: mixed."""

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from povstats.models.design import Column
from povstats.models.formula import Term
from povstats.models.interpretation.writing.statement_parts import (
    LONGEST,
    Arithmetic,
    Bar,
    Statement,
    bare,
    bars,
    by_contrasts,
    groups,
    level_names,
    read_columns,
    safe_name,
)
from povstats.models.notes import Note
from povstats.models.terms import Factor, tree_of

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


class _Table:
    """Variables to be made before the model; Stata wants plain names of at most 32 signs."""

    def __init__(self, fit: "HLMResult") -> None:
        self.fit = fit
        self.renamed: dict[str, str] = {}
        self.steps: list[str] = []
        for column in read_columns(fit):
            self.renamed[column] = name = safe_name(column, self.renamed)
            if name != column:
                self.steps.append(f'* "{column}" -> {name}')
        if fit.rows.dropped:
            self.steps.append(f"drop if missing({', '.join(self.renamed.values())})")
        self.taken = dict(self.renamed)
        self.made = 0
        self.language = Arithmetic(
            self.renamed.__getitem__, "^", {"log": "ln", "exp": "exp", "sqrt": "sqrt"}, self._learned
        )
        self.names = {text: self._factor(text, factor) for text, factor in fit.model.factors.items()}

    def _new(self, text: str) -> str:
        name = safe_name(text, self.taken)
        self.taken[f"made {name}"] = name
        return name

    def _learned(self, function: str, inner: str) -> str:
        """Put an inner expression into a variable of its own, whose mean Stata then knows."""
        self.made += 1
        name = self._new(f"part_{self.made}")
        self.steps += [f"generate double {name} = {bare(inner)}", f"quietly summarize {name}"]
        self.steps.append(
            f"replace {name} = " + (f"{name} - r(mean)" if function == "center" else f"({name} - r(mean)) / r(sd)")
        )
        return name

    def _factor(self, text: str, factor: Factor) -> list[str]:
        tree, quoted = tree_of(text)
        if factor.levels is not None:
            return [self._category(factor)]
        if isinstance(tree, ast.Name):
            return [self.language.write(tree, quoted)]
        if factor.groups is not None:
            return [self._about_groups(text, factor)]
        match tree:
            case ast.Call(func=ast.Name(id="poly"), args=[x, ast.Constant(value=int() as degree)]):
                return self._polynomial(text, self.language.write(x, quoted), degree)
        expression = bare(self.language.write(tree, quoted))
        if re.fullmatch(r"part_\d+", expression):
            return [self._rename(expression, text)]
        name = self._new(text)
        self.steps.append(f"generate double {name} = {expression}")
        return [name]

    def _rename(self, made: str, text: str) -> str:
        name = self._new(text)
        self.steps.append(f"rename {made} {name}")
        return name

    def _about_groups(self, text: str, factor: Factor) -> str:
        tree, quoted = tree_of(text)
        assert isinstance(tree, ast.Call)
        assert factor.groups is not None
        inner, by = self.language.write(tree.args[0], quoted), self.renamed[factor.groups[0]]
        deviation = isinstance(tree.func, ast.Name) and tree.func.id == "within"
        name = self._new(text)
        self.steps.append(f"egen double {name} = mean({bare(inner)}), by({by})")
        if deviation:
            self.steps.append(f"replace {name} = {inner} - {name}")
        return name

    def _polynomial(self, text: str, x: str, degree: int) -> list[str]:
        """Make powers whose squares add up to 1, as R's poly() and povstats have them."""
        source = x
        if not re.fullmatch(r"\w+", x):
            source = self._new(f"x of {text}")
            self.steps.append(f"generate double {source} = {bare(x)}")
        names = [self._new(f"{text}_{k}") for k in range(1, degree + 1)]
        self.steps.append(f"orthpoly {source}, generate({' '.join(names)}) degree({degree})")
        for name in names:
            sums = self._new(f"sum_{name}")
            self.steps += [f"egen double {sums} = total({name}^2)", f"replace {name} = {name} / sqrt({sums})"]
        return names

    def _category(self, factor: Factor) -> str:
        """Give a variable with the levels numbered in their order: text is encoded, whole numbers stay."""
        column, levels = self.renamed[factor.columns[0]], level_names(factor)
        whole = all(re.fullmatch(r"\d{1,8}", level) for level in levels)
        if whole and levels == sorted(levels, key=int):
            return column
        name = self._new(f"{column[: LONGEST - 5]}_code")
        defined = " ".join(f'{turn} "{level}"' for turn, level in enumerate(levels, start=1))
        self.steps += [f"label define {name} {defined}", f"encode {column}, generate({name}) label({name})"]
        return name

    def fixed(self, term: Term) -> list[str]:
        """Write one term of the fixed part."""
        parts: list[list[str]] = []
        for text in term:
            if self.fit.model.factors[text].levels is not None:
                prefix = "i" if by_contrasts(self.fit, term, text) else "ibn"
                parts.append([f"{prefix}.{self.names[text][0]}"])
            else:
                parts.append([name if len(term) == 1 else f"c.{name}" for name in self.names[text]])
        out = [""]
        for part in parts:
            out = [f"{said}#{one}" if said else one for said in out for one in part]
        return out

    def varying(self, column: Column) -> str:
        """Name the variable of a random effect; products and single levels are made first."""
        owner = {piece: text for text, factor in self.fit.model.factors.items() for piece in factor.pieces}
        parts = []
        for piece in column.pieces:
            factor = self.fit.model.factors[owner[piece]]
            place = list(factor.pieces).index(piece)
            if factor.levels is None:
                parts.append(self.names[owner[piece]][place])
                continue
            code = self.names[owner[piece]][0]
            level = place + 1 if code.endswith("_code") else level_names(factor)[place]
            name = self._new(f"{code}_{level}")
            self.steps.append(f"generate byte {name} = {code} == {level}")
            parts.append(name)
        if len(parts) == 1:
            return parts[0]
        name = self._new("_x_".join(parts))
        self.steps.append(f"generate double {name} = {' * '.join(parts)}")
        return name


def stata(fit: "HLMResult") -> Statement:
    """Say the model to mixed. Not run here: checked against Stata's manual only."""
    if fit.weights.precision:
        return Statement("stata", "", (Note("statements.stata_precision"),))
    notes = [Note("statements.not_run")]
    if any(factor.levels is not None for factor in fit.model.factors.values()):
        notes.append(Note("statements.stata_codes"))
    table, order = _Table(fit), groups(fit)
    found = bars(fit)
    if any(not bar.intercept_only for bar in found if bar.name in order.crossed):
        return Statement("stata", "", (Note("statements.stata_crossed"),))
    equations = [f"|| _all: R.{_group(bar, table)}" for bar in found if bar.name in order.crossed]
    for name in order.nested:
        mine = [bar for bar in found if bar.name == name]
        equations += [_equation(bar, table, fit.weights.levels.get(name) if bar is mine[0] else None) for bar in mine]
    options = ["reml" if fit.method == "reml" else "mle"]
    if fit.df_method != "normal":
        if fit.method == "reml":
            options.append(f"dfmethod({'kroger' if fit.df_method == 'kenward-roger' else 'satterthwaite'})")
        else:
            notes.append(Note("statements.stata_ml_dof"))
    weight, scaled = _weights(fit, table, notes)
    options += scaled
    fixed = [said for term in fit.model.formula.fixed if term for said in table.fixed(term)]
    response = table.names[fit.model.formula.response][0]
    none = "" if () in fit.model.formula.fixed else ", noconstant"
    # A re_equation with options of its own has its comma; the model's follow the last one.
    joint = " " if "," in equations[-1] else ", "
    lines = [" ".join(["mixed", response, *fixed]) + weight + none, *equations]
    command = " ///\n    ".join(lines) + joint + " ".join(options)
    return Statement("stata", "\n".join([*table.steps, command]), tuple(notes))


def _group(bar: Bar, table: _Table) -> str:
    """Name a grouping's variable; of several it is made first."""
    labels = table.fit.cells.groupings[bar.name].labels
    if len(bar.by) == 1 and isinstance(labels[0], int | np.integer):
        return table.renamed[bar.by[0]]
    names = [table.renamed[name] for name in bar.by]
    made = ("_".join(names) + ("_group" if len(names) == 1 else ""))[:LONGEST]
    step = f"egen long {made} = group({' '.join(names)})"
    if step not in table.steps:
        table.steps.append(step)
    return made


def _equation(bar: Bar, table: _Table, weight: str | None) -> str:
    """Write one re_equation."""
    varying = [table.varying(column) for column in bar.columns if column.pieces]
    options = [] if () in bar.terms else ["noconstant"]
    if len(bar.columns) > 1:
        options.append("covariance(unstructured)" if bar.correlated else "covariance(independent)")
    if weight is not None:
        options.append(f"pweight({table.renamed[weight]})")
    head = f"|| {_group(bar, table)}:" + "".join(f" {name}" for name in varying)
    return f"{head}, {' '.join(options)}" if options else head


def _weights(fit: "HLMResult", table: _Table, notes: list[Note]) -> tuple[str, Sequence[str]]:
    """Write the rows' sampling weight, and how weights are scaled."""
    if not fit.weights.sampling:
        return "", []
    if fit.weights.rows is None:
        table.steps.append("generate byte one = 1")
    weight = f" [pw = {table.renamed[fit.weights.rows] if fit.weights.rows is not None else 'one'}]"
    if fit.weights.scaling == "none":
        return weight, []
    if len(fit.ngroups) > 1:
        notes.append(Note("statements.stata_scaling"))
        return weight, []
    return weight, [f"pwscale({fit.weights.scaling})"]
