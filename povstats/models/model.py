"""A model compiled against a table: its factors learned, its columns named."""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from povstats.engine.cells import Product
from povstats.errors import FormulaError
from povstats.models.design import Column, columns
from povstats.models.formula import Formula
from povstats.models.terms import Factor, Frame, columns_of, learn


@dataclass(frozen=True, slots=True)
class Model:
    """What a formula means on the rows that a fit uses.

    Attributes
    ----------
    formula : the parsed text.
    factors : by text, with what they learned.
    fixed : the columns of X.
    random : the columns of Z, one tuple for each set of correlated effects.
    """

    formula: Formula
    factors: Mapping[str, Factor]
    fixed: tuple[Column, ...]
    random: tuple[tuple[Column, ...], ...]

    @property
    def group(self) -> tuple[str, ...]:
        """The grouping columns."""
        return self.formula.random[0].group

    @property
    def group_name(self) -> str:
        """The grouping as it is printed: village, or county:village."""
        return ":".join(self.group)

    @property
    def effects(self) -> tuple[str, ...]:
        """The names of the q random effects, in the order of Z."""
        return tuple(column.name for group in self.random for column in group)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many effects each correlated set has."""
        return tuple(len(group) for group in self.random)

    @property
    def response(self) -> str:
        """The piece that is the outcome."""
        return next(iter(self.factors[self.formula.response].pieces))

    @property
    def pieces(self) -> dict[str, nw.Expr]:
        """Every row expression by name."""
        return {name: expr for factor in self.factors.values() for name, expr in factor.pieces.items()}

    @property
    def products(self) -> list[Product]:
        """Every product of pieces that X, Z and y are made of."""
        random = [column.pieces for group in self.random for column in group]
        return [column.pieces for column in self.fixed] + random + [(self.response,)]


def needed_columns(formula: Formula) -> tuple[str, ...]:
    """Name every column of the table that a formula reads: outcome, predictors, groups."""
    found = [*columns_of(formula.response)]
    for text in predictor_texts(formula):
        found += columns_of(text)
    return tuple(dict.fromkeys([*found, *(name for term in formula.random for name in term.group)]))


def predictor_texts(formula: Formula) -> tuple[str, ...]:
    """List the factors of the right side once each."""
    terms = [*formula.fixed, *(term for bar in formula.random for term in bar.terms)]
    return tuple(dict.fromkeys(text for term in terms for text in term))


def compile_model(formula: Formula, used: Frame) -> Model:
    """Learn a model's factors on the rows that it uses, and name its columns.

    Parameters
    ----------
    formula : the parsed text, with random terms over one grouping.
    used : complete rows.

    Raises
    ------
    FormulaError
        Where the outcome is not a number, is also a predictor, or an effect varies twice.
    """
    _one_grouping(formula)
    texts = dict.fromkeys([formula.response, *predictor_texts(formula)])
    if formula.response in predictor_texts(formula):
        raise FormulaError(f"{formula.text!r}: the outcome {formula.response!r} stands on the right side too")
    factors = {text: learn(text, used) for text in texts}
    pieces = [name for factor in factors.values() for name in factor.pieces]
    twice = sorted({name for name in pieces if pieces.count(name) > 1})
    if twice:
        raise FormulaError(f"{formula.text!r}: {', '.join(twice)} names two different columns; rename one of them")
    response = factors[formula.response]
    if response.levels is not None or len(response.pieces) != 1:
        raise FormulaError(f"the outcome {formula.response!r} must be one numeric column")
    random: list[tuple[Column, ...]] = []
    for bar in formula.random:
        found = columns(bar.terms, factors)
        if bar.correlated:
            random.append(found)
            continue
        if any(factors[text].levels is not None for term in bar.terms for text in term):
            raise FormulaError(
                f"{bar.text!r}: programs disagree about what '||' does to a categorical slope; write the terms apart, "
                "as in (1 | g) + (0 + c | g)"
            )
        random += [(column,) for column in found]
    if not formula.fixed:
        raise FormulaError(f"{formula.text!r} has no fixed part; leave the intercept in, as in 'y ~ 1 + (1 | g)'")
    names = [column.name for group in random for column in group]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormulaError(
            f"{formula.text!r}: {', '.join(twice)} varies over the groups twice; lme4's (x | g) has an intercept of "
            "its own, write (0 + x | g) for the slope alone"
        )
    return Model(formula, factors, columns(formula.fixed, factors), tuple(random))


def _one_grouping(formula: Formula) -> None:
    if not formula.random:
        raise FormulaError(
            f"{formula.text!r} has no random term; add one, as in '+ (1 | village)', or fit ordinary least squares "
            "with statsmodels or linearmodels"
        )
    groupings = {bar.group for bar in formula.random}
    if len(groupings) > 1:
        named = ", ".join(":".join(group) for group in sorted(groupings))
        raise FormulaError(
            f"{formula.text!r} groups by {named}; this version fits two levels, so one grouping. Keep the lower one "
            "and put the upper one into the fixed part, as in C(county)"
        )
