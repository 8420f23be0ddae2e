"""Sampling weights by level (pseudo-likelihood) and precision weights: what they are, their scaling, robust errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.cells import Array, Cells
from povstats.engine.learn import AnyFrame, dtype_of
from povstats.errors import DataError, FitError, OptionError, allowed
from povstats.models.blocks import Blocks
from povstats.models.inference.bootstrap_scores import cluster_scores, sandwich
from povstats.models.levels import Codes, Level, paths
from povstats.models.notes import Note
from povstats.models.optimum import Optimum
from povstats.models.units import Units

Scaling = Literal["size", "effective", "none"]
FEW = 30
"""Below this many clusters a sandwich tends to be too small, and a note says so."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a fit, as read from fit_hlm's arguments.

    Attributes
    ----------
    rows : the column of the rows' weights, or None.
    levels : columns of the groups' weights, by grouping.
    scaling : of the weights within the groups above.
    precision : `rows` is a precision, Var(e_i) = σ²/w_i, and nothing is sampled.
    """

    rows: str | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    scaling: Scaling = "size"
    precision: bool = False

    @property
    def sampling(self) -> bool:
        """There are sampling weights: the fit is by pseudo-likelihood."""
        return not self.precision and (self.rows is not None or bool(self.levels))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        return tuple(dict.fromkeys([*([] if self.rows is None else [self.rows]), *self.levels.values()]))

    @property
    def pieces(self) -> dict[str, nw.Expr]:
        """Expressions whose extremes by cell give the groups' weights, and show whether they are constant."""
        return {_piece(column): nw.col(column) for column in self.levels.values()}


def read_weights(
    groupings: Mapping[str, tuple[str, ...]],
    sampling: Mapping[str, str] | None,
    scaling: str,
    precision: str | None,
    method: str,
) -> Weights:
    """Make sense of fit_hlm's weight arguments.

    Parameters
    ----------
    groupings : the model's, with their columns.
    sampling, scaling, precision, method : as fit_hlm takes them.

    Raises
    ------
    OptionError
        Where keys cannot be matched with the levels, or arguments exclude each other.
    """
    allowed("scaling", scaling, ("size", "effective", "none"))
    if precision is not None:
        if sampling:
            raise OptionError("precision and sampling_weights exclude each other: give one of them")
        return Weights(precision, precision=True)
    if not sampling:
        return Weights()
    if method != "ml":
        raise OptionError(
            "sampling_weights make a pseudo-likelihood, of which there is no restricted form: fit with method='ml'"
        )
    rows, levels = None, {}
    for key, column in sampling.items():
        name = _level(key, groupings)
        if name is not None and name not in levels:
            levels[name] = column
        elif name is None and rows is None:
            rows = key
        else:
            raise OptionError(
                f"sampling_weights: {key!r} is one name too many. The levels are {', '.join(groupings)}; one other "
                "name, such as 'household', stands for the rows"
            )
    chosen: Scaling = "size" if scaling == "size" else "effective" if scaling == "effective" else "none"
    return Weights(None if rows is None else sampling[rows], levels, chosen)


def chosen_df(weights: Weights, df: str | None) -> str:
    """Give the degrees of freedom that go with the weights.

    Raises
    ------
    OptionError
        Where degrees of freedom of the model's covariance are asked for with sampling weights, which have the sandwich.
    """
    allowed("df", df or "normal", ("satterthwaite", "kenward-roger", "normal"))
    if not weights.sampling:
        return df or "satterthwaite"
    if df not in (None, "normal"):
        raise OptionError(
            f"df={df!r} belongs to the model's own covariance; with sampling_weights the standard errors are "
            "cluster-robust: leave df out, or use bootstrap(kind='wild') where clusters are few"
        )
    return "normal"


def numbers(weights: Weights, used: AnyFrame) -> None:
    """Refuse weights that are not numbers.

    Raises
    ------
    DataError
        Where a column of weights holds text, dates or truth values.
    """
    for column in weights.columns:
        if not dtype_of(used, column).is_numeric():
            raise DataError(
                f"weight {column!r} is stored as {dtype_of(used, column)}, not as numbers; convert the column, after "
                "looking for stray text or codes"
            )


def weighted_cells(weights: Weights, cells: Cells) -> Cells:
    """Scale the rows' weights within the lowest groups; keep of precision weights what the likelihood needs.

    With w the weights of the n rows of a lowest group, "size" multiplies them by n / Σw, so that they add up to n,
    and "effective" by Σw / Σw², so that they add up to the effective size (Σw)² / Σw².

    Parameters
    ----------
    weights : as read. cells : the w-weighted statistics.

    Notes
    -----
    Source: Rabe-Hesketh & Skrondal (2006), Journal of the Royal Statistical Society A 169, section 4 (their method 2
    is "size", method 1 "effective"); Pfeffermann et al. (1998), the same B 60.
    """
    if weights.precision:
        return replace(cells, weight_sums=None, weight_squares=None)  # a row is a row; only Σ log w is left to add
    if weights.rows is None or cells.weight_sums is None or cells.weight_squares is None:
        return cells
    codes = max(cells.groupings.values(), key=lambda one: len(one.labels)).codes
    n, w, squares = (_sums(codes, part) for part in (cells.counts, cells.weight_sums, cells.weight_squares))
    factor = _factor(weights.scaling, n, w, squares)[codes]
    return replace(
        cells,
        moments=cells.moments * factor[:, None, None],
        weight_sums=cells.weight_sums * factor,
        weight_squares=cells.weight_squares * factor**2,
        log_weights=0.0,
    )


def weighted_blocks(weights: Weights, cells: Cells, blocks: Blocks) -> Blocks:
    """Give the groups their weights.

    A group's share of the log-likelihood counts w times (Rabe-Hesketh & Skrondal 2006, eq. 4):
    ℓ = Σ_k w_k log ∫ exp(Σ_j w_jk log ∫ exp(Σ_i w_ijk log f(y_ijk | b_jk, b_k)) φ(b_jk) db_jk) φ(b_k) db_k.
    Weights of levels below the top are scaled among the groups of one group above, as rows are within the lowest
    groups; those of the top level only fix the scale of ℓ and stay.

    Parameters
    ----------
    weights : as read. cells : the statistics, with the weights' extremes. blocks : without weights.

    Raises
    ------
    FitError
        Where effects are crossed.
    DataError
        Where a level's weight differs within a group, or is not positive.
    """
    if not weights.sampling:
        return blocks
    crossed = [level.name for level in blocks.levels if level.repeat > 1]
    if crossed:
        raise FitError(
            f"{', '.join(crossed)} is crossed with {blocks.levels[0].name}: sampling weights need nested groupings; "
            "put the crossed grouping into the fixed part"
        )
    levels = []
    for i, level in enumerate(blocks.levels):
        if level.name not in weights.levels:
            levels.append(level)
            continue
        w = _constant(weights.levels[level.name], level, cells)
        if i + 1 < len(blocks.levels):
            up = level.parent
            factor = _factor(weights.scaling, _sums(up, np.ones(len(w))), _sums(up, w), _sums(up, w**2))
            w = w * factor[up]
        levels.append(replace(level, weights=w))
    rows = cells.counts if cells.weight_sums is None else cells.weight_sums
    lowest = _sums(cells.groupings[levels[0].name].codes, rows)
    return replace(blocks, levels=tuple(levels), size=float(paths(levels)[0] @ lowest))


def sampled(cells: Cells, levels: Sequence[Level]) -> bool:
    """Tell whether a fit has sampling weights."""
    return cells.weight_sums is not None or any(level.weights is not None for level in levels)


def robust_cov(optimum: Optimum, units: Units) -> Array:
    """Give the cluster-robust covariance of the coefficients, the top level's groups being the clusters.

    C (Σ s_k s_k') C · G / (G − 1) with s_k the score of β of cluster k and C⁻¹ the information of β. It is the block
    of β of the full sandwich: the expected cross-derivatives of the log-likelihood in β and in the variances are zero
    where the mean is right, whatever the distribution, so that the variances' estimation does not enter.

    Notes
    -----
    Source: Rabe-Hesketh & Skrondal (2006), section 5; Binder (1983), International Statistical Review 51.
    """
    at = optimum.profile
    scores = cluster_scores(optimum.blocks, optimum.factors, at.beta).scores
    out: Array = units.scale**2 * units.x @ sandwich(at.C, scores) @ units.x.T
    return out


def weight_notes(weights: Weights, levels: Sequence[Level]) -> list[Note]:
    """Say which weights there are and what follows."""
    if weights.precision:
        return [Note("models.note_precision", {"column": str(weights.rows)})]
    if not weights.sampling:
        return []
    top = levels[-1]
    values = {"columns": ", ".join(weights.columns), "clusters": f"{top.slots:,}", "group": top.name}
    notes = [Note("models.note_sampling", values), Note(f"models.note_scaled_{weights.scaling}")]
    if top.slots < FEW:
        notes.append(Note("models.note_few_sampled", {"clusters": values["clusters"]}))
    return notes


def _piece(column: str) -> str:
    return f"weight {column}"


def _level(key: str, groupings: Mapping[str, tuple[str, ...]]) -> str | None:
    """Find the grouping that a key names, in full or by its last column; None for the rows."""
    if key in groupings:
        return key
    last = [name for name, by in groupings.items() if by[-1] == key]
    if len(last) > 1:
        raise OptionError(f"sampling_weights: {key!r} may be {' or '.join(last)}; write the name in full")
    if not last:
        near = get_close_matches(key, [*groupings, *(by[-1] for by in groupings.values())], 1, 0.8)
        if near:
            raise OptionError(
                f"sampling_weights: {key!r} is not a level, but close to {near[0]!r}; use that, or a name such as "
                "'household' for the rows"
            )
    return last[0] if last else None


def _sums(codes: Codes, values: Array) -> Array:
    found: Array = np.bincount(codes, values).astype(np.float64)
    return found


def _factor(scaling: Scaling, count: Array, total: Array, squares: Array) -> Array:
    if scaling == "none":
        return np.ones(len(total))
    return count / total if scaling == "size" else total / squares


def _positive(column: str, cells: Cells) -> None:
    low = cells.extremes[_piece(column)][0]
    bad = np.flatnonzero(~(low > 0))
    if len(bad):
        named = ", ".join(map(str, [cells.labels[i] for i in bad[:5]]))
        raise DataError(
            f"weight {column!r} is zero or negative (smallest: {low.min():g}) in {len(bad)} groups, such as {named}; a "
            "weight must be above 0: leave out the rows that count for nothing, and look for missing codes"
        )


def _constant(column: str, level: Level, cells: Cells) -> Array:
    """Give a level's weights, one a group."""
    _positive(column, cells)
    codes: Codes = cells.groupings[level.name].codes
    table = pd.DataFrame({"low": cells.extremes[_piece(column)][0], "high": cells.extremes[_piece(column)][1]})
    by_group = table.groupby(codes).agg({"low": "min", "high": "max"})
    low, high = by_group["low"].to_numpy(), by_group["high"].to_numpy()
    bad = np.flatnonzero(high - low > 1e-9 * high)
    if len(bad):
        named = ", ".join(f"{level.labels[i]} ({low[i]:g} to {high[i]:g})" for i in bad[:5])
        raise DataError(
            f"weight {column!r} is that of {level.name!r} but differs between rows of {len(bad)} of its groups, such "
            f"as {named}; give one weight for each group, and the rows' own under a name such as 'household'"
        )
    out: Array = low.astype(np.float64)
    return out
