"""Bring Z, X and y to unit scale, and refuse columns that say nothing new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.levels import Codes, Level, paths

COLLINEAR = 1e-10
"""A column with less than this share of its variation of its own is a combination of those before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Blocks in unit scale and the way back.

    Attributes
    ----------
    blocks : cross-products of Z root⁻¹, X / x_scale and y / y_scale.
    roots : by level, shape (q, q), with root'root the average of Z'Z within each correlated set.
    x_scale : shape (p,). y_scale : the outcome's root mean square about its shift.
    """

    blocks: Blocks
    roots: tuple[Array, ...]
    x_scale: Array
    y_scale: float


def standardise(blocks: Blocks, names: Sequence[str]) -> Standard:
    """Scale a model's blocks.

    Parameters
    ----------
    blocks : cross-products in the shifted basis.
    names : the columns of X, for messages.

    Raises
    ------
    FitError
        Where a column of X is zero, constant or a combination of others, the outcome does not vary, or two random
        effects of one set are the same.
    """
    total, p = blocks.total, blocks.p
    length = np.sqrt(np.diag(total)[:p] / blocks.size)
    y_scale = float(np.sqrt(max(total[p, p], 0.0) / blocks.size))
    if not y_scale > 0:
        raise FitError("the outcome does not vary")
    flat = [name for name, size in zip(names, length, strict=True) if not size > 0]
    if flat:
        raise FitError(f"{', '.join(flat)} does not vary in the rows used; take it out of the formula")
    _independent(total[:p, :p] / blocks.size / length[:, None] / length, names)
    roots = tuple(_root(average, level.sets) for average, level in zip(averages(blocks), blocks.levels, strict=True))
    full = blocks.full.copy()
    at = 0
    for level, root in zip(blocks.levels, roots, strict=True):
        inverse = np.linalg.inv(root)
        for _ in range(level.repeat):
            part = slice(at, at + level.q)
            full[:, :, part] = full[:, :, part] @ inverse
            full[:, part] = inverse.T @ full[:, part]
            at += level.q
    scale = 1 / np.append(length, y_scale)
    full[:, :, at:] *= scale
    full[:, at:] *= scale[:, None]
    return Standard(replace(blocks, full=full), roots, length, y_scale)


def averages(blocks: Blocks) -> list[Array]:
    """Give the average of Z'Z of each level, a row being the unit."""
    out, at, weight = [], 0, paths(blocks.levels)[0]
    for level in blocks.levels:
        average = np.zeros((level.q, level.q))
        for _ in range(level.repeat):
            part = slice(at, at + level.q)
            average += np.tensordot(weight, blocks.full[:, part, part], 1)
            at += level.q
        out.append(average / blocks.size)
    return out


def identified(blocks: Blocks) -> None:
    """Refuse random effects that X reproduces group by group: the restricted likelihood does not depend on them."""
    inverse, at = np.linalg.inv(blocks.total[: blocks.p, : blocks.p]), 0
    for i, (level, average) in enumerate(zip(blocks.levels, averages(blocks), strict=True)):
        ZtX = blocks.full[:, at : at + level.width, -blocks.p - 1 : -1]
        by_group = ZtX
        if i:
            by_group = np.zeros((level.slots, level.width, blocks.p))
            np.add.at(by_group, ancestors(blocks.levels, i), ZtX)
        by_group = by_group.reshape(level.slots * level.repeat, level.q, blocks.p)
        seen = np.tensordot(by_group @ inverse, by_group, ([0, 2], [0, 2]))
        left = average - seen / blocks.size
        start = 0
        for size in level.sets:
            block = slice(start, start + size)
            if np.linalg.eigvalsh(left[block, block])[0] < 1e-10:
                raise FitError(
                    f"the fixed part has a coefficient for every group of {level.name!r}, so that nothing is left to "
                    "a random effect; take out either the random term or the groups (or their many predictors) from "
                    "the fixed part"
                )
            start += size
        at += level.width


def ancestors(levels: Sequence[Level], place: int) -> Codes:
    """Give each lowest group's group at level `place`."""
    codes = np.arange(levels[0].slots)
    for level in levels[:place]:
        codes = level.parent[codes]
    return codes


def _independent(correlation: Array, names: Sequence[str]) -> None:
    for j in range(1, len(names)):
        weights = np.linalg.lstsq(correlation[:j, :j], correlation[:j, j], rcond=None)[0]
        if 1 - correlation[:j, j] @ weights < COLLINEAR:
            with_ = [name for name, weight in zip(names[:j], weights, strict=True) if abs(weight) > 1e-6]
            raise FitError(
                f"{names[j]} is a linear combination of {', '.join(with_)} in the rows used, exactly or to ten digits; "
                "take one of them out (for powers, poly() keeps them apart)"
            )


def _root(average: Array, sizes: tuple[int, ...]) -> Array:
    """Take the Cholesky root of the average Z'Z, block by block, so that the blocks of T stay blocks."""
    root, at = np.zeros_like(average), 0
    for size in sizes:
        block = slice(at, at + size)
        try:
            root[block, block] = np.linalg.cholesky(average[block, block]).T
        except np.linalg.LinAlgError as error:
            raise FitError(
                "two random effects of one term are the same up to a factor; take one of them out"
            ) from error
        at += size
    return root
