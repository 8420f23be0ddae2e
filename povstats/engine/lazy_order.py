"""Order on lazy tables: the engine sorts the different values of welfare by domain, and joins them back to the rows.

Definitions are those of `engine.order`; of rows of equal welfare only their sum is ordered, so that nothing depends on
how an engine breaks ties.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from povstats.engine.forms import NOTHING, WEIGHT, WELFARE, Expressions
from povstats.engine.layout import BY, Floats
from povstats.engine.lookup import attach
from povstats.engine.order import BEFORE, EVERYONE, LEVEL, TOUCH

UPTO = "weight up to here"


def add_order(frame: nw.LazyFrame[Any], cumulated: Expressions, levelled: Expressions = NOTHING) -> nw.LazyFrame[Any]:
    """Add BEFORE, LEVEL, EVERYONE, sums by level and the cumulated expressions; each may use those before it.

    Parameters
    ----------
    frame : with BY, WELFARE and WEIGHT.
    """
    levels = _levels(frame, levelled).with_columns((nw.col(UPTO) - nw.col(LEVEL)).alias(BEFORE))
    for name, expression in cumulated.items():
        own = (nw.col(LEVEL) * expression).alias(name)
        levels = levels.with_columns(own)
        levels = levels.with_columns((nw.col(name).cum_sum().over(BY, order_by=WELFARE) - nw.col(name)).alias(name))
    made = levels.select(BY, WELFARE, BEFORE, LEVEL, EVERYONE, *levelled, *cumulated)
    return frame.join(made, on=[BY, WELFARE], how="inner")


def lazy_quantiles(
    frame: nw.LazyFrame[Any], labels: nw.DataFrame[Any], shares: Sequence[Floats], rule: str
) -> nw.DataFrame[Any]:
    """Find weighted quantiles; columns BY, and "q 0", "q 1" … as `engine.order.quantiles`.

    Parameters
    ----------
    frame : as `add_order`. labels : the domains, one row each, in the order of `shares`.
    """
    columns = {f"p {i}": p for i, p in enumerate(shares)}
    levels = attach(_levels(frame).filter(nw.col(LEVEL) > 0), [BY], labels, columns)
    asked = {}
    for i in range(len(shares)):
        goal, room = nw.col(f"p {i}") * nw.col(EVERYONE), nw.col(EVERYONE) * TOUCH
        low, high = (_first(goal - room), _first(goal + room))
        asked[f"low {i}"], asked[f"high {i}"] = low.min(), high.min()
    ends = nw.col(WELFARE).max()
    found = levels.group_by(BY).agg(last=ends, **asked).collect()
    made = []
    for i in range(len(shares)):
        # Beyond the last value there is none, where p is 1.
        low, high = (nw.coalesce(nw.col(f"{end} {i}"), nw.col("last")) for end in ("low", "high"))
        made.append({"lower": low, "upper": high, "middle": (low + high) / 2}[rule].alias(f"q {i}"))
    return found.select(BY, *made)


def _first(goal: nw.Expr) -> nw.Expr:
    """Give the welfare of values that reach a goal; a share of zero is reached where there is any weight."""
    return nw.when(nw.col(UPTO) >= goal).then(nw.col(WELFARE))


def _levels(frame: nw.LazyFrame[Any], levelled: Expressions = NOTHING) -> nw.LazyFrame[Any]:
    """Give the different values of welfare by domain: LEVEL, the weight up to and with it, EVERYONE; and other sums."""
    parts = {name: nw.col(WEIGHT) * e.cast(nw.Float64) for name, e in levelled.items()}
    whole = frame.with_columns(**parts) if parts else frame
    sums = (nw.col(name).sum() for name in parts)
    levels = whole.group_by(BY, WELFARE).agg(nw.col(WEIGHT).sum().alias(LEVEL), *sums)
    return levels.with_columns(
        nw.col(LEVEL).cum_sum().over(BY, order_by=WELFARE).alias(UPTO), nw.col(LEVEL).sum().over(BY).alias(EVERYONE)
    )
