"""Predictions for the rows of a table, on the model's scale or in levels, with intervals."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Array
from povstats.engine.source import Table
from povstats.errors import FitError, OptionError, allowed, share
from povstats.models.interpretation.prediction.joint_effects import learn
from povstats.models.interpretation.prediction.prediction_errors import (
    Errors,
    new_variances,
    prediction_errors,
    row_variances,
)
from povstats.models.interpretation.prediction.prediction_rows import Rows, open_rows
from povstats.models.interpretation.prediction.prediction_scale import require_log, to_level
from povstats.models.levels import Level
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def predict(
    fit: "HLMResult",
    table: Table,
    effects: Literal["conditional", "marginal", "new group"] = "conditional",
    *,
    scale: Literal["model", "log", "level", "median"] = "model",
    interval: Literal["mean", "outcome"] | None = None,
    level: float = 0.95,
    new: str | None = None,
    log_outcome: bool | None = None,
) -> pd.Series | pd.DataFrame:
    """Predict the outcome for the rows of a table.

    η̂ = x'β̂ + z'b̂, with b̂ the predicted effects (BLUPs) of the groups that are known.

    Parameters
    ----------
    table : the predictors, and the known groups, under the same names; the outcome is not needed.
    effects : "conditional", the effects of all of a row's groups are in; "marginal", Xβ alone: the line of a typical
        group, and the population's mean on the model's scale; "new group", the row is in a group that is not in the
        sample, and the effects of the known groups that it lies in are in.
    scale : "model", that of the formula's outcome; "log", the same, refused where that is not known to be a log. In
        levels, for log outcomes only: "level", the lognormal mean exp(η̂ + v/2), v being the variance of what is not
        conditioned on: σ² and, for "conditional", the variance of b given the data, for "marginal" and "new group"
        also z'Tz of the groups that are not known; "median", exp(η̂).
    interval : "mean", of x'β + z'b (on scale "level" of exp(x'β + z'b + σ²/2), for "marginal" of
        exp(x'β + (z'Tz + σ²)/2)); for "new group" the b of the new groups is part of it, drawn anew. "outcome", of
        one more household's outcome; for "marginal" it may be in any group.
    level : coverage of the interval.
    new : the grouping that is new, for "new group"; those nested in it are new too, and the others are known.
        Without it all are new.
    log_outcome : True where the outcome is a column of natural logarithms; without it the formula must say log(…).

    Returns
    -------
    Series or DataFrame
        One value a row, in the table's order and with its index; missing where a predictor or group is missing. With
        `interval` a DataFrame of predicted, se, low, high, df. In levels se is that of the logarithm times the
        prediction, and the ends are exponentials of those on the log scale: they lie unevenly.

    Raises
    ------
    DataError
        Where a row has a level or, for "conditional", a group that the fit has not seen, or a village lies in another
        county than in the fit.
    OptionError
        Where an option is not on its list, or logs or levels are asked of an outcome that is not known to be a log.
    FitError
        Where intervals are asked of a fit with sampling weights, which is no model of the outcome, or that of an
        outcome of one with precision weights.

    Notes
    -----
    The variance of η̂ − η is that of the joint covariance of (β̂, b̂ − b) (Henderson 1975, Biometrics 31), plus twice
    Kackar and Harville's term for the estimated variances (1984, JASA 79; the double after Prasad & Rao 1990, JASA 85,
    eq. 5.13, and Datta & Lahiri 2000, Statistica Sinica 10), plus z'Tz and σ² where they belong; the quantile is
    Student's with Satterthwaite's degrees of freedom of that variance, row by row, at least two (normal where the fit
    has df="normal"). The correction is that of REML; variances by ML are too small with few groups. Where a variance is
    estimated as zero or a correlation as ±1 (status "boundary"), the term is over the other parameters, and the
    interval takes the zero as known: it may be short.
    Lognormal means: Aitchison & Brown (1957), The Lognormal Distribution, section 2.3; the variance of log μ̂ adds
    that of σ̂²/2 as in Land (1972), Technometrics 14 (Cox's method).
    """
    allowed("effects", effects, ("conditional", "marginal", "new group"))
    allowed("scale", scale, ("model", "log", "level", "median"))
    if scale != "model":
        require_log(fit, log_outcome, f"scale={scale!r}")
        scale = "model" if scale == "log" else scale
    if interval is not None:
        _interval_exists(fit, interval, level)
    known = _known_levels(fit.optimum.blocks.levels, effects, new)
    rows = open_rows(fit, table, known)
    eta = linear_predictor(fit, rows)
    if interval is None:
        values = eta if scale == "model" else to_level(eta, _around(fit, rows) if scale == "level" else 0.0)
        return pd.Series(rows.spread_out(values), rows.index, name="predicted")
    columns = _with_interval(fit, rows, eta, (effects, scale, interval), level)
    return pd.DataFrame({name: rows.spread_out(values) for name, values in columns.items()}, rows.index)


def linear_predictor(fit: "HLMResult", rows: Rows) -> Array:
    """Give x'β̂ + z'b̂ over the known groups."""
    out: Array = rows.X @ fit.params.to_numpy()
    for level, Z, place in zip(fit.optimum.blocks.levels, rows.Z, rows.place, strict=True):
        if (place < 0).all():
            continue
        blups = fit.random_effects[level.name][list(fit.model.effects(level.name))].to_numpy()
        known = (place >= 0) & (place < len(blups))
        out = out + np.where(known, (Z * blups[np.where(known, place, 0)]).sum(axis=1), 0.0)
    return out


def _interval_exists(fit: "HLMResult", interval: str, level: float) -> None:
    allowed("interval", interval, ("mean", "outcome"))
    share("level", level)
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError(
            "sampling weights make a pseudo-likelihood, which has no model of the outcome; an interval of a "
            "prediction needs a fit without them (intervals of coefficients: conf_int)"
        )
    if interval == "outcome" and fit.weights.precision:
        raise FitError(
            "with precision weights the outcome's variance is σ²/w, and the table does not tell w; use interval='mean'"
        )


def _known_levels(levels: tuple[Level, ...], effects: str, new: str | None) -> list[int]:
    """List the places of the levels whose groups are known."""
    names = tuple(level.name for level in levels)
    if new is not None:
        if effects != "new group":
            raise OptionError(f"new={new!r} goes with effects='new group', not with {effects!r}")
        allowed("new", new, names)
    if effects == "conditional":
        return list(range(len(levels)))
    if new is None:
        return []
    at = names.index(new)
    nested = levels[at].repeat == 1
    return [i for i in range(len(levels)) if (i > at if nested else i != at)]


def _around(fit: "HLMResult", rows: Rows) -> Array:
    """Give the variance of what is not conditioned on: σ², the unknown groups' z'Tz, and Var(z'b | y) of the others."""
    given = row_variances(fit, learn(fit.optimum.blocks, fit.optimum.covs), rows, beta=False)
    found: Array = fit.sigma2 * (1 + new_variances(fit, rows, fit.optimum.covs) + given)
    return found


def _with_interval(
    fit: "HLMResult", rows: Rows, eta: Array, asked: tuple[str, str, str], level: float
) -> dict[str, Array]:
    """Give predicted, se, low, high and df of the complete rows."""
    effects, scale, interval = asked
    errors = prediction_errors(fit, rows)
    random = effects == "new group" or interval == "outcome"
    residual = interval == "outcome"
    variance, dof = fit.sigma2 * errors.total(random, residual), errors.dof(random, residual)
    centre = eta
    if scale == "level" and interval == "mean":
        around, extra = _of_the_mean(fit, errors, marginal=effects == "marginal")
        centre = eta + around / 2
        # The part of σ̂² is apart from that of η̂, whose degrees of freedom are for a share of the whole.
        dof = dof * ((variance + extra) / np.where(variance > 0, variance, 1.0)) ** 2
        variance = variance + extra
    if fit.df_method == "normal":
        dof = np.full(len(rows), np.inf)
    se = np.sqrt(variance)
    half = stdtrit(np.minimum(dof, 1e10), (1 + level) / 2) * se
    low, high, predicted = centre - half, centre + half, eta
    if scale != "model":
        low, high = to_level(low), to_level(high)
        predicted = to_level(eta, _around(fit, rows) if scale == "level" else 0.0)
        se = se * predicted
    return {"predicted": predicted, "se": se, "low": low, "high": high, "df": dof}


def _of_the_mean(fit: "HLMResult", errors: Errors, *, marginal: bool) -> tuple[Array, Array]:
    """Give v of the mean that the interval is of, exp(η + v/2), and the variance of v̂/2."""
    around = 1 + (errors.new if marginal else 0 * errors.new)
    slopes = around[:, None] * errors.sigma + (errors.new_slopes if marginal else 0.0)
    return fit.sigma2 * around, fit.sigma2**2 * (slopes**2).sum(axis=1) / 4
