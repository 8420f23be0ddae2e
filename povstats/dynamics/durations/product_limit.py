"""The product-limit estimate from weighted counts by age of the spell, with its linearised variance."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from povstats.dynamics.histories import codes
from povstats.dynamics.histories.tally import Bools, Tally
from povstats.poverty.variance import quantile_of_t

Of = Literal["exit", "return"]
OF: tuple[Of, ...] = ("exit", "return")
NAMES = (codes.STATE, codes.NEXT, codes.AGE)


def at_risk(tally: Tally, of: Of) -> tuple[Bools, Bools]:
    """Tell the items at risk of an exit or a return in the step that follows, and those to whom it happens.

    A spell counts once its beginning is known (AGE ≥ 1), as long as its unit is seen in the next wave.
    """
    state, following = tally.column(codes.STATE), tally.column(codes.NEXT)
    inside = (state >= codes.POOR) if of == "exit" else (state < codes.POOR)
    risk = inside & (tally.column(codes.AGE) >= 1) & (following < codes.UNSEEN)
    return np.asarray(risk), np.asarray(risk & (following == (0 if of == "exit" else 1)))


def curve_of(tally: Tally, group: int, of: Of) -> pd.DataFrame:
    r"""Estimate the share still in the state after k steps.

    .. math::
        \hat S(k) = \prod_{a \le k} (1 - \hat h_a), \quad \hat h_a = d_a / n_a, \qquad
        z_c = -\hat S(k) \sum_{a \le k} \sum_{i \in c} w_i \frac{e_{ia} - \hat h_a y_{ia}}{n_a - d_a}

    with n_a and d_a the weights at risk and of events at age a. The variance is that of the total of z over clusters;
    without weights and with every spell a cluster of its own it is Greenwood's, but for m/(m − 1).

    Parameters
    ----------
    tally : of STATE, NEXT and AGE. group : of the tally. of : "exit" or "return".

    Returns
    -------
    DataFrame
        One row an age: time (steps), n and events (rows), weight and event_weight, hazard, survival, se, greenwood
        (missing where weights differ), df, low, high (log–log).

    Source
    ------
    Kaplan and Meier (1958), JASA 53; Greenwood (1926); Williams (1995), Biometrics 51, for clusters.
    """
    risk, event = at_risk(tally, of)
    here = risk & (tally.column(codes.GROUP) == group)
    age = tally.column(codes.AGE)
    rows, factors = [], np.zeros(len(tally.items))
    survival, greenwood = 1.0, 0.0
    for k in np.unique(age[here]):
        own = here & (age == k)
        n, d = float(tally.weights[own].sum()), float(tally.weights[own & event].sum())
        if not n > 0:
            continue
        count, events = (round(tally.counts[part].sum()) for part in (own, own & event))
        hazard = d / n
        survival *= 1 - hazard
        if hazard < 1:
            factors = factors - (own & event) / (n - d) + own * (hazard / (n - d))
            greenwood += events / (count * (count - events)) if count > events else np.nan
        row = {"time": int(k), "n": count, "events": events, "weight": n, "event_weight": d, "hazard": hazard}
        plain = tally.weight is None or np.array_equal(tally.weights, tally.counts)
        green = survival * np.sqrt(greenwood) if plain and hazard < 1 else np.nan
        rows.append(
            row | {"survival": survival, "greenwood": green} | _ends(tally, factors, here & (age <= k), survival)
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


COLUMNS = (
    "time",
    "n",
    "events",
    "weight",
    "event_weight",
    "hazard",
    "survival",
    "se",
    "greenwood",
    "df",
    "low",
    "high",
)


def _ends(tally: Tally, factors: Any, held: Bools, survival: float) -> dict[str, float]:
    """Give the standard error and the log–log interval."""
    nan = float("nan")
    if tally.clusters.census:
        return {"se": 0.0, "df": nan, "low": survival, "high": survival}
    if not 0 < survival < 1:
        return {"se": nan, "df": nan, "low": nan, "high": nan}
    spread, df = tally.spread(factors, held)
    if df < 1 or not spread > 0:
        return {"se": nan, "df": df, "low": nan, "high": nan}
    half = quantile_of_t(df) * spread / -np.log(survival)
    low, high = (float(survival ** np.exp(sign * half)) for sign in (1, -1))
    return {"se": survival * spread, "df": df, "low": low, "high": high}
