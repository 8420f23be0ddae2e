"""Ratios of weighted sums over rows that stay in an engine: squares and products of clusters come into memory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.dynamics.histories.tally import refuse_lonely
from povstats.engine.panels import Frame, totals
from povstats.poverty.variance import interval
from povstats.survey import Design

Ratios = Mapping[str, tuple[nw.Expr, nw.Expr]]
STRATUM, CLUSTER = "stratum", "cluster"
AT_A_TIME = 4


def clustered_ratios(rows: Frame, ratios: Ratios, design: Design) -> pd.DataFrame:
    r"""Give each ratio with its standard error, interval, and weighted numerator a and denominator b.

    .. math:: R = \frac{\sum_c a_c}{\sum_c b_c}, \quad z_c = \frac{a_c - R b_c}{\sum_c b_c}, \quad
        v = \sum_h \frac{m_h}{m_h - 1} \Big( \sum_{c \in h} z_c^2 - \frac1{m_h} \big(\sum_{c \in h} z_c\big)^2 \Big)

    over the clusters c of the strata h, m_h in each. The sums of a², ab and b² by stratum are enough, whatever R is, so
    that no row a cluster comes into memory.

    Parameters
    ----------
    rows : columns STRATUM and CLUSTER. ratios : by name the row expressions of numerator and denominator, with their
        weights. design : what it does with lonely strata, and whether it is a census.

    Returns
    -------
    DataFrame
        By name: share, se, low, high (logit), a, b.

    Raises
    ------
    DataError
        Where a stratum has a single cluster and the design does not say what that does.
    """
    # In memory every ratio makes two columns as long as the table, so that they are taken a few at a time.
    size = len(ratios) if isinstance(rows, nw.LazyFrame) else AT_A_TIME
    found: dict[str, dict[str, float]] = {}
    for names in _batched(ratios, size):
        strata = _strata(rows, {name: ratios[name] for name in names})
        if design.lonely == "fail" and not design.full_count:
            refuse_lonely(strata["rows"].to_numpy())
        found |= {name: _one(strata, name, design) for name in names}
    return pd.DataFrame.from_dict(found, orient="index")


def _batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    """Give names in lots of a size."""
    left = list(names)
    for start in range(0, len(left), size):
        yield left[start : start + size]


def _strata(rows: Frame, ratios: Ratios) -> pd.DataFrame:
    """Add up both sides of each ratio by cluster, and those sums, their squares and products by stratum."""
    sides = {f"{side} {name}": e for name, pair in ratios.items() for side, e in zip("ab", pair, strict=True)}
    summed: Any = rows.select(STRATUM, CLUSTER, **sides).group_by(STRATUM, CLUSTER)
    clusters: Frame = summed.agg(**{name: nw.col(name).sum() for name in sides})
    asked = {name: nw.col(name) for name in sides}
    for name in ratios:
        above, below = nw.col(f"a {name}"), nw.col(f"b {name}")
        asked |= {f"aa {name}": above * above, f"ab {name}": above * below, f"bb {name}": below * below}
        asked[f"held {name}"] = (below > 0).cast(nw.Int64)
    return totals(clusters, [STRATUM], asked)


def _one(strata: pd.DataFrame, name: str, design: Design) -> dict[str, float]:
    a, b, m = (strata[key].to_numpy(dtype=float) for key in (f"a {name}", f"b {name}", "rows"))
    above, below, nan = float(a.sum()), float(b.sum()), float("nan")
    if not below > 0:
        return {"share": nan, "se": nan, "low": nan, "high": nan, "a": above, "b": below}
    share = above / below
    if design.full_count:
        return {"share": share, "se": 0.0, "low": share, "high": share, "a": above, "b": below}
    aa, ab, bb = (strata[f"{key} {name}"].to_numpy(dtype=float) for key in ("aa", "ab", "bb"))
    squares, z = aa - 2 * share * ab + share**2 * bb, a - share * b
    several = m > 1
    parts = (squares - z**2 / m)[several] * (m / np.maximum(m - 1, 1))[several]
    variance = float(np.maximum(parts, 0.0).sum())
    if design.lonely == "center":
        # The mean of z over all clusters is zero.
        variance += float((z[~several] ** 2).sum())
    held = strata[f"held {name}"].to_numpy(dtype=float)
    df = float(held.sum() - (held > 0).sum())
    if df < 1:
        return {"share": share, "se": nan, "low": nan, "high": nan, "a": above, "b": below}
    se = float(np.sqrt(variance)) / below
    low, high, _ = interval("logit", share, se, df)
    return {"share": share, "se": se, "low": low, "high": high, "a": above, "b": below}
