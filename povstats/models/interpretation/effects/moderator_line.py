"""The moderator of a Johnson–Neyman analysis: which factor it is, its unit, its values by group and by row."""

from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.moments import evaluate
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError
from povstats.models.interpretation.effects.contrast import derivative_rows, group_means, means
from povstats.models.interpretation.effects.focal import FAR, Focal, evaluated, find_focal, own_columns, spelled
from povstats.models.interpretation.effects.moderators import moderators
from povstats.models.interpretation.effects.regions import Line
from povstats.models.model import needed_columns
from povstats.models.rows import complete
from povstats.models.terms import Factor

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def find_moderator(fit: "HLMResult", focal: Focal, name: str) -> tuple[Factor, tuple[float, float]]:
    """Find the factor meant, and how its piece is made of what the caller names: piece = (w − a) / b, as (a, b)."""
    found = moderators(fit.model, focal)
    offered = ", ".join(factor.name for factor in found) or "nothing"
    name = spelled(name, [each for one in found for each in (one.name, *own_columns(one))])
    factor = next((one for one in found if name == one.name), None)
    among = [one for one in found if name in own_columns(one) or one is factor]
    if not among:
        raise OptionError(f"the slope in {focal.name!r} does not change with {name!r}; it changes with {offered}")
    factor = factor or among[0]
    shared = [one.name for one in found if one is not factor and set(own_columns(one)) & set(own_columns(factor))]
    if factor.levels is not None:
        raise OptionError(f"{name!r} has levels, and no regions; see slopes(at={{{name!r}: […]}})")
    if shared or len(factor.pieces) > 1:
        bent = ", ".join(dict.fromkeys([factor.name, *shared]))
        raise OptionError(f"the slope bends with {name!r} ({bent}); see slopes(at={{{name!r}: […]}}) at several values")
    if name == factor.name:
        return factor, (0.0, 1.0)
    unit = _affine_unit(fit, factor, name)
    if unit is None:
        raise OptionError(f"{name!r} enters as {factor.name}; ask for moderator={factor.name!r}, on that scale")
    return factor, unit


def _affine_unit(fit: "HLMResult", factor: Factor, column: str) -> tuple[float, float] | None:
    """Give (a, b) of a factor that is (w − a) / b in its column, or None where it bends."""
    focal = find_focal(fit.model, column) if factor.groups is None and len(factor.columns) == 1 else None
    piece = next(iter(factor.pieces))
    if focal is None or piece not in focal.moves:
        return None
    ends = evaluated(factor, {column: np.array([-FAR, FAR, 0.0])})[piece]
    slope = (ends[1] - ends[0]) / (2 * FAR)
    return float(-ends[2] / slope), float(1 / slope)


def line_of(fit: "HLMResult", focal: Focal, factor: Factor, unit: tuple[float, float]) -> Line:
    """Give the contrasts of the slope along the moderator; the other moderators stand at their means."""
    piece = next(iter(factor.pieces))
    low, high = span_of(fit, factor, unit)
    centre, half = (low + high) / 2, (high - low) / 2
    values = {name: np.full(2, mean) for name, mean in means(fit).items()}
    values[piece] = (np.array([centre, centre + half]) - unit[0]) / unit[1]
    ends = derivative_rows(fit.model.fixed, focal.moves, values, 2)
    return Line(ends[0], ends[1] - ends[0], centre, half)


def span_of(fit: "HLMResult", factor: Factor, unit: tuple[float, float]) -> tuple[float, float]:
    """Give the moderator's smallest and largest value over the rows."""
    low, high = fit.cells.extremes[next(iter(factor.pieces))]
    ends = sorted(unit[0] + unit[1] * end for end in (float(low.min()), float(high.max())))
    return ends[0], ends[1]


def group_values(fit: "HLMResult", factor: Factor, unit: tuple[float, float]) -> tuple[Array, bool]:
    """Give each lowest group's value of the moderator, its mean where it varies, and whether it never does."""
    piece, lowest = next(iter(factor.pieces)), fit.optimum.blocks.levels[0]
    low, high = fit.cells.extremes[piece]
    codes = fit.cells.groupings[lowest.name].codes
    ends = np.full((2, len(lowest.labels)), np.inf)
    np.minimum.at(ends[0], codes, low)
    np.minimum.at(ends[1], codes, -high)
    constant = bool((ends[0] == -ends[1]).all())
    own = ends[0] if constant else group_means(fit)[piece]
    return unit[0] + unit[1] * own, constant


def row_values(fit: "HLMResult", factor: Factor, unit: tuple[float, float], table: Table) -> Array:
    """Give the moderator's value on every row of the fit, read again from its table.

    Raises
    ------
    DataError
        Where the table has other rows than the fit.
    """
    used, account = complete(open_table(table), (*needed_columns(fit.model.formula), *fit.weights.columns))
    assert isinstance(used, nw.DataFrame)
    piece = next(iter(factor.pieces))
    values = evaluate(used, piece, factor.pieces[piece])
    low, high = (float(end(side)) for end, side in zip((np.min, np.max), fit.cells.extremes[piece], strict=True))
    if account.used != fit.nobs or not np.allclose([values.min(), values.max()], [low, high], rtol=1e-9, atol=0):
        raise DataError(
            f"the table is not that of the fit: {account.used:,} complete rows with {factor.name} from "
            f"{values.min():g} to {values.max():g}, where the fit has {fit.nobs:,} from {low:g} to {high:g}"
        )
    return unit[0] + unit[1] * values
