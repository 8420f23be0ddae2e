"""Two distributions known from grouped data: growth and redistribution, and growth by percentile, from the curves."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.errors import OptionError, allowed
from povstats.poverty.decompositions.by_group import ALPHAS
from povstats.poverty.decompositions.incidence_of_growth import PERCENTILES, GrowthIncidence, rate_of_poor
from povstats.poverty.decompositions.over_time import GROWTH, Change

if TYPE_CHECKING:
    from povstats.poverty.lorenz_fits.fit import Grouped


def change_between(first: "Grouped", last: "Grouped", line: float, measure: str, labels: tuple[str, str]) -> Change:
    """Take the change apart; see `Grouped.decompose`. A curve at another mean is that curve at a line scaled back."""
    allowed("measure", measure, tuple(ALPHAS))
    means = (first.mean, last.mean)
    start, end = (float(getattr(one, measure)(line)) for one in (first, last))
    grown = float(getattr(first, measure)(line * means[0] / means[1]))
    spread = float(getattr(last, measure)(line * means[1] / means[0]))
    change = end - start
    growth, redistribution = (grown - start, end - spread), (spread - start, end - grown)
    rest = [change - g - r for g, r in zip(growth, redistribution, strict=True)]
    values = [change, growth[0], redistribution[0], rest[0], growth[1], redistribution[1], rest[1]]
    values += [sum(growth) / 2, sum(redistribution) / 2]
    levels = pd.DataFrame({"estimate": [start, end], "se": math.nan}, index=pd.Index(labels))
    parts = pd.DataFrame({"estimate": values, "se": math.nan}, index=pd.Index(GROWTH))
    return Change("growth", measure, *labels, levels, parts, None, float(line), None)


def growth_between(
    first: "Grouped", last: "Grouped", years: float, line: float | None, labels: tuple[str, str]
) -> GrowthIncidence:
    """Compare the curves' quantiles; see `Grouped.growth_incidence`."""
    if not math.isfinite(years) or years <= 0:
        raise OptionError(f"years={years!r} must be above 0: the years from the first distribution to the last")
    ratios = np.array([last.quantile(p) / first.quantile(p) for p in PERCENTILES])
    growth = ratios ** (1 / years) - 1
    table = pd.DataFrame({"growth": growth, "se": math.nan, "low": math.nan, "high": math.nan}, index=PERCENTILES)
    table.index.name = "p"
    mean = (last.mean / first.mean) ** (1 / years) - 1
    until, rate = (math.nan, math.nan) if line is None else rate_of_poor(table["growth"], first.headcount(line))
    return GrowthIncidence(table, (mean, math.nan), years, *labels, until, rate, None)
