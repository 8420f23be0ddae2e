"""One moderator for another: how an item's slope goes with the level of villages, by where the level is taken from.

Every figure of the level is put on the scale of the logarithm, so that all slopes are per log point of the level.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from povstats.errors import DataError, FitError, OptionError, whole
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.plan import Plan
from povstats.guizhou.pooled import pooled
from povstats.guizhou.slope_on_level import slope_on_level
from povstats.models import HLMResult, split_half_mean
from povstats.models.inference.random_source import generator_of
from povstats.models.inference.robust import pieces_of, sandwich_of
from povstats.models.inference.robust_result import clusters_of

Array = np.ndarray[Any, Any]
COLUMN = "povstats_level"
LEVEL = 0.95
FEWEST = 4
"""Rows of a village from which on it can be halved."""


@dataclass(frozen=True, slots=True)
class Treated:
    """An item's slope per log point of the village's level.

    Attributes
    ----------
    estimate, se, df, p, low, high : of item × level; se and df missing where the interval is a profile.
    level : coefficient of the level at the item's average grade; missing where there is none. rows, villages : used.
    boundary : whether a variance is estimated at zero; of random halves, in some split.
    """

    estimate: float
    se: float
    df: float
    p: float
    low: float
    high: float
    level: float
    rows: int
    villages: int
    boundary: bool


def complete(analysis: Analysis, item: str) -> Analysis:
    """Keep the rows with all columns of an item's model, so that every treatment sees the same households."""
    plan = analysis.plan
    if item not in (*plan.items, *plan.household):
        raise OptionError(f"item={item!r} is none of the plan's items and household columns")
    household = tuple(name for name in plan.household if name != item)
    items = plan.items if item in plan.items else (item,)
    needed = [plan.outcome, item, *household, *plan.village, plan.group]
    table = analysis.table.dropna(subset=needed).reset_index(drop=True)
    if not (table[plan.outcome] > 0).all():
        raise DataError(f"column {plan.outcome!r} must be above zero in all rows; its logarithm is modelled")
    return Analysis(table, replace(plan, items=items, household=household), analysis.labels)


def naive(analysis: Analysis, item: str) -> Treated:
    """Take the mean logarithm of all sampled households of the village: it holds each household's own outcome."""
    logs = _logs(analysis)
    return _random_slope(analysis, item, logs.groupby(_group(analysis)).transform("mean"))


def as_planned(analysis: Analysis, item: str) -> Treated:
    """Take the plan's own moderator, over its average: at a village of average level, one is one log point."""
    found = analysis.table[analysis.plan.moderator].astype(float)
    return _random_slope(analysis, item, found / found.mean())


def outside(analysis: Analysis, item: str, column: str) -> Treated:
    """Take the logarithm of a figure that was not computed from the sampled households."""
    if column not in analysis.table.columns:
        raise OptionError(f"outside={column!r} is no column of the table")
    found = analysis.table[column].astype(float)
    if (found <= 0).any():
        raise DataError(f"column {column!r} must be above zero; its logarithm is the village's level")
    return _random_slope(analysis, item, np.log(found))


def leave_one_out(analysis: Analysis, item: str) -> Treated:
    """Take the mean logarithm of the other households, in a regression without effects of villages.

    With them there is no estimate: y = n ȳ_j − (n − 1) ȳ_(−i), so that within a village the mean of the others is the
    outcome itself, with slope −(n − 1). Standard errors are clustered by village (CR2).
    """
    logs = _logs(analysis)
    of = logs.groupby(_group(analysis))
    counts = of.transform("count")
    analysis = _kept(analysis, counts >= 2)
    others = ((of.transform("sum") - logs) / (counts - 1).where(counts >= 2))[counts >= 2].reset_index(drop=True)
    plan, table = analysis.plan, analysis.table
    columns = pd.get_dummies(table[[*plan.household, item]], drop_first=True, dtype=float).astype(float)
    for name, values in [(COLUMN, others), *((one, table[one]) for one in plan.village if one != plan.moderator)]:
        columns[name] = values.astype(float) - float(values.mean())
        columns[f"{item}:{name}"] = columns[item] * columns[name]
    rows = pooled(_logs(analysis).to_numpy(), columns, _group(analysis), LEVEL)
    row = rows.loc[f"{item}:{COLUMN}"]
    level = float(rows.loc[COLUMN, "estimate"] + row["estimate"] * columns[item].mean())
    return _treated(row, level, len(table), _group(analysis).nunique(), False)


def split_half(analysis: Analysis, item: str, splits: int, rng: "np.random.Generator | int") -> Treated:
    """Average the estimates over random halves: one half gives the mean, the other alone is fitted.

    The estimate is θ̄ = Σ_r θ_r / R. Each θ_r is a sum of parts ψ_rj that the villages bring (CR2), and villages are
    independent whatever the halves, so that Var(θ̄) = Σ_j (Σ_r ψ_rj / R)²: what the splits share counts once, what is
    luck of a split is averaged away. The t has the median of the splits' degrees of freedom (Satterthwaite for CR2).

    Notes
    -----
    Source: the sum over clusters is that of Liang & Zeger (1986), Biometrika 73, with the parts of Bell & McCaffrey
    (2002), Survey Methodology 28; averaging over splits as in Follmann, Proschan & Leifer (2003), Biometrics 59.
    """
    plan, generator = analysis.plan, generator_of(rng)
    analysis = _kept(analysis, _logs(analysis).groupby(_group(analysis)).transform("count") >= FEWEST)
    table = analysis.table.assign(**{COLUMN: _logs(analysis)})
    fits, parts, freedom, levels = [], [], [], []
    for _ in range(counted(splits)):
        means = split_half_mean(table, COLUMN, by=plan.group, rng=generator)
        half = means.notna()
        fits.append(_fitted(_kept(analysis, half), item, means[half]))
        part, df = _village_parts(fits[-1], f"{item}:center({COLUMN})")
        parts.append(part)
        levels.append(_level(fits[-1], item, table[item][half]))
        freedom.append(df)
    theta = float(np.mean([fit.params[f"{item}:center({COLUMN})"] for fit in fits]))
    se, df = float(np.sqrt(np.sum(np.mean(parts, axis=0) ** 2))), float(np.median(freedom))
    half_width = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    level = float(np.mean(levels))
    p, ends = float(2 * stdtr(df, -abs(theta / se))), (theta - half_width, theta + half_width)
    flat = any(fit.status == "boundary" for fit in fits)
    return Treated(theta, se, df, p, *ends, level, fits[0].nobs, fits[0].ngroups[plan.group], flat)


def _village_parts(fit: HLMResult, term: str) -> tuple[Array, float]:
    """Give what each village brings to a coefficient's error under CR2, and the degrees of freedom."""
    at, place = fit.optimum.profile, list(fit.params.index).index(term)
    codes = clusters_of(fit, None)[1]
    line = fit.units.x[[place]]
    settled = (fit.optimum.blocks, fit.optimum.factors, (at.C, at.beta), codes, "CR2", line)
    parts = fit.units.scale * pieces_of(*settled).scores @ at.C @ line[0]
    return parts, float(sandwich_of(*settled).dof[0])


def by_covariance(analysis: Analysis, item: str) -> Treated:
    """Take no mean at all: cov(u0, u1) / var(u0) of the random intercept and slope, with its profile interval."""
    plan = analysis.plan
    fixed = plan.fixed(item, without=(plan.moderator,))
    found = slope_on_level(fixed, item, plan.group, analysis.table, LEVEL)
    numbers = (found.estimate, np.nan, np.nan, found.p, found.low, found.high)
    return Treated(*numbers, np.nan, found.rows, found.fit.ngroups[plan.group], found.status == "boundary")


def swapped(plan: Plan, column: str = COLUMN) -> Plan:
    """Put another column in the place of the plan's moderator."""
    village = tuple(column if name == plan.moderator else name for name in plan.village)
    return replace(plan, village=village, moderator=column, funds=None)


def _random_slope(analysis: Analysis, item: str, values: "pd.Series | Array") -> Treated:
    """Give the item's slope from the random-slope model."""
    fit = _fitted(analysis, item, values)
    name = f"{item}:center({COLUMN})"
    row = {"estimate": fit.params[name], "se": fit.std_errors[name], "df": fit.dof[name], "p": fit.pvalues[name]}
    row |= fit.conf_int(LEVEL).loc[name].to_dict()
    villages = fit.ngroups[analysis.plan.group]
    return _treated(row, _level(fit, item, analysis.table[item]), fit.nobs, villages, fit.status == "boundary")


def _level(fit: HLMResult, item: str, values: pd.Series) -> float:
    """Give the coefficient of the level at the item's average grade, which the model has at grade zero."""
    params = fit.params
    return float(params[f"center({COLUMN})"] + params[f"{item}:center({COLUMN})"] * values.astype(float).mean())


def _treated(row: "Mapping[str, float] | pd.Series", level: float, rows: int, villages: int, flat: bool) -> Treated:
    """Take the numbers of an interaction from a row with columns estimate, se, df, p, low, high."""
    estimate, se, df, p, low, high = (float(row[name]) for name in ("estimate", "se", "df", "p", "low", "high"))
    return Treated(estimate, se, df, p, low, high, level, rows, villages, flat)


def _fitted(analysis: Analysis, item: str, values: "pd.Series | Array") -> HLMResult:
    """Fit the item's model with a random slope and these values in the place of the moderator."""
    table = analysis.table.assign(**{COLUMN: np.asarray(values, dtype=float)})
    if not float(np.ptp(table[COLUMN])) > 0:
        raise FitError("the figure of the villages' level is the same in all rows, so nothing can vary with it")
    return Analysis(table, swapped(analysis.plan)).model(item)


def _logs(analysis: Analysis) -> pd.Series:
    return pd.Series(np.log(analysis.table[analysis.plan.outcome].to_numpy(dtype=float)))


def _group(analysis: Analysis) -> pd.Series:
    return analysis.table[analysis.plan.group].reset_index(drop=True)


def _kept(analysis: Analysis, rows: pd.Series) -> Analysis:
    kept = analysis.table[rows.to_numpy(dtype=bool)].reset_index(drop=True)
    return Analysis(kept, analysis.plan, analysis.labels)


def counted(splits: int) -> int:
    """Refuse a number of splits below one."""
    whole("splits", splits)
    if splits < 1:
        raise OptionError(f"splits={splits!r} must be one or more")
    return splits


METHODS: dict[str, Callable[..., Treated]] = {
    "as_planned": as_planned,
    "naive": naive,
    "leave_one_out": leave_one_out,
    "split_half": split_half,
    "outside": outside,
    "covariance": by_covariance,
}
