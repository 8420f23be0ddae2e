"""Profile-likelihood intervals of coefficients and variance components."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtri

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import FitError, SmallSampleWarning, allowed, share
from povstats.models.inference.profile_paths import (
    Fixed,
    coefficient_path,
    component_criterion,
    minimum,
    own_entry,
    own_units,
    plain_chart,
    profiled_criterion,
    start_of,
    tied_chart,
)
from povstats.models.interpretation.paragraphs.explained_inference import explain_profile
from povstats.models.optimum import Optimum, optimise
from povstats.models.summary import number
from povstats.models.weights import sampled
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

Which = Literal["coefficients", "components", "all"]
ENOUGH = 100
"""Groups from which on the χ²(1) of a coefficient's profile is near enough."""


@dataclass(frozen=True, eq=False, repr=False)
class ProfileResult(Printed):
    """Intervals whose ends lie where twice the log-likelihood has dropped by the χ²(1) quantile.

    Attributes
    ----------
    table : index (measure, group, term) with measures coef, sd, cor, sigma; columns estimate, low, high, low_open,
        high_open: an open end is that of the parameter space (0, ±1), where the likelihood has not dropped enough.
    level : coverage asked for. method : of the components, "reml" or "ml"; coefficients are profiled under ML.
    fit : the model.
    """

    table: pd.DataFrame
    level: float
    method: str
    fit: "HLMResult"

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame."""
        return tidy_frame(
            {
                "measure": key[0],
                "group": key[1],
                "term": key[2],
                "estimate": row.estimate,
                "low": row.low,
                "high": row.high,
            }
            for key, row in zip(self.table.index, self.table.itertuples(), strict=True)
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        lang, rows = lang or language(), []
        for (measure, group, term), row in zip(self.table.index, self.table.itertuples(), strict=True):
            shown = term.replace("Intercept", say("models.intercept", lang))
            ends = (
                number(row.low) + (" *" if row.low_open else ""),
                number(row.high) + (" *" if row.high_open else ""),
            )
            rows.append((say(f"models.profile_{measure}", lang), group, shown, number(row.estimate), *ends))
        head = ("", "", "", *(say(f"general.{key}", lang) for key in ("estimate", "low", "high")))
        notes = [say(f"models.note_profile_{self.method}", lang)]
        if self.table[["low_open", "high_open"]].any(axis=None):
            notes.append(say("models.note_profile_open", lang))
        title = say("models.profile_title", lang, level=f"{100 * self.level:g}")
        return Summary((Grid(title, head, tuple(rows), tuple(notes), words=3),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_profile(self, lang or language())


def profile_fit(
    fit: "HLMResult", level: float = 0.95, which: Literal["coefficients", "components", "all"] = "all"
) -> ProfileResult:
    """Give profile-likelihood intervals of coefficients (under ML) and of standard deviations and correlations.

    Parameters
    ----------
    level : coverage asked for.
    which : "coefficients", "components" (under the fit's own likelihood, REML or ML), or "all".

    Raises
    ------
    FitError
        Where the fit has sampling weights, or a parameter is not identified.

    Notes
    -----
    Source: Bates et al. (2015), section 5.1; Venzon & Moolgavkar (1988), Applied Statistics 37. Ends are found as roots
    of the signed root of the deviance's rise, at the exact minimum over the other parameters, with no interpolation.
    """
    share("level", level)
    allowed("which", which, ("coefficients", "components", "all"))
    if sampled(fit.cells, fit.optimum.blocks.levels):
        raise FitError(
            "a pseudo-likelihood has no profile intervals; with sampling weights take conf_int() or the bootstrap"
        )
    cut, rows = float(chdtri(1, 1 - level)), {}
    if which != "components":
        ml = fit.optimum if fit.method == "ml" else optimise(fit.optimum.blocks, False)
        for place, term in enumerate(fit.params.index):
            rows[("coef", "", term)] = _coefficient(fit, ml, place, cut)
    if which != "coefficients":
        rows |= _components(fit, cut)
    index = pd.MultiIndex.from_tuples(list(rows), names=["measure", "group", "term"])
    columns = ["estimate", "low", "high", "low_open", "high_open"]
    return ProfileResult(pd.DataFrame(list(rows.values()), index, columns), level, fit.method, fit)


def coefficient_ends(fit: "HLMResult", level: float) -> pd.DataFrame:
    """Give low and high of the coefficients by term, with a warning where groups are few."""
    groups = min(fit.ngroups.values())
    if groups < ENOUGH:
        warnings.warn(
            f"profile intervals of coefficients rest on the ML likelihood and χ²(1); with {groups} groups their "
            "coverage falls short of what is asked (at 44 groups 95 % intervals hold 91 to 94 %): prefer the Wald "
            "interval with df='satterthwaite' or 'kenward-roger'",
            SmallSampleWarning,
            stacklevel=3,
        )
    table = profile_fit(fit, level, "coefficients").table
    found: pd.DataFrame = table[["low", "high"]].droplevel(["measure", "group"]).rename_axis(None)
    found.attrs["likelihood"] = "ml"  # whatever the fit's own is
    return found


def _coefficient(fit: "HLMResult", ml: Optimum, place: int, cut: float) -> tuple[float, float, float, bool, bool]:
    units, at = fit.units, ml.profile
    estimate = float((units.scale * units.x @ at.beta + units.shift)[place])
    se = units.scale * math.sqrt(at.rss / at.dof * float(units.x[place] @ at.C @ units.x[place]))
    path, ends = coefficient_path(ml, units, place), []
    for side in (-1.0, 1.0):

        def rise(step: float, side: float = side) -> float:
            return _past(path(estimate + side * step) - at.value, cut)

        ends.append(_end(rise, math.sqrt(cut) * se))
    return estimate, estimate - ends[0], estimate + ends[1], False, False


def _past(rise: float, cut: float) -> float:
    """Give the signed root of the deviance's rise, less that of the quantile: nearly linear in the parameter."""
    return math.copysign(math.sqrt(abs(rise)), rise) - math.sqrt(cut)


def _end(rise: Callable[[float], float], first: float) -> float:
    """Find the distance at which a rising function crosses zero, from a guess."""
    low, high = 0.0, first
    for _ in range(60):
        if rise(high) > 0:
            break
        low, high = high, 1.3 * high
    else:
        raise FitError("the likelihood does not fall off in one direction: the parameter is not identified")
    return _root(rise, low, high, 1e-9 * first)


def _components(fit: "HLMResult", cut: float) -> dict[tuple[str, str, str], tuple[float, float, float, bool, bool]]:
    levels, out = fit.optimum.blocks.levels, {}
    for i, level in enumerate(levels):
        names, at = fit.model.effects(level.name), 0
        cov = fit.random_cov[level.name].to_numpy()
        for size in level.sets:
            for q in range(at, at + size):
                out[("sd", level.name, names[q])] = _sd(fit, (i, q), math.sqrt(max(cov[q, q], 0.0)), cut)
            for a, b in combinations(range(at, at + size), 2):
                scale = math.sqrt(max(cov[a, a] * cov[b, b], 0.0))
                estimate = cov[a, b] / scale if scale > 0 else math.nan
                out[("cor", level.name, f"{names[a]}, {names[b]}")] = _correlation(fit, i, (a, b), estimate, cut)
            at += size
    out[("sigma", "", "")] = _sd(fit, None, math.sqrt(fit.sigma2), cut)
    return out


def _covs(fit: "HLMResult") -> list[Array]:
    """Give T of each level in the user's basis of Z, each effect in its own unit, σ² = 1."""
    return [z @ T @ z.T for z, T in zip(own_units(fit.units.z)[0], fit.optimum.covs, strict=True)]


def _sd(
    fit: "HLMResult", effect: tuple[int, int] | None, estimate: float, cut: float
) -> tuple[float, float, float, bool, bool]:
    """Profile a standard deviation: of an effect (level, number), or of the residual."""
    sigma = math.sqrt(fit.sigma2)
    high = _upward(_sd_rise(fit, effect, cut), estimate, 0.3 * (estimate if estimate > 0 else 0.1 * sigma))
    if effect is not None and (estimate < 1e-6 * high or _sd_rise(fit, effect, cut)(0.0) <= 0):
        return estimate, 0.0, high, True, False
    return estimate, _downward(_sd_rise(fit, effect, cut), estimate), high, False, False


def _sd_rise(fit: "HLMResult", effect: tuple[int, int] | None, cut: float) -> Callable[[float], float]:
    """Give the rise of the criterion, less the quantile, over a standard deviation; each search starts at the last."""
    blocks, reml = fit.optimum.blocks, fit.optimum.profile.reml
    chart, (z, sizes) = plain_chart([level.sets for level in blocks.levels], effect), own_units(fit.units.z)
    own = None if effect is None else own_entry(chart, effect)
    unit = fit.units.scale * (1.0 if effect is None else float(sizes[effect[0]][effect[1]]))
    state = {"phi": start_of(chart, _covs(fit))}
    if own is not None:
        state["phi"][own] = fit.units.scale / math.sqrt(fit.sigma2)

    def rise(sd: float) -> float:
        criterion = component_criterion(blocks, z, chart, reml, Fixed(sd / unit, own))
        value, state["phi"] = minimum(criterion, state["phi"])
        return _past(value - fit.optimum.profile.value, cut)

    return rise


def _upward(rise: Callable[[float], float], estimate: float, step: float) -> float:
    low, high = estimate, estimate + step
    for _ in range(60):
        if rise(high) > 0:
            inside = max(low, estimate + 1e-3 * (high - estimate))  # at the estimate itself rounding decides
            return _root(rise, inside, high, 1e-8 * (high - estimate))
        low, high = high, estimate + 1.6 * (high - estimate)
    raise FitError("the likelihood of a standard deviation does not fall off; it is not identified")


def _downward(rise: Callable[[float], float], estimate: float) -> float:
    low, high = estimate, estimate
    for _ in range(60):
        high, low = low, 0.7 * low
        if rise(low) > 0:
            break
    else:
        raise FitError("the likelihood of a standard deviation does not fall off; it is not identified")
    return _root(rise, low, min(high, estimate * (1 - 1e-3)), 1e-8 * estimate)


def _root(rise: Callable[[float], float], low: float, high: float, near: float) -> float:
    """Find the crossing between two points on either side of it."""
    if rise(low) * rise(high) > 0:
        raise FitError(
            "the likelihood along a parameter has several maxima, between which its profile jumps; use "
            "conf_int('bootstrap')"
        )
    return float(brentq(rise, low, high, xtol=near, rtol=1e-11))


def _correlation(
    fit: "HLMResult", level: int, pair: tuple[int, int], estimate: float, cut: float
) -> tuple[float, float, float, bool, bool]:
    """Profile a correlation; where an effect may have no variance, any correlation is as likely as that."""
    blocks, reml = fit.optimum.blocks, fit.optimum.profile.reml
    sets, covs, (z, _) = [one.sets for one in blocks.levels], _covs(fit), own_units(fit.units.z)
    without = min(_sd_rise(fit, (level, q), cut)(0.0) for q in pair)
    if without <= 0:
        return estimate, -1.0, 1.0, True, True
    state = {"phi": start_of(tied_chart(sets, level, pair, estimate), covs)}

    def rise(rho: float) -> float:
        chart = tied_chart(sets, level, pair, rho)
        criterion, best = profiled_criterion(blocks, z, chart, reml), math.inf
        # From the fit's T, and where that ends high from the last end too, which may lie against a variance of zero.
        for start in (start_of(chart, covs), state["phi"]):
            if criterion(start) is None:  # the last end may lie beyond what this correlation allows
                continue
            value, phi = minimum(criterion, start, chart.positive)
            if value < best:
                best, state["phi"] = value, phi
            if best - fit.optimum.profile.value <= cut:
                break
        return min(_past(best - fit.optimum.profile.value, cut), without)

    ends = []
    for edge in (-1.0, 1.0):
        if abs(estimate - edge) < 1e-6 or rise(edge) <= 0:
            ends.append((edge, True))
            continue
        ends.append((_root(rise, estimate + 1e-4 * (edge - estimate), edge, 1e-9), False))
    return estimate, ends[0][0], ends[1][0], ends[0][1], ends[1][1]
