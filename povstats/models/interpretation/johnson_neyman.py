"""Johnson–Neyman regions: at which values of a moderator a slope differs from zero, and how many villages lie there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.errors import OptionError, allowed
from povstats.models.interpretation.contrast import (
    Precision,
    check_level,
    derivative_rows,
    group_means,
    group_rows,
    means,
    precision,
    tested,
)
from povstats.models.interpretation.focal import Focal, find_focal, own_columns
from povstats.models.interpretation.moderators import Held, held, moderators
from povstats.models.interpretation.regions import Line, Region, critical_p, regions
from povstats.models.terms import Factor
from povstats.printing import Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure

CURVE = 201
"""Values of the moderator at which the curve is drawn."""


@dataclass(frozen=True, eq=False, repr=False)
class JohnsonNeyman:
    """Where the slope of a predictor differs from zero.

    Attributes
    ----------
    focal : the predictor. moderator : what the slope changes with. held : what else it changes with, and where it is.
    level : asked for. control : "pointwise" or "fdr".
    alpha : the p-value at the regions' ends, 1 − level where control is "pointwise".
    rejected : groups whose own test is rejected.
    regions : DataFrame low, high (infinite where open), sign, groups, rows: the shares of groups and rows inside.
    groups : DataFrame group, value, rows, estimate, se, df, t, p, low, high, sign (0 outside): each group's own value.
    curve : DataFrame value, estimate, se, df, t, p, low, high over the data's range; the band is that of `alpha`.
    span : the moderator's smallest and largest value in the data. constant : it has one value in every group.
    """

    focal: Focal
    moderator: str
    held: tuple[Held, ...]
    level: float
    control: str
    alpha: float
    rejected: int
    regions: pd.DataFrame
    groups: pd.DataFrame
    curve: pd.DataFrame
    span: tuple[float, float]
    constant: bool
    fit: "HLMResult" = field(repr=False)

    @property
    def term(self) -> str:
        """The predictor's name."""
        return self.focal.name

    @property
    def group(self) -> str:
        """The lowest grouping, whose groups are counted."""
        return self.fit.optimum.blocks.levels[0].name

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: region (its ends as low and high, sign as estimate), and its shares."""
        rows: list[dict[str, object]] = []
        for row in self.regions.itertuples():
            key = {"group": "positive" if row.sign > 0 else "negative", "term": f"{self.term} | {self.moderator}"}
            rows.append({"measure": "region", **key, "estimate": row.sign, "low": row.low, "high": row.high})
            rows.append({"measure": "share_groups", **key, "estimate": row.groups})
            if self.constant:
                rows.append({"measure": "share_rows", **key, "estimate": row.rows})
        rows.append({"measure": "critical_p", "term": f"{self.term} | {self.moderator}", "estimate": self.alpha})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        from povstats.models.interpretation.regions_told import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give a paragraph for a referee: regions, shares of groups and rows, definition, what was controlled."""
        from povstats.models.interpretation.regions_told import paragraph

        return paragraph(self, lang or language())

    def plot(
        self,
        *,
        lang: Lang | None = None,
        labels: Mapping[str, str] | None = None,
        title: str | None = None,
        source: str | None = None,
    ) -> "Figure":
        """Draw the slope over the moderator with its band, the regions shaded, and the groups' values as a rug.

        Parameters
        ----------
        lang : "zh" or "en".
        labels : words for columns, such as {"aid": "aid funds (yuan per head)"}, for the outcome and the grouping too.
        title, source : words of one's own, in that language, instead of those made from the model.
        """
        from povstats.models.interpretation.effects_drawn import draw_regions

        return draw_regions(self, lang or language(), labels or {}, title, source)

    def __repr__(self) -> str:
        """Print in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print in a notebook."""
        return self.summary()._repr_html_()


def johnson_neyman(
    fit: "HLMResult",
    term: str,
    moderator: str,
    *,
    level: float = 0.95,
    control: Literal["pointwise", "fdr"] = "pointwise",
) -> JohnsonNeyman:
    """Find the values of a moderator at which the slope of the outcome in a predictor differs from zero.

    The ends solve (g1 + g3 w)² = t²·(V11 + 2 w V13 + w² V33), with t the two-sided quantile at the degrees of freedom
    of the slope at w, on the whole line: a region may be open, and there may be none.

    Parameters
    ----------
    term : the predictor, as in `slopes`. Other moderators of it stand at their means.
    moderator : a factor of the formula, such as "aid_funds" or "log(aid_funds)"; of center(x) and scale(x) also the
        column x, in its own unit. It must enter the slope by that one function.
    level : one less the p-value at the ends.
    control : "pointwise" tests each value for itself. "fdr" takes the groups of the lowest grouping as the tests,
        each at its own value of the moderator, and by Benjamini and Hochberg's rule controls the expected share of
        false ones among the groups found: with k of m rejected, the ends are those of the p-value (1 − level)·k/m.

    Raises
    ------
    OptionError
        Where the slope does not change with the moderator, changes with it in a curve, or the moderator is categorical.

    Notes
    -----
    Source: Johnson & Neyman (1936), Statistical Research Memoirs 1; Bauer & Curran (2005), Multivariate Behavioral
    Research 40, eq. 14; Esarey & Sumner (2018), Comparative Political Studies 51(9), for the false discovery rate.
    """
    allowed("control", control, ("pointwise", "fdr"))
    check_level(level)
    focal = find_focal(fit.model, term)
    if focal.column is not None:
        raise OptionError(
            f"the slope in {term!r} depends on {focal.column} itself; see slopes() with values of both in `at`"
        )
    factor, unit = _moderator(fit, focal, moderator)
    line, span, known = _line(fit, focal, factor, unit), _span(fit, factor, unit), precision(fit)
    groups, constant = _groups(fit, factor, unit, (known, line, level))
    alpha, k = 1 - level, 0
    if control == "fdr":
        alpha, k = critical_p(groups["p"].to_numpy(), 1 - level)
    found = regions(known, line, alpha)
    groups["sign"] = np.where(groups["p"] <= alpha, np.sign(groups["estimate"]), 0).astype(int)
    values = np.linspace(*span, CURVE)
    curve = pd.concat([pd.DataFrame({"value": values}), tested(known, line.rows(values), 1 - alpha)], axis=1)
    others = [other for other in moderators(fit.model, focal) if other is not factor]
    return JohnsonNeyman(
        focal=focal,
        moderator=moderator,
        held=held(fit, others),
        level=level,
        control=control,
        alpha=alpha,
        rejected=k if control == "fdr" else int((groups["p"] <= alpha).sum()),
        regions=_counted(found, groups, constant),
        groups=groups,
        curve=curve,
        span=span,
        constant=constant,
        fit=fit,
    )


def _moderator(fit: "HLMResult", focal: Focal, name: str) -> tuple[Factor, tuple[float, float]]:
    """Find the factor meant, and how its piece is made of what the caller names: piece = (w − a) / b, as (a, b)."""
    found = moderators(fit.model, focal)
    offered = ", ".join(factor.name for factor in found) or "nothing"
    factor = next((one for one in found if name in (one.name, one.text)), None)
    among = [one for one in found if name in own_columns(one) or one is factor]
    if not among:
        raise OptionError(f"the slope in {focal.name!r} does not change with {name!r}; it changes with {offered}")
    factor = factor or among[0]
    shared = [one.name for one in found if one is not factor and set(own_columns(one)) & set(own_columns(factor))]
    if factor.levels is not None:
        raise OptionError(f"{name!r} has levels, and no regions; see slopes(at={{{name!r}: […]}})")
    if shared or len(factor.pieces) > 1:
        bent = ", ".join(dict.fromkeys([factor.name, *shared]))
        raise OptionError(f"the slope bends with {name!r} ({bent}); see slopes(at={{{name!r}: […]}}) at several values")
    if name in (factor.name, factor.text):
        return factor, (0.0, 1.0)
    unit = _affine_unit(fit, factor, name)
    if unit is None:
        raise OptionError(f"{name!r} enters as {factor.name}; ask for moderator={factor.name!r}, on that scale")
    return factor, unit


def _affine_unit(fit: "HLMResult", factor: Factor, column: str) -> tuple[float, float] | None:
    """Give (a, b) of a factor that is (w − a) / b in its column, or None where it bends."""
    from povstats.models.interpretation.focal import FAR, evaluated

    focal = find_focal(fit.model, column) if factor.groups is None and len(factor.columns) == 1 else None
    piece = next(iter(factor.pieces))
    if focal is None or piece not in focal.moves:
        return None
    ends = evaluated(factor, {column: np.array([-FAR, FAR, 0.0])})[piece]
    slope = (ends[1] - ends[0]) / (2 * FAR)
    return float(-ends[2] / slope), float(1 / slope)


def _line(fit: "HLMResult", focal: Focal, factor: Factor, unit: tuple[float, float]) -> Line:
    """Give the contrasts of the slope along the moderator; the other moderators stand at their means."""
    piece = next(iter(factor.pieces))
    low, high = _span(fit, factor, unit)
    centre, half = (low + high) / 2, (high - low) / 2
    values = {name: np.full(2, mean) for name, mean in means(fit).items()}
    values[piece] = (np.array([centre, centre + half]) - unit[0]) / unit[1]
    ends = derivative_rows(fit.model.fixed, focal.moves, values, 2)
    return Line(ends[0], ends[1] - ends[0], centre, half)


def _span(fit: "HLMResult", factor: Factor, unit: tuple[float, float]) -> tuple[float, float]:
    """Give the moderator's smallest and largest value over the rows."""
    low, high = fit.cells.extremes[next(iter(factor.pieces))]
    ends = sorted(unit[0] + unit[1] * end for end in (float(low.min()), float(high.max())))
    return ends[0], ends[1]


def _groups(
    fit: "HLMResult", factor: Factor, unit: tuple[float, float], asked: tuple[Precision, Line, float]
) -> tuple[pd.DataFrame, bool]:
    """Test the slope at each lowest group's own value of the moderator, its mean where it varies in the group."""
    known, line, level = asked
    piece, lowest = next(iter(factor.pieces)), fit.optimum.blocks.levels[0]
    value: Array = unit[0] + unit[1] * group_means(fit)[piece]
    low, high = fit.cells.extremes[piece]
    codes = fit.cells.groupings[lowest.name].codes
    ends = np.full((2, len(lowest.labels)), np.inf)
    np.minimum.at(ends[0], codes, low)
    np.minimum.at(ends[1], codes, -high)
    constant = bool((ends[0] == -ends[1]).all())
    frame = pd.DataFrame({"group": list(lowest.labels), "value": value, "rows": group_rows(fit)})
    return pd.concat([frame, tested(known, line.rows(value), level)], axis=1), constant


def _counted(found: tuple[Region, ...], groups: pd.DataFrame, constant: bool) -> pd.DataFrame:
    """Count the groups and the rows of each region."""
    rows = []
    for region in found:
        inside = (groups["value"] >= region.low) & (groups["value"] <= region.high)
        share = float(groups.loc[inside, "rows"].sum() / groups["rows"].sum()) if constant else np.nan
        rows.append((region.low, region.high, region.sign, float(inside.mean()), share))
    return pd.DataFrame(rows, columns=["low", "high", "sign", "groups", "rows"])
