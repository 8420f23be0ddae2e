"""Tests of slope variances, and the texts of the models that they compare."""

from dataclasses import replace
from keyword import iskeyword

from povstats.engine.source import Table
from povstats.errors import FitError, FormulaError
from povstats.models.fit import fit_hlm
from povstats.models.formula import Formula, RandomTerm, Term
from povstats.models.inference.compare import compare
from povstats.models.notes import Note
from povstats.models.specification_tested import Tested


def slope_tests(formula: Formula, by: tuple[str, ...], slope: str | None, table: Table) -> tuple[Tested, ...]:
    """Test the variance of each random slope of a grouping by the likelihood ratio (REML), one at a time.

    Parameters
    ----------
    formula : the parsed text.
    by : the grouping whose slopes are tested.
    slope : one slope, as the formula writes it; where the formula has no such slope it is added to the larger model.
        None tests every slope that the formula has.
    """
    own = [bar for bar in formula.random if bar.group == by]
    found = [(bar, term) for bar in own for term in bar.terms if term]
    if slope is None:
        return tuple(_tested(formula, _without(formula, bar, term), term, table) for bar, term in found)
    term = _term(slope)
    held = [bar for bar, known in found if set(known) == set(term)]
    if held:
        same = next(known for known in held[0].terms if set(known) == set(term))
        return (_tested(formula, _without(formula, held[0], same), same, table),)
    bar = next((bar for bar in own if bar.correlated and () in bar.terms), own[0])
    larger = replace(bar, terms=(*bar.terms, term))
    return (_tested(_swapped(formula, bar, [larger]), formula, term, table),)


def spelled(formula: Formula) -> str:
    """Write a formula out again, one bar a grouping."""
    bars = [f"({_sum(bar.terms)} {'|' if bar.correlated else '||'} {_group(bar.group)})" for bar in formula.random]
    return f"{formula.response} ~ {' + '.join([_sum(formula.fixed), *bars])}"


def _tested(large: Formula, small: Formula, term: Term, table: Table) -> Tested:
    name = ":".join(term)
    try:
        compared = compare(fit_hlm(spelled(small), table), fit_hlm(spelled(large), table))
    except FitError as error:
        return Tested("slope", reason=Note("models.spec_no_slope", {"error": str(error)}), term=name)
    row = compared.table.iloc[1]
    return Tested("slope", row["chi2"], row["df"], float("inf"), row["p"], compared.reference[1], term=name)


def _without(formula: Formula, bar: RandomTerm, term: Term) -> Formula:
    terms = tuple(one for one in bar.terms if one != term)
    return _swapped(formula, bar, [replace(bar, terms=terms)] if terms else [])


def _swapped(formula: Formula, old: RandomTerm, new: list[RandomTerm]) -> Formula:
    random = tuple(part for bar in formula.random for part in (new if bar is old else [bar]))
    return replace(formula, random=random)


def _term(slope: str) -> Term:
    if not slope.strip() or any(sign in slope for sign in "|~+"):
        raise FormulaError(f"slope={slope!r} must be one term, such as 'trust' or 'trust:aid'")
    return tuple(part.strip() for part in slope.split(":"))


def _sum(terms: tuple[Term, ...]) -> str:
    parts = [":".join(term) for term in terms if term]
    return " + ".join(["1" if () in terms else "0", *parts])


def _group(names: tuple[str, ...]) -> str:
    return ":".join(name if name.isidentifier() and not iskeyword(name) else f"`{name}`" for name in names)
