"""The score: least squares of log welfare, or a logit of being poor, fitted with weights, fold by fold."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from povstats.engine.layout import Codes, Floats
from povstats.errors import DataError, FitError, FormulaError

Method = Literal["ols", "logit"]
METHODS: tuple[Method, ...] = ("ols", "logit")


@dataclass(frozen=True, eq=False)
class Predictors:
    """The right side of a formula as numbers.

    Parameters
    ----------
    names : of the columns. x : shape (n, k).
    """

    names: tuple[str, ...]
    x: Floats


def split(formula: str) -> tuple[str, str]:
    """Take a formula apart: the welfare column, and the predictors.

    Raises
    ------
    FormulaError
        Where it is not "welfare ~ predictors" with a plain column on the left.
    """
    left, _, right = formula.partition("~") if isinstance(formula, str) else ("", "", "")
    if not left.strip() or not right.strip() or not left.strip().isidentifier():
        raise FormulaError(
            f"{formula!r} must be 'welfare ~ predictors', with the column of welfare itself on the left: its "
            "logarithm, or whether it is below the line, is taken by the method"
        )
    return left.strip(), right.strip()


def columns_in(right: str, names: list[str]) -> list[str]:
    """Name the columns that a right side uses.

    Raises
    ------
    FormulaError
        Where it cannot be read, or names what is no column.
    """
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        asked = {str(name) for name in Formula(right).required_variables}
    except FormulaicError as error:
        raise FormulaError(f"{right!r} cannot be read as a formula: {error}") from error
    lost = sorted(asked - set(names))
    if lost:
        raise FormulaError(
            f"{', '.join(map(repr, lost))} in {right!r}: no such columns; there are {', '.join(names[:12])}"
        )
    return sorted(asked)


def predictors(right: str, rows: pd.DataFrame) -> Predictors:
    """Write out the predictors of complete rows."""
    from formulaic import model_matrix

    made = model_matrix(right, rows, na_action="raise")
    x = np.asarray(made, dtype=float)
    if not np.isfinite(x).all():
        raise DataError(f"{right!r} is infinite or undefined in {int((~np.isfinite(x)).any(axis=1).sum())} rows")
    return Predictors(tuple(str(name) for name in made.columns), x)


def fitted(method: Method, x: Floats, target: Floats, weight: Floats) -> Floats:
    """Fit the coefficients.

    Parameters
    ----------
    method : "ols" of the logarithm of welfare, "logit" of being poor. x : predictors. target : what is fitted.
    weight : of the rows.

    Raises
    ------
    FitError
        Where the logit separates the poor from the others, or all rows are alike.
    """
    if method == "ols":
        root = np.sqrt(weight)
        return np.asarray(np.linalg.lstsq(x * root[:, None], target * root, rcond=None)[0])
    import warnings

    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationError, PerfectSeparationWarning

    if target.min() == target.max():
        raise FitError("all rows are poor, or none is, in one of the folds: a logit cannot be fitted")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PerfectSeparationWarning)
            model = sm.GLM(target, x, family=sm.families.Binomial(), freq_weights=weight / weight.mean())
            found = model.fit()
    except (PerfectSeparationError, PerfectSeparationWarning) as error:
        raise FitError("the predictors separate the poor from the others without error: no logit exists") from error
    return np.asarray(found.params)


def out_of_fold(method: Method, x: Floats, target: Floats, weight: Floats, fold: Codes) -> Floats:
    """Score every row by the coefficients of the other folds."""
    found = np.empty(len(x))
    for turn in np.unique(fold):
        here = fold == turn
        found[here] = x[here] @ fitted(method, x[~here], target[~here], weight[~here])
    return found


def dealt(units: Codes, folds: int, rng: np.random.Generator) -> Codes:
    """Deal units (PSUs, or rows) to folds at random, as evenly as can be; give each row's fold."""
    size = int(units.max()) + 1
    if size < folds:
        raise DataError(f"{size} units cannot be dealt to {folds} folds; take fewer folds, or name a finer psu column")
    place = np.empty(size, dtype=np.intp)
    place[rng.permutation(size)] = np.arange(size) % folds
    return place[units]


def percent_of_variance(target: Floats, fit: Floats, weight: Floats) -> float:
    """Give the weighted R²."""
    mean = np.average(target, weights=weight)
    return float(1 - (weight * (target - fit) ** 2).sum() / (weight * (target - mean) ** 2).sum())


def rows_of(frame: Any, columns: list[str]) -> tuple[pd.DataFrame, dict[str, int], int]:
    """Bring the columns into memory and leave out incomplete rows; give them, what is missing, and the rows read."""
    from povstats.engine.panels import collected

    whole = collected(frame.select(*columns))
    lacking = {name: int(n) for name, n in whole.isna().sum().items() if n}
    return whole.dropna().reset_index(drop=True), lacking, len(whole)
