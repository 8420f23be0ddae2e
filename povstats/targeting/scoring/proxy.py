"""proxy_means: the verb."""

import numpy as np
import pandas as pd

from povstats.engine.layout import PSU, STRATUM, Floats, Layout, add_up, lay_out
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, allowed, finite, whole
from povstats.poverty.discrimination import area
from povstats.poverty.poor import checked_design
from povstats.poverty.variance import Sampling, covariance, quantile_of_t
from povstats.survey import Design
from povstats.targeting.flags import kept_columns, known, opened
from povstats.targeting.scoring.result import Area, Asked, ProxyMeans
from povstats.targeting.scoring.score import (
    METHODS,
    Method,
    columns_in,
    dealt,
    fitted,
    out_of_fold,
    percent_of_variance,
    predictors,
    rows_of,
    split,
)


def proxy_means(
    table: Table,
    formula: str,
    line: float,
    *,
    method: Method = "ols",
    folds: int = 10,
    rng: np.random.Generator | int = 1,
    design: Design | None = None,
    size: str | None = None,
) -> ProxyMeans:
    r"""Make a proxy means score, and judge it on PSUs that it was not made from.

    .. math:: \text{ols: } \log y_k = x_k'\beta + e_k, \quad \text{logit: }
        \log \frac{P(y_k < z)}{1 - P(y_k < z)} = x_k'\gamma

    fitted with the design's weights, for each fold on the others; the score is x'β̂, or −x'γ̂, low for the poor. The
    area under the ROC curve is the chance that a poor person scores lower than one who is not poor.

    Parameters
    ----------
    table : as for `povstats.targeting_errors`; a lazy table's columns come into memory. Incomplete rows are left
        out, and told.
    formula : "expenditure ~ education + age + farm": welfare, as it is, on the left; what can be seen on the right.
    line : the poverty line: a row below it is truly poor.
    method : "ols" of log welfare, or "logit" of being poor.
    folds : parts of the cross-validation, at least 2; a PSU lies in one fold (rows, where no `psu` is named).
    rng : a numpy Generator, or the seed of one, that deals PSUs to folds.
    design : weights, strata and PSUs. size : column of the persons of a row's household: errors then count persons.

    Returns
    -------
    ProxyMeans
        Coefficients on all rows, the score of every row out of its fold, the area under the ROC curve with its
        standard error by the design (fit and folds taken as given), `errors(budget)`, and charts.

    Raises
    ------
    OptionError
        Where the method or the folds are not allowed, or the design has replicates or an fpc.
    FormulaError
        Where the formula cannot be read.
    DataError
        Where a column is not there, welfare is not above zero for "ols", or nobody (or everybody) is poor.
    FitError
        Where the logit separates the poor without error.

    Source
    ------
    Grosh and Baker (1995), Proxy Means Tests for Targeting Social Programs, LSMS working paper 118; DeLong et al.
    (1988), Biometrics 44, for the area.
    """
    allowed("method", method, METHODS)
    whole("folds", folds)
    if folds < 2:
        raise OptionError(f"folds={folds} must be 2 or more: without folds a score is judged on what it was made from")
    if not finite(line) or not line > 0:
        raise OptionError(f"line={line!r} must be one number above 0, in the unit of welfare")
    drawn = checked_design(design)
    if drawn.route not in ("linearised", "census") or drawn.fpc is not None:
        raise OptionError("a score takes weights, strata and PSUs; replicates, a bootstrap or an fpc it cannot use")
    frame, schema = opened(table)
    welfare, right = split(formula)
    known(schema, "welfare", welfare)
    used = columns_in(right, list(schema))
    for name in kept_columns(drawn, size):
        if name not in schema:
            known(schema, "design or size", name)
    rows, lacking, read = rows_of(frame, list(dict.fromkeys([welfare, *used, *kept_columns(drawn, size)])))
    poor = _poor(rows[welfare], float(line), method)
    weight = _ones(rows, drawn.weights)
    persons = weight * _ones(rows, size)
    layout, psu = _layout(rows, drawn, persons)
    seen = predictors(right, rows)
    target = np.log(rows[welfare].to_numpy(dtype=float)) if method == "ols" else poor
    fold = dealt(psu, folds, np.random.default_rng(rng))
    beta = fitted(method, seen.x, target, weight)
    sign = 1.0 if method == "ols" else -1.0
    score, inside = sign * out_of_fold(method, seen.x, target, weight, fold), sign * (seen.x @ beta)
    made = rows[kept_columns(drawn, size)].assign(score=score, fold=fold, poor=poor, weight=persons)
    fit = percent_of_variance(target, seen.x @ beta, weight) if method == "ols" else float("nan")
    return ProxyMeans(
        coefficients=pd.Series(beta, index=list(seen.names), name="coefficient"),
        rows=made,
        area=_area(-score, poor, persons, (layout, psu, drawn)),
        area_inside=area(-inside, poor, persons)[0],
        r2=fit,
        asked=Asked(formula, welfare, float(line), method, int(folds), drawn, size, read, lacking),
    )


def _poor(welfare: pd.Series, line: float, method: Method) -> Floats:
    values = welfare.to_numpy(dtype=float)
    if method == "ols" and not (values > 0).all():
        raise DataError(
            f"column {welfare.name!r} (welfare) is zero or negative in {int((values <= 0).sum())} rows, which have no "
            'logarithm; leave them out and say so, or take method="logit"'
        )
    poor = np.asarray(values < line, dtype=float)
    if not len(poor) or poor.min() == poor.max():
        raise DataError(f"with line={line:g} {'nobody' if not poor.any() else 'everybody'} of {len(poor)} rows is poor")
    return poor


def _ones(rows: pd.DataFrame, column: str | None) -> Floats:
    values = np.ones(len(rows)) if column is None else rows[column].to_numpy(dtype=float)
    if (values < 0).any() or not values.sum() > 0:
        raise DataError(f"column {column!r} has {int((values < 0).sum())} rows below zero, or nothing above it")
    return np.asarray(values)


def _layout(rows: pd.DataFrame, design: Design, weight: Floats) -> tuple[Layout, np.ndarray]:
    import narwhals as nw

    named = {STRATUM: design.strata, PSU: design.psu}
    labels = pd.DataFrame(
        {name: rows[column] for name, column in named.items() if column is not None}, index=rows.index
    )
    layout, _, psu = lay_out(
        nw.from_native(labels, eager_only=True), weight, by=False, strata=STRATUM in labels, psu=PSU in labels
    )
    return layout, psu


def _area(risk: Floats, poor: Floats, weight: Floats, sample: tuple[Layout, np.ndarray, Design]) -> Area:
    """Give the area with its standard error by the design, the score taken as given."""
    layout, psu, design = sample
    value, influence = area(risk, poor, weight)
    if design.full_count:
        return Area(value, 0.0, float("nan"), value, value)
    parts = add_up(psu, weight * influence, len(layout.stratum))
    if design.lonely == "fail" and (layout.stratum_psus == 1).any():
        raise DataError(
            'a stratum has a single PSU, which leaves no variance; choose Design(lonely="center") or join it'
        )
    drawn = Sampling(design.lonely, np.zeros(len(layout.strata)))
    variance = covariance(parts, parts, layout.stratum, layout.stratum_psus, drawn)
    df = float(len(layout.stratum) - len(layout.strata))
    se = float(np.sqrt(max(variance, 0.0)))
    half = quantile_of_t(df) * se if df >= 1 else float("nan")
    return Area(value, se, df, value - half, min(value + half, 1.0))
