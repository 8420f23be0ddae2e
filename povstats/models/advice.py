"""What a referee would say of a design before looking at its estimates: as notes, or as a refusal."""

from collections.abc import Sequence

import narwhals as nw
import numpy as np

from povstats.engine.cells import Array, Cells, Grouping
from povstats.engine.learn import AnyFrame, dtype_of
from povstats.errors import FitError
from povstats.models.levels import Level
from povstats.models.model import Model
from povstats.models.notes import Note

FEW = 10
"""Below this many groups of a level its variance is hardly estimated, and fixed effects are advised."""
SAME = 1e-8
"""How near to one a squared correlation must come to be called exact."""


def design_notes(levels: Sequence[Level], boundary: bool) -> list[Note]:
    """Say which levels have few groups, which groupings cross, and what a boundary fit leaves valid.

    Parameters
    ----------
    levels : of the model. boundary : the fit lies on the boundary.
    """
    notes = [
        Note("models.note_few_groups", {"group": level.name, "number": str(len(level.labels)), "column": _last(level)})
        for level in levels
        if len(level.labels) < FEW
    ]
    notes += [
        Note("models.note_crossed", {"group": level.name, "other": levels[0].name})
        for level in levels
        if level.repeat > 1
    ]
    return [*notes, Note("models.note_boundary")] if boundary else notes


def _last(level: Level) -> str:
    return level.name.split(":")[-1]


def outcome_notes(model: Model, cells: Cells) -> list[Note]:
    """Find predictors that are the groups' means of the outcome, and say what follows.

    The mean over the same households contains each one's own outcome: its coefficient is near 1 whatever is true, the
    intercepts' variance is driven to zero, and tests of fixed against random effects are empty.

    Parameters
    ----------
    model : the compiled formula. cells : its statistics; pieces that are in no product are there by their sums.
    """
    outcomes = [model.response, *(name for name in cells.totals if name.startswith(RAW))]
    predictors = {piece for column in model.fixed for piece in column.pieces}
    notes = []
    for name, grouping in cells.groupings.items():
        for piece in sorted(predictors & set(cells.village)):
            values = _by_group(cells, grouping, piece)
            if values is None or len(values) < 4:
                continue
            if any(_exact(values, _means(cells, grouping, outcome)) for outcome in outcomes):
                notes.append(Note("models.note_outcome_mean", {"predictor": piece, "group": name}))
    return notes


RAW = "outcome's column "
"""Pieces of this name are columns that the outcome is a function of: log(consumption) reads consumption."""


def raw_outcome(model: Model, frame: AnyFrame) -> dict[str, nw.Expr]:
    """Give the numeric columns that a transformed outcome reads, to be summed: a village mean may be of them."""
    factor = model.factors[model.formula.response]
    plain = factor.text.strip("`") == factor.columns[0]
    numeric = [] if plain else [column for column in factor.columns if dtype_of(frame, column).is_numeric()]
    return {f"{RAW}{column}": nw.col(column).cast(nw.Float64) for column in numeric}


def refuse_leave_one_out(model: Model, cells: Cells) -> None:
    """Refuse a predictor that is the mean of the outcome over the *other* households of a group with an effect.

    Within a group of n it is (n·mean − y)/(n − 1), so that y is a function of it and of the group's effect: with
    unequal slopes allowed by the group's size the likelihood rises without bound or nearly so, and the coefficient
    means nothing.

    Parameters
    ----------
    model : the compiled formula. cells : its statistics.

    Raises
    ------
    FitError
        With the alternatives.
    """
    if model.response in cells.village:
        return
    predictors = {piece for column in model.fixed for piece in column.pieces} - set(cells.village)
    for name, grouping in cells.groupings.items():
        for piece in sorted(predictors - {model.response}):
            if (piece,) in cells.household and _leave_one_out(cells, grouping, piece, model.response):
                raise FitError(
                    f"{piece!r} is, within every group of {name!r}, the mean of the outcome over the other rows: with "
                    f"the effects of {name!r} it determines the outcome (y = n·mean − (n − 1)·leave-one-out), so that "
                    "the likelihood is unbounded or its maximum means nothing. Use a figure from outside the sample; "
                    f"the mean of one random half for the other half (split_half_mean); dummies C({name}) that keep "
                    "only the interaction; or read the covariance of random intercept and slope"
                )


def _leave_one_out(cells: Cells, grouping: Grouping, piece: str, outcome: str) -> bool:
    """Tell whether deviations within groups are −c/(n − 1) times the outcome's, with one c for all groups."""
    i, j, size = cells.household.index((piece,)), cells.household.index((outcome,)), len(grouping.labels)

    def total(a: int, b: int) -> Array:
        return np.asarray(np.bincount(grouping.codes, cells.moments[:, a, b], size), dtype=np.float64)

    n = total(0, 0)
    many = n >= 2
    if many.sum() < 2:
        return False

    def within(a: int, b: int) -> Array:
        return (total(a, b) - total(0, a) * total(0, b) / n)[many]

    xx, yy, xy = within(i, i), within(j, j), within(i, j)
    if not ((xx > 0) & (yy > 0)).all() or not (xy < 0).all():
        return False
    c = -xy / yy * (n[many] - 1)
    exact = xy**2 >= (1 - SAME) * xx * yy
    return bool(exact.all() and np.ptp(c) <= np.sqrt(SAME) * c.mean())


def _by_group(cells: Cells, grouping: Grouping, piece: str) -> Array | None:
    """Give a piece's value by group, or None where it differs within one."""
    values = cells.values[:, cells.village.index(piece)]
    out = np.empty(len(grouping.labels))
    out[grouping.codes] = values
    return out if bool((out[grouping.codes] == values).all()) else None


def _means(cells: Cells, grouping: Grouping, piece: str) -> Array:
    size = len(grouping.labels)
    counts = np.bincount(grouping.codes, cells.moments[:, 0, 0], size)
    sums = cells.totals[piece] if piece in cells.totals else cells.sums(piece)[0]
    found: Array = np.bincount(grouping.codes, sums, size) / counts
    return found


def _exact(x: Array, y: Array) -> bool:
    """Tell whether two columns are affine functions of each other."""
    x, y = x - x.mean(), y - y.mean()
    xx, yy = float(x @ x), float(y @ y)
    return xx > 0 and yy > 0 and float(x @ y) ** 2 >= (1 - SAME) * xx * yy
