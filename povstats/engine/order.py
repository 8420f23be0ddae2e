"""Order on arrays: what sums cannot do. Weighted quantiles, and what lies below a row in its domain.

The columns that `below` adds, with j running over the rows of the same domain:

- BEFORE: Σ w_j over y_j < y_k; LEVEL: Σ w_j over y_j = y_k; EVERYONE: Σ w_j;
- of each cumulated expression e, which must be the same for rows of equal welfare: Σ w_j e_j over y_j < y_k.

Rows of equal welfare get equal numbers whatever the order in which they lie, so that every engine gives the same.
The lazy route is `engine.lazy_order`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from povstats.engine.groups import order_of
from povstats.engine.layout import Codes, Floats

BEFORE, LEVEL, EVERYONE = "before", "level", "everyone"
ROW_RANK, ROW_INCOME, OWN = "rank of the row", "income up to the row", "weight of the row"
"""Weight and w × welfare up to and with the row, where equal rows lie in the order of the table; and its own weight."""
TOUCH = 1e-11
"""A cumulated share that misses p by less than this part of the whole has reached it: sums of weights are rounded."""
RULES = ("lower", "middle", "upper")
"""Which value is the quantile where the weights reach p exactly at a row: its value, the next one, or their middle."""


def sort_welfare(domain: Codes, welfare: Floats, domains: int, *, stable: bool = False) -> Codes:
    """Order rows by domain and within it by welfare.

    Parameters
    ----------
    stable : whether rows of equal welfare keep their order; it takes several times as long.
    """
    kind: Literal["stable"] | None = "stable" if stable else None
    if domains == 1:
        return np.argsort(welfare, kind=kind)
    by_domain = order_of(domain, domains)
    ends = ends_of(domain, domains)
    found = np.empty(len(domain), dtype=np.intp)
    values = welfare[by_domain]
    for first, after in pairwise(ends.tolist()):
        found[first:after] = by_domain[first:after][np.argsort(values[first:after], kind=kind)]
    return found


def ends_of(domain: Codes, domains: int) -> Codes:
    """Give where each domain starts among rows sorted by domain, and the end."""
    return np.concatenate([[0], np.cumsum(np.bincount(domain, minlength=domains))]).astype(np.intp)


def running(values: Floats, ends: Codes) -> Floats:
    """Add up within domains, each row's own value included."""
    found = np.empty(len(values))
    for first, after in pairwise(ends.tolist()):
        np.cumsum(values[first:after], out=found[first:after])
    return found


def tie_starts(welfare: Floats, ends: Codes) -> Codes:
    """Find where each run of equal welfare within a domain starts; rows are sorted."""
    change = np.empty(len(welfare), dtype=bool)
    np.not_equal(welfare[1:], welfare[:-1], out=change[1:])
    change[ends[:-1][ends[:-1] < len(welfare)]] = True
    return np.flatnonzero(change)


def strictly_below(values: Floats, ends: Codes, starts: Codes) -> Floats:
    """Add up the values of rows of lower welfare in the domain; rows are sorted."""
    cumulated = running(values, ends)
    cumulated -= values
    if len(starts) == len(values):
        return cumulated
    return np.repeat(cumulated[starts], np.diff(starts, append=len(values)))


def at_level(values: Floats, starts: Codes) -> Floats:
    """Add up the values of rows of equal welfare in the domain; rows are sorted."""
    if len(starts) == len(values):
        return values
    return np.repeat(np.add.reduceat(values, starts), np.diff(starts, append=len(values)))


def quantiles(
    welfare: Floats, weight: Floats, ends: Codes, shares: Sequence[Floats], rule: str = "lower"
) -> list[Floats]:
    r"""Find weighted quantiles by domain, of rows sorted by domain and welfare.

    .. math:: q_p = \min\{y : \sum_k w_k 1[y_k \le y] \ge p \sum_k w_k\}

    Parameters
    ----------
    shares : one array of shape (D,) for each quantile asked for, of shares p.
    rule : of RULES; "lower" is the formula, "upper" has > in place of ≥, "middle" their mean.

    Returns
    -------
    list of arrays
        Of shape (D,); missing where a domain has no weight.
    """
    found = [np.full(len(ends) - 1, np.nan) for _ in shares]
    for d, (first, after) in enumerate(pairwise(ends.tolist())):
        cumulated = np.cumsum(weight[first:after])
        if not len(cumulated) or not cumulated[-1] > 0:
            continue
        for out, p in zip(found, shares, strict=True):
            goal, room = p[d] * cumulated[-1], TOUCH * cumulated[-1]
            low = _value(welfare[first:after], cumulated, goal - room)
            high = low if rule == "lower" else _value(welfare[first:after], cumulated, goal + room)
            out[d] = {"lower": low, "upper": high, "middle": (low + high) / 2}[rule]
    return found


def _value(welfare: Floats, cumulated: Floats, goal: float) -> float:
    """Give the first value at which the cumulated weight reaches a goal; the last one that adds weight at the end."""
    place = int(np.searchsorted(cumulated, min(max(goal, np.nextafter(0.0, 1.0)), cumulated[-1])))
    return float(welfare[place])
