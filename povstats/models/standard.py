"""Bring X and y to unit scale, and refuse columns that say nothing new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks

COLLINEAR = 1e-10
"""A column with less than this share of its variation of its own is a combination of those before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Blocks in unit scale and the way back.

    Attributes
    ----------
    blocks : cross-products of X / x_scale and y / y_scale.
    x_scale : shape (p,). y_scale : the outcome's root mean square about its shift.
    """

    blocks: Blocks
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
        Where a column of X is zero, constant or a combination of others, or the outcome does not vary.
    """
    length = np.sqrt(np.diag(blocks.XtX) / blocks.nobs)
    y_scale = float(np.sqrt(max(blocks.yty, 0.0) / blocks.nobs))
    if not y_scale > 0:
        raise FitError("the outcome does not vary")
    flat = [name for name, size in zip(names, length, strict=True) if not size > 0]
    if flat:
        raise FitError(f"{', '.join(flat)} does not vary in the rows used; take it out of the formula")
    scale = 1 / length
    correlation = blocks.XtX * scale[:, None] * scale / blocks.nobs
    for j in range(1, len(names)):
        weights = np.linalg.lstsq(correlation[:j, :j], correlation[:j, j], rcond=None)[0]
        if 1 - correlation[:j, j] @ weights < COLLINEAR:
            with_ = [name for name, weight in zip(names[:j], weights, strict=True) if abs(weight) > 1e-6]
            raise FitError(
                f"{names[j]} is a linear combination of {', '.join(with_)} in the rows used, exactly or to ten digits; "
                "take one of them out (for powers, poly() keeps them apart)"
            )
    scaled = replace(
        blocks,
        ZtX=blocks.ZtX * scale,
        Zty=blocks.Zty / y_scale,
        XtX=blocks.XtX * scale[:, None] * scale,
        Xty=blocks.Xty * scale / y_scale,
        yty=blocks.yty / y_scale**2,
    )
    return Standard(scaled, length, y_scale)
