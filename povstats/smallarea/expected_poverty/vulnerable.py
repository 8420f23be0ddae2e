"""vulnerability: the verb."""

import math
from typing import TYPE_CHECKING, Literal

import narwhals as nw
import numpy as np
import pandas as pd
from scipy.special import ndtr

from povstats.engine import open_table
from povstats.engine.columns import ROW
from povstats.engine.source import Table
from povstats.errors import FitError, OptionError, allowed, finite
from povstats.models.interpretation.prediction.prediction_rows import Rows, labels_of, open_rows
from povstats.models.interpretation.prediction.prediction_scale import require_log
from povstats.models.model import needed_columns
from povstats.models.rows import Account, complete
from povstats.smallarea.areas import own_estimates, predictive
from povstats.smallarea.expected_poverty.result import Asked, Vulnerability
from povstats.smallarea.expected_poverty.spread import FUNCTIONS, Function, variance_function
from povstats.survey import require_column, require_weights

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

EXACT = 1e-8
"""A row that keeps less of its variance in its residual is reproduced by the model, and says nothing of the spread."""


def vulnerability(
    fit: "HLMResult",
    table: Table,
    line: float,
    *,
    threshold: float | Literal["poverty_rate"],
    by: str | None = None,
    size: str | None = None,
    variance: Function = "loglinear",
    log_outcome: bool | None = None,
) -> Vulnerability:
    r"""Estimate each household's chance to be poor next time: vulnerability as expected poverty.

    .. math:: v_i = \Phi\Big( \frac{\log z - x_i'\hat\beta - z_i'\hat b}{\hat s_i} \Big), \qquad
        \hat s_i^2 = z_i' \widehat{Var}(b \mid y) z_i + h(x_i)

    with h a function of the variance of residuals, fitted to ê² / (1 − leverage). What a household has beyond its
    village and its characteristics is taken for chance that is drawn anew each time: a lasting difference makes
    chances in the middle where they are near 0 or 1, which `calibrate` can show and one wave cannot.

    Parameters
    ----------
    fit : a hierarchical model of log welfare, without weights.
    table : the table that it was fitted to, in memory or a file.
    line : the poverty line, in money, as the welfare inside log(…) is.
    threshold : the chance from which a household is called vulnerable: a number such as 0.5, or "poverty_rate", the
        observed share of the poor. It has no default, since it decides how many are.
    by : column of the groups; without it the lowest grouping of the model.
    size : column of the persons of a household; without it households are counted.
    variance : "loglinear", "linear" (that of Chaudhuri and others) or "constant".
    log_outcome : True where the outcome is a column of natural logarithms.

    Returns
    -------
    Vulnerability
        Chances by household, means and shares by group, who is poor and vulnerable, and `calibrate(poor_later)`.

    Raises
    ------
    OptionError
        Where the line or threshold is out of range, or the outcome is not known to be a logarithm.
    DataError
        Where the table is not that of the fit.
    FitError
        Where the fit has weights, or no variance function can be had.

    Notes
    -----
    β̂ is that of the fit, which takes residuals as spread alike; it stays unbiased where they are not.

    Source
    ------
    Chaudhuri, Jalan and Suryahadi (2002), Columbia University discussion paper 0102-52, equations 2 to 9; Günther and
    Harttgen (2009), World Development 37, for villages.
    """
    _refuse(line, threshold)
    allowed("variance", variance, FUNCTIONS)
    from povstats.models.result import HLMResult

    if not isinstance(fit, HLMResult):
        raise OptionError(f"fit is a {type(fit).__name__}; give a fit of fit_hlm, which has effects of groups")
    require_log(fit, log_outcome, "a poverty line")
    if fit.weights.sampling or fit.weights.precision:
        raise FitError("the fit has weights, under which its σ² is not that of a household; fit without them")
    whole = open_table(table)
    others = [require_weights(whole, "size", size, positive=True)] if size is not None else []
    if by is not None:
        others.append(require_column(whole, "by", by))
    used, account = complete(whole, tuple(dict.fromkeys([*needed_columns(fit.model.formula), *others])))
    assert isinstance(used, nw.DataFrame)
    kept = used.drop(ROW) if ROW in used.columns else used
    numbers = used[ROW].to_numpy() if ROW in used.columns else np.arange(len(used))
    residuals = fit.residuals(kept.to_native()).frame
    rows = open_rows(fit, kept.to_native(), range(len(fit.optimum.blocks.levels)), others=others)
    free = 1 - residuals["leverage"].to_numpy(dtype=float)
    told = free > EXACT
    squares = residuals["residual"].to_numpy(dtype=float)[told] ** 2 / free[told]
    theta, spread = _spread(variance, rows, told, squares)
    mu, sd = predictive(fit, rows, own_estimates(fit))
    village = np.maximum(sd**2 - fit.sigma2, 0.0)
    outcome = residuals["fitted"].to_numpy(dtype=float) + residuals["residual"].to_numpy(dtype=float)
    frame = _frame((mu, np.sqrt(village + spread), outcome, math.log(line)), numbers, _labels(fit, rows, by))
    frame["persons"] = 1.0 if size is None else np.asarray(rows.frame[size].to_numpy(), dtype=float)
    share = float(np.average(frame["poor"], weights=frame["persons"]))
    at = share if threshold == "poverty_rate" else float(threshold)
    frame["vulnerable"] = (frame["vep"] >= at).astype(float)
    level = by or fit.optimum.blocks.levels[0].name
    asked = Asked(float(line), at, threshold == "poverty_rate", level, size, variance)
    found = pd.Series(theta, index=list(fit.params.index) if len(theta) > 1 else ["Intercept"], name="theta")
    return Vulnerability(frame, found, asked, Account(account.read, account.used, account.missing), fit)


def _refuse(line: object, threshold: object) -> None:
    if isinstance(line, bool) or not finite(line) or not float(line) > 0:  # type: ignore[arg-type]
        raise OptionError(f"line={line!r} must be a number above 0, in money as the welfare is (not its logarithm)")
    if threshold != "poverty_rate" and not (finite(threshold) and 0 < float(threshold) < 1):  # type: ignore[arg-type]
        raise OptionError(f'threshold={threshold!r} must be a chance between 0 and 1, such as 0.5, or "poverty_rate"')


def _spread(kind: Function, rows: Rows, told: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit the variance function on the rows that tell of it, and apply it to all."""
    theta, fitted = variance_function(kind, rows.X[told], squares)
    if told.all() or kind == "constant":
        return theta, fitted if told.all() else np.full(len(rows), fitted[0])
    whole = rows.X @ theta
    return theta, np.exp(whole) if kind == "loglinear" else whole


def _labels(fit: "HLMResult", rows: Rows, by: str | None) -> list[object]:
    columns = (by,) if by is not None else fit.model.groupings[fit.optimum.blocks.levels[0].name]
    return labels_of(rows.frame, columns)


def _frame(
    numbers: tuple[np.ndarray, np.ndarray, np.ndarray, float], place: np.ndarray, groups: list[object]
) -> pd.DataFrame:
    mu, sd, outcome, log_line = numbers
    frame = pd.DataFrame({"group": groups, "mean": mu, "sd": sd}, index=pd.Index(place, name="row"))
    frame["vep"] = ndtr((log_line - mu) / sd)
    frame["poor"] = (outcome < log_line - 1e-12 * abs(log_line)).astype(float)
    return frame
