"""What a coefficient says in words: per cent where the outcome is a logarithm, else in the outcome's units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from povstats.models.design import Column
from povstats.models.interpretation.paragraphs.sentences import LEVEL, listed, tested
from povstats.models.model import Model
from povstats.models.summary import decimals
from povstats.models.terms import Factor
from povstats.words import Lang, say

TOLD = 8
"""Coefficients that are read one by one; of more those with the smallest p."""
PER_CENT = math.log(1.01)
"""The step of a logarithm that goes with one per cent more of what stands inside."""
FAR = 3.0
"""Log points beyond which a change is told on the log scale: it is twenty-fold, and no per cent any more."""


@dataclass(frozen=True, slots=True)
class Tests:
    """Coefficients with their tests, by term: estimate, standard error, p, and the ends of the 95 % interval."""

    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    ends: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns of X stand for.

    Attributes
    ----------
    owner : the factor of each piece. moving : by column, the pieces whose change its coefficient is about; those of a
        level coded in full are conditions instead. curved : pieces of predictors that enter by several columns.
    """

    owner: Mapping[str, Factor]
    moving: Mapping[str, frozenset[str]]
    curved: frozenset[str]


def inside(text: str, function: str) -> str | None:
    """Give what stands inside `function(…)` where a factor is that, else None."""
    plain = text.strip()
    start = f"{function}("
    return plain[len(start) : -1].strip().strip("`") if plain.startswith(start) and plain.endswith(")") else None


def logged(model: Model) -> str | None:
    """Give the quantity whose logarithm is the outcome, or None."""
    response = model.formula.response
    return inside(inside(response, "I") or response, "log")


def scale_sentences(model: Model, lang: Lang) -> list[str]:
    """Say in which unit coefficients are read."""
    quantity = logged(model)
    if quantity is None:
        return [say("explain.scale_units", lang, outcome=outcome_of(model))]
    return [say("explain.scale_log", lang, outcome=quantity)]


def outcome_of(model: Model) -> str:
    """Name the outcome as the formula has it."""
    return model.formula.response.strip("`")


def reading_sentences(model: Model, tests: Tests, lang: Lang, steady: frozenset[str] = frozenset()) -> list[str]:
    """Read the coefficients whose p is below 0.05, and name those that cannot be told from zero.

    Parameters
    ----------
    model : the compiled formula. tests : of its coefficients, or of some of them.
    steady : pieces that are constant within groups: of a product they are what moderates.
    """
    meaning = meaning_of(model)
    columns = {column.name: column for column in model.fixed if column.name in tests.params.index}
    asked = [name for name in columns if meaning.moving[name]]
    curved = [name for name in asked if meaning.moving[name] & meaning.curved]
    single = [name for name in asked if name not in curved]
    firm = [name for name in single if tests.pvalues[name] < LEVEL]
    weak = [name for name in single if not tests.pvalues[name] < LEVEL]
    shown = sorted(firm, key=lambda name: -abs(tests.params[name] / tests.std_errors[name]))[:TOLD]
    items = [_reading(model, meaning, columns[name], tests, lang, steady) for name in firm if name in shown]
    found = []
    if items:
        values = {"n": len(firm), "items": say("explain.item_joint", lang).join(items)}
        found.append(say("explain.firm", lang, **values))
    if len(firm) > len(items):
        found.append(say("explain.firm_more", lang, n=len(firm) - len(items)))
    if weak:
        found.append(say("explain.weak" if firm else "explain.weak_all", lang, names=listed(weak, lang)))
    if curved:
        found.append(say("explain.curved", lang, names=listed(curved, lang)))
    return [*found, say("explain.association", lang)] if asked else found


def meaning_of(model: Model) -> Meaning:
    """Work out what each column of X is about."""
    owner = {piece: factor for factor in model.factors.values() for piece in factor.pieces}
    moving = {
        column.name: frozenset(piece for piece in column.pieces if _moves(owner[piece], column, piece))
        for column in model.fixed
    }
    numeric = [f for text, f in model.factors.items() if f.levels is None and text != model.formula.response]
    apart = [f for f in numeric if f.groups is None]  # within(x) and between(x) are two things, not one curve
    curved = {piece for f in numeric if len(f.pieces) > 1 for piece in f.pieces}
    for one in apart:
        if any(other is not one and set(other.columns) & set(one.columns) for other in apart):
            curved |= set(one.pieces)
    return Meaning(owner, moving, frozenset(curved))


def conditions(model: Model, meaning: Meaning, column: Column, lang: Lang) -> list[str]:
    """Say where a coefficient holds: at zero of what its pieces are multiplied with elsewhere, at full levels."""
    own = meaning.moving[column.name]
    fixed = [piece for piece in column.pieces if piece not in own]
    found = [_equal(meaning.owner[piece], _level(meaning.owner[piece], piece), lang) for piece in fixed]
    for other in model.fixed:
        if own < meaning.moving[other.name]:
            for piece in sorted(meaning.moving[other.name] - own):
                factor = meaning.owner[piece]
                zero = "0" if factor.levels is None else _level(factor, factor.levels[0])
                found.append(_equal(factor, zero, lang))
    return list(dict.fromkeys(found))


def _moves(factor: Factor, column: Column, piece: str) -> bool:
    contrast = f"{factor.name}[T.{piece[len(factor.name) + 1 :]}"
    return factor.levels is None or contrast in column.name


def _level(factor: Factor, piece: str) -> str:
    return piece[len(factor.name) + 1 : -1]


def _equal(factor: Factor, value: str, lang: Lang) -> str:
    name = factor.name if factor.levels is None else factor.columns[0]
    return say("explain.equal", lang, name=name, value=value)


def _change(factor: Factor, piece: str, lang: Lang) -> tuple[str, float]:
    """Say by what a predictor changes, and how far that is on the predictor's scale."""
    if factor.levels is not None:
        levels = {"level": _level(factor, piece), "reference": _level(factor, factor.levels[0])}
        return say("explain.change_level", lang, column=factor.columns[0], **levels), 1.0
    text = inside(factor.text, "center") or factor.name
    log, scaled = inside(text, "log"), inside(text, "scale")
    if log is not None:
        return say("explain.change_log", lang, name=log), PER_CENT
    if scaled is not None:
        return say("explain.change_sd", lang, name=scaled), 1.0
    return say("explain.change_unit", lang, name=text), 1.0


def _reading(model: Model, meaning: Meaning, column: Column, tests: Tests, lang: Lang, steady: frozenset[str]) -> str:
    """Read one coefficient."""
    name, own = column.name, meaning.moving[column.name]
    # Of a product the group's own factor moderates, else the last of the name; the others have the coefficient.
    last = max(own, key=lambda piece: (piece in steady, _place(name, meaning.owner[piece], piece)))
    change, step = _change(meaning.owner[last], last, lang)
    numbers = [step * float(v) for v in (tests.params[name], tests.ends.low[name], tests.ends.high[name])]
    quantity = logged(model)
    at = conditions(model, meaning, column, lang)
    where = say("explain.where", lang, conditions=listed(at, lang)) if at else ""
    values = {"change": change, "where": where, "p": tested(tests.pvalues[name])}
    direction = "higher" if numbers[0] > 0 else "lower"
    if len(own) > 1:
        rest = ":".join(_label(name, meaning.owner[p], p) for p in column.pieces if p in own and p != last)
        amount, low, high = _plain(numbers, step * tests.std_errors[name], quantity is not None, lang)
        words = values | {"first": rest, "amount": amount, "low": low, "high": high}
        return say(f"explain.slope_{direction}", lang, **words)
    percent = quantity is not None and abs(numbers[0]) <= FAR
    write = _percent(numbers, lang) if percent else _plain(numbers, step * tests.std_errors[name], bool(quantity), lang)
    outcome = quantity or outcome_of(model)
    words = values | dict(zip(("amount", "low", "high"), write, strict=True)) | {"outcome": outcome}
    return say(f"explain.goes_{direction}", lang, **words)


def _label(name: str, factor: Factor, piece: str) -> str:
    contrast = f"{factor.name}[T.{piece[len(factor.name) + 1 :]}"
    return contrast if contrast in name else piece


def _place(name: str, factor: Factor, piece: str) -> int:
    return name.rfind(_label(name, factor, piece))


def _percent(numbers: list[float], lang: Lang) -> tuple[str, str, str]:
    """Write 100(exp b − 1) of an estimate, without its sign, and of the ends of its interval."""
    value, low, high = (100 * float(np.expm1(min(number, 700.0))) for number in numbers)
    digits = int(np.clip(1 - np.floor(np.log10(max(high - low, 1e-12) / 4)), 0, 6))
    amount, left, right = (say("explain.per_cent", lang, value=f"{one:.{digits}f}") for one in (abs(value), low, high))
    return amount, left, right


def _plain(numbers: list[float], se: float, log: bool, lang: Lang) -> tuple[str, str, str]:
    """Write an estimate, without its sign, and its interval with the digits of the summary."""
    digits = decimals(se)
    value, low, high = (f"{one:.{digits}f}" for one in (abs(numbers[0]), *numbers[1:]))
    return (say("explain.log_points", lang, value=value) if log else value), low, high


__all__ = ["Tests", "conditions", "logged", "meaning_of", "outcome_of", "reading_sentences", "scale_sentences"]
