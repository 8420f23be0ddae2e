"""Predictors that hold the outcome of the households in the fit: group means get a note, leave-one-out means end it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
from scipy.special import chdtr

from povstats.engine.cells import Array, Cells, Grouping
from povstats.engine.columns import as_expression
from povstats.engine.learn import AnyFrame, dtype_of
from povstats.errors import FitError
from povstats.models.advice import FEW
from povstats.models.blocks import loads
from povstats.models.design import Column
from povstats.models.model import Model, RandomSet
from povstats.models.notes import Note
from povstats.models.optimum import Optimum
from povstats.models.standard import Standard

SAME = 1e-8
"""How near to one a squared correlation must come to be called exact."""
MOST = 0.75
"""Share of groups that must agree: a mean may have been taken before rows with missing values were left out."""
SPARE = 10
"""Rows beyond two a group, over all groups, from which on exact correlations within them are no accident."""
CHANCE = 1e-6
"""Chance below which groups lie too close to the fitted line to have been put there by sampling."""
CLOSE = 0.9
"""Correlation with the groups' means from which on a predictor is named for that: unequal variances may do the rest."""
STEEP = 0.8
"""Size of the correlations, below zero within groups and above it between them, that a leave-one-out mean leaves."""
RAW = "outcome's column "
"""Pieces of this name are columns that the outcome is a function of: log(consumption) reads consumption."""


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """k predictors and the outcome about their means by group.

    Attributes
    ----------
    rows : shape (G,), not weighted. means : shape (G, k). outcome : shape (G,), its means.
    xx, xy : shape (G, k), sums of squares, and of products with the outcome, about the means. yy : shape (G,).
    """

    rows: Array
    means: Array
    outcome: Array
    xx: Array
    xy: Array
    yy: Array

    @classmethod
    def of(cls, cells: Cells, grouping: Grouping, pieces: Sequence[str], outcome: str) -> "About":
        """Work them out from the moments; an outcome that is constant within cells has its means only."""
        places = [cells.household.index((piece,)) for piece in pieces]
        if outcome in cells.village:
            return cls.of_sums(cells, grouping, places, 0, cells.sums(outcome)[0], [*pieces, outcome])
        y = cells.household.index((outcome,))
        return cls.of_sums(cells, grouping, places, y, cells.moments[:, 0, y], [*pieces, outcome])

    @classmethod
    def of_sums(
        cls, cells: Cells, grouping: Grouping, places: list[int], y: int, sums: Array, names: list[str]
    ) -> "About":
        """Work them out from places in the moments and the outcome's sums."""
        M, k = cells.moments, len(places)
        flat = [cells.counts, M[:, 0, 0], sums, M[:, y, y]]
        columns = np.column_stack([*flat, M[:, 0, places], M[:, places, places], M[:, places, y]])
        total = columns
        if len(grouping.labels) < len(columns) or not (grouping.codes == np.arange(len(columns))).all():
            total = np.zeros((len(grouping.labels), columns.shape[1]))
            np.add.at(total, grouping.codes, columns)
        rows, n, s, yy = total[:, :4].T
        sx, sxx, sxy = total[:, 4 : 4 + k], total[:, 4 + k : 4 + 2 * k], total[:, 4 + 2 * k :]
        shift = np.array([cells.shift[name] for name in names])
        xx, xy = sxx - sx**2 / n[:, None], sxy - sx * (s / n)[:, None]
        return cls(rows, sx / n[:, None] + shift[:-1], s / n + shift[-1], xx, xy, yy - s**2 / n)

    def leave_one_out(self) -> Array:
        """Tell of which predictors the deviations within groups are negative multiples of the outcome's, shape (k,).

        Of a leave-one-out mean they are −c/(n − 1) times it, with one c for all groups. Where rows were left out of the
        fit n is not theirs any more, but the multiples stay exact.
        """
        many = self.rows >= 2
        n, xx, xy, yy = self.rows[many, None], self.xx[many], self.xy[many], self.yy[many, None]
        if len(n) < 2 or not (yy > 0).all():
            return np.zeros(xx.shape[1], dtype=bool)
        exact = (xx > 0) & (xy < 0) & (xy**2 >= (1 - SAME) * xx * yy)
        c = -xy / yy * (n - 1)
        alike = (np.ptp(c, axis=0) <= np.sqrt(SAME) * np.abs(c.mean(axis=0))) | (float((n - 2).sum()) >= SPARE)
        found: Array = exact.all(axis=0) & alike
        return found

    def falling(self) -> list[tuple[int, float, float]]:
        """List predictors that fall with the outcome within groups and rise with it between them: place, both r."""
        xx, xy, yy = self.xx.sum(axis=0), self.xy.sum(axis=0), self.yy.sum()
        inner = np.divide(xy, np.sqrt(xx * yy), out=np.zeros(len(xx)), where=(xx > 0) & (yy > 0))
        if len(self.rows) < 4:
            return []
        pairs = [(int(i), inner[i], _r(self.means[:, i], self.outcome)) for i in np.flatnonzero(inner <= -STEEP)]
        return [pair for pair in pairs if pair[2] >= STEEP]


def raw_outcome(model: Model, frame: AnyFrame, weight: str | None = None) -> dict[str, nw.Expr]:
    """Give what is summed to know the outcome's means by group, beside what the model itself reads.

    The numeric columns that a transformed outcome reads, for a village mean may be of them; with row weights the
    outcome too, because the model's own sums are then weighted. All are divided by the weight that their sums are
    multiplied with.

    Parameters
    ----------
    model : the compiled formula. frame : the rows. weight : the column of the rows' weights.
    """
    factor = model.factors[model.formula.response]
    plain = factor.text.strip("`") == factor.columns[0]
    numeric = [] if plain else [column for column in factor.columns if dtype_of(frame, column).is_numeric()]
    found = {f"{RAW}{column}": nw.col(column).cast(nw.Float64) for column in numeric}
    if weight is None:
        return found
    found[RAW] = as_expression(factor.pieces[model.response])
    w = nw.col(weight)  # a weight of zero is refused where weights are read
    return {name: nw.when(w != 0).then(one / w).otherwise(0.0) for name, one in found.items()}


def outcome_notes(model: Model, cells: Cells) -> list[Note]:
    """Find predictors that are the groups' means of the outcome, or look like its mean over the other rows.

    The mean over the same households contains each one's own outcome: its coefficient is near 1 whatever is true, the
    intercepts' variance is driven to zero, and tests of fixed against random effects are empty.

    Parameters
    ----------
    model : the compiled formula. cells : its statistics, with the sums of `raw_outcome`.
    """
    notes = []
    varying, constant = _varying(model, cells), _constant(model, cells)
    for name, grouping in cells.groupings.items():
        about = About.of(cells, grouping, varying, model.response)
        means = [about.outcome, *_raw_means(cells, grouping).values()]
        means += [np.log(one) for one in means if (one > 0).all()]
        for piece, values in _by_group(constant, grouping).items():
            if any(abs(_r(one, values)) >= CLOSE and _agree(one, values) for one in means):
                notes.append(Note("models.note_outcome_mean", {"predictor": piece, "group": name}))
        for i, inner, outer in about.falling():
            place = {"predictor": varying[i], "group": name, "inner": f"{inner:.2f}", "outer": f"{outer:.2f}"}
            notes.append(Note("models.note_outcome_others", place))
    return notes


def evenness_notes(model: Model, cells: Cells, standard: Standard, optimum: Optimum) -> list[Note]:
    """Find predictors that know the groups' means better than any figure from outside the rows can.

    Without effects of the groups Σ_j n_j r̄_j²/σ² is a chi-square, r̄_j the mean residual of group j; with effects it is
    larger. Values far below the degrees of freedom mean that the sampling error of the groups' means is in a
    predictor: one computed from the outcome, if not exactly its mean (a function of it, or a mean over a few rows
    more). The coefficients count for a degree of freedom each, which is on the safe side.

    Parameters
    ----------
    model, cells : the compiled formula and its statistics. standard, optimum : the fit, on the boundary.
    """
    fixed, response = [column.pieces for column in model.fixed], (model.response,)
    columns = loads(cells, fixed)[0]
    y = loads(cells, [(), response] if () in fixed else [response])[0][:, :, -1]
    beta = standard.y_scale * optimum.profile.beta / standard.x_scale
    residual = np.einsum("gk,gk->g", cells.moments[:, 0], y - columns @ beta)
    sigma2 = standard.y_scale**2 * optimum.profile.rss / optimum.profile.dof
    notes = []
    for name, grouping in cells.groupings.items():
        size = len(grouping.labels)
        n = np.bincount(grouping.codes, cells.moments[:, 0, 0], size)
        chi2 = float((np.bincount(grouping.codes, residual, size) ** 2 / n).sum() / sigma2)
        df = size - len(fixed)
        if df < 4 or not chdtr(df, chi2) < CHANCE:
            continue
        means = About.of(cells, grouping, [], model.response).outcome
        near = {p: abs(_r(v, means)) for p, v in _by_group(_constant(model, cells), grouping).items()}
        piece = max(near, key=lambda one: near[one], default="")
        if near.get(piece, 0.0) >= CLOSE:
            place = {"predictor": piece, "group": name, "chi2": f"{chi2:.1f}", "df": str(df), "r": f"{near[piece]:.3f}"}
            notes.append(Note("models.note_outcome_even", place))
    return notes


def refuse_leave_one_out(model: Model, cells: Cells) -> None:
    """Refuse a predictor that is the mean of the outcome over the *other* households of a group with an effect.

    Within a group of n it is (n·mean − y)/(n − 1), so that y is a function of it and of the group's effect. With groups
    of one size the likelihood is unbounded; with others it nearly is, and the coefficient means nothing.

    Parameters
    ----------
    model : the compiled formula. cells : its statistics, with the sums of `raw_outcome`.

    Raises
    ------
    FitError
        With the alternatives; also where the mean is of a column that a transformed outcome reads.
    """
    if model.response in cells.village:
        return
    varying = _varying(model, cells)
    for name, grouping in cells.groupings.items() if varying else ():
        about = About.of(cells, grouping, varying, model.response)
        for piece, found in zip(varying, about.leave_one_out(), strict=True):
            if found:
                raise _refusal(piece, name, "the outcome")
        for raw, means in _raw_means(cells, grouping).items():
            for piece, own in zip(varying, about.means.T, strict=True):
                if raw and _agree(means, own, identity=True):
                    raise _refusal(piece, name, repr(raw))


def by_factor(model: Model) -> Iterator[Model]:
    """Give, for every categorical factor with many levels, the numeric part of the model with its levels as groups.

    Dummies C(village) are the village's effects as well as (1 | village) is.
    """
    plain = {text: factor for text, factor in model.factors.items() if factor.levels is None}
    numeric = _predictors(model) & {piece for factor in plain.values() for piece in factor.pieces}
    fixed = tuple(Column(piece, (piece,)) for piece in sorted(numeric))
    for factor in model.factors.values():
        many = factor.levels is not None and len(factor.levels) >= FEW
        if fixed and many and factor.columns not in model.groupings.values():
            group = RandomSet(":".join(factor.columns), factor.columns, (Column("Intercept", ()),))
            yield replace(model, factors=plain, fixed=fixed, random=(group,))


def _refusal(piece: str, group: str, outcome: str) -> FitError:
    return FitError(
        f"{piece!r} is, within every group of {group!r}, the mean of {outcome} over the other rows, or holds it in "
        f"some other way: with the effects of {group!r} it determines the outcome (y = n·mean − (n − 1)·leave-one-out)"
        ", so that the likelihood is unbounded or its maximum means nothing. Use a figure from outside the sample; the "
        f"mean of one random half for the other half (split_half_mean); dummies C({group}) that keep only the "
        "interaction with a group mean; or read the covariance of random intercept and slope"
    )


def _predictors(model: Model) -> set[str]:
    return {piece for column in model.fixed for piece in column.pieces} - {model.response}


def _varying(model: Model, cells: Cells) -> list[str]:
    """List the predictors that differ within the lowest groups."""
    found = _predictors(model) - set(cells.village)
    return sorted(piece for piece in found if (piece,) in cells.household)


def _constant(model: Model, cells: Cells) -> dict[str, Array]:
    """Give the predictors that are constant within cells, unshifted, by cell."""
    return {piece: cells.extremes[piece][0] for piece in sorted(_predictors(model) & set(cells.village))}


def _by_group(pieces: dict[str, Array], grouping: Grouping) -> dict[str, Array]:
    """Give by group what is constant within the groups too."""
    found, first = {}, np.zeros(len(grouping.labels), dtype=np.intp)
    first[grouping.codes] = np.arange(len(grouping.codes))
    for piece, values in pieces.items():
        own = values[first]
        if bool((own[grouping.codes] == values).all()):
            found[piece] = own
    return found


def _raw_means(cells: Cells, grouping: Grouping) -> dict[str, Array]:
    """Give the means of the outcome's columns by group, unweighted; under "" that of the outcome itself."""
    size = len(grouping.labels)
    n = np.bincount(grouping.codes, cells.counts, size)
    raw = {name: sums for name, sums in cells.totals.items() if name.startswith(RAW)}
    return {name[len(RAW) :]: np.bincount(grouping.codes, sums, size) / n for name, sums in raw.items()}


def _agree(x: Array, y: Array, *, identity: bool = False) -> bool:
    """Tell whether y is x, or an affine function of it, in most groups.

    Where more than 71 % of the groups agree, most pairs of groups do, and the median of the pairs' slopes is theirs.
    """
    half = len(x) // 2
    if half < 2:
        return False
    a, b = 0.0, 1.0
    if not identity:
        order = np.argsort(x, kind="stable")  # pairs of groups that lie far apart: slopes without rounding
        low, high = order[:half], order[-half:]
        run = x[high] - x[low]
        if not (run > 0).all():
            return False
        b = float(np.median((y[high] - y[low]) / run))
        a = float(np.median(y - b * x))
    scale = abs(b) * float(x.std())
    same = np.abs(y - a - b * x) <= np.sqrt(SAME) * 1e-2 * scale
    # A predictor with a few values only would agree with anything that is flat.
    return scale > 0 and bool(same.mean() >= MOST) and len(np.unique(y[same])) >= min(4, len(y))


def _r(x: Array, y: Array) -> float:
    x, y = x - x.mean(), y - y.mean()
    length = np.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / length if length > 0 else 0.0
