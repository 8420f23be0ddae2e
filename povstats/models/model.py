"""A model compiled against a table: its factors learned, its columns named."""

from collections.abc import Mapping
from dataclasses import dataclass

from povstats.engine.cells import Product
from povstats.engine.columns import Piece
from povstats.engine.learn import AnyFrame
from povstats.errors import FormulaError
from povstats.models.design import Column, columns
from povstats.models.formula import Formula
from povstats.models.terms import Factor, columns_of, learn


@dataclass(frozen=True, slots=True)
class RandomSet:
    """Effects that are correlated with each other, of one grouping.

    Attributes
    ----------
    group : the grouping as it is printed: village, or county:village. by : its columns.
    columns : the columns of Z.
    """

    group: str
    by: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What a formula means on the rows that a fit uses.

    Attributes
    ----------
    formula : the parsed text.
    factors : by text, with what they learned.
    fixed : the columns of X.
    random : the columns of Z, by correlated set.
    """

    formula: Formula
    factors: Mapping[str, Factor]
    fixed: tuple[Column, ...]
    random: tuple[RandomSet, ...]

    @property
    def groupings(self) -> dict[str, tuple[str, ...]]:
        """The grouping columns by grouping, in the order of the formula."""
        return {one.group: one.by for one in self.random}

    def sets(self, group: str) -> tuple[tuple[Column, ...], ...]:
        """Give the columns of Z of one grouping, by correlated set."""
        return tuple(one.columns for one in self.random if one.group == group)

    def effects(self, group: str) -> tuple[str, ...]:
        """Name a grouping's random effects in the order of Z."""
        return tuple(column.name for columns in self.sets(group) for column in columns)

    @property
    def response(self) -> str:
        """The piece that is the outcome."""
        return next(iter(self.factors[self.formula.response].pieces))

    @property
    def pieces(self) -> dict[str, Piece]:
        """Every row expression by name."""
        return {name: expr for factor in self.factors.values() for name, expr in factor.pieces.items()}

    @property
    def applied(self) -> dict[str, Piece]:
        """Every row expression for rows that the fit has not seen."""
        factors = self.factors.values()
        return {name: expr for factor in factors for name, expr in (factor.applied or factor.pieces).items()}

    @property
    def products(self) -> list[Product]:
        """Every product of pieces that X, Z and y are made of."""
        random = [column.pieces for one in self.random for column in one.columns]
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


def compile_model(formula: Formula, used: AnyFrame) -> Model:
    """Learn a model's factors on the rows that it uses, and name its columns.

    Parameters
    ----------
    formula : the parsed text.
    used : complete rows.

    Raises
    ------
    FormulaError
        Where the outcome is not a number, is also a predictor, or an effect varies twice.
    """
    if not formula.random:
        raise FormulaError(
            f"{formula.text!r} has no random term; add one, as in '+ (1 | village)', or fit ordinary least squares "
            "with statsmodels or linearmodels"
        )
    texts = dict.fromkeys([formula.response, *predictor_texts(formula)])
    if formula.response in predictor_texts(formula):
        raise FormulaError(f"{formula.text!r}: the outcome {formula.response!r} stands on the right side too")
    alone = {bar.group for bar in formula.random}
    group = next(iter(alone))[0] if len(alone) == 1 and len(next(iter(alone))) == 1 else None
    factors = {text: learn(text, used, group) for text in texts}
    pieces = [name for factor in factors.values() for name in factor.pieces]
    twice = sorted({name for name in pieces if pieces.count(name) > 1})
    if twice:
        raise FormulaError(f"{formula.text!r}: {', '.join(twice)} names two different columns; rename one of them")
    response = factors[formula.response]
    if response.levels is not None or len(response.pieces) != 1:
        raise FormulaError(f"the outcome {formula.response!r} must be one numeric column")
    random: list[RandomSet] = []
    for bar in formula.random:
        found, name = columns(bar.terms, factors), ":".join(bar.group)
        if bar.correlated:
            random.append(RandomSet(name, bar.group, found))
            continue
        if any(factors[text].levels is not None for term in bar.terms for text in term):
            raise FormulaError(
                f"{bar.text!r}: programs disagree about what '||' does to a categorical slope; write the terms apart, "
                "as in (1 | g) + (0 + c | g)"
            )
        random += [RandomSet(name, bar.group, (column,)) for column in found]
    if not formula.fixed:
        raise FormulaError(f"{formula.text!r} has no fixed part; leave the intercept in, as in 'y ~ 1 + (1 | g)'")
    _once(formula, random)
    return Model(formula, factors, columns(formula.fixed, factors), tuple(random))


def _once(formula: Formula, random: list[RandomSet]) -> None:
    """Refuse an effect that varies twice over the same groups, and one grouping under two names."""
    names = [(one.group, column.name) for one in random for column in one.columns]
    twice = sorted({f"{name} over {group}" for group, name in names if names.count((group, name)) > 1})
    if twice:
        raise FormulaError(
            f"{formula.text!r}: {', '.join(twice)} varies twice; lme4's (x | g) has an intercept of its own, write "
            "(0 + x | g) for the slope alone"
        )
    by: dict[frozenset[str], str] = {}
    for one in random:
        if by.setdefault(frozenset(one.by), one.group) != one.group:
            raise FormulaError(f"{formula.text!r}: {by[frozenset(one.by)]} and {one.group} are the same groups")
