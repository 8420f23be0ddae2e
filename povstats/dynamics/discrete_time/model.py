"""hazard: a discrete-time model of leaving poverty, or of returning to it."""

from typing import Any, Literal, Unpack

import numpy as np
import pandas as pd

from povstats.dynamics.asked import Columns, asked_of
from povstats.dynamics.discrete_time.ages import BASELINES, Baseline, baseline_columns, last_class
from povstats.dynamics.discrete_time.likelihood import Likelihood, Normal, gamma
from povstats.dynamics.discrete_time.links import LINKS, Link
from povstats.dynamics.discrete_time.maximum import Maximum, sandwich, with_frailty, without_frailty
from povstats.dynamics.discrete_time.result import FrailtyTest, HazardResult, Model
from povstats.dynamics.discrete_time.rows import AtRisk, at_risk_rows
from povstats.dynamics.durations import OF, Of
from povstats.errors import OptionError, allowed

Frailty = Literal["none", "gamma", "normal"]
FRAILTIES: tuple[Frailty, ...] = ("none", "gamma", "normal")
POINTS = 32
"""Points of the quadrature of a normal frailty."""


def hazard(
    panel: Any,
    formula: str = "",
    *,
    of: Of = "exit",
    link: Link = "cloglog",
    baseline: Baseline = "dummies",
    frailty: Frailty = "none",
    since: str | None = None,
    **columns: Unpack[Columns],
) -> HazardResult:
    r"""Model the hazard of leaving poverty, or of returning to it, wave by wave.

    .. math::
        \text{cloglog: } h_{ia} = 1 - \exp\{-v_i \exp(\alpha_a + x_{ia}'\beta)\}, \qquad
        \text{logit: } \ln\frac{h_{ia}}{1 - h_{ia}} = \alpha_a + x_{ia}'\beta + u_i

    with a the waves since the spell began and x the covariates in the wave from which the step starts. The frailty of
    a unit, shared by its spells, is v ~ Gamma of mean 1, integrated in closed form, or u = ln v ~ N(0, σ²), integrated
    by Gauss–Hermite quadrature with 32 points.

    Parameters
    ----------
    panel : what `povstats.transitions` takes; the columns of the model come into memory.
    formula : the covariates in fit_hlm's grammar, such as "schooling + C(region)"; "" for none.
    of : "exit" or "return".
    link : "cloglog", the discrete form of proportional hazards, or "logit".
    baseline : "dummies": a constant an age, the last ages in one class where they have too few events; "log": ln a;
        "linear", "quadratic", "cubic": powers of a.
    frailty : "none", "gamma" (with cloglog) or "normal".
    since : column of the wave in which the state began in which a unit is first seen; see `povstats.survival`.
        Conditional on survival up to entry without frailty alone, so frailty refuses it.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`. Weights must not change within
        a unit; they make the likelihood a pseudo-likelihood.

    Returns
    -------
    HazardResult
        Coefficients with clustered standard errors, the baseline, the frailty's variance and its test.

    Raises
    ------
    OptionError, DataError, FormulaError
        As `povstats.transitions` and fit_hlm; where the frailty does not go with the link or with late entry.
    FitError
        Where the model has no maximum, or columns are collinear.

    Source
    ------
    Prentice and Gloeckler (1978), Biometrics 34; Meyer (1990), Econometrica 58; Jenkins (1995), Oxford Bulletin of
    Economics and Statistics 57.
    """
    for name, value, options in (
        ("of", of, OF), ("link", link, LINKS), ("baseline", baseline, BASELINES), ("frailty", frailty, FRAILTIES),
    ):  # fmt: skip
        allowed(name, value, options)
    if frailty == "gamma" and link != "cloglog":
        raise OptionError("frailty='gamma' has its closed form with link='cloglog'; with 'logit' take 'normal'")
    if frailty != "none" and since is not None:
        raise OptionError(
            "late entry selects units of low frailty, which the likelihood with frailty does not hold; leave since= "
            "out, so that spells that began before are left out, or take frailty='none'"
        )
    asked = asked_of(columns, since=since)
    found = at_risk_rows(panel, asked, formula, of)
    top = last_class(found.age, found.event) if baseline == "dummies" else int(found.age.max())
    ages, base = baseline_columns(found.age, baseline, top)
    model = Model(of, link, baseline, frailty, formula, top, (*ages, *found.names))
    return _fitted(found, model, np.column_stack([base, found.x]), asked)


def _fitted(found: AtRisk, model: Model, x: Any, asked: Any) -> HazardResult:
    """Fit without frailty, then with it from there, and pack."""
    rows = found.rows(x)
    plain = without_frailty(rows, model.link)
    best, status, test = plain, "converged" if plain.converged else "failed", None
    if model.frailty != "none":
        likelihood: Likelihood = gamma(rows) if model.frailty == "gamma" else Normal(model.link, POINTS)
        inside = with_frailty(rows, likelihood, plain.theta)
        if inside is None:
            status = "boundary"
        else:
            best, status = inside, "converged" if inside.converged else "failed"
        test = _test(plain, inside, weighted=asked.design.weights is not None)
    covariance, classical, df = sandwich(rows, best)
    k = len(model.names)
    variance, variance_se = (0.0, np.nan) if model.frailty != "none" else (np.nan, np.nan)
    if len(best.theta) > k:
        variance = float(np.exp(best.theta[-1]))
        variance_se = variance * float(np.sqrt(covariance[-1, -1]))
    names = list(model.names)
    return HazardResult(
        model=model,
        params=pd.Series(best.theta[:k], index=names, name="estimate"),
        cov=pd.DataFrame(covariance[:k, :k], index=names, columns=names),
        cov_classical=pd.DataFrame(classical[:k, :k], index=names, columns=names),
        frailty_variance=variance,
        frailty_se=variance_se,
        status=status,
        test=test,
        loglik=best.loglik,
        df_resid=df,
        counts=_counts(found),
        means=pd.Series(x[:, len(names) - len(found.names):].mean(axis=0), index=list(found.names), dtype=float),
        by_age=_by_age(found),
        dropped=found.dropped,
        asked=asked,
        account=found.account,
    )  # fmt: skip


def _counts(found: AtRisk) -> dict[str, int]:
    """Count rows, events, spells and units."""
    return {
        "rows": len(found.event), "events": int(found.event.sum()), "spells": found.spells,
        "units": len(found.weight), "left_out": found.left_out,
    }  # fmt: skip


def _by_age(found: AtRisk) -> pd.DataFrame:
    """Count rows and events by the age of the spell."""
    table = pd.DataFrame({"age": found.age, "events": found.event})
    return table.groupby("age").agg(n=("events", "size"), events=("events", "sum")).astype(int).reset_index()


def _test(plain: Maximum, inside: Maximum | None, *, weighted: bool) -> FrailtyTest:
    r"""Test a variance of zero, which lies on the edge: half the tail of χ²(1)."""
    from scipy.special import chdtrc

    if weighted:
        return FrailtyTest(float("nan"), float("nan"))
    ratio = 0.0 if inside is None else max(2 * (inside.loglik - plain.loglik), 0.0)
    return FrailtyTest(ratio, 0.5 * float(chdtrc(1, ratio)) if ratio > 0 else 1.0)
