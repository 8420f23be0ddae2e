"""A model taken apart by level: which coefficient stands before which predictor, and what explains it one level up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from povstats.engine.cells import Product
from povstats.models.constancy import constant_within
from povstats.models.design import Column

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

COEFFICIENTS = "ωλψπβγ"
RESIDUALS = "ωζεeru"
"""Letters from the highest number of levels down, as HLM uses them: β, γ and r, u of two levels; π, β, γ of three."""
CROSSED = "uvwst"
ROWS, GROUPS = "i", "jklmno"
Path = tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with its numbers and the indices of what it varies over, as γ with 1, 0 and no index."""

    letter: str
    digits: tuple[int, ...]
    index: str


@dataclass(frozen=True, slots=True)
class Addend:
    """A symbol times a product of predictors."""

    symbol: Symbol
    pieces: Product


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation; its left side is the outcome where it is None."""

    left: Symbol | None
    right: tuple[Addend, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """Random effects that are correlated with each other: their grouping, columns and symbols."""

    group: str
    columns: tuple[Column, ...]
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """All equations of a model.

    Attributes
    ----------
    stages : the groupings of each level above the rows; one a level where they nest, all together where they cross.
    levels : the equations by level, the rows' first. combined : all put into one.
    effects : the random effects by correlated set. fixed : the symbols of `params`, in order.
    residual : that of the rows. index : the outcome's and each predictor's index.
    """

    stages: tuple[tuple[str, ...], ...]
    levels: tuple[tuple[Equation, ...], ...]
    combined: Equation
    effects: tuple[Effects, ...]
    fixed: tuple[Symbol, ...]
    residual: Symbol
    index: dict[str, str]


class _Parts:
    """The split of columns by level, and the numbers of coefficients."""

    def __init__(self, fit: "HLMResult") -> None:
        levels = fit.optimum.blocks.levels
        names = [level.name for level in levels]
        crossed = any(level.repeat > 1 for level in levels)
        self.cells, self.model = fit.cells, fit.model
        self.stages = (tuple(names),) if crossed else tuple((name,) for name in names)
        self.letter = dict(zip(names, GROUPS, strict=False))
        self.children: dict[Path, list[Product]] = {}
        for column in self.model.fixed:
            self._grow(self.split(column))
        for one in self.model.random:
            for column in one.columns:
                self._grow(self.split(column)[: self.stage(one.group)])
        for found in self.children.values():
            found.sort(key=lambda part: part != ())  # stable: the intercept first, the others as written

    def stage(self, group: str) -> int:
        """Give a grouping's level, from 1."""
        return next(m for m, groups in enumerate(self.stages, start=1) if group in groups)

    def home(self, piece: str) -> str | None:
        """Name the highest grouping within which a piece is constant; None for a household's own."""
        found = [g for groups in self.stages for g in groups if constant_within(self.cells, piece, g)]
        return found[-1] if found else None

    def split(self, column: Column) -> Path:
        """Give a column's pieces by level, the rows' own first."""
        parts: list[list[str]] = [[] for _ in range(len(self.stages) + 1)]
        for piece in column.pieces:
            home = self.home(piece)
            parts[0 if home is None else self.stage(home)].append(piece)
        return tuple(tuple(part) for part in parts)

    def _grow(self, path: Path) -> None:
        for depth, part in enumerate(path):
            found = self.children.setdefault(path[:depth], [])
            if part not in found:
                found.append(part)

    def over(self, stage: int) -> str:
        """Give the indices of the groupings of a level and above."""
        letters = "".join(self.letter[g] for groups in self.stages[stage - 1 :] for g in groups)
        return f"({letters})" if stage == 1 and len(self.stages[0]) > 1 else letters

    def digits(self, path: Path) -> tuple[int, ...]:
        """Give the numbers of a coefficient: 0 is an intercept at its level."""
        out = []
        for depth, part in enumerate(path):
            found = self.children[path[:depth]]
            out.append(found.index(part) + (() not in found))
        return tuple(out)

    def coefficient(self, path: Path) -> Symbol:
        """Give the symbol of a coefficient that `path` leads to."""
        depth, last = len(path), len(self.stages) + 1
        letter = COEFFICIENTS[-last:][depth - 1]
        return Symbol(letter, self.digits(path), self.over(depth) if depth < last else "")

    def effect(self, group: str, column: Column, beside: Sequence[Column]) -> tuple[Symbol, Path, Product]:
        """Give a random effect's symbol, the coefficient that it belongs to, and what multiplies it there."""
        stage = self.stage(group)
        path = self.split(column)
        own = path[:stage]
        rest = tuple(piece for part in path[stage:] for piece in part)
        crossed = len(self.stages[stage - 1]) > 1
        letter = CROSSED[self.stages[0].index(group)] if crossed else RESIDUALS[-(len(self.stages) + 1) :][stage]
        index = self.letter[group] if crossed else self.over(stage)
        same = [other for other in beside if self.split(other)[:stage] == own]
        extra = (same.index(column),) if len(same) > 1 else ()
        return Symbol(letter, (*self.digits(own), *extra), index), own, rest


def system(fit: "HLMResult") -> System:
    """Take a fitted model apart.

    A column of X is a product of a household's own predictors and of some that are constant within groups: the first
    say whose coefficient it explains, the second by what. So a product of a household predictor with a village's own
    becomes a predictor in the village-level equation of the household predictor's slope, whether that slope has a
    random effect or not.
    """
    parts = _Parts(fit)
    rows = ROWS + parts.over(1)
    residual = Symbol(RESIDUALS[-(len(parts.stages) + 1) :][0], (), rows)
    sets, placed = [], []
    for one in fit.model.random:
        beside = [column for columns in fit.model.sets(one.group) for column in columns]
        found = [parts.effect(one.group, column, beside) for column in one.columns]
        sets.append(Effects(one.group, one.columns, tuple(symbol for symbol, _, _ in found)))
        placed += found
    levels = [_rows_equation(parts, residual)]
    for stage in range(1, len(parts.stages) + 1):
        levels.append(tuple(_explained(parts, path, placed) for path in _paths(parts, stage)))
    fixed = tuple(parts.coefficient(parts.split(column)) for column in fit.model.fixed)
    whole = [Addend(symbol, column.pieces) for symbol, column in zip(fixed, fit.model.fixed, strict=True)]
    whole += [Addend(s, c.pieces) for one in sets for s, c in zip(one.symbols, one.columns, strict=True)]
    combined = Equation(None, (*whole, Addend(residual, ())))
    index = {fit.model.response: rows}
    for column in (*fit.model.fixed, *(column for one in fit.model.random for column in one.columns)):
        for piece in column.pieces:
            home = parts.home(piece)
            crossed = home is not None and len(parts.stages[0]) > 1
            index[piece] = rows if home is None else parts.letter[home] if crossed else parts.over(parts.stage(home))
    return System(parts.stages, tuple(levels), combined, tuple(sets), fixed, residual, index)


def _paths(parts: _Parts, depth: int) -> list[Path]:
    """List the coefficients of a level in order."""
    found: list[Path] = [()]
    for _ in range(depth):
        found = [(*path, part) for path in found for part in parts.children.get(path, [])]
    return found


def _rows_equation(parts: _Parts, residual: Symbol) -> tuple[Equation, ...]:
    right = [Addend(parts.coefficient(path), path[0]) for path in _paths(parts, 1)]
    return (Equation(None, (*right, Addend(residual, ()))),)


def _explained(parts: _Parts, path: Path, placed: Sequence[tuple[Symbol, Path, Product]]) -> Equation:
    """Write the equation of a coefficient: what explains it one level up, and its random effects there."""
    right = [Addend(parts.coefficient((*path, part)), part) for part in parts.children.get(path, [])]
    right += [Addend(symbol, rest) for symbol, own, rest in placed if own == path]
    return Equation(parts.coefficient(path), tuple(right))
