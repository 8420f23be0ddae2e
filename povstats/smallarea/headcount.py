"""predicted_headcount: poverty by village from a fitted hierarchical model."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.engine import open_table
from povstats.engine.cells import Array
from povstats.engine.source import Table
from povstats.errors import DataError, FitError, OptionError
from povstats.models.inference.bootstrap import FEWEST, progress
from povstats.models.inference.random_source import generator_of
from povstats.models.interpretation.prediction.prediction_errors import prediction_errors
from povstats.models.interpretation.prediction.prediction_rows import Rows, labels_of, open_rows
from povstats.models.interpretation.prediction.prediction_scale import require_log
from povstats.models.rows import Account
from povstats.smallarea.areas import Areas, by_area, own_estimates, predictive
from povstats.smallarea.intervals import ends
from povstats.smallarea.lognormal import expected, variances
from povstats.smallarea.mse import Errors, bootstrap_mse
from povstats.smallarea.result import Asked, SmallArea
from povstats.survey import require_column, require_weights

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

_ERRORS = tuple(f"{measure}_{part}" for measure in ("headcount", "gap") for part in ("se", "low", "high"))


def predicted_headcount(
    fit: "HLMResult",
    table: Table,
    line: float,
    *,
    by: str | None = None,
    size: str | None = None,
    n: int = 200,
    rng: np.random.Generator | int = 1,
    log_outcome: bool | None = None,
) -> SmallArea:
    """Predict poverty headcounts and gaps by area for the households of a table.

    P(y < line | sample) = Φ((log line − x'β̂ − z'b̂) / √(z'Var(b | y)z + σ̂²)), averaged over an area's households.

    Parameters
    ----------
    fit : a model of log welfare, without weights; its sample need not be part of the table.
    table : a census, a frame, or the sample itself: one row a household, with the predictors and groups under the
        names of the fit. Groups that the fit has not seen (villages without a sampled household) get the synthetic
        estimate, in which z'Tz takes the place of z'Var(b | y)z; groups above them that it has seen still count.
    line : the poverty line, in money, as the welfare inside log(…) is; a household below it is poor.
    by : column of the areas; without it the lowest grouping of the model.
    size : column of the persons of a household; without it households are counted.
    n : replicates of the parametric bootstrap behind the standard errors, at least 40; 0 for none.
    rng : a numpy Generator, or the seed of one.
    log_outcome : True where the outcome is a column of natural logarithms; without it the formula must say log(…).

    Returns
    -------
    SmallArea
        Headcount and poverty gap by area and over all households, the roots of their mean squared errors, 95 %
        prediction intervals of the true shares, and the share of the synthetic.

    Raises
    ------
    OptionError
        Where the line is not above zero, or the outcome is not known to be a logarithm.
    DataError
        Where a column is not there, or a household's size is not above zero.
    FitError
        Where the fit has weights, or too few refits converge.

    Notes
    -----
    Every row is predicted, also a household of the sample, whose own outcome is known: the households are taken as
    others than those of the sample, which matters little where few of an area are sampled. The mean squared error is
    that of the prediction of what the households really are, and it rests on the model: normal effects and residuals,
    and villages outside the sample like those in it. It is an average over all values that the area's effects may
    have, so that it is much too large for an area predicted near 0 or 1; the interval is not made from it, but on the
    probit scale, on which the error hardly depends on the effects (see intervals.ends).
    Source: Molina & Rao (2010), Canadian Journal of Statistics 38, sections 3 and 4, with the expectations in closed
    form; Rao & Molina (2015), Small Area Estimation, section 9.4. See bootstrap_mse for the errors.
    """
    log_line = _log_of(line)
    if not isinstance(fit, _results()):
        raise OptionError(f"fit is a {type(fit).__name__}; give a fit of fit_hlm, which has effects of groups")
    require_log(fit, log_outcome, "a poverty line")
    _unweighted(fit)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or (n != 0 and n < FEWEST):
        raise OptionError(f"n={n!r}: give 0 for no standard errors, else at least {FEWEST} replicates, better 200")
    levels = fit.optimum.blocks.levels
    whole = open_table(table)
    others = [require_weights(whole, "size", size, positive=True)] if size is not None else []
    if by is not None:
        others.append(require_column(whole, "by", by))
    rows = open_rows(fit, whole.to_native(), range(len(levels)), strangers=True, others=others)
    areas = _areas(fit, rows, by, size)
    mu, sd = predictive(fit, rows, own_estimates(fit))
    found = expected(mu, sd, log_line)
    columns = {"headcount": areas.shares(found.headcount), "gap": areas.shares(found.gap)}
    columns |= dict.fromkeys(_ERRORS, np.full(len(areas.labels) + 1, np.nan))
    done = 0
    if n:
        with progress(n, "predicted headcounts") as tell:
            mse = bootstrap_mse(fit, rows, areas, log_line, n, generator_of(rng), tell)
        columns |= _errors(fit, areas, mu, log_line, (mse, _dof(fit, rows, areas)))
        done = mse.n
    synthetic = areas.shares((rows.place[0] >= len(levels[0].labels)).astype(float))
    frame = _frame(areas, columns, synthetic)
    account = Account(rows.read, len(rows), rows.missing)
    return SmallArea(frame, Asked(float(line), by or levels[0].name, size, n, done), account, fit)


def _results() -> type:
    from povstats.models.result import HLMResult

    return HLMResult


def _log_of(line: float) -> float:
    """Refuse what is no poverty line."""
    if isinstance(line, bool) or not isinstance(line, int | float | np.number) or not 0 < float(line) < math.inf:
        raise OptionError(
            f"line={line!r} must be a number above 0, in money as the welfare is (not its logarithm), such as 2300"
        )
    return math.log(float(line))


def _unweighted(fit: "HLMResult") -> None:
    """Refuse fits whose σ² is not that of a household of the table."""
    if fit.weights.sampling or fit.weights.precision:
        raise FitError(
            "the fit has weights: under sampling weights there is no model of the outcome, under precision weights "
            "the variance of a household of the table is not known; fit without them"
        )


def _areas(fit: "HLMResult", rows: Rows, by: str | None, size: str | None) -> Areas:
    """Sort the complete rows into areas."""
    if not len(rows):
        lost = ", ".join(f"{name} {count}" for name, count in rows.missing.items()) or "the table is empty"
        raise DataError(f"none of {rows.read} rows is complete (missing values: {lost})")
    columns = (by,) if by is not None else fit.model.groupings[fit.optimum.blocks.levels[0].name]
    persons = np.ones(len(rows)) if size is None else np.asarray(rows.frame[size].to_numpy(), dtype=float)
    return by_area(labels_of(rows.frame, columns), persons)


def _dof(fit: "HLMResult", rows: Rows, areas: Areas) -> Array:
    """Average, by their inverses, Satterthwaite's degrees of freedom of the errors of x'β̂ + z'b̂ over an area."""
    found: Array = 1 / np.maximum(
        areas.shares(1 / prediction_errors(fit, rows).dof(random=True, residual=False)), 1e-10
    )
    return found


def _errors(
    fit: "HLMResult", areas: Areas, mu: Array, log_line: float, known: tuple[Errors, Array]
) -> dict[str, Array]:
    """Give roots of the mean squared errors and the ends of 95 % intervals."""
    mse, dof = known
    sigma = float(np.sqrt(fit.sigma2))
    out: dict[str, Array] = {}
    typical, own = expected(mu, sigma, log_line), variances(mu, sigma, log_line)
    for name in ("headcount", "gap"):
        at = areas.shares(getattr(typical, name))
        low, high = ends(at, (*mse.probits[name], dof), areas.spread(getattr(own, name)))
        out |= {f"{name}_se": np.sqrt(getattr(mse, name)), f"{name}_low": low, f"{name}_high": high}
    return out


def _frame(areas: Areas, columns: dict[str, Array], synthetic: Array) -> pd.DataFrame:
    """Put all side by side; the whole stands last, under the label None."""
    households = np.bincount(areas.codes, minlength=len(areas.labels))
    order = [name for measure in ("headcount", "gap") for name in columns if name.startswith(measure)]
    frame = {name: columns[name] for name in order}
    frame["households"] = np.append(households, households.sum()).astype(float)
    frame["persons"] = np.append(areas.weight, areas.weight.sum())
    frame["synthetic"] = synthetic
    return pd.DataFrame(frame, index=pd.Index([*areas.labels, None], dtype=object))
