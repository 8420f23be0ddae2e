"""three_rates: missed, wrongly registered, wrongly exited, and the comprehensive incidence."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from povstats.engine.layout import Floats, add_up
from povstats.engine.source import Table
from povstats.errors import OptionError, finite
from povstats.poverty.proportions import korn_graubard, wilson
from povstats.poverty.variance import quantile_of_t
from povstats.targeting.check_rates.result import Rates
from povstats.targeting.check_rates.sampled import STATUS, Columns, Sampled, Totals, sampled

REGISTERED, EXITED, OUTSIDE = range(len(STATUS))
RATES = {"missed": OUTSIDE, "wrong_exit": EXITED, "wrongly_registered": REGISTERED}
"""The rates, and the status of the sampled that are their denominator."""


def three_rates(
    table: Table,
    status: str,
    poor: str,
    totals: Totals,
    *,
    strata: str | None = None,
    psu: str | None = None,
    size: str | None = None,
    count: str | None = None,
) -> Rates:
    r"""Estimate the rates of a field check of the register, and the comprehensive incidence of poverty.

    Over strata h with N_hs persons of a status s (registered, exited, outside the register) and the share p_hs of the
    sampled persons that are truly poor,

    .. math:: r_{missed} = \frac{\sum_h N_{ho} p_{ho}}{\sum_h N_{ho}}, \quad
        r_{wrong\ exit} = \frac{\sum_h N_{he} p_{he}}{\sum_h N_{he}}, \quad
        r_{wrongly\ registered} = \frac{\sum_h N_{hr} (1 - p_{hr})}{\sum_h N_{hr}}

    .. math:: I = \frac{N_r + N_e\, r_{wrong\ exit} + N_o\, r_{missed}}{N_r + N_e + N_o}

    The registered enter I with their number, whose wrongly registered the evaluation does not take off. Beside
    the official 漏评率 stands the share of the truly poor that the register misses, which is the exclusion error.

    Parameters
    ----------
    table : the checked units, one row each: in memory, a file, or a lazy table (they are few, and come into memory).
    status : column of "registered" (未脱贫), "exited" (已脱贫) or "outside" (非建档立卡).
    poor : column of what the check found: 1 truly poor, 0 not.
    totals : persons in the population by status, {"exited": 5000, …}; with `strata` by (stratum, status).
    strata : column of the stratum; None is one stratum.
    psu : column of the village or other unit drawn first; None takes rows as drawn singly.
    size : column of the persons of a row's household; None counts a row as one person.
    count : column of how many units alike a row stands for, where the check is given as counts.

    Returns
    -------
    Rates
        Each rate with its design-based standard error, the interval of Korn and Graubard (of Clopper and Pearson at
        the effective size, also where nothing was found), Wilson's at the same size and the delta method's; effective
        sizes; and `decisions(region)`.

    Raises
    ------
    DataError
        Where a column cannot be used, or a stratum with persons has no sampled row.
    OptionError
        Where totals do not fit the strata.

    Notes
    -----
    Within a stratum and status units count as drawn with equal chances and with replacement: no finite population
    correction is made. With `psu`, a stratum needs two of them.

    Source
    ------
    The three rates and their limits: State Council Leading Group's third-party evaluation of poverty exit (2016–2020),
    as provincial explainers state them; Korn and Graubard (1998), Survey Methodology 24, for the interval.
    """
    columns = Columns(status, poor, strata, psu, size, count)
    rows = sampled(table, columns, totals)
    shares, parts = _linearised(rows)
    whole = rows.total.sum()
    lines = []
    for name, place in RATES.items():
        people = rows.total[:, place].sum()
        value = _stratified(shares[:, place], rows.total[:, place])
        value = 1 - value if name == "wrongly_registered" else value
        here = rows.status == place
        lines.append(_line(name, (0.0, 1.0), _Part(value, people, here), parts, rows, clustered=psu is not None))
    loose = rows.total[:, [EXITED, OUTSIDE]]
    share = _stratified(shares[:, [EXITED, OUTSIDE]], loose)
    base, scale = rows.total[:, REGISTERED].sum() / whole, loose.sum() / whole
    part = _Part(share, loose.sum(), rows.status != REGISTERED)
    lines.append(_line("comprehensive", (base, scale), part, parts, rows, clustered=psu is not None))
    lines.append(_line_of_poor(rows, shares, parts, clustered=psu is not None))
    return Rates(pd.DataFrame(lines).set_index("rate"), rows.total, rows.strata, columns, len(rows.poor))


class _Part(NamedTuple):
    """A share of the persons of some statuses: its value, their number, and their rows."""

    value: float
    people: float
    rows: np.ndarray


def _stratified(shares: Floats, totals: Floats) -> float:
    """Average the shares of strata, which may be missing where nobody is."""
    weight = totals.sum()
    return float(np.where(totals > 0, shares * totals, 0.0).sum() / weight) if weight > 0 else float("nan")


def _linearised(rows: Sampled) -> tuple[Floats, Floats]:
    """Give the share of poor persons by stratum and status, and each row's part N/M s (x − p) of its expanded total."""
    shape = rows.total.shape
    cell = rows.stratum * shape[1] + rows.status
    mass = rows.persons * rows.units
    sums, poor = (add_up(cell, values, rows.total.size) for values in (mass, mass * rows.poor))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = poor / sums
        expand = rows.total.ravel() / sums
    parts = expand[cell] * rows.persons * (rows.poor - share[cell])
    return share.reshape(shape), parts


def _variance(rows: Sampled, parts: Floats, here: np.ndarray, *, clustered: bool) -> tuple[float, float]:
    """Give the variance of Σ parts over the rows `here`, and its degrees of freedom.

    Rows are draws of their stratum and status, or PSUs draws of their stratum.
    """
    if not clustered:
        cell = rows.stratum * len(STATUS) + rows.status
        n = add_up(cell[here], rows.units[here], rows.total.size)
        squares = add_up(cell[here], rows.units[here] * parts[here] ** 2, rows.total.size)
        several = n > 1
        return float((squares[several] * n[several] / (n[several] - 1)).sum()), float(n.sum() - (n > 0).sum())
    held = np.unique(rows.psu[here])
    home = np.zeros(rows.psu.max() + 1, dtype=np.intp)
    home[rows.psu] = rows.stratum
    totals = add_up(rows.psu[here], parts[here], len(home))
    m = np.bincount(home, minlength=len(rows.strata))
    if (m == 1).any():
        raise OptionError(f"stratum {rows.strata[int(np.argmax(m == 1))]!r} has a single PSU, which leaves no variance")
    mean = add_up(home, totals, len(m)) / np.maximum(m, 1)
    squares = add_up(home, (totals - mean[home]) ** 2, len(m))
    return float((squares * m / np.maximum(m - 1, 1)).sum()), float(len(held) - len(np.unique(home[held])))


def _line(
    name: str, frame: tuple[float, float], part: _Part, parts: Floats, rows: Sampled, *, clustered: bool
) -> dict[str, object]:
    """Put one rate with its errors into a row; the value is base + scale × share."""
    base, scale = frame
    n = float(rows.units[part.rows].sum())
    found = float((rows.units * (rows.poor == (0 if name == "wrongly_registered" else 1)))[part.rows].sum())
    row: dict[str, object] = {"rate": name, "found": found, "n": n, "persons": part.people}
    if not part.people > 0:
        return row | {key: float("nan") for key in NUMBERS}
    variance, df = _variance(rows, parts, part.rows, clustered=clustered)
    variance /= part.people**2
    ends, effective = korn_graubard(part.value, variance, n, _kish(rows, part.rows), df)
    score = wilson(part.value * effective, effective)
    se = float(np.sqrt(variance))
    half = quantile_of_t(df) * se if df >= 1 and se > 0 else float("nan")
    spread = {"low": ends.low, "high": ends.high, "wilson_low": score.low, "wilson_high": score.high}
    spread |= {"delta_low": part.value - half, "delta_high": part.value + half}
    moved = {key: base + scale * value for key, value in spread.items()}
    estimate = {"estimate": base + scale * part.value, "se": scale * se, "df": df, "effective": effective}
    return row | estimate | moved


NUMBERS = (
    *("estimate", "se", "df", "effective", "low", "high"),
    *("wilson_low", "wilson_high", "delta_low", "delta_high"),
)


def _kish(rows: Sampled, here: np.ndarray) -> float:
    """Give (Σw)² / Σw² of the sampled units, each with the persons that it stands for in the population."""
    cell = rows.stratum * len(STATUS) + rows.status
    mass = add_up(cell, rows.persons * rows.units, rows.total.size)
    weight = (rows.total.ravel()[cell] / mass[cell] * rows.persons)[here]
    return float((rows.units[here] * weight).sum() ** 2 / (rows.units[here] * weight**2).sum())


def _line_of_poor(rows: Sampled, shares: Floats, parts: Floats, *, clustered: bool) -> dict[str, object]:
    """Give the share of the truly poor whom the register does not hold as poor: missed or wrongly exited."""
    expanded = np.where(rows.total > 0, shares * rows.total, 0.0).sum(axis=0)
    all_poor = expanded.sum()
    n = float((rows.units * rows.poor).sum())
    found = float((rows.units * rows.poor)[rows.status != REGISTERED].sum())
    row: dict[str, object] = {"rate": "missed_of_poor", "found": found, "n": n, "persons": all_poor}
    if not finite(all_poor) or not all_poor > 0:
        return row | {key: float("nan") for key in NUMBERS}
    value = (expanded[EXITED] + expanded[OUTSIDE]) / all_poor
    own = parts * ((rows.status != REGISTERED) - value) / all_poor
    variance, df = _variance(rows, own, np.ones(len(parts), dtype=bool), clustered=clustered)
    ends, effective = korn_graubard(value, variance, n, n, df)
    score, se = wilson(value * effective, effective), float(np.sqrt(variance))
    half = quantile_of_t(df) * se if df >= 1 and se > 0 else float("nan")
    numbers = (value, se, df, effective, *ends, *score, value - half, value + half)
    return row | dict(zip(NUMBERS, numbers, strict=True))
