"""From the sums of units to shares of chronic and transient poor, and indices of lasting poverty."""

from dataclasses import dataclass
from typing import Any, Literal, Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.dynamics.asked import Columns, asked_of
from povstats.dynamics.histories import History, codes, open_history
from povstats.dynamics.histories.opened import UnitSums
from povstats.dynamics.lasting.result import Chronic
from povstats.engine.layout import Floats, add_up
from povstats.errors import DataError, OptionError, allowed, finite, share
from povstats.poverty.variance import interval

Method = Literal["years", "foster", "jalan-ravallion", "bossert", "gradin"]
METHODS: tuple[Method, ...] = ("years", "foster", "jalan-ravallion", "bossert", "gradin")
TAKES = {
    "years": ("years",),
    "foster": ("cutoff",),
    "jalan-ravallion": ("alpha",),
    "bossert": ("alpha",),
    "gradin": ("alpha", "aversion"),
}
TOUCH = 1e-9
"""A share of periods that misses the cut-off by less has reached it: 0.7 of ten periods is seven."""


@dataclass(frozen=True)
class Parameters:
    """Checked parameters; see `chronic`."""

    years: float | None
    cutoff: float | None
    alpha: float
    aversion: float


Index = tuple[str, Floats, Floats | None]
"""A name with the units' values; a ratio has those of its denominator too."""


def chronic(
    panel: Any,
    *,
    method: Method,
    years: float | None = None,
    cutoff: float | None = None,
    alpha: float | None = None,
    aversion: float | None = None,
    by: str | None = None,
    **columns: Unpack[Columns],
) -> Chronic:
    r"""Measure chronic poverty over the waves of a balanced panel, by a rule that must be named.

    With p_it = 1 for the poor, g_it = p_it (1 − y_it/z_t), T waves and c_i = Σ_t p_it / T:

    .. math::
        \text{years: } C_i = 1[\textstyle\sum_t p_{it}\,\Delta \ge \text{years}], \qquad
        \text{foster: } K_\alpha = \frac1N \sum_i 1[c_i \ge \tau] \frac1T \sum_t g_{it}^\alpha, \qquad
        \text{jalan-ravallion: } C = \frac1N \sum_i \left(1 - \overline{y_i/z}\right)_+^\alpha

        \text{bossert: } \frac1N \sum_i \frac1T \sum_t s_{it}\, g_{it}^\alpha, \qquad
        \text{gradin: } \frac1N \sum_i \Big(\frac1T \sum_t \frac{s_{it}}{T}\, g_{it}^\alpha\Big)^{\varepsilon}

    with Δ the distance between waves and s_it the waves of the unbroken spell in which row it lies.

    Parameters
    ----------
    panel : what `povstats.transitions` takes. Every unit must be seen in every wave: Δ, c and s have no meaning
        otherwise; units that are not are left out and counted.
    method : "years": chronic is poor in so many years or more, the rule of the documents (five). "foster": duration
        cut-off; H, D, K0, K1, K2. "jalan-ravallion": total = chronic + transient, chronic poverty being that of mean
        welfare. "bossert": every poor wave counts as often as its spell is long (Bossert, Chakravarty, D'Ambrosio).
        "gradin": a unit's index is the same over T, and counts by its power ε (Gradín, Del Río, Cantó).
    years : of "years": in the unit of the wave.
    cutoff : of "foster": the share τ of waves from which poverty is chronic, 0 to 1.
    alpha : weight of the gap: 2 as a rule for "jalan-ravallion", 1 for "bossert" and "gradin", where 0 counts waves.
    aversion : of "gradin": the power ε, from 1 (no aversion to inequality between units) on; 2 as a rule.
    by : column of the groups, as in the unit's first wave.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`. What takes gaps needs welfare.

    Returns
    -------
    Chronic
        Shares of chronic, transient and never poor, and the indices, with clustered standard errors.

    Raises
    ------
    OptionError
        Where the method is unknown, or a parameter is missing, odd, or of another method.
    DataError
        As `povstats.transitions`; where no unit is seen in every wave, or gaps are asked of a poor column.

    Source
    ------
    Foster (2009), in Addison, Hulme and Kanbur, Poverty Dynamics; Jalan and Ravallion (2000), Journal of Development
    Studies 36; Bossert, Chakravarty and D'Ambrosio (2012), Journal of Economic Inequality 10; Gradín, Del Río and
    Cantó (2012), Review of Income and Wealth 58 (their γ, β and α are α, 1 and ε here), as in Stata's povtime.
    """
    allowed("method", method, METHODS)
    parameters = _parameters(method, {"years": years, "cutoff": cutoff, "alpha": alpha, "aversion": aversion})
    asked = asked_of(columns, by=by)
    gaps = method == "jalan-ravallion" or (method in ("bossert", "gradin") and parameters.alpha > 0)
    if gaps and asked.welfare is None:
        raise DataError(f"method={method!r} measures gaps: it needs welfare= and line=, not a poor column")
    history = open_history(panel, asked)
    sums = history.unit_sums(_expressions(parameters.alpha, gaps=asked.welfare is not None))
    whole_units = sums.rows == len(history.account.waves)
    if not whole_units.any():
        raise DataError("no unit is seen in every wave, which duration over the panel asks for; take fewer waves")
    kept = _only(sums, whole_units)
    shares, indices = _values(method, kept, history, parameters)
    rows = [
        {"group": str(name), "index": index[0]} | _estimate(kept, kept.group == place, index)
        for place, name in enumerate(history.groups)
        for index in (*shares, *indices)
    ]
    left_out = int((~whole_units).sum())
    told = {name: getattr(parameters, name) for name in TAKES[method]}
    return Chronic(method, pd.DataFrame(rows), told, left_out, asked, history.account)


def _parameters(method: Method, given: dict[str, Any]) -> Parameters:
    """Check the parameters of a method."""
    foreign = [name for name, value in given.items() if value is not None and name not in TAKES[method]]
    if foreign:
        raise OptionError(
            f"{foreign[0]}= is no parameter of method={method!r}, which takes {' and '.join(TAKES[method])}"
        )
    years, cutoff, alpha = given["years"], given["cutoff"], given["alpha"]
    if method == "years" and not (finite(years) and years > 0):
        raise OptionError(f"years={years!r}: method='years' needs the years from which poverty is chronic, such as 5")
    if method == "foster" and cutoff != 1:
        share("cutoff", cutoff, 0.7)
    default = {"jalan-ravallion": 2.0, "bossert": 1.0, "gradin": 1.0}.get(method, 0.0)
    if alpha is not None and not (finite(alpha) and alpha >= (1 if method == "jalan-ravallion" else 0)):
        raise OptionError(f"alpha={alpha!r} must be a number from {1 if method == 'jalan-ravallion' else 0} on")
    power = given["aversion"]
    if power is not None and not (finite(power) and power >= 1):
        raise OptionError(f"aversion={power!r} must be a number from 1 on")
    return Parameters(years, cutoff, default if alpha is None else float(alpha), 2.0 if power is None else float(power))


def _expressions(alpha: float, *, gaps: bool) -> dict[str, nw.Expr]:
    """Write what is added up by unit."""
    poor, long = nw.col("poor").cast(nw.Float64), nw.col("length").cast(nw.Float64)
    found = {"waves poor": poor, "in spells": poor * long}
    if gaps:
        gap = nw.when(nw.col("poor") == 1).then(1.0 - nw.col(codes.RELATIVE)).otherwise(nw.lit(0.0))
        power = gap if alpha == 1 else gap**alpha if alpha > 0 else poor
        found |= {
            "gap": gap, "squares": gap * gap, "power": power, "spell power": power * long,
            "relative": nw.col(codes.RELATIVE),
        }  # fmt: skip
    return found


def _only(sums: UnitSums, kept: Any) -> UnitSums:
    """Keep some units."""
    values = {name: value[kept] for name, value in sums.sums.items()}
    places = (sums.rows[kept], sums.weight[kept], sums.cluster[kept], sums.group[kept])
    return UnitSums(values, *places, sums.clusters)


def _values(
    method: Method, kept: UnitSums, history: History, parameters: Parameters
) -> tuple[list[Index], list[Index]]:
    """Give the units' values of the three shares and of the method's indices."""
    waves, sums = len(history.account.waves), kept.sums
    poor = sums["waves poor"]
    part = poor / waves
    ever = poor > 0
    if method == "jalan-ravallion":
        mean_gap = np.maximum(1.0 - sums["relative"] / waves, 0.0)
        lasting, total = mean_gap**parameters.alpha, sums["power"] / waves
        chronic_poor = mean_gap > 0
        indices: list[Index] = [
            ("total", total, None), ("chronic", lasting, None), ("transient", total - lasting, None),
            ("chronic_part", lasting, total),
        ]  # fmt: skip
    elif method == "foster":
        assert parameters.cutoff is not None
        chronic_poor = part >= parameters.cutoff - TOUCH
        who = chronic_poor.astype(float)
        indices = [("H", who, None), ("D", who * part, who), ("K0", who * part, None)]
        if "gap" in sums:
            indices += [("K1", who * sums["gap"] / waves, None), ("K2", who * sums["squares"] / waves, None)]
    elif method == "years":
        chronic_poor = poor >= _waves_of(history, parameters) - TOUCH
        indices = [("years_poor", poor * (history.account.spacing or 1.0), ever.astype(float))]
    else:
        chronic_poor = poor == waves
        spells = sums["in spells"] if parameters.alpha == 0 else sums["spell power"]
        value = spells / waves if method == "bossert" else (spells / waves**2) ** parameters.aversion
        indices = [(method, value, None)]
    shares = {
        "chronic_share": chronic_poor,
        "transient_share": ever & ~chronic_poor,
        "never_share": ~ever & ~chronic_poor,
    }
    return [(name, own.astype(float), None) for name, own in shares.items()], indices


def _waves_of(history: History, parameters: Parameters) -> float:
    """Turn years into waves."""
    spacing, waves = history.account.spacing, len(history.account.waves)
    if spacing is None:
        raise DataError("years= needs waves that are numbers at equal distances; recode the wave column")
    assert parameters.years is not None
    if parameters.years > spacing * waves + TOUCH:
        raise OptionError(f"years={parameters.years:g} is longer than the panel, which covers {spacing * waves:g}")
    return parameters.years / spacing


def _estimate(kept: UnitSums, here: Any, index: Index) -> dict[str, Any]:
    """Estimate a mean of the units' values, or a ratio of two."""
    name, top, bottom = index
    weight = kept.weight * here
    below = weight if bottom is None else weight * bottom
    total, n = float(below.sum()), int(here.sum())
    nan = float("nan")
    if not total > 0:
        return {"estimate": nan, "se": nan, "df": nan, "low": nan, "high": nan, "reason": "empty", "n": n}
    value = float((weight * top).sum() / total)
    if kept.clusters.census:
        return {"estimate": value, "se": 0.0, "df": nan, "low": value, "high": value, "reason": "", "n": n}
    z = add_up(kept.cluster, (weight * top - value * below) / total, len(kept.clusters.stratum))
    df = kept.clusters.degrees(np.unique(kept.cluster[here & (kept.weight > 0)]))
    if df < 1:
        return {"estimate": value, "se": nan, "df": df, "low": nan, "high": nan, "reason": "no_df", "n": n}
    se = float(np.sqrt(kept.clusters.variance(z)))
    scale = "logit" if name.endswith("_share") or name in ("H", "D", "K0") else "wald"
    low, high, reason = interval(scale, value, se, df)
    return {"estimate": value, "se": se, "df": df, "low": low, "high": high, "reason": reason, "n": n}
