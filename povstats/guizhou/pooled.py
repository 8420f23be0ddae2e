"""A plain regression over all rows with standard errors that know of the villages: no effects of villages at all."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from povstats.errors import FitError
from povstats.models.specification_robust import cr2
from povstats.models.within_moments import least_squares

Array = np.ndarray[Any, Any]
INTERCEPT = "Intercept"


def pooled(outcome: Array, columns: pd.DataFrame, groups: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Regress an outcome on columns and a constant by least squares, clustered by group (CR2).

    The covariance is that of Bell and McCaffrey, and each coefficient's t has the degrees of freedom of Satterthwaite
    under independent rows of equal variance, as `fit_hlm(...).robust("CR2")` has them under its own model.

    Parameters
    ----------
    outcome : shape (n,), without missing values. columns : n rows, numbers. groups : the cluster of each row.
    level : coverage of the intervals.

    Returns
    -------
    DataFrame
        Rows by term, the intercept first; columns estimate, se, df, p, low, high.

    Raises
    ------
    FitError
        Where columns are collinear, or groups are fewer than two.

    Notes
    -----
    Source: Bell & McCaffrey (2002), Survey Methodology 28; Pustejovsky & Tipton (2018), Journal of Business & Economic
    Statistics 36.
    """
    codes = pd.factorize(groups)[0]
    if codes.max() < 1:
        raise FitError("standard errors clustered by group need two groups or more")
    centre = columns.mean()
    names = [INTERCEPT, *columns.columns]
    stack = np.column_stack([np.ones(len(columns)), (columns - centre).to_numpy(dtype=float), outcome])
    total = np.zeros((codes.max() + 1, stack.shape[1], stack.shape[1]))
    np.add.at(total, codes, stack[:, :, None] * stack[:, None, :])
    found = {}
    for place, name in enumerate(names):
        found[name] = _last(_about(total, place, centre), name)
    rows = pd.DataFrame.from_dict(found, orient="index", columns=["estimate", "se", "df"])
    half = stdtrit(rows["df"], (1 + level) / 2) * rows["se"]
    p = 2 * stdtr(rows["df"], -np.abs(rows["estimate"] / rows["se"]))
    return rows.assign(p=p, low=rows["estimate"] - half, high=rows["estimate"] + half)


def _about(total: Array, place: int, centre: pd.Series) -> Array:
    """Move the column of one coefficient to the end of X; the intercept is that at columns of zero."""
    order = [i for i in range(total.shape[1] - 1) if i != place] + [place, total.shape[1] - 1]
    if place:
        return total[:, order][:, :, order]
    turn = np.eye(total.shape[1])
    turn[0, 1:-1] = centre  # raw columns = centred columns + centre
    moved: Array = (turn.T @ total @ turn)[:, order][:, :, order]
    return moved


def _last(by_group: Array, name: str) -> list[float]:
    """Estimate the last coefficient of X, with its CR2 error and degrees of freedom."""
    least = least_squares(by_group.sum(axis=0), [*(f"column {i}" for i in range(by_group.shape[1] - 2)), name])
    one = cr2(by_group, least, np.arange(len(by_group)), 1)
    return [float(one.b[0]), float(np.sqrt(one.cov[0, 0])), one.df2]
