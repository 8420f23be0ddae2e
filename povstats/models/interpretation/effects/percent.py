"""Effects in per cent of an outcome that is a logarithm: three estimators, and three questions under a random slope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Array
from povstats.errors import FitError, OptionError, finite
from povstats.models.inference.joint import listed, named_terms
from povstats.models.interpretation.effects.contrast import LARGE, check_level, means
from povstats.models.interpretation.effects.focal import predictors
from povstats.models.interpretation.effects.logs import in_percent, is_log, outcome_is_log, outcome_name
from povstats.models.interpretation.effects.percent_result import PercentEffects
from povstats.models.model import Model
from povstats.models.terms import Factor

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

TERMS = 400
"""Terms of the series of 0F1: far beyond where they have vanished."""
MOST = 20.0
"""D²V beyond which the unbiased estimator is no number to be read: it swings about zero."""


FAR = 500.0
"""Changes of the logarithm beyond which there is no number in per cent."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one coefficient is read: "level", "dummy", "log" or "interaction"; by which change; its step D in b·D."""

    kind: str
    change: float
    step: float


def percent_effects(
    fit: "HLMResult",
    change: float | Mapping[str, float] = 1,
    *,
    level: float = 0.95,
    terms: str | Sequence[str] | None = None,
    log_outcome: bool | None = None,
) -> PercentEffects:
    """Read coefficients in per cent of the outcome, which must be a logarithm.

    With b the coefficient, V its variance and D the step: 100(exp(bD) − 1), the change of the median; Kennedy's
    100(exp(bD − D²V/2) − 1); and the minimum-variance unbiased 100(exp(bD)·0F1(m; −mD²V/2) − 1), m = df/2. The interval
    is that of b, with its ends transformed. Where b has a random slope: the change in the median group,
    100(exp(bD) − 1); the mean of the groups' effects, 100(exp(bD + d'Td/2) − 1); the ratio of marginal means,
    100(exp(bD + (z₁'Tz₁ − z₀'Tz₀)/2) − 1), with z₀ and z₁ the random effects' predictors where this one is zero and D
    and the others are at their means, d = z₁ − z₀; with a random intercept and this slope alone the last is
    100(exp(bD + Dτ01 + D²τ11/2) − 1). Sums run over all groupings that have the slope.

    Parameters
    ----------
    change : of a predictor, in its own unit, for all or by term; of one that is a logarithm, in per cent of what stands
        inside (D = log(1 + change/100), so that the row is an elasticity). A dummy's is always 1.
    level : of the intervals.
    terms : coefficients or terms; without them all but the intercept and those that cannot change alone.
    log_outcome : True where the outcome is a column of logarithms; without it the formula must say log(…).

    Returns
    -------
    PercentEffects
        `table`, by term: percent, kennedy, exact, low, high; `random`, the three answers of those with random slopes.

    Raises
    ------
    OptionError
        Where the outcome is not a logarithm, or a term cannot be read alone.

    Notes
    -----
    Source: Halvorsen & Palmquist (1980), American Economic Review 70; Kennedy (1981), the same 71; van Garderen & Shah
    (2002), Econometrics Journal 5, for the unbiased estimator, which is exact where V is s²·c with s² independent of
    b, and approximate here.
    """
    check_level(level)
    if not outcome_is_log(fit, log_outcome):
        raise OptionError(
            f"the outcome {outcome_name(fit)!r} is no log(…) in the formula: per cent have no meaning. Model its log, "
            "or say log_outcome=True where the column already holds logarithms"
        )
    names, left = _chosen(fit, terms)
    readings = _readings(fit, names, change)
    quantile = stdtrit(np.minimum(fit.dof[names].to_numpy(), LARGE), (1 + level) / 2)
    step = np.array([readings[name].step for name in names])
    b, V, df = fit.params[names].to_numpy() * step, (fit.std_errors[names].to_numpy() * step) ** 2, fit.dof[names]
    half = quantile * np.sqrt(V)
    far = [name for name, one, wide in zip(names, b, half, strict=True) if not abs(one) + wide < FAR]
    if far:
        raise OptionError(
            f"{far[0]}: a change of {readings[far[0]].change:g} multiplies the outcome beyond any number; take a "
            "smaller change"
        )
    table = pd.DataFrame(
        {
            "kind": [readings[name].kind for name in names],
            "change": [readings[name].change for name in names],
            "step": step,
            "percent": in_percent(b),
            "kennedy": in_percent(b - V / 2),
            "exact": [100 * (np.exp(one) * unbiased_factor(v, d) - 1) for one, v, d in zip(b, V, df, strict=True)],
            "p": fit.pvalues[names].to_numpy(),
            "df": df.to_numpy(),
            "low": in_percent(np.minimum(b - half, b + half)),
            "high": in_percent(np.maximum(b - half, b + half)),
        },
        pd.Index(names, name="term"),
    )
    return PercentEffects(table, _random(fit, readings, half), left, _interacting(fit.model, names), level, fit)


def unbiased_factor(variance: float, df: float) -> float:
    """Give 0F1(; m; −mV/2) with m = df/2, which tends to exp(−V/2): its series is Σ (−V/2)^k / (k! Π_{j<k}(1 + j/m)).

    Parameters
    ----------
    variance : V, the estimated variance of the coefficient. df : its degrees of freedom, perhaps infinite.

    Raises
    ------
    FitError
        Where the variance is so large that the series says nothing.
    """
    if not variance <= MOST:
        raise FitError(
            f"a variance of {variance:.3g} on the log scale is too large for an effect in per cent; take a smaller "
            "change"
        )
    total, part = 1.0, 1.0
    for k in range(TERMS):
        part *= -variance / 2 / (k + 1) / (1 + 2 * k / df)
        total += part
        if abs(part) < 1e-18 * abs(total):
            break
    return total


def _chosen(fit: "HLMResult", terms: str | Sequence[str] | None) -> tuple[list[str], tuple[str, ...]]:
    """List the coefficients to be read, and those that cannot be."""
    bent, every = _bent(fit.model), list(fit.params.index)
    curved = [c.name for c in fit.model.fixed if set(c.pieces) & bent]
    if terms is None:
        return [name for name in every if name != "Intercept" and name not in curved], tuple(curved)
    names = list(named_terms(every, listed(terms)))
    for name in names:
        if name == "Intercept":
            raise OptionError("the intercept is a level of the outcome and no change of it; leave it out of `terms`")
        if name in curved:
            raise OptionError(f"{name!r} cannot change alone, since its column enters in other ways too; see slopes()")
    return names, ()


def _bent(model: Model) -> set[str]:
    """List the pieces of predictors that enter by several numeric columns; within and between are two predictors."""
    numeric = [factor for factor in predictors(model) if factor.levels is None]
    single = [factor for factor in numeric if factor.groups is None]
    found = {piece for factor in numeric if len(factor.pieces) > 1 for piece in factor.pieces}
    for one in single:
        if any(other is not one and set(other.columns) & set(one.columns) for other in single):
            found |= set(one.pieces)
    return found


def _readings(fit: "HLMResult", names: Sequence[str], change: float | Mapping[str, float]) -> dict[str, Reading]:
    """Say for each coefficient what changes, and by how much."""
    own = dict(change) if isinstance(change, Mapping) else dict.fromkeys(names, change)
    unknown = [name for name in own if name not in fit.params.index]
    if unknown:
        raise OptionError(f"change names {unknown[0]!r}, no coefficient of this model")
    if not all(finite(value) and value != 0 for value in own.values()):
        raise OptionError(f"change must be a number other than zero, got {change!r}")
    owner = {piece: factor for factor in fit.model.factors.values() for piece in factor.pieces}
    columns = {column.name: column.pieces for column in fit.model.fixed}
    out = {}
    for name in names:
        parts = [_one(fit, owner[piece], piece, own.get(name, 1.0)) for piece in columns[name]]
        if len(parts) == 1:
            out[name] = parts[0]
        else:
            out[name] = Reading("interaction", own.get(name, 1.0), float(np.prod([part.step for part in parts])))
    return out


def _one(fit: "HLMResult", factor: Factor, piece: str, change: float) -> Reading:
    low, high = fit.cells.extremes[piece]
    # Indicators are the pieces that are not shifted, apart from those whose mean happens to be zero.
    if factor.levels is not None or (fit.cells.shift[piece] == 0.0 and low.min() == 0 and high.max() == 1):
        return Reading("dummy", 1.0, 1.0)
    if is_log(factor.text):
        if change <= -100:
            raise OptionError(f"{factor.name}: a change of {change:g} % leaves nothing; give more than −100")
        return Reading("log", change, float(np.log1p(change / 100)))
    return Reading("level", change, change)


def _interacting(model: Model, names: Sequence[str]) -> tuple[str, ...]:
    """List the coefficients that are parts of products."""
    pieces = {column.name: set(column.pieces) for column in model.fixed}
    return tuple(name for name in names if any(pieces[name] < other for other in pieces.values()))


def _random(fit: "HLMResult", readings: Mapping[str, Reading], half: Array) -> pd.DataFrame:
    """Answer the three questions of each coefficient with a random slope, with the ends of their intervals."""
    average = means(fit)
    columns = {column.name: column.pieces for column in fit.model.fixed}
    rows: dict[str, list[float]] = {}
    for name, width in zip(readings, half, strict=True):
        if len(columns[name]) != 1:
            continue
        b, extra = float(fit.params[name]) * readings[name].step, [0.0, 0.0, 0.0]
        found = False
        for group, cov in fit.random_cov.items():
            effects = [column for one in fit.model.sets(group) for column in one]
            found = found or any(columns[name] == column.pieces for column in effects)
            z0, z1 = (
                np.array([np.prod([average[p] if p != columns[name][0] else x for p in c.pieces]) for c in effects])
                for x in (0.0, readings[name].step)
            )
            T, d = cov.to_numpy(), z1 - z0
            extra[1] += float(d @ T @ d) / 2
            extra[2] += float(z1 @ T @ z1 - z0 @ T @ z0) / 2
        if found:
            rows[name] = [float(in_percent(b + more + side * width)) for more in extra for side in (0, -1, 1)]
    keys = [f"{which}{end}" for which in ("median", "mean", "ratio") for end in ("", "_low", "_high")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=keys).rename_axis("term")
