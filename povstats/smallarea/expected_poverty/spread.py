"""The variance function: how the spread of residuals depends on what is known of a household."""

from typing import Literal

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError

Function = Literal["loglinear", "linear", "constant"]
FUNCTIONS: tuple[Function, ...] = ("loglinear", "linear", "constant")
ROUNDS, DONE = 200, 1e-10
SMALLEST = 1e-12


def variance_function(kind: Function, x: Array, squares: Array) -> tuple[Array, Array]:
    r"""Fit the variance of residuals, and give θ̂ and each row's variance.

    .. math:: \text{loglinear: } \sum_i x_i \{ e_i^2 / \exp(x_i'\theta) - 1 \} = 0, \qquad
        \text{linear: } \hat\theta = \arg\min \sum_i (e_i^2 - x_i'\theta)^2 / (x_i'\tilde\theta)^2

    "loglinear" is the likelihood of normal residuals, found by scoring, which is least squares of e² again and again
    with the last variances as weights; it cannot fall below zero. "linear" is Amemiya's three steps, of which Chaudhuri
    and others take θ̃ from least squares of e².

    Parameters
    ----------
    kind : of FUNCTIONS; "constant" is the mean of the squares. x : shape (n, p), with a constant.
    squares : shape (n,), squared residuals, freed of their leverage.

    Raises
    ------
    FitError
        Where the scoring does not settle, or a linear variance is not above zero in some rows.

    Source
    ------
    Harvey (1976), Econometrica 44; Amemiya (1977), Journal of Econometrics 6.
    """
    if kind == "constant":
        mean = float(squares.mean())
        return np.array([mean]), np.full(len(x), mean)
    return _linear(x, squares) if kind == "linear" else _loglinear(x, squares)


def _loglinear(x: Array, squares: Array) -> tuple[Array, Array]:
    scale = float(squares.mean())
    if not scale > SMALLEST:
        raise FitError("the residuals are all zero: there is no variance to describe")
    theta: Array = np.asarray(np.linalg.lstsq(x, np.full(len(x), np.log(scale)), rcond=None)[0])
    for _ in range(ROUNDS):
        fitted = np.exp(np.clip(x @ theta, -700, 700))
        step = np.linalg.lstsq(x, squares / fitted - 1, rcond=None)[0]
        # A step of more than one on the log scale would overshoot.
        size = float(np.abs(x @ step).max())
        theta = theta + step / max(size, 1.0)
        if size < DONE:
            return theta, np.exp(x @ theta)
    raise FitError("the variance function did not settle; take variance='constant', or a fit with fewer predictors")


def _linear(x: Array, squares: Array) -> tuple[Array, Array]:
    first = x @ np.linalg.lstsq(x, squares, rcond=None)[0]
    _refuse(first)
    theta: Array = np.asarray(np.linalg.lstsq(x / first[:, None], squares / first, rcond=None)[0])
    fitted = x @ theta
    _refuse(fitted)
    return theta, fitted


def _refuse(fitted: Array) -> None:
    low = int((fitted <= 0).sum())
    if low:
        raise FitError(
            f"the linear variance function is not above 0 in {low} of {len(fitted)} rows, which then have no "
            "chance to be poor; take variance='loglinear'"
        )
