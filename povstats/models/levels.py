"""The levels of a model as the likelihood sees them: a chain of nested groupings, crossed ones at its top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from povstats.engine.cells import Array, Grouping
from povstats.errors import FitError

Codes = NDArray[np.intp]
MOST_COLUMNS, MOST_ENTRIES = 1_500, 60_000_000
"""Limits of crossed terms: columns of Z of the crossed groupings, and entries of the lowest groups' products."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One step of the elimination.

    Attributes
    ----------
    name : the grouping, such as "county:village". labels : its groups in order.
    parent : shape (G,), each group's place in the next level; zeros at the top.
    sets : numbers of correlated effects; T of the level is block diagonal with these blocks, q in all.
    repeat : 1 where groups are eliminated one by one; a crossed grouping is eliminated in one step, with all its
        `repeat` groups side by side and I ⊗ T as their covariance.
    weights : shape (G,), how often each group counts, or None for once.
    """

    name: str
    labels: tuple[Any, ...]
    parent: Codes
    sets: tuple[int, ...]
    repeat: int = 1
    weights: Array | None = None

    @property
    def q(self) -> int:
        """Random effects of one group."""
        return sum(self.sets)

    @property
    def width(self) -> int:
        """Columns that the level takes in the lowest groups' products."""
        return self.q * self.repeat

    @property
    def slots(self) -> int:
        """Groups that are eliminated one by one."""
        return len(self.parent)


def arrange(groupings: Mapping[str, Grouping], sets: Mapping[str, tuple[int, ...]]) -> tuple[tuple[Level, ...], Codes]:
    """Order groupings from the lowest up; what does not nest goes to the top, as crossed.

    Nesting is read off the data: (1 | county) + (1 | village) is nested where every village lies in one county.

    Parameters
    ----------
    groupings : by name, with each cell's group.
    sets : by name, the sizes of its correlated sets of effects.

    Returns
    -------
    levels : from the lowest up.
    codes : shape (cells,), each cell's group at the lowest level.
    """
    order = sorted(groupings, key=lambda name: -len(groupings[name].labels))
    chain, crossed = [order[0]], []
    parents: list[Codes] = []
    for name in order[1:]:
        above = _parents(groupings[chain[-1]], groupings[name])
        if above is None:
            crossed.append(name)
        else:
            parents.append(above)
            chain.append(name)
    lowest = groupings[chain[0]]
    top = np.zeros(len(groupings[chain[-1]].labels), dtype=np.intp)
    levels = [
        Level(name, groupings[name].labels, parent, sets[name])
        for name, parent in zip(chain, [*parents, top], strict=True)
    ]
    levels += [
        Level(name, groupings[name].labels, np.zeros(1, dtype=np.intp), sets[name], len(groupings[name].labels))
        for name in crossed
    ]
    _moderate(levels, len(chain))
    return tuple(levels), lowest.codes


def paths(levels: Sequence[Level]) -> list[Array]:
    """Give how often each group of each level counts: its weight times those of the groups it lies in."""
    out, above = [], np.ones(1)
    for level in reversed(levels):
        above = above[level.parent] * (1.0 if level.weights is None else level.weights)
        out.append(above)
    return out[::-1]


def _parents(lower: Grouping, upper: Grouping) -> Codes | None:
    """Give each lower group's place in the upper grouping, or None where a lower group is in several."""
    first = np.full(len(lower.labels), -1, dtype=np.intp)
    first[lower.codes] = upper.codes
    return first if bool((first[lower.codes] == upper.codes).all()) else None


def _moderate(levels: Sequence[Level], nested: int) -> None:
    crossed = levels[nested:]
    columns = sum(level.width for level in crossed)
    if crossed and (columns > MOST_COLUMNS or levels[0].slots * columns**2 > MOST_ENTRIES):
        named = ", ".join(f"{level.name} ({level.repeat:,} groups)" for level in crossed)
        raise FitError(
            f"{named} is crossed with {levels[0].name} ({levels[0].slots:,} groups): {columns:,} columns of effects, "
            f"where at most {MOST_COLUMNS:,} (and {MOST_ENTRIES:,} entries, groups × columns²) are handled. If the "
            "groups are really nested, write upper/lower or give every group a name of its own; otherwise put the "
            "smaller grouping into the fixed part, as in C(interviewer), or use lme4 or MixedModels.jl"
        )
