"""What a series implies beyond its own pace: its elasticity to growth, and the pace that a target needs."""

import math

import pandas as pd

from povstats.errors import DataError, OptionError


def elasticities(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Set the change of a series beside that of another; see `Trend.elasticity`.

    Parameters
    ----------
    own, other : of `Trend.growth`, of the series and of what grew.
    """
    rows = []
    for row in own[own["quantity"] == own["quantity"].iloc[0]].to_dict("records"):
        there = other[other["group"] == row["group"]] if len(other) > 1 else other
        if len(there) == 0:
            raise DataError(f"the other trend has no group {row['group']!r}")
        grown = there.iloc[0]
        v0, v1, x0, x1 = (float(one[end]) for one in (row, grown) for end in ("first", "last"))
        if min(x0, x1) <= 0 or x0 == x1:
            raise DataError("an elasticity needs a series of growth that is above zero and changes")
        logs = math.log(v1 / v0) / math.log(x1 / x0) if min(v0, v1) > 0 else math.nan
        arc = (v1 - v0) / (v0 + v1) * (x0 + x1) / (x1 - x0) if v0 + v1 > 0 else math.nan
        simple = (v1 / v0 - 1) / (x1 / x0 - 1) if v0 > 0 else math.nan
        points = (v1 - v0) / math.log(x1 / x0)
        rows.append(
            {"group": row["group"], "start": row["start"], "end": row["end"], "growth": x1 / x0 - 1}
            | {"elasticity": logs, "arc": arc, "simple": simple, "semi_elasticity": points}
        )
    return pd.DataFrame(rows)


def pace(last: float, target: float, years: float | None, per_year: float | None) -> dict[str, float]:
    """Give the years that a pace needs, or the pace that the years need; see `Trend.pace`."""
    if (years is None) == (per_year is None):
        raise OptionError("pace needs either years=... or per_year=..., and gives the other")
    fall = last - target
    if years is not None:
        if not math.isfinite(years) or years <= 0:
            raise OptionError(f"years={years!r} must be above 0")
        rate = math.nan if target <= 0 or last <= 0 else (target / last) ** (1 / years) - 1
        return {"last": last, "target": target, "years": years, "per_year": fall / years, "annual_rate": rate}
    assert per_year is not None
    if not math.isfinite(per_year) or per_year * fall <= 0:
        raise OptionError(f"per_year={per_year!r} does not lead from {last:g} to {target:g}")
    return {"last": last, "target": target, "years": fall / per_year, "per_year": per_year, "annual_rate": math.nan}
